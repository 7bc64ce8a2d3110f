"""A figure taken away as a file, opened by a browser alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from tests.results.files_read import release
from tests.results.test_figure_files import list_figures
from tests.support import make_app, serve


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Niort, released."""
    folder: Path = tmp_path_factory.mktemp("figures")
    app = make_app(f"sqlite:///{folder / 'barometre.sqlite'}")
    release(app, "tiny quartier", 1)
    yield app
    app.extensions["database"].engine.dispose()


def test_a_browser_draws_every_word_of_a_picture_inside_its_frame(app: Flask, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 900, "height": 900})
    with serve(app) as root:
        addresses = list_figures(app, "svg")[::4]
        for address in addresses:
            page.goto(root + address)
            width, height = (
                float(page.locator(":root").get_attribute(side) or "0") for side in ("width", "height")
            )
            boxes = page.evaluate(
                "() => [...document.querySelectorAll('text')].map(t => t.getBoundingClientRect())"
                ".map(b => [b.left, b.right, b.top, b.bottom])"
            )
            assert boxes, address
            for left, right, top, bottom in boxes:
                assert left >= 0, address
                assert right <= width, address
                assert top >= 0, address
                assert bottom <= height, address
        # The browser looks for the icon of the site by itself; the picture asks for nothing.
        assert set(asked) - {f"{root}/favicon.ico"} == {root + address for address in addresses}
