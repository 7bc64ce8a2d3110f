"""Shares that follow from others: a total from all its parts, or the one part that is missing from a total.

Parts are added up as people, each counting once: whether a publication weighted its total is not asked
here and must be told beside what is deduced.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

#: people who gave one of the answers, and the base
Pair = tuple[int, int]


def add_counts(
    parts: Iterable[Sequence[Pair]], base_min: int = 0, base_max: int | None = None
) -> tuple[Pair, ...]:
    """Every (x, m) that adding one count of each part can give, its base within the limits."""
    sums: set[Pair] = {(0, 0)}
    for part in parts:
        sums = {(x + a, m + b) for x, m in sums for a, b in part}
    return tuple(sorted((x, m) for x, m in sums if base_min <= m and (base_max is None or m <= base_max)))


def subtract_counts(
    total: Sequence[Pair], parts: Iterable[Sequence[Pair]], base_min: int, base_max: int
) -> tuple[Pair, ...]:
    """Every (x, m) that the one part beside `parts` can have, its base within the limits."""
    known = add_counts(parts)
    left = {(x - a, m - b) for x, m in total for a, b in known}
    return tuple(sorted((x, m) for x, m in left if base_min <= m <= base_max and 0 <= x <= m))


def span_percent(counts: Sequence[Pair]) -> tuple[int, int]:
    """Lowest and highest share in whole per cent, rounded outwards: no count lies outside."""
    return min(100 * x // m for x, m in counts), max(-(-100 * x // m) for x, m in counts)
