"""Whoever kept the pages of every release subtracts them from one another."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from flask import Flask

from barometre.estimates.counts import Counts
from barometre.questionnaire.definition import Questionnaire
from barometre.results.between import undo_each_other
from barometre.results.publishing import publish_edition
from barometre.storage.engine import Database
from barometre.storage.models import CellCount
from barometre.storage.releases import ReleaseTooClose, make_release
from tests.data import make_counts, niort
from tests.disclosure.attack import find_disclosures
from tests.disclosure.population import KINDS, draw, forget, settle, tally
from tests.disclosure.reader import read_site
from tests.results.test_recounted import answer_2023

CB, TCG, PCSA = 1, 2, 3
ITEM = "satisfaction"
WAVE = "2027"
Table = Mapping[int, Mapping[int, int]]


def count(table: Table) -> Counts:
    """Counts from quartier → answer → people."""
    asked = niort().current_wave.questionnaire
    known = {"secteur": 1, "age": 3, "sexe": 1}
    groups = [
        (people, {"quartier": quartier, ITEM: code} | known)
        for quartier, answers in table.items()
        for code, people in answers.items()
    ]
    return make_counts(asked, groups)


#: the worked example: 28 of 40, 6 of 7, 20 of 33
EARLY: Table = {CB: {4: 20, 3: 8, 2: 6, 1: 6}, TCG: {4: 3, 3: 3, 2: 1}, PCSA: {4: 10, 3: 10, 2: 7, 1: 6}}
MORE_TCG = {4: 20, 3: 10, 2: 10, 1: 10}
MORE_PCSA = {4: 20, 3: 17, 2: 14, 1: 12}


def test_a_quartier_that_has_not_moved_does_not_open_the_one_it_hid() -> None:
    # TCG and PCSA were masked together; PCSA shown as it was then leaves 6 of 7.
    assert undo_each_other(niort(), WAVE, count(EARLY), count({**EARLY, TCG: MORE_TCG}))
    assert undo_each_other(niort(), WAVE, count({**EARLY, TCG: MORE_TCG}), count(EARLY))


def test_two_quartiers_that_both_moved_may_be_shown() -> None:
    assert not undo_each_other(niort(), WAVE, count(EARLY), count({**EARLY, TCG: MORE_TCG, PCSA: MORE_PCSA}))
    assert not undo_each_other(niort(), WAVE, count(EARLY), count(EARLY))


def test_a_finer_cut_does_not_open_an_option_that_was_merged() -> None:
    early: Table = {
        CB: {4: 20, 3: 20, 2: 9, 1: 9},
        TCG: {4: 20, 3: 20, 2: 9, 1: 3},
        PCSA: {4: 9, 3: 9, 2: 9, 1: 9},
    }
    assert undo_each_other(niort(), WAVE, count(early), count({**early, TCG: {4: 30, 3: 30, 2: 15, 1: 12}}))


def test_a_few_answers_to_one_question_are_not_released_alone() -> None:
    steady: Table = {quartier: {4: 20, 3: 20, 2: 20, 1: 20} for quartier in (CB, TCG, PCSA)}
    later = {**steady, CB: {4: 20, 3: 20, 2: 20, 1: 22}}
    assert undo_each_other(niort(), WAVE, count(steady), count(later))
    assert undo_each_other(niort(), WAVE, count(later), count(steady))
    five_more = count({**steady, CB: {4: 23, 3: 22, 2: 20, 1: 20}})
    assert not undo_each_other(niort(), WAVE, count(steady), five_more)


def test_the_first_wave_does_not_open_a_quartier_that_it_hid_either() -> None:
    early = {CB: {4: 28, 1: 12}, TCG: {4: 6, 1: 1}, PCSA: {4: 20, 1: 13}}
    later = {**early, TCG: {4: 20, 1: 14}}
    before, now = (answer_2023("equip_sport", answers) for answers in (early, later))
    # PCSA was masked with the 7 of TCG; shown as it was then, it leaves them.
    assert undo_each_other(niort(), "2023", before, now)
    assert undo_each_other(niort(), "2023", now, before)
    assert not undo_each_other(niort(), "2023", before, before)
    two_more = answer_2023("equip_sport", {**early, CB: {4: 30, 1: 12}})
    assert undo_each_other(niort(), "2023", before, two_more)


def test_the_first_wave_may_be_finished() -> None:
    part = {CB: {4: 34, 1: 12}, TCG: {4: 3}, PCSA: {4: 26, 1: 13}}
    whole = {**part, TCG: {4: 34, 1: 1}}
    before, now = (answer_2023("ambiance", answers) for answers in (part, whole))
    assert not undo_each_other(niort(), "2023", before, now)


def replace_counts(database: Database, counts: Counts) -> None:
    """Make these the live counts, and keep the releases."""
    with database.write() as session:
        version = session.query(CellCount).first()
        assert version
        number = version.version_id
        session.query(CellCount).delete()
        for cell, interviews, n in zip(counts.cells, counts.interviews, counts.n, strict=True):
            session.add(
                CellCount(
                    version_id=number,
                    cell=bytes(cell.tolist()),
                    interviews=int(interviews),
                    counts=n.astype("<i4").tobytes(),
                )
            )


def release_next(app: Flask, counts: Counts) -> None:
    """What the desk and the command do."""
    town, database = app.extensions["town"], app.extensions["database"]
    replace_counts(database, counts)
    with database.write() as session:
        made = make_release(session, town.current_wave.id, "test", partial(undo_each_other, town))
        publish_edition(session, town, made.id, "test")


def draw_later(asked: Questionnaire, seed: int) -> tuple[Counts, Counts]:
    """A population, and the same with more people of some of its quartiers."""
    random = np.random.default_rng(seed)
    codes = draw(asked, list(KINDS.values())[seed % len(KINDS)], seed)
    more = draw(asked, KINDS["of one mind" if seed % 2 else "nobody silent"], 1000 + seed)
    arrived = random.permutation(3)[: random.integers(1, 4)] + 1
    later = more[np.isin(more[:, asked.position["quartier"]], arrived)]
    return tally(asked, codes), tally(asked, np.concatenate([codes, later]))


def test_a_release_is_compared_with_every_one_before_it(app: Flask) -> None:
    first, second = count({CB: {4: 40, 1: 40}}), count({CB: {4: 60, 1: 60}})
    settle(app, first)
    release_next(app, second)
    with pytest.raises(ReleaseTooClose):
        release_next(app, count({CB: {4: 44, 1: 41}}))
    forget(app)


#: seeds whose pair is not refused
ACCEPTED = {1, 4, 7}


@pytest.mark.parametrize("seed", range(8))
def test_nothing_follows_from_two_releases(app: Flask, seed: int) -> None:
    before, now = draw_later(app.extensions["town"].current_wave.questionnaire, seed)
    assert attack_two(app, before, now, seed) == (seed in ACCEPTED)


def test_nothing_follows_where_a_quartier_has_not_moved(app: Flask) -> None:
    asked = app.extensions["town"].current_wave.questionnaire
    even = replace(KINDS["nobody silent"], interviews=600, evenness=20, stop=0)
    codes, more = draw(asked, even, 1), draw(asked, replace(even, interviews=900), 2)
    moved = more[more[:, asked.position["quartier"]] != PCSA]
    assert attack_two(app, tally(asked, codes), tally(asked, np.concatenate([codes, moved])), 1)


def attack_two(app: Flask, before: Counts, now: Counts, seed: int) -> bool:
    """Attack two releases with one another; whether the second one was accepted."""
    random = np.random.default_rng(seed)
    settle(app, before)
    client = app.test_client()
    old = read_site(app, client)
    try:
        release_next(app, now)
    except ReleaseTooClose:
        return False
    new = read_site(app, client)
    for item, rows in old.told.items():
        pairs = ((old, new, before, now), (new, old, now, before))
        for one, other, counts, others in pairs:
            truth, again = one.table(item, counts), other.table(item, others)
            system = one.know(item, counts, truth)
            told = other.know(item, others, again)
            # A quartier where nobody came: what one release tells of it holds in the other.
            still = [place for place in range(3) if np.array_equal(truth[place::3], again[place::3])]
            for of, least, most in zip(told.rows, told.least, told.most, strict=True):
                if set(np.flatnonzero(of) % 3) <= set(still):
                    system.tell(of, least, most)
            assert system.fits(truth)
            secrets = one.list_secrets(item, truth, 11)
            disclosed = find_disclosures(system, secrets, random)
            assert not disclosed, (rows, [(secret.name, sorted(secret.fitting)) for secret in disclosed])
    return True
