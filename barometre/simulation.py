"""Invented interviews for the demonstration: exact numbers of each answer, dealt out from a fixed seed.

The numbers stand in `surveys/<town>/<wave>/simulation.toml`. They are met exactly, not on average, so that
the verdicts and the guards that a demonstration must show are certain.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from barometre.intake.envelope import write_envelope
from barometre.questionnaire.definition import DONT_KNOW, REFUSED, Item, Questionnaire
from barometre.questionnaire.routing import on_route
from barometre.questionnaire.town import Town

PLAN = "simulation.toml"


class SimulationError(Exception):
    """The plan cannot be carried out; says where in `simulation.toml`."""


@dataclass
class Encounter:
    """Somebody who is met, and what comes of it."""

    quartier: str
    disposition: str
    #: place, in the order asked, of the last question answered
    last: int
    #: whether it will be counted; those that are not get their answers apart, and move no number
    counted: bool
    #: language from each place on: ((0, "ar"), (11, "fr"))
    languages: tuple[tuple[int, str], ...] = ((0, "fr"),)
    codes: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    #: items on the route so far
    reached: set[str] = field(default_factory=set)

    def language_at(self, place: int) -> str:
        """The language spoken when the question at `place` is asked."""
        return [language for start, language in self.languages if start <= place][-1]


def read_plan(town: Town, surveys_dir: Path) -> dict[str, Any]:
    """The plan of the town's current wave."""
    path = surveys_dir / town.slug / town.current_wave.id / PLAN
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SimulationError(f"{PLAN}: {error}") from error


def simulate(town: Town, plan: Mapping[str, Any]) -> list[tuple[UUID, bytes]]:
    """Every envelope of the plan, in the order of the fieldwork; the same plan gives the same bytes."""
    questionnaire = town.current_wave.questionnaire
    _check(town, questionnaire, plan)
    encounters = _meet(questionnaire, plan)
    _speak(questionnaire, plan, encounters)
    for place, item in enumerate(questionnaire.items):
        asked = []
        for encounter in encounters:
            if place <= encounter.last and on_route(item, encounter.codes, encounter.reached):
                encounter.reached.add(item.id)
                asked.append(encounter)
        if item.id == questionnaire.cell[0]:
            for encounter in asked:
                encounter.codes[item.id] = town.quartier_by_id[encounter.quartier].code
        elif item.closed:
            _deal_codes(item, plan, asked)
    _deal_words(questionnaire, plan, encounters)
    return _seal(questionnaire, plan, encounters)


def split_exactly(number: int, shares: Sequence[float]) -> list[int]:
    """Whole numbers that add up to `number`, closest to the shares (largest remainder)."""
    total = sum(shares)
    exact = [number * share / total for share in shares]
    parts = [int(value) for value in exact]
    # Rounded, so that two equal remainders stay equal whatever the last bit; ties go to the first.
    order = sorted(range(len(shares)), key=lambda place: (-round(exact[place] - parts[place], 9), place))
    for place in order[: number - sum(parts)]:
        parts[place] += 1
    return parts


def _check(town: Town, questionnaire: Questionnaire, plan: Mapping[str, Any]) -> None:
    """Name what the plan lacks or has too much of."""
    quartiers = set(town.quartier_by_id)
    closed = {item.id: item for item in questionnaire.closed_items if item.id != questionnaire.cell[0]}
    for name in sorted(plan["answers"].keys() ^ closed.keys()):
        raise SimulationError(f"{PLAN}: [answers.{name}] is missing, or no closed item is called so")
    for item, table in plan["answers"].items():
        expected = len(_codes(closed[item]))
        rows = [(key, shares) for key, shares in table.items() if key != "group"]
        rows += [(group["quartier"], group["shares"]) for group in table.get("group", ())]
        for quartier, shares in rows:
            if quartier not in quartiers or len(shares) > expected or sum(shares) <= 0:
                raise SimulationError(
                    f"{PLAN}: [answers.{item}] {quartier}: expected a quartier and at most {expected} shares"
                )


def _meet(questionnaire: Questionnaire, plan: Mapping[str, Any]) -> list[Encounter]:
    """Who is met: complete interviews, break-offs, and encounters that end before the first question."""
    places = {item.id: place for place, item in enumerate(questionnaire.items)}
    found = [
        Encounter(quartier, "complete", len(places) - 1, True)
        for quartier, people in plan["complete"].items()
        for _number in range(people)
    ]
    for broken in plan["break_off"]:
        last = places[broken["last"]]
        answered = sum(places[item] <= last for item in questionnaire.key_items)
        counted = 2 * answered >= len(questionnaire.key_items)
        disposition = "partial" if counted else "break_off"
        found += [
            Encounter(broken["quartier"], disposition, last, counted) for _number in range(broken["people"])
        ]
    quartier_alone = places[questionnaire.cell[0]]
    for disposition, by_quartier in plan["ended"].items():
        for quartier, people in by_quartier.items():
            found += [Encounter(quartier, disposition, quartier_alone, False) for _number in range(people)]
    Random(f"{plan['seed']}/order").shuffle(found)
    return found


