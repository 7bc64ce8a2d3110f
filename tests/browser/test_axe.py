"""The accessibility fixture sees what it is meant to see, also under our content policy."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route


@pytest.mark.parametrize(("alt", "violations"), [('alt="Une place"', []), ("", ["image-alt"])])
def test_axe_finds_a_picture_without_words(
    page: Page, axe: Callable[[Page], list[dict[str, Any]]], alt: str, violations: list[str]
) -> None:
    def answer(route: Route) -> None:
        picture = f'<main><h1>Essai</h1><img src="/picture" {alt}></main>'
        body = f'<!doctype html><html lang="fr"><title>Essai</title>{picture}'
        headers = {"Content-Security-Policy": "default-src 'self'"}
        route.fulfill(body=body, content_type="text/html", headers=headers)

    page.route("http://axe.test/**", answer)
    page.goto("http://axe.test/")
    assert [violation["id"] for violation in axe(page)] == violations
