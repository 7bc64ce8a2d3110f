"""Sections that compare: two waves, two quartiers, a wave and what the first one printed."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from itertools import combinations
from math import hypot

from barometre.estimates import intervals
from barometre.estimates.change import DOWN, LEVEL, NO_CHANGE_SHOWN, UP, envelop
from barometre.estimates.differences import (
    fisher_p,
    miettinen_nurminen,
    miettinen_nurminen_p,
    newcombe,
    pooled_chi2_p,
)
from barometre.estimates.margins import UNKNOWN, WeightingError
from barometre.estimates.multiplicity import benjamini_hochberg, holm
from barometre.estimates.proportions import Estimate
from barometre.estimates.published import feasible_counts
from barometre.estimates.weights import fit_composition, rake_to_composition, spread
from barometre.tabulate.samples import (
    ALL,
    EXPRESSED,
    RAKED,
    UNWEIGHTED,
    Record,
    Taken,
    WaveSample,
    write_share,
)
from barometre.tabulate.survey import AGE, Design, Folder

TO_FIRST_WAVE = "sample_structure_of_first_wave"


def write_structure(design: Design, first: WaveSample, second: WaveSample) -> Record:
    """The second wave brought to the composition of the first one, which is never weighted.

    Empty where no weights bring it there.
    """
    n, total = first.wave.cells.interviews, first.interviews(ALL)
    cells, composition = second.wave.cells, {}
    for variable, labels in {"quartier": first.wave.cells.quartier, **first.wave.cells.classes}.items():
        known = design.quartiers if variable == "quartier" else sorted(set(labels.tolist()) - {UNKNOWN})
        names = design.ages if variable == AGE else known
        found = {name: int(n[labels == name].sum()) for name in names}
        if any(found.values()):
            composition[variable] = {name: people for name, people in found.items() if people}
    if not total or not cells.interviews.sum():
        return {}
    try:
        tables = fit_composition(cells, composition, {AGE: design.ages}, float(total))
        weighting = rake_to_composition(cells, tables)
    except WeightingError:
        # A class that the first wave did not have: there is no like to compare with.
        return {}
    targets = composition | {variable: table.wanted for variable, table in tables.items()}
    record: Record = {"targets": {"age" if name == AGE else name: found for name, found in targets.items()}}
    sample = replace(second, weightings={TO_FIRST_WAVE: weighting})
    kind = {"domain": ALL, "weighting": TO_FIRST_WAVE, "base_kind": EXPRESSED, "fpc": False}
    shares = [
        {"wave": design.waves[1], "item": item}
        | kind
        | write_share(sample.take(item, ALL, TO_FIRST_WAVE), False)
        for item in second.scales
    ]
    effective = spread(weighting.weights, cells.interviews).effective
    return record | {"n_eff_kish": effective, "proportions": shares}


def list_differences(first: WaveSample, second: WaveSample) -> Iterator[Record]:
    """Second minus first, as counted and raked."""
    for item in first.scales:
        for domain in first.domains:
            plain = [sample.take(item, domain, UNWEIGHTED) for sample in (first, second)]
            raked = [sample.take(item, domain, RAKED) for sample in (first, second)]
            record: Record = {
                "item": item,
                "domain": domain,
                "x": [one.estimate.favourable if one else 0 for one in plain],
                "base": [one.estimate.base if one else 0 for one in plain],
            }
            if plain[0] and plain[1] and raked[0] and raked[1]:
                record["unweighted"] = write_two_by_two(plain[0].estimate, plain[1].estimate)
                record["raked"] = _write_raked(raked[0], raked[1])
            yield record


def write_two_by_two(first: Estimate, second: Estimate) -> Record:
    """A difference of plain counts, with the tests that need whole ones."""
    record = _write_difference(first, second)
    p = pooled_chi2_p(*_bases(first, second))
    if p is not None:
        record["p_chi2_pooled"] = p
    record["p_fisher"] = fisher_p(first.favourable, first.base, second.favourable, second.base)
    return record


def _write_difference(first: Estimate, second: Estimate) -> Record:
    bases = _bases(first, second)
    return {
        "difference": second.value - first.value,
        "newcombe": list(newcombe(*bases)),
        "miettinen_nurminen": list(miettinen_nurminen(*bases)),
        "p_miettinen_nurminen": miettinen_nurminen_p(*bases),
    }


def _bases(first: Estimate, second: Estimate) -> tuple[float, float, float, float]:
    return first.value, first.effective_base, second.value, second.effective_base


def _write_raked(first: Taken, second: Taken) -> Record:
    record = _write_difference(first.estimate, second.estimate)
    assert first.precise is not None
    assert second.precise is not None
    before, now = first.precise.standard_error, second.precise.standard_error
    if before is None or now is None:
        return record
    error, df = hypot(before, now), first.precise.df + second.precise.df
    record |= {"se": error, "df": df}
    if error and df > 0:
        difference = second.estimate.value - first.estimate.value
        record["wald_t"] = list(intervals.wald(difference, error, df))
        record["p_wald_t"] = intervals.student_p(difference / error, df)
    return record


def write_multiplicity(first: WaveSample, second: WaveSample) -> Record:
    """Adjusted p-values of both families: all items overall, and items × quartiers."""
    return {
        "overall": _write_family(first, second, [ALL], holm_decides=True),
        "quartiers": _write_family(first, second, list(first.quartiers), holm_decides=False),
    }


def _write_family(
    first: WaveSample, second: WaveSample, domains: list[str], *, holm_decides: bool
) -> list[Record]:
    keys = [(item, domain) for item in first.scales for domain in domains]
    bases = {
        key: _bases(before.estimate, now.estimate)
        for key in keys
        if (before := first.take(*key, RAKED)) and (now := second.take(*key, RAKED))
    }
    p_values: dict[Hashable, float] = {key: miettinen_nurminen_p(*found) for key, found in bases.items()}
    by_holm, by_bh = holm(p_values), benjamini_hochberg(p_values)
    records = []
    for key in keys:
        record: Record = {"item": key[0], "domain": key[1]}
        verdict = NO_CHANGE_SHOWN
        if key in bases:
            record |= {"p": p_values[key], "holm": by_holm[key], "bh": by_bh[key]}
            low, high = newcombe(*bases[key])
            if (by_holm if holm_decides else by_bh)[key] < LEVEL and (low > 0 or high < 0):
                verdict = UP if low > 0 else DOWN
        records.append(record | {"verdict": verdict})
    return records


def list_contrasts(wave: str, sample: WaveSample) -> Iterator[Record]:
    """One quartier minus another, in one wave."""
    for item in sample.scales:
        for first, second in combinations(sample.quartiers, 2):
            record: Record = {"wave": wave, "item": item, "first": first, "second": second}
            one, other = sample.take(item, first, RAKED), sample.take(item, second, RAKED)
            if one and other:
                bases = _bases(one.estimate, other.estimate)
                record["difference"] = other.estimate.value - one.estimate.value
                record["newcombe"] = list(newcombe(*bases))
                record["p_miettinen_nurminen"] = miettinen_nurminen_p(*bases)
            yield record


def list_published(folder: Folder, second: WaveSample) -> Iterator[Record]:
    """The raked second wave against every count that can lie behind a printed percentage."""
    for printed in folder.published:
        domain = printed.quartier or ALL
        feasible = feasible_counts(printed.percent, printed.base_min, printed.interviews)
        record: Record = {
            "item": printed.item,
            "domain": domain,
            "percent": printed.percent,
            "interviews": printed.interviews,
            "base_min": printed.base_min,
            "feasible": [list(pair) for pair in feasible],
            "possible_with_full_base": any(m == printed.interviews for _, m in feasible),
            "pairs": len(feasible),
        }
        taken = second.take(printed.item, domain, RAKED)
        if taken is not None:
            now = taken.estimate
            record["second_wave"] = {"estimate": now.value, "n_eff": now.effective_base}
        if not feasible:
            yield record | {"verdict": "impossible_figure"}
            continue
        shares = [x / m for x, m in feasible]
        record["estimate_range"] = [min(shares), max(shares)]
        found = envelop(feasible, taken.estimate) if taken is not None else None
        if found is not None:
            some = "depends_on_rounding" if found.above + found.below else NO_CHANGE_SHOWN
            record |= {
                "difference_range": list(found.difference),
                "newcombe_envelope": [found.low, found.high],
                "p_range": [found.p_low, found.p_high],
                "verdict": "change" if found.direction else some,
            }
        yield record
