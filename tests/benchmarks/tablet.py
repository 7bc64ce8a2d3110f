"""The interview on a slow tablet and a slow network, beside the same fields as one static page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Page, expect, sync_playwright

from tests.benchmarks.data import load_questionnaire
from tests.benchmarks.measure import Measure
from tests.benchmarks.servers import SECRET_KEY, open_store, run_app, run_plain
from tests.benchmarks.wire import Wire
from tests.chromium import ARGUMENTS, PLACE, find_chromium
from tests.faults.field import give_modules
from tests.interview.tablet import IS_COPIED, Tablet, wait_until
from tests.support import choose_first, give_account, make_app

ROUNDS = 5
#: second visits of each site in a round
VISITS_AGAIN = 3
#: shows the first question at once, to anybody
TRAINING = "/interview/2027/fr/#entrainement"
HEAVIEST = 60_000
OUTBOX = 500
#: screens whose change is timed
SCREENS = 12
#: the presets of Chromium's own tools
FAST_3G = {"offline": False, "latency": 562.5, "downloadThroughput": 180_000, "uploadThroughput": 84_375}
NO_NETWORK = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
SLOW, SLOWEST = 4, 6
PROBE = (Path(__file__).parent / "probe.js").read_text(encoding="utf-8")

KEEP_PAGES = """async () => {
  await navigator.serviceWorker.register("/interview/sw.js", { scope: "/interview/" });
  await navigator.serviceWorker.ready;
}"""
#: answers the question shown, goes on, and gives the milliseconds until the next one is painted
CHANGE_SCREEN = """async (codes) => {
  const shown = () => document.querySelector("[data-screen]:not([hidden])");
  const frame = () => new Promise(requestAnimationFrame);
  const before = shown();
  before.querySelector(`input[value="${codes[before.dataset.screen]}"]`)?.click();
  await frame();
  const start = performance.now();
  document.getElementById("next").click();
  while (shown() === before) await frame();
  await frame();
  return performance.now() - start;
}"""
#: milliseconds until « Ma tournée » has told what waits
DRAWN = """() => new Promise((resolve) => {
  const told = () => document.getElementById("state")?.textContent;
  const look = () => told() && requestAnimationFrame(() => resolve(performance.now()));
  // From the root: the page may not be there yet.
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
  look();
})"""


@dataclass
class Visited:
    """One site in one browser, with the proxy before it."""

    name: str
    wire: Wire
    context: BrowserContext
    #: path of the page that shows the first question at once
    path: str
    #: whether it opens without a network once it was kept
    keeps: bool

    @property
    def address(self) -> str:
        """Where its page is."""
        return f"{self.origin}{self.path}"

    @property
    def origin(self) -> str:
        """Where its server is."""
        return f"http://127.0.0.1:{self.wire.port}"

    @contextmanager
    def open_page(self, slowness: int) -> Iterator[tuple[Page, CDPSession]]:
        """A new page on a processor that is so many times slower."""
        page = self.context.new_page()
        try:
            tools = self.context.new_cdp_session(page)
            tools.send("Network.enable")
            tools.send("Emulation.setCPUThrottlingRate", {"rate": slowness})
            yield page, tools
        finally:
            page.close()

    def visit_first(self) -> tuple[float, int, int]:
        """With an empty cache: milliseconds until the first accepted answer, bytes and files until then."""
        with self.open_page(SLOW) as (page, tools):
            tools.send("Network.clearBrowserCache")
            kept = {"origin": self.origin, "storageTypes": "cache_storage,service_workers"}
            tools.send("Storage.clearDataForOrigin", kept)
            tools.send("Network.emulateNetworkConditions", FAST_3G)
            accepted, began = self._answer(page)
            return accepted, *self.wire.weigh(began, began + accepted / 1000)

    def visit_again(self) -> float:
        """What was kept, and no network if it needs none: milliseconds until the first accepted answer."""
        with self.open_page(1) as (page, _):
            page.goto(self.address)
            if self.keeps:
                page.evaluate(KEEP_PAGES)
                # Nobody leaves so soon: a visit would have to mend what the one before left half done.
                wait_until(page, IS_COPIED)
        with self.open_page(SLOW) as (page, tools):
            if self.keeps:
                tools.send("Network.emulateNetworkConditions", NO_NETWORK)
                self.context.set_offline(True)
            try:
                return self._answer(page)[0]
            finally:
                self.context.set_offline(False)

    def _answer(self, page: Page) -> tuple[float, float]:
        """Milliseconds from the start of the visit to the accepted answer, and the moment of that start."""
        page.add_init_script(PROBE)
        page.goto(self.address, wait_until="commit")
        accepted, began = page.evaluate("Promise.all([probe, performance.timeOrigin / 1000])")
        return accepted, began


@contextmanager
def open_sites() -> Iterator[tuple[Visited, Visited, Callable[[], Tablet]]]:
    """The static page, the application, and what makes another tablet of the application."""
    with ExitStack() as stack:
        store = stack.enter_context(open_store("sqlite"))
        url = stack.enter_context(store.new_database("tablet"))
        app = make_app(url, secret_key=SECRET_KEY)
        stack.callback(app.extensions["database"].engine.dispose)
        give_account(app, "caller-1", "interviewer")
        wire = stack.enter_context(Wire(stack.enter_context(run_app(url)).port).run())
        bare = stack.enter_context(Wire(stack.enter_context(run_plain()).port).run())
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        stack.callback(browser.close)

        def make_tablet() -> Tablet:
            page = browser.new_context(**PLACE).new_page()
            tablet = Tablet(page, app, f"http://127.0.0.1:{wire.port}")
            tablet.sign_in()
            return tablet

        ours = Visited("ours", wire, browser.new_context(**PLACE), TRAINING, keeps=True)
        floor = Visited("floor", bare, browser.new_context(**PLACE), "/", keeps=False)
        yield floor, ours, make_tablet


def measure_tablet() -> Iterator[Measure]:
    """Both sites take turns, so that whatever else the machine does falls on both."""
    with open_sites() as (floor, ours, make_tablet):
        first: dict[str, list[float]] = defaultdict(list)
        again: dict[str, list[float]] = defaultdict(list)
        weights: dict[str, tuple[int, int]] = {}
        for _ in range(ROUNDS):
            for site in (floor, ours):
                accepted, size, files = site.visit_first()
                first[site.name].append(accepted)
                weights[site.name] = size, files
            # They last half a second each: what else the machine does weighs more on them.
            for _ in range(VISITS_AGAIN):
                for site in (floor, ours):
                    again[site.name].append(site.visit_again())
        for site in (floor, ours):
            size, files = weights[site.name]
            name = f"first load of the interview, {site.name}, {files} files"
            yield Measure(name, size, HEAVIEST, "B", at_most=1)
        pair = [median(first[site.name]) for site in (ours, floor)]
        yield Measure("first answer accepted, Fast 3G, 4 x CPU", *pair, "ms", at_most=1.5)
        pair = [median(again[site.name]) for site in (ours, floor)]
        yield Measure("second visit, no network, 4 x CPU", *pair, "ms", at_most=1.5)
        yield Measure("screen change, 6 x CPU, beside 100 ms", median(time_screens(ours)), 100, "ms")
        yield Measure("« Ma tournée », 500 to send beside none", *time_tours(make_tablet), "ms", at_most=1.5)


def time_screens(site: Visited) -> list[float]:
    """Milliseconds of each change of screen."""
    codes = choose_first(load_questionnaire())
    with site.open_page(SLOWEST) as (page, _):
        page.goto(site.address)
        expect(page.locator("#next")).to_be_visible()
        return [page.evaluate(CHANGE_SCREEN, codes) for _ in range(SCREENS)]


def time_tours(make_tablet: Callable[[], Tablet]) -> tuple[float, float]:
    """Milliseconds until « Ma tournée » is drawn, with a full outbox and with an empty one."""
    empty, full = make_tablet(), make_tablet()
    for tablet in (empty, full):
        tablet.page.evaluate(KEEP_PAGES)
    fill_outbox(full)
    times: dict[int, list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        for number, tablet in enumerate((full, empty)):
            context = tablet.page.context
            context.set_offline(True)
            page = context.new_page()
            context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOW})
            page.goto(f"{tablet.address}/interview/", wait_until="commit")
            times[number].append(page.evaluate(DRAWN))
            page.close()
    return median(times[0]), median(times[1])


def fill_outbox(tablet: Tablet) -> None:
    """Finish 500 interviews without a network."""
    page = tablet.page
    page.goto(f"{tablet.address}/interview/2027/fr/")
    give_modules(page, tablet.app)
    page.context.set_offline(True)
    refusal: dict[str, Any] = {"language": "fr", "disposition": "refusal", "answers": []}
    page.evaluate("(interviews) => tablet.hold(interviews)", [refusal | {"place": n} for n in range(OUTBOX)])
    page.goto("about:blank")
