"""Emptying a tablet after the last interview: refused while it alone holds something."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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


def try_to_wipe(tablet: Tablet, file: Path | None = None) -> None:
    tablet.page.get_by_role("button", name=WIPE).click()
    if file:
        tablet.page.locator("#wipe-file").set_input_files(file)
    tablet.page.locator("#wipe-now").click()


def go_home(tablet: Tablet) -> None:
    tablet.page.goto(f"{tablet.address}/interview/")
    tablet.unlock()


def test_a_tablet_is_not_emptied_while_an_interview_is_only_there(tablet: Tablet) -> None:
    page = tablet.page
    tablet.begin("fr")
    uuid = tablet.uuid
    go_home(tablet)
    try_to_wipe(tablet)
    expect(page.locator("#wipe-problem")).to_contain_text("1 entretien est commencé")
    page.locator("#wipe-not").click()
    page.get_by_role("link", name="Reprendre").click()
    tablet.wait_for("quartier")
    tablet.stop("callback")
    tablet.wait_for(END)
    tablet.wait_until_sent()
    go_home(tablet)
    try_to_wipe(tablet)
    # It was sent, and no backup holds it yet.
    expect(page.locator("#wipe-problem")).to_contain_text("1 entretien n’est encore dans aucune sauvegarde")
    page.locator("#wipe-not").click()
    # Whoever only found the tablet cannot empty it.
    page.get_by_role("button", name="Verrouiller").click()
    try_to_wipe(tablet)
    expect(page.locator("#wipe-problem")).to_have_text("Déverrouillez d’abord la tablette.")
    assert [record["uuid"] for record in tablet.kept("outbox")] == [uuid]


def test_with_the_exported_file_nothing_stays_on_the_tablet(tablet: Tablet, tmp_path: Path) -> None:
    page = tablet.page
    page.get_by_role("link", name="Nouvel entretien").click()
    page.locator('[data-start="fr"]').click()
    tablet.wait_for(CONSENT)
    page.get_by_role("button", name="Refus").click()
    tablet.wait_for(END)
    go_home(tablet)
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Exporter les entretiens").click()
    path = tmp_path / "entretiens.json"
    downloading.value.save_as(path)
    damaged = tmp_path / "damaged.json"
    damaged.write_text(
        path.read_text(encoding="utf-8").replace('"bytes": "ey', '"bytes": "ez'), encoding="utf-8"
    )
    try_to_wipe(tablet, damaged)
    expect(page.locator("#wipe-problem")).to_contain_text("1 entretien n’est encore dans aucune sauvegarde")
    page.locator("#wipe-file").set_input_files(path)
    page.locator("#wipe-now").click()
    # The sign-in ended too: nobody is known any more.
    expect(page.locator("#unknown")).to_be_visible()
    assert tablet.kept("outbox") == tablet.kept("drafts") == tablet.kept("people") == []
    asked = (
        """fetch("/people/me", { headers: { Accept: "application/json" } }).then(({ status }) => status)"""
    )
    assert page.evaluate(asked) == 401
