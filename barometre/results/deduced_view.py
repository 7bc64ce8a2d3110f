"""A deduced figure in words: its interval, marked as deduced, and how it follows from what was printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from barometre.estimates.disclosure import ALL
from barometre.i18n import format_number, format_percent, ngettext, tell, tell_printed
from barometre.i18n import gettext as _
from barometre.questionnaire.town import Town
from barometre.results.deduced import DeducedFigure
from barometre.results.feasible import span_bases
from barometre.results.labels import domain_label, label_codes


@dataclass(frozen=True)
class DeducedView:
    """What a page shows of a figure that was not printed."""

    domain_label: str
    #: the answers it adds up
    codes_label: str
    #: "entre 55 et 66 %"
    interval: str
    #: "déduit : entre 55 et 66 %"
    words: str
    #: "sur 34 à 39 réponses"
    base: str
    #: 0-1, for the picture
    low: float
    high: float
    #: whether it adds up the same answers as the headline share
    same_codes: bool
    #: how it was deduced
    how: str
    #: lines of the source document that it follows from
    source_lines: tuple[int, ...]


def write_deduced(town: Town, figure: DeducedFigure | None) -> DeducedView | None:
    """One deduced figure, ready for a page."""
    if figure is None or town.first_wave is None:
        return None
    scale = town.first_wave.questionnaire.by_id[figure.item].scale
    assert scale is not None
    indicator = town.indicator_of.get(figure.item)
    low, high = figure.per_cent
    interval = _("entre %(low)s et %(high)s", low=format_number(low), high=format_percent(high / 100))
    return DeducedView(
        domain_label=domain_label(town, figure.domain),
        codes_label=label_codes(scale, figure.codes),
        interval=interval,
        words=_("déduit : %(interval)s", interval=interval),
        base=write_base(figure.counts),
        low=low / 100,
        high=high / 100,
        same_codes=indicator is not None and indicator.codes == figure.codes,
        how=_write_how(town, figure),
        source_lines=tuple(dict.fromkeys(source.source_line for source in figure.sources)),
    )


def write_base(counts: Sequence[tuple[int, int]]) -> str:
    """How many answers a figure may rest on; "" when no count is possible."""
    span = span_bases(counts)
    if span is None:
        return ""
    low, high = span
    if low == high:
        return ngettext("sur %(num)s réponse", "sur %(num)s réponses", low)
    return _("sur %(low)s à %(high)s réponses", low=format_number(low), high=format_number(high))


def _write_how(town: Town, figure: DeducedFigure) -> str:
    printed = ", ".join(
        f"{domain_label(town, source.domain)} {tell_printed(source.printed)}"
        for source in figure.sources
        if source.domain != ALL
    )
    if figure.domain == ALL:
        return _(
            "Ce chiffre n’a pas été imprimé. Il est déduit de ceux des quartiers (%(printed)s), en "
            "additionnant leurs habitants interrogés, sans pondération, pour toutes les bases possibles.",
            printed=printed,
        )
    return _(
        "Ce chiffre n’a pas été imprimé. Il est déduit de celui de l’ensemble (%(total)s) et de ceux des "
        "autres quartiers (%(printed)s), en additionnant les habitants interrogés, sans pondération, pour "
        "toutes les bases possibles.",
        total=tell(figure.sources[0].printed),
        printed=printed,
    )
