"""The pictures: what is drawn, what is left blank, which way they read, and what they say without eyes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask

from barometre import i18n
from barometre.results.sheet import TONES
from barometre.results.svg import draw_row, draw_swatch
from barometre.results.tables import Cell, DomainRow, Segment
from barometre.results.verdicts import PastFigure

TRANSLATIONS = Path(__file__).resolve().parents[2] / "translations"

SEGMENTS = (
    Segment((4,), "Très satisfait", 0.33, "very_favourable"),
    Segment((3,), "Plutôt satisfait", 0.46, "favourable"),
    Segment((2,), "Plutôt pas satisfait", 0.17, "unfavourable"),
    Segment((1,), "Pas du tout satisfait", 0.04, "very_unfavourable"),
)
CELL = Cell(
    domain="CB",
    domain_label="Clou Bouchet",
    wave="2027",
    state="plain",
    share=0.79,
    low=0.70,
    high=0.86,
    band="",
    base=84,
    silent="",
    segments=SEGMENTS,
    sentence="79 habitants sur 100 sont satisfaits.",
)
PAST = PastFigure("SATISF-CB", "71%", 0.71, 285, "Très satisfait ou plutôt satisfait", (), True)
ROW = DomainRow(CELL, (PAST,), None)


@pytest.fixture(scope="module")
def app() -> Flask:
    """Only the languages: a picture needs nothing else."""
    app = Flask("pictures")
    i18n.install(app, TRANSLATIONS)
    return app


@pytest.fixture
def french(app: Flask) -> Iterator[None]:
    """A request in French."""
    with app.test_request_context("/"):
        yield


@pytest.fixture
def arabic(app: Flask) -> Iterator[None]:
    """A request in Arabic, read from the right."""
    with app.test_request_context("/", environ_overrides={i18n.LANGUAGE_KEY: "ar"}):
        yield


def hidden(state: str, **changes: object) -> DomainRow:
    """The row as it is when its distribution may not be shown."""
    cell = replace(CELL, state=state, share=None, low=None, high=None, segments=(), **changes)  # type: ignore[arg-type]
    return DomainRow(cell, (PAST,), None)


def rectangles(picture: str, fill: str) -> list[tuple[float, float]]:
    """Start and length, in per cent, of the rectangles of one colour."""
    found = ElementTree.fromstring(picture).iter("rect")
    return [
        (float(r.attrib["x"].rstrip("%")), float(r.attrib["width"].rstrip("%")))
        for r in found
        if r.attrib["fill"] == fill
    ]


def words(picture: str) -> list[str]:
    """Every line of words that is drawn."""
    return ["".join(text.itertext()) for text in ElementTree.fromstring(picture).iter("text")]


@pytest.mark.usefixtures("french")
def test_the_segments_stand_side_by_side_in_their_order() -> None:
    picture = draw_row(ROW, "2027", "2023")
    starts = [rectangles(picture, TONES[segment.tone].fill)[0] for segment in SEGMENTS]
    assert starts == [(0, 33), (33, 46), (79, 17), (96, 4)]


@pytest.mark.usefixtures("arabic")
def test_in_arabic_the_first_segment_is_on_the_right() -> None:
    picture = draw_row(ROW, "2027", "2023")
    starts = [rectangles(picture, TONES[segment.tone].fill)[0] for segment in SEGMENTS]
    assert starts == [(67, 33), (21, 46), (4, 17), (0, 4)]
    assert {text.get("direction", "rtl") for text in ElementTree.fromstring(picture).iter("text")} == {"rtl"}


@pytest.mark.usefixtures("french")
def test_only_the_printed_share_of_the_past_is_drawn_and_the_rest_is_said_to_be_unpublished() -> None:
    picture = draw_row(ROW, "2027", "2023")
    assert rectangles(picture, TONES["past"].fill) == [(0, 71)]
    assert rectangles(picture, "#ffffff") == [(71, 29)]
    assert "71%" in words(picture)
    assert "non publié" in words(picture)


@pytest.mark.usefixtures("french")
def test_a_wave_that_published_nothing_is_a_blank_that_says_so() -> None:
    picture = draw_row(replace(ROW, past=()), "2027", "2023")
    assert rectangles(picture, "#ffffff") == [(0, 100)]
    assert words(picture)[:2] == ["2023", "non publié"]


@pytest.mark.usefixtures("french")
def test_a_figure_printed_as_words_is_written_and_not_drawn() -> None:
    told = replace(PAST, printed="la moitié", value=None)
    picture = draw_row(replace(ROW, past=(told,)), "2027", "2023")
    assert rectangles(picture, TONES["past"].fill) == []
    assert "la moitié" in words(picture)


@pytest.mark.usefixtures("french")
def test_a_past_share_of_the_last_answers_is_drawn_from_the_end() -> None:
    picture = draw_row(ROW, "2027", "2023", from_end=True)
    assert rectangles(picture, TONES["past_unfavourable"].fill) == [(29, 71)]


@pytest.mark.usefixtures("french")
def test_other_answers_of_the_past_do_not_take_the_colour_of_these() -> None:
    other = replace(PAST, same_codes=False)
    picture = draw_row(replace(ROW, past=(other,)), "2027", "2023")
    assert rectangles(picture, TONES["past"].fill) == []
    assert rectangles(picture, TONES["past_other"].fill) == [(0, 71)]


@pytest.mark.usefixtures("french")
def test_a_new_question_has_no_bar_for_the_past() -> None:
    picture = draw_row(replace(ROW, past=()), "2027")
    assert "non publié" not in words(picture)
    assert "2023" not in picture


@pytest.mark.usefixtures("french")
@pytest.mark.parametrize(
    ("row", "said"),
    [
        (hidden("masked", base=None), "Masqué : trop peu de réponses"),
        (hidden("no_percentage", base=22), "Trop peu de réponses pour un pourcentage"),
        (hidden("band", band="moins de 9 %"), "moins de 9 %"),
        (hidden("not_asked", base=0), "Pas de réponse"),
    ],
    ids=["masked", "no_percentage", "band", "not_asked"],
)
def test_a_cell_that_may_not_be_shown_is_an_outline_with_its_reason(row: DomainRow, said: str) -> None:
    picture = draw_row(row, "2027", "2023")
    spaced = [text.replace("\u00a0", " ").replace("\u202f", " ") for text in words(picture)]
    assert said in spaced
    assert (0, 100) in rectangles(picture, "#ffffff")
    assert not any(rectangles(picture, TONES[segment.tone].fill) for segment in SEGMENTS)


@pytest.mark.usefixtures("french")
def test_a_masked_cell_gives_away_no_number_of_answers() -> None:
    row = DomainRow(hidden("masked", base=None).cell, (), None)
    drawn = " ".join(words(draw_row(row, "2027", compact=True)))
    assert not re.search(r"\d", drawn.replace("2027", ""))


@pytest.mark.usefixtures("french")
def test_a_small_segment_has_no_label_and_keeps_its_place() -> None:
    picture = draw_row(ROW, "2027", "2023")
    assert "4\u202f%" not in words(picture)
    assert "17\u202f%" in words(picture)


@pytest.mark.usefixtures("french")
def test_people_without_opinion_stand_apart_in_grey() -> None:
    silent = Segment((97,), "Sans avis", 0.12, "dont_know")
    picture = draw_row(replace(ROW, cell=replace(CELL, segments=(*SEGMENTS, silent))), "2027")
    assert rectangles(picture, TONES["dont_know"].fill) == [(0, 12)]
    assert "Sans avis 12\u202f%" in words(picture)


@pytest.mark.usefixtures("french")
def test_the_picture_has_a_name_and_says_everything_in_words() -> None:
    root = ElementTree.fromstring(draw_row(ROW, "2027", "2023", "satisfaction-cb"))
    assert root.get("role") == "img"
    named = {element.get("id"): element.text for element in root if element.tag in ("title", "desc")}
    assert set((root.get("aria-labelledby") or "").split()) == set(named)
    said = " ".join(text or "" for text in named.values())
    for expected in ("Clou Bouchet", "71%", "Pas du tout satisfait 4"):
        assert expected in said


@pytest.mark.usefixtures("french")
def test_two_pictures_on_a_page_share_no_id() -> None:
    both = (
        draw_row(ROW, "2027", "2023", "a")
        + draw_row(ROW, "2027", "2023", "b")
        + draw_swatch("unfavourable", "a")
    )
    ids = re.findall(r' id="([^"]+)"', both)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", both)) <= set(ids)


@pytest.mark.usefixtures("french")
def test_nothing_is_styled_in_the_document() -> None:
    assert not re.search(
        r"\bstyle=|<style|\son[a-z]+=", draw_row(ROW, "2027", "2023") + draw_swatch("favourable", "x")
    )


@pytest.mark.usefixtures("french")
def test_words_from_outside_are_escaped() -> None:
    sly = replace(CELL, domain_label='<script>"&', segments=(replace(SEGMENTS[0], label="<b>"),))
    picture = draw_row(replace(ROW, cell=sly), "2027", "2023")
    assert "<script>" not in picture
    ElementTree.fromstring(picture)


def contrast(first: str, second: str) -> float:
    """Contrast ratio of WCAG between two colours."""

    def light(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(first), light(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tone", TONES)
def test_words_on_a_segment_can_be_read(tone: str) -> None:
    assert contrast(TONES[tone].fill, TONES[tone].text) >= 4.5


def test_the_two_negative_answers_are_hatched_for_paper_without_colour() -> None:
    assert {tone for tone in TONES if TONES[tone].texture == "lines"} >= {"unfavourable", "very_unfavourable"}
