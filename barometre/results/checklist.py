"""What stands between an edition and the public: what files must say, what somebody must have looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from barometre.estimates.disclosure import Thresholds
from barometre.i18n import gettext as _
from barometre.i18n import ngettext, tell
from barometre.questionnaire.town import Town
from barometre.results.sources import Published

#: things that only a person can have looked at; the first one, another person than whoever made the edition
VERBATIM, KEYBOARD, WORDS = "verbatim", "keyboard", "words"
#: check → {"by": username, "at": ISO 8601}
Ticks = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Check:
    """One line of the checklist."""

    id: str
    label: str
    done: bool
    #: what is missing, or who looked and when
    detail: str
    #: whether somebody ticks it; the others follow from the files
    manual: bool = False
    #: whether the edition waits for it
    blocks: bool = True


def list_checks(town: Town, edition: Published, ticks: Ticks, made_by: str) -> list[Check]:
    """Every check of one edition of the current wave; `ticks` are those that people noted."""
    return [*list_conditions(town, ticks, made_by), *_list_warnings(town, edition)]


def list_conditions(town: Town, ticks: Ticks, made_by: str) -> list[Check]:
    """Those that the edition waits for."""
    return [_check_headings(town), _check_thresholds(town), *_list_manual(ticks, made_by)]


def may_tick(check: str, who: str, made_by: str) -> bool:
    """Whether somebody may say that this was looked at."""
    return check != VERBATIM or who != made_by


def may_publish(checks: list[Check]) -> bool:
    """Whether nothing stands in the way."""
    return all(check.done for check in checks if check.blocks)


def _check_headings(town: Town) -> Check:
    """The eleven headings that a published survey owes its readers (AAPOR)."""
    wave = town.current_wave.id
    empty = [str(heading.number) for heading in town.method if not heading.texts.get(wave, "").strip()]
    return Check(
        "headings",
        _("Les onze rubriques de « Comment l’enquête a été faite » sont remplies"),
        not empty,
        _("Il manque : %(numbers)s.", numbers=", ".join(empty)) if empty else "",
    )


def _check_thresholds(town: Town) -> Check:
    """No smaller bases than the rules of disclosure are proved for."""
    design, least = town.current_wave.design, Thresholds()
    found = (
        None
        if design is None
        else Thresholds(design.threshold_mask, design.threshold_percentage, design.threshold_caution)
    )
    done = found is not None and (
        found.mask >= least.mask and found.percentage >= least.percentage and found.caution >= least.caution
    )
    return Check(
        "thresholds",
        _("Les seuils de protection sont ceux des règles, ou plus hauts"),
        done,
        ""
        if done
        else _(
            "Les règles demandent au moins %(mask)s, %(percentage)s et %(caution)s réponses.",
            mask=least.mask,
            percentage=least.percentage,
            caution=least.caution,
        ),
    )


def _list_manual(ticks: Ticks, made_by: str) -> list[Check]:
    labels = {
        VERBATIM: _(
            "Les paroles citées ont été relues par une deuxième personne : personne n’y est reconnaissable"
        ),
        KEYBOARD: _("Les pages ont été parcourues au clavier et avec un lecteur d’écran"),
        WORDS: _("Les messages clés ont été relus : ils disent ce que les chiffres permettent, pas plus"),
    }
    return [
        Check(
            check,
            label,
            check in ticks and may_tick(check, ticks[check]["by"], made_by),
            ticks.get(check, {}).get("by", ""),
            manual=True,
        )
        for check, label in labels.items()
    ]


def _list_warnings(town: Town, edition: Published) -> list[Check]:
    """What does not stand in the way, and what a reader will ask about."""
    open_points = [tell(a.text) for a in town.assumptions]
    weighted = edition.findings.weighting_problem is None
    return [
        Check(
            "weights",
            _("Les réponses ont pu être redressées"),
            weighted,
            "" if weighted else _("Chaque personne d’un quartier compte autant : les pages le disent."),
            blocks=False,
        ),
        Check(
            "assumptions",
            _("Toutes les hypothèses sont confirmées"),
            not open_points,
            ngettext(
                "%(num)s hypothèse n’est pas confirmée : les pages le disent.",
                "%(num)s hypothèses ne sont pas confirmées : les pages le disent.",
                len(open_points),
            )
            if open_points
            else "",
            blocks=False,
        ),
    ]
