"""A tablet hands over its envelopes: receipts, repeats, quarrels and revoked tablets."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from barometre.intake.envelope import MAX_BYTES
from barometre.questionnaire.town import Town
from barometre.storage import people
from barometre.storage.counts import fetch_counts
from barometre.storage.engine import Database
from barometre.storage.models import Envelope, Interview, utc_now
from tests.intake.conftest import answer_key_items, put, seal


def make_body(town: Town, uuid: UUID, **answers: int) -> bytes:
    """An interview that holds."""
    asked = town.current_wave.questionnaire
    return seal(asked, uuid, answer_key_items(asked, **answers))


def test_the_first_copy_is_created_and_the_next_ones_are_known(app: Flask, town: Town, token: str) -> None:
    uuid = uuid4()
    body = make_body(town, uuid)
    first, second = put(app, token, uuid, body), put(app, token, uuid, body)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json
    assert first.json | {"status": "already_received"} == second.json
    assert first.json["uuid"] == str(uuid)
    assert first.json["status"] == "stored"
    assert first.json["sha256"] == hashlib.sha256(body).hexdigest()
    assert first.json["backed_up_seq"] < first.json["seq"], "nothing was backed up: the tablet keeps its copy"


def test_five_copies_at_the_same_time_leave_one_row(
    app: Flask, database: Database, town: Town, token: str
) -> None:
    uuid = uuid4()
    body = make_body(town, uuid)
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _copy: put(app, token, uuid, body), range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    assert len({answer.json["seq"] for answer in answers if answer.json}) == 1
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Envelope)) == 1
        assert session.scalar(select(func.count()).select_from(Interview)) == 1
        counts = fetch_counts(session, town.current_wave.id)
    assert counts is not None
    assert counts.total == 1


def test_interviews_sent_at_the_same_time_are_all_counted(
    app: Flask, database: Database, town: Town, token: str
) -> None:
    with ThreadPoolExecutor(5) as pool:
        answers = list(
            pool.map(lambda uuid: put(app, token, uuid, make_body(town, uuid)), [uuid4() for _ in range(15)])
        )
    assert {answer.status_code for answer in answers} == {201}
    with database.read() as session:
        counts = fetch_counts(session, town.current_wave.id)
    assert counts is not None
    assert counts.total == 15


def test_another_content_under_the_same_uuid_is_received_as_a_conflict(
    app: Flask, town: Town, token: str
) -> None:
    uuid = uuid4()
    put(app, token, uuid, make_body(town, uuid))
    answer = put(app, token, uuid, make_body(town, uuid, quartier=2))
    assert answer.status_code == 201
    assert answer.json
    assert answer.json["status"] == "conflict"


def test_a_refused_interview_is_received_in_quarantine_with_a_reason_without_answers(
    app: Flask, town: Town, token: str
) -> None:
    uuid = uuid4()
    answer = put(app, token, uuid, make_body(town, uuid, satisfaction=9))
    assert answer.status_code == 201
    assert answer.json
    assert (answer.json["status"], answer.json["reason"]) == ("quarantined", "invalid")


def test_a_revoked_tablet_is_received_in_quarantine(
    app: Flask, database: Database, town: Town, token: str
) -> None:
    with database.write() as session:
        tablet = people.fetch_device_by_token(session, token)
        assert tablet
        people.revoke_device(session, tablet.id)
    uuid = uuid4()
    answer = put(app, token, uuid, make_body(town, uuid))
    assert answer.status_code == 201
    assert answer.json
    assert (answer.json["status"], answer.json["reason"]) == ("quarantined", "revoked_device")
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Interview)) == 0


@pytest.mark.parametrize("token_given", [None, "not a token"])
def test_without_a_token_nothing_is_received(
    app: Flask, database: Database, town: Town, token_given: str | None
) -> None:
    uuid = uuid4()
    answer = put(app, token_given, uuid, make_body(town, uuid))
    assert answer.status_code == 401
    assert answer.json, "a tablet reads JSON"
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Envelope)) == 0


def test_what_is_no_envelope_of_a_tablet_is_not_received(app: Flask, town: Town, token: str) -> None:
    uuid = uuid4()
    body = make_body(town, uuid)
    assert put(app, token, uuid, body, content_type="text/plain").status_code == 400
    assert put(app, token, uuid, b" " * (MAX_BYTES + 1)).status_code == 413
    assert app.test_client().put("/intake/interviews/12", data=body).status_code == 404


def test_a_tablet_can_tell_this_server_from_another(app: Flask) -> None:
    answer = app.test_client().get("/intake/ping")
    assert answer.json
    assert (answer.json["barometre"], answer.json["backed_up_seq"]) == ("intake", 0)
    assert abs(datetime.fromisoformat(answer.json["now"]) - utc_now()) < timedelta(minutes=5)
