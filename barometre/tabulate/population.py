"""Reads how many people live there: `population_cells.csv` and `margins.csv`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from barometre.estimates.margins import EVERYBODY, TOTAL, UNKNOWN
from barometre.i18n import gettext as _
from barometre.tabulate.lines import Line, read_lines
from barometre.tabulate.survey import AGE, SEX, Design, Place


def read_population(
    path: Path, design: Design, places: dict[Place, int]
) -> dict[str, dict[str, dict[tuple[str, str], float]]] | None:
    """Persons by wave, quartier and (age, sex); None without the file."""
    if not path.exists():
        return None
    found: dict[str, dict[str, dict[tuple[str, str], float]]] = defaultdict(lambda: defaultdict(dict))
    for line in read_lines(path, ("wave", "quartier", AGE, SEX, "population")):
        wave, quartier, cell = line["wave"], line["quartier"], (line[AGE], line[SEX])
        _check_place(line, design)
        line.check(AGE, design.ages)
        _check_class(line, SEX)
        if cell in found[wave][quartier]:
            raise line.error(SEX, _("Cette case est déjà donnée plus haut : gardez une seule ligne."))
        found[wave][quartier][cell] = line.number("population")
        crossed = (f"{AGE} × {SEX}", f"{cell[0]} × {cell[1]}")
        for variable, class_id in (crossed, (AGE, cell[0]), (SEX, cell[1]), (TOTAL, EVERYBODY)):
            places.setdefault((wave, quartier, variable, class_id), line.row)
    return {wave: dict(quartiers) for wave, quartiers in found.items()}


def read_margins(
    path: Path, design: Design, places: dict[Place, int]
) -> dict[str, dict[str, dict[str, dict[str, float]]]] | None:
    """Persons by wave, quartier, variable and class; None without the file."""
    if not path.exists():
        return None
    found: dict[str, dict[str, dict[str, dict[str, float]]]] = defaultdict(lambda: defaultdict(dict))
    for line in read_lines(path, ("wave", "quartier", "variable", "category", "population")):
        _check_place(line, design)
        line.check("variable", (TOTAL, AGE, SEX))
        if line["variable"] == AGE:
            line.check("category", design.ages)
        elif line["variable"] == SEX:
            _check_class(line, "category")
        table = found[line["wave"]][line["quartier"]].setdefault(line["variable"], {})
        category = EVERYBODY if line["variable"] == TOTAL else line["category"]
        if category in table:
            raise line.error(
                "category", _("Cette classe est déjà donnée plus haut : gardez une seule ligne.")
            )
        table[category] = line.number("population")
        places[line["wave"], line["quartier"], line["variable"], category] = line.row
    for quartiers in found.values():
        for tables in quartiers.values():
            if TOTAL not in tables:
                tables[TOTAL] = {EVERYBODY: sum(next(iter(tables.values())).values())}
    return {wave: dict(quartiers) for wave, quartiers in found.items()}


def add_margins(
    population: Mapping[str, Mapping[tuple[str, str], float]],
) -> dict[str, dict[str, dict[str, float]]]:
    """Margins of each quartier from its cells."""
    margins: dict[str, dict[str, dict[str, float]]] = {}
    for quartier, cells in population.items():
        tables: dict[str, dict[str, float]] = {TOTAL: {EVERYBODY: sum(cells.values())}, AGE: {}, SEX: {}}
        for (age, sex), persons in cells.items():
            tables[AGE][age] = tables[AGE].get(age, 0.0) + persons
            tables[SEX][sex] = tables[SEX].get(sex, 0.0) + persons
        margins[quartier] = tables
    return margins


def _check_place(line: Line, design: Design) -> None:
    line.check("wave", design.waves)
    line.check("quartier", design.quartiers)


def _check_class(line: Line, column: str) -> None:
    """The class of people who did not tell is made from the interviews: no population has it."""
    if line[column] in ("", UNKNOWN):
        raise line.error(column, _("Une population n’a pas de classe sans nom ni %(name)s.", name=UNKNOWN))
