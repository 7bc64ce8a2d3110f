"""Group commit: what waits at the same moment shares one transaction, and one wait for the disk."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from barometre.storage.engine import Database

Asked = TypeVar("Asked")
Given = TypeVar("Given")


class GroupCommit(Generic[Asked, Given]):
    """The one way into the database for the threads of a process.

    Each thread lays down what it asks and takes its turn; the first one does the work of all that lies
    there, so that the others find theirs done. A lonely thread never waits, and under load one commit
    serves many: PostgreSQL's own group commit, brought before the statements and to SQLite.
    """

    def __init__(
        self, database: Database, work: Callable[[Connection, Sequence[Asked]], list[Given]]
    ) -> None:
        """`work` does what is asked, in order, inside one write transaction."""
        self._database = database
        self._work = work
        self._waiting: deque[_Place[Asked, Given]] = deque()
        self._turn = threading.Lock()

    def ask(self, asked: Asked) -> Given:
        """What `work` gives for this, once it is committed."""
        mine: _Place[Asked, Given] = _Place(asked)
        self._waiting.append(mine)
        with self._turn:
            if not mine.done:
                self._serve([self._waiting.popleft() for _ in range(len(self._waiting))])
        if mine.error is not None:
            raise mine.error
        assert mine.given is not None
        return mine.given

    def _serve(self, places: Sequence[_Place[Asked, Given]]) -> None:
        try:
            with self._database.write_directly() as connection:
                given = self._work(connection, [place.asked for place in places])
        except Exception as error:
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
    error: Exception | None = None
