"""A printed percentage: the counts that can lie behind it."""

from __future__ import annotations

from functools import cache


def feasible_counts(percent: int, base_min: int, base_max: int) -> tuple[tuple[int, int], ...]:
    """Every (x, m), base_min ≤ m ≤ base_max, whose 100 x/m rounds half up to `percent`.

    Half up, because the publication prints 39/120 = 32.5 % as 33 %.
    """
    return tuple(
        (x, m) for m in range(base_min, base_max + 1) for x in range(m + 1) if _round(x, m) == percent
    )


@cache
def summed_counts(percent: int, base_min: int, base_max: int) -> tuple[tuple[int, int], ...]:
    """The same for two options whose shares were rounded first and added up afterwards.

    Every (a + b, m) with 100 a/m and 100 b/m, each rounded half up, adding up to `percent`: within one
    point of it, and among them counts that no single rounding gives (12/35 twice prints 34 + 34 = 68 %,
    24/35 at once 69 %).
    """
    found = []
    for m in range(base_min, base_max + 1):
        rounded = [_round(x, m) for x in range(m + 1)]
        found += [
            (x, m)
            for x in range(m + 1)
            if any(rounded[part] + rounded[x - part] == percent for part in range(x // 2 + 1))
        ]
    return tuple(found)


def counts_within(lower: float, upper: float, base_min: int, base_max: int) -> tuple[tuple[int, int], ...]:
    """Every (x, m) whose share lies between two percentages, both included: a figure printed as words."""
    return tuple(
        (x, m)
        for m in range(base_min, base_max + 1)
        for x in range(m + 1)
        if lower * m <= 100 * x <= upper * m
    )


def _round(x: int, m: int) -> int:
    """100 x/m, rounded half up, in whole numbers."""
    return (200 * x + m) // (2 * m)
