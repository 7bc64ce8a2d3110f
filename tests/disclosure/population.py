"""Invented populations that are hard to protect, and how they come into the database of an application."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from barometre.demonstration import store_simulation
from barometre.estimates.counts import Counts
from barometre.questionnaire.definition import DONT_KNOW, NOT_APPLICABLE, Questionnaire
from barometre.questionnaire.routing import on_route
from barometre.storage.counts import fetch_counts
from barometre.storage.models import BaselineDecision, CellCount, Envelope, Interview, Release
from barometre.storage.versions import register_version
from tests.data import publish_now

Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Kind:
    """How the people of a population are spread."""

    interviews: int
    #: people of each quartier, out of 100
    quartiers: tuple[float, ...]
    #: of each option of the age question, then unknown
    ages: tuple[float, ...]
    #: of each option of the sex question, then unknown
    sexes: tuple[float, ...]
    #: how many do not know, out of 1
    silent: float = 0.03
    #: below 1, nearly everybody gives the same answer; above, each answer is as frequent
    evenness: float = 0.8
    #: how many stop before the end, out of 1
    stop: float = 0.03


KINDS = {
    "tiny quartier": Kind(130, (62, 6, 32), (1, 12, 30, 30, 18, 7, 2), (54, 42, 2, 2)),
    "two tiny quartiers": Kind(110, (84, 8, 8), (1, 12, 30, 30, 18, 7, 2), (54, 42, 2, 2)),
    "tiny ages": Kind(160, (40, 30, 30), (1, 3, 40, 40, 4, 2, 10), (54, 42, 2, 2)),
    "unknown ages": Kind(150, (40, 30, 30), (1, 10, 15, 15, 10, 6, 43), (50, 30, 4, 16)),
    "one man": Kind(140, (40, 30, 30), (1, 12, 30, 30, 18, 7, 2), (99, 1, 0, 0)),
    "nobody silent": Kind(140, (40, 30, 30), (1, 12, 30, 30, 18, 9, 0), (55, 45, 0, 0), silent=0, stop=0),
    "of one mind": Kind(200, (40, 30, 30), (1, 12, 30, 30, 18, 7, 2), (54, 42, 2, 2), evenness=0.15),
    "few people": Kind(45, (50, 25, 25), (1, 12, 30, 30, 18, 7, 2), (54, 42, 2, 2)),
}


def draw(asked: Questionnaire, kind: Kind, seed: int) -> Codes:
    """The answers of a population, (interviews, closed items), as an interview row keeps them."""
    random = np.random.default_rng(seed)
    spread = {asked.cell[0]: kind.quartiers, "age": kind.ages, "sexe": kind.sexes}
    codes = np.zeros((kind.interviews, len(asked.position)), dtype=np.uint8)
    for item in asked.closed_items:
        assert item.scale is not None
        options = [option.code for option in item.scale.options]
        shares = np.array(spread.get(item.id) or random.dirichlet(np.full(len(options), kind.evenness)))
        if item.id not in spread and not item.recorded:
            shares = np.append(shares * (1 - kind.silent), kind.silent)
        choices = [*options, DONT_KNOW][: len(shares)]
        drawn = random.choice(choices, size=kind.interviews, p=shares / shares.sum())
        codes[:, asked.position[item.id]] = drawn
    for person in codes:
        end = random.integers(20, len(person)) if random.random() < kind.stop else len(person)
        _keep_to_the_route(asked, person, int(end))
    return codes


def _keep_to_the_route(asked: Questionnaire, person: Codes, end: int) -> None:
    reached: dict[str, int] = {}
    for place, item in enumerate(asked.closed_items):
        at = asked.position[item.id]
        if place >= end:
            person[at] = 0
        elif not on_route(item, reached, set(reached)):
            person[at] = NOT_APPLICABLE
        else:
            reached[item.id] = int(person[at])


def tally(asked: Questionnaire, codes: Codes) -> Counts:
    """Their counts."""
    highest = max(code for item in asked.closed_items if item.scale for code in item.scale.codes)
    return Counts.tally(asked.cell, list(asked.position), highest, codes)


def forget(app: Flask) -> None:
    """Leave no interview and no release, in the database or in what the process remembers."""
    with app.extensions["database"].write() as session:
        for model in (Release, BaselineDecision, CellCount, Interview, Envelope):
            session.execute(delete(model))
    app.extensions.pop("findings", None)
    app.extensions.pop("done", None)


def store_counts(session: Session, asked: Questionnaire, counts: Counts) -> None:
    """Make these the live counts of a questionnaire that has none."""
    version = register_version(session, asked)
    for cell, interviews, n in zip(counts.cells, counts.interviews, counts.n, strict=True):
        session.add(
            CellCount(
                version_id=version.id,
                cell=bytes(cell.tolist()),
                interviews=int(interviews),
                counts=n.astype("<i4").tobytes(),
            )
        )
    session.flush()


def settle(app: Flask, counts: Counts) -> None:
    """Make these the live counts of the current wave and its only release."""
    town, database = app.extensions["town"], app.extensions["database"]
    forget(app)
    with database.write() as session:
        store_counts(session, town.current_wave.questionnaire, counts)
        publish_now(session, town)


def settle_demonstration(app: Flask) -> Counts:
    """The same with the simulated interviews of the demonstration."""
    town, database = app.extensions["town"], app.extensions["database"]
    forget(app)
    with database.write() as session:
        store_simulation(session, town)
        publish_now(session, town)
        counts = fetch_counts(session, town.current_wave.id)
    assert counts
    return counts
