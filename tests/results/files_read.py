"""Releases whose files are read back, and the readers of these files."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from barometre.estimates.counts import Counts
from barometre.results.files.catalogue import FILES
from barometre.results.files.columns import COLUMNS
from barometre.results.sources import Published, fetch_published
from tests.disclosure.population import KINDS, draw, settle, tally

Line = dict[str, Any]
READ = {"integer": int, "number": float, "boolean": {"true": True, "false": False}.__getitem__}


def release(app: Flask, kind: str, seed: int) -> Counts:
    """Release an invented population; its counts."""
    asked = app.extensions["town"].current_wave.questionnaire
    counts = tally(asked, draw(asked, KINDS[kind], seed))
    settle(app, counts)
    return counts


def published_of(app: Flask) -> Published:
    """The release of an application, worked out."""
    with app.test_request_context("/"):
        found = fetch_published()
    assert found is not None
    return found


def fetch(client: FlaskClient, address: str) -> bytes:
    """The bytes behind an address."""
    answer = client.get(address)
    assert answer.status_code == 200, f"{address} answered {answer.status_code}"
    return answer.get_data()


def address_of(app: Flask, suffix: str) -> str:
    """Where one of the files is."""
    file = next(file for file in FILES if file.suffix == suffix)
    return f"/donnees/{file.name(app.extensions['town'])}"


def read_csv(body: bytes) -> list[Line]:
    """The lines of a CSV file of results, with the types of their columns."""
    types = {column.name: column.type for column in COLUMNS}
    return [
        {name: READ.get(types[name], str)(value) if value else None for name, value in line.items()}
        for line in csv.DictReader(io.StringIO(body.decode("utf-8"), newline=""))
    ]


def read_api(body: bytes) -> list[Line]:
    """The lines of an answer of the interface for programs."""
    lines: list[Line] = json.loads(body)["resultats"]
    return lines
