"""Staff answer the proposals and hide what is unlawful; they alter no opinion."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from barometre.access import ROLES, allowed_roles
from barometre.storage.councils import fetch_standing
from barometre.storage.models import CouncilDraft, CouncilOpinion, CouncilProposal
from tests.councils.conftest import PAGE, adopt, post, read_token, write
from tests.councils.test_pages import read
from tests.house.test_access import list_rules

Enter = Callable[[str], FlaskClient]
ANSWER = {"plan": "Two benches.", "due": "2098-06-30", "service": "Parks", "after": 0}


def find_proposal(app: Flask) -> int:
    """The only proposal."""
    with app.extensions["database"].read() as session:
        return session.scalars(select(CouncilProposal.id)).one()


def find_opinion(app: Flask) -> int:
    with app.extensions["database"].read() as session:
        return session.scalars(select(CouncilOpinion.id)).one()


def read_answer(answer: TestResponse) -> str:
    return re.sub(r"\s", " ", unescape(answer.get_data(as_text=True)))


@contextmanager
def nothing_written_changes(app: Flask) -> Iterator[None]:
    """Compare every word of the councils, and whether it is withdrawn, before and after."""

    def dump() -> list[object]:
        with app.extensions["database"].read() as session:
            return [
                tuple(row)
                for table in (CouncilDraft, CouncilOpinion, CouncilProposal)
                for row in session.execute(select(*table.__table__.columns).order_by(table.id))
            ]

    before = dump()
    assert before
    yield
    assert dump() == before


def test_no_route_of_the_staff_alters_an_opinion(app: Flask, enter: Enter) -> None:
    adopt(enter("ours"), "Ours.", "Our bench.")
    write(enter("ours"), "Next.", revision=1)
    proposal, opinion = find_proposal(app), find_opinion(app)
    known = {"slug": "bien-vivre", "proposal_id": proposal, "opinion_id": opinion}
    tried = 0
    with nothing_written_changes(app):
        for role in sorted(set(ROLES) - {"council"}):
            client = enter(role)
            token = read_token(client)
            for rule in list_rules(app):
                touches = rule.endpoint.partition(".")[0] in ("councils", "answers", "hiding", "preparing")
                if not touches:
                    continue
                with app.test_request_context():
                    address = app.url_for(rule.endpoint, **{name: known[name] for name in rule.arguments})
                for method in [
                    *sorted((rule.methods or set()) - {"OPTIONS", "HEAD", "GET"}),
                    "PUT",
                    "DELETE",
                ]:
                    form = {
                        **ANSWER,
                        "csrf_token": token,
                        "text": "Changed.",
                        "proposal": "Changed.",
                        "revision": 2,
                        "reason": "because",
                    }
                    client.open(address, method=method, data=form)
                    tried += 1
    assert tried > 50


def test_words_of_a_council_change_through_routes_of_its_role_alone(app: Flask) -> None:
    writing = {rule.endpoint for rule in list_rules(app) if rule.endpoint.startswith("councils.")}
    assert {"councils.opinion", "councils.adopt", "councils.withdraw"} <= writing
    assert {allowed_roles(app, endpoint) for endpoint in writing} == {frozenset({"council"})}


def test_an_answer_stands_at_once_beside_its_proposal(app: Flask, enter: Enter) -> None:
    adopt(enter("ours"), "Ours.", "Our bench.")
    assert post(enter("analyst"), f"/desk/answers/{find_proposal(app)}", **ANSWER).status_code == 303
    for client, address in ((app.test_client(), "/themes/bien-vivre"), (enter("ours"), "/council")):
        text = read(client, address)
        told = text[text.rindex("Our bench.") :]
        for words in ("Two benches.", "30 juin 2098", "Parks"):
            assert words in told, (address, words)
        assert "analyst" not in told


def test_a_changed_answer_is_seen_as_changed(app: Flask, enter: Enter) -> None:
    adopt(enter("ours"), "Ours.", "Our bench.")
    address = f"/desk/answers/{find_proposal(app)}"
    post(enter("analyst"), address, **ANSWER)
    page = enter("administrator").get("/desk/answers").get_data(as_text=True)
    after = re.search(r'name="after" value="(\d+)"', page)
    assert after
    later = ANSWER | {"due": "2099-01-31", "after": after[1]}
    assert post(enter("administrator"), address, **later).status_code == 303
    text = read(app.test_client(), "/themes/bien-vivre")
    new, old = text.split("Cette réponse a changé")
    assert "31 janvier 2099" in new
    assert "30 juin 2098" in old
    assert re.search(r"Avant le\s+changé ensuite", old)
    assert not re.search(r"allons faire\s+changé ensuite", old)


def test_an_answer_that_is_sent_again_as_it_stands_has_not_changed(app: Flask, enter: Enter) -> None:
    adopt(enter("ours"), "Ours.", "Our bench.")
    address, analyst = f"/desk/answers/{find_proposal(app)}", enter("analyst")
    post(analyst, address, **ANSWER)
    after = re.search(r'name="after" value="(\d+)"', analyst.get("/desk/answers").get_data(as_text=True))
    assert after
    assert post(analyst, address, **ANSWER | {"after": after[1]}).status_code == 303
    assert "Cette réponse a changé" not in read(app.test_client(), "/themes/bien-vivre")


def test_what_is_proposed_and_answered_stands_with_all_proposals(app: Flask, enter: Enter) -> None:
    address = "/ce-que-vous-proposez"
    assert "Ce que les conseils citoyens proposent, et les réponses" not in read(app.test_client(), address)
    adopt(enter("ours"), "Ours.", "Our bench.")
    post(enter("analyst"), f"/desk/answers/{find_proposal(app)}", **ANSWER)
    told = read(app.test_client(), address).split("Ce que les conseils citoyens proposent, et les réponses")[
        -1
    ]
    own = told.split("Ce que les conseils citoyens proposaient en 2023")[0]
    for words in ("Our bench.", "Two benches.", "30 juin 2098"):
        assert words in own
    reason = {"reason": "It names a person."}
    post(enter("administrator"), f"/desk/opinions/{find_opinion(app)}/hide", **reason)
    assert "Our bench." not in read(app.test_client(), address)


def test_of_two_answers_at_once_the_second_is_told_and_kept(app: Flask, enter: Enter) -> None:
    adopt(enter("ours"), "Ours.", "Our bench.")
    address = f"/desk/answers/{find_proposal(app)}"
    post(enter("analyst"), address, **ANSWER)
    refused = post(enter("administrator"), address, **ANSWER | {"plan": "Not a single bench."})
    assert refused.status_code == 409
    assert "quelqu’un d’autre a répondu" in read_answer(refused)
    assert "Not a single bench." in read_answer(refused)
    assert "Not a single bench." not in read(app.test_client(), "/themes/bien-vivre")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"plan": " "}, "Ce que nous allons faire : ce champ est à remplir"),
        ({"plan": "x" * 1001}, "Ce que nous allons faire : 1 001 caractères, 1 000 au plus"),
        ({"due": ""}, "Avant le : écrivez une date"),
        ({"due": "30/06/2098"}, "Avant le : écrivez une date"),
        ({"due": "2020-01-01"}, "Avant le : le 1 janvier 2020 est déjà passé"),
        ({"due": "9999-01-01"}, "Avant le : l’année 9999 est trop loin"),
        ({"service": ""}, "Service responsable : ce champ est à remplir"),
        ({"service": "s" * 121}, "Service responsable : 121 caractères, 120 au plus"),
    ],
)
def test_a_bad_answer_names_the_field(app: Flask, enter: Enter, wrong: dict[str, str], told: str) -> None:
    adopt(enter("ours"), "Ours.", "Our bench.")
    refused = post(enter("analyst"), f"/desk/answers/{find_proposal(app)}", **ANSWER | wrong)
    assert refused.status_code == 422
    text = read_answer(refused).replace("1er janvier", "1 janvier")
    assert told in text
    assert "Two benches." in text or "plan" in wrong
    for target in re.findall(r'<li><a href="#([^"]+)"', text.split('role="alert"')[1].split("</ul>")[0]):
        assert f'id="{target}"' in text


def test_a_hidden_text_leaves_a_mention_and_a_log_that_the_council_reads(app: Flask, enter: Enter) -> None:
    adopt(enter("ours"), "An insult.", "A rude bench.")
    opinion = find_opinion(app)
    assert post(enter("administrator"), f"/desk/opinions/{opinion}/hide", reason="injure").status_code == 303
    for address in ("/themes/bien-vivre", "/quartiers/clou-bouchet"):
        text = read(app.test_client(), address)
        assert re.search(r"Ce texte a été masqué le .+, motif : injure", text)
        assert "An insult." not in text
        assert "A rude bench." not in text
    for address in ("/council", PAGE):
        assert re.search(
            r"Masqué au public le .+ par administrator, motif : injure", read(enter("ours"), address)
        )
    assert "An insult." in read(enter("ours"), PAGE)
    assert "A rude bench." not in read(enter("analyst"), "/desk/answers")
    again = post(enter("administrator"), f"/desk/opinions/{opinion}/show-again", reason="erreur")
    assert again.status_code == 303
    assert "An insult." in read(app.test_client(), "/themes/bien-vivre")
    with app.extensions["database"].read() as session:
        (standing,) = fetch_standing(session, app.extensions["town"].current_wave.id)
    assert [(line.action, line.by) for line in standing.current.log] == [
        ("hidden", "administrator"), ("shown", "administrator"),
    ]  # fmt: skip


def test_hiding_needs_a_reason_and_something_to_hide(app: Flask, enter: Enter) -> None:
    adopt(enter("ours"), "An insult.")
    opinion, administrator = find_opinion(app), enter("administrator")
    refused = post(administrator, f"/desk/opinions/{opinion}/hide", reason=" ")
    assert refused.status_code == 422
    assert "Motif : ce champ est à remplir" in read_answer(refused)
    assert "An insult." in read(app.test_client(), "/themes/bien-vivre")
    for nothing in ("/desk/opinions/999/hide", f"/desk/opinions/{opinion}/show-again"):
        assert post(administrator, nothing, reason="x").status_code == 303
        assert "Rien n’a été fait" in read(administrator, "/desk/opinions")
    assert "An insult." in read(app.test_client(), "/themes/bien-vivre")
    assert post(enter("analyst"), f"/desk/opinions/{opinion}/hide", reason="x").status_code == 403
    assert post(enter("ours"), f"/desk/opinions/{opinion}/hide", reason="x").status_code == 403


def test_nobody_answers_what_is_not_public(app: Flask, enter: Enter) -> None:
    adopt(enter("ours"), "Ours.", "Our bench.")
    proposal = find_proposal(app)
    post(enter("ours"), f"{PAGE}/withdraw")
    for sent in (ANSWER, ANSWER | {"plan": ""}):
        refused = post(enter("analyst"), f"/desk/answers/{proposal}", **sent)
        assert refused.status_code in (409, 422)
        told = read_answer(refused)
        assert "a changé ou retiré cette proposition" in told
        assert all(str(words) in told for name, words in sent.items() if name != "after")
