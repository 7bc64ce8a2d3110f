"""What the report adds to the pages: questions to discuss, orientations, proposals, what both waves asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from barometre import demonstration
from barometre.app import create_app
from barometre.config import Config
from barometre.estimates.change import DOWN, NO_CHANGE_SHOWN, UP
from barometre.i18n import speak
from barometre.questionnaire.comparability import match_items
from barometre.questionnaire.load import load_town
from barometre.questionnaire.town import Quota, Town
from barometre.results.papers.choice import SMALLEST_BASE, has_past_share, is_told, split_favourable
from barometre.results.papers.debate import write_debate
from barometre.results.papers.follow_up import fetch_adopted
from barometre.results.papers.report import write_content, write_report
from barometre.results.papers.restitution import write_content as write_sheet
from barometre.results.papers.speech import tell_sampling
from barometre.results.sources import Published, fetch_published
from barometre.results.tables import ItemBlock, write_blocks
from barometre.storage.councils import Opinion, fetch_opinions
from tests.data import NIORT
from tests.results.released import fetch, release
from tests.results.test_pages import released
from tests.results.test_papers import words
from tests.support import SECOND_TOWN, make_app

Piece = dict[str, Any]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration: councils that adopted, withdrew and were hidden; changes and their absence."""
    path: Path = tmp_path_factory.mktemp("report") / "demonstration.sqlite"
    demonstration.prepare(path, load_town(NIORT))
    config = Config(secret_key="tests only", database_url=f"sqlite:///{path}", secure_cookies=False)
    app = create_app(replace(config, demonstration=True))
    with app.app_context():
        yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture(scope="module")
def town(app: Flask) -> Town:
    return app.extensions["town"]  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def published(app: Flask) -> Published:
    found = fetch_published()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def opinions(app: Flask, town: Town) -> list[Opinion]:
    """Every version that a council adopted, whatever became of it."""
    with app.extensions["database"].read() as session:
        return fetch_opinions(session, town.current_wave.id)


@pytest.fixture(scope="module")
def content(town: Town, published: Published) -> dict[str, Any]:
    with speak("fr"):
        return write_content(town, published, fetch_adopted())


@pytest.fixture(scope="module")
def themes(town: Town, published: Published) -> dict[str, list[ItemBlock]]:
    """Blocks by theme, in French."""
    with speak("fr"):
        blocks = write_blocks(town, published.findings, town.indicators)
    return {
        theme.id: [block for block in blocks if town.indicator_of[block.item].theme == theme.id]
        for theme in town.themes
    }


def find_boxes(content: dict[str, Any]) -> dict[str, list[str]]:
    """Title of each chapter with a box, and its questions."""
    return {
        chapter["title"]: piece["items"]
        for chapter in content["chapters"]
        for piece in chapter["pieces"]
        if piece["kind"] == "debate"
    }


def find_chapter(parts: list[dict[str, Any]], title: str) -> list[Piece]:
    [pieces] = [part["pieces"] for part in parts if part["title"] == title]
    return list(pieces)


def list_tables(pieces: list[Piece]) -> list[Piece]:
    return [piece for piece in pieces if piece["kind"] == "table"]


def test_every_theme_gives_one_or_two_questions_to_discuss(town: Town, content: dict[str, Any]) -> None:
    boxes = find_boxes(content)
    assert set(boxes) == {theme.title for theme in town.themes}
    assert all(1 <= len(items) <= 2 for items in boxes.values())
    assert all(item.rstrip().endswith("?") for items in boxes.values() for item in items)


def test_a_question_to_discuss_tells_a_shown_finding_with_its_base(
    town: Town, content: dict[str, Any], themes: dict[str, list[ItemBlock]]
) -> None:
    boxes = find_boxes(content)
    for theme in town.themes:
        told = []
        for item in boxes[theme.title]:
            [block] = [b for b in themes[theme.id] if item.startswith(f"«\u00a0{b.label}\u00a0»")]
            cell = block.rows[0].cell
            assert is_told(cell), block.item
            assert (cell.base or 0) >= SMALLEST_BASE
            assert block.headline in item
            assert f"({cell.base} réponses.)" in item
            told.append(block.item)
        assert len(set(told)) == len(told)


