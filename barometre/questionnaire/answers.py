"""The one judge of an answer, for the tablet, the paper form and the import alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from barometre.questionnaire.definition import (
    DONT_KNOW,
    NOT_APPLICABLE,
    NOT_ASKED,
    REFUSED,
    Questionnaire,
)
from barometre.questionnaire.dispositions import BY_SLUG, COUNTABLE
from barometre.questionnaire.routing import find_route, on_route

#: in `AnswerSheet.language_of`, an item that nobody answered
NO_LANGUAGE = 255
#: as many language tags of `LANGUAGE_LENGTH` as an interview's row has room for; later ones share a place
MAX_LANGUAGES = 4
LANGUAGE_LENGTH = 16


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer as it came in, not judged yet."""

    #: a code for a closed item
    code: int | None = None
    #: words for an open item
    text: str | None = None
    #: language the question was shown in
    language: str = ""

    @property
    def given(self) -> bool:
        """Whether anything was answered at all."""
        return bool(self.text) or self.code not in (None, NOT_ASKED)


@dataclass(frozen=True)
class AnswerProblem:
    """Why an answer cannot be taken, in terms a page or a file report can put into words."""

    #: item id, or "disposition", "quartier"…
    field: str
    #: "unknown_item", "unknown_code", "not_closed", "not_open", "too_long", "required",
    #: "unknown_disposition", "not_for_interview", "off_route", "not_eligible" or "too_few_key_items"
    reason: str
    #: what was given, shortened
    given: str = ""
    #: what would be taken, for the mend
    expected: str = ""


@dataclass(frozen=True)
class AnswerSheet:
    """A judged interview, ready to be stored."""

    #: one byte per closed item, in the order of the questionnaire version
    codes: bytes
    #: languages used, in order of appearance
    languages: tuple[str, ...]
    #: one byte per closed item: place in `languages`, `NO_LANGUAGE` when not answered
    language_of: bytes
    #: open answers: item → [language, words]
    texts: dict[str, list[str]]
    disposition: str
    #: whether the counts take it (settled by the key items when it is partial)
    counted: bool


def judge(
    questionnaire: Questionnaire, answers: Mapping[str, GivenAnswer], disposition: str
) -> AnswerSheet | list[AnswerProblem]:
    """Every problem of `answers` at once, or the sheet to store.

    A door where nobody was interviewed is a sheet too, never counted: it holds no more than the
    interviewer notes without asking.
    Items off the route take 99 whatever was given (a skipped answer stays in the envelope); items on the
    route without an answer take 0: "not asked". The first item of the weighting cell, the quartier, is the
    only answer that an interview which counts cannot do without.
    """
    problems: list[AnswerProblem] = []
    outcome = BY_SLUG.get(disposition)
    by_id = questionnaire.by_id
    interviewed = any(
        given.given and item in by_id and not by_id[item].recorded for item, given in answers.items()
    )
    if outcome is None or (interviewed and not outcome.ends_interview):
        reason = "not_for_interview" if outcome else "unknown_disposition"
        known = ", ".join(slug for slug, found in BY_SLUG.items() if found.ends_interview)
        problems.append(AnswerProblem("disposition", reason, disposition[:40], known))
    for name in answers:
        if name not in by_id:
            problems.append(AnswerProblem(name[:40], "unknown_item"))

    codes = bytearray(len(questionnaire.position))
    language_of = bytearray([NO_LANGUAGE]) * len(codes)
    languages: list[str] = []
    places: dict[str, int] = {}
    texts: dict[str, list[str]] = {}
    given_codes: dict[str, int] = {}
    reached: set[str] = set()
    place = -1
    for item in questionnaire.items:
        answer = answers.get(item.id)
        asked = on_route(item, given_codes, reached)
        if asked:
            reached.add(item.id)
        if item.scale is None:
            if answer is None or not asked:
                continue
            problem = _judge_words(item.id, answer, item.max_length)
            if problem:
                problems.append(problem)
            elif answer.text and answer.text.strip():
                texts[item.id] = [clean_language(answer.language), answer.text.strip()]
            continue
        place += 1
        if not asked:
            codes[place] = NOT_APPLICABLE
            continue
        if answer is None or (answer.code is None and answer.text is None):
            continue
        code = answer.code
        if code is None:
            problems.append(AnswerProblem(item.id, "not_open", (answer.text or "")[:40]))
            continue
        if code not in item.scale.codes and code not in (DONT_KNOW, REFUSED, NOT_ASKED):
            expected = ", ".join(str(option.code) for option in item.scale.options)
            problems.append(AnswerProblem(item.id, "unknown_code", str(code)[:40], f"{expected}, 97, 98"))
            continue
        codes[place] = code
        given_codes[item.id] = code
        if code != NOT_ASKED:
            if answer.language not in places:
                places[answer.language] = _place_language(languages, answer.language)
            language_of[place] = places[answer.language]

    quartier = questionnaire.cell[0]
    counted = False
    if disposition in COUNTABLE:
        scale = by_id[quartier].scale
        missing = scale is None or codes[questionnaire.position[quartier]] not in scale.codes
        if missing and not any(problem.field == quartier for problem in problems):
            problems.append(AnswerProblem(quartier, "required"))
        outside = [
            AnswerProblem(rule.item, "not_eligible", expected=rule.disposition)
            for rule in questionnaire.not_eligible
            if codes[questionnaire.position[rule.item]] in rule.codes
        ]
        problems += outside
        counted = counts_as_interview(questionnaire, bytes(codes))
        if disposition == "complete" and not counted and not outside:
            problems.append(
                AnswerProblem("disposition", "too_few_key_items", "complete", "partial, break_off")
            )
    if problems:
        return problems
    return AnswerSheet(bytes(codes), tuple(languages), bytes(language_of), texts, disposition, counted)