def _speak(questionnaire: Questionnaire, plan: Mapping[str, Any], encounters: list[Encounter]) -> None:
    """Languages other than the first one, and changes of language on the way."""
    places = {item.id: place for place, item in enumerate(questionnaire.items)}
    for quartier, numbers in plan["languages"].items():
        languages = (language for language, people in numbers.items() for _number in range(people))
        ours = [
            found for found in encounters if found.quartier == quartier and found.disposition == "complete"
        ]
        for encounter, language in zip(ours, languages, strict=False):
            encounter.languages = ((0, language),)
    for change in plan["language_change"]:
        start = (0, change["from"])
        able = [found for found in encounters if found.languages == (start,) and found.counted]
        for encounter in able[: change["people"]]:
            encounter.languages = (start, (places[change["at"]], change["to"]))


def _deal_codes(item: Item, plan: Mapping[str, Any], asked: Iterable[Encounter]) -> None:
    """Give every encounter its code: exact numbers by quartier, or by group where the plan has one."""
    table = plan["answers"][item.id]
    groups = table.get("group", ())
    piles: dict[tuple[str, int, bool], list[Encounter]] = {}
    for encounter in asked:
        place = next((n for n, group in enumerate(groups) if _belongs(encounter, group)), -1)
        piles.setdefault((encounter.quartier, place, encounter.counted), []).append(encounter)
    for (quartier, place, counted), people in piles.items():
        shares = table[quartier] if place < 0 else groups[place]["shares"]
        numbers = split_exactly(len(people), shares)
        codes = [code for code, number in zip(_codes(item), numbers, strict=False) for _n in range(number)]
        Random(f"{plan['seed']}/{item.id}/{quartier}/{place}/{counted}").shuffle(codes)
        for encounter, code in zip(people, codes, strict=True):
            encounter.codes[item.id] = code


def _belongs(encounter: Encounter, group: Mapping[str, Any]) -> bool:
    return encounter.quartier == group["quartier"] and encounter.codes.get(group["item"]) in group["codes"]


def _codes(item: Item) -> list[int]:
    """The codes that a row of shares stands for."""
    assert item.scale is not None
    return [*(option.code for option in item.scale.options), DONT_KNOW, REFUSED]


def _deal_words(questionnaire: Questionnaire, plan: Mapping[str, Any], encounters: list[Encounter]) -> None:
    """Open answers: whoever gives a second one has given a first, and nobody says the same thing twice."""
    places = {item.id: place for place, item in enumerate(questionnaire.items)}
    for name, table in plan["words"].items():
        people = [found for found in encounters if places[table["items"][0]] <= found.last]
        Random(f"{plan['seed']}/{name}").shuffle(people)
        for rank, (item, per_cent) in enumerate(zip(table["items"], table["per_cent"], strict=True)):
            talkers = people[: split_exactly(len(people), [per_cent, 100 - per_cent])[0]]
            for turn, encounter in enumerate(talkers):
                if places[item] <= encounter.last:
                    words = table[encounter.language_at(places[item])]
                    # A third of the list further for each further thing: never the same one.
                    start = rank * len(words) // len(table["items"])
                    encounter.texts[item] = words[(turn + start) % len(words)]


def _seal(
    questionnaire: Questionnaire, plan: Mapping[str, Any], encounters: list[Encounter]
) -> list[tuple[UUID, bytes]]:
    """Envelopes as a tablet would have made them, spread over the working days of the fieldwork."""
    places = {item.id: place for place, item in enumerate(questionnaire.items)}
    first: datetime = plan["first_day"]
    days = [day for day in range(2 * plan["days"]) if (first + timedelta(days=day)).weekday() < 5]
    days = days[: plan["days"]]
    clock = Random(f"{plan['seed']}/clock")
    sealed = []
    for number, encounter in enumerate(encounters):
        uuid = uuid5(NAMESPACE_URL, f"{plan['seed']}/{number}")
        day, turn = divmod(number * len(days), len(encounters))
        minutes = 8 * 60 * turn // len(encounters) + clock.randrange(10)
        started = first + timedelta(days=days[day], minutes=minutes)
        given = [*encounter.codes.items(), *encounter.texts.items()]
        answers = {
            item: {
                "code" if isinstance(value, int) else "text": value,
                "language": encounter.language_at(places[item]),
            }
            for item, value in given
        }
        body = write_envelope(
            uuid,
            wave=questionnaire.wave,
            version=questionnaire.version,
            interviewer=clock.choice(plan["interviewers"]),
            disposition=encounter.disposition,
            started_at=started.isoformat(),
            answers=answers,
        )
        sealed.append((uuid, body))
    return sealed
