"""Every page of the demonstration in a real browser: nothing axe knows, no error, no sideways scroll."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext

from barometre.access import ROLES, allowed_roles
from barometre.demonstration import fill
from tests.house.test_pages import NO_PAGES, list_pages
from tests.support import PASSWORD, ROOT, give_account, make_app, serve

#: telephone, tablet, desktop
WIDTHS = (390, 820, 1280)
SCREENSHOTS = ROOT / "test-results" / "screenshots"
FULL = os.environ.get("BAROMETRE_FULL") == "1"

Axe = Callable[..., list[dict[str, Any]]]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration, and somebody who may open everything."""
    folder: Path = tmp_path_factory.mktemp("pages")
    app = make_app(f"sqlite:///{folder / 'barometre.sqlite'}", demonstration=True)
    with app.extensions["database"].write() as session:
        fill(session, app.extensions["town"])
    give_account(app, "everything", *ROLES, council=app.extensions["town"].councils[0].id)
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture(scope="module")
def context(app: Flask, browser: Browser) -> Iterator[BrowserContext]:
    """A browser that is signed in."""
    with serve(app) as address:
        context = browser.new_context(base_url=address, locale="fr-FR", reduced_motion="reduce")
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("[name=username]", "everything")
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/desk")
        page.close()
        yield context
        context.close()


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_no_page_has_a_violation_an_error_or_a_sideways_scroll(
    app: Flask, context: BrowserContext, axe: Axe, language: str
) -> None:
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    faults: dict[str, list[object]] = {}
    looked_at: set[str] = set()
    for endpoint, code, address in list_pages(app):
        if code != language or endpoint in NO_PAGES:
            continue
        public = "public" in (allowed_roles(app, endpoint) or ())
        # Pages of one kind are built alike: outside the long run, one of each kind that the public reads is
        # enough in Arabic.
        if language != "fr" and not FULL and (endpoint in looked_at or not public):
            continue
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(address, wait_until="load")
        found: list[object] = []
        if FULL or endpoint not in looked_at:
            found += [(v["id"], v["nodes"][:2]) for v in axe(page, colours=language == "fr" or FULL)]
        looked_at.add(endpoint)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append(f"wider than {width} px")
            if FULL:
                name = f"{language}-{endpoint}-{address.strip('/').replace('/', '_')}-{width}.png"
                page.screenshot(path=SCREENSHOTS / name, full_page=True)
        found += said
        said.clear()
        if found:
            faults[address] = found
    page.close()
    assert faults == {}


def test_pages_are_readable_without_javascript(app: Flask, browser: Browser) -> None:
    with serve(app) as address:
        context = browser.new_context(base_url=address, java_script_enabled=False)
        page = context.new_page()
        page.goto("/")
        assert page.locator("svg[role=img]").first.is_visible()
        page.goto("/themes/bien-vivre")
        page.locator("summary", has_text="Voir le tableau").first.click()
        assert page.locator("article table").first.is_visible()
        context.close()


def test_a_page_prints_with_its_tables_and_without_its_navigation(app: Flask, browser: Browser) -> None:
    with serve(app) as address:
        context = browser.new_context(base_url=address)
        page = context.new_page()
        page.goto("/")
        page.emulate_media(media="print")
        assert not page.locator("nav").first.is_visible()
        assert page.pdf(format="A4").startswith(b"%PDF")
        if FULL:
            page.pdf(path=SCREENSHOTS / "overview.pdf", format="A4", print_background=True)
        context.close()
