"""The first wave beside this one: its printed figures, and what may be said of the change."""

from __future__ import annotations

from dataclasses import dataclass, replace

from barometre.estimates.change import DOWN, NO_CHANGE_SHOWN, NOT_COMPARABLE, UP, Verdict
from barometre.estimates.disclosure import ALL
from barometre.i18n import format_number, format_points, round_percent, tell, tell_printed
from barometre.i18n import gettext as _
from barometre.questionnaire.definition import Item
from barometre.questionnaire.town import Indicator, PublishedFigure, Town
from barometre.results.findings import Finding
from barometre.results.labels import domain_label, label_codes
from barometre.results.recounted_view import write_recounted_cautions


@dataclass(frozen=True)
class PastFigure:
    """What the first wave printed."""

    id: str
    printed: str
    #: 0-1, None when it was printed as words, as a bound or for several questions: it is not drawn
    value: float | None
    source_line: int
    #: the answers it adds up
    codes_label: str
    notes: tuple[str, ...]
    #: whether it adds up the same answers as the headline share
    same_codes: bool


@dataclass(frozen=True)
class VerdictView:
    """What may be said of the change."""

    word: str
    label: str
    #: "+14 points"
    difference: str
    #: "entre +6 et +23 points, quelle que soit la base exacte"
    interval: str
    reasons: tuple[str, ...]
    cautions: tuple[str, ...]
    exploratory: bool
    #: the answers that are compared, where the first wave printed the share of others than the headline's
    compared: str = ""


def write_past(town: Town, indicator: Indicator, item: Item, domain: str) -> tuple[PastFigure, ...]:
    """What the first wave printed of one item in one domain, or in several quartiers it is one of."""
    published = town.first_wave.published if town.first_wave else None
    if published is None:
        return ()
    own = published.find(item.id, domain)
    joint = published.find_joint(item.id, domain)
    return (
        *(_write_past(figure, indicator, item, published.reasons) for figure in own),
        *(
            _write_joint(town, figure, _write_past(figure, indicator, item, published.reasons))
            for figure in joint
        ),
    )


def _write_past(
    figure: PublishedFigure, indicator: Indicator, item: Item, reasons: dict[str, str]
) -> PastFigure:
    assert item.scale is not None
    notes = [tell(reasons[reason]) for reason in figure.reasons]
    return PastFigure(
        id=figure.id,
        printed=tell_printed(figure.printed),
        value=figure.drawn if len(figure.items) == 1 else None,
        source_line=figure.source_line,
        codes_label=label_codes(item.scale, figure.codes),
        notes=tuple(notes),
        same_codes=figure.codes == indicator.codes,
    )


def _write_joint(town: Town, figure: PublishedFigure, past: PastFigure) -> PastFigure:
    """A figure of several quartiers beside one of them: named as theirs, and never drawn as its own."""
    return replace(past, value=None, codes_label=f"{past.codes_label} ({domain_label(town, figure.domain)})")


def verdict_label(word: str) -> str:
    """One of the four public verdicts."""
    return {
        UP: _("▲ En hausse"),
        DOWN: _("▼ En baisse"),
        NO_CHANGE_SHOWN: _("● Pas de changement démontré"),
        NOT_COMPARABLE: _("Comparaison impossible"),
    }[word]


def write_verdict(
    town: Town, indicator: Indicator, item: Item, domain: str, finding: Finding
) -> VerdictView | None:
    """The verdict on the change since the first wave; None for an item that it did not ask."""
    verdict, figure = finding.verdict, finding.against
    first = town.first_wave
    if verdict is None or first is None or first.published is None:
        return None
    cautions, compared = [], ""
    if figure is not None and figure.codes != indicator.codes and verdict.word != NOT_COMPARABLE:
        assert item.scale is not None
        compared = label_codes(item.scale, figure.codes)
        cautions.append(_write_other_side(town, compared, figure, finding))
    if finding.recounted is not None and verdict.word != NOT_COMPARABLE:
        cautions += write_recounted_cautions(town, domain, finding.recounted)
    if figure is not None and verdict.word != NOT_COMPARABLE:
        cautions += [tell(first.published.reasons[reason]) for reason in figure.reasons]
    if finding.contour_word is not None:
        cautions.append(
            _(
                "Sur les limites de %(wave)s seules : %(verdict)s.",
                wave=first.id,
                verdict=verdict_label(finding.contour_word),
            )
        )
    difference, interval = _write_difference(verdict, finding)
    design = town.current_wave.design
    return VerdictView(
        word=verdict.word,
        label=verdict_label(verdict.word),
        difference=difference,
        interval=interval,
        reasons=tuple(_write_reason(reason, first.published.reasons, finding) for reason in verdict.reasons),
        cautions=tuple(dict.fromkeys(cautions)),
        exploratory=not (domain == ALL and design is not None and item.id in design.key_family),
        compared=compared,
    )


