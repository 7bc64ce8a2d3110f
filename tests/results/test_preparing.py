"""A council guesses figures that may be shown, and reads the past beside the present."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import MetaData, func, select

from barometre.demonstration import fill
from barometre.estimates.disclosure import ALL
from barometre.results.guessing import BadGuess, read_guess
from barometre.results.sources import Published, fetch_published
from tests.support import give_account, make_app, sign_in

ADDRESS = "/council/themes/{}/guess"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration and a member of each council."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('preparing') / 'b.sqlite'}", demonstration=True)
    with app.extensions["database"].write() as session:
        fill(session, app.extensions["town"])
    give_account(app, "ours", "council", council="CC1")
    give_account(app, "theirs", "council", council="CC2")
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return sign_in(app.test_client(), "ours")


@pytest.fixture(scope="module")
def published(app: Flask) -> Published:
    with app.app_context():
        found = fetch_published()
    assert found
    return found


def read(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def send(client: FlaskClient, slug: str, item: str, domain: str, guess: str) -> tuple[int, str]:
    page = client.get("/account").get_data(as_text=True)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    form = {"csrf_token": token[1], "item": item, "domain": domain, "guess": guess}
    answer = client.post(ADDRESS.format(slug), data=form)
    return answer.status_code, answer.get_data(as_text=True)


def test_every_figure_that_may_be_shown_is_guessed_and_no_other(
    app: Flask, client: FlaskClient, published: Published
) -> None:
    town = app.extensions["town"]
    hidden = asked = 0
    for theme in town.themes:
        for indicator in (i for i in town.indicators if i.theme == theme.id):
            for domain in (ALL, "CB", "TCG", "PCSA"):
                finding = published.findings.by_domain[(indicator.item, domain)]
                query = f"?item={indicator.item}&domain={domain}"
                status = client.get(ADDRESS.format(theme.slug) + query).status_code
                if not finding.shown.exact or domain == "PCSA":
                    assert status == 404, (indicator.item, domain)
                    assert send(client, theme.slug, indicator.item, domain, "50")[0] == 404
                    hidden += domain != "PCSA"
                else:
                    asked += status == 200
    assert hidden
    assert asked > 10


def test_the_question_comes_before_its_figure(client: FlaskClient, published: Published) -> None:
    finding = published.findings.by_domain[("satisfaction", ALL)]
    assert finding.estimate
    figure = round(100 * finding.estimate.value)
    query = f"?item=satisfaction&domain={ALL}"
    before = client.get(ADDRESS.format("bien-vivre") + query).get_data(as_text=True)
    assert "combien d’habitants sur 100" in read(before)
    assert "picture" not in before.split("<main")[1]
    assert f"{figure} sur 100" not in read(before)
    for guess in (0, figure, 100):
        status, page = send(client, "bien-vivre", "satisfaction", ALL, str(guess))
        text = read(page)
        assert status == 200
        assert f"Vous avez dit {guess} sur 100" in text
        assert f"L’enquête dit {figure} sur 100" in text
        away = abs(guess - figure)
        if away:
            assert (
                f"Vous avez dit {away} habitants sur 100 de {'plus' if guess > figure else 'moins'}" in text
            )
        else:
            assert "C’est exactement le chiffre de l’enquête." in text
        assert f"{finding.shown.base} réponses" in text
        assert ("ne permet pas de dire que vous vous trompez" in text) == (guess == figure)


def test_a_guess_is_stored_nowhere(app: Flask, client: FlaskClient) -> None:
    database = app.extensions["database"]

    def count_rows() -> dict[str, int]:
        found = MetaData()
        found.reflect(database.engine)
        with database.read() as session:
            return {
                table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
                for table in found.sorted_tables
            }

    before = count_rows()
    status, page = send(client, "bien-vivre", "satisfaction", ALL, "31")
    assert status == 200
    assert "n’est pas gardée" in read(page)
    assert count_rows() == before
    assert "31 sur 100" not in read(client.get(ADDRESS.format("bien-vivre")).get_data(as_text=True))


@pytest.mark.parametrize("typed", ["", " ", "101", "-1", "12,5", "bof", "9" * 5000, "0000000001000", "٣"])
def test_a_guess_that_is_no_number_is_told_so(client: FlaskClient, typed: str) -> None:
    status, page = send(client, "bien-vivre", "satisfaction", ALL, typed)
    assert status == 422
    assert "Votre réponse" in read(page)
    assert "L’enquête dit" not in read(page)


@pytest.mark.parametrize(
    ("typed", "read_as"), [("0", 0), ("100", 100), (" 42 % ", 42), ("007", 7), ("0" * 5000, 0)]
)
def test_a_guess_is_read_as_it_was_meant(app: Flask, typed: str, read_as: int) -> None:
    with app.test_request_context():
        assert read_guess(typed) == read_as
        with pytest.raises(BadGuess):
            read_guess(typed + "x")


def test_the_past_stands_beside_the_present_for_the_own_quartiers(app: Flask, client: FlaskClient) -> None:
    theirs = sign_in(app.test_client(), "theirs")
    address = "/council/themes/equipement-et-securite"
    mine, other = (read(c.get(address).get_data(as_text=True)) for c in (client, theirs))
    for saying in app.extensions["town"].sayings:
        if saying.theme == "equipement":
            text = re.sub(r"\s+", " ", saying.text)
            assert (text in mine) == (not saying.quartiers or bool({"CB", "TCG"} & {*saying.quartiers}))
            assert (text in other) == (not saying.quartiers or "PCSA" in saying.quartiers)
    for text in (mine, other):
        assert "Dites" in text
        assert "Ne dites pas" in text
        assert "Les 3 quartiers ensemble" in text


def test_the_first_wave_s_open_answers_are_those_of_the_own_quartiers(
    app: Flask, client: FlaskClient
) -> None:
    theirs = sign_in(app.test_client(), "theirs")
    address = "/council/themes/atouts-et-attachement"
    mine, other = (c.get(address).get_data(as_text=True) for c in (client, theirs))
    captions = [re.findall(r"<caption>([^<]+, [^<]+)</caption>", page) for page in (mine, other)]
    assert any("Clou Bouchet" in caption for caption in captions[0])
    assert not any("Pontreau" in caption for caption in captions[0])
    assert any("Pontreau" in caption for caption in captions[1])
    assert not any("Clou Bouchet" in caption for caption in captions[1])


def test_a_theme_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    assert client.get("/council/themes/nowhere").status_code == 404
    assert client.get(ADDRESS.format("nowhere")).status_code == 404


def test_what_was_asked_in_some_quartiers_is_said_of_them_alone(app: Flask, client: FlaskClient) -> None:
    town = app.extensions["town"]
    for slug in (theme.slug for theme in town.themes):
        told = read(client.get(f"/council/themes/{slug}").get_data(as_text=True))
        for item, names in (("conseil_cc1", ("Clou Bouchet", "Tour Chabot Gavacherie")),):
            label = town.indicator_of[item].label
            if f"Comment en parler : {label}" in told:
                advice = told.split(f"Comment en parler : {label}")[1].split("Comment en parler")[0]
                assert "quartiers ensemble" not in advice
                assert all(name in advice for name in names)
                return
    raise AssertionError("the question is on no page")
