"""People as dots: everybody interviewed, a share of a hundred; and a short bar beside a written share."""

from __future__ import annotations

from markupsafe import Markup

from barometre.i18n import direction, format_number, round_percent
from barometre.i18n import gettext as _
from barometre.results.sheet import INK, PAPER, TONES, element

#: dots in a row, units between their centres, radius of one
IN_A_ROW, STEP, RADIUS = 20, 20, 7


def draw_people(number: int, key: str) -> Markup:
    """One dot for each of about `number` people."""
    dots = "".join(_draw_dot(place, IN_A_ROW, TONES["past"].fill) for place in range(number))
    return _frame(
        Markup(dots),
        IN_A_ROW,
        number,
        key,
        _("Les personnes interrogées"),
        _("%(number)s points, un par personne.", number=format_number(number)),
    )


def draw_hundred(share: float, key: str) -> Markup:
    """A hundred dots, as many of them full as residents in a hundred (`share`, 0-1)."""
    full = round_percent(share)
    dots = "".join(
        _draw_dot(place, 10, TONES["past"].fill if place < full else PAPER) for place in range(100)
    )
    return _frame(
        Markup(dots),
        10,
        100,
        key,
        _("%(number)s sur 100", number=format_number(full)),
        _(
            "100 points : %(full)s sont pleins, %(empty)s sont vides.",
            full=format_number(full),
            empty=format_number(100 - full),
        ),
    )


def draw_share(share: float) -> Markup:
    """A short bar beside a share that is written: to the whole per cent, for the eye alone."""
    length = round_percent(share)
    start = 100 - length if direction() == "rtl" else 0
    drawn = element("rect", x=0.5, y=0.5, width=99, height=9, fill=PAPER, stroke=INK)
    drawn += element("rect", x=start, y=0, width=length, height=10, fill=TONES["past"].fill)
    return element(
        "svg", drawn, viewBox="0 0 100 10", class_="share-bar", aria_hidden="true", focusable="false"
    )


def _draw_dot(place: int, in_a_row: int, fill: str) -> str:
    column, row = place % in_a_row, place // in_a_row
    if direction() == "rtl":
        column = in_a_row - 1 - column
    return element("circle", cx=column * STEP + STEP // 2, cy=row * STEP + STEP // 2, r=RADIUS, fill=fill)


def _frame(dots: Markup, in_a_row: int, number: int, key: str, title: str, description: str) -> Markup:
    rows = -(-number // in_a_row)
    head = element("title", title, id=f"{key}-t") + element("desc", description, id=f"{key}-d")
    group = element("g", dots, stroke=INK, stroke_width=1.5)
    return element(
        "svg",
        head + group,
        viewBox=f"0 0 {in_a_row * STEP} {rows * STEP}",
        class_=f"dots dots--{in_a_row}",
        role="img",
        aria_labelledby=f"{key}-t {key}-d",
        focusable="false",
    )
