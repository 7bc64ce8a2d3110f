"""The page of the papers in a real browser: a bar while one is made, then words on what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, Route, expect

from barometre.demonstration import PASSWORD, fill
from tests.support import make_app, serve

Axe = Callable[[Page], list[dict[str, Any]]]
SHEET = "/papers/fr/restitution/clou-bouchet"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demonstration, served."""
    folder: Path = tmp_path_factory.mktemp("papers")
    app: Flask = make_app(f"sqlite:///{folder / 'barometre.sqlite'}", demonstration=True)
    with app.extensions["database"].write() as session:
        fill(session, app.extensions["town"])
    with serve(app) as address:
        yield address
    app.extensions["database"].engine.dispose()


def open_papers(browser: Browser, address: str, *, javascript: bool) -> Page:
    context = browser.new_context(base_url=address, locale="fr-FR", java_script_enabled=javascript)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=username]", "analyse")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/desk")
    page.goto("/papers")
    return page


@pytest.fixture
def page(address: str, browser: Browser) -> Iterator[Page]:
    """The papers, open before an analyst."""
    page = open_papers(browser, address, javascript=True)
    yield page
    page.context.close()


def find_link(page: Page) -> tuple[Locator, Locator]:
    """The button of one sheet, and where it is said what becomes of it."""
    link = page.locator(f'a[href="{SHEET}"]')
    return link, page.get_by_role("status").filter(has_text="Clou Bouchet")


def hold(page: Page) -> list[Route]:
    """Keep what is asked of the server for one sheet waiting: the test lets it go."""
    held: list[Route] = []
    page.route(f"**{SHEET}", lambda route: held.append(route))
    return held


def test_a_bar_and_words_say_that_a_paper_is_being_made_and_then_that_it_is_there(
    page: Page, axe: Axe
) -> None:
    held = hold(page)
    link, status = find_link(page)
    expect(page.locator("progress")).to_have_count(0)
    expect(page.get_by_text("la page ne bouge pas")).to_have_count(0)
    link.focus()
    page.keyboard.press("Enter")
    expect(page.locator("progress")).to_have_count(1)
    expect(page.locator("progress")).to_be_visible()
    expect(status).to_contain_text("en préparation")
    assert axe(page) == []
    # Asking again while it is made asks the server nothing.
    page.keyboard.press("Enter")
    with page.expect_download() as arriving:
        [waiting] = held
        waiting.continue_()
    assert arriving.value.suggested_filename == "restitution-2027-clou-bouchet-fr.pdf"
    assert arriving.value.path().read_bytes().startswith(b"%PDF")
    expect(status).to_contain_text("est prêt")
    expect(page.locator("progress")).to_have_count(0)
    expect(link).to_be_focused()
    assert link.get_attribute("aria-disabled") is None
    assert len(held) == 1
    assert axe(page) == []


def test_the_words_were_listened_to_before_anything_was_said(page: Page) -> None:
    """A live region that is added with its words is silent in some readers."""
    regions = page.locator('[role="status"]')
    assert regions.count() == page.locator(".paper-languages").count() > 0
    assert regions.all_inner_texts() == [""] * regions.count()


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (500, "text/html", "Recommencez dans une minute"),
        (404, "text/html", "plus de publication"),
        (403, "text/html", "plus connecté"),
    ],
)
def test_a_failure_says_what_to_do(page: Page, status: int, kind: str, said: str) -> None:
    page.route(f"**{SHEET}", lambda route: route.fulfill(status=status, content_type=kind, body="<p>no</p>"))
    link, told = find_link(page)
    link.click()
    expect(told).to_contain_text(said)
    expect(page.locator("progress")).to_have_count(0)
    assert link.get_attribute("aria-disabled") is None


def test_who_is_no_longer_signed_in_is_told_so(page: Page) -> None:
    page.context.clear_cookies()
    link, told = find_link(page)
    link.click()
    expect(told).to_contain_text("plus connecté")


def test_a_network_that_is_gone_is_told_and_the_next_try_works(page: Page) -> None:
    link, told = find_link(page)
    page.context.set_offline(True)
    link.click()
    expect(told).to_contain_text("Vérifiez le réseau")
    page.context.set_offline(False)
    with page.expect_download() as arriving:
        link.click()
    assert arriving.value.path().read_bytes().startswith(b"%PDF")
    expect(told).to_contain_text("est prêt")


def test_without_javascript_the_button_gives_the_file_and_the_page_says_that_nothing_moves(
    address: str, browser: Browser
) -> None:
    page = open_papers(browser, address, javascript=False)
    expect(page.get_by_text("la page ne bouge pas").first).to_be_visible()
    with page.expect_download() as arriving:
        page.locator(f'a[href="{SHEET}"]').click()
    assert arriving.value.suggested_filename == "restitution-2027-clou-bouchet-fr.pdf"
    page.context.close()


def test_the_module_breaks_no_rule_of_the_content_policy(page: Page) -> None:
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    page.reload()
    link, told = find_link(page)
    with page.expect_download():
        link.click()
    expect(told).to_contain_text("est prêt")
    assert refused == []
