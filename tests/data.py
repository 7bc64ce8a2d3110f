"""Building blocks that need no application: towns, judged answers, counts made by hand."""

from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
from sqlalchemy.orm import Session

from barometre.estimates.counts import Counts
from barometre.questionnaire.answers import AnswerSheet, GivenAnswer, judge
from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.load import load_town
from barometre.questionnaire.town import Town
from barometre.results.publishing import publish_edition
from barometre.storage.arrivals import Arrival
from barometre.storage.models import Release
from barometre.storage.releases import make_release

ROOT = Path(__file__).resolve().parent.parent
NIORT = ROOT / "surveys" / "niort"
BOURG_FICTIF = ROOT / "tests" / "surveys" / "bourg-fictif"


@cache
def niort() -> Town:
    """The real town."""
    return load_town(NIORT)


@cache
def bourg_fictif() -> Town:
    """The invented one: two quartiers, two waves."""
    return load_town(BOURG_FICTIF)


def compare_nothing(_wave: str, _before: Counts, _now: Counts) -> bool:
    """For releases whose pages nobody compares."""
    return False


def given(answers: Mapping[str, int | str], language: str = "fr") -> dict[str, GivenAnswer]:
    """Answers as they come in: a code for a closed item, words for an open one."""
    return {
        item: GivenAnswer(code=value, language=language)
        if isinstance(value, int)
        else GivenAnswer(text=value, language=language)
        for item, value in answers.items()
    }


def judge_sheet(
    questionnaire: Questionnaire, answers: Mapping[str, int | str], disposition: str = "complete"
) -> AnswerSheet:
    """A sheet that the judge takes."""
    sheet = judge(questionnaire, given(answers), disposition)
    assert isinstance(sheet, AnswerSheet), sheet
    return sheet


def make_arrival(body: bytes, uuid: UUID | None = None) -> Arrival:
    """An envelope whose content does not matter to the test."""
    return Arrival(uuid or uuid4(), sha256(body).digest(), body, "file")


def make_counts(questionnaire: Questionnaire, groups: Iterable[tuple[int, Mapping[str, int]]]) -> Counts:
    """Counts of some interviews: how many, and their codes (an item left out was not asked)."""
    rows = []
    for number, codes in groups:
        row = np.zeros(len(questionnaire.position), dtype=np.uint8)
        for item, code in codes.items():
            row[questionnaire.position[item]] = code
        rows += [row] * number
    highest = max(code for item in questionnaire.closed_items if item.scale for code in item.scale.codes)
    codes_of_all = np.array(rows, dtype=np.uint8).reshape(-1, len(questionnaire.position))
    return Counts.tally(questionnaire.cell, list(questionnaire.position), highest, codes_of_all)


def publish_now(session: Session, town: Town, by: str = "test", smallest_change: int = 11) -> Release:
    """An edition of what is counted now, public at once; compared with no other."""
    made = make_release(session, town.current_wave.id, by, compare_nothing, smallest_change)
    return publish_edition(session, town, made.id, by)