def test_a_question_to_discuss_calls_a_change_what_the_verdict_calls_one(
    town: Town, content: dict[str, Any], themes: dict[str, list[ItemBlock]]
) -> None:
    boxes, seen = find_boxes(content), set()
    for theme in town.themes:
        blocks = themes[theme.id]
        for item in boxes[theme.title]:
            [block] = [b for b in blocks if item.startswith(f"«\u00a0{b.label}\u00a0»")]
            verdict = block.rows[0].verdict
            if "changement est démontré" in item:
                assert verdict is not None
                assert verdict.word in (UP, DOWN)
                assert has_past_share(block.rows[0])
                seen.add("change")
            if "aucun changement n’est démontré" in item:
                assert verdict is not None
                assert verdict.word == NO_CHANGE_SHOWN
                # A demonstrated change would have been asked about before.
                assert not [
                    b.item
                    for b in blocks
                    if is_told(b.rows[0].cell)
                    and b.rows[0].verdict
                    and b.rows[0].verdict.word in (UP, DOWN)
                    and has_past_share(b.rows[0])
                    and not b.only_in
                ]
                seen.add("none")
    assert seen == {"change", "none"}, "the demonstration has both"


def test_what_is_to_change_first_is_the_least_favourable_share_of_its_theme(
    app: Flask, town: Town, content: dict[str, Any], themes: dict[str, list[ItemBlock]]
) -> None:
    boxes, seen = find_boxes(content), set()
    for theme in town.themes:
        whole = [block for block in themes[theme.id] if not block.only_in]
        with speak("fr"):
            high, low = split_favourable(town, whole, len(whole))
        shares = {found.label: found.share for found in (*high, *low)}
        for item in boxes[theme.title]:
            for said, wanted in (("changer en premier", min), ("faut-il garder", max)):
                if said in item:
                    assert shares[item[2 : item.index("\u00a0»")]] == wanted(shares.values())
                    seen.add(said)
    assert len(seen) == 2, "the demonstration has both"


def test_a_question_to_discuss_never_asks_for_a_cause(content: dict[str, Any]) -> None:
    text = " ".join(item for items in find_boxes(content).values() for item in items).lower()
    assert not re.search(r"pourquoi|parce que|\bcar\b|à cause|grâce à|en raison|puisque", text)


def test_there_is_nothing_to_discuss_where_nothing_may_be_told(sqlite_url: str) -> None:
    small = release(make_app(sqlite_url), 15)
    with small.app_context(), speak("fr"):
        town, published = small.extensions["town"], fetch(small)
        blocks = write_blocks(town, published.findings, town.indicators)
        assert blocks
        assert write_debate(town, blocks, "2023") == []
        assert not find_boxes(write_content(town, published))


def test_a_first_survey_gives_no_change_to_discuss(
    app: Flask, town: Town, themes: dict[str, list[ItemBlock]]
) -> None:
    with speak("fr"):
        for blocks in themes.values():
            for piece in write_debate(town, blocks, ""):
                assert "changement" not in " ".join(piece["items"])
                assert piece["items"]


def test_the_report_lists_the_orientations_with_their_lines_and_room_for_an_answer(
    town: Town, content: dict[str, Any]
) -> None:
    table, *_rest = list_tables(find_chapter(content["chapters"], "Suites proposées"))
    assert len(table["rows"]) == len(town.orientations) == 6
    for orientation, (title, said, answer) in zip(town.orientations, table["rows"], strict=True):
        assert orientation.title.replace(" :", "\u00a0:") in title
        assert str(orientation.source_line) in title
        assert answer == ""
        assert ("Aucune question" in said) == (not orientation.items)
        assert said.count("•") == len(orientation.items)


def test_an_orientation_tells_the_findings_of_the_pages(
    town: Town, content: dict[str, Any], themes: dict[str, list[ItemBlock]]
) -> None:
    blocks = {block.item: block for found in themes.values() for block in found}
    table, *_rest = list_tables(find_chapter(content["chapters"], "Suites proposées"))
    for orientation, row in zip(town.orientations, table["rows"], strict=True):
        for item in orientation.items:
            cell = blocks[item].rows[0].cell
            assert cell.sentence in row[1] if cell.share is not None else blocks[item].label in row[1]
            if cell.share is not None:
                assert f"({cell.base} réponses.)" in row[1]


def test_what_an_orientation_may_not_show_is_not_told(sqlite_url: str) -> None:
    small = release(make_app(sqlite_url), 15)
    with small.app_context(), speak("fr"):
        found = write_content(small.extensions["town"], fetch(small))
    table, *_rest = list_tables(find_chapter(found["chapters"], "Suites proposées"))
    told = " ".join(row[1] for row in table["rows"])
    assert "masqué" in told
    assert not re.search(r"habitants sur 100|%", told)


