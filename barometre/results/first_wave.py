"""What the first wave says of one item in one domain, and what forbids to compare with it."""

from __future__ import annotations

from dataclasses import dataclass

from barometre.estimates.deduced import Pair
from barometre.questionnaire.town import Indicator, PublishedFigure, PublishedWave
from barometre.results.feasible import list_feasible
from barometre.results.recounted import Recounted


@dataclass(frozen=True)
class PastShare:
    """A share of the first wave: every count that it can be, one when its interviews are there."""

    #: printed figure; None where none was printed, or where the interviews replace it
    figure: PublishedFigure | None
    #: codes it adds up
    codes: frozenset[int]
    feasible: tuple[Pair, ...]
    #: "" or the id of the sentence that forbids to compare with it
    blocked: str


def find_past_share(
    published: PublishedWave,
    indicator: Indicator,
    domain: str,
    codes: frozenset[int],
    recounted: Recounted | None,
) -> PastShare:
    """What a share of this wave is compared with; `codes` are all those of the item."""
    if recounted is not None:
        pair = (recounted.people, recounted.base)
        return PastShare(None, recounted.codes, (pair,), recounted.blocked)
    figure = choose_figure(published.find(indicator.item, domain), indicator, codes)
    if figure is None:
        joint = published.find_joint(indicator.item, domain)
        # Printed for several quartiers at once: its reasons say why it is nobody's own.
        reasons = joint[0].reasons if joint else ()
        return PastShare(None, frozenset(), (), reasons[0] if reasons else "no_figure")
    if figure.comparability == "no":
        return PastShare(figure, figure.codes, (), figure.reasons[0])
    feasible = list_feasible(figure)
    return PastShare(figure, figure.codes, feasible, "" if feasible else "impossible_figure")


def choose_figure(
    figures: tuple[PublishedFigure, ...], indicator: Indicator, codes: frozenset[int]
) -> PublishedFigure | None:
    """The printed figure to compare with, `codes` being all those of the item.

    In this order: a comparable one of the indicator's own codes or of its whole other side, one of its own
    codes that cannot be compared, any other that has none of them.
    """
    sides = (indicator.codes, codes - indicator.codes)

    def rank(figure: PublishedFigure) -> tuple[bool, int]:
        whole_side = figure.codes in sides
        return not (whole_side and figure.comparability != "no"), figure.codes != indicator.codes

    own_or_apart = [f for f in figures if f.codes == indicator.codes or not f.codes & indicator.codes]
    return min(own_or_apart, key=rank, default=None)
