"""Young people, elders, women: one share by age or sex, from the release, and when none may be shown.

A crossing shows nothing of one group that a reader could subtract from another (`crossing.py`). Beside the
weighted figures of the quartiers and beside earlier releases it could, so three more rules hold here:

- where a quartier is hidden, the sum of the groups would be one more equation for it: no group is shown;
- the published total is weighted by age. Beside the unweighted sum of the groups it is a second equation, so
  where one group of a breakdown that enters a weighting is hidden, none is shown;
- a release waits for eleven new interviews in each quartier, and one elder may be among them: a breakdown
  is shown again only when every group of it gained as many interviews as that since each earlier release,
  and enough answers to the question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import NOT_ASKED, SMALL
from barometre.questionnaire.town import Indicator, Town
from barometre.results.crossing import CrossRow, Group, cross, list_groups
from barometre.results.findings import Findings, thresholds
from barometre.storage.releases import count_changes

#: why a breakdown of one question is not shown
QUARTIER_HIDDEN, GROUP_HIDDEN, TOO_CLOSE = "quartier_hidden", "group_hidden", "too_close"


@dataclass(frozen=True)
class GroupShare:
    """What may be shown of one group: the headline share alone, never its interval nor its other answers."""

    group: Group
    state: str
    #: people who gave an opinion, None when masked
    base: int | None
    #: unweighted headline share, 0-1; None where it is not shown
    share: float | None
    #: ("below" or "above", per cent) where one side has few people
    band: tuple[str, int] | None


@dataclass(frozen=True)
class Breakdown:
    """One question by one item of the weighting cell."""

    by: str
    shares: tuple[GroupShare, ...]
    #: why there is none, "" when there are
    withheld: str = ""


#: (item, what makes the groups) → its shares
Breakdowns = Mapping[tuple[str, str], Breakdown]


def find_breakdowns(
    town: Town, findings: Findings, counts: Counts, earlier: Sequence[Counts]
) -> dict[tuple[str, str], Breakdown]:
    """Every indicator by age and by sex; `earlier` are the counts of every earlier release."""
    return {
        (indicator.item, by): break_down(town, findings, counts, indicator, by, earlier)
        for indicator in town.indicators
        if indicator.item in counts.position
        for by in list_breakdowns(town)
    }


def list_breakdowns(town: Town) -> list[str]:
    """What people said of themselves and is part of the weighting cell: age, sex."""
    asked = town.current_wave.questionnaire
    return [item for item in asked.cell if not asked.by_id[item].recorded]


def break_down(
    town: Town, findings: Findings, counts: Counts, indicator: Indicator, by: str, earlier: Iterable[Counts]
) -> Breakdown:
    """The headline share of an indicator by group; `earlier` are the counts of every earlier release."""
    wave = town.current_wave
    assert wave.design is not None
    smallest = thresholds(wave.design)
    quartiers = (findings.by_domain[(indicator.item, quartier.id)].shown for quartier in town.quartiers)
    if any(shown.hidden for shown in quartiers):
        return Breakdown(by, (), QUARTIER_HIDDEN)
    if any(not _grew(town, before, counts, indicator, by, smallest.mask) for before in earlier):
        return Breakdown(by, (), TOO_CLOSE)
    # The row of everybody stands elsewhere, weighted.
    rows = cross(wave.questionnaire, counts, indicator.item, by, smallest, indicator.codes)[:-1]
    if by in list_weighted(town) and any(row.shown.hidden for row in rows):
        return Breakdown(by, (), GROUP_HIDDEN)
    shares = tuple(_write_share(row, indicator) for row in rows if row.shown.state != NOT_ASKED)
    return Breakdown(by, shares)


def list_weighted(town: Town) -> set[str]:
    """What people said of themselves and a weighting uses, this wave's or the one brought to the first."""
    first, design = town.first_wave, town.current_wave.design
    assert design is not None
    names = {name for margins in design.margins.values() for name in margins}
    return names | set(first.published.composition if first and first.published else ())


def _write_share(row: CrossRow, indicator: Indicator) -> GroupShare:
    share = sum(share for codes, share in row.parts if set(codes) <= indicator.codes)
    return GroupShare(
        row.group, row.shown.state, row.base, share if row.shown.exact else None, row.shown.band
    )


def _grew(town: Town, before: Counts, now: Counts, indicator: Indicator, by: str, smallest: int) -> bool:
    """Whether every group grew so much since an earlier release that the two tell of nobody in particular."""
    if now.same_as(before):
        return True
    item, scale = indicator.item, town.current_wave.questionnaire.by_id[by].scale
    assert scale is not None
    if item not in before.position or by not in before.cell_items:
        return True
    changes = count_changes(before, now, by)
    for group in list_groups(scale):
        was, new = (counts.where(np.isin(counts.axis(by), group.codes)) for counts in (before, now))
        if not new.total and not was.total:
            continue
        came = sum(changes[code][0] for code in group.codes if code in changes)
        slots = range(1, min(was.highest_code, new.highest_code) + 1)
        gained = sum(max(0, int(new.given(item, (c,)).sum() - was.given(item, (c,)).sum())) for c in slots)
        if came < smallest or gained < SMALL:
            return False
    return True
