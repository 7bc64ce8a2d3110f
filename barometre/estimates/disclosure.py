"""What may be shown of an item without telling what a neighbour answered.

Thresholds on unweighted bases; complementary suppression so that nothing follows by subtraction from the
total (Hundepool et al. 2012); bands for a side of 0-4 people; small options merged with their neighbour.
The reader is assumed to know every figure that is shown, unrounded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PLAIN, CAUTION, NO_PERCENTAGE, MASKED, BAND, NOT_ASKED = (
    "plain", "caution", "no_percentage", "masked", "band", "not_asked",
)  # fmt: skip

#: a side or an option with fewer people than this is not shown as such
SMALL = 5
ALL = "ALL"


@dataclass(frozen=True)
class Thresholds:
    """Smallest unweighted bases."""

    #: below: nothing at all
    mask: int = 11
    #: below: no percentage
    percentage: int = 30
    #: below: with a word of caution
    caution: int = 50


@dataclass(frozen=True)
class Answers:
    """What the people of one quartier answered to one item."""

    domain: str
    #: substantive code → people
    options: Mapping[int, int]
    #: people who did not know or refused
    silent: int = 0

    @property
    def base(self) -> int:
        """People who gave a substantive answer."""
        return sum(self.options.values())

    def count(self, codes: frozenset[int]) -> int:
        """People who gave one of `codes`."""
        return sum(people for code, people in self.options.items() if code in codes)


@dataclass(frozen=True)
class Shown:
    """How one domain of an item is shown."""

    domain: str
    #: `PLAIN`, `CAUTION`, `NO_PERCENTAGE`, `MASKED`, `BAND` or `NOT_ASKED`
    state: str
    #: unweighted expressed base, None when masked
    base: int | None = None
    #: for `BAND`: ("below", per cent) or ("above", per cent)
    band: tuple[str, int] | None = None
    #: codes shown together, in the order of the options; empty without distribution
    blocks: tuple[tuple[int, ...], ...] = ()
    #: people without opinion: a number, `SMALL` - 1 at most ("moins de 5") as -1, None when not shown
    silent: int | None = None

    @property
    def exact(self) -> bool:
        """Whether the headline share is shown."""
        return self.state in (PLAIN, CAUTION)


FEW = -1


def protect(
    quartiers: Sequence[Answers],
    order: Sequence[int],
    headline: frozenset[int],
    thresholds: Thresholds = Thresholds(),
) -> dict[str, Shown]:
    """How each quartier and the total ("ALL") of one item are shown.

    `order` lists the item's substantive codes as they are shown, `headline` those its share adds up.
    """
    total = _add(quartiers)
    if total.base == 0:
        return {answers.domain: Shown(answers.domain, NOT_ASKED) for answers in (*quartiers, total)}
    if total.base < thresholds.mask:
        return {
            answers.domain: Shown(answers.domain, MASKED if answers.base else NOT_ASKED)
            for answers in (*quartiers, total)
        }
    asked = [answers for answers in quartiers if answers.base]
    masked, total_hidden = _mask(asked, headline, thresholds.mask)
    shown: dict[str, Shown] = {}
    for answers in quartiers:
        if not answers.base:
            shown[answers.domain] = Shown(answers.domain, NOT_ASKED)
        elif answers.domain in masked:
            shown[answers.domain] = Shown(answers.domain, MASKED)
        else:
            shown[answers.domain] = _show(answers, order, headline, thresholds)
    if total_hidden:
        shown[ALL] = Shown(ALL, MASKED)
        return shown
    whole = _show(total, order, headline, thresholds)
    if whole.blocks:
        open_ones = [answers for answers in asked if shown[answers.domain].blocks]
        rest = _add([answers for answers in asked if not shown[answers.domain].blocks])
        blocks = _coarsest([shown[answers.domain].blocks for answers in open_ones] + [whole.blocks])
        whole = Shown(ALL, whole.state, whole.base, None, _merge_small(blocks, rest, headline), whole.silent)
    exact = all(found.silent is not None and found.silent >= 0 for found in shown.values() if found.base)
    if masked or not exact:
        whole = Shown(ALL, whole.state, whole.base, whole.band, whole.blocks, None)
    shown[ALL] = whole
    return shown


def _add(parts: Sequence[Answers]) -> Answers:
    codes = dict.fromkeys(code for part in parts for code in part.options)
    return Answers(
        ALL,
        {code: sum(part.options.get(code, 0) for part in parts) for code in codes},
        sum(part.silent for part in parts),
    )


def _small_side(answers: Answers, headline: frozenset[int]) -> tuple[int, int] | None:
    """Range that a band leaves open for the headline count, None when both sides are large enough."""
    favourable, base = answers.count(headline), answers.base
    if favourable < SMALL:
        return 0, SMALL - 1
    if base - favourable < SMALL:
        return base - SMALL + 1, base
    return None


def _mask(asked: Sequence[Answers], headline: frozenset[int], smallest: int) -> tuple[set[str], bool]:
    """Quartiers to mask so that no hidden count follows from the total; True when the total must go too."""
    masked = {answers.domain for answers in asked if answers.base < smallest}
    while _leaks(asked, masked, headline, smallest):
        still_open = [answers for answers in asked if answers.domain not in masked]
        # The last quartier stays open: hiding the total protects the others as well and costs less.
        if len(still_open) <= (0 if _base_leaks(asked, masked, smallest) else 1):
            return masked, True
        # The smallest goes; a band stays a band as long as another one can hide it.
        masked.add(
            min(
                still_open,
                key=lambda answers: (
                    _small_side(answers, headline) is not None,
                    answers.base,
                    answers.domain,
                ),
            ).domain
        )
    return masked, False


def _base_leaks(asked: Sequence[Answers], masked: set[str], smallest: int) -> bool:
    bases = [answers.base for answers in asked if answers.domain in masked]
    return bool(bases) and (len(bases) < 2 or sum(bases) < smallest) and len(masked) < len(asked)


def _leaks(asked: Sequence[Answers], masked: set[str], headline: frozenset[int], smallest: int) -> bool:
    """Whether a reader who subtracts shown quartiers from the total learns a hidden base or count."""
    if _base_leaks(asked, masked, smallest):
        return True
    hidden_base = sum(answers.base for answers in asked if answers.domain in masked)
    ranges: list[tuple[int, int]] = [(0, hidden_base)] if masked else []
    known = sum(answers.count(headline) for answers in asked if answers.domain in masked)
    bands = []
    for answers in asked:
        side = _small_side(answers, headline)
        if answers.domain not in masked and side is not None:
            bands.append(side)
            known += answers.count(headline)
    for place, (low, high) in enumerate(bands):
        others = ranges + bands[:place] + bands[place + 1 :]
        least = known - sum(upper for _, upper in others)
        most = known - sum(lower for lower, _ in others)
        if least > low or most < high:
            return True
    return False


def _show(answers: Answers, order: Sequence[int], headline: frozenset[int], thresholds: Thresholds) -> Shown:
    base = answers.base
    silent = answers.silent if answers.silent >= SMALL else FEW
    if base < thresholds.percentage:
        return Shown(answers.domain, NO_PERCENTAGE, base, silent=silent)
    side = _small_side(answers, headline)
    if side is not None:
        step = -(-100 * SMALL // base)
        band = ("below", step) if side[0] == 0 else ("above", 100 - step)
        return Shown(answers.domain, BAND, base, band, silent=silent)
    state = PLAIN if base >= thresholds.caution else CAUTION
    blocks = _merge_small([(code,) for code in order], answers, headline)
    return Shown(answers.domain, state, base, None, blocks, silent)


def _merge_small(
    blocks: Sequence[tuple[int, ...]], answers: Answers, headline: frozenset[int]
) -> tuple[tuple[int, ...], ...]:
    """Merge each block of 1-4 people with its neighbour on the same side."""
    merged = list(blocks)
    place = 0
    while place < len(merged):
        people = answers.count(frozenset(merged[place]))
        if not 0 < people < SMALL:
            place += 1
            continue
        inside = merged[place][0] in headline
        near = [
            other
            for other in (place - 1, place + 1)
            if 0 <= other < len(merged) and (merged[other][0] in headline) == inside
        ]
        if not near:
            place += 1
            continue
        other = min(near, key=lambda place: answers.count(frozenset(merged[place])))
        low, high = min(place, other), max(place, other)
        merged[low : high + 1] = [merged[low] + merged[high]]
        place = 0
    return tuple(merged)


def _coarsest(partitions: Sequence[Sequence[tuple[int, ...]]]) -> tuple[tuple[int, ...], ...]:
    """The finest partition that every given one refines; blocks are runs of the same order."""
    order = [code for block in partitions[0] for code in block]
    cuts = set.intersection(
        *(
            {sum(len(block) for block in blocks[:end]) for end in range(1, len(blocks) + 1)}
            for blocks in partitions
        )
    )
    ends = sorted(cuts)
    return tuple(tuple(order[start:end]) for start, end in zip([0, *ends[:-1]], ends, strict=True))
