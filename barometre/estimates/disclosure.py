"""What may be shown of an item without telling what a neighbour answered.

Thresholds on unweighted bases; complementary suppression so that nothing follows by subtraction from the
total (Hundepool et al. 2012); bands for a side of 0-4 people; small options merged with their neighbour.
The reader is assumed to know every figure that is shown, unrounded.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate, chain

PLAIN, CAUTION, NO_PERCENTAGE, MASKED, BAND, NOT_ASKED = (
    "plain", "caution", "no_percentage", "masked", "band", "not_asked",
)  # fmt: skip

#: a side or an option with fewer people than this is not shown as such
SMALL = 5
#: numbers of people asked are told to the nearest ten
ROUNDED_TO = 10
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

    @cached_property
    def base(self) -> int:
        """People who gave a substantive answer."""
        return sum(self.options.values())

    @property
    def silent_about(self) -> int:
        """People without opinion to the nearest ten, from two numbers that are told anyway.

        The exact one, added to the base, would give the people asked: less the base of any other question,
        the few who did not answer that one.
        """
        return max(0, round_people(round_people(self.base + self.silent) - self.base))

    def count(self, codes: Collection[int]) -> int:
        """People who gave one of `codes`, which are all different."""
        return sum([self.options.get(code, 0) for code in codes])


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
    #: people without opinion to the nearest ten, None when not shown
    silent: int | None = None

    @property
    def exact(self) -> bool:
        """Whether the headline share is shown."""
        return self.state in (PLAIN, CAUTION)

    @property
    def hidden(self) -> bool:
        """Whether people answered and no share of them is shown."""
        return not self.exact and self.state != NOT_ASKED


def round_people(number: int) -> int:
    """A number of people to the nearest ten."""
    return ROUNDED_TO * round(number / ROUNDED_TO)


def protect(
    quartiers: Sequence[Answers],
    order: Sequence[int],
    headline: frozenset[int],
    thresholds: Thresholds = Thresholds(),
    always: frozenset[str] = frozenset(),
) -> dict[str, Shown]:
    """How each quartier and the total ("ALL") of one item are shown.

    `order` lists the item's substantive codes as they are shown, those of a side together; `headline` lists
    those its share adds up. What is shown of the total depends on the total alone: another breakdown of the
    same answers (by age) cannot tell more of it, so it can be subtracted from nowhere else. Those in `always`
    are masked whatever they answered.
    """
    total = add_answers(quartiers)
    if total.base < thresholds.mask:
        return {
            answers.domain: Shown(
                answers.domain, MASKED if answers.base or answers.domain in always else NOT_ASKED
            )
            for answers in (*quartiers, total)
        }
    whole = _show(total, order, headline, thresholds)
    shown = {
        answers.domain: _show(answers, order, headline, thresholds)
        if answers.base
        else Shown(answers.domain, NOT_ASKED)
        for answers in quartiers
    }
    asked = [answers for answers in quartiers if answers.base]
    for domain in always | _mask(asked, shown, whole, headline, thresholds.mask, always):
        shown[domain] = Shown(domain, MASKED)
    open_ones = [answers.domain for answers in asked if shown[answers.domain].blocks]
    if open_ones:
        # One cut of the options for every quartier, which also suits what is left when they are subtracted.
        rest = add_answers([answers for answers in asked if answers.domain not in open_ones])
        cut = _coarsest([whole.blocks, *(shown[domain].blocks for domain in open_ones)])
        cut = _merge_small(cut, rest, headline)
        for domain in open_ones:
            if shown[domain].blocks != cut:
                shown[domain] = replace(shown[domain], blocks=cut)
    return shown | {ALL: whole}


def sides_together(order: list[int], codes: frozenset[int]) -> list[int]:
    """The options with the headline ones side by side, so that small ones find a neighbour."""
    if order[-1] in codes and order[0] not in codes:
        return [code for code in order if code not in codes] + [code for code in order if code in codes]
    return [code for code in order if code in codes] + [code for code in order if code not in codes]


def mask_small_bases(
    bases: Mapping[str, int], smallest: int, always: frozenset[str] = frozenset()
) -> set[str]:
    """Domains to mask when their total is shown, so that no base below `smallest` follows from it.

    Those in `always` are masked in any case. The smallest one still open joins (ties by name) until two or
    more are masked whose bases add up to `smallest`, or none is left open.
    """
    asked = {domain: base for domain, base in bases.items() if base}
    small = {domain for domain, base in asked.items() if base < smallest}
    masked = small | (always & asked.keys())
    while small and (len(masked) < 2 or sum(asked[domain] for domain in masked) < smallest):
        still_open = [(base, domain) for domain, base in asked.items() if domain not in masked]
        if not still_open:
            break
        masked.add(min(still_open)[1])
    return masked


def suppress(bases: Mapping[str, int], threshold: int = 11) -> dict[str, str | dict[str, str]]:
    """Why each quartier of a table is published or not, and its total, in the words of the reference set.

    "no_base", "primary" (too few people), "complementary" (hidden so that another one does not follow) or
    "published".
    """
    masked = mask_small_bases(bases, threshold)

    def say(domain: str, base: int) -> str:
        if not base:
            return "no_base"
        if base < threshold:
            return "primary"
        return "complementary" if domain in masked else "published"

    return {
        "quartiers": {domain: say(domain, base) for domain, base in bases.items()},
        "total": "published" if sum(bases.values()) >= threshold else "primary",
    }


def add_answers(parts: Sequence[Answers]) -> Answers:
    """Everybody, each person counting once."""
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


def _mask(
    asked: Sequence[Answers],
    shown: Mapping[str, Shown],
    whole: Shown,
    headline: frozenset[int],
    smallest: int,
    always: frozenset[str],
) -> set[str]:
    """Quartiers to mask so that no small base and no small count follows from the total."""
    masked = mask_small_bases({answers.domain: answers.base for answers in asked}, smallest, always)

    def leaks(masked: set[str]) -> bool:
        hidden = [a for a in asked if a.domain in masked or not shown[a.domain].blocks]
        return whole.exact and _leaks(hidden, shown, masked, headline)

    while leaks(masked):
        # The one that costs least and is enough; failing that, one more share hides among the others.
        still_open = sorted(
            (answers for answers in asked if answers.domain not in masked),
            key=lambda answers: (shown[answers.domain].exact, answers.base, answers.domain),
        )
        enough = (answers for answers in still_open if not leaks(masked | {answers.domain}))
        one_more = (answers for answers in still_open if shown[answers.domain].exact)
        masked.add(next(chain(enough, one_more, still_open)).domain)
    return masked


def _leaks(
    hidden: Sequence[Answers], shown: Mapping[str, Shown], masked: set[str], headline: frozenset[int]
) -> bool:
    """Whether subtracting the shown quartiers from the total tells a small count among the `hidden` ones."""
    if not hidden:
        return False
    rest = add_answers(hidden)
    if _small_side(rest, headline):
        return True
    # What the page tells of each hidden headline count; of the masked ones, only their sum can be bounded.
    together = add_answers([answers for answers in hidden if answers.domain in masked])
    told = [((0, together.base), together.base)] if together.base else []
    for answers in hidden:
        if answers.domain not in masked:
            side = _small_side(answers, headline) if shown[answers.domain].state == BAND else None
            told.append((side or (0, answers.base), answers.base))
    least = rest.count(headline) - sum(high for (_, high), _ in told)
    most = rest.count(headline) - sum(low for (low, _), _ in told)
    for (low, high), base in told:
        found = max(low, least + high), min(high, most + low)
        for few in ((0, SMALL - 1), (base - SMALL + 1, base)):
            if few[0] <= found[0] and found[1] <= few[1] and found != few:
                return True
    return False


def tells_more(
    parts: Sequence[Answers],
    shown: Mapping[str, Shown],
    known: Mapping[str, tuple[tuple[int, ...], ...]],
    headline: frozenset[int],
    thresholds: Thresholds = Thresholds(),
) -> bool:
    """Whether some quartiers `known` from elsewhere undo what a table hides of the others.

    `known` gives the blocks of options told of each; their numbers are those of the table.
    """
    whole = shown[ALL]
    if whole.state == MASKED or not known:
        return False
    others = [answers for answers in parts if answers.base and answers.domain not in known]
    masked = {answers.domain for answers in others if shown[answers.domain].state == MASKED}
    bases = [answers.base for answers in others if answers.domain in masked]
    if bases and (len(bases) < 2 or sum(bases) < thresholds.mask):
        return True
    hidden = [answers for answers in others if not shown[answers.domain].blocks]
    if not whole.exact:
        return False
    rest = add_answers(others)
    counts = {rest.count(block) for blocks in known.values() for block in blocks}
    return bool(counts & set(range(1, SMALL))) or _leaks(hidden, shown, masked, headline)


def _show(answers: Answers, order: Sequence[int], headline: frozenset[int], thresholds: Thresholds) -> Shown:
    base, silent = answers.base, answers.silent_about
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
    people = [answers.count(block) for block in merged]
    place = 0
    while place < len(merged):
        if not 0 < people[place] < SMALL:
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
        other = min(near, key=lambda place: people[place])
        low, high = min(place, other), max(place, other)
        merged[low : high + 1] = [merged[low] + merged[high]]
        people[low : high + 1] = [people[low] + people[high]]
        place = 0
    return tuple(merged)


def _coarsest(partitions: Sequence[Sequence[tuple[int, ...]]]) -> tuple[tuple[int, ...], ...]:
    """The finest partition that every given one refines; blocks are runs of the same order."""
    order = [code for block in partitions[0] for code in block]
    cuts = set.intersection(*(set(accumulate(map(len, blocks))) for blocks in partitions))
    ends = sorted(cuts)
    return tuple(tuple(order[start:end]) for start, end in zip([0, *ends[:-1]], ends, strict=True))
