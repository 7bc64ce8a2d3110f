"""Reads a folder of survey files into waves of counts per cell, or says which line is wrong and why.

`design.json`, `items.csv`, `interviews.csv` or `counts.csv`, `population_cells.csv` or `margins.csv` (both,
when both are there: cells for post-stratification, margins for raking), `published.csv` and `cases.json`
if any.
"""

from __future__ import annotations

from pathlib import Path

from barometre.i18n import gettext as _
from barometre.tabulate.declared import read_design, read_json, read_published, read_scales
from barometre.tabulate.lines import FolderError
from barometre.tabulate.people import People, read_counts, read_interviews
from barometre.tabulate.population import add_margins, read_margins, read_population
from barometre.tabulate.survey import CELLS, COUNTS, INTERVIEWS, MARGINS, Folder, Place


def read_folder(path: Path) -> Folder:
    """Read and check every file; raises `FolderError` at the first line that cannot be used."""
    design = read_design(path / "design.json")
    scales = read_scales(path / "items.csv", design)
    places: dict[str, dict[Place, int]] = {CELLS: {}, MARGINS: {}}
    population = read_population(path / CELLS, design, places[CELLS])
    margins = read_margins(path / MARGINS, design, places[MARGINS])
    if margins is None and population is None:
        raise FolderError(_("Il faut margins.csv ou population_cells.csv : ajoutez-en un."), MARGINS)
    if margins is None:
        assert population is not None
        margins = {wave: add_margins(found) for wave, found in population.items()}
    people = People(design, scales, margins)
    if (path / INTERVIEWS).exists():
        read_interviews(path / INTERVIEWS, people)
    elif (path / COUNTS).exists():
        read_counts(path / COUNTS, people)
    else:
        raise FolderError(_("Il faut interviews.csv ou counts.csv : ajoutez-en un."), INTERVIEWS)
    return Folder(
        design=design,
        scales=scales,
        waves={
            wave: people.build(wave, population.get(wave) if population is not None else None)
            for wave in design.waves
        },
        published=read_published(path / "published.csv", design, scales),
        cases=read_json(path / "cases.json") if (path / "cases.json").exists() else {},
        places=places,
    )
