"""The curves of a plan as our own SVG: the chance of showing a change, by its size.

Lines are drawn in a box that is stretched with its column; words stay outside it and keep their size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from barometre.i18n import MINUS, direction, format_percent
from barometre.i18n import gettext as _
from barometre.results.sheet import INK, SOFT, Sheet, element

#: the box along the axis (shares of the width), its height in pixels
START, LENGTH = 0.13, 0.85
HEIGHT = 280
SMALL = 14
#: units of the stretched box
UNITS = 1000
#: nearer than this to the target, a mark of the axis would lie on its words
TOO_NEAR = 0.08


@dataclass(frozen=True)
class Line:
    """How one line is drawn: by colour, width and dashes, so that it survives black and white."""

    colour: str
    width: float
    dashes: str = ""


WHOLE = Line(INK, 4)
COLOURS = ("#12436d", "#801650", "#1d7a72")
#: no two quartiers of a town share one while there are enough: in black and white nothing else parts them
DASHES = ("12 4", "3 3", "12 4 3 4", "7 7", "18 4", "12 4 3 4 3 4", "2 7", "18 4 7 4")


def choose_lines(number: int) -> list[Line]:
    """One line for each of some quartiers, then the one for all of them."""
    parts = (
        Line(COLOURS[place % len(COLOURS)], 2.5, DASHES[place % len(DASHES)]) for place in range(number - 1)
    )
    return [*parts, WHOLE]


def draw_curves(names: Sequence[str], curves: Sequence[Mapping[int, float]], target: float) -> Markup:
    """Power (0-1) against the change in points, one line for each name; `target` is the wanted power."""
    sheet = Sheet("courbes", rtl=direction() == "rtl", y=SMALL + 4)
    _write(sheet, 0, sheet.y - 4, _("Chances de montrer le changement"), "start")
    sheet.y += 14
    changes = [change for curve in curves for change in curve]
    low, high = min(changes), max(changes)
    _draw_chances(sheet, target)
    for words, share, anchor in ((_("Baisse"), 0.02, "start"), (_("Hausse"), 0.98, "end")):
        _write(sheet, START + LENGTH * share, sheet.y + HEIGHT - 10, words, anchor)
    lines = [
        _draw_line(sheet, curve, line, low, high)
        for curve, line in zip(curves, choose_lines(len(curves)), strict=True)
    ]
    sheet.add(
        "svg",
        Markup("").join(lines),
        x=f"{100 * (1 - START - LENGTH if sheet.rtl else START):g}%",
        y=sheet.y,
        width=f"{100 * LENGTH:g}%",
        height=HEIGHT,
        viewBox=f"0 0 {UNITS} {UNITS}",
        preserveAspectRatio="none",
    )
    sheet.y += HEIGHT
    for change in range(low, high + 1, 20):
        x = START + LENGTH * (change - low) / (high - low)
        sheet.add("line", x1=sheet.place(x), x2=sheet.place(x), y1=sheet.y, y2=sheet.y + 5, stroke=SOFT)
        _write(sheet, x, sheet.y + 20, _sign(change), "middle", reading="ltr")
    sheet.y += 44
    _write(sheet, START + LENGTH / 2, sheet.y - 4, _("Taille du changement, en points"), "middle")
    return sheet.close(
        _("Chances de montrer un changement, selon sa taille"),
        _("%(domains)s. Les chiffres sont dans le tableau qui suit.", domains=", ".join(names)),
    )


def draw_sample(line: Line) -> Markup:
    """A piece of a line, for the legend."""
    stroke = _stroke(line)
    piece = element("line", x1=0, x2=44, y1=8, y2=8, **stroke)
    return element("svg", piece, width=44, height=16, class_="swatch", aria_hidden="true", focusable="false")


def _draw_chances(sheet: Sheet, target: float) -> None:
    """Horizontal marks; the wanted chance is a darker one."""
    marks = [mark for mark in (0.0, 0.5, 1.0) if abs(mark - target) > TOO_NEAR]
    for mark in (*marks, target):
        y = sheet.y + HEIGHT * (1 - mark)
        ends = {"x1": sheet.place(START), "x2": sheet.place(START + LENGTH), "y1": y, "y2": y}
        look = {"stroke": INK, "stroke_dasharray": "6 5"} if mark == target else {"stroke": "#c3c8ce"}
        sheet.add("line", **ends, **look)
        _write(sheet, START - 0.015, y + 5, format_percent(mark), "end")


def _draw_line(sheet: Sheet, curve: Mapping[int, float], line: Line, low: int, high: int) -> Markup:
    points = []
    for change, power in curve.items():
        x = (change - low) / (high - low)
        points.append(f"{UNITS * (1 - x if sheet.rtl else x):.1f},{UNITS * (1 - power):.1f}")
    return element(
        "polyline", points=" ".join(points), fill="none", vector_effect="non-scaling-stroke", **_stroke(line)
    )


def _stroke(line: Line) -> dict[str, object]:
    dashes = {"stroke_dasharray": line.dashes} if line.dashes else {}
    return {"stroke": line.colour, "stroke_width": line.width, **dashes}


def _write(sheet: Sheet, x: float, y: float, words: str, anchor: str, reading: str = "") -> None:
    reads = reading or ("rtl" if sheet.rtl else "ltr")
    place = sheet.place(x)
    sheet.add("text", words, x=place, y=y, text_anchor=anchor, font_size=SMALL, fill=SOFT, direction=reads)


def _sign(change: int) -> str:
    return f"{'+' if change > 0 else MINUS if change < 0 else ''}{abs(change)}"