def find_off_route(questionnaire: Questionnaire, answers: Mapping[str, GivenAnswer]) -> list[AnswerProblem]:
    """Answers to items off the route: a tablet keeps them when a resident changes their mind; where
    somebody copies a finished interview they are a slip, in the answer or in what leads to it.
    """
    codes = {item: given.code for item, given in answers.items() if given.code is not None}
    route = set(find_route(questionnaire, codes))
    return [
        AnswerProblem(item, "off_route")
        for item, given in answers.items()
        if item in questionnaire.by_id
        and item not in route
        and (given.text or given.code not in (None, NOT_ASKED, NOT_APPLICABLE))
    ]


def counts_as_interview(questionnaire: Questionnaire, codes: bytes) -> bool:
    """Whether at least half of the key items on the route were answered ("don't know" is an answer)."""
    reached = [codes[questionnaire.position[item]] for item in questionnaire.key_items]
    asked = [code for code in reached if code != NOT_APPLICABLE]
    return 2 * sum(code != NOT_ASKED for code in asked) >= len(asked)


def clean_language(language: str) -> str:
    """A language tag as it is stored: letters, digits and hyphens, cut to its place."""
    return "".join(letter for letter in language if letter.isalnum() or letter in "-_")[:LANGUAGE_LENGTH]


def _place_language(languages: list[str], language: str) -> int:
    """Place of a language among those used so far, added when there is room."""
    tag = clean_language(language)
    if tag not in languages and len(languages) < MAX_LANGUAGES:
        languages.append(tag)
    return languages.index(tag) if tag in languages else MAX_LANGUAGES


def _judge_words(item: str, answer: GivenAnswer, max_length: int) -> AnswerProblem | None:
    if answer.text is None:
        # "Don't know" and "refused" may be tapped on an open question: they leave no words.
        silent = answer.code in (None, NOT_ASKED, DONT_KNOW, REFUSED)
        return None if silent else AnswerProblem(item, "not_closed", str(answer.code)[:40])
    if len(answer.text.strip()) > max_length:
        return AnswerProblem(item, "too_long", answer.text.strip()[:40], str(max_length))
    return None
