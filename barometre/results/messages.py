"""The key messages of the first page: a few sentences, chosen by a rule."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from barometre.estimates.change import DOWN, UP
from barometre.estimates.disclosure import ALL, NOT_ASKED, PLAIN
from barometre.questionnaire.town import Indicator, Town
from barometre.results.findings import Finding, Findings
from barometre.results.tables import ItemBlock, write_blocks
from barometre.results.verdicts import VerdictView

#: at most as many
MOST = 5


@dataclass(frozen=True)
class Message:
    """One sentence, the answers it rests on, and what may be said of the change."""

    item: str
    label: str
    domain: str
    sentence: str
    base: int
    #: None for a question that the first wave did not ask
    verdict: VerdictView | None


def write_messages(town: Town, findings: Findings, most: int = MOST) -> list[Message]:
    """The headline indicators of the quartiers together, then the largest changes that are demonstrated.

    A figure that is hidden, or a share of few people, is no message; nor is the change of another side than
    the one that the sentence tells, which would be read the wrong way round.
    """
    headlines = [indicator for indicator in town.indicators if indicator.headline]
    others = [indicator for indicator in town.indicators if not indicator.headline]
    changed = sorted(
        (i for i in others if _is_changed(i, findings.by_domain.get((i.item, ALL)))),
        key=lambda i: -_measure(findings.by_domain[(i.item, ALL)]),
    )
    wanted: list[Indicator] = [*headlines, *changed]
    blocks = (
        block
        for indicator in wanted
        if not _is_of_one(town, findings, indicator)
        for block in write_blocks(town, findings, [indicator], (ALL,))
    )
    return list(islice((message for block in blocks if (message := _write_message(block))), most))


def _is_of_one(town: Town, findings: Findings, indicator: Indicator) -> bool:
    """Whether one quartier only was asked: it says nothing of the whole."""
    found = [findings.by_domain.get((indicator.item, quartier.id)) for quartier in town.quartiers]
    return sum(finding is not None and finding.shown.state != NOT_ASKED for finding in found) == 1


def _write_message(block: ItemBlock) -> Message | None:
    [row] = block.rows
    if row.cell.share is None or row.cell.base is None or row.cell.state != PLAIN:
        return None
    verdict = None if block.new else row.verdict
    return Message(block.item, block.label, row.cell.domain, block.headline, row.cell.base, verdict)


def _is_changed(indicator: Indicator, finding: Finding | None) -> bool:
    if finding is None or finding.verdict is None or finding.verdict.word not in (UP, DOWN):
        return False
    return finding.against is None or finding.against.codes == indicator.codes


def _measure(finding: Finding) -> float:
    """Size of a change, 0-1; 0 where the first wave's figure is not a number."""
    printed = finding.against.drawn if finding.against else None
    then = finding.recounted.share if finding.recounted else printed
    return abs(finding.now - then) if finding.now is not None and then is not None else 0.0
