"""« Dites / Ne dites pas »: what a councillor may say of a figure, and what the data do not support.

By rule from what is shown, how sure it is and the verdict; no sentence is written for one figure.
"""

from __future__ import annotations

from dataclasses import dataclass

from barometre.estimates.change import NO_CHANGE_SHOWN, NOT_COMPARABLE, UP
from barometre.estimates.disclosure import ALL, CAUTION
from barometre.i18n import format_number, format_percent, ngettext, round_percent, tell
from barometre.i18n import gettext as _
from barometre.questionnaire.definition import Item, ResponseScale
from barometre.questionnaire.town import Indicator, Town
from barometre.results.findings import Finding
from barometre.results.labels import label_codes
from barometre.results.tables import write_band
from barometre.results.verdicts import VerdictView


@dataclass(frozen=True)
class Advice:
    """Two sentences on one figure, and why the second one goes too far."""

    say: str
    avoid: str
    why: str


def advise(
    town: Town,
    indicator: Indicator,
    item: Item,
    domain: str,
    finding: Finding,
    verdict: VerdictView | None,
    where: str,
) -> tuple[Advice, ...]:
    """On the level of a figure; then, where it is shown, on its change since the first wave.

    `where` names those who were asked: of the whole, sometimes two quartiers only.
    """
    level = _advise_level(indicator, domain, finding, where)
    if not finding.shown.exact or town.first_wave is None:
        return (level,)
    return level, _advise_change(town, indicator, item, finding, verdict)


def _advise_level(indicator: Indicator, domain: str, finding: Finding, where: str) -> Advice:
    shown, phrase = finding.shown, tell(indicator.phrase)
    if shown.state == "not_asked":
        return Advice(
            _("%(where)s : cette question n’a pas eu de réponse.", where=where),
            _("%(where)s : les habitants n’ont rien à dire là-dessus.", where=where),
            _("Ne pas avoir répondu, ou ne pas avoir été interrogé, n’est pas un avis."),
        )
    if shown.state == "masked":
        return Advice(
            _("%(where)s : le chiffre est masqué pour protéger les personnes.", where=where),
            _("%(where)s : on nous cache un mauvais chiffre.", where=where),
            _("Un chiffre est masqué selon le nombre de réponses, jamais selon ce qu’elles disent."),
        )
    if shown.state == "no_percentage":
        return Advice(
            ngettext(
                "%(where)s : seulement %(number)s personne a répondu, c’est trop peu pour un pourcentage.",
                "%(where)s : seulement %(number)s personnes ont répondu, c’est trop peu pour un pourcentage.",
                shown.base or 0,
                where=where,
                number=format_number(shown.base or 0),
            ),
            _("%(where)s : la plupart des habitants %(phrase)s.", where=where, phrase=phrase),
            _("Quelques réponses ne disent pas ce que pense tout un quartier."),
        )
    if shown.band:
        return _advise_band(where, phrase, shown.band)
    return _advise_share(domain, where, phrase, finding)


def _advise_band(where: str, phrase: str, band: tuple[str, int]) -> Advice:
    told = write_band(band)
    say = _(
        "%(where)s : %(band)s des personnes interrogées %(phrase)s.", where=where, band=told, phrase=phrase
    )
    why = _(
        "Moins de 5 personnes sont de ce côté, peut-être aucune : on ne dit pas combien, pour les protéger."
    )
    if band[0] == "below":
        return Advice(say, _("%(where)s : aucun habitant n’est dans ce cas.", where=where), why)
    return Advice(say, _("%(where)s : tous les habitants %(phrase)s.", where=where, phrase=phrase), why)


def _advise_share(domain: str, where: str, phrase: str, finding: Finding) -> Advice:
    estimate, base = finding.estimate, finding.shown.base
    assert estimate is not None
    number = format_number(round_percent(estimate.value))
    between = {"low": format_percent(estimate.low), "high": format_percent(estimate.high)}
    if finding.shown.state == CAUTION:
        share = format_percent(estimate.value)
        return Advice(
            _(
                "%(where)s : parmi les %(base)s personnes qui ont répondu, environ %(number)s sur 100 "
                "%(phrase)s. C’est une idée, pas une mesure précise.",
                where=where,
                base=format_number(base or 0),
                number=number,
                phrase=phrase,
            ),
            _("%(share)s des habitants %(phrase)s.", share=share, phrase=phrase)
            if domain == ALL
            else _("%(share)s des habitants du quartier %(phrase)s.", share=share, phrase=phrase),
            _(
                "Peu de personnes ont répondu. Pour tous les habitants, le chiffre peut aller de %(low)s à "
                "%(high)s, à titre indicatif.",
                **between,
            ),
        )
    say = _(
        "%(where)s : selon l’enquête, environ %(number)s habitants sur 100 %(phrase)s (%(base)s réponses).",
        where=where,
        number=number,
        phrase=phrase,
        base=format_number(base or 0),
    )
    return Advice(say, *_go_too_far(domain, where, phrase, estimate.low, estimate.high, between))


