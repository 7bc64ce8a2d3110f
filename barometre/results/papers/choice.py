"""Which findings a short paper tells: a rule, the same everywhere, so that nobody chooses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from barometre.estimates.disclosure import CAUTION, PLAIN
from barometre.i18n import round_percent
from barometre.questionnaire.definition import ResponseScale
from barometre.questionnaire.town import Indicator, Town
from barometre.results.tables import Cell, DomainRow, ItemBlock

#: below, no figure at all on the sheet that residents discuss
SMALLEST_BASE = 30


@dataclass(frozen=True)
class Favourable:
    """The favourable answers to one question."""

    item: str
    label: str
    #: 0-1, to the whole per cent
    share: float


def is_told(cell: Cell) -> bool:
    """Whether a share may stand on a sheet for everybody: shown, and on at least thirty answers."""
    return cell.state in (PLAIN, CAUTION) and cell.share is not None and (cell.base or 0) >= SMALLEST_BASE


def has_past_share(row: DomainRow) -> bool:
    """Whether the first wave told the share that is told here: its verdict is then about that share."""
    return row.recounted is not None or any(
        figure.same_codes and figure.value is not None for figure in row.past
    )


def choose_to_remember(town: Town, blocks: Iterable[ItemBlock], number: int = 3) -> list[ItemBlock]:
    """The first findings that may be told: the town's headlines, then its key indicators, then the others."""
    told = [block for block in blocks if is_told(block.rows[0].cell)]
    return sorted(told, key=lambda block: _rank(town.indicator_of[block.item]))[:number]


def _rank(indicator: Indicator) -> int:
    return 0 if indicator.headline else 1 if indicator.key else 2


def split_favourable(
    town: Town, blocks: Iterable[ItemBlock], number: int = 3
) -> tuple[list[Favourable], list[Favourable]]:
    """The highest and the lowest favourable shares among the questions with a favourable and another side.

    Never the same question on both sides; a tie keeps the order of the town's list.
    """
    known = [found for block in blocks if (found := _measure(town, block))]
    known.sort(key=lambda found: -found.share)
    high = known[: min(number, (len(known) + 1) // 2)]
    low = known[len(high) :][-number:]
    return high, low[::-1]


def _measure(town: Town, block: ItemBlock) -> Favourable | None:
    cell = block.rows[0].cell
    scale = town.current_wave.questionnaire.by_id[block.item].scale
    if scale is None or not is_told(cell) or cell.share is None:
        return None
    good = _find_favourable(scale)
    if not good or good == scale.codes:
        return None
    codes = town.indicator_of[block.item].codes
    if codes == good:
        share: float | None = cell.share
    elif codes == scale.codes - good:
        share = 1 - cell.share
    else:
        share = _add_up(cell, good)
    return None if share is None else Favourable(block.item, block.label, round_percent(share) / 100)


def _find_favourable(scale: ResponseScale) -> frozenset[int]:
    return frozenset(option.code for option in scale.options if option.side == "favourable")


def _add_up(cell: Cell, codes: frozenset[int]) -> float | None:
    """The shares that are shown of some answers, None when an answer is shown with one of the other side."""
    parts: Sequence[tuple[frozenset[int], float]] = [(frozenset(s.codes), s.share) for s in cell.segments]
    inside = [(block, share) for block, share in parts if block & codes]
    if any(not block <= codes for block, _share in inside) or not inside:
        return None
    return sum(share for _block, share in inside)
