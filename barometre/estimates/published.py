"""A printed percentage: the counts that can lie behind it."""

from __future__ import annotations


def feasible_counts(percent: int, base_min: int, base_max: int) -> tuple[tuple[int, int], ...]:
    """Every (x, m), base_min ≤ m ≤ base_max, whose 100 x/m rounds half up to `percent`.

    Half up, because the publication prints 39/120 = 32.5 % as 33 %.
    """
    return tuple(
        (x, m)
        for m in range(base_min, base_max + 1)
        for x in range(m + 1)
        if (200 * x + m) // (2 * m) == percent
    )


def counts_within(lower: float, upper: float, base_min: int, base_max: int) -> tuple[tuple[int, int], ...]:
    """Every (x, m) whose share lies between two percentages, both included: a figure printed as words."""
    return tuple(
        (x, m)
        for m in range(base_min, base_max + 1)
        for x in range(m + 1)
        if lower * m <= 100 * x <= upper * m
    )
