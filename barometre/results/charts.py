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
