"""The reference set: simulated waves and what R says of them."""

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import settings

from barometre.estimates.counts import Counts, width
from barometre.estimates.proportions import Estimate, estimate_share
from barometre.estimates.weights import UNKNOWN, WeightingCells, rake_quartiers

# The same examples at every run, on a machine however slow.
settings.register_profile("house", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("house")

FOLDER = Path(__file__).parent / "reference"
QUARTIERS = ("CB", "TCG", "PCSA")
AGES = ("lt25", "25_59", "60plus")
SEXES = ("F", "M")
#: the scale of q12 begins at 0, which here means "not asked": its codes are raised by one
RAISED = "q12"
HIGHEST = 11


def read_rows(name: str) -> list[dict[str, str]]:
    """A file of the reference set."""
    return list(csv.DictReader((FOLDER / name).read_text(encoding="utf-8").splitlines()))


@dataclass(frozen=True)
class ReferenceWave:
    """One simulated wave, as counts."""

    counts: Counts
    cells: WeightingCells
    #: quartier → variable → class → persons
    margins: dict[str, dict[str, dict[str, float]]]
    #: item → favourable codes
    favourable: dict[str, frozenset[int]]

    @cached_property
    def weights(self) -> dict[str, npt.NDArray[np.float64] | None]:
        """Every weighting, by its name in the reference set."""
        order = {"age_class": list(AGES)}
        return {
            "unweighted": None,
            "quartier": rake_quartiers(self.cells, self.margins, order, self.counts.total + 1),
            "raked": rake_quartiers(self.cells, self.margins, order),
        }

    def estimate(
        self,
        item: str,
        domain: str,
        weights: npt.NDArray[np.float64] | None,
        base_kind: str = "expressed",
    ) -> Estimate | None:
        """A share of one domain."""
        inside = np.ones(len(self.counts.cells), bool) if domain == "ALL" else self.cells.quartier == domain
        base = self.counts.expressed(item)
        if base_kind == "asked":
            base = base + self.counts.silent(item)
        return estimate_share(
            self.counts.given(item, self.favourable[item])[inside],
            base[inside],
            None if weights is None else weights[inside],
        )


def build_wave(wave: str) -> ReferenceWave:
    """The counts of one wave."""
    rows = [row for row in read_rows("counts.csv") if row["wave"] == wave]
    items = [row["item"] for row in read_rows("items.csv")]
    cells = sorted({(row["quartier"], row["age_class"], row["sex"]) for row in rows})
    n = np.zeros((len(cells), len(items), width(HIGHEST)), dtype=np.int64)
    counts = Counts(
        ("quartier", "age_class", "sex"),
        tuple(items),
        HIGHEST,
        np.array(
            [[number(QUARTIERS, cell[0]), number(AGES, cell[1]), number(SEXES, cell[2])] for cell in cells]
        ),
        np.zeros(len(cells), dtype=np.int64),
        n,
    )
    for row in rows:
        cell = cells.index((row["quartier"], row["age_class"], row["sex"]))
        code = int(row["code"]) if row["code"] else None
        raised = row["item"] == RAISED and code is not None and code < 97
        slot = 0 if code is None else counts.slot(code + raised)
        n[cell, items.index(row["item"]), slot] += int(row["n"])
    counts = Counts(counts.cell_items, counts.items, HIGHEST, counts.cells, n[:, 0, :].sum(axis=1), counts.n)
    classes = {
        variable: np.array([cell[place] or UNKNOWN for cell in cells])
        for place, variable in ((1, "age_class"), (2, "sex"))
    }
    margins: dict[str, dict[str, dict[str, float]]] = {quartier: {} for quartier in QUARTIERS}
    for row in read_rows("margins.csv"):
        if row["wave"] == wave:
            variables = margins[row["quartier"]]
            variables.setdefault(row["variable"], {})[row["category"]] = float(row["population"])
    favourable = {
        row["item"]: frozenset(int(code) + (row["item"] == RAISED) for code in row["favourable"].split())
        for row in read_rows("items.csv")
    }
    quartier = np.array([cell[0] for cell in cells])
    return ReferenceWave(counts, WeightingCells(quartier, classes, counts.interviews), margins, favourable)


def number(names: Iterable[str], name: str) -> int:
    """Code of a class, 98 when it is unknown."""
    listed = list(names)
    return listed.index(name) + 1 if name in listed else 98


@pytest.fixture(scope="session")
def expected() -> dict[str, Any]:
    """What R says."""
    found: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="session")
def waves() -> dict[str, ReferenceWave]:
    """Both simulated waves."""
    return {wave: build_wave(wave) for wave in ("2023", "2027")}
