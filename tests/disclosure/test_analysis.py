"""An analyst tries all differences on every analysis, « Comparer » and « Échantillon », on live data."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flask import Flask

from barometre.estimates.counts import Counts
from tests.disclosure.analyst import Analyst
from tests.disclosure.population import KINDS, draw, settle, settle_demonstration, tally
from tests.disclosure.sizes import FULL, QUESTIONS, SEEDS
from tests.disclosure.staff import find_told_sizes, read_staff
from tests.support import sign_in

#: noted of everybody: its bases are the sizes of the groups
NOTED = "lieu"
#: populations with too few people in a quartier
MASKING = ("tiny quartier", "two tiny quartiers", "few people")


def attack(analyst: Analyst, counts: Counts) -> str:
    """Try everything on every question that was read; what was tried, in figures."""
    design = analyst.town.current_wave.design
    assert design
    if analyst.people:
        told = find_told_sizes(analyst.people, counts, analyst.cube, design.threshold_mask)
        assert not told, [(secret.name, sorted(secret.fitting)) for secret in told]
    random = np.random.default_rng(2027)
    tried = secrets = 0
    for item in analyst.questions:
        system, found, disclosed = analyst.attack(item, counts, random)
        assert not disclosed, [(secret.name, sorted(secret.fitting)) for secret in disclosed]
        tried, secrets = tried + system.solved, secrets + len(found)
    return f"{len(analyst.told)} crossings, {secrets} secrets, {tried} programs"


def test_nothing_follows_from_the_analyses_of_the_demonstration(app: Flask, record_property: Any) -> None:
    counts = settle_demonstration(app)
    analyst = read_staff(app, sign_in(app.test_client(), "analyst"))
    asked = app.extensions["town"].current_wave.questionnaire
    assert len(analyst.told) == (len(asked.closed_items) - len(asked.cell)) * len(asked.cell)
    if not FULL:
        # All of them are read; a sixth is worked out, another one at each breakdown.
        kept = set(analyst.questions[::6]) | {NOTED}
        told = {key: rows for key, rows in analyst.told.items() if key[0] in kept}
        analyst = replace(analyst, told=told)
    record_property("figures", attack(analyst, counts))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_follows_from_the_analyses(app: Flask, kind: str, seed: int) -> None:
    asked = app.extensions["town"].current_wave.questionnaire
    counts = tally(asked, draw(asked, KINDS[kind], seed))
    settle(app, counts)
    questions = [item.id for item in asked.closed_items if item.id not in asked.cell and item.id != NOTED]
    place = list(KINDS).index(kind)
    some = [questions[(7 * place + 11 * step) % len(questions)] for step in range(QUESTIONS)]
    client = sign_in(app.test_client(), "analyst")
    staff = read_staff(app, client, [NOTED, *some] if some else ())
    attack(staff, counts)
    if FULL or kind in MASKING:
        # « Échantillon » tells how many were interviewed in a quartier: the analysis alone keeps it.
        attack(replace(staff, more={}, people=()), counts)
