"""Staff type in paper interviews: nothing typed is lost, nothing enters twice, every error is in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.town import Town
from barometre.storage.counts import fetch_counts
from barometre.storage.engine import Database
from barometre.storage.interviews import fetch_aside
from barometre.storage.models import Envelope, Interview
from tests.intake.conftest import answer_key_items
from tests.support import SECOND_TOWN, give_account, make_app, sign_in, store_interview


@pytest.fixture
def asked(town: Town) -> Questionnaire:
    """The questionnaire of the current wave."""
    return town.current_wave.questionnaire


@pytest.fixture
def supervisor(app: Flask) -> FlaskClient:
    """The browser of somebody who may type in interviews."""
    return sign_in(app.test_client(), "terrain")


def open_form(client: FlaskClient, address: str = "/paper/2027") -> dict[str, str]:
    """The hidden fields of a new form, and what it proposes."""
    page = client.get(address).get_data(as_text=True)
    hidden = dict(re.findall(r'name="(csrf_token|uuid)" type="hidden" value="([^"]*)"', page))
    assert hidden.keys() == {"csrf_token", "uuid"}
    return {**hidden, "interviewer": "enqueteur-1", "language": "fr", "disposition": "complete"}


def fill(form: dict[str, str], asked: Questionnaire, **others: str) -> dict[str, str]:
    """A form filled in with an interview that holds."""
    answers = {f"answer_{item}": str(code) for item, code in answer_key_items(asked).items()}
    return {**form, **answers, **others}


def read_words(answer: TestResponse) -> str:
    """The text of a page, one space between words, whatever the kind of space."""
    text = re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))
    return " ".join(unescape(text).split())


def test_a_paper_interview_is_counted_and_its_receipt_is_shown(
    supervisor: FlaskClient, database: Database, asked: Questionnaire
) -> None:
    form = fill(
        open_form(supervisor), asked, started_on="2026-11-15", answer_apprecie_1="le calme\r\net les voisins"
    )
    answer = supervisor.post("/paper/2027", data=form)
    assert answer.status_code == 303
    with database.read() as session:
        interview = session.scalars(select(Interview)).one()
        envelope = session.scalars(select(Envelope)).one()
        counts = fetch_counts(session, "2027")
    assert envelope.channel == "paper"
    assert str(interview.uuid) == form["uuid"]
    assert interview.texts == {"apprecie_1": ["fr", "le calme\net les voisins"]}
    assert (interview.interviewer, interview.disposition) == ("enqueteur-1", "complete")
    assert interview.started_at
    assert interview.started_at.date().isoformat() == "2026-11-15"
    assert counts
    assert counts.total == 1
    receipt = supervisor.get(answer.location)
    assert f"Numéro de reçu : {envelope.seq}" in read_words(receipt)
    assert 'href="/paper/2027"' in receipt.get_data(as_text=True), "another interview can follow"


def test_every_question_is_on_the_page_with_its_options(
    supervisor: FlaskClient, asked: Questionnaire
) -> None:
    page = supervisor.get("/paper/2027").get_data(as_text=True)
    for item in asked.items:
        assert f'id="answer_{item.id}"' in page
        for option in item.scale.options if item.scale else ():
            assert f'name="answer_{item.id}" type="radio" value="{option.code}"' in page
    assert 'name="answer_quartier" type="radio" value="98"' not in page, "nobody refuses their quartier"
    assert "<script" not in page.partition("<main")[2].partition("</main")[0], "no script is needed"


def test_an_error_is_named_beside_its_field_and_nothing_typed_is_lost(
    supervisor: FlaskClient, database: Database, asked: Questionnaire
) -> None:
    form = fill(
        open_form(supervisor),
        asked,
        answer_quartier="",
        answer_satisfaction="3",
        answer_apprecie_1="long " * 40,
        answer_proposition="Un <b>terrain</b> de jeux",
        started_on="15 novembre",
        interviewer="enquêtrice de passage",
    )
    answer = supervisor.post("/paper/2027", data=form)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "autofocus" in page, "the summary of errors is what a reader lands on"
    for field in ("answer_quartier", "answer_apprecie_1", "started_on"):
        assert f'<a href="#{field}">' in page
        assert re.search(rf'aria-describedby="[^"]*{field}-error', page)
        assert f'id="{field}-error"' in page
    words = read_words(answer)
    assert "un entretien ne compte pas sans elle" in words
    assert "140 caractères au plus" in words
    assert "« 15 novembre » n’est pas une date" in words
    assert re.search(r'<input checked[^>]*name="answer_satisfaction" type="radio" value="3"', page)
    assert "long " * 39 in page
    assert "Un &lt;b&gt;terrain&lt;/b&gt; de jeux" in page
    assert 'value="15 novembre"' in page
    assert 'value="enquêtrice de passage"' in page
    assert form["uuid"] in page
    with database.read() as session:
        assert session.scalar(select(Envelope.seq)) is None


def test_what_was_refused_can_be_mended_and_sent_again(
    supervisor: FlaskClient, database: Database, asked: Questionnaire
) -> None:
    form = fill(open_form(supervisor), asked, answer_quartier="")
    assert supervisor.post("/paper/2027", data=form).status_code == 422
    assert supervisor.post("/paper/2027", data=form | {"answer_quartier": "2"}).status_code == 303
    with database.read() as session:
        assert str(session.scalars(select(Interview.uuid)).one()) == form["uuid"]


HASTY = [
    ({"disposition": "finished"}, "n’est pas une issue connue"),
    ({"disposition": "no_contact"}, "ne peut pas terminer un entretien"),
    ({"language": "xx"}, "une des langues proposées"),
    ({"interviewer": " "}, "Dites qui a fait l’entretien"),
    ({"interviewer": "e" * 65}, "64 caractères au plus"),
    ({"started_on": "2999-01-01"}, "pas encore venu"),
    ({"answer_satisfaction": "4" * 5_000}, "n’est pas une réponse proposée"),
    ({"answer_satisfaction": "9"}, "« 9 » n’est pas une réponse proposée"),
    ({"answer_satisfaction": "content"}, "« content » n’est pas une réponse proposée"),
]


def test_a_forged_or_hasty_entry_is_told_in_words(supervisor: FlaskClient, asked: Questionnaire) -> None:
    form = open_form(supervisor)
    for typed, words in HASTY:
        answer = supervisor.post("/paper/2027", data=fill(form, asked) | typed)
        assert answer.status_code == 422
        assert words in read_words(answer)


def test_a_door_without_interview_is_not_typed_in_as_one(supervisor: FlaskClient) -> None:
    form = open_form(supervisor) | {"answer_quartier": "1", "disposition": "no_contact"}
    answer = supervisor.post("/paper/2027", data=form)
    assert answer.status_code == 422
    assert "ne peut pas terminer un entretien" in read_words(answer)


def test_an_interview_with_few_answers_is_partial_or_broken_off_and_not_complete(
    supervisor: FlaskClient, asked: Questionnaire
) -> None:
    form = open_form(supervisor) | {"answer_quartier": "1"}
    answer = supervisor.post("/paper/2027", data=form)
    assert answer.status_code == 422
    assert "Choisissez : Entretien partiel, Abandon en cours d’entretien" in read_words(answer)
    assert supervisor.post("/paper/2027", data=form | {"disposition": "break_off"}).status_code == 303


def test_a_double_click_stores_one_interview(
    supervisor: FlaskClient, database: Database, asked: Questionnaire
) -> None:
    form = fill(open_form(supervisor), asked)
    first, second = (supervisor.post("/paper/2027", data=form) for _click in range(2))
    assert first.location == second.location
    with database.read() as session:
        assert len(session.scalars(select(Envelope.seq)).all()) == 1


def test_a_form_used_again_for_somebody_else_is_kept_aside_and_said_so(
    supervisor: FlaskClient, database: Database, asked: Questionnaire
) -> None:
    form = fill(open_form(supervisor), asked)
    supervisor.post("/paper/2027", data=form)
    answer = supervisor.post("/paper/2027", data=form | {"answer_quartier": "3"}, follow_redirects=True)
    assert "Entretien mis de côté" in read_words(answer)
    with database.read() as session:
        assert [aside.channel for aside in fetch_aside(session)] == ["paper"]
        counts = fetch_counts(session, "2027")
    assert counts
    assert counts.total == 1
    listed = read_words(supervisor.get("/desk/aside"))
    assert "Un autre contenu a déjà été reçu" in listed
    assert "saisie papier" in listed


def test_an_answer_off_the_route_is_sent_back_and_may_be_left_blank(
    supervisor: FlaskClient, database: Database, asked: Questionnaire
) -> None:
    form = fill(open_form(supervisor), asked, answer_lieu="1", answer_habite="1")
    answer = supervisor.post("/paper/2027", data=form)
    assert answer.status_code == 422
    assert "Cette question n’est pas posée après ces réponses : laissez-la vide." in read_words(answer)
    assert supervisor.post("/paper/2027", data=form | {"answer_habite": "0"}).status_code == 303
    with database.read() as session:
        codes = session.scalars(select(Interview.codes)).one()
    assert codes[asked.position["habite"]] == 99


def test_a_forged_request_stores_nothing(
    supervisor: FlaskClient, database: Database, asked: Questionnaire
) -> None:
    form = fill(open_form(supervisor), asked)
    assert supervisor.post("/paper/2027", data=form | {"csrf_token": "forged"}).status_code == 400
    assert supervisor.post("/paper/2027", data=form | {"uuid": "12"}).status_code == 400
    with database.read() as session:
        assert session.scalar(select(Envelope.seq)) is None


def test_a_wave_that_is_not_collected_has_no_form(supervisor: FlaskClient) -> None:
    for address in ("/paper/2023", "/paper/2031", "/paper/2027/saved/12"):
        assert supervisor.get(address).status_code == 404


def test_an_interviewer_opens_neither_the_form_nor_the_list(app: Flask) -> None:
    client = sign_in(app.test_client(), "enqueteur-1")
    for address in ("/paper/2027", "/desk/aside"):
        assert client.get(address).status_code == 403


def test_what_is_set_aside_is_listed_without_any_answer(
    app: Flask, supervisor: FlaskClient, town: Town
) -> None:
    database: Database = app.extensions["database"]
    assert "Rien n’attend une décision" in read_words(supervisor.get("/desk/aside"))
    store_refused(database, town)
    words = read_words(supervisor.get("/desk/aside"))
    assert "satisfaction (réponse qui n’est pas proposée)" in words
    assert "apprecie_1 (réponse trop longue)" in words
    assert "secret" not in words


def store_refused(database: Database, town: Town) -> None:
    """An interview that the judge refuses."""
    answers: dict[str, int | str] = {"quartier": 1, "satisfaction": 9, "apprecie_1": "secret " * 30}
    assert store_interview(database, town, answers).status == "quarantined"


@pytest.fixture
def second_town(tmp_path: Path) -> Iterator[Flask]:
    """An invented town."""
    address = f"sqlite:///{tmp_path / 'second.sqlite'}"
    app = make_app(address, surveys_dir=SECOND_TOWN, town="bourg-fictif")
    give_account(app, "terrain", "supervisor")
    yield app
    app.extensions["database"].engine.dispose()


def test_another_town_has_its_own_form(second_town: Flask) -> None:
    client = sign_in(second_town.test_client(), "terrain")
    page = client.get("/paper/2030").get_data(as_text=True)
    assert "Le Verger" in page
    assert "answer_trajets_velo" in page
    form = open_form(client, "/paper/2030") | {"answer_quartier": "2", "answer_plaisir": "1"}
    form |= {"answer_trajets_bus": "97", "answer_partir": "1"}
    assert client.post("/paper/2030", data=form).status_code == 303
