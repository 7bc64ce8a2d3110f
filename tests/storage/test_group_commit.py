"""What waits together is kept together, and nobody waits for ever."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from barometre.storage.arrivals import STORED, Judged, Judgement, Kept, save_arrivals
from barometre.storage.engine import Database
from barometre.storage.group_commit import GroupCommit
from barometre.storage.models import Envelope, Interview
from barometre.storage.versions import register_version
from tests.data import bourg_fictif, judge_sheet, make_arrival

ASKED = bourg_fictif().current_wave.questionnaire
ANSWERS = {"quartier": 1, "age": 2, "plaisir": 3, "trajets_bus": 4, "trajets_velo": 1}


@pytest.fixture
def judged(database: Database) -> Judged:
    """What the judge makes of every interview here."""
    with database.write() as session:
        return Judged(register_version(session, ASKED), judge_sheet(ASKED, ANSWERS), "enqueteur-1", None)


def count(database: Database) -> tuple[int, int]:
    """Envelopes and interviews."""
    with database.read() as session:
        envelopes, interviews = (
            session.scalars(select(func.count()).select_from(table)).one() for table in (Envelope, Interview)
        )
    return envelopes, interviews


class Gathering:
    """Holds the first batch back until the others wait together, and notes the sizes of the batches."""

    def __init__(self, expected: int) -> None:
        self.sizes: list[int] = []
        self.waiting = threading.Semaphore(0)
        self.expected = expected

    def __call__(self, connection: Connection, asked: Sequence[Judgement]) -> list[Kept]:
        if not self.sizes:
            for _place in range(self.expected - 1):
                assert self.waiting.acquire(timeout=10)
        self.sizes.append(len(asked))
        return save_arrivals(connection, asked)


def ask_together(database: Database, work: Gathering, asked: list[Judgement]) -> list[object]:
    """Every question in a thread of its own; what each got, or its error."""
    queue = GroupCommit(database, work)

    def ask(one: Judgement) -> object:
        work.waiting.release()
        try:
            return queue.ask(one)
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(ask, asked))


def test_those_who_wait_share_one_transaction(database: Database, judged: Judged) -> None:
    asked: list[Judgement] = [(make_arrival(bytes([place])), judged) for place in range(8)]
    work = Gathering(len(asked))
    found = ask_together(database, work, asked)
    assert [kept.status for kept in found if isinstance(kept, Kept)] == [STORED] * 8
    assert len({kept.seq for kept in found if isinstance(kept, Kept)}) == 8
    assert sum(work.sizes) == 8
    assert max(work.sizes) > 1
    assert count(database) == (8, 8)


def test_one_that_cannot_be_kept_spoils_nobody_elses(database: Database, judged: Judged) -> None:
    nowhere = replace(judged, version=replace(judged.version, id=999))
    asked: list[Judgement] = [(make_arrival(bytes([place])), judged) for place in range(6)]
    asked[3] = (make_arrival(b"of an unknown version", uuid4()), nowhere)
    work = Gathering(len(asked))
    found = ask_together(database, work, asked)
    assert isinstance(found.pop(3), IntegrityError)
    assert [kept.status for kept in found if isinstance(kept, Kept)] == [STORED] * 5
    assert count(database) == (5, 5)


@pytest.mark.parametrize("place", [0, 2, 4])
@pytest.mark.parametrize("fault", ["unknown version", "no text", "held"])
def test_a_batch_that_fails_leaves_nothing(
    database: Database, judged: Judged, fault: str, place: int
) -> None:
    wrong: Judgement = {
        "unknown version": (make_arrival(b"x"), replace(judged, version=replace(judged.version, id=999))),
        # Refused by the client itself, before anything of it is sent.
        "no text": (make_arrival(b"x"), replace(judged, interviewer="a\0", started_at=datetime(2027, 1, 1))),  # noqa: DTZ001 (a naive moment is the point)
        "held": (replace(make_arrival(b"x"), channel=None), "unreadable"),  # type: ignore[arg-type]
    }[fault]
    asked: list[Judgement] = [(make_arrival(bytes([number])), judged) for number in range(4)]
    asked.insert(place, wrong)
    with pytest.raises((DBAPIError, ValueError)), database.write_at_once() as connection:
        save_arrivals(connection, asked)
    assert count(database) == (0, 0)
    assert GroupCommit(database, save_arrivals).ask(asked[(place + 1) % 5]).status == STORED


def test_a_file_of_turns_that_cannot_be_opened_blocks_nobody(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    turn = path.with_name(f"{path.name}.turn")
    turn.mkdir()

    def write() -> None:
        with database.write() as session:
            session.execute(text("select 1"))

    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(IsADirectoryError):
            write()
        turn.rmdir()
        pool.submit(write).result(timeout=10)
