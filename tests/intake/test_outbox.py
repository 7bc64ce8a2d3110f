"""A tablet's outbox brought as a file: each interview enters once, and a damaged one stops nobody."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from barometre.questionnaire.town import Town
from barometre.storage import people
from barometre.storage.counts import check_counts, fetch_counts
from barometre.storage.engine import Database
from barometre.storage.models import Envelope, Interview
from tests.intake.conftest import answer_key_items, put, seal
from tests.intake.test_files import run
from tests.support import public_key
from tests.support import seal as seal_bytes

MOMENT = "2027-11-15T18:00:00+01:00"


def make_record(town: Town, uuid: UUID | None = None, **answers: int) -> dict[str, Any]:
    """An interview as a tablet exports it."""
    uuid = uuid or uuid4()
    asked = town.current_wave.questionnaire
    body = seal_bytes(seal(asked, uuid, answer_key_items(asked, **answers)), public_key())
    return {"uuid": str(uuid), "sha256": hashlib.sha256(body).hexdigest(), "bytes": body.decode()}


def write_outbox(path: Path, records: list[Any], **others: Any) -> Path:
    """The export itself."""
    content = {"barometre": "outbox", "version": 1, "exported_at": MOMENT, "device_id": 1, "records": records}
    path.write_text(json.dumps(content | others), encoding="utf-8")
    return path


def import_outbox(app: Flask, path: Path, *options: str) -> Result:
    """`barometre interviews import`, without a wave."""
    return run(app, "import", path, *options)


def count(database: Database) -> int:
    """Counted interviews, always those of a recount."""
    with database.read() as session:
        assert check_counts(session, "2027")
    with database.read() as session:
        counts = fetch_counts(session, "2027")
    return counts.total if counts else 0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the export is; its name says nothing."""
    return tmp_path / "tablette.txt"


def test_an_outbox_enters_once_however_often_it_is_imported(
    app: Flask, database: Database, town: Town, path: Path
) -> None:
    records = [make_record(town) for _ in range(6)]
    first = import_outbox(app, write_outbox(path, records))
    assert first.exit_code == 0, first.output
    assert "6 entretiens enregistrés." in first.output
    again = import_outbox(app, path)
    assert (again.exit_code, "6 déjà reçus." in again.output) == (0, True)
    assert "0 entretien enregistré." in again.output
    assert count(database) == 6
    with database.read() as session:
        rows = session.scalars(select(Envelope).order_by(Envelope.seq)).all()
    assert [row.body.decode() for row in rows] == [record["bytes"] for record in records]
    assert {row.channel for row in rows} == {"file"}
    assert {row.device_id for row in rows} == {None}, "no tablet bears this number here"


def test_what_the_tablet_sent_before_or_sends_after_is_the_same_interview(
    app: Flask, database: Database, town: Town, path: Path, token: str
) -> None:
    before, after = make_record(town), make_record(town)

    def send(record: dict[str, Any]) -> Any:
        sent = record["bytes"].encode()
        return put(app, token, UUID(record["uuid"]), sent, content_type="application/jose").json

    assert send(before)["status"] == "stored"
    with database.read() as session:
        tablet = people.fetch_device_by_token(session, token)
    assert tablet
    told = import_outbox(app, write_outbox(path, [before, after], device_id=tablet.id)).output
    assert "1 entretien enregistré." in told
    assert "1 déjà reçu." in told
    assert send(after)["status"] == "already_received"
    assert count(database) == 2
    with database.read() as session:
        assert set(session.scalars(select(Envelope.device_id))) == {tablet.id}


def test_the_outbox_of_a_revoked_tablet_is_set_aside(
    app: Flask, database: Database, town: Town, path: Path, token: str
) -> None:
    with database.write() as session:
        tablet = people.fetch_device_by_token(session, token)
        assert tablet
        people.revoke_device(session, tablet.id)
    told = import_outbox(app, write_outbox(path, [make_record(town)], device_id=tablet.id))
    assert told.exit_code == 1
    assert "1 entretien mis de côté" in told.output
    with database.read() as session:
        assert session.scalars(select(Envelope.reason)).one() == "revoked_device"
    assert count(database) == 0


def test_a_damaged_record_is_named_and_stops_nobody(
    app: Flask, database: Database, town: Town, path: Path
) -> None:
    altered = make_record(town)
    altered["bytes"] = altered["bytes"][:-6] + "AAAAAA"
    damaged: list[Any] = [
        altered,
        make_record(town) | {"sha256": "0" * 64},
        make_record(town) | {"sha256": None},
        make_record(town) | {"uuid": "not a uuid"},
        make_record(town) | {"uuid": 12},
        make_record(town) | {"bytes": None},
        make_record(town) | {"bytes": "\ud800"},
        "not a record",
        None,
    ]
    sound = [make_record(town) for _ in damaged]
    refused = make_record(town, satisfaction=9)
    records = [record for pair in zip(damaged, sound, strict=True) for record in pair] + [refused]
    told = import_outbox(app, write_outbox(path, records))
    assert told.exit_code == 1
    assert f"{len(sound)} entretiens enregistrés." in told.output
    assert f"{len(damaged)} entretiens abîmés." in told.output
    assert "1 entretien mis de côté" in told.output
    assert altered["uuid"] in told.output
    places = [int(line.split()[0]) for line in told.output.splitlines() if line.strip()[:1].isdigit()]
    assert places[: len(damaged)] == list(range(1, 2 * len(damaged), 2))
    assert count(database) == len(sound)
    with database.read() as session:
        assert len(session.scalars(select(Envelope.uuid)).all()) == len(sound) + 1
        stored = set(session.scalars(select(Interview.uuid)))
    assert stored == {UUID(record["uuid"]) for record in sound}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"barometre": "outbox", "version": 1, "records": [{"uuid"', "abîmé ou incomplet"),
        ("{" * 50_000, "abîmé ou incomplet"),
        ('{"barometre": "outbox", "version": 1}', "n’est pas l’export d’une tablette"),
        ('{"answers": {}}', "n’est pas l’export d’une tablette"),
        ('{"barometre": "outbox", "version": 2, "records": []}', "version plus récente"),
    ],
)
def test_a_file_that_is_no_outbox_is_refused_in_words(
    app: Flask, database: Database, path: Path, content: str, words: str
) -> None:
    path.write_text(content, encoding="utf-8")
    refused = import_outbox(app, path)
    assert refused.exit_code == 1
    assert words in refused.output
    assert count(database) == 0


@pytest.mark.parametrize("device_id", [None, "1", True, -1, 0, 2**40, 1.5])
def test_a_number_that_no_tablet_bears_is_no_hindrance(
    app: Flask, database: Database, town: Town, path: Path, device_id: object
) -> None:
    told = import_outbox(app, write_outbox(path, [make_record(town)], device_id=device_id))
    assert told.exit_code == 0, told.output
    assert count(database) == 1


def test_an_outbox_that_begins_with_a_mark_is_read_and_one_without_interviews_holds_nothing(
    app: Flask, database: Database, path: Path
) -> None:
    write_outbox(path, [])
    path.write_bytes(b"\xef\xbb\xbf\n" + path.read_bytes())
    told = import_outbox(app, path)
    assert (told.exit_code, "0 entretien enregistré." in told.output) == (0, True)
    assert count(database) == 0


def test_a_sheet_still_needs_its_wave(app: Flask, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_text("interview_id;quartier\na1;1\n", encoding="utf-8")
    refused = import_outbox(app, sheet)
    assert refused.exit_code == 2
    assert "--wave" in refused.output
