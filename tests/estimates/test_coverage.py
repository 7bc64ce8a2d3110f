"""How often the interval holds the truth, in small samples of a wrong composition that raking puts right."""

import numpy as np
import pytest

from barometre.estimates.margins import WeightingCells
from barometre.estimates.proportions import estimate_share
from barometre.estimates.weights import rake_quartiers

AGES, SEXES = ("lt25", "25_59", "60plus"), ("F", "M")
#: persons of each cell, youngest first, women before men
POPULATION = np.array([[100, 110], [330, 320], [190, 150]])
SAMPLES = 1500


def cover(interviews: int, share: float, *, bias: float, effect: float, seed: int) -> float:
    """Share of samples whose interval holds the true share of the population.

    `bias` is how much more often women and old people are found, `effect` how differently the cells answer.
    """
    chance = np.random.default_rng(seed)
    tilt = np.array([[-1.0, -1.4], [0.2, 0.0], [1.0, 0.8]])
    answers = 1 / (1 + np.exp(-(np.log(share / (1 - share)) + effect * tilt)))
    truth = float((answers * POPULATION).sum() / POPULATION.sum())
    found = POPULATION * np.exp(bias * tilt)
    margins = {
        "A": {
            "total": {"all": float(POPULATION.sum())},
            "age": dict(zip(AGES, POPULATION.sum(axis=1).tolist(), strict=True)),
            "sex": dict(zip(SEXES, POPULATION.sum(axis=0).tolist(), strict=True)),
        }
    }
    ages = np.repeat(AGES, 2)
    sexes = np.tile(SEXES, 3)
    held = 0
    for _ in range(SAMPLES):
        n = chance.multinomial(interviews, (found / found.sum()).ravel())
        favourable = chance.binomial(n, answers.ravel())
        cells = WeightingCells(np.repeat("A", 6), {"age": ages, "sex": sexes}, n)
        weights = rake_quartiers(cells, margins, {"age": list(AGES)}).weights
        estimate = estimate_share(favourable, n, weights)
        assert estimate is not None
        held += estimate.low <= truth <= estimate.high
    return held / SAMPLES


@pytest.mark.parametrize("interviews", [35, 70, 130])
@pytest.mark.parametrize(("share", "bias", "effect"), [(0.5, 0.0, 0.3), (0.8, 0.3, 0.3), (0.9, 0.3, 0.6)])
def test_the_interval_holds_the_truth_about_95_times_in_100(
    interviews: int, share: float, bias: float, effect: float
) -> None:
    held = cover(interviews, share, bias=bias, effect=effect, seed=interviews)
    # 0.939 is the worst case known; two and a half standard errors of so many samples below it.
    assert 0.925 <= held <= 0.985
