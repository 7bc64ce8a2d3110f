"""Sample beside population as our own SVG: for each class two bars on one scale, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from barometre.i18n import direction, format_percent
from barometre.i18n import gettext as _
from barometre.results.composition import Part
from barometre.results.sheet import INK, Sheet
from barometre.results.strokes import draw_axis, write_label

HEIGHT = 16


def draw_composition(title: str, key: str, parts: Sequence[tuple[str, Part]]) -> Markup:
    """One variable: (name, part) of each class; what is hidden or not published has words and no bar."""
    sheet = Sheet(key=f"pic-{key}", rtl=direction() == "rtl")
    said = []
    for name, part in parts:
        words = write_part(part)
        said.append(f"{name}, {words}.")
        write_label(sheet, name, words)
        sheet.y += 4
        bars = ((part.sampled, "very_favourable"), (part.population, "past_other"))
        for share, tone in bars:
            if share is None:
                continue
            for paint in sheet.fill(tone):
                sheet.rectangle(0.0, round(share, 2), sheet.y, HEIGHT, paint, stroke=INK)
            sheet.y += HEIGHT + 2
        sheet.y += 10
    draw_axis(sheet)
    return sheet.close(title, " ".join(said))


def write_part(part: Part) -> str:
    """One class in words."""
    if part.sampled is None:
        sample = _("entretiens masqués")
    else:
        sample = _("%(share)s des entretiens", share=format_percent(part.sampled))
    if part.population is None:
        population = _("population non publiée")
    else:
        population = _("%(share)s de la population", share=format_percent(part.population))
    return f"{sample}, {population}"
