"""A council writes, adopts and withdraws its own opinion, and no other one."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from barometre.storage.models import CouncilDraft, CouncilOpinion
from tests.councils.conftest import PAGE, adopt, post, write
from tests.results.test_pages import released
from tests.support import SECOND_TOWN, give_account, make_app, sign_in

Enter = Callable[[str], FlaskClient]


def read(client: FlaskClient, address: str) -> str:
    """The words of a page, one space between them."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))))


def test_a_draft_is_read_by_its_council_alone(app: Flask, enter: Enter) -> None:
    assert write(enter("ours"), "A secret draft.", "A secret bench.").status_code == 303
    assert "A secret draft." in read(enter("ours-too"), PAGE)
    for client in (enter("theirs"), app.test_client()):
        for address in ("/themes/bien-vivre", "/quartiers/clou-bouchet"):
            assert "secret" not in read(client, address)
    for address in (PAGE, "/council", "/council/themes/bien-vivre"):
        assert "secret" not in read(enter("theirs"), address)
    for staff in ("analyst", "administrator"):
        assert "secret" not in read(enter(staff), "/desk/answers")
    assert "secret" not in read(enter("administrator"), "/desk/opinions")


def test_what_is_adopted_is_public_at_once_on_theme_and_quartiers(app: Flask, enter: Enter) -> None:
    adopt(enter("ours"), "We think so.", "One more bench.")
    public = app.test_client()
    for address in ("/themes/bien-vivre", "/quartiers/clou-bouchet", "/quartiers/tour-chabot-gavacherie"):
        text = read(public, address)
        assert "L’avis du conseil citoyen" in text
        assert "We think so." in text
        assert "One more bench." in text
        assert "Pas encore de réponse des institutions." in text
        assert "ours" not in re.findall(r"\w+", text.split("L’avis du conseil citoyen")[1]), (
            "no member is named"
        )
    for address in ("/themes/relations-et-liens-sociaux", "/quartiers/pontreau-colline-saint-andre"):
        assert "We think so." not in read(public, address)


def test_a_later_version_replaces_the_first_in_sight_of_all(app: Flask, enter: Enter) -> None:
    member = enter("ours")
    adopt(member, "We think so.")
    adopt(member, "We think otherwise.", revision=1)
    text = read(app.test_client(), "/themes/bien-vivre")
    assert "Version 2" in text
    assert "Voir la version remplacée" in text
    assert text.index("We think otherwise.") < text.index("We think so.")


def test_members_of_the_other_council_change_nothing_of_ours(app: Flask, enter: Enter) -> None:
    adopt(enter("ours"), "Ours.", "Our bench.")
    theirs = enter("theirs")
    assert write(theirs, "Theirs.", revision=1).status_code == 409, "they have no first draft yet"
    assert post(theirs, f"{PAGE}/adopt", revision=1).status_code == 303
    assert post(theirs, f"{PAGE}/withdraw").status_code == 303
    adopt(theirs, "Theirs.")
    assert post(theirs, f"{PAGE}/withdraw").status_code == 303
    with app.extensions["database"].read() as session:
        drafts = set(session.execute(select(CouncilDraft.council, CouncilDraft.text)))
        opinions = {o.council: (o.text, o.withdrawn_by) for o in session.scalars(select(CouncilOpinion))}
    assert drafts == {("CC1", "Ours."), ("CC2", "Theirs.")}
    assert opinions == {"CC1": ("Ours.", None), "CC2": ("Theirs.", "theirs")}


def test_a_council_that_is_sent_along_is_not_listened_to(app: Flask, enter: Enter) -> None:
    post(enter("theirs"), PAGE, revision=0, text="Forged.", council="CC1", subject="CC1")
    with app.extensions["database"].read() as session:
        assert session.scalars(select(CouncilDraft.council)).all() == ["CC2"]


def test_a_member_of_a_council_that_is_gone_opens_nothing(enter: Enter) -> None:
    nobody = enter("nobody")
    for address in ("/council", PAGE, "/council/themes/bien-vivre", "/council/themes/bien-vivre/guess"):
        assert nobody.get(address).status_code == 403, address
    assert write(nobody, "text").status_code == 403


def test_of_two_members_who_write_at_once_neither_loses_a_word(enter: Enter) -> None:
    one, other = enter("ours"), enter("ours-too")
    assert write(one, "Written first.", "First bench.").status_code == 303
    refused = write(other, "Written second.", "Second bench.")
    assert refused.status_code == 409
    page = unescape(refused.get_data(as_text=True))
    assert "ours a enregistré un brouillon pendant que vous écriviez" in page
    form = page.split("<form")[-1]
    assert "Written second." in form
    assert "Second bench." in form
    assert "Written first." in page.split("<form")[-2], "the other text stands beside it"
    # Whoever has read both saves over it; the first one stays among the earlier drafts.
    revision = re.search(r'name="revision" value="(\d+)"', form)
    assert revision
    assert write(other, "Both.", revision=int(revision[1])).status_code == 303
    text = read(one, PAGE)
    assert "Both." in text
    assert "Written first." in text


