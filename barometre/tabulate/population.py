"""Reads how many people live there: `population_cells.csv` and `margins.csv`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from barometre.estimates.margins import EVERYBODY
from barometre.i18n import gettext as _
from barometre.tabulate.lines import read_lines
from barometre.tabulate.survey import AGE, CELLS, MARGINS, SEX, Design


def read_population(
    path: Path, design: Design, places: dict[tuple[str, str, str, str], tuple[str, int]]
) -> dict[str, dict[str, dict[tuple[str, str], float]]] | None:
    if not path.exists():
        return None
    found: dict[str, dict[str, dict[tuple[str, str], float]]] = defaultdict(lambda: defaultdict(dict))
    for line in read_lines(path, ("wave", "quartier", AGE, SEX, "population")):
        wave, quartier, cell = line["wave"], line["quartier"], (line[AGE], line[SEX])
        line.check(AGE, design.ages)
        if cell in found[wave][quartier]:
            raise line.error(SEX, _("Cette case est déjà donnée plus haut : gardez une seule ligne."))
        found[wave][quartier][cell] = line.number("population")
        places[wave, quartier, CELLS, f"{cell[0]} × {cell[1]}"] = (path.name, line.number_in_file)
        for class_id in (*cell, EVERYBODY):
            places.setdefault((wave, quartier, MARGINS, class_id), (path.name, line.number_in_file))
    return {wave: dict(quartiers) for wave, quartiers in found.items()}


def read_margins(
    path: Path, design: Design, places: dict[tuple[str, str, str, str], tuple[str, int]]
) -> dict[str, dict[str, dict[str, dict[str, float]]]] | None:
    if not path.exists():
        return None
    found: dict[str, dict[str, dict[str, dict[str, float]]]] = defaultdict(lambda: defaultdict(dict))
    for line in read_lines(path, ("wave", "quartier", "variable", "category", "population")):
        line.check("variable", ("total", AGE, SEX))
        if line["variable"] == AGE:
            line.check("category", design.ages)
        table = found[line["wave"]][line["quartier"]].setdefault(line["variable"], {})
        category = EVERYBODY if line["variable"] == "total" else line["category"]
        if category in table:
            raise line.error(
                "category", _("Cette classe est déjà donnée plus haut : gardez une seule ligne.")
            )
        table[category] = line.number("population")
        places[line["wave"], line["quartier"], MARGINS, category] = (path.name, line.number_in_file)
    for quartiers in found.values():
        for tables in quartiers.values():
            if "total" not in tables:
                tables["total"] = {EVERYBODY: sum(next(iter(tables.values())).values())}
    return {wave: dict(quartiers) for wave, quartiers in found.items()}


def add_margins(
    population: Mapping[str, Mapping[tuple[str, str], float]],
) -> dict[str, dict[str, dict[str, float]]]:
    """Margins of each quartier from its cells."""
    margins: dict[str, dict[str, dict[str, float]]] = {}
    for quartier, cells in population.items():
        tables: dict[str, dict[str, float]] = {"total": {EVERYBODY: sum(cells.values())}, AGE: {}, SEX: {}}
        for (age, sex), persons in cells.items():
            tables[AGE][age] = tables[AGE].get(age, 0.0) + persons
            tables[SEX][sex] = tables[SEX].get(sex, 0.0) + persons
        margins[quartier] = tables
    return margins


#: quartier, age class, sex
