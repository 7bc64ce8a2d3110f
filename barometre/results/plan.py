"""The plan of a wave: what a number of interviews could show against the first wave. Numbers only, no words.

The page and the command `plan` both read them here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from barometre.estimates.disclosure import ALL
from barometre.estimates.margins import EVERYBODY
from barometre.estimates.planning import (
    INTERVIEWER_EFFECT,
    half_width,
    minimum_detectable,
    power,
    second_wave_size,
    weighting_effect,
)
from barometre.estimates.quotas import QuotaTable, allocate
from barometre.questionnaire.town import Design, Indicator, PublishedFigure, PublishedWave, Town, Wave
from barometre.results.feasible import list_feasible
from barometre.results.first_wave import choose_figure
from barometre.results.weighting import class_order

#: rises, in points, whose number of interviews is looked for
RISES = (10, 15, 20, 25)
#: interviews in all, to tell what doubling them adds
TOTALS = (200, 400)
#: changes of the curves, in points
CHANGES = range(-40, 41)

FOUND, NONE, TOO_MANY, OUTSIDE = "found", "none", "more_than_residents", "outside"


@dataclass(frozen=True)
class Settings:
    """What is asked of a plan."""

    #: interviews by quartier id
    interviews: Mapping[str, int]
    #: item whose published shares are the starting point; "" for 50 % everywhere
    item: str = ""
    #: chance of showing a real change, 0-1
    power: float = 0.8
    #: design effect of the interviewers
    deff: float = INTERVIEWER_EFFECT


@dataclass(frozen=True)
class Baseline:
    """Where the first wave stood in one domain."""

    #: share, 0-1: the published one, else 50 %, where precision is worst
    level: float
    #: answers it is taken to rest on: the fewest that can lie behind it
    base: int
    interviews: int
    figure: PublishedFigure | None = None


@dataclass(frozen=True)
class Need:
    """The interviews of the new wave that would show one rise."""

    points: int
    #: `FOUND`; `NONE`: no number does; `TOO_MANY` for the residents; `OUTSIDE`: the share would pass 100 %
    state: str
    size: int | None = None


@dataclass(frozen=True)
class DomainPlan:
    """One quartier, or all of them; shares and differences are 0-1."""

    domain: str
    interviews: int
    #: on each side of a share of 50 %
    half_width: float
    #: None without a first wave: then nothing below is known
    baseline: Baseline | None = None
    #: smallest changes shown, None where the share would leave 0-100 %
    rise: float | None = None
    fall: float | None = None
    needs: tuple[Need, ...] = ()
    #: interviews of the whole wave → half-width and smallest rise
    totals: Mapping[int, tuple[float, float | None]] | None = None
    #: change in points → power
    curve: Mapping[int, float] | None = None


@dataclass(frozen=True)
class Plan:
    """What a wave could show, and whom to look for."""

    wave: str
    first_wave: str | None
    settings: Settings
    #: each quartier, then `ALL`
    domains: tuple[DomainPlan, ...]
    #: design effect, for all together, of quartiers that are not in proportion to their residents
    weighting: float
    quotas: Mapping[str, QuotaTable]


def make_plan(town: Town, wave: Wave, settings: Settings) -> Plan:
    """The plan of one wave; raises `QuotaError` when a quartier has fewer residents than interviews."""
    assert wave.design is not None
    quotas = allocate(settings.interviews, wave.design.margins, *quota_variables(wave))
    persons = count_residents(wave.design)
    weighting = measure_weighting(wave.design, settings.interviews)
    domains = [
        _plan_domain(town, wave, settings, quartier, number, 1.0, persons[quartier])
        for quartier, number in settings.interviews.items()
    ]
    everybody = sum(settings.interviews.values())
    domains.append(_plan_domain(town, wave, settings, ALL, everybody, weighting, sum(persons.values())))
    return Plan(wave.id, wave.design.first_wave, settings, tuple(domains), weighting, quotas)


def default_interviews(design: Design) -> dict[str, int]:
    """Equal quartiers: the hoped-for total shared among them, up to the next five."""
    each = 5 * ceil(sum(design.target.values()) / len(design.target) / 5)
    return dict.fromkeys(design.target, max(each, 5))


def count_residents(design: Design) -> dict[str, float]:
    """Persons by quartier, in the margins that the results are weighted to."""
    return {quartier: margins["total"]["all"] for quartier, margins in design.margins.items()}


def measure_weighting(design: Design, interviews: Mapping[str, int]) -> float:
    """Design effect, for all together, of quartiers out of proportion; those without interviews aside."""
    persons = {
        quartier: margins.get("total", {}).get(EVERYBODY, 0.0) for quartier, margins in design.margins.items()
    }
    done = {quartier: number for quartier, number in interviews.items() if number and persons.get(quartier)}
    return weighting_effect(done, persons) if done else 1.0


def list_starting_points(town: Town, wave: Wave) -> list[Indicator]:
    """Indicators with a published share that a change can start from, in some domain."""
    first = _first(town, wave)
    if first is None:
        return []
    items = {figure.item for figure in first.figures if _is_usable(figure)}
    return [indicator for indicator in town.indicators if indicator.item in items]


def quota_variables(wave: Wave) -> tuple[str, str | None]:
    """The variable of age, "" where it has no margins, and one more that has them everywhere (sex)."""
    assert wave.design is not None
    margins = wave.design.margins.values()
    known = [name for name in wave.questionnaire.cell if all(name in variables for variables in margins)]
    ages = [name for name in class_order(wave.questionnaire) if name in known]
    others = [name for name in known if name not in ages]
    return (ages or [""])[0], others[0] if ages and others else None


def to_document(plan: Plan) -> dict[str, Any]:
    """Plain values for JSON: shares and differences 0-1, no curve."""
    return {
        "wave": plan.wave,
        "first_wave": plan.first_wave,
        "item": plan.settings.item or None,
        "power": plan.settings.power,
        "deff": plan.settings.deff,
        "weighting": plan.weighting,
        "domains": [
            {
                "domain": found.domain,
                "interviews": found.interviews,
                "half_width": found.half_width,
                "first_level": found.baseline and found.baseline.level,
                "first_base": found.baseline and found.baseline.base,
                "rise": found.rise,
                "fall": found.fall,
                "needs": [{"points": n.points, "state": n.state, "size": n.size} for n in found.needs],
            }
            for found in plan.domains
        ],
        "quotas": [
            {"quartier": quartier, "classes": list(classes), "target": number}
            for quartier, table in plan.quotas.items()
            for classes, number in list_quotas(table)
        ],
    }


def list_quotas(table: QuotaTable) -> list[tuple[tuple[str, ...], int]]:
    """The finest classes of a quota table, with their interviews."""
    return list(table.cells.items()) or [((name,), number) for name, number in table.rows.items()]


def _plan_domain(
    town: Town,
    wave: Wave,
    settings: Settings,
    domain: str,
    interviews: int,
    weighting: float,
    persons: float,
) -> DomainPlan:
    deff, target = settings.deff, settings.power
    precision = half_width(0.5, interviews / weighting, deff)
    baseline = _find_baseline(town, wave, settings.item, domain)
    if baseline is None:
        return DomainPlan(domain, interviews, precision)
    level, base = baseline.level, baseline.base
    rise, fall = minimum_detectable(level, base, interviews / weighting, deff, target)
    everybody = sum(settings.interviews.values())
    totals = {total: interviews / weighting * total / everybody for total in TOTALS}
    return DomainPlan(
        domain,
        interviews,
        precision,
        baseline,
        rise,
        fall,
        tuple(_need(baseline, points, settings, weighting, persons) for points in RISES),
        {
            total: (half_width(0.5, n, deff), minimum_detectable(level, base, n, deff, target)[0])
            for total, n in totals.items()
        },
        {
            points: power(level, _move(level, points), base, interviews / weighting, deff)
            for points in CHANGES
            if 0 <= _move(level, points) <= 1
        },
    )


def _need(baseline: Baseline, points: int, settings: Settings, weighting: float, persons: float) -> Need:
    after = _move(baseline.level, points)
    if after > 1:
        return Need(points, OUTSIDE)
    size = second_wave_size(
        baseline.level, after, baseline.base, settings.power, settings.deff, weighting=weighting
    )
    if size is None:
        return Need(points, NONE)
    return Need(points, TOO_MANY if size > persons else FOUND, size)


def _move(level: float, points: int) -> float:
    return round(level + points / 100, 6)


def _find_baseline(town: Town, wave: Wave, item: str, domain: str) -> Baseline | None:
    first = _first(town, wave)
    if first is None:
        return None
    interviews = first.interviews[domain]
    if not item:
        return Baseline(0.5, interviews, interviews)
    scale = town.waves[first.wave].questionnaire.by_id[item].scale
    assert scale is not None
    figures = tuple(figure for figure in first.find(item, domain) if _is_usable(figure))
    figure = choose_figure(figures, town.indicator_of[item], scale.codes)
    if figure is not None and (feasible := list_feasible(figure)):
        return Baseline(figure.value / 100, min(m for _, m in feasible), interviews, figure)
    bases = [figure.base_min for figure in first.figures if figure.domain == domain]
    return Baseline(0.5, min(bases, default=interviews), interviews)


def _is_usable(figure: PublishedFigure) -> bool:
    """Whether a change can be computed from it at all."""
    return figure.comparability != "no" and figure.item is not None


def _first(town: Town, wave: Wave) -> PublishedWave | None:
    assert wave.design is not None
    return town.waves[wave.design.first_wave].published if wave.design.first_wave else None
