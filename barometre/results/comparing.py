"""Rows of the staff comparison of two waves: what was printed, what is found now, what may be said of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from barometre.estimates.change import NOT_COMPARABLE
from barometre.i18n import format_number, format_percent, say, tell
from barometre.i18n import gettext as _
from barometre.questionnaire import comparability
from barometre.questionnaire.comparability import Correspondence, match_items
from barometre.questionnaire.town import Town
from barometre.results.explained import may_detail
from barometre.results.findings import Finding, Findings
from barometre.results.tables import Cell, write_blocks
from barometre.results.verdicts import PastFigure, VerdictView, measure_difference


@dataclass(frozen=True)
class Compared:
    """One item in one domain, asked by both waves."""

    item: str
    label: str
    theme: str
    domain: str
    domain_label: str
    #: one of `comparability.KINDS`
    kind: str
    #: figures as printed; empty: not published
    past: tuple[PastFigure, ...]
    #: what the first wave's own interviews tell, "" where its printed figures speak
    recounted: str
    #: share, or why there is none
    now: str
    #: limits of its interval, "" where they may not be shown
    interval: str
    base: str
    verdict: VerdictView
    #: adjusted p-values, to the composition of the first wave then raked; "" where they may not be shown
    p_like: str
    p_raked: str
    #: shown share 0-1, largest adjusted p: what a column sorts by
    share: float | None
    p: float | None
    #: low, middle (None where the first wave printed words), high, in points as the table tells them
    points: tuple[float, float | None, float] | None


@dataclass(frozen=True)
class Break:
    """One sentence that forbids to compare, or asks for caution, and what it is said of."""

    sentence: str
    blocks: bool
    #: titles of the questions, each once
    questions: tuple[str, ...]
    figures: int


@dataclass(frozen=True)
class Match:
    """One line of the table of correspondence."""

    item: str
    question: str
    kind: str
    #: what differs, in words
    differences: str
    deduced: bool
    #: whether the page of precision knows it
    indicator: bool


def kind_label(kind: str) -> str:
    """How an item of one wave stands to the other one."""
    return {
        comparability.IDENTICAL: _("Identique"),
        comparability.MODIFIED: _("Modifiée"),
        comparability.NEW: _("Nouvelle"),
        comparability.REMOVED: _("Supprimée"),
    }[kind]


def list_matches(town: Town) -> list[Match]:
    """Every item of both waves."""
    first = town.first_wave
    found = match_items(first.questionnaire if first else None, town.current_wave.questionnaire)
    return [_write_match(town, match) for match in found]


def _write_match(town: Town, match: Correspondence) -> Match:
    item = match.second or match.first
    assert item is not None
    indicator = town.indicator_of.get(match.item)
    question = tell(indicator.label) if item.battery and indicator else say(item.id, item.text)
    names = {
        comparability.TYPE: _("type de réponse"),
        comparability.WORDING: _("formulation"),
        comparability.STEM: _("phrase d’introduction"),
        comparability.OPTIONS: _("réponses proposées"),
        comparability.SCALE: _("échelle"),
        comparability.FILTER: _("personnes à qui elle est posée"),
    }
    differences = ", ".join(names[name] for name in match.differences)
    known = indicator is not None and indicator in town.indicators and match.second is not None
    return Match(match.item, question, match.kind, differences, match.deduced, known)


def list_breaks(town: Town) -> list[Break]:
    """Each sentence of the printed figures: those that block first, then by the number of figures."""
    published = town.first_wave.published if town.first_wave else None
    if published is None:
        return []
    said: dict[tuple[bool, str], list[tuple[str, ...]]] = {}
    for figure in published.figures:
        for place, reason in enumerate(figure.reasons):
            # The first reason is the one that forbids; the others ask for caution whatever is done.
            blocks = figure.comparability == "no" and place == 0
            said.setdefault((blocks, reason), []).append(figure.items)
    breaks = [
        Break(tell(published.reasons[reason]), blocks, _name_items(town, items), len(items))
        for (blocks, reason), items in said.items()
    ]
    return sorted(breaks, key=lambda found: (not found.blocks, -found.figures, found.sentence))


def _name_items(town: Town, groups: list[tuple[str, ...]]) -> tuple[str, ...]:
    items = dict.fromkeys(item for group in groups for item in group)
    labels = (town.indicator_of.get(item) for item in items)
    return tuple(tell(indicator.label) for indicator in labels if indicator)


def list_compared(town: Town, findings: Findings) -> list[Compared]:
    """Every figure that has a verdict, in the order of the indicators and the domains."""
    first = town.first_wave
    kinds = {
        match.item: match.kind
        for match in match_items(first.questionnaire if first else None, town.current_wave.questionnaire)
    }
    themes = {indicator.item: indicator.theme for indicator in town.indicators}
    rows = []
    for block in write_blocks(town, findings, town.indicators):
        for row in block.rows:
            finding = findings.by_domain[(block.item, row.cell.domain)]
            if row.verdict is None or finding.verdict is None:
                continue
            detail = may_detail(town, findings, block.item, row.cell.domain)
            tested = finding.verdict.p_adjusted if detail else None
            rows.append(
                Compared(
                    item=block.item,
                    label=block.label,
                    theme=themes[block.item],
                    domain=row.cell.domain,
                    domain_label=row.cell.domain_label,
                    kind=kinds[block.item],
                    past=row.past,
                    recounted=row.recounted.words if row.recounted else "",
                    now=_write_now(row.cell),
                    interval=_write_limits(row.cell),
                    base=format_number(row.cell.base) if row.cell.base is not None else "–",
                    verdict=row.verdict,
                    p_like=_write_p(tested[0]) if tested else "",
                    p_raked=_write_p(tested[1]) if tested else "",
                    share=row.cell.share,
                    p=max(tested) if tested else None,
                    points=_find_points(finding),
                )
            )
    return rows


def _write_now(cell: Cell) -> str:
    if cell.share is not None:
        return format_percent(cell.share)
    return {
        "band": cell.band,
        "masked": _("masqué"),
        "no_percentage": _("trop peu de réponses"),
        "not_asked": _("pas de réponse"),
    }.get(cell.state, "–")


def _write_limits(cell: Cell) -> str:
    if cell.low is None or cell.high is None:
        return ""
    return _("%(low)s à %(high)s", low=format_percent(cell.low), high=format_percent(cell.high))


def _write_p(value: float) -> str:
    return _("< 0,001") if value < 0.001 else format_number(value, 3)


def _find_points(finding: Finding) -> tuple[float, float | None, float] | None:
    """Limits and middle of a change in points, rounded as the words are: a picture tells no more."""
    verdict = finding.verdict
    if verdict is None or verdict.word == NOT_COMPARABLE:
        return None
    measured = measure_difference(verdict, finding)
    if measured is None:
        return None
    return measured.low, None if measured.difference is None else float(measured.difference), measured.high


#: column of the sorted table → what it sorts by; None is last
COLUMNS: Mapping[str, Callable[[Compared], float | str | None]] = {
    "question": lambda row: row.label.casefold(),
    "now": lambda row: row.share,
    "difference": lambda row: row.points[1] if row.points else None,
    "p": lambda row: row.p,
    "verdict": lambda row: row.verdict.word,
}


def sort_rows(rows: list[Compared], column: str, *, descending: bool) -> list[Compared]:
    """Rows by one of `COLUMNS`, whatever has no value last; as they are for any other column."""
    if column not in COLUMNS:
        return rows
    values = [(COLUMNS[column](row), row) for row in rows]
    known: list[tuple[Any, Compared]] = [(value, row) for value, row in values if value is not None]
    unknown = [row for value, row in values if value is None]
    ordered = sorted(known, key=lambda pair: pair[0], reverse=descending)
    return [*(row for _value, row in ordered), *unknown]
