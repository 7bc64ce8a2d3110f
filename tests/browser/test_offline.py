"""Without a network: the pages open, interviews go on and wait, releases take over at a calm moment."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, BrowserType, Error, Page, expect

from barometre import app as factory
from tests.interview.tablet import END, Tablet, wait_until
from tests.support import ROOT, give_account, make_app, serve

#: the pages are kept, and the page in sight is theirs
READY = "navigator.serviceWorker.ready.then(() => Boolean(navigator.serviceWorker.controller))"
KEPT = "caches.keys().then((names) => names.sort())"


@pytest.fixture
def database(tmp_path: Path) -> str:
    """One database for every release."""
    url = f"sqlite:///{tmp_path / 'barometre.sqlite'}"
    app = make_app(url)
    give_account(app, "caller-1", "interviewer")
    app.extensions["database"].engine.dispose()
    return url


@contextmanager
def release(
    database: str, monkeypatch: pytest.MonkeyPatch, name: str, port: int = 0, **settings: Any
) -> Iterator[Any]:
    """A release of the application on a port; its files have other addresses than those of another one."""
    monkeypatch.setattr(factory, "hash_static_files", lambda: name)
    app = make_app(database, **settings)
    try:
        with serve(app, port) as address:
            yield app, address
    finally:
        app.extensions["database"].engine.dispose()


@pytest.fixture
def running(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Flask, str]]:
    """The first release."""
    with release(database, monkeypatch, "first") as running:
        yield running


def get_ready(page: Page, app: Flask, address: str) -> Tablet:
    """A tablet whose pages are kept."""
    tablet = Tablet(page, app, address)
    tablet.sign_in()
    wait_until(page, READY)
    wait_until(page, f"{KEPT}.then((names) => names.length === 1)")
    return tablet


def test_a_whole_interview_is_held_without_a_network_and_sent_when_it_is_back(
    page: Page, running: tuple[Flask, str]
) -> None:
    tablet = get_ready(page, *running)
    page.context.set_offline(True)
    page.goto(f"{tablet.address}/interview/")
    expect(page.locator("#ready")).to_contain_text("prête")
    expect(page.locator("#name")).to_have_text("caller-1")
    tablet.begin("ar")
    tablet.answer_all({"satisfaction": 3}, {"satisfaction": "fr", "liens": "en", "image": "ar"})
    uuid = tablet.uuid
    tablet.finish()
    expect(page.locator("#outcome")).to_contain_text("1 entretien à envoyer")
    expect(page.locator("#outcome")).to_contain_text("Pas de réseau.")
    page.reload()
    tablet.wait_for(END)
    page.context.set_offline(False)
    page.goto(f"{tablet.address}/interview/")
    expect(page.locator("#state")).to_have_text("Tout est envoyé")
    status, envelope = tablet.received(uuid)
    assert (status, envelope["answers"]["satisfaction"]["code"]) == ("stored", 3)
    assert envelope["answers"]["satisfaction"]["language"] == "fr"


def test_a_sign_in_that_expired_stops_neither_interviews_nor_their_sending(
    page: Page, running: tuple[Flask, str]
) -> None:
    tablet = get_ready(page, *running)
    page.context.clear_cookies()
    page.goto(f"{tablet.address}/interview/")
    expect(page.locator("#ready")).to_contain_text("Votre connexion a expiré")
    tablet.begin("fr")
    uuid = tablet.uuid
    tablet.stop("callback")
    tablet.wait_for(END)
    tablet.wait_until_sent()
    assert tablet.received(uuid)[1]["interviewer"] == "caller-1"


def test_a_locked_tablet_opens_with_a_code_and_no_network(page: Page, running: tuple[Flask, str]) -> None:
    tablet = get_ready(page, *running)
    page.context.set_offline(True)
    page.get_by_role("button", name="Verrouiller").click()
    page.reload()
    expect(page.locator("#unlocking")).to_be_visible()
    expect(page.locator("#new")).to_be_hidden()
    tablet.unlock()
    tablet.begin("fr")


def test_the_worker_answers_for_its_own_pages_only_and_sends_nothing_itself(
    page: Page, running: tuple[Flask, str]
) -> None:
    tablet = get_ready(page, *running)
    statuses = page.evaluate(
        """async () => {
          const ask = (address, method) => fetch(address, { method }).then(({ status }) => status);
          const asked = [["/interview/", "POST"], ["/intake/ping", "GET"], ["/interview/", "GET"]];
          return Promise.all(asked.map(([address, method]) => ask(address, method)));
        }"""
    )
    # The server itself says that a document takes no POST.
    assert statuses == [405, 200, 200]
    page.context.set_offline(True)
    reachable = page.evaluate(
        """() => Promise.all(["/intake/ping", "/interview/"].map(
          (address) => fetch(address).then(() => true, () => false)))"""
    )
    assert reachable == [False, True]
    assert tablet.kept("outbox") == []


def visit_until_released(page: Page, address: str, name: str) -> None:
    """Open « Ma tournée » until a release has taken over: the browser says when the older worker may go."""
    served = page.locator(f'script[src*="/{name}/"]')
    for _ in range(3):
        with suppress(Error):  # it may be opening itself anew at this very moment
            page.goto(f"{address}/interview/")
        with suppress(AssertionError):
            expect(served).to_have_count(1, timeout=8_000)
            return
    expect(served).to_have_count(1)


def test_a_cold_start_needs_no_network_after_two_more_releases(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def launch() -> BrowserContext:
        return browser_type.launch_persistent_context(
            tmp_path / "profile", locale="fr-FR", **browser_type_launch_args
        )

    context = launch()
    page = context.pages[0]
    with release(database, monkeypatch, "first") as (app, address):
        get_ready(page, app, address)
    port = urlsplit(address).port
    assert port
    for name in ("second", "third"):
        with release(database, monkeypatch, name, port) as (app, _):
            # The page that is kept opens at once; the new release is fetched, takes over and opens it anew.
            visit_until_released(page, address, name)
            expect(page.locator("#ready")).to_contain_text("prête")
            wait_until(page, f"{KEPT}.then((names) => names.length === 1)")
    context.close()

    context = launch()
    page = context.pages[0]
    page.goto(f"{address}/interview/")
    tablet = Tablet(page, app, address)
    # What the worker remembered went with the browser.
    expect(page.locator("#unlocking")).to_be_visible()
    tablet.unlock()
    expect(page.locator("#name")).to_have_text("caller-1")
    tablet.begin("ar")
    tablet.choose("quartier", 1)
    expect(page.locator("#state")).to_have_text("Enregistré sur la tablette")
    context.close()


def test_a_new_release_waits_until_no_interview_is_open(
    page: Page, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with release(database, monkeypatch, "first") as (app, address):
        tablet = get_ready(page, app, address)
        tablet.begin("fr")
        tablet.choose("quartier", 2)
    with release(database, monkeypatch, "second", urlsplit(address).port or 0) as (app, _):
        tour = page.context.new_page()
        tour.goto(f"{address}/interview/")
        wait_until(tour, f"{KEPT}.then((names) => names.length === 2)")
        wait_until(
            tour, "navigator.serviceWorker.getRegistration('/interview/').then((r) => Boolean(r.waiting))"
        )
        expect(tour.locator('script[src*="/first/"]')).to_have_count(1)
        tablet.next()
        tablet.choose("secteur", 1)
        tablet.stop("callback")
        tablet.wait_for(END)
        page.goto("about:blank")
        # The browser may take a moment to give back the lock of the page that is gone.
        wait_until(
            tour,
            "navigator.locks.query().then(({ held }) => !held.some(({ name }) => name.startsWith('draft:')))",
        )
        visit_until_released(tour, address, "second")


def change_questionnaire(folder: Path) -> Path:
    """A copy of the surveys where one question takes longer answers: another version of the questionnaire."""
    surveys = folder / "surveys"
    shutil.copytree(ROOT / "surveys", surveys)
    file = surveys / "niort" / "2027" / "questionnaire.toml"
    text = file.read_text(encoding="utf-8")
    assert "max_length = 140" in text
    file.write_text(text.replace("max_length = 140", "max_length = 120"), encoding="utf-8")
    return surveys


def test_an_interview_is_finished_with_the_questions_it_was_begun_with_whatever_was_released_since(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    def launch() -> BrowserContext:
        return browser_type.launch_persistent_context(
            tmp_path / "profile", locale="fr-FR", **browser_type_launch_args
        )

    context = launch()
    page = context.pages[0]
    with release(database, monkeypatch, "first") as (app, address):
        tablet = get_ready(page, app, address)
        version = tablet.questionnaire.version
        tablet.begin("fr")
        tablet.choose("quartier", 2)
        tablet.next()
        tablet.wait_for("secteur")
        uuid = tablet.uuid
    surveys = change_questionnaire(tmp_path)
    port = urlsplit(address).port or 0
    with release(database, monkeypatch, "second", port, surveys_dir=surveys) as (app, _):
        assert app.extensions["town"].current_wave.questionnaire.version != version
        second = Tablet(page, app, address)
        page.goto(f"{address}/interview/")
        wait_until(page, f"{KEPT}.then((names) => names.length === 2)")
        # The page of the interview is gone: the new release takes over, the old one is kept beside it.
        page.goto("about:blank")
        visit_until_released(page, address, "second")
        assert len(page.evaluate(KEPT)) == 2
        context.close()

        # A flat battery, and no network: it goes on all the same.
        context = launch()
        page = context.pages[0]
        second = Tablet(page, app, address)
        context.set_offline(True)
        page.goto(f"{address}/interview/")
        second.give_code()
        page.get_by_role("link", name="Reprendre").click()
        second.wait_for("secteur")
        expect(page.locator('script[src*="/first/"]')).to_have_count(1)
        second.speak("ar")
        expect(page.locator('script[src*="/first/"]')).to_have_count(1)
        second.choose("secteur", 1)
        second.stop("break_off")
        second.wait_for(END)
        context.set_offline(False)
        page.goto(f"{address}/interview/")
        expect(page.locator("#state")).to_have_text("Tout est envoyé")
        status, envelope = second.received(uuid)
        assert (status, envelope["version"], envelope["disposition"]) == ("stored", version, "break_off")
        second.begin("fr")
        second.choose("quartier", 1)
        assert second.draft["version"] != version
        context.close()


def test_a_release_that_was_fetched_in_part_from_another_one_is_not_kept(
    page: Page, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with release(database, monkeypatch, "first") as (app, address):
        get_ready(page, app, address)
        old = page.evaluate("fetch('/interview/?fresh').then((page) => page.text())")
    with release(database, monkeypatch, "second", urlsplit(address).port or 0) as (app, _):
        # A server that is being replaced: the worker is the new one, a page still the old one.
        page.context.route(
            "**/interview/",
            lambda route: (
                route.fulfill(body=old, content_type="text/html")
                if route.request.service_worker
                else route.continue_()
            ),
        )
        page.goto(f"{address}/interview/")
        expect(page.locator("#ready")).to_contain_text("prête")
        expect(page.locator('script[src*="/first/"]')).to_have_count(1)
        wait_until(
            page,
            "navigator.serviceWorker.getRegistration('/interview/')"
            ".then((found) => !found.installing && !found.waiting)",
        )
        assert page.evaluate(f"{KEPT}.then((names) => names.length)") == 1
