"""Sections that each wave has by itself: bases, weights, shares and means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce

import numpy as np

from barometre.estimates import intervals
from barometre.estimates.disclosure import Thresholds
from barometre.estimates.proportions import silent_bounds
from barometre.estimates.variance import Precise
from barometre.estimates.weights import Weighting, spread
from barometre.tabulate.samples import (
    ASKED,
    BOUNDED,
    DESIGN,
    EXPRESSED,
    POSTSTRATIFIED,
    RAKED,
    UNWEIGHTED,
    Record,
    WaveSample,
    write_share,
)
from barometre.tabulate.survey import (
    AGE,
    DONT_KNOW,
    NOT_APPLICABLE,
    REFUSED,
    SEX,
    Folder,
    IntArray,
    Score,
)

#: weightings, bases and finite population correction of `proportions`
KINDS = (
    (UNWEIGHTED, EXPRESSED, False),
    (UNWEIGHTED, ASKED, False),
    (DESIGN, EXPRESSED, False),
    (DESIGN, EXPRESSED, True),
    (POSTSTRATIFIED, EXPRESSED, False),
    (POSTSTRATIFIED, EXPRESSED, True),
    (RAKED, EXPRESSED, False),
    (RAKED, EXPRESSED, True),
    (RAKED, ASKED, False),
    (BOUNDED, EXPRESSED, False),
)
#: what is no answer, by its name in `counts`
SILENT = {"dont_know": DONT_KNOW, "refused": REFUSED, "not_applicable": NOT_APPLICABLE, "not_asked": None}
#: names of the weightings inside `weights`
WEIGHTS = {DESIGN: "quartier_weight", POSTSTRATIFIED: POSTSTRATIFIED, RAKED: RAKED, BOUNDED: BOUNDED}

Waves = Mapping[str, WaveSample]


def _each(waves: Waves) -> Iterator[tuple[WaveSample, str, str, Record]]:
    for wave, sample in waves.items():
        for item in sample.scales:
            for domain in sample.domains:
                yield sample, item, domain, {"wave": wave, "item": item, "domain": domain}


def list_counts(folder: Folder, waves: Waves) -> Iterator[Record]:
    """Bases of every wave, item and domain."""
    limits = Thresholds(mask=folder.design.threshold)
    steps = ((limits.mask, "masked"), (limits.percentage, "no_percentage"), (limits.caution, "caution"))
    for sample, item, domain, head in _each(waves):
        given = sample.wave.given[item]
        missing = {kind: _add(sample, domain, given.get(code)) for kind, code in SILENT.items()}
        expressed = _add(sample, domain, sample.expressed(item))
        favourable = _add(sample, domain, sample.favourable(item))
        silent = missing["dont_know"] + missing["refused"]
        record = head | {
            "interviews": sample.interviews(domain),
            "asked": expressed + silent,
            "expressed": expressed,
            "favourable": favourable,
            **missing,
            "display": next((word for limit, word in steps if expressed < limit), "plain"),
        }
        bounds = silent_bounds(favourable, expressed, silent)
        yield record | ({"bounds": list(bounds)} if bounds else {})


def _add(sample: WaveSample, domain: str, counts: IntArray | None) -> int:
    return 0 if counts is None else int(counts[sample.inside(domain)].sum())


def write_weights(sample: WaveSample) -> Record:
    """Weights by cell, the rules that were applied, and how unequal the weights are."""
    cells, found = sample.wave.cells, sample.weightings
    columns = zip(cells.quartier, cells.classes[AGE], cells.classes[SEX], cells.interviews, strict=True)
    by_cell = [
        {"quartier": str(quartier), "age_class": str(age), "sex": str(sex)}
        | {WEIGHTS[name]: float(weighting.weights[place]) for name, weighting in found.items()}
        | {"n": int(n)}
        for place, (quartier, age, sex, n) in enumerate(columns)
    ]
    notes = [
        {"quartier": note.quartier, "rule": note.kind, "variable": note.variable, "class": note.class_id}
        | ({"into": note.into} if note.into else {})
        for note in found[RAKED].notes
    ]
    return {
        "by_cell": by_cell,
        "notes": notes,
        "bounded_feasible": BOUNDED in found,
        "summary": {WEIGHTS[name]: _write_spread(sample, weighting) for name, weighting in found.items()},
    }


def _write_spread(sample: WaveSample, weighting: Weighting) -> Record:
    n = sample.wave.cells.interviews
    if not n.sum():
        return {}
    whole = spread(weighting.weights, n)
    parts = {
        quartier: spread(weighting.weights[inside], n[inside])
        for quartier in sample.quartiers
        if n[inside := sample.inside(quartier)].sum()
    }
    return {
        "sum": whole.total,
        "min": whole.smallest,
        "max": whole.largest,
        "n_eff_kish": whole.effective,
        "deff_kish": whole.design_effect,
        "by_quartier": {
            quartier: {"n": part.interviews, "n_eff_kish": part.effective, "deff_kish": part.design_effect}
            for quartier, part in parts.items()
        },
    }


def list_proportions(waves: Waves) -> Iterator[Record]:
    """Shares under every weighting, with every interval."""
    for sample, item, domain, head in _each(waves):
        for weighting, base_kind, fpc in KINDS:
            if weighting == UNWEIGHTED or weighting in sample.weightings:
                kind = {"weighting": weighting, "base_kind": base_kind, "fpc": fpc}
                yield head | kind | write_share(sample.take(item, domain, weighting, base_kind, fpc), fpc)


def list_means(folder: Folder, waves: Waves) -> Iterator[Record]:
    """Means of scales and of the composite, and the bound that the items' own errors give for it."""
    for wave, sample in waves.items():
        scores = {item: score_scale(sample, item) for item in folder.design.mean_items}
        if sample.wave.composite is not None and folder.design.composite_items:
            scores["composite_score"] = sample.wave.composite
        for item, score in scores.items():
            for weighting in (DESIGN, RAKED):
                for domain in sample.domains:
                    inside = sample.inside(domain)
                    found = sample.samples[weighting, False].estimate(
                        score.base, score.sums, score.squares, inside
                    )
                    head = {"wave": wave, "item": item, "domain": domain, "weighting": weighting}
                    yield head | {"base": int(score.base[inside].sum())} | _write_mean(found)
        for domain in sample.domains if folder.design.composite_items else ():
            head = {"wave": wave, "item": "mean_of_proportions", "domain": domain, "weighting": RAKED}
            yield head | _write_mean_of_shares(sample, folder.design.composite_items, domain)


