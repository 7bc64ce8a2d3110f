"""What the tablet seals, as the standard says: the browser's own derivation, and the server's library."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.support import make_app, public_key, serve, unseal

#: RFC 7518, appendix C: the shared secret and the key that comes of it
SECRET = [158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156]
SECRET += [251, 49, 110, 163, 218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196]
DERIVED = [86, 170, 141, 234, 248, 35, 109, 32, 92, 34, 40, 205, 113, 167, 16, 26]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, str]]:
    """The application and its address."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('seal') / 'barometre.sqlite'}")
    with serve(app) as address:
        yield app, address
    app.extensions["database"].engine.dispose()


def run(page: Page, running: tuple[Flask, str], script: str, *arguments: Any) -> Any:
    """A function of `seal.js` in a page of the application."""
    app, address = running
    page.goto(f"{address}/interview/2027/fr/")
    module = f"/static/{app.extensions['build']}/interview/seal.js"
    return page.evaluate(script, [module, *arguments])


def test_the_key_is_derived_as_in_the_standards_example(page: Page, running: tuple[Flask, str]) -> None:
    derived = run(
        page,
        running,
        """async ([module, secret]) => {
          const { deriveKey } = await import(module);
          return Array.from(await deriveKey(new Uint8Array(secret), "A128GCM", 128, ["Alice", "Bob"]));
        }""",
        SECRET,
    )
    assert derived == DERIVED


def test_the_servers_library_opens_what_the_browser_seals_and_no_two_seals_are_alike(
    page: Page, running: tuple[Flask, str]
) -> None:
    words = json.dumps({"apprecie_1": "الأشجار، le marché 🌳" * 200}, ensure_ascii=False)
    one, other = run(
        page,
        running,
        """async ([module, key, words]) => {
          const { sealFor } = await import(module);
          return [await sealFor(key, words), await sealFor(key, words)];
        }""",
        public_key(),
        words,
    )
    assert unseal(one.encode()).decode() == unseal(other.encode()).decode() == words
    assert all(
        first != second for first, second in zip(one.split("."), other.split("."), strict=True) if first
    )
