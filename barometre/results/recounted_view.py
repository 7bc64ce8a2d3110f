"""A share of the first wave from its own interviews, in words."""

from __future__ import annotations

from dataclasses import dataclass

from barometre.estimates.disclosure import ALL
from barometre.i18n import format_percent, ngettext
from barometre.i18n import gettext as _
from barometre.questionnaire.definition import Item
from barometre.questionnaire.town import Town
from barometre.results.labels import label_codes
from barometre.results.recounted import Recounted


@dataclass(frozen=True)
class RecountedView:
    """What a page shows where interviews replace a printed figure."""

    #: "71 %"
    share_label: str
    #: "71 %, 119 réponses, recalculé"
    label: str
    #: 0-1
    share: float
    #: the answers it adds up
    codes_label: str
    #: "71 % (119 réponses), recalculé sur les réponses de 2023"
    words: str


def write_recounted(town: Town, item: Item, recounted: Recounted | None) -> RecountedView | None:
    """One recounted share, ready for a page; None where there is none or it may not be shown."""
    if recounted is None or recounted.hidden or item.scale is None or town.first_wave is None:
        return None
    share = format_percent(recounted.share)
    return RecountedView(
        share_label=share,
        label=ngettext(
            "%(share)s, %(num)s réponse, recalculé",
            "%(share)s, %(num)s réponses, recalculé",
            recounted.base,
            share=share,
        ),
        share=recounted.share,
        codes_label=label_codes(item.scale, recounted.codes),
        words=ngettext(
            "%(share)s (%(num)s réponse), recalculé sur les réponses de %(wave)s",
            "%(share)s (%(num)s réponses), recalculé sur les réponses de %(wave)s",
            recounted.base,
            share=share,
            wave=town.first_wave.id,
        ),
    )


def write_recounted_cautions(town: Town, domain: str, recounted: Recounted) -> list[str]:
    """What must be known to compare with it."""
    assert town.first_wave is not None
    wave = town.first_wave.id
    cautions = []
    if not recounted.agrees:
        cautions.append(_("Le chiffre imprimé ne concorde pas avec les réponses de %(wave)s.", wave=wave))
    if any(quartier.enlarged for quartier in town.quartiers if domain in (ALL, quartier.id)):
        cautions.append(
            _("Les limites ont changé depuis %(wave)s. La comparaison est à lire avec prudence.", wave=wave)
        )
    return cautions
