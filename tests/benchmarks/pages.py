"""Time of the results pages as interviews grow: the public page, all results anew, the live analysis."""

from __future__ import annotations

import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from http.client import HTTPConnection
from statistics import median
from typing import Any
from urllib.parse import urlencode

from barometre.storage.releases import make_release
from tests.benchmarks.data import ANALYST, Sample
from tests.benchmarks.load import write_request
from tests.benchmarks.measure import Measure
from tests.benchmarks.site import Site
from tests.data import compare_nothing
from tests.support import PASSWORD

ROUNDS = 15
OVERVIEW, ALL_RESULTS, ANALYSIS = "overview, public", "all results, a new edition", "analysis, live"
FIRST_PAGE = "first page of a new edition"
#: shows one question: all the others are worked out with it, for what is hidden and corrected depends on them
FIGURE = "/chiffres/attachement"
#: requests of one run, and connections: the kernel shares them among the workers as it likes, hence many runs
REQUESTS, CLIENTS = 4000, 16
RUNS = 9
#: milliseconds of LimeSurvey 6.14's statistics page, 10,000 responses, two such cores: quoted, not rerun
PEER = 570
#: of the public page in a round
VISITS = 5


class Visitor:
    """One keep-alive connection with its cookies; it stays with one worker."""

    def __init__(self, port: int) -> None:
        """Connect to a server on this machine."""
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers: dict[str, str] = {}

    def get(self, path: str) -> str:
        """The text of a page."""
        return self._ask("GET", path)

    def sign_in(self) -> None:
        """Become the analyst."""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get("/sign-in"))
        assert found
        form = {"csrf_token": found[1], "username": ANALYST, "password": PASSWORD}
        self._headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._ask("POST", "/sign-in", urlencode(form), expect=(302, 303))

    def look_at(self, edition: int) -> None:
        """See the public pages as one edition shows them."""
        if not hasattr(self, "_token"):
            found = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/desk/editions"))
            assert found
            self._token = found[1]
        form = urlencode({"csrf_token": self._token})
        self._ask("POST", f"/desk/editions/{edition}/preview", form, expect=(303,))

    def _ask(self, method: str, path: str, body: str = "", expect: tuple[int, ...] = (200,)) -> str:
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        if answer.status not in expect:
            raise AssertionError(f"{method} {path}: {answer.status} {text[:400]}")
        cookie = answer.getheader("Set-Cookie")
        if cookie:
            self._headers["Cookie"] = cookie.partition(";")[0]
        return text


def measure_pages(
    kind: str, floor: Site, sites: Sequence[Site], samples: Sequence[Sample], wave: str, loader: Any
) -> Iterator[Measure]:
    """Sites and the empty route take turns; each page is warmed once before it is timed."""
    times: dict[tuple[str, int], list[float]] = defaultdict(list)
    strangers = {site.size: Visitor(site.server.port) for site in sites}
    analysts = {site.size: Visitor(site.server.port) for site in sites}
    empty = Visitor(floor.server.port)
    for analyst in analysts.values():
        analyst.sign_in()
    for turn in range(ROUNDS + 1):
        found = {("empty", 0): _time(lambda: empty.get("/empty"))}
        for site in sites:
            analysts[site.size].look_at(_prepare(site, wave))
            found[ALL_RESULTS, site.size] = _time(lambda site=site: analysts[site.size].get(FIGURE))
            analysts[site.size].look_at(_prepare(site, wave))
            found[FIRST_PAGE, site.size] = _time(lambda site=site: analysts[site.size].get("/"))
            # A millisecond: one visit alone would tell of whatever else the machine does.
            visits = [_time(lambda site=site: strangers[site.size].get("/")) for _ in range(VISITS)]
            found[OVERVIEW, site.size] = median(visits)
            loader.drive(site.server.port, site.write_requests(samples, 1), 1)
            found[ANALYSIS, site.size] = _time(lambda site=site: analysts[site.size].get("/analyse"))
        for key, seconds in found.items():
            if turn:
                times[key].append(seconds)
    yield _measure_rates(kind, floor, max(sites, key=lambda site: site.size), loader)
    smallest, largest = min(strangers), max(strangers)
    nothing = median(times["empty", 0])
    for page in (OVERVIEW, ALL_RESULTS, FIRST_PAGE, ANALYSIS):
        low, high = median(times[page, smallest]), median(times[page, largest])
        name = f"{page}, {kind}, {largest:,} beside {smallest:,}"
        yield Measure(name, 1000 * high, 1000 * low, "ms", at_most=1.5)
        # `ALL_RESULTS` works out every one: all items and domains, weights, intervals, tests and verdicts.
        for size in strangers:
            found = 1000 * median(times[page, size])
            name = f"{page}, {kind}, {size:,}, beside an empty route"
            # The first page draws and writes three questions besides: told, not judged.
            yield Measure(name, found, 1000 * nothing, "ms", at_most=None if page == FIRST_PAGE else 20)

    if 10_000 in strangers:
        found = 1000 * median(times[ALL_RESULTS, 10_000])
        # Told, not judged: this machine is not that one.
        yield Measure(f"{ALL_RESULTS}, {kind}, 10,000, beside LimeSurvey", found, PEER, "ms")


def _time(visit: Callable[[], object]) -> float:
    start = time.perf_counter()
    visit()
    return time.perf_counter() - start


def _prepare(site: Site, wave: str) -> int:
    """An edition that nobody has worked out yet."""
    assert site.database
    with site.database.write() as session:
        # One interview after the other, to have a new one each time: nobody's answers are at stake here.
        return make_release(session, wave, ANALYST, compare_nothing, smallest_change=1).id


def _measure_rates(kind: str, floor: Site, site: Site, loader: Any) -> Measure:
    """Public pages of an edition beside an empty route of a bare application, with as many workers."""
    headers = {"Accept-Encoding": "gzip"}
    rates: dict[str, list[float]] = defaultdict(list)
    for turn in range(RUNS + 1):
        for name, port, path in (("ours", site.server.port, "/"), ("floor", floor.server.port, "/empty")):
            requests = [write_request("GET", path, b"", headers)] * REQUESTS
            run = loader.drive(port, requests, CLIENTS, expect=200)
            if turn:
                rates[name].append(run.rate)
    name = f"a public page, requests per second, {kind}"
    return Measure(name, median(rates["ours"]), median(rates["floor"]), "/s", at_least=0.6)
