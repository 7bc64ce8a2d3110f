"""What weights are brought to: the population of each class, as a given sample can meet it.

Rules for small quartiers, empty classes and unknown age or sex: `docs/decisions/0006-weights.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
StrArray = npt.NDArray[np.str_]

#: class of an interview whose age or sex is unknown
UNKNOWN = "NR"
#: the variable and the class that hold everybody of a quartier
TOTAL, EVERYBODY = "total", "all"
#: printed margins are whole persons: together they may miss their total by one a class
ROUNDING = 1.0


NOBODY_LIVES = "interviews where the population is 0"
NOT_THE_TOTAL = "these classes do not add up to the total population"
NOBODY_ANSWERED = "no interview can stand for this class"
CONTRADICTORY = "these margins cannot be met together"
OUT_OF_BOUNDS = "no weights within the bounds meet these margins"
MORE_THAN_LIVE = "more interviews than the population"


class WeightingError(Exception):
    """No weights exist; names the quartier (or "ALL"), the class, and one of the reasons above."""

    def __init__(self, quartier: str, class_id: str, reason: str, variable: str = "") -> None:
        """Say where and why; `variable` is the one of the class, where it is of one."""
        super().__init__(f"{quartier}, {class_id}: {reason}")
        self.quartier = quartier
        self.class_id = class_id
        self.reason = reason
        self.variable = variable


@dataclass(frozen=True)
class WeightingCells:
    """The cells that share one weight. Shapes: (C,)."""

    quartier: StrArray
    #: variable → class of each cell, `UNKNOWN` when not known; in the order they are raked
    classes: Mapping[str, StrArray]
    interviews: npt.NDArray[np.int64]


#: variable → class → persons; "total" → "all" → persons
Margins = Mapping[str, Mapping[str, float]]

ONE_WEIGHT, MERGED, LEFT_OUT, SET_APART, UNEQUAL = (
    "one_weight", "merged", "left_out", "set_apart", "unequal",
)  # fmt: skip


@dataclass(frozen=True)
class Note:
    """A rule that was applied where a sample could not meet its population as printed, or a warning."""

    quartier: str
    #: `ONE_WEIGHT` (too few interviews), `MERGED` (an empty class), `LEFT_OUT` (a margin of one class),
    #: `SET_APART` (interviews whose class is unknown) or `UNEQUAL` (weights to look at, `weights.is_unequal`)
    kind: str
    #: variable and class it is about; the class is "" for a whole margin
    variable: str = ""
    class_id: str = ""
    #: for `MERGED`: the class it joined
    into: str = ""


@dataclass(frozen=True)
class Table:
    """Classes of each cell of one quartier, and the persons wanted in each class."""

    #: (C,) class of each cell
    classes: StrArray
    wanted: Mapping[str, float]


def fit_margin(
    quartier: str,
    variable: str,
    classes: StrArray,
    n: npt.NDArray[np.int64],
    population: Mapping[str, float],
    total: float,
    order: Sequence[str] | None,
    tell: Callable[[Note], None] = lambda note: None,
) -> Table | None:
    """One margin as this sample can meet it; None when it says nothing (one class of an unordered one).

    `classes` and `n` are (C,), `order` lists ordered classes, youngest first; each rule applied is told.
    """
    found = count(classes, n)
    check_population(quartier, variable, found, population)
    if abs(sum(population.values()) - total) > ROUNDING * len(population):
        raise WeightingError(quartier, variable, NOT_THE_TOTAL, variable)
    target = dict(population)
    if order is None:
        # An unordered margin (sex, quartier) with one class left says nothing any more.
        target = {name: persons for name, persons in target.items() if found.get(name)}
        if len(target) < 2:
            if population:
                tell(Note(quartier, LEFT_OUT, variable))
            return None
    else:
        merged = merge_empty([name for name in order if name in target], found)
        for name, into in merged.items():
            target[into] += target.pop(name)
            tell(Note(quartier, MERGED, variable, name, into))
        if not any(found.get(name) for name in target):
            return None
    unknown = found.get(UNKNOWN, 0)
    if unknown:
        tell(Note(quartier, SET_APART, variable, UNKNOWN))
    return Table(classes, share_out(target, unknown, int(n.sum()), total))


def count(classes: StrArray, n: npt.NDArray[np.int64]) -> dict[str, int]:
    """Interviews by class."""
    return {name: int(n[classes == name].sum()) for name in dict.fromkeys(classes.tolist())}


def check_population(
    quartier: str, variable: str, found: Mapping[str, int], population: Mapping[str, float]
) -> None:
    """Raise where somebody was interviewed in a class in which nobody lives."""
    for name, interviews in found.items():
        if interviews and name != UNKNOWN and population.get(name, 0.0) <= 0:
            raise WeightingError(quartier, name, NOBODY_LIVES, variable)


def merge_empty(names: Sequence[str], found: Mapping[str, int]) -> dict[str, str]:
    """Empty class → the next older one, the oldest → the next younger, in the order they merge."""
    merged: dict[str, str] = {}
    left = list(names)
    place = 0
    while place < len(left) and len(left) > 1:
        name = left[place]
        if found.get(name):
            place += 1
            continue
        merged[name] = left[place + 1] if place + 1 < len(left) else left[place - 1]
        left.remove(name)
        place = 0
    return merged


def share_out(
    population: Mapping[str, float], unknown: int, interviews: int, total: float
) -> dict[str, float]:
    """Persons wanted: unknown people keep their share of the sample, known classes take the rest.

    Classes miss the total by their rounding, which no weights could meet together: they are scaled to it.
    """
    share = unknown / interviews
    known = sum(population.values())
    wanted = {name: persons * (1 - share) * total / known for name, persons in population.items()}
    return wanted | ({UNKNOWN: total * share} if unknown else {})
