"""Our own pictures: one row of results as an inline SVG, the published wave above the new one.

Places along the bars are percentages and everything else is in pixels, so that a picture grows
with its column while its words keep their size. Nothing depends on a style sheet except which
labels are hidden when the column is narrow.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from barometre.i18n import direction, format_number, format_percent, ngettext
from barometre.i18n import gettext as _
from barometre.results.deduced_view import DeducedView
from barometre.results.recounted_view import RecountedView
from barometre.results.sheet import INK, LABEL_WIDTH, SOFT, Sheet, element
from barometre.results.strokes import (
    NARROW,
    SMALL,
    WIDE,
    draw_axis,
    draw_blank,
    draw_bracket,
    draw_outline,
    draw_run,
    write_caption,
    write_label,
    write_line,
)
from barometre.results.tables import Cell, DomainRow, Segment
from barometre.results.verdicts import PastFigure


def draw_row(
    row: DomainRow,
    wave: str,
    past_wave: str = "",
    key: str = "",
    *,
    from_end: bool = False,
    compact: bool = False,
    label_width: int = LABEL_WIDTH,
) -> Markup:
    """The picture of one row: what the past wave printed, above what this wave found.

    Without a `past_wave` (an item it did not ask) only the new bar is drawn. `key` keeps the ids
    of two pictures of the same cell apart. `from_end` says that the headline share adds up the last
    answers of the bar, not the first. A `compact` picture is lower and has no axis.
    Labels take another line after `label_width` characters: paper has room for more than a telephone.
    """
    cell = row.cell
    sheet = Sheet(key=f"pic-{key or cell.domain.lower()}", rtl=direction() == "rtl", label_width=label_width)
    if compact:
        sheet.bar, sheet.past_bar = 28, 22
    if past_wave:
        if row.recounted:
            _draw_recounted(sheet, row.recounted, past_wave, from_end=from_end)
        for past in row.past:
            # What was printed of the same answers stands in words beside the picture.
            if not (row.recounted and past.same_codes):
                _draw_past(sheet, past, past_wave, from_end=from_end)
        if not row.past and not row.recounted:
            _draw_unpublished(sheet, row.deduced, past_wave, from_end=from_end)
    _draw_cell(sheet, cell, wave, from_end=from_end)
    if not compact:
        draw_axis(sheet)
    waves = f"{past_wave} → {wave}" if past_wave else wave
    return sheet.close(f"{cell.domain_label}, {waves}", describe_row(row, wave, past_wave))


def draw_swatch(tone: str, key: str) -> Markup:
    """The small square of a legend."""
    sheet = Sheet(key=f"swatch-{key}", rtl=False)
    for paint in sheet.fill(tone):
        sheet.add("rect", x=0.5, y=0.5, width=17, height=17, fill=paint, stroke=INK)
    return element(
        "svg", sheet.content(), width=18, height=18, class_="swatch", aria_hidden="true", focusable="false"
    )


def describe_row(row: DomainRow, wave: str, past_wave: str = "") -> str:
    """The same in words, for whoever does not see the picture."""
    said = []
    if past_wave and row.recounted:
        words = f"{row.recounted.codes_label} {row.recounted.words}"
        said.append(_("%(wave)s : %(what)s.", wave=past_wave, what=words))
    elif past_wave and not row.past:
        said.append(_("%(wave)s : non publié.", wave=past_wave))
        if row.deduced:
            said.append(f"{row.deduced.words[:1].upper()}{row.deduced.words[1:]}, {row.deduced.codes_label}.")
    for past in row.past if past_wave else ():
        said.append(
            _(
                "%(wave)s : %(printed)s, %(what)s.",
                wave=past_wave,
                printed=past.printed,
                what=past.codes_label,
            )
        )
    cell = row.cell
    parts = [f"{segment.label} {format_percent(segment.share)}" for segment in cell.segments]
    said.append(_("%(wave)s : %(what)s.", wave=wave, what=_(", ").join(parts) or _state_words(cell)))
    return " ".join(said)


def _draw_past(sheet: Sheet, past: PastFigure, wave: str, *, from_end: bool) -> None:
    """The printed share only; what was not printed stays an outlined blank."""
    write_label(sheet, wave, _(", ").join([past.printed, _inside(past.codes_label)]))
    if past.value is None:
        draw_blank(sheet, sheet.past_bar, past.printed)
        return
    from_end = from_end and past.same_codes
    tone = "past_other" if not past.same_codes else "past_unfavourable" if from_end else "past"
    rest, top = 1 - past.value, sheet.y
    _draw_share(sheet, past.value, past.printed, tone, from_end=from_end)
    if rest * WIDE > 90:
        middle = rest / 2 if from_end else past.value + rest / 2
        shown = "" if rest * NARROW > 90 else "if-wide"
        write_caption(sheet, middle, top + sheet.past_bar / 2, _("non publié"), SOFT, shown, SMALL)
    sheet.y += sheet.past_bar + 8


def _draw_recounted(sheet: Sheet, recounted: RecountedView, wave: str, *, from_end: bool) -> None:
    """The share that the past wave's own interviews tell; the other answers are left white."""
    write_label(sheet, wave, _(", ").join([recounted.label, _inside(recounted.codes_label)]))
    tone = "past_unfavourable" if from_end else "past"
    _draw_share(sheet, recounted.share, recounted.share_label, tone, from_end=from_end)
    sheet.y += sheet.past_bar + 8


