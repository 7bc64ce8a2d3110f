"""Plotly's style sheet is shipped as a file, because our content policy empties the one it would insert."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

ROOT = Path(__file__).parents[2]
VENDORED = next((ROOT / "barometre" / "results" / "static" / "vendor").glob("plotly-basic@*"))
ORIGIN = "http://plotly.test"
STYLE = '<link id="plotly.js-style-global" class="no-inline-styles" rel="stylesheet" href="/plotly.css">'
POLICY = {"Content-Security-Policy": "default-src 'self'; img-src 'self' data:"}
DRAW = """async () => {
  const data = [{ type: "bar", x: ["a", "b"], y: [1, 2] }];
  await Plotly.newPlot("figure", data, { width: 400, height: 300 }, { staticPlot: true });
  return [...document.querySelectorAll("#figure svg.main-svg")].map((svg) => svg.getBoundingClientRect().top);
}"""
RULES = """() => {
  const { sheet } = document.getElementById("plotly.js-style-global");
  return [...sheet.cssRules].map((rule) => rule.cssText);
}"""


def serve(page: Page, head: str, headers: dict[str, str]) -> None:
    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(f"{ORIGIN}/")
        if name:
            kind = "text/css" if name.endswith(".css") else "text/javascript"
            route.fulfill(body=(VENDORED / name).read_text(encoding="utf-8"), content_type=kind)
        else:
            script = '<script src="/plotly-basic.min.js"></script>'
            body = f'<!doctype html><title>.</title>{head}<div id="figure"></div>{script}'
            route.fulfill(body=body, content_type="text/html", headers=headers)

    page.route(f"{ORIGIN}/**", answer)
    page.goto(f"{ORIGIN}/")


@pytest.fixture
def refusals(page: Page) -> list[str]:
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if message.type == "error" else None)
    return heard


def test_the_shipped_sheet_holds_the_rules_that_plotly_inserts(page: Page) -> None:
    serve(page, "", {})
    inserted = page.evaluate(RULES)
    assert len(inserted) > 50
    serve(page, STYLE, POLICY)
    assert page.evaluate(RULES) == inserted


def test_a_figure_is_whole_under_the_content_policy(page: Page, refusals: list[str]) -> None:
    serve(page, STYLE, POLICY)
    tops = page.evaluate(DRAW)
    assert len(tops) > 1
    assert len(set(tops)) == 1, "the layers of the drawing lie below each other"
    assert not refusals
