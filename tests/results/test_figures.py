"""The permanent page of a figure: the same numbers as its theme, an address, a way to cite it."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from barometre.questionnaire.town import Town
from barometre.results.figures import write_domain
from tests.results.released import read, read_words, release
from tests.support import SECOND_TOWN, make_app


@pytest.fixture
def app(sqlite_url: str) -> Flask:
    """Niort, released."""
    return release(make_app(sqlite_url), 120)


def read_first_table(html: str) -> dict[str, str]:
    """The words of each row of the first table, by their name."""
    body = html.split("<tbody>")[1].split("</tbody>")[0]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S) for row in body.split("</tr>")[:-1]]
    return {read_words(cells[0]): " | ".join(map(read_words, cells[1:])) for cells in rows}


def test_a_figure_tells_what_its_theme_tells_of_it_and_no_more(app: Flask) -> None:
    town: Town = app.extensions["town"]
    compared = 0
    for theme in town.themes:
        for article in re.findall(r"<article.*?</article>", read(app, f"/themes/{theme.slug}"), re.S):
            item = re.search(r'id="([a-z0-9_]+)"', article)
            assert item
            told = read_first_table(article)
            for domain in ("ALL", *(quartier.id for quartier in town.quartiers)):
                client = app.test_client()
                answer = client.get(f"/chiffres/{item[1]}/{write_domain(town, domain)}")
                if answer.status_code == 302:
                    continue
                ((name, row),) = read_first_table(answer.get_data(as_text=True)).items()
                if name in told:
                    assert told[name] == row, (item[1], domain)
                    compared += 1
    assert compared > 80


def test_every_block_leads_to_the_page_of_its_figure(app: Flask) -> None:
    town: Town = app.extensions["town"]
    pages = ["/", "/themes/bien-vivre", f"/quartiers/{town.quartiers[0].slug}"]
    for path in pages:
        for article in re.findall(r"<article.*?</article>", read(app, path), re.S):
            item = re.search(r'id="([a-z0-9_]+)"', article)
            assert item
            links = re.findall(rf'href="(/chiffres/{item[1]}/[a-z-]+)"', article)
            assert links, (path, item[1])
            for link in links:
                read(app, link)


def test_a_figure_shows_its_address_and_how_to_cite_it(app: Flask) -> None:
    town: Town = app.extensions["town"]
    path = f"/chiffres/securite/{town.quartiers[2].slug}"
    words = read_words(read(app, path)).split("Citer ce chiffre")[1]
    assert f"http://localhost{path}" in words
    assert re.search(r"\d+ réponses\. Baromètre", words)
    assert "Données simulées." in words
    assert "Édition n° 1, publiée le" in words


def test_a_question_of_one_quartier_has_no_figure_of_all(app: Flask) -> None:
    town: Town = app.extensions["town"]
    # The question of the second council is put to its quartier only, in these interviews too.
    answer = app.test_client().get("/chiffres/conseil_cc2/ensemble")
    asked = {quartier.slug for quartier in town.quartiers if quartier.council == "CC2"}
    assert len(asked) == 1
    assert answer.status_code == 302
    assert answer.location == f"/chiffres/conseil_cc2/{asked.pop()}"


def test_what_is_no_figure_is_not_found(app: Flask) -> None:
    client = app.test_client()
    for path in ("unknown", "unknown/ensemble", "securite/unknown", "quartier", "age/ensemble"):
        assert client.get(f"/chiffres/{path}").status_code == 404, path


def test_the_list_of_a_question_leads_everywhere_it_was_asked(app: Flask) -> None:
    town: Town = app.extensions["town"]
    links = re.findall(r'href="(/chiffres/securite/[a-z-]+)"', read(app, "/chiffres/securite"))
    slugs = ["ensemble", *(quartier.slug for quartier in town.quartiers)]
    assert links == [f"/chiffres/securite/{slug}" for slug in slugs]


def test_addresses_hold_before_the_first_release(sqlite_url: str) -> None:
    app = make_app(sqlite_url)
    for path in ("/chiffres/securite", "/chiffres/securite/ensemble"):
        assert "ne sont pas encore publiés" in read_words(read(app, path))


def test_another_town_has_its_own_figures(sqlite_url: str) -> None:
    app = release_simply(make_app(sqlite_url, surveys_dir=SECOND_TOWN, town="bourg-fictif"))
    town: Town = app.extensions["town"]
    for indicator in town.indicators:
        words = read_words(read(app, f"/chiffres/{indicator.item}"))
        assert "Niort" not in words
    for path in (
        "/ce-qui-a-change",
        "/jeunes-aines-femmes",
        "/comprendre-les-chiffres",
        "/ce-que-vous-proposez",
    ):
        assert town.name in read_words(read(app, path)), path


def release_simply(app: Flask) -> Flask:
    """A release of a town whose items nobody knows here."""
    from tests.results.test_pages import released

    return released(app, 70)
