"""The space of the councils in a real browser: keyboard, no JavaScript, and the pages that follow a form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from barometre.demonstration import PASSWORD, fill
from tests.support import make_app, serve

Axe = Callable[[Page], list[dict[str, Any]]]
GUESS = "/council/themes/bien-vivre/guess"
OPINION = "/council/themes/atouts-et-attachement/opinion"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demonstration, served."""
    folder: Path = tmp_path_factory.mktemp("councils")
    app: Flask = make_app(f"sqlite:///{folder / 'barometre.sqlite'}", demonstration=True)
    with app.extensions["database"].write() as session:
        fill(session, app.extensions["town"])
    with serve(app) as address:
        yield address
    app.extensions["database"].engine.dispose()


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def page(request: pytest.FixtureRequest, address: str, browser: Browser) -> Iterator[Page]:
    """A telephone, with a member of a council."""
    context = browser.new_context(
        base_url=address,
        locale="fr-FR",
        java_script_enabled=request.param,
        viewport={"width": 390, "height": 844},
        has_touch=True,
    )
    page = context.new_page()
    enter(page, "conseil")
    yield page
    context.close()


def enter(page: Page, username: str) -> None:
    page.goto("/sign-in")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/desk")


def test_a_figure_is_guessed_by_keyboard_and_by_touch(page: Page) -> None:
    page.goto(GUESS)
    expect(page.locator("main figure")).to_have_count(0)
    page.focus("#guess")
    page.keyboard.type("35")
    page.keyboard.press("Enter")
    expect(page.locator(".guess")).to_contain_text("35 sur 100")
    expect(page.locator("main svg[role=img]").first).to_be_visible()
    page.get_by_role("link", name="Chiffre suivant").tap()
    page.locator("#guess").tap()
    page.keyboard.type("60")
    page.get_by_role("button", name="Voir le chiffre").tap()
    expect(page.locator(".guess")).to_contain_text("60 sur 100")


def test_pages_that_follow_a_form_have_nothing_axe_knows(address: str, browser: Browser, axe: Axe) -> None:
    context = browser.new_context(base_url=address, locale="fr-FR", viewport={"width": 390, "height": 844})
    page, other = context.new_page(), context.new_page()
    found: dict[str, Any] = {}

    def look(name: str) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        faults = [(v["id"], v["nodes"][:2]) for v in axe(page)]
        if faults or wide:
            found[name] = [faults, wide]

    enter(page, "conseil")
    page.goto(GUESS)
    page.fill("#guess", "35")
    page.press("#guess", "Enter")
    page.wait_for_selector(".guess")
    look("a guess and its figure")
    page.goto(OPINION)
    other.goto(OPINION)
    other.fill("#text", "Written first.")
    other.get_by_role("button", name="Enregistrer le brouillon").click()
    other.wait_for_selector("[role=status]")
    page.fill("#text", "x" * 4001)
    page.get_by_role("button", name="Enregistrer le brouillon").click()
    page.wait_for_selector("[role=alert]")
    look("a draft that is too long")
    page.fill("#text", "Written second.")
    page.get_by_role("button", name="Enregistrer le brouillon").click()
    page.wait_for_selector("#other")
    look("two drafts at once")
    expect(page.locator("#text")).to_have_value("Written second.")
    page.get_by_role("button", name="Enregistrer le brouillon").click()
    page.wait_for_selector("[role=status]")
    look("a draft to adopt")
    page.get_by_role("button", name="Adopter et rendre public").click()
    page.wait_for_selector("#public")
    look("an adopted opinion")
    enter(page, "analyse")
    page.goto("/desk/answers")
    page.locator("summary", has_text="Répondre").first.click()
    page.locator("article[id^=proposal]:has(details[open])").get_by_role("button").click()
    page.wait_for_selector("[role=alert]")
    look("an empty answer")
    enter(page, "administration")
    page.goto("/desk/opinions")
    page.locator("summary", has_text="Masquer").first.click()
    page.get_by_role("button", name="Masquer ce texte au public").first.click()
    page.wait_for_selector("[role=alert]")
    look("hiding without a reason")
    context.close()
    assert found == {}