def _draw_share(sheet: Sheet, share: float, label: str, tone: str, *, from_end: bool) -> None:
    """One share of a past wave, in an outlined bar."""
    draw_outline(sheet, 0.0 if from_end else share, 1 - share, sheet.y, sheet.past_bar)
    draw_run(sheet, [(1 - share if from_end else 0.0, share, tone, label)], sheet.y, sheet.past_bar)


def _draw_unpublished(sheet: Sheet, deduced: DeducedView | None, wave: str, *, from_end: bool) -> None:
    """An outlined blank, and under it in dashes where the share must have been if that can be deduced."""
    write_label(sheet, wave, _(", ").join([deduced.words, _inside(deduced.codes_label)]) if deduced else "")
    top = sheet.y
    draw_blank(sheet, sheet.past_bar, _("non publié"))
    if deduced:
        sheet.y = top + sheet.past_bar
        from_end = from_end and deduced.same_codes
        draw_bracket(sheet, deduced.low, deduced.high, from_end=from_end, stroke_dasharray="4 3")
        sheet.y += 4


def _draw_cell(sheet: Sheet, cell: Cell, wave: str, *, from_end: bool) -> None:
    """This wave: the answers side by side, or the reason why they may not be shown."""
    known = [segment for segment in cell.segments if segment.tone != "dont_know"]
    silent = [segment for segment in cell.segments if segment.tone == "dont_know"]
    write_label(sheet, wave, _headline(cell))
    top = sheet.y
    if cell.state in ("masked", "no_percentage", "not_asked") or (cell.state == "band" and not known):
        draw_blank(sheet, sheet.bar, _state_words(cell))
        return
    run = _lay_out(known)
    if not known and cell.share is not None:
        tone = "past_unfavourable" if from_end else "past"
        share = round(cell.share, 2)
        run = [(1 - share if from_end else 0.0, share, tone, format_percent(cell.share))]
        draw_outline(sheet, 0.0, 1.0, top, sheet.bar)
    draw_run(sheet, run, top, sheet.bar)
    sheet.y += sheet.bar
    _draw_interval(sheet, cell, from_end=from_end)
    for segment in silent:
        # Its base is not the one of the bar above: apart, in the grey of what is not an answer.
        sheet.y += 8
        draw_run(sheet, [(0.0, segment.share, "dont_know", "")], sheet.y, 14)
        sheet.y += 14
        write_line(sheet, f"{segment.label} {format_percent(segment.share)}")


def _draw_interval(sheet: Sheet, cell: Cell, *, from_end: bool) -> None:
    """A bracket under the bar, from the lowest to the highest plausible share."""
    if cell.low is None or cell.high is None or cell.state not in ("plain", "caution"):
        return
    draw_bracket(sheet, round(cell.low, 2), round(cell.high, 2), from_end=from_end)


def _headline(cell: Cell) -> str:
    """What is said above the bar of this wave: its share, and on how many answers."""
    said = []
    if cell.state == "band":
        said.append(cell.band)
    elif cell.share is not None and cell.state in ("plain", "caution"):
        said.append(format_percent(cell.share))
    if cell.base and cell.state != "masked":
        shown = format_number(cell.base)
        said.append(ngettext("%(number)s réponse", "%(number)s réponses", cell.base, number=shown))
    if cell.state == "caution":
        said.append(_("petit effectif"))
    return _(", ").join(said)


def _state_words(cell: Cell) -> str:
    """Why a bar is empty."""
    if cell.state == "band":
        return cell.band
    if cell.state == "no_percentage":
        return _("Trop peu de réponses pour un pourcentage")
    if cell.state == "not_asked":
        return _("Pas de réponse")
    if cell.state == "masked":
        return _("Masqué : trop peu de réponses")
    return format_percent(cell.share) if cell.share is not None else ""


def _inside(label: str) -> str:
    """A label inside a sentence."""
    return label[:1].lower() + label[1:]


def _lay_out(segments: Sequence[Segment]) -> list[tuple[float, float, str, str]]:
    """Segments end to end, to the whole per cent: the picture tells no more than the words beside it."""
    run, start = [], 0.0
    for segment in segments:
        first, last = round(start, 2), round(start + segment.share, 2)
        run.append((first, last - first, segment.tone, format_percent(segment.share)))
        start += segment.share
    return run
