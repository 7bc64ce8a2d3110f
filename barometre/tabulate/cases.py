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
from barometre.tabulate.declared import MOST_INTERVIEWS
from barometre.tabulate.lines import FolderError
from barometre.tabulate.samples import Record
from barometre.tabulate.two_waves import write_two_by_two

FILE = "cases.json"
#: people beyond which a question is a mistake
MOST = 10_000_000
Case = Mapping[Any, Any]


def answer_cases(cases: Mapping[str, Any], threshold: int) -> Record:
    """Every list of questions with its answers beside them; `threshold` is the disclosure one.

    Raises `FolderError` where a question misses a number or has an impossible one.
    """
    known = SECTIONS | {"suppression": lambda case: _suppress(case, threshold)}
    answers: Record = {
        section: _answer_all(section, cases[section], answer)
        for section, answer in known.items()
        if section in cases
    }
    if "sample_size" in cases:
        kinds = cases["sample_size"]
        if not isinstance(kinds, dict):
            reason = _("Donnez ici un objet, avec une liste pour chaque genre de question.")
            raise FolderError(reason, FILE, column="sample_size")
        answers["sample_size"] = {
            kind: _answer_all(kind, listed, SIZES[kind]) for kind, listed in kinds.items() if kind in SIZES
        }
    return answers


def _answer_all(section: str, listed: object, answer: Callable[[Case], Record]) -> list[Record]:
    if not isinstance(listed, list):
        raise FolderError(_("Donnez ici une liste de questions."), FILE, column=section)
    return [_answer(section, case, answer) for case in listed]


def _answer(section: str, case: object, answer: Callable[[Case], Record]) -> Record:
    try:
        if not isinstance(case, dict):
            raise ValueError
        return case | answer(case)
    except (KeyError, ValueError, TypeError, ArithmeticError):
        shown = str(case)[:200]
        reason = _("Il manque un nombre à cette question, ou il est impossible : %(case)s.", case=shown)
        raise FolderError(reason, FILE, column=section) from None


def _whole(case: Case, key: object, least: int = 0, most: int = MOST) -> int:
    value = case[key]
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(key)
    return value


def _number(case: Case, key: object, least: float, most: float, usual: float | None = None) -> float:
    """Between `least` and `most`, which it may not be."""
    value: object = case[key] if usual is None else case.get(key, usual)
    if not isinstance(value, int | float) or isinstance(value, bool) or not least < value < most:
        raise ValueError(key)
    return value


def _share(case: Case, key: str) -> float:
    value = case[key]
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError(key)
    return value


def _list_feasible(case: Case) -> Record:
    interviews = _whole(case, "interviews", 1, MOST_INTERVIEWS)
    base_min = _whole(case, "base_min", 1, interviews)
    pairs = feasible_counts(_whole(case, "percent", 0, 100), base_min, interviews)
    return {"pairs": [list(pair) for pair in pairs]}


def _compare(case: Case) -> Record:
    found = []
    for x, n in (("x1", "n1"), ("x2", "n2")):
        base = _whole(case, n)
        found.append(estimate_share(np.array([_whole(case, x, 0, base)]), np.array([base])))
    first, second = found
    return write_two_by_two(first, second) if first and second else {}


def _estimate(case: Case) -> Record:
    base = _whole(case, "n")
    favourable = _whole(case, "x", 0, base)
    if not base:
        return {}
    share = favourable / base
    return {
        "estimate": share,
        "wilson": list(intervals.wilson(share, base)),
        "clopper_pearson": list(intervals.clopper_pearson(share, base)),
        "jeffreys": list(intervals.jeffreys(share, base)),
    }


def _rake(case: Case) -> Record:
    """A table of counts brought to its row and column sums."""
    rows = [dict(enumerate(row)) for row in case["counts"]]
    counts = np.array([[_whole(row, place) for place in row] for row in rows], dtype=np.int64)
    wanted = [dict(enumerate(case[side])) for side in ("rows", "cols")]
    if counts.ndim != 2 or counts.shape != tuple(map(len, wanted)):
        raise ValueError("counts")
    tables = [
        Table(axis.ravel().astype(str), {str(place): _number(sums, place, 0, MOST) for place in sums})
        for axis, sums in zip(np.indices(counts.shape), wanted, strict=True)
    ]
    try:
        weights = rake(np.ones(counts.size), counts.ravel(), tables, FILE)
    except WeightingError:
        return {"converges": False}
    return {"converges": True, "fitted": (weights.reshape(counts.shape) * counts).tolist()}


def _suppress(case: Case, threshold: int) -> Record:
    bases = case["base"]
    if not isinstance(bases, dict):
        raise ValueError("base")
    return dict(suppress({name: _whole(bases, name) for name in bases}, threshold))


def _precision(case: Case) -> Record:
    population = _number(case, "population", 0, MOST) if "population" in case else None
    half_width, deff = _number(case, "half_width", 1e-4, 1), _number(case, "deff", 0.1, 100, 1)
    return {"n": planning.precision_size(_share(case, "p"), half_width, population, deff)}


def _second_wave(case: Case) -> Record:
    n1, power = _number(case, "n1", 0, MOST), _number(case, "power", 0, 1)
    size = planning.second_wave_size(_share(case, "p1"), _share(case, "p2"), n1, power)
    return {"attainable": False} if size is None else {"n2": size, "attainable": True}


def _equal_waves(case: Case) -> Record:
    power = _number(case, "power", 0, 1)
    size = planning.equal_waves_size(_share(case, "p1"), _share(case, "p2"), power)
    return {} if size is None else {"n_per_wave": size}


def _detect(case: Case) -> Record:
    n1, n2 = _number(case, "n1", 0, MOST), _number(case, "n2", 0, MOST)
    found = planning.minimum_detectable(_share(case, "p1"), n1, n2, _number(case, "deff", 0.1, 100, 1))
    sides = zip(("increase", "decrease"), found, strict=True)
    return {side: change for side, change in sides if change is not None}


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
