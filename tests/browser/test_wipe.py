"""Emptying a tablet after the last interview: refused while it alone holds something."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.interview.tablet import CONSENT, END, Tablet
from tests.support import give_account, make_app, serve

WIPE = "Effacer la tablette"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, str]]:
    """The application and its address."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('wipe') / 'barometre.sqlite'}")
    give_account(app, "caller-1", "interviewer")
    with serve(app) as address:
        yield app, address
    app.extensions["database"].engine.dispose()


@pytest.fixture
def tablet(page: Page, running: tuple[Flask, str]) -> Tablet:
    """A new tablet with an interviewer signed in."""
    tablet = Tablet(page, *running)
    tablet.sign_in()
    return tablet


def go_home(tablet: Tablet) -> None:
    tablet.page.goto(f"{tablet.address}/interview/")
    tablet.unlock()


def test_a_tablet_is_not_emptied_while_an_interview_is_only_there(tablet: Tablet) -> None:
    page = tablet.page
    tablet.begin("fr")
    uuid = tablet.uuid
    go_home(tablet)
    page.get_by_role("button", name=WIPE).click()
    expect(page.locator("#wipe-problem")).to_contain_text("1 entretien est commencé")
    page.get_by_role("link", name="Reprendre").click()
    tablet.wait_for("quartier")
    tablet.stop("callback")
    tablet.wait_for(END)
    tablet.wait_until_sent()
    go_home(tablet)
    page.get_by_role("button", name=WIPE).click()
    # It was sent, and no backup holds it yet.
    expect(page.locator("#wipe-problem")).to_contain_text("1 entretien n’est encore dans aucune sauvegarde")
    expect(page.locator("#wiping")).to_be_hidden()
    assert [record["uuid"] for record in tablet.kept("outbox")] == [uuid]


def test_after_an_export_nothing_of_it_stays_on_the_tablet(tablet: Tablet) -> None:
    page = tablet.page
    page.get_by_role("link", name="Nouvel entretien").click()
    page.locator('[data-start="fr"]').click()
    tablet.wait_for(CONSENT)
    page.get_by_role("button", name="Refus").click()
    tablet.wait_for(END)
    go_home(tablet)
    with page.expect_download():
        page.get_by_role("button", name="Exporter les entretiens").click()
    page.get_by_role("button", name=WIPE).click()
    page.locator("#wiping").get_by_role("button", name="Annuler").click()
    assert tablet.kept("outbox")
    page.get_by_role("button", name=WIPE).click()
    page.locator("#wipe-now").click()
    # Whoever signs in chooses a code as on any new tablet.
    expect(page.locator("#choosing")).to_be_visible()
    assert tablet.kept("outbox") == tablet.kept("drafts") == []
    assert all("wrapped" not in person for person in tablet.kept("people"))
