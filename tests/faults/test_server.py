"""The server as it is deployed, two processes of several threads, against clients that repeat or vanish."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from barometre.app import create_app
from barometre.config import Config
from barometre.questionnaire.definition import Questionnaire
from barometre.storage import people
from barometre.storage.models import Envelope, Interview
from barometre.storage.schema import upgrade
from tests.benchmarks.load import write_request
from tests.faults.server import SECRET_KEY, Server
from tests.intake.conftest import answer_key_items, seal
from tests.postgres import fresh_database
from tests.support import give_account


@dataclass
class Intake:
    """A running server, and what a tablet of its would send."""

    app: Flask
    server: Server
    token: str

    def write(self, uuid: UUID) -> bytes:
        """The request that hands over one interview."""
        asked: Questionnaire = self.app.extensions["town"].current_wave.questionnaire
        body = seal(asked, uuid, answer_key_items(asked))
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return write_request("PUT", f"/intake/interviews/{uuid}", body, headers | {"Connection": "close"})

    @contextmanager
    def connect(self) -> Iterator[socket.socket]:
        """A connection of its own."""
        with socket.create_connection(("127.0.0.1", self.server.port)) as connection:
            yield connection

    def send(self, request: bytes) -> int:
        """The status that the request is answered with."""
        with self.connect() as connection:
            connection.sendall(request)
            return int(connection.makefile("rb").readline().split()[1])

    def count(self, uuid: UUID) -> tuple[int, ...]:
        """Envelopes and interviews under one uuid."""
        with self.app.extensions["database"].read() as session:
            return tuple(
                len(session.scalars(select(table.uuid).where(table.uuid == uuid)).all())
                for table in (Envelope, Interview)
            )


@contextmanager
def new_database(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{folder / 'barometre.sqlite'}"
        return
    with fresh_database(request.getfixturevalue("postgres_url")) as url:
        yield url


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def intake(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Intake]:
    """A server on either database, with one tablet enrolled."""
    with new_database(request, tmp_path_factory.mktemp("server")) as url:
        app = create_app(Config(secret_key=SECRET_KEY, database_url=url))
        database = app.extensions["database"]
        upgrade(database)
        give_account(app, "enqueteur-1", "interviewer")
        with database.write() as session:
            person = people.fetch_person(session, "enqueteur-1")
            assert person
            token = people.enrol_device(session, person.id, "tablette 1")
        server = Server(url)
        server.start()
        try:
            yield Intake(app, server, token)
        finally:
            server.wait_until_back()
            server.stop()
            database.engine.dispose()


def test_five_copies_at_the_same_time_on_two_processes_leave_one_row(intake: Intake) -> None:
    uuid = uuid4()
    with ThreadPoolExecutor(5) as pool:
        statuses = list(pool.map(intake.send, [intake.write(uuid)] * 5))
    assert sorted(statuses) == [200, 200, 200, 200, 201]
    assert intake.count(uuid) == (1, 1)


def test_a_request_cut_on_the_way_leaves_nothing(intake: Intake) -> None:
    uuid = uuid4()
    whole = intake.write(uuid)
    for length in (len(whole) - 1, len(whole) - 200):
        with intake.connect() as connection:
            connection.sendall(whole[:length])
            connection.shutdown(socket.SHUT_WR)
            # Whatever it answers, nobody is there to hear it: its end says that it is done.
            assert b"201" not in connection.makefile("rb").read()
        assert intake.count(uuid) == (0, 0)
    assert intake.send(whole) == 201
    assert intake.count(uuid) == (1, 1)


def test_what_was_acknowledged_survives_a_kill(intake: Intake) -> None:
    uuid = uuid4()
    assert intake.send(intake.write(uuid)) == 201
    intake.server.strike()
    intake.server.wait_until_back()
    assert intake.count(uuid) == (1, 1)
    assert intake.send(intake.write(uuid)) == 200
