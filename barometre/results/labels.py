"""Names of domains, answers and months, in the language of the request."""

from __future__ import annotations

from collections.abc import Iterable

from babel import dates

from barometre.estimates.disclosure import ALL
from barometre.i18n import gettext as _
from barometre.i18n import locale, ngettext, say, tell
from barometre.questionnaire.definition import Item, ResponseScale
from barometre.questionnaire.town import Town, parse_month
from barometre.results.crossing import Group


def write_month(date: str) -> str:
    """A dated note's month, or its year when nothing more is known."""
    return dates.format_date(parse_month(date), "MMMM yyyy" if "-" in date else "yyyy", locale())


def domain_label(town: Town, domain: str) -> str:
    """Name of a quartier, of all of them, or of a sum of some."""
    if domain == ALL:
        number = len(town.quartiers)
        return ngettext("Le quartier", "Les %(num)s quartiers ensemble", number)
    return " + ".join(town.quartier_by_id[part].name for part in domain.split("+"))


def label_codes(scale: ResponseScale, codes: Iterable[int]) -> str:
    """The options of a set of codes, in words."""
    wanted = set(codes)
    labels = [
        say(f"{scale.id}:{option.code}", option.label) for option in scale.options if option.code in wanted
    ]
    return _(" ou ").join([labels[0], *(label[0].lower() + label[1:] for label in labels[1:])])


def name_group(by: Item, group: Group) -> str:
    """A group of a crossing, in words; whether it takes those whose group is unknown is said."""
    if not group.codes:
        return _("Sans réponse connue") if group.unknown else _("Ensemble")
    assert by.scale is not None
    if group.class_id is not None:
        name = tell(by.scale.classes[group.class_id])
    else:
        name = label_codes(by.scale, group.codes)
    return _("%(group)s, ou sans réponse connue", group=name) if group.unknown else name
