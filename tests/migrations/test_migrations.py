"""The revisions: the last one is what the models say, and each can be left again, with rows in the tables."""

from collections.abc import Iterator
from datetime import date

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from barometre.storage.arrivals import Judged, save_arrival
from barometre.storage.baseline import MICRODATA, decide_source
from barometre.storage.councils import Subject, adopt, answer, hide, save_draft
from barometre.storage.counts import fetch_counts, fold_counts, recount
from barometre.storage.decisions import Decision, hold_undecided, leave_aside
from barometre.storage.engine import Database
from barometre.storage.enrolment import save_code
from barometre.storage.microdata import log_export
from barometre.storage.models import Backup, Base, Envelope, Interview, Person, utc_now
from barometre.storage.people import add_person, enrol_device, record_failure
from barometre.storage.schema import alembic_config, downgrade, find_differences, upgrade
from barometre.storage.sealing_keys import record_public_key
from barometre.storage.versions import register_version
from tests.data import bourg_fictif, judge_sheet, make_arrival, publish_now

ANSWERS = {"quartier": 1, "age": 2, "plaisir": 3, "trajets_bus": 4}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database without tables."""
    found = Database(database_url)
    yield found
    found.engine.dispose()


def list_tables(database: Database) -> set[str]:
    """Tables, but for the one where the revision is noted."""
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def fill(database: Database) -> None:
    """A row in every table."""
    asked = bourg_fictif().current_wave.questionnaire
    with database.write() as session:
        person = add_person(session, "enqueteur-1", "hash", ["interviewer"], None)
        enrol_device(session, person.id, "tablet 1")
        save_code(session, "hash of a code", "tablet 2", person.id, person.id)
        record_failure(session, "somebody")
        version = register_version(session, asked)
        judged = Judged(version, judge_sheet(asked, ANSWERS), "enqueteur-1", None)
        save_arrival(session, make_arrival(b"one"), judged)
        fold_counts(session.connection(), version)
        aside = save_arrival(session, make_arrival(b"two"), "unreadable")
        held = hold_undecided(session, aside.seq)
        assert held
        leave_aside(session, held, Decision("terrain", "a trial at the office"))
        log_export(session, asked.wave, "a study", "analyse", 1)
        decide_source(session, asked.wave, "plaisir", MICRODATA, "the answers were found", "analyse")
        publish_now(session, bourg_fictif(), "administration")
        subject = Subject(asked.wave, "CV", "services")
        save_draft(session, subject, 0, "More buses.", ["One bus more"], "conseil")
        opinion = adopt(session, subject, 1, "conseil")
        answer(session, asked.wave, opinion.proposals[0].id, 0, "A bus", date(2031, 1, 1), "Buses", "analyse")
        hide(session, opinion.id, "an insult", "administration")
        record_public_key(session, asked.wave, {"kid": "a thumbprint", "kty": "EC"})
        session.add(Backup(made_at=utc_now(), seq=2, envelopes=2, file="a copy"))
    with database.read() as session:
        for table in Base.metadata.sorted_tables:
            assert session.execute(select(text("1")).select_from(table)).first(), table.name


def test_the_last_revision_is_what_the_models_say(database: Database) -> None:
    upgrade(database)
    assert find_differences(database) == []
    assert list_tables(database) == set(Base.metadata.tables)


def test_there_is_one_line_of_revisions(database: Database) -> None:
    scripts = ScriptDirectory.from_config(alembic_config(database))
    assert len(scripts.get_heads()) == len(scripts.get_bases()) == 1
    for revision in scripts.walk_revisions():
        assert revision.doc, revision.revision
        assert not revision.is_branch_point


def test_up_and_down_leaves_an_empty_database(database: Database) -> None:
    upgrade(database)
    downgrade(database, "base")
    assert list_tables(database) == set()


def test_up_twice_changes_nothing(database: Database) -> None:
    upgrade(database)
    fill(database)
    upgrade(database)
    with database.read() as session:
        assert session.scalars(select(Person.username)).all() == ["enqueteur-1"]


def test_each_revision_can_be_left_and_reached_again_with_rows(database: Database) -> None:
    upgrade(database)
    fill(database)
    revisions = list(ScriptDirectory.from_config(alembic_config(database)).walk_revisions())
    for revision in revisions:
        downgrade(database, "-1")
        below = revision.down_revision
        assert below is None or isinstance(below, str)
        upgrade(database, "+1")
        downgrade(database, below or "base")
    assert list_tables(database) == set()
    upgrade(database)
    assert find_differences(database) == []
    fill(database)


def test_a_filled_schema_keeps_its_interviews_and_their_counts(database: Database) -> None:
    upgrade(database)
    fill(database)
    wave = bourg_fictif().current_wave.id
    with database.read() as session:
        assert len(session.scalars(select(Interview)).all()) == 1
        assert session.scalars(select(Envelope.seq).order_by(Envelope.seq)).all() == [1, 2]
        kept, again = fetch_counts(session, wave), recount(session, wave)
        assert kept is not None
        assert again is not None
        assert kept.same_as(again)
