"""Queues that are not of today: refused in the midst, kept by an older release, told by a wrong clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from playwright.sync_api import Page, Request, Route, expect
from sqlalchemy import select

from barometre.intake.envelope import write_envelope
from barometre.storage.models import Envelope, Interview, utc_now
from barometre.storage.people import enrol_device, fetch_person
from tests.interview.tablet import END, Tablet
from tests.support import choose_first, give_account, make_app, serve

INTAKE = "**/intake/interviews/*"
ALL_SENT = "Tout est envoyé"

#: the stores of version 1 as its release made them, with an interviewer, a device and a queue
FIRST_VERSION = """({ device, interviewer, records }) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("barometre", 1);
  opening.onupgradeneeded = () => {
    const database = opening.result;
    database.createObjectStore("settings");
    database.createObjectStore("drafts", { keyPath: "uuid" });
    database.createObjectStore("journal", { keyPath: ["uuid", "seq"] });
    database.createObjectStore("outbox", { keyPath: "uuid" }).createIndex("waiting", "waiting");
  };
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const writing = opening.result.transaction(["settings", "outbox"], "readwrite");
    writing.objectStore("settings").put(device, "device");
    writing.objectStore("settings").put(interviewer, "interviewer");
    for (const record of records) writing.objectStore("outbox").put(record);
    writing.onerror = () => reject(writing.error);
    writing.oncomplete = () => { opening.result.close(); resolve(); };
  };
})"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, str]]:
    """The application and its address."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('queue') / 'barometre.sqlite'}")
    give_account(app, "caller-1", "interviewer")
    with serve(app) as address:
        yield app, address
    app.extensions["database"].engine.dispose()


@pytest.fixture
def tablet(page: Page, running: tuple[Flask, str]) -> Tablet:
    """A new tablet, which nobody has opened yet."""
    return Tablet(page, *running)


def finish_some(tablet: Tablet, number: int) -> list[str]:
    """Interviews broken off after their first question; gives their uuids."""
    uuids = []
    for _ in range(number):
        tablet.page.goto(f"{tablet.address}/interview/")
        tablet.begin("fr")
        uuids.append(tablet.page.url.partition("#")[2].partition("/")[0])
        tablet.choose("quartier", 2)
        tablet.next()
        tablet.stop("break_off")
        tablet.wait_for(END)
    return uuids


def count_rows(app: Flask, uuids: list[str]) -> tuple[int, int]:
    """Envelopes and interviews of these uuids on the server."""
    wanted = [UUID(uuid) for uuid in uuids]
    with app.extensions["database"].read() as session:
        found = [
            session.scalars(select(table.uuid).where(table.uuid.in_(wanted))).all()
            for table in (Envelope, Interview)
        ]
    return len(found[0]), len(found[1])


def test_a_refusal_in_the_midst_of_the_queue_costs_no_interview(tablet: Tablet) -> None:
    tablet.sign_in()
    page = tablet.page
    sent: list[str] = []
    connected = False

    def refuse_from_the_third_on(route: Route) -> None:
        if not connected:
            return route.abort("internetdisconnected")
        sent.append(route.request.url)
        if len(sent) > 2:
            return route.fulfill(status=401, content_type="application/json", body="{}")
        return route.continue_()

    page.route(INTAKE, refuse_from_the_third_on)
    uuids = finish_some(tablet, 4)
    # The round without a network is over: the next one begins with the oldest.
    expect(page.locator("#outcome")).to_contain_text("Pas de réseau")
    connected = True
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator("#outcome")).to_contain_text("2 entretiens à envoyer")
    assert count_rows(tablet.app, uuids) == (2, 2)
    page.unroute(INTAKE)
    # Whoever signs in meanwhile, or a token that is good again: the rest leaves, and nothing twice.
    page.goto(f"{tablet.address}/interview/")
    expect(page.locator("#state")).to_have_text(ALL_SENT)
    assert count_rows(tablet.app, uuids) == (4, 4)


@pytest.mark.parametrize(
    "error", [timedelta(days=-1), timedelta(days=365)], ids=["a day slow", "a year fast"]
)
def test_a_wrong_clock_changes_nothing_but_the_time_told(tablet: Tablet, error: timedelta) -> None:
    now = datetime.now(UTC) + error
    tablet.page.clock.install(time=now)
    tablet.sign_in()
    (uuid,) = finish_some(tablet, 1)
    tablet.page.goto(f"{tablet.address}/interview/")
    expect(tablet.page.locator("#state")).to_have_text(ALL_SENT)
    with tablet.app.extensions["database"].read() as session:
        envelope = session.scalars(select(Envelope).where(Envelope.uuid == UUID(uuid))).one()
        interview = session.get(Interview, UUID(uuid))
    assert envelope.status == "stored"
    # What the tablet told is kept as told; what the server knows is its own.
    assert interview is not None
    assert interview.started_at is not None
    assert abs(interview.started_at - now) < timedelta(hours=1)
    assert abs(envelope.received_at - utc_now()) < timedelta(hours=1)
    assert tablet.stored_codes(uuid)["quartier"] == 2


def write_queue(app: Flask, number: int) -> list[dict[str, Any]]:
    """Records as the first release sealed them: JSON as text, and its hash."""
    asked = app.extensions["town"].current_wave.questionnaire
    answers = {item: {"code": code, "language": "fr"} for item, code in choose_first(asked).items()}
    records = []
    for minute in range(number):
        uuid = uuid4()
        finished_at = f"2026-11-20T10:{minute:02}:00.000Z"
        body = write_envelope(
            uuid,
            wave=asked.wave,
            version=asked.version,
            interviewer="caller-1",
            disposition="complete",
            started_at=finished_at,
            answers=answers,
        ).decode()
        records.append(
            {
                "uuid": str(uuid),
                "bytes": body,
                "sha256": sha256(body.encode()).hexdigest(),
                "disposition": "complete",
                "language": "fr",
                "finished_at": finished_at,
                "waiting": finished_at,
                "attempts": 0,
                "problem": None,
                "receipt": None,
            }
        )
    return records


def test_fifty_interviews_queued_by_the_first_release_are_all_sent(tablet: Tablet) -> None:
    app, page = tablet.app, tablet.page
    with app.extensions["database"].write() as session:
        person = fetch_person(session, "caller-1")
        assert person
        token = enrol_device(session, person.id, "an older release")
    records = write_queue(app, 50)
    # Any address of the site that opens no database of its own.
    page.goto(f"{tablet.address}/intake/ping")
    device = {"token": token, "device_id": 1}
    page.evaluate(FIRST_VERSION, {"device": device, "interviewer": "caller-1", "records": records})
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "PUT" else None)
    page.goto(f"{tablet.address}/interview/")
    expect(page.locator("#state")).to_have_text(ALL_SENT)

    uuids = [record["uuid"] for record in records]
    assert [request.url.rpartition("/")[2] for request in sent] == uuids, "the oldest first, each once"
    assert {request.headers["content-type"] for request in sent} == {"application/json"}
    assert count_rows(app, uuids) == (50, 50)
    with app.extensions["database"].read() as session:
        bodies = session.scalars(select(Envelope.body).where(Envelope.uuid.in_(map(UUID, uuids)))).all()
    assert sorted(bodies) == sorted(record["bytes"].encode() for record in records)
    kept = {record["uuid"]: record for record in tablet.kept("outbox")}
    assert {kept[uuid]["receipt"]["status"] for uuid in uuids} == {"stored"}
    assert json.loads(bodies[0])["interviewer"] == "caller-1"
