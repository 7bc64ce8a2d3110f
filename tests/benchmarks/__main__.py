"""`python -m tests.benchmarks` prints each measure beside its floor and bar, and fails when one is missed."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from barometre.questionnaire.definition import Questionnaire
from tests.benchmarks.data import Sample, compare_counts, load_questionnaire, make_samples
from tests.benchmarks.intake import measure_intake
from tests.benchmarks.load import Loader
from tests.benchmarks.measure import HEAD, Measure
from tests.benchmarks.pages import measure_pages
from tests.benchmarks.recount import measure_recount
from tests.benchmarks.servers import open_store
from tests.benchmarks.site import open_floor, open_site
from tests.benchmarks.tablet import measure_tablet

KINDS = ("sqlite", "postgresql")
SIZES = (100, 10_000)
FULL_SIZES = (100, 10_000, 100_000, 1_000_000)
PARTS = ("pages", "intake", "recount")
#: needs a browser, and no other database than one of its own
TABLET = "tablet"


def measure_kind(
    kind: str,
    sizes: Sequence[int],
    parts: Sequence[str],
    questionnaire: Questionnaire,
    samples: Sequence[Sample],
    loader: Loader,
) -> Iterator[Measure]:
    """Every measure on one kind of database; the counts are recounted at the end."""
    with open_store(kind) as store, ExitStack() as stack:
        sites = [stack.enter_context(open_site(store, questionnaire, samples, size)) for size in sizes]
        floor = stack.enter_context(open_floor(store))
        if "pages" in parts:
            yield from measure_pages(kind, floor, sites, samples, questionnaire.wave, loader)
        if "intake" in parts:
            yield from measure_intake(kind, floor, sites, samples, loader)
        if "recount" in parts:
            yield from measure_recount(kind, sites, samples, questionnaire)
        for site in sites:
            assert site.database
            kept, found = compare_counts(site.database, questionnaire.wave)
            yield Measure(f"counts beside a recount, {kind}, {site.size:,}", kept, found, "", 1, 1)


def measure_all(only: str | None, sizes: Sequence[int]) -> Iterator[Measure]:
    """Every measure that was asked for."""
    if only in (None, TABLET):
        yield from measure_tablet()
    if only == TABLET:
        return
    kinds = [kind for kind in KINDS if only in (None, kind, *PARTS)]
    parts = [part for part in PARTS if only in (None, part, *KINDS)]
    questionnaire = load_questionnaire()
    samples = make_samples(questionnaire)
    with Loader() as loader:
        for kind in kinds:
            yield from measure_kind(kind, sizes, parts, questionnaire, samples, loader)


def main() -> int:
    """Run what was asked; 1 when a bar is missed."""
    asked = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    asked.add_argument("--full", action="store_true", help="at a million interviews too; takes minutes")
    asked.add_argument("--only", choices=(*PARTS, TABLET, *KINDS), help="one part, or one database")
    options = asked.parse_args()
    # Stopped from outside, it still stops its servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    missed = 0
    print(HEAD)
    for measure in measure_all(options.only, FULL_SIZES if options.full else SIZES):
        print(measure.write(), flush=True)
        missed += not measure.passed
    print(f"{missed} missed" if missed else "every bar is met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
