"""What papers and files say of a figure beside its picture: its base, its precision, its verdict."""

from __future__ import annotations

from barometre.i18n import format_percent, ngettext
from barometre.i18n import gettext as _
from barometre.questionnaire.town import Town
from barometre.results.tables import Cell, DomainRow, ItemBlock


def say_base(cell: Cell) -> str:
    """On how many answers a finding rests, and how sure it is."""
    said = []
    if cell.base is not None:
        said.append(ngettext("%(num)s réponse.", "%(num)s réponses.", cell.base))
    if cell.silent:
        said.append(cell.silent)
    if cell.low is not None and cell.high is not None and cell.state in ("plain", "caution"):
        low, high = format_percent(cell.low), format_percent(cell.high)
        said.append(_("Précision, à titre indicatif : entre %(low)s et %(high)s.", low=low, high=high))
    if cell.state == "caution":
        said.append(_("Petit effectif, à lire avec prudence."))
    return " ".join(said)


def say_verdict(row: DomainRow, past_wave: str) -> list[str]:
    """The word on the change, then what it rests on."""
    verdict = row.verdict
    if verdict is None or not past_wave:
        return []
    words = name_verdict(row)
    interval = f" {verdict.interval[0].upper()}{verdict.interval[1:]}." if verdict.interval else ""
    since = _("Depuis %(wave)s", wave=past_wave)
    return [f"{since} – {words}.{interval}", " ".join((*verdict.reasons, *verdict.cautions))]


def name_verdict(row: DomainRow, *, measured: bool = True) -> str:
    """The word on the change and, if `measured`, its size; and of which answers, if not the headline's."""
    if row.verdict is None:
        return _("sans objet")
    difference = f" ({row.verdict.difference})" if measured and row.verdict.difference else ""
    said = f"{row.verdict.label}{difference}"
    if not row.verdict.compared:
        return said
    return _("%(verdict)s, pour « %(answers)s »", verdict=said, answers=row.verdict.compared)


def counts_from_end(town: Town, block: ItemBlock) -> bool:
    """Whether the headline share adds up the most negative answers, which stand last in the bar."""
    scale = town.current_wave.questionnaire.by_id[block.item].scale
    codes = town.indicator_of[block.item].codes
    return scale is not None and scale.type == "ordinal" and 1 in codes
