"""What residents mean to answer: drawn before an interview, compared with what the server holds after it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from barometre.questionnaire.definition import (
    DONT_KNOW,
    NOT_APPLICABLE,
    NOT_ASKED,
    REFUSED,
    Item,
    Questionnaire,
)
from barometre.questionnaire.routing import find_route, on_route

COMPLETE, BREAK_OFF, REFUSAL = "complete", "break_off", "refusal"
LANGUAGES = ("fr", "fr", "fr", "ar", "en")
#: words that a careless way from tablet to database would change
WORDS = (
    "un square, et « des bancs » à l’ombre",
    'le marché "du samedi" \\ les voisins',
    "الهدوء والجيران",
    "🌳🌳 des arbres — partout ! < & >",
    "première ligne\nseconde ligne",
    "plus de bus le soir ; moins de voitures " + "é" * 100,
    "0",
)


@dataclass(frozen=True)
class Meant:
    """The answers of one resident, in the order asked, and how the interview ends."""

    language: str
    disposition: str
    answers: dict[str, int | str]

    def write_codes(self, questionnaire: Questionnaire) -> dict[str, int]:
        """The code of every closed item as it must be stored."""
        given = {item: code for item, code in self.answers.items() if isinstance(code, int)}
        route = set(find_route(questionnaire, given))
        return {
            item.id: given.get(item.id, NOT_ASKED if item.id in route else NOT_APPLICABLE)
            for item in questionnaire.closed_items
        }

    def write_texts(self) -> dict[str, list[str]]:
        """The words of every open item as they must be stored."""
        return {
            item: [self.language, words] for item, words in self.answers.items() if isinstance(words, str)
        }


def draw_meant(questionnaire: Questionnaire, chance: random.Random, disposition: str | None = None) -> Meant:
    """An interview: most are complete, some broken off after any number of answers, some refused."""
    disposition = disposition or chance.choices((COMPLETE, BREAK_OFF, REFUSAL), weights=(50, 30, 20))[0]
    language = chance.choice(LANGUAGES)
    if disposition == REFUSAL:
        return Meant(language, disposition, {})
    answers: dict[str, int | str] = {}
    codes: dict[str, int] = {}
    reached: set[str] = set()
    # Rather early than late, but the quartier is always noted: without it there is nothing to break off.
    early = 1 + int(chance.random() ** 2 * (len(questionnaire.items) - 1))
    last = early if disposition == BREAK_OFF else None
    for item in questionnaire.items[:last]:
        if not on_route(item, codes, reached):
            continue
        reached.add(item.id)
        answer = _draw_answer(questionnaire, item, chance)
        if answer is not None:
            answers[item.id] = answer
        if isinstance(answer, int):
            codes[item.id] = answer
    return Meant(language, disposition, answers)


def _draw_answer(questionnaire: Questionnaire, item: Item, chance: random.Random) -> int | str | None:
    if item.scale is None:
        return chance.choice((*WORDS, *WORDS, DONT_KNOW, None))
    if not item.recorded and chance.random() < 0.06:
        return chance.choice((DONT_KNOW, REFUSED))
    excluded = {code for rule in questionnaire.not_eligible if rule.item == item.id for code in rule.codes}
    return chance.choice([option.code for option in item.scale.options if option.code not in excluded])
