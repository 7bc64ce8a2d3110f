"""Crossings as plotly figures, for staff who explore; the only importer of plotly."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

#: from the most positive answer to the most negative one, then as many nominal ones
COLOURS = ("#12436D", "#6BACE6", "#F4A582", "#8C3B0C", "#28A197", "#801650", "#BFBFBF")


#: several options of one side together
MERGED = ("#3F78A9", "#C0744A")


@dataclass(frozen=True)
class Series:
    """One colour of a stacked bar chart: an answer, or several together."""

    name: str
    #: share in each group, 0-1; None where it is not shown
    shares: tuple[float | None, ...]
    colour: str
    hatched: bool


def draw_crossing(
    groups: list[str], series: list[Series], separators: str, *, rtl: bool = False
) -> dict[str, Any]:
    """Stacked bars, one a group; `separators` are the decimal and thousands marks.

    Where reading runs from right to left, so do the bars.
    """
    import plotly.graph_objects as go

    figure = go.Figure(
        data=[
            go.Bar(
                name=one.name,
                y=groups,
                x=[_per_cent(share) for share in one.shares],
                orientation="h",
                marker={
                    "color": one.colour,
                    "line": {"color": "#ffffff", "width": 2},
                    # The pattern lies over the colour: by itself it would replace it.
                    "pattern": {
                        "shape": "/" if one.hatched else "",
                        "fillmode": "overlay",
                        "fgcolor": "#1b1b1b",
                    },
                },
                hovertemplate="%{y} – %{fullData.name} : %{x} %<extra></extra>",
            )
            for one in series
        ],
        layout={
            "barmode": "stack",
            "separators": separators,
            "xaxis": {"range": [100, 0] if rtl else [0, 100], "ticksuffix": " %", "fixedrange": True},
            "yaxis": {
                "autorange": "reversed",
                "automargin": True,
                "fixedrange": True,
                "side": "right" if rtl else "left",
            },
            "legend": {"orientation": "h", "traceorder": "normal", "y": -0.15},
            "margin": {"l": 40 if rtl else 8, "r": 8 if rtl else 40, "t": 8, "b": 8},
            "height": 120 + 56 * len(groups),
            "template": "none",
            "font": {"family": "Atkinson Hyperlegible Next, sans-serif", "size": 15},
        },
    )
    drawn: dict[str, Any] = json.loads(figure.to_json())
    return drawn


def _per_cent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


@dataclass(frozen=True)
class Change:
    """One row of a picture of differences, in points."""

    name: str
    low: float
    #: None where the first figure was printed in words: there is an interval, and no difference
    middle: float | None
    high: float
    #: place in `groups`
    group: int


@dataclass(frozen=True)
class ChangeGroup:
    """Changes that are drawn alike, and the legend that names them."""

    name: str
    colour: str
    #: plotly's name of the mark
    symbol: str


def draw_changes(
    changes: list[Change], groups: list[ChangeGroup], separators: str, *, rtl: bool = False
) -> dict[str, Any]:
    """One row a change: its interval as a line, the difference as a mark; 0 is a darker line.

    Groups differ by their mark as well as by their colour. Where reading runs from right to left, the names
    stand on the right; a rise stays on the right of 0, as in the table's signs.
    """
    import plotly.graph_objects as go

    traces = []
    for place, group in enumerate(groups):
        own = [change for change in changes if change.group == place]
        if not own:
            continue
        x = [value for change in own for value in (change.low, change.high, None)]
        y = [name for change in own for name in (change.name, change.name, None)]
        traces.append(
            go.Scatter(
                x=x,
                y=y,
                mode="lines",
                line={"color": group.colour, "width": 3},
                showlegend=False,
                hovertemplate="%{y} : %{x}<extra></extra>",
            )
        )
        marked = [change for change in own if change.middle is not None]
        traces.append(
            go.Scatter(
                name=group.name,
                x=[change.middle for change in marked],
                y=[change.name for change in marked],
                mode="markers",
                marker={"color": group.colour, "size": 12, "symbol": group.symbol},
                hovertemplate="%{y} : %{x}<extra></extra>",
            )
        )
    limits = [limit for change in changes for limit in (0, change.low, change.high)]
    figure = go.Figure(
        data=traces,
        layout={
            "separators": separators,
            "xaxis": {
                "range": [min(limits) - 3, max(limits) + 3],
                "zeroline": True,
                "zerolinecolor": "#1b1b1b",
                "zerolinewidth": 2,
                "fixedrange": True,
            },
            "yaxis": {
                "categoryorder": "array",
                "categoryarray": [change.name for change in changes],
                "autorange": "reversed",
                "automargin": True,
                "fixedrange": True,
                "side": "right" if rtl else "left",
            },
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
            "margin": {"l": 24 if rtl else 8, "r": 8 if rtl else 24, "t": 48, "b": 40},
            "height": 120 + 30 * len(changes),
            "template": "none",
            "font": {"family": "Atkinson Hyperlegible Next, sans-serif", "size": 14},
        },
    )
    drawn: dict[str, Any] = json.loads(figure.to_json())
    return drawn
