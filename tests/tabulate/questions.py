"""The answers to `cases.json` by another road: exhaustive search, linear programming, roots."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy import stats
from scipy.optimize import brentq, linprog

from tests.tabulate import limits

Record = dict[str, Any]
Array = np.ndarray[Any, Any]


def draw(seed: int, size: int) -> Record:
    """Questions at random; among the tables some have no solution."""
    chance = np.random.default_rng(seed)

    def pair(most: int) -> tuple[int, int]:
        n = int(chance.integers(1, most))
        return int(chance.choice([0, n, chance.integers(0, n + 1)])), n

    found: Record = {
        name: [] for name in ("feasible_counts", "two_by_two", "one_sample", "raking_tables", "suppression")
    }
    for _ in range(size):
        (x1, n1), (x2, n2) = pair(90), pair(300)
        found["two_by_two"].append({"x1": x1, "n1": n1, "x2": x2, "n2": n2})
        found["one_sample"].append({"x": x1, "n": n1})
        found["feasible_counts"].append(
            {"percent": int(chance.integers(0, 101)), "interviews": n1, "base_min": max(1, n1 - 5)}
        )
        base = {
            name: int(chance.choice([0, chance.integers(0, 14), chance.integers(0, 80)])) for name in "CABD"
        }
        found["suppression"].append({"base": base})
        found["raking_tables"].append(table(chance))
    found["sample_size"] = sizes(chance, size)
    return found


def table(chance: np.random.Generator) -> Record:
    """Counts with holes, and sums."""
    while True:
        shape = int(chance.integers(2, 5)), int(chance.integers(2, 4))
        counts = chance.integers(1, 20, shape) * (chance.random(shape) < 0.7)
        if counts.any(axis=0).all() and counts.any(axis=1).all():
            break
    wanted = counts * chance.integers(1, 9, shape) if chance.random() < 0.6 else chance.integers(1, 40, shape)
    return {
        "counts": counts.tolist(),
        "rows": wanted.sum(axis=1).tolist(),
        "cols": wanted.sum(axis=0).tolist(),
    }


def sizes(chance: np.random.Generator, size: int) -> Record:
    """How many to interview."""
    found: Record = {name: [] for name in ("precision", "second_wave", "equal_waves", "minimum_detectable")}
    for _ in range(size):
        p1, p2 = (float(p) for p in np.round(chance.uniform(0.05, 0.95, 2), 2))
        n1, deff = int(chance.integers(20, 300)), float(chance.choice([1, 1.3]))
        found["precision"].append(
            {"p": p1, "half_width": 0.07, "deff": deff} | ({"population": 20 * n1} if n1 % 2 else {})
        )
        found["minimum_detectable"].append({"p1": p1, "n1": n1, "n2": 2 * n1, "deff": deff})
        if abs(p1 - p2) > 0.04:
            found["second_wave"].append({"p1": p1, "p2": p2, "n1": n1, "power": 0.8})
            found["equal_waves"].append({"p1": p1, "p2": p2, "power": 0.9})
    return found


def answer(cases: Record) -> Record:
    """Every section with its answers."""
    plain = {
        "feasible_counts": lambda c: {"pairs": limits.feasible(c["percent"], c["interviews"], c["base_min"])},
        "two_by_two": lambda c: limits.two_by_two(c["x1"], c["n1"], c["x2"], c["n2"]),
        "one_sample": lambda c: limits.one_sample(c["x"], c["n"]),
        "raking_tables": rake,
        "suppression": lambda c: limits.suppressed(c["base"]),
    }
    found: Record = {name: [case | work(case) for case in cases[name]] for name, work in plain.items()}
    work_out = {
        "precision": precision,
        "second_wave": second_wave,
        "equal_waves": equal_waves,
        "minimum_detectable": detectable,
    }
    found["sample_size"] = {
        name: [case | work(case) for case in cases["sample_size"][name]] for name, work in work_out.items()
    }
    return found


def rake(case: Record) -> Record:
    """A solution has every cell of the counts above 0: linear programming tells whether there is one."""
    counts = np.array(case["counts"], dtype=float)
    rows, columns = np.nonzero(counts)
    sums = np.r_[case["rows"], case["cols"]] / sum(case["rows"])
    use = np.array(
        [*(rows == at for at in range(counts.shape[0])), *(columns == at for at in range(counts.shape[1]))]
    )
    size = len(rows)
    room = linprog(
        np.r_[np.zeros(size), -1],
        A_ub=np.c_[-np.eye(size), np.ones(size)],
        b_ub=np.zeros(size),
        A_eq=np.c_[use, np.zeros(len(use))],
        b_eq=sums,
        bounds=[(0, None)] * (size + 1),
    )
    if room.status != 0 or -room.fun < 1e-9:
        return {"converges": False}
    for _ in range(100_000):
        before = counts
        counts = counts * (np.array(case["rows"]) / counts.sum(axis=1))[:, np.newaxis]
        counts = counts * (np.array(case["cols"]) / counts.sum(axis=0))
        if abs(counts - before).max() < 1e-14 * counts.sum():
            break
    return {"converges": True, "fitted": counts.tolist()}


def precision(case: Record) -> Record:
    """Cochran."""
    first = (limits.Z / case["half_width"]) ** 2 * case["p"] * (1 - case["p"]) * case["deff"]
    return {"n": math.ceil(first / (1 + (first - 1) / case.get("population", math.inf)))}


def power(p1: float, p2: float | Array, n1: float, n2: float | Array) -> Any:
    """Of the two-sided test with a pooled variance under no change."""
    pooled = (n1 * p1 + n2 * p2) / (n1 + n2)
    s0 = np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    s1 = np.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    return sum(stats.norm.cdf((side * (p2 - p1) - limits.Z * s0) / s1) for side in (1, -1))


def second_wave(case: Record) -> Record:
    """Try every size."""
    n2 = np.arange(1, 1_000_001, dtype=float)
    enough = power(case["p1"], case["p2"], case["n1"], n2) >= case["power"]
    return {"n2": int(enough.argmax()) + 1, "attainable": True} if enough.any() else {"attainable": False}


def equal_waves(case: Record) -> Record:
    """R's `power.prop.test`, strict = FALSE."""
    p1, p2 = case["p1"], case["p2"]
    apart, pooled = abs(p1 - p2), (p1 + p2) * (1 - (p1 + p2) / 2)

    def reached(n: float) -> float:
        bar = (math.sqrt(n) * apart - limits.Z * math.sqrt(pooled)) / math.sqrt(p1 * (1 - p1) + p2 * (1 - p2))
        return float(stats.norm.cdf(bar)) - float(case["power"])

    return {"n_per_wave": math.ceil(brentq(reached, 1e-9, 1e7, xtol=1e-10))}


def detectable(case: Record) -> Record:
    """The change whose power is 80 %."""
    p1, n1, n2 = case["p1"], case["n1"] / case["deff"], case["n2"] / case["deff"]
    found = {}
    for side, sign, most in (("increase", 1, 1 - p1), ("decrease", -1, p1)):
        if power(p1, p1 + sign * most, n1, n2) >= 0.8:
            found[side] = brentq(lambda d, s=sign: power(p1, p1 + s * d, n1, n2) - 0.8, 0, most, xtol=1e-13)
    return found


def pairs(expected: Record, found: Record) -> Iterator[tuple[str, Record, Record]]:
    """Answer beside answer, in the order of the questions."""
    for name, theirs in expected.items():
        if isinstance(theirs, dict):
            yield from pairs(theirs, found[name])
        else:
            for one, other in zip(theirs, found[name], strict=True):
                yield name, one, other
