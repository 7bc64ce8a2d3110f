"""Every number of a folder, as records: the sections of the reference set."""

from __future__ import annotations

from barometre.tabulate.cases import answer_cases
from barometre.tabulate.one_wave import list_counts, list_means, list_proportions, write_weights
from barometre.tabulate.samples import Record, weigh
from barometre.tabulate.survey import Folder
from barometre.tabulate.two_waves import (
    list_contrasts,
    list_differences,
    list_published,
    write_multiplicity,
    write_structure,
)


def tabulate(folder: Folder) -> Record:
    """Every section that the folder has the inputs of.

    Raises `FolderError` where a sample cannot stand for its population.
    """
    waves = {name: weigh(folder, name) for name in folder.design.waves}
    sections: Record = {
        "counts": list(list_counts(folder, waves)),
        "weights": {name: write_weights(sample) for name, sample in waves.items()},
        "proportions": list(list_proportions(waves)),
        "means": list(list_means(folder, waves)),
    }
    if len(waves) > 1:
        first, second = list(waves.values())[:2]
        sections |= {
            "structure_of_first_wave": write_structure(folder.design, first, second),
            "differences": list(list_differences(first, second)),
            "multiplicity": write_multiplicity(first, second),
            "quartier_contrasts": list(list_contrasts(folder.design.waves[1], second)),
        }
    if folder.published:
        sections["published_first_wave"] = list(list_published(folder, list(waves.values())[-1]))
    return sections | answer_cases(folder.cases, folder.design.threshold)
