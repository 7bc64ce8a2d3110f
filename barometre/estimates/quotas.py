"""Quota sheets: how many interviews to look for in each class of each quartier; whole numbers that add up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

#: quartier → variable → class → persons; the variable "total" has the one class "all"
Population = Mapping[str, Mapping[str, Mapping[str, float]]]


class QuotaError(Exception):
    """More interviews are asked for than there are persons; names the quartier."""

    def __init__(self, quartier: str, persons: int) -> None:
        """Say where, and how many persons there are."""
        super().__init__(f"{quartier} has {persons} persons")
        self.quartier = quartier
        self.persons = persons


@dataclass(frozen=True)
class QuotaTable:
    """The interviews looked for in one quartier."""

    total: int
    #: class of the first variable (age) → interviews; they add up to the total
    rows: Mapping[str, int]
    #: class of the second variable (sex) → interviews; empty where its margin is not known
    columns: Mapping[str, int]
    #: (row, column) → interviews, adding up both ways; empty where there are no columns
    cells: Mapping[tuple[str, str], int]


def allocate(
    target: int | Mapping[str, int], population: Population, rows: str, columns: str | None = None
) -> dict[str, QuotaTable]:
    """A quota table per quartier: of `target` interviews each, or of all shared equally when it is a number.

    Each margin follows the population by largest remainders. The table is filled from its margins as r c / n,
    which is where iterative proportional fitting ends from an even start (Deming & Stephan 1940), then
    rounded up or down so that every margin still holds. Raises `QuotaError` where persons are too few.
    """
    wanted = share_equally(target, list(population)) if isinstance(target, int) else target
    return {
        quartier: _allocate_one(quartier, total, population[quartier], rows, columns)
        for quartier, total in wanted.items()
    }


def share_equally(total: int, names: Sequence[str]) -> dict[str, int]:
    """A total in equal parts; the first ones take what is left over."""
    each, over = divmod(total, len(names))
    return {name: each + (place < over) for place, name in enumerate(names)}


def _allocate_one(
    quartier: str,
    total: int,
    margins: Mapping[str, Mapping[str, float]],
    rows: str,
    columns: str | None,
) -> QuotaTable:
    row_sums = _follow(quartier, total, margins.get(rows, {}))
    column_sums = _follow(quartier, total, margins.get(columns, {}) if columns else {})
    cells = _fill(row_sums, column_sums, total) if row_sums and column_sums else {}
    if total > margins["total"]["all"]:
        raise QuotaError(quartier, floor(margins["total"]["all"]))
    return QuotaTable(total, row_sums, column_sums, cells)


def _follow(quartier: str, total: int, persons: Mapping[str, float]) -> dict[str, int]:
    """Whole parts of `total` in proportion to `persons`, never more than they are (largest remainders)."""
    everybody = sum(Fraction(number) for number in persons.values())
    if not everybody:
        return {}
    if total > sum(floor(number) for number in persons.values()):
        raise QuotaError(quartier, floor(everybody))
    exact = {name: total * Fraction(number) / everybody for name, number in persons.items()}
    parts = {name: floor(share) for name, share in exact.items()}
    # Of two equal remainders the larger class takes the interview: it changes its share less.
    order = sorted(exact, key=lambda name: (parts[name] - exact[name], -persons[name]))
    while total > sum(parts.values()):
        for name in order:
            if parts[name] < floor(persons[name]) and total > sum(parts.values()):
                parts[name] += 1
    return parts


def _fill(rows: Mapping[str, int], columns: Mapping[str, int], total: int) -> dict[tuple[str, str], int]:
    """Round the table r c / n up or down, every sum kept (controlled rounding, Bacharach 1966).

    Sums being whole, a row or column with one broken cell has another. A path that turns from one to the
    next therefore closes: adding to every other of its cells what the others lose makes one of them whole.
    """
    cells = {
        (row, column): Fraction(r * c, max(total, 1))
        for row, r in rows.items()
        for column, c in columns.items()
    }
    while broken := [place for place, value in cells.items() if value.denominator > 1]:
        loop = _find_loop(broken)
        up, down = loop[::2], loop[1::2]
        step = min(
            *(1 - cells[place] % 1 for place in up),
            *(cells[place] % 1 for place in down),
        )
        for place in up:
            cells[place] += step
        for place in down:
            cells[place] -= step
    return {place: int(value) for place, value in cells.items()}


def _find_loop(broken: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Cells of a closed path that turns at each of them, along a row, then a column, and so on."""
    path = [broken[0]]
    while True:
        axis = (len(path) - 1) % 2
        here = path[-1]
        beside = [place for place in broken if place != here and place[axis] == here[axis]]
        # A cell of the path in this row or column closes it; its turns must stay alternate.
        for start, place in enumerate(path[:-1]):
            if place in beside and (len(path) - start) % 2 == 0:
                return path[start:]
        path.append(beside[0])
