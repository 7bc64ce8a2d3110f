"""The least a Flask application can do: an empty route, and one that parses a body and stores it durably."""

from __future__ import annotations

import sqlite3
import threading
from typing import Any, cast
from uuid import UUID

import psycopg
from flask import Flask, request
from flask.typing import ResponseReturnValue

TABLE = "create table if not exists stored (uuid {kind} primary key, body {body} not null)"


def make_app(database_url: str) -> Flask:
    """The bare application on a SQLAlchemy address, with the driver's own connection in each thread."""
    app = Flask(__name__)
    kept = threading.local()

    @app.get("/empty")
    def empty() -> ResponseReturnValue:
        return "", 200

    @app.put("/interviews/<uuid:uuid>")
    def put_interview(uuid: UUID) -> ResponseReturnValue:
        body = request.get_data()
        content = request.get_json()
        if not hasattr(kept, "store"):
            kept.store = open_store(database_url)
        kept.store(uuid, body)
        return {"uuid": content["uuid"], "status": "stored"}, 201

    return app


def open_store(database_url: str) -> Any:
    """A function that inserts one body under its uuid, committed and on the disk when it returns."""
    if database_url.startswith("sqlite"):
        path = database_url.removeprefix("sqlite:///")
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        # The same settings as `barometre.storage.engine`.
        for setting in ("busy_timeout = 20000", "journal_mode = wal", "synchronous = full"):
            connection.execute(f"pragma {setting}")
        connection.execute(TABLE.format(kind="blob", body="blob"))
        statement = "insert into stored values (?, ?)"
        return lambda uuid, body: connection.execute(statement, (uuid.bytes, body))
    address = database_url.replace("postgresql+psycopg://", "postgresql://", 1)
    server = cast(Any, psycopg.connect(address, autocommit=True))
    server.execute(TABLE.format(kind="uuid", body="bytea"))
    return lambda uuid, body: server.execute("insert into stored values (%s, %s)", (uuid, body))
