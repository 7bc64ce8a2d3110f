"""When a number that is not shown is safe: what the attacker may know of it, in one place."""

from collections.abc import Iterable

from barometre.estimates.disclosure import SMALL

#: numbers of people that a band stands for
FEW = frozenset(range(SMALL))


def is_base_safe(fitting: Iterable[int], mask: int) -> bool:
    """A base: more than one number fits, or one that would be shown anyway."""
    found = set(fitting)
    return len(found) > 1 or max(found) >= mask


def is_side_safe(fitting: Iterable[int], people: int | None = None) -> bool:
    """People on one side: not narrowed to a part of 0-4.

    Where it is told that a group has fewer `people` than that, to a part of what they can be.
    """
    return not set(fitting) < (FEW if people is None else FEW & set(range(people + 1)))


def is_option_safe(fitting: Iterable[int]) -> bool:
    """People who gave one answer: not known to be 1-4."""
    return not set(fitting) <= FEW - {0}


def is_band_safe(fitting: Iterable[int]) -> bool:
    """The small side of a band: all that the band says, and nothing less."""
    return set(fitting) >= FEW