def score_scale(sample: WaveSample, item: str) -> Score:
    """The codes of a scale taken as numbers."""
    given = {code: sample.wave.count(item, (code,)).astype(float) for code in sample.scales[item].substantive}
    return Score(
        sample.expressed(item),
        reduce(np.add, (code * n for code, n in given.items())),
        reduce(np.add, (code**2 * n for code, n in given.items())),
    )


def _write_mean(found: Precise | None) -> Record:
    if found is None:
        return {}
    record: Record = {"estimate": found.value, "df": found.df}
    if found.standard_error is not None:
        record["se"] = found.standard_error
        if found.standard_error and found.df > 0:
            record["wald_t"] = list(intervals.wald(found.value, found.standard_error, found.df))
    return record


def _write_mean_of_shares(sample: WaveSample, items: tuple[str, ...], domain: str) -> Record:
    taken = [sample.take(item, domain, RAKED) for item in items]
    values = [one.estimate.value for one in taken if one is not None]
    errors = [one.precise.standard_error for one in taken if one is not None and one.precise is not None]
    if len(values) < len(items):
        return {}
    record: Record = {"estimate": sum(values) / len(values)}
    known = [error for error in errors if error is not None]
    if len(known) == len(items):
        # Cauchy-Schwarz: holds whatever the correlation of the items.
        record["se_upper_bound"] = sum(known) / len(known)
    return record
