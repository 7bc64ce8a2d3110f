"""A backup is a copy that was restored and counted; its mark never runs ahead of what it holds."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import delete, select

from barometre.storage import backup
from barometre.storage.arrivals import Judged, save_arrival
from barometre.storage.backup import BackupFailed, back_up, fetch_backed_up_seq, fetch_last_backup
from barometre.storage.engine import Database
from barometre.storage.models import Envelope, Interview
from barometre.storage.schema import upgrade
from barometre.storage.versions import register_version
from tests.data import bourg_fictif, judge_sheet, make_arrival
from tests.postgres import find_programs

ASKED = bourg_fictif().current_wave.questionnaire
ANSWERS = {"quartier": 1, "age": 2, "plaisir": 3, "trajets_bus": 4, "trajets_velo": 1}


@pytest.fixture(autouse=True)
def programs(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's own programs, of the version that the server has."""
    found = find_programs(tmp_path_factory.mktemp("programs"))
    monkeypatch.setenv("PATH", f"{found}{os.pathsep}{os.environ['PATH']}")


def store(database: Database, number: int) -> int:
    """Interviews, and the number of the last envelope."""
    with database.write() as session:
        judged = Judged(register_version(session, ASKED), judge_sheet(ASKED, ANSWERS), "enqueteur-1", None)
        return [save_arrival(session, make_arrival(uuid4().bytes), judged).seq for _ in range(number)][-1]


def read_mark(database: Database) -> int:
    """How far the envelopes are copied."""
    with database.read() as session:
        return fetch_backed_up_seq(session)


def test_without_a_backup_the_mark_does_not_move(database: Database) -> None:
    store(database, 3)
    assert read_mark(database) == 0
    with database.read() as session:
        assert fetch_last_backup(session) is None


def test_a_backup_holds_everything_and_moves_the_mark(database: Database, tmp_path: Path) -> None:
    last = store(database, 5)
    copy = back_up(database, tmp_path / "copies")
    assert (copy.seq, copy.envelopes) == (last, 5)
    assert read_mark(database) == last
    assert [path.name for path in (tmp_path / "copies").iterdir()] == [copy.path.name]
    later = store(database, 2)
    assert read_mark(database) == last < later
    assert back_up(database, tmp_path / "copies").seq == later
    assert len(list((tmp_path / "copies").iterdir())) == 2


def test_a_copy_can_be_opened_by_the_databases_own_reader(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    upgrade(database)
    store(database, 4)
    copy = back_up(database, tmp_path / "copies")
    connection = sqlite3.connect(copy.path)
    try:
        assert connection.execute("select count(*) from interview").fetchone() == (4,)
    finally:
        connection.close()


def test_a_copy_that_lacks_an_envelope_is_refused_and_moves_nothing(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(database, 3)
    restored = backup._restored

    def lose_one(live: Database, path: Path) -> Iterator[Database]:
        with restored(live, path) as copy:
            with copy.write() as session:
                first = session.scalars(select(Envelope.seq).order_by(Envelope.seq)).first()
                session.execute(delete(Interview).where(Interview.envelope_seq == first))
                session.execute(delete(Envelope).where(Envelope.seq == first))
            yield copy

    monkeypatch.setattr(backup, "_restored", contextmanager(lose_one))
    with pytest.raises(BackupFailed, match="2 envelopes where the database holds 3"):
        back_up(database, tmp_path / "copies")
    assert read_mark(database) == 0
    assert list((tmp_path / "copies").iterdir()) == []


def test_the_mark_waits_for_an_envelope_that_has_its_number_and_no_commit_yet(
    postgresql_url: str, tmp_path: Path
) -> None:
    database = Database(postgresql_url)
    upgrade(database)
    store(database, 1)
    began, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        with database.write() as session:
            judged = Judged(
                register_version(session, ASKED), judge_sheet(ASKED, ANSWERS), "enqueteur-1", None
            )
            save_arrival(session, make_arrival(b"slow"), judged)
            began.set()
            assert may_commit.wait(10)

    late = threading.Thread(target=slow)
    late.start()
    assert began.wait(10)
    marks: list[int] = []
    marking = threading.Thread(target=lambda: marks.append(back_up(database, tmp_path / "copies").seq))
    marking.start()
    marking.join(0.5)
    assert marks == [], "it must wait"
    may_commit.set()
    marking.join(30)
    late.join()
    assert marks == [2]
    database.engine.dispose()


def test_a_missing_program_is_named(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(postgresql_url)
    upgrade(database)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupFailed, match="pg_dump was not found"):
        back_up(database, tmp_path / "copies")
    database.engine.dispose()
