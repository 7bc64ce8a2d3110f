"""The page « Jeunes, aînés, femmes »: the quartiers together, by age and by sex."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import town
from barometre.i18n import format_percent, say, tell
from barometre.i18n import gettext as _
from barometre.questionnaire.town import Indicator, Theme
from barometre.results.groups import (
    GROUP_HIDDEN,
    QUARTIER_HIDDEN,
    TOO_CLOSE,
    Breakdown,
    GroupShare,
    list_breakdowns,
)
from barometre.results.labels import name_group
from barometre.results.sources import Published, fetch_published
from barometre.results.tables import write_band

blueprint = Blueprint("people_groups", __name__, template_folder="templates")


@dataclass(frozen=True)
class GroupRow:
    """One group of one breakdown, in words."""

    name: str
    #: "63 %", a band, or why there is no share
    words: str
    #: 0-1, None where it is not shown
    share: float | None
    base: int | None
    caution: bool


@dataclass(frozen=True)
class GroupBlock:
    """One question, by age and by sex."""

    item: str
    label: str
    question: str
    #: common stem of a battery
    stem: str
    #: completes « … sur 100 »
    phrase: str
    #: (name of the breakdown, its rows, why there are none)
    tables: tuple[tuple[str, tuple[GroupRow, ...], str], ...]


@blueprint.get("/jeunes-aines-femmes")
@allow("public")
def page() -> ResponseReturnValue:
    """The headline indicators first, then the others by theme."""
    published = fetch_published()
    return render_template(
        "results/groups.html",
        chapters=_list_chapters(published) if published else [],
        wave=town().current_wave.id,
    )


def _list_chapters(published: Published) -> list[tuple[Theme | None, list[GroupBlock]]]:
    """The headline indicators under no theme, then each theme with its other ones."""
    told = {item for item, _by in published.breakdowns}
    known = [i for i in town().indicators if i.item in told]
    chapters: list[tuple[Theme | None, list[Indicator]]] = [(None, [i for i in known if i.headline])]
    chapters += [
        (theme, [i for i in known if i.theme == theme.id and not i.headline]) for theme in town().themes
    ]
    return [
        (theme, [_write_block(published, indicator) for indicator in indicators])
        for theme, indicators in chapters
        if indicators
    ]


def _write_block(published: Published, indicator: Indicator) -> GroupBlock:
    asked = town().current_wave.questionnaire
    item = asked.by_id[indicator.item]
    battery = asked.batteries.get(item.battery or "")
    return GroupBlock(
        item=item.id,
        label=tell(indicator.label),
        question=say(item.id, item.text),
        stem=say(f"battery:{battery.id}", battery.stem) if battery else "",
        phrase=tell(indicator.phrase),
        tables=tuple(
            _write_table(published.breakdowns[(item.id, by)])
            for by in list_breakdowns(town())
            if (item.id, by) in published.breakdowns
        ),
    )


def _write_table(found: Breakdown) -> tuple[str, tuple[GroupRow, ...], str]:
    by = town().current_wave.questionnaire.by_id[found.by]
    rows = tuple(
        GroupRow(name_group(by, one.group), _write_words(one), one.share, one.base, one.state == "caution")
        for one in found.shares
    )
    why = {
        QUARTIER_HIDDEN: _(
            "Pas montré : un quartier est masqué pour cette question, et ces chiffres le trahiraient."
        ),
        GROUP_HIDDEN: _("Pas montré : un groupe a trop peu de réponses, et les autres le trahiraient."),
        TOO_CLOSE: _("Pas montré : trop peu de personnes de plus que dans la publication d’avant."),
    }.get(found.withheld, "")
    return name_breakdown(found.by), rows, why


def name_breakdown(by: str) -> str:
    """What the groups of a table are; the question itself for what has no shorter name."""
    item = town().current_wave.questionnaire.by_id[by]
    return {"age": _("Selon l’âge"), "sexe": _("Selon le sexe")}.get(by) or say(by, item.text)


def _write_words(one: GroupShare) -> str:
    if one.share is not None:
        return format_percent(one.share)
    if one.band:
        return write_band(one.band)
    if one.state == "no_percentage":
        return _("trop peu de réponses")
    return _("masqué")
