"""What is suppressed stays so, however many decimals the shown shares have."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from barometre.estimates.disclosure import ALL, BAND, MASKED, NOT_ASKED, SMALL, Answers, Shown, protect
from tests.disclosure.attack import Secret, System, Vector, find_disclosures
from tests.disclosure.safe import is_band_safe, is_base_safe, is_option_safe, is_side_safe

ORDER, HEADLINE = (4, 3, 2, 1), frozenset({4, 3})
SIDES = (HEADLINE, frozenset(ORDER) - HEADLINE)
EXACT = None

people = st.one_of(st.integers(0, 6), st.integers(0, 40))
tables = st.lists(st.tuples(*[people] * len(ORDER)), min_size=2, max_size=4)


def add(quartiers: int, domain: str, codes: frozenset[int]) -> Vector:
    """Coefficients of the people of a quartier, or of all, who gave one of `codes`."""
    places = [place for place in range(quartiers) if domain in (ALL, f"Q{place}")]
    found = np.zeros((len(ORDER), quartiers))
    found[np.ix_([place for place, code in enumerate(ORDER) if code in codes], places)] = 1
    return found.ravel()


def know(truth: Vector, quartiers: int, shown: Sequence[Shown], decimals: int | None) -> System:
    """Equations of what is shown, each share rounded to some decimals of a per cent."""
    system = System(len(truth), int(truth.sum()))
    for found in shown:
        base = add(quartiers, found.domain, frozenset(ORDER))
        if found.base is None:
            system.tell(base, found.state == MASKED, 0 if found.state == NOT_ASKED else np.inf)
            continue
        system.tell(base, found.base)
        if found.band:
            system.tell(add(quartiers, found.domain, SIDES[found.band[0] == "above"]), 0, SMALL - 1)
        for block in found.blocks:
            of = add(quartiers, found.domain, frozenset(block))
            number = float(of @ truth)
            if decimals is EXACT:
                system.tell(of, number)
            else:
                share, half = round(100 * number / found.base, decimals), 0.5 * 10**-decimals + 1e-9
                system.tell(of, found.base * (share - half) / 100, found.base * (share + half) / 100)
    return system


def list_secrets(truth: Vector, quartiers: int, shown: Sequence[Shown]) -> list[Secret]:
    """Small bases, sides and options of each quartier."""
    secrets = []
    for found in shown:
        base = add(quartiers, found.domain, frozenset(ORDER))
        number = round(float(base @ truth))
        if found.domain == ALL or not number:
            continue
        if found.state == MASKED and number < 11:
            secrets.append(
                Secret(f"{found.domain} base", base, lambda fits: is_base_safe(fits, 11), {number})
            )
        for codes in (*SIDES, *(frozenset({code}) for code in ORDER)):
            of = add(quartiers, found.domain, codes)
            few = round(float(of @ truth))
            if codes in SIDES and few < SMALL:
                safe = is_band_safe if found.state == BAND else is_side_safe
                secrets.append(Secret(f"{found.domain} side", of, safe, {few}))
            elif codes not in SIDES and 0 < few < SMALL:
                secrets.append(Secret(f"{found.domain} option", of, is_option_safe, {few}))
    return secrets


@settings(max_examples=60, deadline=None)
@given(table=tables, decimals=st.integers(0, 4))
def test_what_is_suppressed_stays_so_under_any_rounding(table: list[tuple[int, ...]], decimals: int) -> None:
    truth = np.array(table, dtype=float).T.ravel()
    answers = [Answers(f"Q{place}", dict(zip(ORDER, row, strict=True))) for place, row in enumerate(table)]
    shown = protect(answers, ORDER, HEADLINE)
    if shown[ALL].state in (MASKED, NOT_ASKED):
        assert {found.state for found in shown.values()} <= {MASKED, NOT_ASKED}
        return
    random = np.random.default_rng(0)
    for rounded in (decimals, EXACT):
        system = know(truth, len(table), list(shown.values()), rounded)
        assert system.fits(truth)
        secrets = list_secrets(truth, len(table), list(shown.values()))
        disclosed = find_disclosures(system, secrets, random)
        assert not disclosed, [(secret.name, sorted(secret.fitting)) for secret in disclosed]
