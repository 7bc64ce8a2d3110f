"""P-values adjusted for the number of comparisons of one family."""

from __future__ import annotations

from collections.abc import Hashable, Mapping


def holm(p_values: Mapping[Hashable, float]) -> dict[Hashable, float]:
    """Adjusted p-values that bound the chance of any false alarm (Holm 1979)."""
    adjusted: dict[Hashable, float] = {}
    highest = 0.0
    ordered = sorted(p_values.items(), key=lambda pair: pair[1])
    for rank, (key, p) in enumerate(ordered):
        highest = max(highest, min(1.0, (len(ordered) - rank) * p))
        adjusted[key] = highest
    return adjusted


def benjamini_hochberg(p_values: Mapping[Hashable, float]) -> dict[Hashable, float]:
    """Adjusted p-values that bound the share of false alarms (Benjamini & Hochberg 1995)."""
    adjusted: dict[Hashable, float] = {}
    lowest = 1.0
    ordered = sorted(p_values.items(), key=lambda pair: pair[1])
    for rank in range(len(ordered), 0, -1):
        key, p = ordered[rank - 1]
        lowest = min(lowest, p * len(ordered) / rank)
        adjusted[key] = lowest
    return adjusted
