"""Weights, estimates and their errors worked out again, interview by interview.

Nothing here knows of counts or of the application. Weights come from iterative fitting on rows, residuals
from `numpy.linalg.lstsq` on indicators, limits from `tests.tabulate.limits`.
"""

import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from scipy.optimize import linprog

from tests.tabulate import limits

Record = dict[str, Any]
UNKNOWN = "NR"
SILENT = {"97": "dont_know", "98": "refused", "99": "not_applicable", "": "not_asked"}
SCHEMES = ("quartier", "raked", "poststratified", "bounded")
LOW, HIGH = 0.5, 2.0  # of the bounded weights, to the design weight


class NoSolution(Exception):
    """Margins that no weight can reach."""


def text(path: Path) -> pd.DataFrame:
    """A table as it is written, empty cells empty."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def put(record: Record, **values: Any) -> Record:
    """Add the numbers that exist."""
    for key, value in values.items():
        if isinstance(value, tuple):
            record[key] = list(value)
        elif value is not None and math.isfinite(value):
            record[key] = value
    return record


def indicators(*labels: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """One column for each value of each label."""
    columns = [labels_ == value for labels_ in labels for value in sorted(set(labels_))]
    return np.array(columns, dtype=float).T


def merge(order: list[str], present: set[str]) -> dict[str, str]:
    """An empty class joins the next older, the oldest the next younger; again from the youngest."""
    groups = [[age] for age in order]
    while len(groups) > 1 and (empty := [i for i, group in enumerate(groups) if not present & set(group)]):
        at = min(empty[0], len(groups) - 2)
        groups[at : at + 2] = [groups[at] + groups[at + 1]]
    return {age: "+".join(group) for group in groups for age in group}


def targets(labels: pd.Series, people: pd.Series, total: float) -> dict[str, float]:
    """What each class weighs: the unknown by their share, the others by the population."""
    unknown = float((labels == UNKNOWN).mean())
    people = people[people.index.isin(set(labels))]
    found = {UNKNOWN: total * unknown} if unknown else {}
    for label in sorted(set(labels) - {UNKNOWN}):
        if not people.get(label, 0):
            raise NoSolution(f"nobody lives in class {label}")
        found[label] = total * (1 - unknown) * people[label] / people.sum()
    return found


def rake(
    weight: pd.Series, margins: list[tuple[pd.Series, dict[str, float]]], sweeps: int = 5_000
) -> pd.Series:
    """Iterative proportional fitting, row after row."""
    coded = []
    for labels, wanted in margins:
        codes, names = pd.factorize(labels)
        coded.append((codes, np.array([wanted[name] for name in names])))
    fitted, best, idle = weight.to_numpy(dtype=float), math.inf, 0
    for _ in range(sweeps):
        worst = 0.0
        for codes, wanted in coded:
            ratio = wanted / np.bincount(codes, fitted)
            worst = max(worst, float(abs(1 - ratio).max()))
            fitted = fitted * ratio[codes]
        best, idle = min(best, worst), 0 if worst < best else idle + 1
        if worst < 1e-15 or (idle > 20 and best < 1e-13):
            return pd.Series(fitted, weight.index)
    raise NoSolution(f"off by {best} after {sweeps} sweeps")


def bounded(weight: pd.Series, margins: list[tuple[pd.Series, dict[str, float]]]) -> pd.Series | None:
    """Logit calibration by Newton's method on its dual, where a solution lies inside the bounds."""
    design = np.hstack([indicators(labels.to_numpy()) for labels, _ in margins])
    wanted = np.array([goal[name] for _, goal in margins for name in sorted(goal)])
    d, rows = weight.to_numpy(dtype=float), len(weight)
    room = linprog(
        np.r_[np.zeros(rows), -1],
        A_ub=np.block([[np.eye(rows), np.ones((rows, 1))], [-np.eye(rows), np.ones((rows, 1))]]),
        b_ub=np.r_[np.full(rows, HIGH), np.full(rows, -LOW)],
        A_eq=np.c_[design.T * d, np.zeros(len(wanted))] / wanted.sum(),
        b_eq=wanted / wanted.sum(),
        bounds=[(None, None)] * rows + [(0, None)],
    )
    if room.status != 0 or -room.fun < 1e-7:
        return None
    a = (HIGH - LOW) / ((1 - LOW) * (HIGH - 1))

    def ratio(u: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        grown = (1 - LOW) * np.exp(np.clip(a * u, -700, 700))
        return (LOW * (HIGH - 1) + HIGH * grown) / (HIGH - 1 + grown)

    at, miss = np.zeros(len(wanted)), math.inf
    for _ in range(500):
        g = ratio(design @ at)
        gap = wanted - design.T @ (d * g)
        miss = abs(gap).max() / wanted.sum()
        if miss < 1e-15:
            break
        steep = a * (g - LOW) * (HIGH - g) / (HIGH - LOW)
        step = np.linalg.lstsq((design.T * (d * steep)) @ design, gap, rcond=1e-13)[0]
        size = 1.0
        while (
            size > 1e-6
            and abs(wanted - design.T @ (d * ratio(design @ (at + size * step)))).max() > abs(gap).max()
        ):
            size /= 2
        at = at + size * step
    return pd.Series(d * ratio(design @ at), weight.index) if miss < 1e-12 else None


class Wave:
    """One wave's interviews with every weight."""

    def __init__(self, rows: pd.DataFrame, cells: pd.DataFrame, design: Record) -> None:
        self.rows = rows.reset_index(drop=True)
        self.cells = cells.assign(population=cells["population"].astype(float))
        self.persons = self.cells.groupby("quartier")["population"].sum()
        self.design = design
        self.quartiers = [name for name in design["quartiers"] if (self.rows["quartier"] == name).any()]
        parts = [self.weigh(self.rows[self.rows["quartier"] == name], name) for name in self.quartiers]
        self.weights = pd.concat(parts).sort_index() if parts else pd.DataFrame()
        if self.weights.isna().any(axis=None):
            self.weights = self.weights.drop(columns="bounded")
        self.bounded_feasible = "bounded" in self.weights
        place = self.rows["quartier"].to_numpy()
        self.where = {name: place == name for name in design["quartiers"]} | {"ALL": place == place}
        self.w = {name: self.weights[name].to_numpy(dtype=float) for name in SCHEMES if name in self.weights}
        self.x = {
            (scheme, name): self.regressors(scheme, name) for scheme in self.w for name in self.quartiers
        }

    def weigh(self, rows: pd.DataFrame, quartier: str) -> pd.DataFrame:
        """The four weights of a quartier's interviews, and the classes of their regression."""
        order, total = self.design["age_classes_youngest_first"], self.persons[quartier]
        base = pd.Series(total / len(rows), rows.index)
        found = pd.DataFrame(dict.fromkeys(SCHEMES, base))
        found[["first", "second", "post"]] = ""
        if len(rows) < self.design["minimum_interviews_for_weighting"]:
            return found
        cells = self.cells[self.cells["quartier"] == quartier]
        people = cells["population"]
        ages = merge(order, set(rows["age_class"]))
        found["first"] = rows["age_class"].map(ages).fillna(UNKNOWN)
        margins = [
            (
                found["first"],
                targets(found["first"], people.groupby(cells["age_class"].map(ages)).sum(), total),
            )
        ]
        if len(set(rows["sex"]) - {""}) > 1:
            found["second"] = rows["sex"].replace("", UNKNOWN)
            margins.append(
                (found["second"], targets(found["second"], people.groupby(cells["sex"]).sum(), total))
            )
        found["raked"] = rake(base, margins)
        found["bounded"] = bounded(base, margins)
        whole = rows[(rows["age_class"] != "") & (rows["sex"] != "")]
        ages = merge(order, set(whole["age_class"]))
        sexes = whole.groupby(whole["age_class"].map(ages))["sex"].agg(set)

        def cell(age: str, sex: str) -> str:
            known = sexes.get(ages[age], {"F", "M"})
            return f"{ages[age]} {sex if len(known) > 1 else 'all'}"

        found["post"] = pd.Series(
            [cell(*pair) for pair in whole[["age_class", "sex"]].to_numpy()], whole.index, str
        )
        found["post"] = found["post"].fillna(UNKNOWN)
        lived = pd.Series([cell(*pair) for pair in cells[["age_class", "sex"]].to_numpy()], cells.index, str)
        goal = targets(found["post"], people.groupby(lived).sum(), total)
        found["poststratified"] = found["post"].map(goal) / found.groupby("post")["post"].transform("size")
        return found

    def regressors(self, weighting: str, quartier: str) -> "np.ndarray[Any, Any]":
        """The indicators of a quartier's classes."""
        names = {"quartier": [], "poststratified": ["post"]}.get(weighting, ["first", "second"])
        rows = self.weights[self.where[quartier]]
        return indicators(np.full(len(rows), ""), *(rows[name].to_numpy() for name in names))

    def variance(self, z: "np.ndarray[Any, Any]", weighting: str, domain: str, fpc: bool) -> float:
        """Of a total of z, quartier by quartier; none where one interview stands alone."""
        total = 0.0
        for name in self.quartiers if domain == "ALL" else [domain]:
            here, x = self.where[name], self.x[weighting, name]
            e = z[here]
            if weighting != "quartier":
                e = e - x @ np.linalg.lstsq(x, e, rcond=None)[0]
            share = len(e) / self.persons[name] if fpc else 0
            total += (1 - share) * spread(self.w[weighting][here] * e)
        return total

    def mean(self, y: "np.ndarray[Any, Any]", weighting: str, name: str, fpc: bool = False) -> Record:
        """A weighted mean over whoever has a `y`, and its error."""
        at, w = self.where[name], self.w[weighting]
        base = at & np.isfinite(y)
        strata = len(self.quartiers) if name == "ALL" else int(at.any())
        found: Record = {"base": int(base.sum())}
        if base.any():
            found["df"] = int(at.sum()) - strata
            size = w[base].sum()
            mean = (w[base] * y[base]).sum() / size
            se = root(self.variance(np.where(base, np.nan_to_num(y) - mean, 0) / size, weighting, name, fpc))
            kish = size**2 / (w[base] ** 2).sum()
            put(found, weighted_base=size, estimate=mean, se=se, n_eff_kish=kish, deff_kish=base.sum() / kish)
        return found


def spread(u: "np.ndarray[Any, Any]") -> float:
    """n/(n - 1) Σ(u - ū)²."""
    n = len(u)
    return n / (n - 1) * float(((u - u.mean()) ** 2).sum()) if n > 1 else math.nan


def root(variance: float) -> float:
    """A rounding error is no variance."""
    return math.sqrt(variance) if not variance < 1e-20 else 0.0


@cache
def student(df: int) -> float:
    """The two-sided 95 % point."""
    return float(stats.t.isf((1 - limits.LEVEL) / 2, df)) if df > 0 else math.nan


def with_limits(found: Record, n: int, sampled: float, fpc: bool) -> Record:
    """The intervals of a weighted share, from its error and its effective sizes."""
    if "estimate" not in found:
        return found
    p = found["estimate"] = min(1.0, max(0.0, found["estimate"]))
    kish = found["n_eff_kish"]
    size = (kish / (1 - sampled) if sampled < 1 else math.inf) if fpc else kish
    put(found, wilson_kish=limits.wilson(p, size))
    se, inner = found.get("se", math.nan), min(p, 1 - p) > 1e-12
    if inner and se > 0:
        t = student(found["df"])
        linear = p * (1 - p) / se**2
        put(found, n_eff_linearised=linear)
        if math.isfinite(t):
            beta = linear * (student(n - 1) / t) ** 2
            cut = min(beta, found["base"])
            odds = math.log(p / (1 - p)), t * se / (p * (1 - p))
            put(
                found,
                wald_t=(p - t * se, p + t * se),
                wilson_linearised_t=limits.wilson(p, linear, t),
                logit_t=tuple(1 / (1 + math.exp(-odds[0] + s * odds[1])) for s in (1, -1)),
                korn_graubard=limits.clopper_pearson(beta * p, beta),
                korn_graubard_truncated=limits.clopper_pearson(cut * p, cut),
            )
    if inner and se > 0 and not fpc and found["base"] > 1:
        put(found, deff=se**2 / (p * (1 - p) / (found["base"] - 1)))
    return found
