"""What a folder of survey files holds, once read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from barometre.estimates.margins import EVERYBODY, TOTAL, WeightingCells, WeightingError
from barometre.problems import explain_weighting
from barometre.tabulate.lines import FolderError

IntArray = npt.NDArray[np.int64]

DONT_KNOW, REFUSED, NOT_APPLICABLE = 97, 98, 99
MISSING = (DONT_KNOW, REFUSED, NOT_APPLICABLE)
#: variables of the weighting, the ordered one first
AGE, SEX = "age_class", "sex"
#: wave, quartier, variable, class
Place = tuple[str, str, str, str]
INTERVIEWS, COUNTS, MARGINS, CELLS = "interviews.csv", "counts.csv", "margins.csv", "population_cells.csv"


@dataclass(frozen=True)
class Scale:
    """Codes of one item: every whole number from the lowest to the highest."""

    lowest: int
    highest: int
    favourable: frozenset[int]

    @property
    def substantive(self) -> range:
        """The codes that are an answer."""
        return range(self.lowest, self.highest + 1)


@dataclass(frozen=True)
class Design:
    """What the other files do not say."""

    waves: tuple[str, ...]
    quartiers: tuple[str, ...]
    #: youngest first
    ages: tuple[str, ...]
    composite_items: tuple[str, ...]
    composite_minimum: int
    mean_items: tuple[str, ...]
    smallest: int
    threshold: int


@dataclass(frozen=True)
class Score:
    """A number per interview, added up per cell. Shapes: (C,)."""

    base: IntArray
    sums: npt.NDArray[np.float64]
    squares: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Wave:
    """One wave as counts. Shapes: (C,)."""

    cells: WeightingCells
    #: item → code (None: not asked) → interviews
    given: Mapping[str, Mapping[int | None, IntArray]]
    #: the composite of several items; None without interviews
    composite: Score | None
    #: quartier → "total" and variable → class → persons
    margins: Mapping[str, Mapping[str, Mapping[str, float]]]
    #: quartier → (age, sex) → persons; None without `population_cells.csv`
    population: Mapping[str, Mapping[tuple[str, str], float]] | None

    def count(self, item: str, codes: Iterable[int | None]) -> IntArray:
        """Interviews that gave one of `codes`."""
        none = np.zeros(len(self.cells.interviews), dtype=np.int64)
        return sum((self.given[item].get(code, none) for code in codes), none)

    def inside(self, quartier: str | None) -> npt.NDArray[np.bool_]:
        """Cells of one quartier, or all."""
        if quartier is None:
            return np.ones(len(self.cells.interviews), dtype=bool)
        found: npt.NDArray[np.bool_] = self.cells.quartier == quartier
        return found


@dataclass(frozen=True)
class Printed:
    """One percentage that the first wave printed."""

    item: str
    #: quartier, None for all
    quartier: str | None
    percent: int
    interviews: int
    base_min: int


@dataclass(frozen=True)
class Folder:
    """Everything that a folder holds."""

    design: Design
    scales: Mapping[str, Scale]
    waves: Mapping[str, Wave]
    published: tuple[Printed, ...]
    #: as `cases.json` lists them
    cases: Mapping[str, Any]
    #: file of a population → (wave, quartier, variable, class) → its line
    places: Mapping[str, Mapping[Place, int]] = field(repr=False)

    def locate(self, wave: str, error: WeightingError, file: str) -> FolderError:
        """The line of the population of `file` that a sample cannot be brought to."""
        places = self.places.get(file) or self.places[CELLS]
        keys = ((error.variable, error.class_id), (TOTAL, EVERYBODY))
        rows = (places.get((wave, error.quartier, *key)) for key in keys)
        row = next((row for row in rows if row), None)
        shown = file if self.places.get(file) else CELLS
        reason = f"{wave}, {explain_weighting(error)}"
        return FolderError(reason, shown, row, "population", error.quartier, error.class_id)
