"""The people interviewed beside the population: by quartier, age and sex, before and after weighting.

Groups of few people are hidden, and others with them so that no row and no column tells them by subtraction.
How many did not tell their age or sex is no secret to staff (`docs/decisions/0007-disclosure.md`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import ALL
from barometre.estimates.margins import EVERYBODY, TOTAL, UNKNOWN, WeightingCells
from barometre.questionnaire.town import Town
from barometre.results.weighting import Weights, weighting_cells

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """One class of one variable in one domain; shares are 0-1, among the people whose class is known."""

    #: class id, `UNKNOWN`, or the id of a quartier
    class_id: str
    #: None where it is hidden
    interviews: int | None
    #: as counted
    sampled: float | None
    #: after raking
    weighted: float | None
    #: None where it is not published
    population: float | None

    @property
    def gap(self) -> float | None:
        """Sample less population, as counted: -1…1."""
        return _subtract(self.sampled, self.population)

    @property
    def gap_left(self) -> float | None:
        """The same after raking."""
        return _subtract(self.weighted, self.population)


@dataclass(frozen=True)
class Composition:
    """One variable in one domain, or the quartiers themselves."""

    #: "quartier" or an item of the weighting cell
    variable: str
    domain: str
    parts: tuple[Part, ...]


def _subtract(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def compose(town: Town, counts: Counts, weights: Weights, smallest: int) -> list[Composition]:
    """The quartiers, then each variable for all of them and for each; groups under `smallest` are hidden."""
    cells = weighting_cells(town, counts)
    design = town.current_wave.design
    assert design is not None
    quartiers = [quartier.id for quartier in town.quartiers]
    totals = {name: design.margins.get(name, {}).get(TOTAL, {}).get(EVERYBODY) for name in quartiers}
    n = counts.interviews
    tables = {
        variable: (
            classes := _list_classes(town, variable, of),
            _guard(cells, of, classes, quartiers, smallest),
        )
        for variable, of in cells.classes.items()
    }
    domains = [*quartiers, ALL]
    # With a group hidden in any of its tables, the weighted shares of a domain would be one more sum over the
    # same people: they are not told.
    closed = {
        domain
        for _classes, hidden in tables.values()
        for domain, row in zip(domains, hidden, strict=True)
        if row.any()
    }
    # Nobody is hidden by quartier: the number of interviews in each is told to whoever interviews.
    found = [_compose("quartier", ALL, quartiers, cells.quartier, n, weights.raked, totals, set(), told=True)]
    for variable, (classes, hidden) in tables.items():
        of = cells.classes[variable]
        for domain in (ALL, *quartiers):
            inside = np.ones(len(n), bool) if domain == ALL else cells.quartier == domain
            row = hidden[domains.index(domain)]
            masked = {name for name, hide in zip(classes, row, strict=True) if hide}
            margins = _add_margins(design.margins, quartiers if domain == ALL else [domain], variable)
            found.append(
                _compose(
                    variable, domain, classes, of[inside], n[inside], weights.raked[inside], margins, masked,
                    told=domain not in closed,
                )
            )  # fmt: skip
    return found


def _guard(
    cells: WeightingCells,
    of: npt.NDArray[np.str_],
    classes: Sequence[str],
    quartiers: Sequence[str],
    smallest: int,
) -> BoolArray:
    """(quartiers + 1, classes): what to hide of one variable."""
    n = cells.interviews
    known = [name for name in classes if name != UNKNOWN]
    table = [[int(n[(cells.quartier == name) & (of == one)].sum()) for one in known] for name in quartiers]
    hidden = guard_table(np.array(table, dtype=np.int64).reshape(len(quartiers), len(known)), smallest)
    return np.pad(hidden, ((0, 0), (0, len(classes) - len(known))))


def guard_table(table: IntArray, smallest: int) -> BoolArray:
    """What to hide of a table (rows, columns) shown with its sums: (rows + 1, columns), the sums last.

    Every row and every column that hides something hides two groups or more, of `smallest` people or more
    together; a sum below `smallest` is hidden like a group, with another one. Where nobody else is left, so
    are the groups of nobody: beside them, the one that is hidden would be the sum of its line.
    """
    whole = np.vstack([table, table.sum(axis=0)])
    hidden: BoolArray = (whole > 0) & (whole < smallest)
    while True:
        line = _find_open_line(whole, hidden, smallest)
        if line is None:
            return hidden
        # The smallest group still open joins, those of nobody last.
        row, column = min(
            map(tuple, np.argwhere(line & ~hidden)), key=lambda at: (whole[at] == 0, whole[at], at)
        )
        hidden[row, column] = True


def _find_open_line(whole: IntArray, hidden: BoolArray, smallest: int) -> BoolArray | None:
    """The first row or column whose hidden groups follow by subtraction, and that can hide one more."""
    rows, columns = whole.shape
    lines = [(row, slice(None)) for row in range(rows)] + [(slice(None), column) for column in range(columns)]
    for at in lines:
        line = np.zeros(whole.shape, bool)
        line[at] = True
        concealed = line & hidden
        exposed = concealed.sum() == 1 or 0 < whole[concealed].sum() < smallest
        if exposed and (line & ~hidden).any():
            return line
    return None


def _compose(
    variable: str,
    domain: str,
    classes: Sequence[str],
    of: npt.NDArray[np.str_],
    n: IntArray,
    raked: npt.NDArray[np.float64],
    population: Mapping[str, float | None],
    masked: set[str],
    *,
    told: bool,
) -> Composition:
    known = of != UNKNOWN
    total, weight = int(n[known].sum()), float((raked * n)[known].sum())
    margins = [persons for persons in population.values() if persons is not None]
    complete = len(margins) == sum(name != UNKNOWN for name in classes)
    persons = sum(margins) if complete else 0.0
    parts = []
    for name in classes:
        inside = of == name
        shown = name not in masked
        shared = shown and name != UNKNOWN and total > 0
        share = population.get(name)
        parts.append(
            Part(
                name,
                int(n[inside].sum()) if shown else None,
                int(n[inside].sum()) / total if shared else None,
                float((raked * n)[inside].sum()) / weight if shared and told and weight > 0 else None,
                share / persons if share is not None and persons else None,
            )
        )
    return Composition(variable, domain, tuple(parts))


def _list_classes(town: Town, variable: str, of: npt.NDArray[np.str_]) -> list[str]:
    """Classes in the order of the scale; those without one last, where there are any."""
    scale = town.current_wave.questionnaire.by_id[variable].scale
    assert scale is not None
    named = [option.class_id for option in scale.options if option.class_id]
    return [*dict.fromkeys(named), *([UNKNOWN] if UNKNOWN in of.tolist() else [])]


def _add_margins(
    margins: Mapping[str, Mapping[str, Mapping[str, float]]], quartiers: Sequence[str], variable: str
) -> dict[str, float]:
    """Persons by class over some quartiers; empty when one of them has no such margin."""
    tables = [margins.get(name, {}).get(variable) for name in quartiers]
    added: dict[str, float] = {}
    for table in tables:
        if not table:
            return {}
        for name, persons in table.items():
            added[name] = added.get(name, 0.0) + persons
    return added
