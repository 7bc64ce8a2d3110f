"""The questions of `cases.json`, which need no interview."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from barometre.estimates import intervals, planning
from barometre.estimates.calibration import rake
from barometre.estimates.disclosure import suppress
from barometre.estimates.margins import Table, WeightingError
from barometre.estimates.proportions import estimate_share
from barometre.estimates.published import feasible_counts
from barometre.i18n import gettext as _
from barometre.tabulate.lines import FolderError
from barometre.tabulate.samples import Record
from barometre.tabulate.two_waves import write_two_by_two

FILE = "cases.json"
Case = Mapping[str, Any]


def answer_cases(cases: Mapping[str, Any], threshold: int) -> Record:
    """Every list of questions with its answers beside them; `threshold` is the disclosure one.

    Raises `FolderError` where a question misses a number or has an impossible one.
    """
    answers: Record = {}
    for section, answer in SECTIONS.items():
        if section in cases:
            answers[section] = [_answer(section, case, answer) for case in cases[section]]
    if "suppression" in cases:
        answers["suppression"] = [
            _answer("suppression", case, lambda case: dict(suppress(case["base"], threshold)))
            for case in cases["suppression"]
        ]
    if "sample_size" in cases:
        answers["sample_size"] = {
            kind: [_answer(kind, case, SIZES[kind]) for case in listed]
            for kind, listed in cases["sample_size"].items()
            if kind in SIZES
        }
    return answers


def _answer(section: str, case: Case, answer: Callable[[Case], Record]) -> Record:
    try:
        return dict(case) | answer(case)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        reason = _("Une de ces questions n’a pas les nombres qu’il faut : %(case)s.", case=dict(case))
        raise FolderError(reason, FILE, column=section) from None


def _list_feasible(case: Case) -> Record:
    pairs = feasible_counts(case["percent"], case["base_min"], case["interviews"])
    return {"pairs": [list(pair) for pair in pairs]}


def _compare(case: Case) -> Record:
    if not (0 <= case["x1"] <= case["n1"] and 0 <= case["x2"] <= case["n2"]):
        raise ValueError("more than everybody")
    first, second = (
        estimate_share(np.array([case[x]]), np.array([case[n]])) for x, n in (("x1", "n1"), ("x2", "n2"))
    )
    return write_two_by_two(first, second) if first and second else {}


def _estimate(case: Case) -> Record:
    share, base = case["x"] / case["n"], case["n"]
    return {
        "estimate": share,
        "wilson": list(intervals.wilson(share, base)),
        "clopper_pearson": list(intervals.clopper_pearson(share, base)),
        "jeffreys": list(intervals.jeffreys(share, base)),
    }


def _rake(case: Case) -> Record:
    """A table of counts brought to its row and column sums."""
    counts = np.array(case["counts"], dtype=np.int64)
    rows, columns = (axis.ravel().astype(str) for axis in np.indices(counts.shape))
    tables = [
        Table(labels, {str(place): float(wanted) for place, wanted in enumerate(case[side])})
        for labels, side in ((rows, "rows"), (columns, "cols"))
    ]
    try:
        weights = rake(np.ones(counts.size), counts.ravel(), tables, FILE)
    except WeightingError:
        return {"converges": False}
    return {"converges": True, "fitted": (weights.reshape(counts.shape) * counts).tolist()}


def _precision(case: Case) -> Record:
    size = planning.precision_size(case["p"], case["half_width"], case.get("population"), case.get("deff", 1))
    return {"n": size}


def _second_wave(case: Case) -> Record:
    size = planning.second_wave_size(case["p1"], case["p2"], case["n1"], case["power"])
    return {"attainable": False} if size is None else {"n2": size, "attainable": True}


def _equal_waves(case: Case) -> Record:
    size = planning.equal_waves_size(case["p1"], case["p2"], case["power"])
    return {} if size is None else {"n_per_wave": size}


def _detect(case: Case) -> Record:
    found = planning.minimum_detectable(case["p1"], case["n1"], case["n2"], case.get("deff", 1))
    return {
        side: change
        for side, change in zip(("increase", "decrease"), found, strict=True)
        if change is not None
    }


SECTIONS: dict[str, Callable[[Case], Record]] = {
    "feasible_counts": _list_feasible,
    "two_by_two": _compare,
    "one_sample": _estimate,
    "raking_tables": _rake,
}
SIZES: dict[str, Callable[[Case], Record]] = {
    "precision": _precision,
    "second_wave": _second_wave,
    "equal_waves": _equal_waves,
    "minimum_detectable": _detect,
}
