"""A share on a line from 0 to 100, with what it could be: the picture of the method page."""

from __future__ import annotations

from markupsafe import Markup

from barometre.i18n import direction, format_number, format_percent, round_percent
from barometre.i18n import gettext as _
from barometre.results.sheet import INK, PAPER, SOFT, TONES, Sheet

#: pixels from the top: the words of the share, its mark, the words of the limits, the line
SHARE, MIDDLE, LINE = 22, 46, 96
#: two numbers closer than this would run into one another on a telephone
CLOSE = 0.16


def draw_scale(share: float, low: float, high: float, key: str) -> Markup:
    """A mark at `share` on a bar from `low` to `high`, on a line from 0 to 100 (all 0-1)."""
    sheet = Sheet(key=key, rtl=direction() == "rtl")
    sheet.rectangle(low, high - low, MIDDLE - 12, 24, TONES["past_other"].fill, stroke=INK)
    for limit in (low, high):
        x = sheet.place(limit)
        sheet.add("line", x1=x, x2=x, y1=MIDDLE - 12, y2=LINE, stroke=SOFT, stroke_dasharray="3 3")
    x = sheet.place(share)
    sheet.add("line", x1=x, x2=x, y1=MIDDLE - 18, y2=MIDDLE + 18, stroke=PAPER, stroke_width=10)
    sheet.add("line", x1=x, x2=x, y1=MIDDLE - 18, y2=MIDDLE + 18, stroke=TONES["past"].fill, stroke_width=6)
    _write(sheet, share, SHARE, bold=True)
    apart = max(CLOSE - (high - low), 0) / 2
    for limit, shift in ((low, -apart), (high, apart)):
        _write(sheet, limit, MIDDLE + 36, at=min(max(limit + shift, 0.03), 0.97))
    sheet.add("line", x1="0%", x2="100%", y1=LINE, y2=LINE, stroke=INK, stroke_width=2)
    for tenth in range(11):
        x, half = sheet.place(tenth / 10), 5 if tenth % 5 == 0 else 3
        sheet.add("line", x1=x, x2=x, y1=LINE - half, y2=LINE + half, stroke=INK)
    for end, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        _write(sheet, end, LINE + 22, anchor=anchor, colour=SOFT)
    sheet.y = LINE + 30
    return sheet.close(
        _("%(share)s et sa fourchette", share=format_percent(share)),
        _(
            "Sur une ligne de 0 à 100, une barre va de %(low)s à %(high)s ; un trait marque %(share)s.",
            low=format_number(round_percent(low)),
            high=format_number(round_percent(high)),
            share=format_number(round_percent(share)),
        ),
    )


def _write(
    sheet: Sheet,
    share: float,
    y: float,
    *,
    at: float | None = None,
    anchor: str = "middle",
    colour: str = INK,
    bold: bool = False,
) -> None:
    """A share as a whole number, centred on its place or beside the end of the line."""
    sheet.add(
        "text",
        format_percent(share),
        x=sheet.place(share if at is None else at),
        y=y,
        text_anchor=anchor,
        font_size=17 if bold else 15,
        font_weight=700 if bold else 400,
        fill=colour,
        direction="rtl" if sheet.rtl else "ltr",
    )
