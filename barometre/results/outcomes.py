"""What became of the encounters, and the rates that these numbers allow.

AAPOR, Standard Definitions (2023), in-person household surveys: response, cooperation, refusal and contact
rates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from barometre.questionnaire.dispositions import BY_SLUG

#: why a rate cannot be computed
NO_DOORS, NO_ELIGIBILITY, NOBODY = "no_doors", "no_eligibility", "nobody"


@dataclass(frozen=True)
class Rate:
    """One rate of AAPOR's, or why it is not known."""

    #: AAPOR's name, "COOP1"
    name: str
    formula: str
    #: 0-1, None where it cannot be computed
    value: float | None
    #: `NO_DOORS`, `NO_ELIGIBILITY` or `NOBODY`; "" where it can
    why: str


def measure_rates(dispositions: Mapping[str, int]) -> list[Rate]:
    """AAPOR's rates from encounters by slug.

    I complete and P partial interviews, R refusals and break-offs, NC non-contacts, O others who are
    eligible. Doors of unknown eligibility (U) are not noted by the tablet. Without any door that stayed shut,
    the rates that count doors would take those who opened for all: they are not computed.
    """
    total = dict.fromkeys(("complete", "partial", "refusal", "non_contact", "other"), 0)
    for slug, number in dispositions.items():
        kind = BY_SLUG[slug].kind
        name = slug if kind == "interview" else kind
        if name in total:
            total[name] += number
    i, p, r, nc, o = total.values()
    doors = sum(dispositions.get(slug, 0) for slug in ("no_contact", "no_access", "notice_left"))

    def rate(name: str, formula: str, over: int, under: int, why: str = "") -> Rate:
        why = why or ("" if under else NOBODY)
        return Rate(name, formula, None if why else over / under, why)

    shut = "" if doors else NO_DOORS
    asked, known = i + p + r + o, i + p + r + nc + o
    return [
        rate("COOP1", "I / (I + P + R + O)", i, asked),
        rate("COOP2", "(I + P) / (I + P + R + O)", i + p, asked),
        rate("COOP3", "I / (I + P + R)", i, i + p + r),
        rate("RR5", "I / (I + P + R + NC + O)", i, known, shut),
        rate("RR6", "(I + P) / (I + P + R + NC + O)", i + p, known, shut),
        rate("REF3", "R / (I + P + R + NC + O)", r, known, shut),
        rate("CON3", "(I + P + R + O) / (I + P + R + NC + O)", asked, known, shut),
        rate("RR1", "I / (I + P + R + NC + O + U)", i, known, NO_ELIGIBILITY),
        rate("RR3", "I / (I + P + R + NC + O + e·U)", i, known, NO_ELIGIBILITY),
    ]
