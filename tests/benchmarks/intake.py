"""Durable interviews per second, and server CPU per stored interview, beside one bare durable insert.

The application opens a sealed envelope (sealed before the clock starts); the floor reads JSON as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import median

from tests.benchmarks.cpu import read_cpu
from tests.benchmarks.data import Sample
from tests.benchmarks.load import Loader, Run
from tests.benchmarks.measure import Measure
from tests.benchmarks.site import Site

CLIENTS = 16
ROUNDS = 7
REQUESTS = 400


def measure_intake(
    kind: str, floor: Site, sites: Sequence[Site], samples: Sequence[Sample], loader: Loader
) -> Iterator[Measure]:
    """Floor and sites take turns, so that whatever else the machine does falls on all of them."""
    runs: dict[int, list[Run]] = defaultdict(list)
    costs: dict[int, list[float]] = defaultdict(list)
    everybody = (floor, *sites)
    for site in everybody:  # opens every connection, prepares every statement
        loader.drive(site.server.port, site.write_requests(samples, 20 * CLIENTS), CLIENTS)
    for _ in range(ROUNDS):
        for site in everybody:
            requests = site.write_requests(samples, REQUESTS)
            before = read_cpu(site.pids)
            runs[site.size].append(loader.drive(site.server.port, requests, CLIENTS))
            costs[site.size].append(1000 * (read_cpu(site.pids) - before) / REQUESTS)
    bare_rate, bare_cost = median(run.rate for run in runs[0]), median(costs[0])
    for site in sites:
        name = f"{kind}, from {site.size:,} stored"
        rate, cost = median(run.rate for run in runs[site.size]), median(costs[site.size])
        yield Measure(f"interviews per second, {name}", rate, bare_rate, "/s", at_least=0.5)
        yield Measure(f"server CPU per interview, {name}", cost, bare_cost, "ms", at_most=2.5)
    largest = max(runs)
    slow = [median(run.worst_percent for run in runs[size]) for size in (largest, 0)]
    yield Measure(f"99th percentile of answers, {kind}", *slow, "ms")
