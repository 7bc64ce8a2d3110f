"""Staff page: the two waves question by question, and all that speaks for and against a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import town
from barometre.estimates.change import DOWN, NO_CHANGE_SHOWN, NOT_COMPARABLE, UP
from barometre.estimates.disclosure import ALL
from barometre.i18n import direction, format_moment, locale, tell
from barometre.i18n import gettext as _
from barometre.questionnaire.comparability import KINDS
from barometre.results.charts import Change, ChangeGroup, draw_changes
from barometre.results.choices import TableState
from barometre.results.comparing import (
    COLUMNS,
    Compared,
    Match,
    kind_label,
    list_breaks,
    list_compared,
    list_matches,
    sort_rows,
)
from barometre.results.findings import Findings
from barometre.results.labels import domain_label
from barometre.results.sources import fetch_live, fetch_published, is_preview
from barometre.results.verdicts import verdict_label
from barometre.storage.models import utc_now

blueprint = Blueprint("compare", __name__, template_folder="templates")

EVERY = "all"
RELEASE, LIVE = "release", "live"
VERDICTS = (UP, DOWN, NO_CHANGE_SHOWN, NOT_COMPARABLE)


@blueprint.get("/desk/compare")
@allow("analyst", "administrator")
def compare() -> ResponseReturnValue:
    """Both waves, item by item, from the last release or from what has been received so far."""
    state = _read_state()
    findings, moment = _find(state.values["from"])
    matches = list_matches(town())
    rows = list_compared(town(), findings) if findings else []
    wanted = _filter(rows, state)
    shown = sort_rows(wanted, state.column, descending=state.descending)
    first, design = town().first_wave, town().current_wave.design
    return render_template(
        "results/compare.html",
        wave=town().current_wave.id,
        first_wave=first.id if first else "",
        fieldwork=first.published.fieldwork if first and first.published else "",
        live=state.values["from"] == LIVE,
        moment=moment,
        previewed=is_preview(),
        sources=state.choose(
            "from", {RELEASE: _("La dernière publication"), LIVE: _("Les entretiens reçus")}
        ),
        filters=_list_filters(state),
        columns=_list_columns(state),
        rows=shown,
        total=len(rows),
        possible=findings.comparisons if findings else 0,
        figure=_draw(shown),
        breaks=list_breaks(town()),
        matches=_filter_matches(matches, state),
        totals=[(kind_label(kind), sum(match.kind == kind for match in matches)) for kind in KINDS],
        kind_label=kind_label,
        contour=design is not None and design.contour is not None,
        reset=url_for("compare.compare"),
    )


def _read_state() -> TableState:
    return TableState(
        "compare.compare",
        request.args,
        {
            "from": (RELEASE, LIVE),
            "quartier": (ALL, *(quartier.id for quartier in town().quartiers), EVERY),
            "verdict": (EVERY, *VERDICTS),
            "theme": (EVERY, *(theme.id for theme in town().themes)),
            "kind": (EVERY, *KINDS),
            "sort": ("order", *COLUMNS, *(f"-{column}" for column in COLUMNS)),
        },
    )


def _find(source: str) -> tuple[Findings | None, str]:
    """The findings asked for, and as of when they are."""
    if source == LIVE:
        live = fetch_live()
        return (live.findings if live else None), format_moment(utc_now())
    published = fetch_published()
    return (published.findings, format_moment(published.made_at)) if published else (None, "")


def _filter(rows: Sequence[Compared], state: TableState) -> list[Compared]:
    wanted = state.values
    return [
        row
        for row in rows
        if wanted["quartier"] in (EVERY, row.domain)
        and wanted["verdict"] in (EVERY, row.verdict.word)
        and wanted["theme"] in (EVERY, row.theme)
        and wanted["kind"] in (EVERY, row.kind)
    ]


def _filter_matches(matches: Sequence[Match], state: TableState) -> list[Match]:
    return [match for match in matches if state.values["kind"] in (EVERY, match.kind)]


def _list_filters(state: TableState) -> list[tuple[str, list[Any]]]:
    domains = {quartier.id: quartier.name for quartier in town().quartiers}
    every = _("Tous")
    return [
        (
            _("Quartier"),
            state.choose("quartier", {ALL: domain_label(town(), ALL)} | domains | {EVERY: every}),
        ),
        (
            _("Verdict"),
            state.choose("verdict", {EVERY: every} | {word: verdict_label(word) for word in VERDICTS}),
        ),
        (
            _("Thème"),
            state.choose("theme", {EVERY: every} | {theme.id: tell(theme.title) for theme in town().themes}),
        ),
        (
            _("Question"),
            state.choose("kind", {EVERY: _("Toutes")} | {kind: kind_label(kind) for kind in KINDS}),
        ),
    ]


def _list_columns(state: TableState) -> list[Any]:
    first = town().first_wave
    return [
        state.head("question", _("Question")),
        state.head("", _("%(wave)s, tel qu’imprimé", wave=first.id if first else "")),
        state.head("now", town().current_wave.id, number=True),
        state.head("", _("Base"), number=True),
        state.head("difference", _("Écart"), number=True),
        state.head("p", _("p ajustés"), number=True),
        state.head("verdict", _("Verdict, et pourquoi")),
    ]


def _draw(rows: Sequence[Compared]) -> dict[str, Any] | None:
    """Differences with their intervals, in the order of the table; None when no row has one."""
    many = len({row.domain for row in rows}) > 1
    groups = [
        ChangeGroup(_name(UP), "#12436D", "triangle-up"),
        ChangeGroup(_name(DOWN), "#8C3B0C", "triangle-down"),
        ChangeGroup(_name(NO_CHANGE_SHOWN), "#5B6168", "circle"),
    ]
    changes = [
        Change(
            f"{row.label} – {row.domain_label}" if many else row.label,
            *row.points,
            group=VERDICTS.index(row.verdict.word),
        )
        for row in rows
        if row.points
    ]
    if not changes:
        return None
    return draw_changes(changes, groups, ".," if locale() == "en" else ", ", rtl=direction() == "rtl")


def _name(word: str) -> str:
    """A verdict beside a mark of the picture: without the mark of its own."""
    return verdict_label(word).lstrip("▲▼● ")
