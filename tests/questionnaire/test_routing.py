"""The route, by the cases that the tablet's `route.js` runs too."""

import json
from pathlib import Path
from typing import Any

import pytest

from barometre.questionnaire.definition import (
    Condition,
    Item,
    Questionnaire,
    ResponseOption,
    ResponseScale,
    Section,
)
from barometre.questionnaire.routing import find_route
from tests.data import niort

CASES = json.loads((Path(__file__).parent / "routing_cases.json").read_text(encoding="utf-8"))
SCALE = ResponseScale("three", "nominal", tuple(ResponseOption(code, str(code)) for code in (1, 2, 3)))


def make_questionnaire(items: list[dict[str, Any]]) -> Questionnaire:
    """The smallest questionnaire that asks them."""
    section = Section(
        "only",
        "",
        tuple(
            Item(
                id=item["id"],
                type="closed",
                text="",
                scale=SCALE,
                since="2027",
                when=Condition(item["when"]["item"], frozenset(item["when"]["codes"]))
                if item["when"]
                else None,
            )
            for item in items
        ),
    )
    return Questionnaire("2027", (section,), {"three": SCALE}, {}, (), ())


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_the_route_follows_the_answers(case: dict[str, Any]) -> None:
    assert find_route(make_questionnaire(case["items"]), case["answers"]) == case["route"]


def test_whoever_is_met_at_the_door_is_not_asked_whether_they_live_there() -> None:
    asked = niort().current_wave.questionnaire
    assert "habite" not in find_route(asked, {"quartier": 1, "lieu": 1})
    assert "habite" in find_route(asked, {"quartier": 1, "lieu": 3})


def test_each_council_asks_its_own_quartiers() -> None:
    asked = niort().current_wave.questionnaire
    questions = {"conseil_cc1", "conseil_cc2"}
    assert questions & set(find_route(asked, {"quartier": 2})) == {"conseil_cc1"}
    assert questions & set(find_route(asked, {"quartier": 3})) == {"conseil_cc2"}
    assert not questions & set(find_route(asked, {}))
