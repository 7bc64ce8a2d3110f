"""The sheet of help: by quartier, the same for everyone, without any script."""

import re
from html import unescape

from flask import Flask
from flask.testing import FlaskClient

from barometre.interview.help_sheet import render_help
from tests.data import niort
from tests.support import SECOND_TOWN, make_app, sign_in

ADDRESS = "/interview/aide/"


def read(client: FlaskClient) -> str:
    """The sheet's document."""
    answer = client.get(ADDRESS)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def test_every_entry_stands_in_its_quartier_or_among_those_for_everybody(client: FlaskClient) -> None:
    page = read(client)
    slugs = {quartier.id: quartier.slug for quartier in niort().quartiers}
    sections = dict(
        re.findall(r'<section class="help" id="([^"]+)"[^>]*>(.*?)</section>', page, flags=re.DOTALL)
    )
    assert list(sections) == ["urgences", *slugs.values(), "partout"]
    for entry in niort().help:
        homes = {slugs[quartier] for quartier in entry.quartiers}
        homes = homes or {"urgences" if entry.national else "partout"}
        found = {name for name, text in sections.items() if f"<strong>{entry.who}</strong>" in text}
        assert found == homes, entry.id


def test_a_number_is_dialled_by_touching_it(client: FlaskClient) -> None:
    page = read(client)
    for entry in niort().help:
        if entry.phone:
            assert f'href="tel:{entry.phone}"' in page


def test_what_nobody_has_checked_says_so(client: FlaskClient) -> None:
    page = read(client)
    assert page.count("à vérifier</span>") == len(niort().help)
    assert "pas encore vérifiée" in page
    assert "Adresse et téléphone à compléter" in page


def test_the_sheet_needs_no_script_and_may_be_kept(app: Flask, client: FlaskClient) -> None:
    answer = client.get(ADDRESS)
    assert "<script" not in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "public, no-cache"
    again = client.get(ADDRESS, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    signed_in = sign_in(app.test_client(), "caller-1").get(ADDRESS)
    assert signed_in.data == answer.data
    with app.test_request_context():
        assert render_help().encode() == answer.data


def test_its_address_is_the_same_in_every_language(app: Flask) -> None:
    with app.test_request_context("/en/"):
        assert app.url_for("help.sheet") == ADDRESS


def test_a_town_without_entries_is_told_where_they_are_written(sqlite_url: str) -> None:
    app = make_app(sqlite_url, surveys_dir=SECOND_TOWN, town="bourg-fictif")
    assert "help.toml" in read(app.test_client())
    app.extensions["database"].engine.dispose()


def test_whoever_completes_the_files_finds_the_entries_to_confirm(app: Flask) -> None:
    page = unescape(sign_in(app.test_client(), "reader").get("/desk/to-confirm").get_data(as_text=True))
    for entry in niort().help:
        assert entry.who in page
        assert entry.reason in page
