"""« Rendre tout de suite »: what neighbours said last time, chosen by rule, readable in ten seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from barometre.i18n import SOURCE_LANGUAGE, known_languages, tell_in
from barometre.interview.spoken import N_
from barometre.questionnaire.town import Indicator, PublishedFigure, PublishedWave, Town

#: figures told to one resident
MOST = 3
#: all quartiers together, in the published figures; and the block of whoever's quartier is not known
TOGETHER = "ALL"
EVERYBODY = "all"

SHARE = N_("%(number)s habitants sur 100 %(phrase)s.")
BASE = N_("%(number)s personnes interrogées en %(wave)s – %(place)s")


@dataclass(frozen=True)
class GivenBack:
    """One published figure, as it is told to a resident."""

    #: id of the published figure
    id: str
    #: digits as printed, in the respondent's language
    printed: str
    #: per cent, for the bar
    share: int
    #: in the respondent's language, and in French beneath
    sentence: dict[str, str]
    #: who was asked, when and where, in the respondent's language
    base: str


@dataclass(frozen=True)
class Block:
    """What is told in one quartier."""

    #: code of the quartier as the answers hold it, or `EVERYBODY`
    quartier: str
    figures: tuple[GivenBack, ...]


def describe_give_back(town: Town, language: str) -> list[Block]:
    """What to tell, quartier by quartier and then for everybody; empty when nothing was published."""
    wave = town.first_wave.published if town.first_wave else None
    if wave is None:
        return []
    domains = {str(quartier.code): quartier.id for quartier in town.quartiers} | {EVERYBODY: TOGETHER}
    blocks = [
        Block(
            code,
            tuple(
                _write(town, wave, indicator, figure, language)
                for indicator, figure in choose_figures(town, wave, domain)
            ),
        )
        for code, domain in domains.items()
    ]
    return [block for block in blocks if block.figures]


def choose_figures(town: Town, wave: PublishedWave, domain: str) -> list[tuple[Indicator, PublishedFigure]]:
    """The quartier's own figures, then those of all together: headlines first, then key indicators.

    A figure serves when it is a rounded share of exactly what the indicator's phrase says.
    """
    ranked = sorted(
        (indicator for indicator in town.indicators if indicator.headline or indicator.key),
        key=lambda indicator: not indicator.headline,
    )
    chosen: dict[str, tuple[Indicator, PublishedFigure]] = {}
    for place in dict.fromkeys((domain, TOGETHER)):
        for indicator in ranked:
            figure = next(filter(_serves(indicator), wave.find(indicator.item, place)), None)
            if figure and indicator.item not in chosen:
                chosen[indicator.item] = indicator, figure
    return list(chosen.values())[:MOST]


def _serves(indicator: Indicator) -> Callable[[PublishedFigure], bool]:
    def serves(figure: PublishedFigure) -> bool:
        # What cannot be compared is doubtful or about something else: nothing to tell in ten seconds.
        return (
            figure.drawn is not None
            and figure.item == indicator.item
            and figure.codes == indicator.codes
            and figure.comparability != "no"
        )

    return serves


def _write(
    town: Town, wave: PublishedWave, indicator: Indicator, figure: PublishedFigure, language: str
) -> GivenBack:
    share = round(figure.value)

    def say_sentence(code: str) -> str:
        words = {"number": share, "phrase": tell_in(code, indicator.phrase)}
        return known_languages()[code].interface.gettext(SHARE) % words

    base = known_languages()[language].interface.gettext(BASE) % {
        "number": wave.interviews[figure.domain],
        "wave": wave.wave,
        "place": _name_place(town, figure.domain, language),
    }
    return GivenBack(
        figure.id,
        tell_in(language, figure.printed),
        share,
        {"spoken": say_sentence(language), "french": say_sentence(SOURCE_LANGUAGE)},
        base,
    )


def _name_place(town: Town, domain: str, language: str) -> str:
    if domain != TOGETHER:
        return town.quartier_by_id[domain].name
    number = len(town.quartiers)
    words = known_languages()[language].interface.ngettext(
        "Le quartier", "Les %(num)s quartiers ensemble", number
    )
    return words % {"num": number}