def _write_other_side(town: Town, answers: str, figure: PublishedFigure, finding: Finding) -> str:
    """What is compared, where the first wave printed another side than the headline's."""
    return _(
        "Ce qui est comparé : « %(answers)s », %(now)s sur 100 en %(wave)s, %(printed)s en %(first)s.",
        answers=answers,
        now=format_number(round_percent(finding.now or 0)),
        wave=town.current_wave.id,
        printed=tell_printed(figure.printed),
        first=town.first_wave.id if town.first_wave else "",
    )


@dataclass(frozen=True)
class Measured:
    """The change in points, rounded as it is told."""

    #: difference of the two rounded shares; None where the first wave's was printed as words
    difference: int | None
    #: limits for every way of counting; one decimal below 1, so that a limit beside 0 is not told as 0
    low: float
    high: float


def measure_difference(verdict: Verdict, finding: Finding) -> Measured | None:
    """The difference of the two figures as they are told, and its limits; None where nothing is compared."""
    if verdict.interval is None or finding.now is None:
        return None
    if finding.recounted is not None:
        then: float | None = finding.recounted.share
    else:
        then = finding.against.drawn if finding.against else None
    difference = None if then is None else round_percent(finding.now) - round_percent(then)
    return Measured(difference, *(_round_limit(limit) for limit in verdict.interval))


def _write_difference(verdict: Verdict, finding: Finding) -> tuple[str, str]:
    """The difference, and the interval for every way of counting, in words."""
    measured = measure_difference(verdict, finding)
    if measured is None:
        return "", ""
    low, high = (
        format_points(limit / 100, digits=1 if 0 < abs(limit) < 1 else 0)
        for limit in (measured.low, measured.high)
    )
    if finding.recounted is not None:
        interval = _("entre %(low)s et %(high)s, quelle que soit la façon de compter", low=low, high=high)
    else:
        interval = _(
            "entre %(low)s et %(high)s, quelle que soit la base exacte et la façon de compter",
            low=low,
            high=high,
        )
    difference = measured.difference
    return "" if difference is None else format_points(difference / 100), interval


def _round_limit(difference: float) -> float:
    """A limit in points."""
    return round(100 * difference, 1 if 0 < abs(difference) < 0.01 else 0)


def _write_reason(reason: str, published: dict[str, str], finding: Finding) -> str:
    if reason == "no_figure" and finding.deduced is not None:
        return _(
            "Le chiffre de la première enquête n’a pas été publié : l’intervalle que l’on en déduit est "
            "montré, il n’est pas comparé."
        )
    own = {
        "rounding": _(
            "Cela dépend des arrondis : selon le nombre exact de réponses de la première enquête, l’écart "
            "serait démontré ou non."
        ),
        "weighting": _(
            "Cela dépend de la pondération : l’écart n’est pas démontré de toutes les façons de compter."
        ),
        "multiplicity": _(
            "Seul, cet écart semblerait démontré. Mais on fait beaucoup de comparaisons : une ou deux "
            "peuvent sembler vraies par hasard ; nous en avons tenu compte."
        ),
        "no_figure": _("Le chiffre de la première enquête n’a pas été publié."),
        "quartier_absent": _(
            "Un quartier n’a pas de réponse à cette question : l’ensemble n’est plus le même."
        ),
        "masked": _("Masqué pour protéger les personnes : rien n’est comparé."),
        "not_asked": _("Cette question n’a pas eu de réponse ici."),
        "small_base": _("Trop peu de réponses pour comparer."),
        "first_masked": _(
            "Dans la première enquête, cette part est masquée pour protéger les personnes : rien n’est "
            "comparé."
        ),
        "first_small_base": _("Trop peu de réponses à la première enquête pour comparer."),
        "first_not_asked": _("La première enquête n’a pas de réponse ici."),
        "impossible_figure": _("Aucun nombre de réponses ne donne le pourcentage imprimé."),
    }
    return own.get(reason) or tell(published[reason])
