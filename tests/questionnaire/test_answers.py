"""The one judge of an answer."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from barometre.questionnaire.answers import (
    LANGUAGE_LENGTH,
    MAX_LANGUAGES,
    NO_LANGUAGE,
    AnswerProblem,
    AnswerSheet,
    GivenAnswer,
    judge,
)
from barometre.questionnaire.definition import DONT_KNOW, NOT_APPLICABLE, NOT_ASKED, REFUSED, NotEligible
from barometre.questionnaire.dispositions import DISPOSITIONS, Disposition
from tests.data import bourg_fictif, given, judge_sheet, niort

#: plaisir, trajets_bus are key items; `partir` is asked after plaisir = 1; `idee` is open, 80 characters
ASKED = bourg_fictif().current_wave.questionnaire
COMPLETE = {"quartier": 1, "age": 2, "plaisir": 3, "trajets_bus": 4, "trajets_velo": 1}


def code_of(sheet: AnswerSheet, item: str) -> int:
    """The stored code of an item."""
    return sheet.codes[ASKED.position[item]]


def find_problems(
    answers: Mapping[str, int | str | GivenAnswer], disposition: str = "complete"
) -> set[tuple[str, str]]:
    """Fields and reasons the judge objects to."""
    as_given = {
        item: value if isinstance(value, GivenAnswer) else given({item: value})[item]
        for item, value in answers.items()
    }
    found = judge(ASKED, as_given, disposition)
    assert isinstance(found, list)
    return {(problem.field, problem.reason) for problem in found}


def test_a_complete_interview_is_one_byte_per_closed_item() -> None:
    sheet = judge_sheet(ASKED, COMPLETE)
    assert sheet.codes == bytes([1, 2, 3, 4, 1, NOT_APPLICABLE])
    assert sheet.counted


def test_every_problem_is_told_at_once() -> None:
    answers = {"quartier": 9, "plaisir": 4, "trajets_bus": "bien", "idee": "x" * 81, "humeur": 1}
    assert find_problems(answers, "vanished") == {
        ("disposition", "unknown_disposition"),
        ("quartier", "unknown_code"),
        ("plaisir", "unknown_code"),
        ("trajets_bus", "not_open"),
        ("idee", "too_long"),
        ("humeur", "unknown_item"),
    }


def test_a_problem_says_what_would_be_taken() -> None:
    found = judge(ASKED, given(COMPLETE | {"plaisir": 4}), "complete")
    assert found == [AnswerProblem("plaisir", "unknown_code", "4", "3, 2, 1, 97, 98")]


@pytest.mark.parametrize("outcome", DISPOSITIONS, ids=lambda outcome: outcome.slug)
def test_only_some_outcomes_end_an_interview(outcome: Disposition) -> None:
    found = judge(ASKED, given(COMPLETE), outcome.slug)
    problems = [problem.reason for problem in found] if isinstance(found, list) else []
    assert problems == ([] if outcome.ends_interview else ["not_for_interview"])


DOORS = [outcome.slug for outcome in DISPOSITIONS if not outcome.ends_interview]


@pytest.mark.parametrize("disposition", DOORS)
def test_a_door_without_interview_is_taken_with_what_the_interviewer_notes(disposition: str) -> None:
    for answers in ({}, {"quartier": 1}, {"quartier": 1, "plaisir": NOT_ASKED}):
        sheet = judge_sheet(ASKED, answers, disposition)
        assert not sheet.counted
        assert sheet.disposition == disposition
    for answered in ({"plaisir": 3}, {"plaisir": DONT_KNOW}, {"idee": "un jardin"}):
        assert find_problems({"quartier": 1, **answered}, disposition) == {
            ("disposition", "not_for_interview")
        }
    assert find_problems({"quartier": 9}, disposition) == {("quartier", "unknown_code")}


def test_an_item_off_the_route_is_not_applicable_whatever_was_given() -> None:
    assert code_of(judge_sheet(ASKED, COMPLETE | {"partir": 1}), "partir") == NOT_APPLICABLE
    assert code_of(judge_sheet(ASKED, COMPLETE | {"plaisir": 1, "partir": 1}), "partir") == 1


def test_an_item_on_the_route_without_answer_is_not_asked() -> None:
    assert code_of(judge_sheet(ASKED, COMPLETE | {"plaisir": 1}), "partir") == NOT_ASKED


def test_the_missing_codes_are_never_merged() -> None:
    sheet = judge_sheet(ASKED, COMPLETE | {"age": DONT_KNOW, "trajets_bus": REFUSED})
    codes = {code_of(sheet, item) for item in ("age", "trajets_bus", "partir")}
    assert codes == {DONT_KNOW, REFUSED, NOT_APPLICABLE}


def test_nobody_can_answer_that_a_question_does_not_concern_them() -> None:
    assert find_problems(COMPLETE | {"plaisir": NOT_APPLICABLE}) == {("plaisir", "unknown_code")}


def test_the_language_of_each_answer_is_kept() -> None:
    answers = given(COMPLETE) | {
        "trajets_bus": GivenAnswer(code=1, language="ar"),
        "idee": GivenAnswer(text="حديقة", language="ar"),
    }
    sheet = judge(ASKED, answers, "complete")
    assert isinstance(sheet, AnswerSheet)
    assert sheet.languages == ("fr", "ar")
    assert sheet.language_of == bytes([0, 0, 0, 1, 0, NO_LANGUAGE])
    assert sheet.texts == {"idee": ["ar", "حديقة"]}


def test_languages_fit_their_row_whatever_a_tablet_sends() -> None:
    asked = niort().current_wave.questionnaire
    items = [item.id for item in asked.closed_items if item.when is None]
    answers = {
        item: GivenAnswer(code=1, language=f"a strange\0 and \ud800 long language {place}")
        for place, item in enumerate(items)
    }
    answers["age"] = GivenAnswer(code=2, language="x-klingon-long-tag-1")
    answers["sexe"] = GivenAnswer(code=2, language="x-klingon-long-tag-1")
    sheet = judge(asked, answers, "complete")
    assert isinstance(sheet, AnswerSheet)
    assert len(sheet.languages) <= MAX_LANGUAGES
    assert len(set(sheet.languages)) == len(sheet.languages)
    assert all(
        len(tag) <= LANGUAGE_LENGTH and tag.encode().replace(b"-", b"").isalnum() for tag in sheet.languages
    )


def test_the_language_of_words_is_stored_as_clean_as_that_of_a_code() -> None:
    language = "a strange\0 and \ud800 long language " * 40
    answers = given(COMPLETE) | {"idee": GivenAnswer(text="un banc", language=language)}
    sheet = judge(ASKED, answers, "complete")
    assert isinstance(sheet, AnswerSheet)
    assert sheet.texts == {"idee": ["astrangeandlongl", "un banc"]}


def test_later_languages_share_a_place() -> None:
    answers = {
        item: GivenAnswer(code=code, language=language)
        for (item, code), language in zip(COMPLETE.items(), ("fr", "en", "ar", "tr", "so"), strict=True)
    }
    sheet = judge(ASKED, answers, "complete")
    assert isinstance(sheet, AnswerSheet)
    assert sheet.languages == ("fr", "en", "ar", "tr")
    assert list(sheet.language_of) == [0, 1, 2, 3, MAX_LANGUAGES, NO_LANGUAGE]


def test_words_are_for_open_items_and_codes_for_closed_ones() -> None:
    assert find_problems(COMPLETE | {"idee": 3}) == {("idee", "not_closed")}
    assert judge_sheet(ASKED, COMPLETE | {"idee": "  un banc  "}).texts == {"idee": ["fr", "un banc"]}
    assert judge_sheet(ASKED, COMPLETE | {"idee": "   "}).texts == {}


def test_silence_on_an_open_item_leaves_no_words() -> None:
    assert judge_sheet(ASKED, COMPLETE | {"idee": DONT_KNOW}).texts == {}


def test_an_open_answer_is_as_long_as_the_item_allows() -> None:
    assert judge_sheet(ASKED, COMPLETE | {"idee": "x" * 80}).texts["idee"] == ["fr", "x" * 80]


def test_an_interview_that_counts_cannot_do_without_its_quartier() -> None:
    without = {item: code for item, code in COMPLETE.items() if item != "quartier"}
    assert find_problems(without) == {("quartier", "required")}
    assert find_problems(without | {"quartier": DONT_KNOW}, "partial") == {("quartier", "required")}
    assert not judge_sheet(ASKED, {}, "refusal").counted


def test_a_partial_interview_counts_with_half_of_the_key_items() -> None:
    half = {"quartier": 1, "plaisir": 2}
    assert judge_sheet(ASKED, half, "partial").counted
    assert judge_sheet(ASKED, half, "break_off").counted
    assert not judge_sheet(ASKED, {"quartier": 1, "age": 1}, "partial").counted


def test_not_knowing_is_an_answer_to_a_key_item() -> None:
    assert judge_sheet(ASKED, {"quartier": 1, "plaisir": DONT_KNOW}, "partial").counted


def test_a_complete_interview_without_key_items_is_refused() -> None:
    assert find_problems({"quartier": 1, "age": 1}) == {("disposition", "too_few_key_items")}


def test_half_of_nine_key_items_is_five() -> None:
    asked = niort().current_wave.questionnaire
    answers = {"quartier": 1} | dict.fromkeys(asked.key_items[:4], 1)
    assert not judge_sheet(asked, answers, "partial").counted
    assert judge_sheet(asked, answers | {asked.key_items[4]: 1}, "partial").counted


def test_a_refusal_is_kept_and_never_counted() -> None:
    sheet = judge_sheet(ASKED, COMPLETE, "refusal")
    assert sheet.disposition == "refusal"
    assert not sheet.counted


def test_somebody_the_survey_is_not_for_is_no_interview_and_may_be_noted() -> None:
    # Decision of a wave: nobody of the youngest class is interviewed.
    asked = replace(ASKED, not_eligible=(NotEligible("age", frozenset({1}), "minor_alone"),))
    young = given(COMPLETE | {"age": 1})
    for disposition in ("complete", "partial", "break_off"):
        assert judge(asked, young, disposition) == [
            AnswerProblem("age", "not_eligible", expected="minor_alone")
        ]
    # What they did not answer does not matter any more.
    assert judge(asked, given({"quartier": 1, "age": 1}), "complete") == [
        AnswerProblem("age", "not_eligible", expected="minor_alone")
    ]
    sheet = judge(asked, young, "minor_alone")
    assert isinstance(sheet, AnswerSheet)
    assert not sheet.counted
    assert isinstance(judge(asked, given(COMPLETE | {"age": 2}), "complete"), AnswerSheet)
