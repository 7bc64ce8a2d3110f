"""What may lie behind a figure of the first wave: examples for the method page, chosen by a rule."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from barometre.i18n import tell, tell_printed
from barometre.questionnaire.town import Indicator, PublishedFigure, Town
from barometre.results.deduced import deduce_figures
from barometre.results.deduced_view import DeducedView, write_base, write_deduced
from barometre.results.feasible import list_feasible
from barometre.results.labels import domain_label


@dataclass(frozen=True)
class Printed:
    """A figure of the first wave and what may lie behind it."""

    label: str
    domain_label: str
    printed: str
    source_line: int
    #: smallest and largest base it may rest on
    base_min: int
    base_max: int
    #: favourable answers and base
    pairs: tuple[tuple[int, int], ...]
    #: per cent, for a figure that was not printed as a whole one
    lower: float
    upper: float
    #: "sur 34 à 39 réponses"
    base: str

    @property
    def fits_everybody(self) -> bool:
        """Whether it is possible when everybody answered."""
        return any(base == self.base_max for _, base in self.pairs)


def order_indicators(town: Town) -> list[Indicator]:
    """The headline ones first, then the other key ones."""
    return sorted(town.indicators, key=lambda indicator: (not indicator.headline, not indicator.key))


def _list_printed(town: Town, without: Collection[str]) -> Iterator[tuple[Indicator, PublishedFigure]]:
    """Figures of the first wave that are compared, in the order of the indicators, some items left out."""
    published = town.first_wave.published if town.first_wave else None
    for indicator in order_indicators(town) if published else ():
        for figure in published.figures if published else ():
            if figure.item == indicator.item not in without and figure.comparability != "no":
                yield indicator, figure


def _write_printed(town: Town, indicator: Indicator, figure: PublishedFigure) -> Printed:
    pairs = list_feasible(figure)
    return Printed(
        label=tell(indicator.label),
        domain_label=domain_label(town, figure.domain),
        printed=tell_printed(figure.printed),
        source_line=figure.source_line,
        base_min=figure.base_min,
        base_max=figure.base_max,
        pairs=pairs,
        lower=figure.lower,
        upper=figure.upper,
        base=write_base(pairs),
    )


def find_printed(town: Town, without: Collection[str] = ()) -> Printed | None:
    """The rounded figure with the fewest counts behind it, two or more."""
    listed = _list_printed(town, without)
    rounded = [_write_printed(town, *found) for found in listed if found[1].kind == "rounded"]
    several = [printed for printed in rounded if len(printed.pairs) > 1]
    return min(several, key=lambda printed: len(printed.pairs), default=None)


def find_vague(town: Town, without: Collection[str] = ()) -> Printed | None:
    """The first figure printed as words or as a bound."""
    vague = (found for found in _list_printed(town, without) if found[1].kind != "rounded")
    found = next(vague, None)
    return _write_printed(town, *found) if found else None


def find_deduced(town: Town, without: Collection[str] = ()) -> tuple[str, DeducedView] | None:
    """The first figure that follows from those that were printed, with its name."""
    deduced = deduce_figures(town)
    for indicator in order_indicators(town):
        for (item, _domain), figure in deduced.items():
            view = write_deduced(town, figure)
            if item == indicator.item not in without and view is not None:
                return tell(indicator.label), view
    return None
