"""The public pages as a reader gets them: every published figure, no invented one, any town."""

from __future__ import annotations

import re
import shutil
from html import unescape
from pathlib import Path

import pytest
from flask import Flask

from barometre.i18n.typography import set_french
from barometre.questionnaire.town import Town
from tests.data import publish_now
from tests.support import (
    ROOT,
    SECOND_TOWN,
    give_account,
    leave_eligible,
    make_app,
    sign_in,
    store_interview,
)


@pytest.fixture
def app(sqlite_url: str) -> Flask:
    """Niort, released with ninety interviews."""
    return released(make_app(sqlite_url), 90)


def released(app: Flask, interviews: int) -> Flask:
    """The application after a release of that many interviews."""
    town, database = app.extensions["town"], app.extensions["database"]
    asked = town.current_wave.questionnaire
    for number in range(interviews):
        answers = {
            item.id: item.scale.options[(number + 3 * place) % len(item.scale.options)].code
            for place, item in enumerate(asked.closed_items)
        }
        store_interview(database, town, leave_eligible(asked, answers))
    with database.write() as session:
        publish_now(session, town)
    return app


def read_text(app: Flask, path: str) -> str:
    """The words of a page, one space between them."""
    answer = app.test_client().get(path)
    assert answer.status_code == 200, path
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))))


def test_every_published_figure_stands_on_the_site_with_its_line(app: Flask) -> None:
    town: Town = app.extensions["town"]
    assert town.first_wave is not None
    published = town.first_wave.published
    assert published is not None
    text = read_text(app, "/chiffres-publies")
    printed = [*published.figures, *published.open_themes, *published.sample]
    assert len(printed) == 78
    for figure in printed:
        shown = re.sub(r"\s+", " ", figure.printed)
        assert re.search(rf"{re.escape(shown)}\D*{figure.source_line}\b", text), figure.id


def test_what_was_not_published_has_no_number(app: Flask) -> None:
    page = app.test_client().get("/quartiers/clou-bouchet").get_data(as_text=True)
    block = page.split('id="satisfaction"')[1].split("</article>")[0]
    table = block.split("<tbody>")[1].split("</tbody>")[0]
    past = unescape(table.split('<td class="said">')[1].split("</td>")[0])
    assert past.strip() == "non publié"


def test_simulated_data_are_announced_on_every_page(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("results.") and not rule.arguments:
            assert "Données simulées" in read_text(app, rule.rule), rule.rule


def test_a_page_says_so_when_nothing_is_released(sqlite_url: str) -> None:
    app = make_app(sqlite_url)
    assert "ne sont pas encore publiés" in read_text(app, "/")
    assert "ne sont pas encore publiés" in read_text(app, "/quartiers/clou-bouchet")


def test_an_unknown_theme_or_quartier_is_not_found(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/themes/inconnu").status_code == 404
    assert client.get("/quartiers/inconnu").status_code == 404


def test_another_town_needs_nothing_but_its_folder(sqlite_url: str) -> None:
    app = released(make_app(sqlite_url, surveys_dir=SECOND_TOWN, town="bourg-fictif"), 70)
    town: Town = app.extensions["town"]
    pages = ["/", "/comment-l-enquete-a-ete-faite", "/chiffres-publies"]
    pages += [f"/themes/{theme.slug}" for theme in town.themes]
    pages += [f"/quartiers/{quartier.slug}" for quartier in town.quartiers]
    for path in pages:
        text = read_text(app, path)
        assert "Niort" not in text, path
        assert town.name in text, path


def test_the_code_knows_no_town() -> None:
    names = re.compile(r"Clou.Bouchet|Gavacherie|Pontreau|\bPCSA\b|\bTCG\b|Niort", re.IGNORECASE)
    may_name_it = {"config.py", "cli.py", "demonstration.py"}
    for path in sorted((ROOT / "barometre").rglob("*")):
        if path.suffix in {".py", ".html", ".js", ".css"} and "vendor" not in path.parts:
            assert path.name in may_name_it or not names.search(path.read_text(encoding="utf-8")), path


def test_interviews_of_a_quartier_are_rounded_so_that_no_silence_can_be_counted(app: Flask) -> None:
    for path in ("/", "/quartiers/clou-bouchet", "/comment-l-enquete-a-ete-faite"):
        assert "Environ" in read_text(app, path), path
    assert "Environ 30 habitants interrogés" in read_text(app, "/quartiers/clou-bouchet")


def test_a_page_says_when_the_answers_could_not_be_weighted(sqlite_url: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "surveys" / "niort", tmp_path / "niort")
    margins = tmp_path / "niort" / "2027" / "margins.csv"
    # Nobody under 25 lives there, and some were interviewed: no weight can stand for them.
    lines = margins.read_text(encoding="utf-8").replace("CB,age,lt25,486", "CB,age,lt25,0")
    margins.write_text(lines.replace("CB,age,25_59,1593", "CB,age,25_59,2079"), encoding="utf-8")
    app = released(make_app(sqlite_url, surveys_dir=tmp_path), 90)
    assert "n’ont pas pu être redressées" in read_text(app, "/")
    assert "n’ont pas pu être redressées" in read_text(app, "/quartiers/clou-bouchet")


def test_every_population_figure_stands_with_its_source(app: Flask) -> None:
    text = read_text(app, "/comment-l-enquete-a-ete-faite")
    town: Town = app.extensions["town"]
    figures = [figure for quartier in town.quartiers for figure in quartier.populations]
    assert len(figures) >= 4
    for figure in figures:
        assert re.search(rf"{figure.value:,}".replace(",", r"\s?"), text), figure


def test_the_staff_find_everything_that_is_not_confirmed(app: Flask) -> None:
    give_account(app, "reader", "council", council="CC1")
    client = sign_in(app.test_client(), "reader")
    page = unescape(client.get("/desk/to-confirm").get_data(as_text=True))
    page = re.sub(r"\s+", " ", page)
    town: Town = app.extensions["town"]
    supposed = [found.text for found in town.assumptions if not found.confirmed]
    for wave in town.waves.values():
        asked = wave.questionnaire
        for found in (*asked.items, *asked.batteries.values(), *asked.scales.values()):
            assert found.confirmed or found.reason, found.id
            supposed += [] if found.confirmed else [found.reason]
    assert len(supposed) > 60
    for words in supposed:
        assert re.sub(r"\s+", " ", set_french(words)) in page, words
    # A question asked in the same words by both waves stands there once, with both.
    assert (
        page.count(
            "Auriez-vous envie de déménager dans un autre quartier ?".replace(" ?", "\u202f?").replace(
                "\u202f", " "
            )
        )
        == 1
    )
    assert "2023, 2027" in page


def test_a_town_says_whom_to_turn_to(sqlite_url: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "surveys" / "niort", tmp_path / "niort")
    head = tmp_path / "niort" / "town.toml"
    text = head.read_text(encoding="utf-8").replace('email = ""', 'email = "barometre@exemple.fr"')
    head.write_text(text, encoding="utf-8")
    app = make_app(sqlite_url, surveys_dir=tmp_path)
    for path in ("/mentions-legales", "/accessibilite", "/donnees-personnelles"):
        assert "barometre@exemple.fr" in read_text(app, path), path
