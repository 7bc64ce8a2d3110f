"""What has changed since the first wave: every indicator under its verdict, never sorted by size."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import town
from barometre.estimates.change import DOWN, NO_CHANGE_SHOWN, NOT_COMPARABLE, UP
from barometre.results.sources import fetch_published
from barometre.results.tables import DomainRow, ItemBlock, write_blocks
from barometre.results.verdicts import VerdictView, verdict_label

blueprint = Blueprint("changed", __name__, template_folder="templates")
#: in the order of the page
VERDICTS = (UP, DOWN, NO_CHANGE_SHOWN, NOT_COMPARABLE)


@dataclass(frozen=True)
class Change:
    """One indicator: the quartiers together (or the only one that was asked), then each of them."""

    block: ItemBlock
    row: DomainRow
    verdict: VerdictView
    quartiers: tuple[DomainRow, ...]


@dataclass(frozen=True)
class ChangeGroup:
    """Every indicator with one verdict, those that were announced first."""

    word: str
    label: str
    announced: tuple[Change, ...]
    exploratory: tuple[Change, ...]


@blueprint.get("/ce-qui-a-change")
@allow("public")
def page() -> ResponseReturnValue:
    """Every indicator of the quartiers together, by verdict."""
    published, first = fetch_published(), town().first_wave
    blocks = write_blocks(town(), published.findings, town().indicators) if published else []
    return render_template(
        "results/changed.html",
        groups=list_changes(blocks) if published and first else [],
        new=sum(block.new for block in blocks),
        comparisons=published.findings.comparisons if published else 0,
        published=published is not None,
        wave=town().current_wave.id,
        first_wave=first.id if first else "",
        unweighted=published is not None and published.findings.weighting_problem is not None,
    )


def list_changes(blocks: list[ItemBlock]) -> list[ChangeGroup]:
    """The four verdicts, each with its questions in the order given; those that are new stand under none."""
    changes = [
        Change(block, block.rows[0], verdict, block.rows[1:])
        for block in blocks
        if not block.new and (verdict := block.rows[0].verdict) is not None
    ]
    return [
        ChangeGroup(
            word,
            verdict_label(word),
            tuple(c for c in changes if c.verdict.word == word and not c.verdict.exploratory),
            tuple(c for c in changes if c.verdict.word == word and c.verdict.exploratory),
        )
        for word in VERDICTS
    ]
