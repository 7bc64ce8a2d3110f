"""Sending in Chromium: only a matching receipt lets an interview count as sent, and none is ever lost."""

import hashlib
import json
from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from sqlalchemy import delete, func, select

from barometre.storage.models import Backup, Device, Envelope, Interview, utc_now
from tests.interview.tablet import CONSENT, END, Tablet, poll
from tests.support import give_account, make_app, serve, unseal

INTAKE = "**/intake/interviews/*"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, str]]:
    """The application and its address."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('outbox') / 'barometre.sqlite'}")
    give_account(app, "caller-1", "interviewer")
    give_account(app, "caller-2", "interviewer")
    with serve(app) as address:
        yield app, address
    app.extensions["database"].engine.dispose()


@pytest.fixture
def tablet(page: Page, running: tuple[Flask, str]) -> Tablet:
    """A new tablet with an interviewer signed in."""
    tablet = Tablet(page, *running)
    tablet.sign_in()
    return tablet


def refuse(tablet: Tablet) -> str:
    """The shortest interview: a refusal at the door. Gives its uuid."""
    tablet.page.goto(f"{tablet.address}/interview/2027/fr/")
    tablet.page.locator('[data-start="fr"]').click()
    tablet.wait_for(CONSENT)
    uuid: str = tablet.uuid
    tablet.page.get_by_role("button", name="Refus").click()
    tablet.wait_for(END)
    return uuid


def count_received(tablet: Tablet, uuid: str) -> int:
    with tablet.app.extensions["database"].read() as session:
        rows = session.scalars(select(Envelope.body)).all()
        return sum(json.loads(unseal(body))["uuid"] == uuid for body in rows)


def record_of(tablet: Tablet, uuid: str) -> dict[str, object]:
    return next(record for record in tablet.kept("outbox") if record["uuid"] == uuid)


def test_the_bytes_sent_are_the_bytes_sealed_and_a_copy_stays_on_the_tablet(tablet: Tablet) -> None:
    uuid = refuse(tablet)
    tablet.wait_until_sent()
    record = record_of(tablet, uuid)
    with tablet.app.extensions["database"].read() as session:
        bodies = session.scalars(select(Envelope.body).order_by(Envelope.seq.desc())).all()
    assert str(record["bytes"]).encode() == bodies[0]
    assert record["sha256"] == hashlib.sha256(bodies[0]).hexdigest()
    receipt = record["receipt"]
    assert isinstance(receipt, dict)
    assert (receipt["uuid"], receipt["sha256"]) == (uuid, record["sha256"])


ANSWERS_OF_STRANGERS = {
    "a captive portal": (200, "text/html", "<h1>Bienvenue sur le Wi-Fi</h1>"),
    "a server in trouble": (500, "application/json", '{"code": "internal_error"}'),
    "a receipt with a status nobody asked for": (202, "application/json", "{}"),
    "a receipt of something else": (
        201,
        "application/json",
        '{"uuid": "5b1d0d1e-0000-4000-8000-000000000000", "sha256": "00", "status": "stored", "seq": 1}',
    ),
}


@pytest.mark.parametrize("stranger", ANSWERS_OF_STRANGERS)
def test_an_answer_that_is_no_matching_receipt_keeps_the_interview(tablet: Tablet, stranger: str) -> None:
    status, kind, body = ANSWERS_OF_STRANGERS[stranger]
    tablet.page.route(INTAKE, lambda route: route.fulfill(status=status, content_type=kind, body=body))
    uuid = refuse(tablet)
    outcome = tablet.page.locator("#outcome")
    expect(outcome).to_contain_text("L’entretien est gardé, l’envoi sera refait.")
    expect(outcome).to_contain_text("1 entretien à envoyer")
    tablet.page.unroute(INTAKE)
    tablet.page.goto(f"{tablet.address}/interview/")
    expect(tablet.page.locator("#state")).to_have_text("Tout est envoyé")
    assert count_received(tablet, uuid) == 1


def test_without_network_interviews_wait_and_leave_when_it_is_back(tablet: Tablet) -> None:
    page = tablet.page
    page.route(INTAKE, lambda route: route.abort("internetdisconnected"))
    first, second = refuse(tablet), refuse(tablet)
    expect(page.locator("#outcome")).to_contain_text("2 entretiens à envoyer")
    expect(page.locator("#outcome")).to_contain_text("Pas de réseau.")
    page.unroute(INTAKE)
    page.evaluate("dispatchEvent(new Event('online'))")
    tablet.wait_until_sent()
    assert count_received(tablet, first) == count_received(tablet, second) == 1


def test_an_interview_the_server_chokes_on_does_not_hold_up_the_others(tablet: Tablet) -> None:
    page = tablet.page
    page.route(INTAKE, lambda route: route.abort("internetdisconnected"))
    poison = refuse(tablet)
    expect(page.locator("#outcome")).to_contain_text("Pas de réseau.")
    page.unroute(INTAKE)
    order: list[str] = []

    def choke(route: Route) -> None:
        order.append(route.request.url.rpartition("/")[2])
        if poison in route.request.url:
            route.fulfill(status=500, body="{}")
        else:
            route.continue_()

    page.route(INTAKE, choke)
    fine = refuse(tablet)
    tablet.wait_until_sent()
    assert order[-2:] == [poison, fine]
    assert record_of(tablet, poison)["receipt"] is None
    assert count_received(tablet, fine) == 1


def test_a_receipt_lost_on_the_way_leaves_one_interview(tablet: Tablet) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    tablet.page.route(INTAKE, lose)
    uuid = refuse(tablet)
    expect(tablet.page.locator("#outcome")).to_contain_text("Pas de réseau.")
    tablet.page.unroute(INTAKE)
    tablet.page.evaluate("dispatchEvent(new Event('online'))")
    tablet.wait_until_sent()
    receipt = record_of(tablet, uuid)["receipt"]
    assert isinstance(receipt, dict)
    assert receipt["status"] == "already_received"
    assert count_received(tablet, uuid) == 1


def test_a_tablet_the_server_forgot_is_enrolled_again_and_sends(tablet: Tablet) -> None:
    with tablet.app.extensions["database"].read() as session:
        before = session.scalar(select(func.count()).select_from(Device))
    page = tablet.page
    page.route(INTAKE, lambda route: route.fulfill(status=401, body="{}"))
    uuid = refuse(tablet)
    expect(page.locator("#outcome")).to_contain_text("Le serveur ne reconnaît pas cette tablette")
    page.unroute(INTAKE)
    with tablet.app.extensions["database"].write() as session:
        newest = session.scalar(select(func.max(Device.id)))
        session.execute(delete(Device).where(Device.id == newest))
    # A tablet is remembered for some seconds after it was looked up.
    tablet.app.extensions.pop("tablets", None)
    page.goto(f"{tablet.address}/interview/")
    expect(page.locator("#state")).to_have_text("Tout est envoyé")
    assert count_received(tablet, uuid) == 1
    with tablet.app.extensions["database"].read() as session:
        assert session.scalar(select(func.count()).select_from(Device)) == before


def test_a_shared_tablet_lists_ones_own_interviews_and_sends_everybodys(tablet: Tablet) -> None:
    page = tablet.page
    tablet.begin("fr")
    page.route(INTAKE, lambda route: route.abort("internetdisconnected"))
    uuid = refuse(tablet)
    page.goto(f"{tablet.address}/interview/")
    expect(page.get_by_role("link", name="Reprendre")).to_have_count(1)
    page.get_by_role("button", name="Verrouiller").click()
    expect(page.get_by_role("link", name="Reprendre")).to_be_hidden()
    page.unroute(INTAKE)
    page.context.clear_cookies()
    page.get_by_role("button", name="Ce n’est pas moi").click()
    page.get_by_role("button", name="Une autre personne").click()
    page.get_by_role("link", name="Se connecter").click()
    expect(page).to_have_url(f"{tablet.address}/sign-in?next=/interview/")
    tablet.sign_in_by_hand("caller-2")
    expect(page.locator("#state")).to_have_text("Tout est envoyé")
    expect(page.get_by_role("link", name="Reprendre")).to_have_count(0)
    assert tablet.received(uuid)[1]["interviewer"] == "caller-1"
    theirs = refuse(tablet)
    tablet.wait_until_sent()
    assert tablet.received(theirs)[1]["interviewer"] == "caller-2"


def test_a_browser_that_was_never_enrolled_begins_nothing(page: Page, running: tuple[Flask, str]) -> None:
    page.goto(f"{running[1]}/interview/2027/fr/")
    expect(page.get_by_role("heading", name="pas encore prête")).to_be_visible()


def mark_everything(tablet: Tablet) -> None:
    """What a backup leaves: every envelope so far is copied."""
    with tablet.app.extensions["database"].write() as session:
        last = session.scalars(select(func.max(Envelope.seq))).one()
        session.add(Backup(made_at=utc_now(), seq=last, envelopes=last, file="a copy"))
    tablet.app.extensions.pop("backup mark", None)


def bytes_of(tablet: Tablet, uuid: str) -> object:
    return record_of(tablet, uuid)["bytes"]


def test_a_tablet_keeps_its_copy_until_a_backup_holds_the_interview(tablet: Tablet) -> None:
    uuid = refuse(tablet)
    tablet.wait_until_sent()
    tablet.page.goto(f"{tablet.address}/interview/")
    expect(tablet.page.locator("#sent .record")).to_have_count(1)
    assert bytes_of(tablet, uuid)
    mark_everything(tablet)
    tablet.page.goto(f"{tablet.address}/interview/")
    expect(tablet.page.locator("#state")).to_have_text("Tout est envoyé")
    poll(tablet.page, lambda: bytes_of(tablet, uuid) is None)
    expect(tablet.page.locator("#sent")).to_contain_text("reçu n°")
    assert count_received(tablet, uuid) == 1


def test_a_server_restored_from_an_older_backup_gets_its_interviews_back(tablet: Tablet) -> None:
    uuid = refuse(tablet)
    tablet.wait_until_sent()
    with tablet.app.extensions["database"].write() as session:
        session.execute(delete(Interview).where(Interview.uuid == UUID(uuid)))
        session.execute(delete(Envelope).where(Envelope.uuid == UUID(uuid)))
    refuse(tablet)
    tablet.wait_until_sent()
    mark_everything(tablet)
    assert count_received(tablet, uuid) == 0
    tablet.page.goto(f"{tablet.address}/interview/")
    expect(tablet.page.locator("#state")).to_have_text("Tout est envoyé")
    poll(tablet.page, lambda: count_received(tablet, uuid))
    assert count_received(tablet, uuid) == 1
    assert bytes_of(tablet, uuid), "the new copy is in no backup yet"
