"""Chromium as the browser tests drive it, and axe for what a screen reader would stumble over."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.chromium import ARGUMENTS, PLACE

# A loaded machine is no defect: what is awaited may take this long, in milliseconds.
expect.set_options(timeout=20_000)

AXE = Path(__file__).parent / "vendor" / "axe-core@4.14.1" / "axe.min.js"
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], chromium: str | None
) -> dict[str, Any]:
    """Launch the browser that was found, quietly."""
    return {**browser_type_launch_args, "executable_path": chromium, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """The tablets are French."""
    return {**browser_context_args, **PLACE}


@pytest.fixture(scope="session")
def axe() -> Callable[..., list[dict[str, Any]]]:
    """`axe(page)` returns the violations of the page as it stands; an empty list is a pass.

    Without `colours` it leaves out contrast, its slowest rule: the languages share their style sheets.
    """
    source = AXE.read_text(encoding="utf-8")

    def violations(page: Page, *, colours: bool = True) -> list[dict[str, Any]]:
        # Evaluated rather than added as a script: our content policy refuses an inline one, as it should.
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(f"() => {{ {source} }}")
        found: list[dict[str, Any]] = page.evaluate(
            """async ([tags, colours]) => {
              const rules = { "color-contrast": { enabled: colours } };
              const only = { runOnly: { type: "tag", values: tags }, resultTypes: ["violations"], rules };
              const result = await axe.run(only);
              return result.violations.map(({ id, impact, help, nodes }) => ({
                id, impact, help, nodes: nodes.map((node) => node.html),
              }));
            }""",
            [AXE_TAGS, colours],
        )
        return found

    return violations
