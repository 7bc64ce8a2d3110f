"""Steps of an edition on both databases: each once, in their order, by whoever came first."""

from __future__ import annotations

import pytest

from barometre.storage.arrivals import Judged, save_arrival
from barometre.storage.counts import fetch_counts
from barometre.storage.editions import (
    WrongState,
    correct,
    discard,
    fetch_public_id,
    fetch_shared_id,
    fetch_version,
    publish,
    share,
    tick,
    withdraw,
)
from barometre.storage.engine import Database
from barometre.storage.models import Release
from barometre.storage.releases import fetch_releases, make_release
from barometre.storage.versions import register_version
from tests.data import bourg_fictif, compare_nothing, judge_sheet, make_arrival

ASKED = bourg_fictif().current_wave.questionnaire
ANSWERS = {"quartier": 1, "age": 2, "plaisir": 3, "trajets_bus": 4}


def prepare(database: Database) -> int:
    """Id of one more edition."""
    with database.write() as session:
        if fetch_counts(session, ASKED.wave) is None or not fetch_releases(session, ASKED.wave):
            version = register_version(session, ASKED)
            judged = Judged(version, judge_sheet(ASKED, ANSWERS), "somebody", None)
            save_arrival(session, make_arrival(b"one"), judged)
        return make_release(session, ASKED.wave, "somebody", compare_nothing).id


def test_the_steps_follow_each_other(database: Database) -> None:
    first, second = prepare(database), prepare(database)
    with database.write() as session:
        tick(session, first, "words", "a", done=True)
        share(session, first, "a")
        assert fetch_shared_id(session, ASKED.wave) == first
        assert fetch_public_id(session, ASKED.wave) is None
        before = fetch_version(session)
    with database.write() as session:
        assert publish(session, first, "a", b"figures", "1").number == 1
        assert publish(session, second, "a", b"others", "1").number == 2
    with database.read() as session:
        assert fetch_public_id(session, ASKED.wave) == second
        assert fetch_version(session) > before
    with database.write() as session:
        correct(session, second, "a", "A mistake.")
        correct(session, second, "b", "Another.")
        errata = session.get_one(Release, second).errata
        assert [(note["by"], note["text"]) for note in errata] == [("a", "A mistake."), ("b", "Another.")]
        withdraw(session, second, "a", "Another one.")
    with database.read() as session:
        assert fetch_public_id(session, ASKED.wave) == first
        kept = session.get_one(Release, first)
        assert (kept.figures, list(kept.checks)) == (b"figures", ["words"])


def test_a_step_out_of_turn_is_refused_and_changes_nothing(database: Database) -> None:
    edition = prepare(database)
    with pytest.raises(WrongState), database.write() as session:
        withdraw(session, edition, "a", "x")
    with database.write() as session:
        publish(session, edition, "a", b"figures", "1")
    for step in (share, discard, publish):
        more: tuple[object, ...] = {share: ("b",), discard: (), publish: ("b", b"others", "2")}[step]
        with pytest.raises(WrongState), database.write() as session:
            step(session, edition, *more)  # type: ignore[operator]
    with database.read() as session:
        assert session.get_one(Release, edition).figures == b"figures"
