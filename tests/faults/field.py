"""The field: a server that can be killed, a bad network before it, and one tablet that can be killed too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import BrowserType, Page, expect

from barometre.questionnaire.definition import Questionnaire
from barometre.storage.arrivals import ALREADY_RECEIVED
from tests.faults.browser import Browser
from tests.faults.ledger import Verdict, compare
from tests.faults.meant import Meant
from tests.faults.proxy import Proxy
from tests.faults.server import SECRET_KEY, Server
from tests.interview.tablet import CODE, Tablet
from tests.support import give_account, make_app

#: waits until the pages are kept, and the page in sight is theirs
KEPT = """async () => {
  const { serviceWorker } = navigator;
  await serviceWorker.ready;
  if (serviceWorker.controller) return;
  await new Promise((resolve) => serviceWorker.addEventListener("controllerchange", resolve));
}"""
MODULES = (Path(__file__).parent / "tablet.js").read_text(encoding="utf-8")


INTERVIEWER = "caller-1"


def give_modules(page: Page, app: Flask) -> None:
    """Give the tests the application's modules in `page`, with the interviewer's drafts unlocked."""
    page.evaluate(MODULES, [f"/static/{app.extensions['build']}/interview", INTERVIEWER, CODE])


@dataclass
class Field:
    """Everything that takes part."""

    #: the tests' own application on the server's database: it reads, and signs the interviewer in
    app: Flask
    server: Server
    proxy: Proxy
    browser: Browser

    @property
    def address(self) -> str:
        """Where the tablet finds the server: behind the proxy."""
        return f"http://127.0.0.1:{self.proxy.port}"

    @property
    def questionnaire(self) -> Questionnaire:
        """What is asked."""
        found: Questionnaire = self.app.extensions["town"].current_wave.questionnaire
        return found

    def prepare(self) -> Tablet:
        """A tablet with an interviewer, its pages kept, while nothing fails yet."""
        tablet = Tablet(self.browser.open(), self.app, self.address)
        tablet.sign_in()
        tablet.page.evaluate(KEPT)
        return tablet

    def open_modules(self, page: Page) -> None:
        """Give `page` the questionnaire, and the fault tests the modules in it."""
        page.goto(f"{self.address}/interview/2027/fr/")
        # A browser started anew asks for the code.
        expect(
            page.locator(":is([data-screen='.langue'], [data-screen='.verrou']):not([hidden])")
        ).to_be_visible()
        give_modules(page, self.app)

    def compare(self, held: Mapping[str, Meant], kept: Mapping[str, Mapping[str, Any]]) -> Verdict:
        """What was held beside what the tablet and the server keep."""
        return compare(self.app.extensions["database"], self.questionnaire, held, kept)

    def describe(self, kept: Mapping[str, Mapping[str, Any]], checked: int = 0) -> str:
        """The figures of a run; `checked` writes were looked for after the deaths of the browser."""
        attempts = sum(row["attempts"] for row in kept.values())
        again = sum((row["receipt"] or {}).get("status") == ALREADY_RECEIVED for row in kept.values())
        fates = self.proxy.fates
        figures = {
            "interviews": len(kept),
            "attempts to send": f"{attempts}, {attempts - len(kept)} of them again",
            "receipts lost": f"{again} interviews whose receipt says: already received",
            "requests in the storm": f"{fates.total()}: "
            + ", ".join(f"{number} {fate}" for fate, number in fates.most_common()),
            "server killed": self.server.kills,
            "browser killed": f"{self.browser.kills}, {checked} acknowledged writes found again",
        }
        return "\n".join(f"  {name:<22} {value}" for name, value in figures.items())


@contextmanager
def open_field(folder: Path, seed: int, browser_type: BrowserType, program: str | None) -> Iterator[Field]:
    """A server on an empty database, ready behind its proxy."""
    url = f"sqlite:///{folder / 'barometre.sqlite'}"
    app = make_app(url, secret_key=SECRET_KEY)
    give_account(app, INTERVIEWER, "interviewer")
    server = Server(url)
    browser = Browser(browser_type, program, folder / "profile")
    server.start()
    try:
        with Proxy(server.port, seed, server.strike).run() as proxy:
            yield Field(app, server, proxy, browser)
            browser.close()
    finally:
        server.wait_until_back()
        server.stop()
        app.extensions["database"].engine.dispose()
