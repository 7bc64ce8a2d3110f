"""Building blocks for tests: an application on a real database, people, interviews, a live server."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwe
from joserfc.jwk import ECKey
from werkzeug.serving import make_server

from barometre.access import HASHER
from barometre.app import create_app
from barometre.config import Config
from barometre.intake.envelope import write_envelope
from barometre.intake.keys import add_keys, generate_key, import_key, publish, read_keys
from barometre.intake.receive import Gate
from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.town import Town
from barometre.storage.arrivals import Kept
from barometre.storage.engine import Database
from barometre.storage.people import add_person
from barometre.storage.schema import upgrade
from barometre.storage.sealing_keys import record_public_key

ROOT = Path(__file__).resolve().parent.parent
SECOND_TOWN = ROOT / "tests" / "surveys"
ALGORITHMS = ["ECDH-ES", "A256GCM", "DEF"]
PASSWORD = "a long password for tests"


def make_app(database_url: str, **settings: Any) -> Flask:
    """An application on an empty database with the current schema; cookies work over http.

    Its tablets seal to a key that it has, the same one in all tests of a process.
    """
    prepare_schema(database_url)
    chosen = {"secret_key": "tests only", "secure_cookies": False, "sealing_keys": key_file()} | settings
    app = create_app(Config(database_url=database_url, **chosen))
    app.testing = True
    # What is published in a test is looked at in the same moment.
    app.extensions["frozen"].noticed_after = 0
    if app.extensions["config"].sealing_keys == key_file():
        with app.extensions["database"].write() as session:
            record_public_key(session, app.extensions["town"].current_wave.id, public_key())
    return app


def prepare_schema(database_url: str) -> None:
    """Bring a database to the current schema; a new SQLite file is a copy of one that was migrated."""
    path = Path(database_url.removeprefix("sqlite:///"))
    if not database_url.startswith("sqlite") or path.exists():
        upgrade(Database(database_url))
    else:
        copyfile(migrated_file(), path)


@cache
def migrated_file() -> Path:
    """An empty SQLite database with the current schema, gone when the tests end."""
    folder = TemporaryDirectory(prefix="baro-schema-")
    atexit.register(folder.cleanup)
    path = Path(folder.name) / "empty.sqlite"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    with database.engine.connect() as connection:
        # Everything in the one file that is copied.
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    database.engine.dispose()
    return path


@cache
def key_file() -> Path:
    """A file with one private key, gone when the tests end."""
    folder = TemporaryDirectory(prefix="baro-keys-")
    atexit.register(folder.cleanup)
    path = Path(folder.name) / "sealing-keys.json"
    add_keys(path, [generate_key()])
    return path


@cache
def public_key() -> Mapping[str, str]:
    """What tablets seal to in the tests."""
    (private,) = read_keys(key_file()).values()
    return publish(private)


def seal(body: bytes, public_jwk: Mapping[str, str]) -> bytes:
    """An envelope as a tablet seals it."""
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": public_jwk["kid"]}
    if len(body) <= 200_000:
        header["zip"] = "DEF"
    key = ECKey.import_key({**public_jwk})
    return jwe.encrypt_compact(header, body, key, algorithms=ALGORITHMS).encode()


def unseal(body: bytes) -> bytes:
    """What a sealed envelope holds; one that is not sealed as it is."""
    if body.startswith(b"{"):
        return body
    (private,) = read_keys(key_file()).values()
    return jwe.decrypt_compact(body, import_key(private), algorithms=ALGORITHMS).plaintext or b""


def give_account(app: Flask, username: str, *roles: str, council: str | None = None) -> None:
    """Somebody who signs in with `PASSWORD`."""
    with app.extensions["database"].write() as session:
        add_person(session, username, HASHER.hash(PASSWORD), roles, council)


def sign_in(client: FlaskClient, username: str) -> FlaskClient:
    """The client, signed in."""
    page = client.get("/sign-in").get_data(as_text=True)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    answer = client.post("/sign-in", data={"csrf_token": token, "username": username, "password": PASSWORD})
    assert answer.status_code in (302, 303), answer.get_data(as_text=True)
    return client


def leave_eligible(questionnaire: Questionnaire, answers: Mapping[str, int | str]) -> dict[str, int | str]:
    """The same answers, by somebody whom the survey is for."""
    kept = dict(answers)
    for rule in questionnaire.not_eligible:
        scale = questionnaire.by_id[rule.item].scale
        if kept.get(rule.item) in rule.codes and scale:
            kept[rule.item] = min(scale.codes - rule.codes)
    return kept


def choose_first(questionnaire: Questionnaire) -> dict[str, int]:
    """The first option of every closed item, or the first one that keeps the person in the survey."""
    excluded = {rule.item: rule.codes for rule in questionnaire.not_eligible}
    return {
        item.id: next(o.code for o in item.scale.options if o.code not in excluded.get(item.id, ()))
        for item in questionnaire.closed_items
        if item.scale
    }


def store_interview(
    database: Database,
    town: Town,
    answers: Mapping[str, int | str],
    *,
    uuid: UUID | None = None,
    disposition: str = "complete",
    language: str = "fr",
) -> Kept:
    """One interview of the current wave, through the gate."""
    uuid = uuid or uuid4()
    questionnaire = town.current_wave.questionnaire
    body = write_envelope(
        uuid,
        wave=questionnaire.wave,
        version=questionnaire.version,
        interviewer="interviewer",
        disposition=disposition,
        started_at="2027-11-15T10:00:00+01:00",
        answers={
            item: {"code" if isinstance(value, int) else "text": value, "language": language}
            for item, value in answers.items()
        },
    )
    with database.write() as session:
        return Gate(town).receive(session, uuid, body, channel="file")


@contextmanager
def serve(app: Flask, port: int = 0) -> Iterator[str]:
    """The application on a port of this machine, a free one unless told; gives its address."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
