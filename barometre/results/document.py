"""Figures as they are frozen with an edition: one document, the same bytes for the same figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import msgspec

from barometre.estimates.change import Verdict
from barometre.estimates.disclosure import Shown
from barometre.estimates.margins import WeightingError
from barometre.estimates.proportions import Estimate
from barometre.questionnaire.town import PublishedFigure
from barometre.results.deduced import DeducedFigure
from barometre.results.findings import Finding, Findings
from barometre.results.groups import Breakdown, Breakdowns
from barometre.results.recounted import Recounted

#: grows when the same counts would give other figures
METHOD = "2027.1"


@dataclass(frozen=True)
class Share:
    """One block of codes and its weighted share, 0-1."""

    codes: tuple[int, ...]
    share: float


@dataclass(frozen=True)
class Row:
    """A `Finding` and where it stands."""

    item: str
    domain: str
    shown: Shown
    estimate: Estimate | None
    shares: tuple[Share, ...]
    against: PublishedFigure | None
    recounted: Recounted | None
    deduced: DeducedFigure | None
    now: float | None
    verdict: Verdict | None
    contour_word: str | None
    codes: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Problem:
    """A `WeightingError`."""

    quartier: str
    class_id: str
    reason: str
    variable: str


@dataclass(frozen=True)
class ItemBreakdown:
    """A `Breakdown` and the question that it is of."""

    item: str
    breakdown: Breakdown


@dataclass(frozen=True)
class Document:
    """`Findings` and `Breakdowns` without keys that JSON cannot write."""

    interviews: dict[str, int]
    comparisons: int
    weighting_problem: Problem | None
    recounted: frozenset[str]
    rows: tuple[Row, ...]
    #: None in a document from before they were frozen
    breakdowns: tuple[ItemBreakdown, ...] | None = None


ENCODER = msgspec.json.Encoder(order="deterministic")
DECODER = msgspec.json.Decoder(Document)
#: fields that a row takes over as they are
SAME = [field.name for field in fields(Finding) if field.name != "shares"]


def write_figures(findings: Findings, breakdowns: Breakdowns) -> bytes:
    """The document of the figures of an edition, in JSON."""
    problem = findings.weighting_problem
    return ENCODER.encode(
        Document(
            interviews=dict(findings.interviews),
            comparisons=findings.comparisons,
            weighting_problem=None
            if problem is None
            else Problem(problem.quartier, problem.class_id, problem.reason, problem.variable),
            recounted=findings.recounted,
            rows=tuple(
                Row(
                    item=item,
                    domain=domain,
                    shares=tuple(Share(codes, share) for codes, share in finding.shares.items()),
                    **{name: getattr(finding, name) for name in SAME},
                )
                for (item, domain), finding in findings.by_domain.items()
            ),
            breakdowns=tuple(ItemBreakdown(item, found) for (item, _by), found in breakdowns.items()),
        )
    )


def read_figures(document: bytes) -> tuple[Findings, Breakdowns | None]:
    """What `write_figures` wrote; raises `msgspec.ValidationError` for anything else.

    The shares by age and sex are None in a document from before they were frozen.
    """
    found = DECODER.decode(document)
    frozen = found.breakdowns
    breakdowns = None if frozen is None else {(one.item, one.breakdown.by): one.breakdown for one in frozen}
    return _read_findings(found), breakdowns


def _read_findings(found: Document) -> Findings:
    problem = found.weighting_problem
    return Findings(
        interviews=found.interviews,
        by_domain={(row.item, row.domain): _read_row(row) for row in found.rows},
        comparisons=found.comparisons,
        weighting_problem=None
        if problem is None
        else WeightingError(problem.quartier, problem.class_id, problem.reason, problem.variable),
        recounted=found.recounted,
    )


def _read_row(row: Row) -> Finding:
    shares: Mapping[tuple[int, ...], float] = {block.codes: block.share for block in row.shares}
    return Finding(shares=shares, **{name: getattr(row, name) for name in SAME})
