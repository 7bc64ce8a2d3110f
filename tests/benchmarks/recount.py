"""Time to make all counts again, beside one aggregate statement over a wide table in the same database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median

from sqlalchemy import Column, Integer, MetaData, SmallInteger, Table, case, func, insert, select, text

from barometre.estimates.counts import MISSING
from barometre.questionnaire.definition import Questionnaire
from barometre.storage.counts import rebuild_counts
from barometre.storage.engine import Database
from tests.benchmarks.data import Sample, settle
from tests.benchmarks.measure import Measure
from tests.benchmarks.site import Site

ROUNDS = 5


def measure_recount(
    kind: str, sites: Sequence[Site], samples: Sequence[Sample], questionnaire: Questionnaire
) -> Iterator[Measure]:
    """Each site's counts, by turns with the statement, at every size above a hundred."""
    for site in sites:
        if site.size <= 100:
            continue
        assert site.database
        wide = _fill_wide(site.database, questionnaire, samples, site.size)
        statement = _write_statement(wide, questionnaire)
        ours, floor = [], []
        for turn in range(ROUNDS + 1):
            times = (
                _time(lambda site=site: _rebuild(site, questionnaire.wave)),
                _time(lambda site=site, statement=statement: _aggregate(site, statement)),
            )
            if turn:
                ours.append(times[0])
                floor.append(times[1])
        name = f"all counts again, {kind}, {site.size:,}, beside one statement"
        yield Measure(name, 1000 * median(ours), 1000 * median(floor), "ms", at_most=1.5)
        with site.database.write() as session:
            session.execute(text(f"drop table {wide.name}"))


def _time(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _rebuild(site: Site, wave: str) -> None:
    assert site.database
    with site.database.write() as session:
        rebuild_counts(session, wave)


def _aggregate(site: Site, statement: object) -> None:
    assert site.database
    with site.database.read() as session:
        session.execute(statement).all()  # type: ignore[call-overload]


def _fill_wide(
    database: Database, questionnaire: Questionnaire, samples: Sequence[Sample], number: int
) -> Table:
    """The same answers, one column an item."""
    items = [f"a{place}" for place in range(len(questionnaire.position))]
    columns = [Column(name, SmallInteger, nullable=False) for name in items]
    wide = Table("bench_wide", MetaData(), Column("id", Integer, primary_key=True), *columns)
    wide.create(database.engine)
    first = min(number, len(samples))
    rows = [dict(zip(items, sample.sheet.codes, strict=True)) for sample in samples[:first]]
    with database.write() as session:
        session.execute(insert(wide), rows)
        stored = first
        while stored < number:
            added = min(stored, number - stored)
            copied = select(*(wide.c[name] for name in items)).where(wide.c.id <= added)
            session.execute(insert(wide).from_select(items, copied))
            stored += added
    settle(database)
    return wide


def _write_statement(wide: Table, questionnaire: Questionnaire) -> object:
    """Every item and code by weighting cell, in one pass."""
    cell = [wide.c[f"a{questionnaire.position[item]}"] for item in questionnaire.cell]
    sums = []
    for item in questionnaire.closed_items:
        assert item.scale is not None
        column = wide.c[f"a{questionnaire.position[item.id]}"]
        for code in (0, *sorted(item.scale.codes), *MISSING):
            sums.append(func.sum(case((column == code, 1), else_=0)))
    return select(*cell, func.count(), *sums).group_by(*cell)
