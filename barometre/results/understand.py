"""The page « Comprendre les chiffres »: what a figure is worth, in very plain words and two drawings."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import town
from barometre.estimates.change import NO_CHANGE_SHOWN
from barometre.estimates.disclosure import ALL, round_people
from barometre.questionnaire.town import Town
from barometre.results.behind import order_indicators
from barometre.results.dots import draw_hundred, draw_people, draw_share
from barometre.results.findings import Findings
from barometre.results.sources import fetch_published
from barometre.results.tables import DomainRow, ItemBlock, write_blocks

blueprint = Blueprint("understand", __name__, template_folder="templates")


@blueprint.record_once
def share_drawings(state: BlueprintSetupState) -> None:
    """Give the templates the drawings; macros see globals only."""
    state.app.jinja_env.globals.update(
        draw_people=draw_people, draw_hundred=draw_hundred, draw_share=draw_share
    )


@dataclass(frozen=True)
class Example:
    """One figure of the current release, and the same one on fewer answers."""

    block: ItemBlock
    #: the quartiers together
    whole: DomainRow
    #: the quartier with the fewest answers among those whose share is shown; None when no share is
    part: DomainRow | None


@blueprint.get("/comprendre-les-chiffres")
@allow("public")
def page() -> ResponseReturnValue:
    """What a percentage, a base and a verdict mean."""
    published, first = fetch_published(), town().first_wave
    findings = published.findings if published else None
    return render_template(
        "results/understand.html",
        people=round_people(findings.interviews[ALL]) if findings else 0,
        example=find_example(town(), findings) if findings else None,
        unchanged=find_unchanged(town(), findings) if findings else None,
        design=town().current_wave.design,
        wave=town().current_wave.id,
        first_wave=first.id if first else "",
        first_people=first.published.interviews.get(ALL, 0) if first and first.published else 0,
    )


def find_example(town: Town, findings: Findings) -> Example | None:
    """The first headline figure of the quartiers together that is shown with its share."""
    for block in write_blocks(town, findings, order_indicators(town)):
        whole, parts = block.rows[0], [row for row in block.rows[1:] if row.cell.share is not None]
        if whole.cell.domain == ALL and whole.cell.share is not None:
            part = min(parts, key=lambda row: row.cell.base or 0) if parts else None
            return Example(block, whole, part)
    return None


def find_unchanged(town: Town, findings: Findings) -> tuple[ItemBlock, DomainRow] | None:
    """The first figure of the quartiers together whose difference is told and no change is shown."""
    for block in write_blocks(town, findings, order_indicators(town)):
        row = block.rows[0]
        verdict = row.verdict
        if not block.new and verdict and verdict.word == NO_CHANGE_SHOWN and verdict.difference:
            return block, row
    return None
