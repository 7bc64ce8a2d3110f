"""What became of an encounter: one table from our slugs to AAPOR's numbers and the French labels.

AAPOR, Standard Definitions (in-person household surveys); labels of INSEE's interviewer application where
it has one, plus those it lacks for a door-to-door survey among neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Disposition:
    """One possible outcome."""

    #: stored name
    slug: str
    #: French label, a Babel message
    label: str
    #: AAPOR number
    aapor: str
    #: "interview", "refusal", "non_contact", "other", "unknown" or "not_eligible"
    kind: str
    #: whether it can end an interview that was begun
    ends_interview: bool = False


DISPOSITIONS: tuple[Disposition, ...] = (
    Disposition("complete", "Entretien complet", "1.1", "interview", True),
    Disposition("partial", "Entretien partiel", "1.2", "interview", True),
    Disposition("break_off", "Abandon en cours d’entretien", "2.12", "refusal", True),
    Disposition("refusal", "Refus", "2.11", "refusal", True),
    Disposition("callback", "Contact établi, à recontacter", "2.25", "non_contact", True),
    Disposition("language_barrier", "Langue non couverte", "2.33", "other", True),
    Disposition("unable", "Incapacité de répondre", "2.32", "other", True),
    Disposition("no_contact", "Pas de contact", "2.24", "non_contact"),
    Disposition("no_access", "Immeuble inaccessible", "2.23", "non_contact"),
    Disposition("notice_left", "Dépôt d’un avis de passage", "2.24", "non_contact"),
    Disposition("known_to_interviewer", "Connu de l’enquêteur, à confier à un autre", "2.30", "other", True),
    Disposition("vacant", "Logement vacant", "4.6", "not_eligible"),
    Disposition("outside_quartier", "N’habite pas le quartier", "4.1", "not_eligible", True),
    Disposition("minor_alone", "Mineur seul", "4.7", "not_eligible", True),
    Disposition("quota_reached", "Quota atteint", "4.8", "not_eligible", True),
)

BY_SLUG = {disposition.slug: disposition for disposition in DISPOSITIONS}

#: an interview ended so may be counted: always when complete, else when half of the key items are answered
COUNTABLE = ("complete", "partial", "break_off")
