"""Group commit: what waits at the same moment shares one transaction, and one wait for the disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from barometre.storage.engine import Database

Asked = TypeVar("Asked")
Given = TypeVar("Given")


class GroupCommit(Generic[Asked, Given]):
    """The one way into the database for the threads of a process.

    A thread that comes while nobody is served serves itself; those that come meanwhile wait together, and
    one of them then serves them all. A lonely thread never waits, and under load one commit serves many:
    PostgreSQL's own group commit, brought before the statements and to SQLite.
    """

    def __init__(
        self, database: Database, work: Callable[[Connection, Sequence[Asked]], list[Given]]
    ) -> None:
        """`work` does what is asked, in order, in one call of the database."""
        self._database = database
        self._work = work
        self._lock = threading.Lock()
        self._waiting: list[_Place[Asked, Given]] = []
        self._serving = False

    def ask(self, asked: Asked) -> Given:
        """What `work` gives for this, once it is committed."""
        mine: _Place[Asked, Given] = _Place(asked)
        with self._lock:
            self._waiting.append(mine)
            waits, self._serving = self._serving, True
        if waits:
            mine.turn.wait()
        if not mine.done:
            self._serve_all()
        if mine.error is not None:
            raise mine.error
        assert mine.given is not None
        return mine.given

    def _serve_all(self) -> None:
        with self._lock:
            places, self._waiting = self._waiting, []
        self._serve(places)
        with self._lock:
            heirs = self._waiting[:1]
            self._serving = bool(heirs)
        for place in (*heirs, *places):
            place.turn.set()

    def _serve(self, places: Sequence[_Place[Asked, Given]]) -> None:
        try:
            with self._database.write_at_once() as connection:
                given = self._work(connection, [place.asked for place in places])
                if len(given) != len(places):
                    raise ValueError(f"{len(given)} answers to {len(places)} questions")
        except BaseException as error:  # whatever it is, nobody may be left waiting
            if len(places) > 1 and not isinstance(error, OperationalError):
                # One of them cannot be done: alone, it spoils nobody else's.
                for place in places:
                    self._serve([place])
                return
            for place in places:
                place.error, place.done = error, True
        else:
            for place, found in zip(places, given, strict=True):
                place.given, place.done = found, True


@dataclass(eq=False, slots=True)
class _Place(Generic[Asked, Given]):
    asked: Asked
    done: bool = False
    given: Given | None = None
    error: BaseException | None = None
    #: set when it is done, or when it is to serve
    turn: threading.Event = field(default_factory=threading.Event)
