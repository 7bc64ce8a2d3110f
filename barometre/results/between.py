"""What two releases tell together: a quartier that has not moved since opens what the other one hid."""

from __future__ import annotations

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import ALL, MASKED, SMALL, Answers, Shown, tells_more
from barometre.questionnaire.town import Indicator, Town
from barometre.results.answers import gather_answers
from barometre.results.findings import show_item, thresholds
from barometre.results.recounted import recount_item


def undo_each_other(town: Town, wave: str, before: Counts, now: Counts) -> bool:
    """Whether somebody who kept the pages of one would read in the other what it hides.

    Both are counts of one wave, this one or the first.
    """
    undoes = _undoes if wave == town.current_wave.id else _undoes_first
    return any(
        undoes(town, indicator, one, other)
        for indicator in town.indicators
        if indicator.item in before.position and indicator.item in now.position
        for one, other in ((before, now), (now, before))
    )


def _undoes_first(town: Town, indicator: Indicator, one: Counts, other: Counts) -> bool:
    """The same for the first wave, whose interviews tell one share a quartier."""
    first, design = town.first_wave, town.current_wave.design
    assert design is not None
    item = first.questionnaire.by_id.get(indicator.item) if first else None
    if item is None or item.scale is None:
        return False
    smallest = thresholds(design)
    parts, again = (gather_answers(town, counts, indicator.item, item.scale) for counts in (one, other))
    if _gained_few(parts, again):
        return True
    shown, told = (
        {
            domain
            for domain, found in recount_item(town, counts, indicator, smallest).items()
            if not found.hidden
        }
        for counts in (one, other)
    )
    still = {p.domain for p, same in zip(parts, again, strict=True) if p.base and p.options == same.options}
    opened = (still & told) - shown
    left = [part for part in parts if part.base and part.domain not in shown | opened]
    # Without its total, nothing follows from a quartier; with it, the last one hidden must not.
    return ALL in shown and bool(opened) and bool(left)


def _undoes(town: Town, indicator: Indicator, one: Counts, other: Counts) -> bool:
    """Whether `other` tells of `one` more than its own pages do."""
    wave = town.current_wave
    assert wave.design is not None

    scale = wave.questionnaire.by_id[indicator.item].scale
    assert scale is not None

    def show(counts: Counts) -> tuple[list[Answers], dict[str, Shown]]:
        return gather_answers(town, counts, indicator.item, scale), show_item(
            town, counts, wave.questionnaire, indicator.item, indicator.codes
        )

    (parts, shown), (again, told) = show(one), show(other)
    if _gained_few(parts, again):
        return True
    known = {
        part.domain: told[part.domain].blocks
        for part, same in zip(parts, again, strict=True)
        if part.base and part.options == same.options and told[part.domain].state != MASKED
    }
    more = any(
        shown[domain].state == MASKED or shown[domain].blocks != blocks for domain, blocks in known.items()
    )
    return more and tells_more(parts, shown, known, indicator.codes, thresholds(wave.design))


def _gained_few(before: list[Answers], now: list[Answers]) -> bool:
    """Whether a few answers to one item came in somewhere."""
    return any(0 < _count_gained(part, later) < SMALL for part, later in zip(before, now, strict=True))


def _count_gained(before: Answers, now: Answers) -> int:
    """The fewest answers to one item that came in."""
    return sum(max(0, people - before.options.get(code, 0)) for code, people in now.options.items())