def test_a_town_without_orientations_has_its_report(town: Town, published: Published) -> None:
    with speak("fr"):
        found = write_content(replace(town, orientations=()), published)
    chapter = find_chapter(found["chapters"], "Suites proposées")
    assert not [table for table in list_tables(chapter) if table["caption"] == "Orientations"]
    assert list_tables(chapter)


def test_the_report_gives_the_proposals_that_the_public_reads_and_no_other(
    town: Town, published: Published, opinions: list[Opinion]
) -> None:
    adopted = fetch_adopted()
    shown = {p.text for opinion in adopted for p in opinion.proposals}
    other = {p.text for opinion in opinions for p in opinion.proposals} - shown
    assert shown
    assert other, "the demonstration has an opinion that is hidden or withdrawn"
    text = re.sub(r"\s", "", words(write_report(town, published, "fr", adopted)))
    assert all(re.sub(r"\s", "", said) in text for said in shown)
    assert not [said for said in other if re.sub(r"\s", "", said) in text]
    answered = [p.answers[0] for opinion in adopted for p in opinion.proposals if p.answers]
    assert answered
    assert all(re.sub(r"\s", "", answer.plan) in text for answer in answered)


def test_every_question_of_both_waves_stands_in_the_table_of_correspondence(
    town: Town, content: dict[str, Any]
) -> None:
    assert town.first_wave is not None
    matches = match_items(town.first_wave.questionnaire, town.current_wave.questionnaire)
    [table] = list_tables(find_chapter(content["annexes"], "Les questions des deux enquêtes"))
    labels = {"identical": "Identique", "modified": "Modifiée", "new": "Nouvelle", "removed": "Supprimée"}
    assert [row[1] for row in table["rows"]] == [labels[match.kind] for match in matches]
    assert [("déduite" in row[2]) for row in table["rows"]] == [match.deduced for match in matches]


def test_a_town_without_an_earlier_wave_has_no_table_of_correspondence(
    town: Town, published: Published
) -> None:
    wave = town.current_wave
    assert wave.design is not None
    alone = replace(town, waves={wave.id: replace(wave, design=replace(wave.design, first_wave=None))})
    with speak("fr"):
        found = write_content(alone, published)
    assert "Les questions des deux enquêtes" not in [annex["title"] for annex in found["annexes"]]


@pytest.mark.parametrize(
    ("sampling", "target", "quotas", "said"),
    [
        ("quota", 80, 20, "Quotas par quartier et par âge, sans tirage au sort."),
        ("quota", 80, 0, "Nombre d’entretiens fixé par quartier, sans tirage au sort."),
        ("quota", 0, 20, "Quotas par âge, sans tirage au sort."),
        ("quota", 0, 0, "Personnes choisies pour ressembler au quartier, sans tirage au sort."),
        ("probability", 80, 20, "Personnes tirées au sort."),
    ],
)
def test_a_sheet_says_of_the_sampling_what_the_design_says(
    app: Flask, town: Town, published: Published, sampling: str, target: int, quotas: int, said: str
) -> None:
    quartier, other, *_rest = town.quartiers
    wave = town.current_wave
    assert wave.design is not None
    # The quotas of another quartier are none of this one.
    told = (Quota(other.id, "lt25", 5), Quota(quartier.id, "lt25", quotas))
    design = replace(wave.design, sampling=sampling, target={quartier.id: target}, quotas=told)
    changed = replace(town, waves=town.waves | {wave.id: replace(wave, design=design)})
    with speak("fr"):
        assert tell_sampling(design, quartier.id) == said
        foot = write_sheet(changed, published, quartier)["foot"][0]
    assert said in foot
    assert foot.count("quota") + foot.count("Quota") == said.count("Quota")


def test_the_papers_of_another_town_say_nothing_of_niort(sqlite_url: str) -> None:
    other = released(make_app(sqlite_url, surveys_dir=SECOND_TOWN, town="bourg-fictif"), 150)
    with other.app_context():
        town, published = other.extensions["town"], fetch(other)
        text = words(write_report(town, published, "fr", fetch_adopted()))
    assert town.name in text
    assert not re.search(r"contrat|Niort|Clou Bouchet", text)
    assert "À débattre" in text
