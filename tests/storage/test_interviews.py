"""Interviews are kept once, whoever sends them and however often."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from barometre.storage.arrivals import (
    ALREADY_RECEIVED,
    CONFLICT,
    QUARANTINED,
    STORED,
    Judged,
    Kept,
    save_arrival,
    save_arrivals,
)
from barometre.storage.counts import fetch_counts, recount
from barometre.storage.engine import Database
from barometre.storage.interviews import exclude_interview, fetch_aside, fetch_interview_totals
from barometre.storage.models import Envelope, Interview, QuestionnaireVersion
from barometre.storage.versions import register_version
from tests.data import bourg_fictif, judge_sheet, make_arrival

ASKED = bourg_fictif().current_wave.questionnaire
WAVE = ASKED.wave
ANSWERS = {"quartier": 1, "age": 2, "plaisir": 3, "trajets_bus": 4, "trajets_velo": 1}
STARTED = datetime(2030, 3, 1, 10, 30, tzinfo=UTC)


def save(
    database: Database,
    body: bytes,
    uuid: UUID | None = None,
    *,
    plaisir: int = 3,
    disposition: str = "complete",
) -> Kept:
    """One interview, in its own transaction."""
    sheet = judge_sheet(ASKED, ANSWERS | {"plaisir": plaisir}, disposition)
    with database.write() as session:
        judged = Judged(register_version(session, ASKED), sheet, "enqueteur-1", STARTED)
        return save_arrival(session, make_arrival(body, uuid), judged)


def count(database: Database, table: type) -> int:
    """Rows of a table."""
    with database.read() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


def count_interviews(database: Database) -> int:
    """What the kept counts say, checked by a recount."""
    with database.read() as session:
        kept, again = fetch_counts(session, WAVE), recount(session, WAVE)
    assert kept is not None
    assert again is not None
    assert kept.same_as(again)
    return kept.total


def test_an_interview_is_kept_as_received(database: Database) -> None:
    uuid = uuid4()
    kept = save(database, b"sealed \x00 bytes", uuid)
    assert (kept.status, kept.reason) == (STORED, None)
    with database.read() as session:
        envelope = session.get_one(Envelope, kept.seq)
        interview = session.get_one(Interview, uuid)
        assert envelope.body == b"sealed \x00 bytes"
        assert (envelope.status, envelope.channel) == ("stored", "file")
        assert interview.envelope_seq == kept.seq
        assert interview.codes == judge_sheet(ASKED, ANSWERS).codes
        assert (interview.interviewer, interview.started_at) == ("enqueteur-1", STARTED)
        assert interview.counted


def test_the_same_envelope_again_is_already_received(database: Database) -> None:
    uuid = uuid4()
    first = save(database, b"one", uuid)
    second = save(database, b"one", uuid)
    assert (second.status, second.seq, second.received_at) == (ALREADY_RECEIVED, first.seq, first.received_at)
    assert count(database, Envelope) == 1
    assert count_interviews(database) == 1


def test_another_content_under_the_same_name_is_kept_aside(database: Database) -> None:
    uuid = uuid4()
    save(database, b"one", uuid)
    other = save(database, b"two", uuid, plaisir=1)
    assert (other.status, other.reason) == (CONFLICT, "other_content")
    assert count_interviews(database) == 1
    with database.read() as session:
        assert session.get_one(Interview, uuid).codes == judge_sheet(ASKED, ANSWERS).codes
        assert [(found.seq, found.status, found.size) for found in fetch_aside(session)] == [
            (other.seq, CONFLICT, 3)
        ]
    assert save(database, b"two", uuid, plaisir=1).status == ALREADY_RECEIVED
    assert count(database, Envelope) == 2


def test_what_cannot_be_judged_is_kept_and_never_counted(database: Database) -> None:
    arrival = make_arrival(b"unreadable")
    with database.write() as session:
        kept = save_arrival(session, arrival, "unknown_version")
    assert (kept.status, kept.reason) == (QUARANTINED, "unknown_version")
    with database.write() as session:
        again = save_arrival(session, arrival, "unknown_version")
    assert (again.status, again.seq, again.reason) == (ALREADY_RECEIVED, kept.seq, "unknown_version")
    assert count(database, Interview) == 0
    with database.read() as session:
        assert [found.reason for found in fetch_aside(session)] == ["unknown_version"]


def test_a_later_good_envelope_of_a_quarantined_interview_is_stored(database: Database) -> None:
    uuid = uuid4()
    with database.write() as session:
        save_arrival(session, make_arrival(b"broken", uuid), "unreadable")
    assert save(database, b"mended", uuid).status == STORED
    assert count_interviews(database) == 1


def test_nothing_is_kept_when_the_transaction_fails(database: Database) -> None:
    def fail() -> None:
        with database.write() as session:
            version = register_version(session, ASKED)
            judged = Judged(version, judge_sheet(ASKED, ANSWERS), "enqueteur-1", None)
            save_arrival(session, make_arrival(b"one"), judged)
            raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        fail()
    assert [count(database, table) for table in (Envelope, Interview, QuestionnaireVersion)] == [0, 0, 0]


def test_a_refusal_is_kept_and_not_counted(database: Database) -> None:
    save(database, b"one")
    save(database, b"two", disposition="refusal")
    assert count_interviews(database) == 1
    with database.read() as session:
        assert fetch_interview_totals(session, WAVE) == {"complete": 1, "refusal": 1}


def test_an_exclusion_takes_one_interview_out_of_the_counts(database: Database) -> None:
    uuid = uuid4()
    save(database, b"one", uuid)
    save(database, b"two")
    with database.write() as session:
        assert exclude_interview(session, uuid, "interview made up")
    assert count_interviews(database) == 1
    with database.write() as session:
        assert not exclude_interview(session, uuid, "again")
        assert not exclude_interview(session, uuid4(), "unknown")
    assert count_interviews(database) == 1
    with database.read() as session:
        assert session.get_one(Interview, uuid).excluded_reason == "interview made up"


def test_an_excluded_interview_that_is_sent_again_stays_out(database: Database) -> None:
    uuid = uuid4()
    save(database, b"one", uuid)
    with database.write() as session:
        exclude_interview(session, uuid, "interview made up")
    assert save(database, b"one", uuid).status == ALREADY_RECEIVED
    assert count_interviews(database) == 0


def test_a_version_is_registered_once(database: Database) -> None:
    with database.write() as session:
        first = register_version(session, ASKED)
        assert register_version(session, ASKED) == first
        other = register_version(session, replace(ASKED, version="0" * 64))
    assert other.id != first.id
    assert first.cell_places == (0, 1)
    assert first.highest_code == 4


def test_any_words_are_stored_as_they_were_said(database: Database) -> None:
    words = "حديقة  « 🌳 » \0 \ud83d"
    sheet = replace(judge_sheet(ASKED, ANSWERS), texts={"idee": ["fr", words]})
    uuid = uuid4()
    with database.write() as session:
        judged = Judged(register_version(session, ASKED), sheet, "enqueteur-1", None)
        save_arrival(session, make_arrival(b"one", uuid), judged)
    with database.read() as session:
        assert session.get_one(Interview, uuid).texts == {"idee": ["fr", words]}


def save_together(database: Database, sent: list[tuple[UUID, bytes]]) -> list[Kept]:
    """Several interviews in one transaction."""
    with database.write() as session:
        judged = Judged(register_version(session, ASKED), judge_sheet(ASKED, ANSWERS), "enqueteur-1", None)
        return save_arrivals(
            session.connection(), [(make_arrival(body, uuid), judged) for uuid, body in sent]
        )


def test_a_batch_is_kept_like_its_envelopes_one_by_one(database: Database) -> None:
    first, second, third = uuid4(), uuid4(), uuid4()
    save(database, b"one", first)
    with database.write() as session:
        version = register_version(session, ASKED)
        judged = Judged(version, judge_sheet(ASKED, ANSWERS), "enqueteur-1", None)
        kept = save_arrivals(
            session.connection(),
            [
                (make_arrival(b"one", first), judged),
                (make_arrival(b"two", second), judged),
                (make_arrival(b"two", second), judged),
                (make_arrival(b"other", first), judged),
                (make_arrival(b"three", third), "unknown_version"),
            ],
        )
    assert [found.status for found in kept] == [
        ALREADY_RECEIVED,
        STORED,
        ALREADY_RECEIVED,
        CONFLICT,
        QUARANTINED,
    ]
    assert kept[1].seq == kept[2].seq
    assert count_interviews(database) == 2
    assert count(database, Envelope) == 4


def test_an_empty_batch_keeps_nothing(database: Database) -> None:
    assert save_together(database, []) == []


def test_the_same_batch_five_times_at_once_is_counted_once(database: Database) -> None:
    sent = sorted((uuid4(), bytes([place])) for place in range(6))
    statuses: list[list[str]] = []

    def send() -> Kept:
        kept = save_together(database, sent)
        statuses.append([found.status for found in kept])
        return kept[0]

    run_together([send] * 5)
    assert sorted(statuses) == [[ALREADY_RECEIVED] * 6] * 4 + [[STORED] * 6]
    assert count_interviews(database) == 6


def run_together(actions: list[Callable[[], Kept]]) -> list[Kept]:
    """Every action in a thread of its own, all let go at once."""
    barrier = threading.Barrier(len(actions))
    results: list[Kept] = []
    errors: list[Exception] = []

    def run(action: Callable[[], Kept]) -> None:
        barrier.wait()
        try:
            results.append(action())
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    return results


def test_five_identical_sends_at_once_leave_one_interview(database: Database) -> None:
    uuid = uuid4()
    results = run_together([lambda: save(database, b"one", uuid)] * 5)
    assert sorted(kept.status for kept in results) == [ALREADY_RECEIVED] * 4 + [STORED]
    assert len({kept.seq for kept in results}) == 1
    assert count(database, Envelope) == 1
    assert count_interviews(database) == 1


def test_five_different_contents_at_once_leave_one_interview(database: Database) -> None:
    uuid = uuid4()
    bodies = [b"one", b"two", b"three", b"four", b"five"]
    results = run_together([lambda body=body: save(database, body, uuid) for body in bodies])
    assert sorted(kept.status for kept in results) == [CONFLICT] * 4 + [STORED]
    assert count(database, Envelope) == 5
    assert count(database, Interview) == 1
    assert count_interviews(database) == 1


def test_five_different_interviews_of_one_cell_at_once_are_all_counted(database: Database) -> None:
    bodies = [b"one", b"two", b"three", b"four", b"five"]
    results = run_together([lambda body=body: save(database, body) for body in bodies])
    assert [kept.status for kept in results] == [STORED] * 5
    assert count_interviews(database) == 5


def test_five_exclusions_of_one_interview_at_once_take_it_out_once(database: Database) -> None:
    uuid = uuid4()
    save(database, b"one", uuid)
    save(database, b"two")
    done: list[bool] = []

    def exclude() -> Kept:
        with database.write() as session:
            done.append(exclude_interview(session, uuid, "made up"))
        return save(database, b"two")

    run_together([exclude] * 5)
    assert sorted(done) == [False] * 4 + [True]
    assert count_interviews(database) == 2 - 1 + 5
