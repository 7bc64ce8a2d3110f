"""The strokes that our pictures are made of: bars, brackets, blanks, words and the axis."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from barometre.i18n import format_percent
from barometre.results.sheet import INK, PAPER, SOFT, TONES, Sheet, element

LINE = 22
FONT = 16
SMALL = 14
#: narrowest columns, in pixels, where a label without a class and one of class "if-wide" are shown
NARROW, WIDE = 330, 480


def draw_run(sheet: Sheet, run: Sequence[tuple[float, float, str, str]], top: float, height: float) -> None:
    """Segments (start, length, tone, number) with dark edges and a white gap between them."""
    for start, length, tone, _number in run:
        for paint in sheet.fill(tone):
            sheet.rectangle(start, length, top, height, paint)
        along = {"x1": sheet.place(start), "x2": sheet.place(start + length)}
        for y in (top, top + height):
            sheet.add("line", **along, y1=y, y2=y, stroke=INK)
        for edge, shift in ((start, 1.5), (start + length, -1.5)):
            x = sheet.place(edge)
            side = {"x1": x, "x2": x, "y1": top - 0.5, "y2": top + height + 0.5}
            sheet.add("line", **side, stroke=PAPER, stroke_width=3)
            sheet.add("line", **side, stroke=INK, transform=f"translate({-shift if sheet.rtl else shift} 0)")
    for start, length, tone, number in run:
        # Under some 6 % there is no room for it: the legend and the table have them all.
        room = 10 * len(number)
        if number and length * WIDE > room * 0.95:
            look = TONES[tone]
            shown = "" if length * NARROW > room else "if-wide"
            middle = start + length / 2
            write_caption(sheet, middle, top + height / 2, number, look.text, shown, 15, halo=look.fill)


def write_caption(
    sheet: Sheet,
    middle: float,
    y: float,
    text: str,
    colour: str,
    shown: str,
    size: float,
    *,
    halo: str = "",
) -> None:
    """Centred words; the halo of a number keeps a texture away from it."""
    attributes: dict[str, object] = {}
    if halo:
        attributes = {"stroke": halo, "stroke_width": 4, "stroke_linejoin": "round", "paint_order": "stroke"}
        attributes["font_weight"] = 700
    if shown:
        attributes["class_"] = shown
    sheet.add(
        "text",
        text,
        x=sheet.place(middle),
        y=y + size * 0.36,
        text_anchor="middle",
        font_size=size,
        fill=colour,
        **attributes,
    )


def draw_bracket(sheet: Sheet, low: float, high: float, *, from_end: bool, **line: object) -> None:
    """A bracket under the last bar, between two shares."""
    if from_end:
        low, high = 1 - high, 1 - low
    y = sheet.y + 8
    along = {"x1": sheet.place(low), "x2": sheet.place(high)}
    sheet.add("line", **along, y1=y, y2=y, stroke=INK, stroke_width=2, **line)
    for end in (low, high):
        x = sheet.place(end)
        sheet.add("line", x1=x, x2=x, y1=y - 5, y2=y + 5, stroke=INK, stroke_width=2)
    sheet.y += 14


def draw_blank(sheet: Sheet, height: float, words: str) -> None:
    """An outlined bar that says why it is empty."""
    draw_outline(sheet, 0.0, 1.0, sheet.y, height)
    write_caption(sheet, 0.5, sheet.y + height / 2, words, INK, "", FONT)
    sheet.y += height + 8


def draw_outline(sheet: Sheet, start: float, length: float, top: float, height: float) -> None:
    """What is not known: white, with a dashed edge."""
    sheet.rectangle(start, length, top, height, PAPER, stroke=SOFT, stroke_dasharray="4 4")


def draw_axis(sheet: Sheet) -> None:
    """The common scale, once, under the bars."""
    sheet.y += 6
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        x = sheet.place(share)
        sheet.add("line", x1=x, x2=x, y1=sheet.y - 3, y2=sheet.y + 3, stroke=SOFT)
        sheet.add(
            "text",
            format_percent(share),
            x=x,
            y=sheet.y + 16,
            text_anchor=anchor,
            font_size=13,
            fill=SOFT,
            direction="rtl" if sheet.rtl else "ltr",
        )
    sheet.y += 22


def write_label(sheet: Sheet, wave: str, words: str) -> None:
    """The wave in bold and what it says, on as many lines as a telephone needs."""
    lines = wrap(f"{wave}\u2002{words}" if words else wave, sheet.label_width, break_long_words=False)
    for number, line in enumerate(lines):
        write_line(sheet, line, bold=0 if number else len(wave))


def write_line(sheet: Sheet, text: str, bold: int = 0) -> None:
    """A line of words from the edge where reading starts; its first `bold` letters are heavier."""
    sheet.y += LINE
    content = element("tspan", text[:bold], font_weight=700) + text[bold:] if bold else text
    reading = "rtl" if sheet.rtl else "ltr"
    sheet.add("text", content, x=sheet.place(0), y=sheet.y - 6, font_size=FONT, fill=INK, direction=reading)