def test_a_draft_that_changed_meanwhile_is_not_adopted(app: Flask, enter: Enter) -> None:
    write(enter("ours"), "Read.")
    write(enter("ours-too"), "Not read.", revision=1)
    member = enter("ours")
    assert post(member, f"{PAGE}/adopt", revision=1).status_code == 303
    assert "L’avis n’a pas été adopté" in read(member, PAGE)
    with app.extensions["database"].read() as session:
        assert session.scalars(select(CouncilOpinion)).all() == []


def test_a_withdrawn_opinion_leaves_a_mention_and_its_text_to_the_council(app: Flask, enter: Enter) -> None:
    member = enter("ours")
    adopt(member, "We think so.")
    adopt(member, "We think more.", revision=1)
    post(member, f"{PAGE}/withdraw")
    text = read(app.test_client(), "/themes/bien-vivre")
    assert "Le conseil citoyen a retiré cet avis" in text
    assert "We think" not in text
    assert "We think more." in read(member, PAGE)
    assert "We think so." in read(member, PAGE)


@pytest.mark.parametrize(
    ("text", "proposals", "told"),
    [
        ("x" * 4001, (), "Avis : 4 001 caractères, 4 000 au plus"),
        ("", ("fine", "y" * 201), "Proposition 2 : 201 caractères, 200 au plus"),
        ("", ("a bench", "", " a  bench "), "Proposition 3 : elle est déjà plus haut"),
        ("", tuple(f"proposal {n}" for n in range(11)), "Propositions : 10 au plus"),
    ],
)
def test_bad_input_names_the_field_and_keeps_what_was_typed(
    app: Flask, enter: Enter, text: str, proposals: tuple[str, ...], told: str
) -> None:
    answer = write(enter("ours"), text, *proposals)
    assert answer.status_code == 422
    page = re.sub(r"\s", " ", unescape(answer.get_data(as_text=True)))
    assert told in page
    for typed in (text, *proposals):
        assert typed in page
    for target in re.findall(r'<li><a href="#([^"]+)"', page.split('role="alert"')[1].split("</ul>")[0]):
        assert f'id="{target}"' in page
    with app.extensions["database"].read() as session:
        assert session.scalars(select(CouncilDraft)).all() == []


def test_what_a_browser_would_never_send_changes_nothing(app: Flask, enter: Enter) -> None:
    member = enter("ours")
    for revision in ("", "x", "-1", "9" * 30, "²"):
        assert post(member, PAGE, revision=revision, text="text").status_code == 409
    assert post(member, PAGE, revision=0, text="a\0b\r\nc").status_code == 303
    with app.extensions["database"].read() as session:
        assert session.scalars(select(CouncilDraft.text)).all() == ["ab\nc"]
    assert member.get("/council/themes/nowhere/opinion").status_code == 404


def test_markup_that_is_typed_is_shown_as_words(app: Flask, enter: Enter) -> None:
    adopt(enter("ours"), "<script>alert(1)</script>", "<b>bold</b>")
    page = app.test_client().get("/themes/bien-vivre").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page


def test_the_home_tells_where_each_opinion_is(app: Flask, enter: Enter) -> None:
    member = enter("ours")
    assert read(member, "/council").count("Rien encore") == len(app.extensions["town"].themes) + 1
    write(member, "text", page="/council/themes/relations-et-liens-sociaux/opinion")
    adopt(member, "text", "A bench")
    home = read(member, "/council")
    assert "Brouillon" in home
    assert "Adopté" in home
    assert "A bench" in home
    assert "Clou Bouchet" in home
    assert "habitants sur 100" in home
    assert "Adopté, un nouveau brouillon" not in home
    write(member, "more", revision=1)
    assert "Adopté, un nouveau brouillon est en cours" in read(member, "/council")


def test_another_town_has_its_own_councils_and_themes(sqlite_url: str) -> None:
    app = released(make_app(sqlite_url, surveys_dir=SECOND_TOWN, town="bourg-fictif"), 70)
    town = app.extensions["town"]
    give_account(app, "verger", "council", council="CV")
    member = sign_in(app.test_client(), "verger")
    slug = next(theme.slug for theme in town.themes if theme.id == "services")
    assert "Un bus de plus le soir." in read(member, f"/council/themes/{slug}")
    for theme in town.themes:
        assert member.get(f"/council/themes/{theme.slug}").status_code == 200
        assert member.get(f"/council/themes/{theme.slug}/guess").status_code == 200
    adopt(member, "We think so.", page=f"/council/themes/{slug}/opinion")
    assert "Conseil du Verger We think so." in re.sub(
        r"Adopté le [^.]+\. ", "", read(app.test_client(), f"/themes/{slug}")
    )
    assert "Adopté" in read(member, "/council")


def test_proposals_alone_are_told_to_need_an_opinion(app: Flask, enter: Enter) -> None:
    member = enter("ours")
    write(member, "", "A bench")
    assert "Des propositions seules ne s’adoptent pas" in read(member, PAGE)
    write(member, "We think so.", "A bench", revision=1)
    assert "Des propositions seules ne s’adoptent pas" not in read(member, PAGE)


def test_a_draft_that_is_public_is_not_called_secret(app: Flask, enter: Enter) -> None:
    member = enter("ours")
    adopt(member, "We think so.")
    assert "Ce texte est celui qui est public." in read(member, PAGE)
    write(member, "We think more.", revision=1)
    assert "Ce texte est celui qui est public." not in read(member, PAGE)