def _go_too_far(
    domain: str, where: str, phrase: str, low: float, high: float, between: dict[str, str]
) -> tuple[str, str]:
    """What an exact share tempts to say: of the majority when it is undecided, of a ranking in a quartier."""
    if low <= 0.5 <= high:
        return (
            _("%(where)s : la majorité des habitants %(phrase)s.", where=where, phrase=phrase),
            _(
                "La précision indicative va de %(low)s à %(high)s : on ne peut pas dire si "
                "c’est plus ou moins de la moitié.",
                **between,
            ),
        )
    if domain != ALL:
        return (
            _("%(where)s : c’est mieux, ou moins bien, que dans les autres quartiers.", where=where),
            _(
                "La précision indicative va de %(low)s à %(high)s, et les quartiers ne sont pas comparés "
                "entre eux : ce n’est pas un classement.",
                **between,
            ),
        )
    return (
        _("C’est la même chose dans chaque quartier."),
        _(
            "Ce chiffre vaut pour les quartiers ensemble, entre %(low)s et %(high)s à titre indicatif. Il "
            "ne dit rien de chacun.",
            **between,
        ),
    )


def _advise_change(
    town: Town, indicator: Indicator, item: Item, finding: Finding, verdict: VerdictView | None
) -> Advice:
    assert town.first_wave is not None
    assert item.scale is not None
    first = town.first_wave.id
    if verdict is None:
        return Advice(
            _("La question est nouvelle : on ne sait pas ce qu’il en était en %(wave)s.", wave=first),
            _("C’est mieux, ou moins bien, qu’en %(wave)s.", wave=first),
            _("Elle n’était pas posée en %(wave)s.", wave=first),
        )
    reasons = " ".join((*verdict.reasons, *verdict.cautions))
    if verdict.word == NOT_COMPARABLE:
        return Advice(
            _("On ne peut pas comparer ce chiffre avec %(wave)s.", wave=first),
            _("C’est mieux, c’est pareil ou c’est moins bien qu’en %(wave)s.", wave=first),
            reasons,
        )
    codes = finding.against.codes if finding.against else indicator.codes
    answers = label_codes(item.scale, codes)
    if verdict.word != NO_CHANGE_SHOWN:
        return _advise_shown_change(first, answers, verdict, reasons)
    why = _("L’écart est trop petit, ou pas assez sûr, pour dire que la situation a changé.")
    return Advice(
        _(
            "“%(answers)s” : on ne peut pas dire que cela a changé depuis %(wave)s.",
            answers=answers,
            wave=first,
        ),
        _tempt(item.scale, codes, _read_direction(finding), first),
        f"{why} {reasons}".strip(),
    )


def _advise_shown_change(first: str, answers: str, verdict: VerdictView, reasons: str) -> Advice:
    """A change that is shown: of one not announced before fieldwork, that it is no proof; else, not why."""
    up, told = verdict.word == UP, {"answers": answers, "wave": first}
    if verdict.exploratory:
        say = (
            _("“%(answers)s” : en hausse depuis %(wave)s. C’est une piste, pas une preuve.", **told)
            if up
            else _("“%(answers)s” : en baisse depuis %(wave)s. C’est une piste, pas une preuve.", **told)
        )
        avoid = (
            _("Il est prouvé que “%(answers)s” augmente, et cela va continuer.", answers=answers)
            if up
            else _("Il est prouvé que “%(answers)s” diminue, et cela va continuer.", answers=answers)
        )
        why = _("Cette comparaison n’était pas annoncée d’avance, et deux enquêtes ne font pas une tendance.")
    else:
        say = (
            _("“%(answers)s” : c’est en hausse depuis %(wave)s.", **told)
            if up
            else _("“%(answers)s” : c’est en baisse depuis %(wave)s.", **told)
        )
        avoid = _("Cela a changé grâce à telle action, ou à cause d’elle.")
        why = _("L’enquête montre qu’il y a un changement. Elle ne dit pas pourquoi.")
    return Advice(say, avoid, f"{why} {reasons}".strip())


def _read_direction(finding: Finding) -> int:
    """Which way the difference points that is not shown to be one: 1, -1, or 0 when it goes both ways."""
    envelope = finding.verdict.envelope if finding.verdict else None
    if envelope is None:
        return 0
    low, high = envelope.difference
    return 1 if low > 0 else -1 if high < 0 else 0


def _tempt(scale: ResponseScale, codes: frozenset[int], direction: int, first: str) -> str:
    """What somebody in a hurry would read into a difference."""
    sides = {scale.by_code[code].side for code in codes}
    good = direction if sides == {"favourable"} else -direction if sides == {"unfavourable"} else 0
    if good > 0:
        return _("La situation s’est améliorée depuis %(wave)s.", wave=first)
    if good < 0:
        return _("La situation s’est dégradée depuis %(wave)s.", wave=first)
    if direction > 0:
        return _("Cela a augmenté depuis %(wave)s.", wave=first)
    if direction < 0:
        return _("Cela a diminué depuis %(wave)s.", wave=first)
    return _("Rien n’a changé depuis %(wave)s.", wave=first)
