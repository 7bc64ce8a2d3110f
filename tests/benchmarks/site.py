"""The application serving a database that already holds a number of interviews."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from barometre.questionnaire.definition import Questionnaire
from barometre.storage.engine import Database
from tests.benchmarks.data import Sample, fill, prepare
from tests.benchmarks.floor import open_store as open_floor_store
from tests.benchmarks.load import write_request
from tests.benchmarks.servers import Server, Store, run_app, run_floor
from tests.support import public_key, seal


@dataclass(frozen=True)
class Site:
    """A running application, or the floor when it holds no interview."""

    #: interviews in its database when the measures start; 0 for the floor
    size: int
    server: Server
    #: first processes of everything that works for it
    pids: tuple[int, ...]
    #: address of the route that stores
    path: str
    token: str = ""
    database: Database | None = None

    def write_requests(self, samples: Sequence[Sample], number: int) -> list[bytes]:
        """Interviews on their way, all different; sealed, but for the floor, which only reads JSON."""
        kind = "application/json" if self.database is None else "application/jose"
        headers = {"Content-Type": kind, "Authorization": f"Bearer {self.token}"}
        requests = []
        for place in range(number):
            uuid = uuid4()
            body = samples[place % len(samples)].write(uuid)
            if self.database is not None:
                body = seal(body, public_key())
            requests.append(write_request("PUT", f"{self.path}{uuid}", body, headers))
        return requests


@contextmanager
def open_site(
    store: Store, questionnaire: Questionnaire, samples: Sequence[Sample], size: int
) -> Iterator[Site]:
    """The application on a database of its own with `size` interviews."""
    with store.new_database(f"interviews-{size}") as url:
        database = Database(url)
        token = prepare(database)
        fill(database, questionnaire, samples, size)
        with run_app(url) as server:
            yield Site(size, server, (server.pid, *store.pids), "/intake/interviews/", token, database)
        database.engine.dispose()


@contextmanager
def open_floor(store: Store) -> Iterator[Site]:
    """The bare application on a database of its own."""
    with store.new_database("floor") as url:
        open_floor_store(url)  # makes the table, before several workers try at once
        with run_floor(url) as server:
            yield Site(0, server, (server.pid, *store.pids), "/interviews/")
