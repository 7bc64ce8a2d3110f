"""Post-stratification: weights that meet the population of each cell age × sex (Holt & Smith 1979)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from barometre.estimates.margins import (
    EVERYBODY,
    LEFT_OUT,
    MERGED,
    ONE_WEIGHT,
    UNKNOWN,
    Note,
    StrArray,
    Table,
    WeightingCells,
    check_population,
    count,
    merge_empty,
    share_out,
)
from barometre.estimates.weights import SMALLEST, Weighting, split_quartiers

#: quartier → (ordered class, unordered class) → persons
CellPopulation = Mapping[str, Mapping[tuple[str, str], float]]


def poststratify_quartiers(
    cells: WeightingCells,
    population: CellPopulation,
    order: Sequence[str],
    smallest: int = SMALLEST,
) -> Weighting:
    """Weights that meet the population of each cell age × sex (Holt & Smith 1979).

    `cells.classes` holds an ordered variable, whose classes `order` lists youngest first, then another one.
    Interviews without one of them form one cell, with their share of the sample. An ordered class without
    interviews joins its neighbour; where one of the other classes is missing inside an ordered one, that one
    is not cut by it.
    """
    (_, ordered), (other_variable, other) = cells.classes.items()
    weights = np.zeros(len(cells.interviews))
    groups = cells.quartier.astype(object)
    notes: list[Note] = []
    totals = {name: {"total": {EVERYBODY: sum(found.values())}} for name, found in population.items()}
    for quartier in split_quartiers(cells, totals, smallest):
        inside, n, name = quartier.inside, quartier.n, quartier.name
        rows, columns = ordered[inside], other[inside]
        complete = (rows != UNKNOWN) & (columns != UNKNOWN)
        _check_cells(name, rows, columns, n, population[name])
        if quartier.small:
            notes.append(Note(name, ONE_WEIGHT))
            weights[inside] = quartier.total / n.sum()
            continue
        table = _cut_cells(name, rows, columns, n * complete, population[name], order, other_variable, notes)
        unknown = int(n[~complete].sum())
        wanted = share_out(table.wanted, unknown, int(n.sum()), quartier.total)
        labels = np.where(complete, table.classes, UNKNOWN)
        found = count(labels, n)
        weights[inside] = [wanted[label] / found[label] if found[label] else 0.0 for label in labels]
        groups[inside] += "/" + labels.astype(object)
    return Weighting(weights, (groups.astype(str),), tuple(notes))


def _check_cells(
    quartier: str,
    rows: StrArray,
    columns: StrArray,
    n: npt.NDArray[np.int64],
    population: Mapping[tuple[str, str], float],
) -> None:
    """Raise where nobody lives, by the whole class if it is empty: it says more than one cell of it."""
    for place, classes in enumerate((rows, columns)):
        names = dict.fromkeys(cell[place] for cell in population)
        persons = {
            name: sum(found for cell, found in population.items() if cell[place] == name) for name in names
        }
        check_population(quartier, count(classes, n), persons)
    complete = (rows != UNKNOWN) & (columns != UNKNOWN)
    crossed = np.array([f"{row} × {column}" for row, column in zip(rows, columns, strict=True)])
    cells = {f"{row} × {column}": found for (row, column), found in population.items()}
    check_population(quartier, count(crossed[complete], n[complete]), cells)


def _cut_cells(
    quartier: str,
    rows: StrArray,
    columns: StrArray,
    n: npt.NDArray[np.int64],
    population: Mapping[tuple[str, str], float],
    order: Sequence[str],
    other_variable: str,
    notes: list[Note],
) -> Table:
    """The post-strata of one quartier: (C,) label of each cell, persons of each label."""
    found = count(rows, n)
    merged = merge_empty([name for name in order if any(row == name for row, _ in population)], found)
    notes += [Note(quartier, MERGED, "", name, into) for name, into in merged.items()]

    def end(row: str) -> str:
        while row in merged:
            row = merged[row]
        return row

    others = list(dict.fromkeys(column for _, column in population))
    everywhere = {column for column in others if n[columns == column].sum()}
    if len(everywhere) < len(others):
        notes.append(Note(quartier, LEFT_OUT, other_variable))
    cut = {
        row: len(everywhere) == len(others)
        and all(n[(rows == row) & (columns == column)].sum() for column in others)
        for row in order
    }
    wanted: dict[str, float] = {}
    for (row, column), persons in population.items():
        label = f"{end(row)}/{column}" if cut[end(row)] else end(row)
        wanted[label] = wanted.get(label, 0.0) + persons
    labels = [
        f"{row}/{column}" if cut.get(row) else row
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
    return Table(np.array(labels, dtype=str), wanted)
