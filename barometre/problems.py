"""What is wrong with an answer, a row or an envelope, in words: what was given and what would be taken."""

from __future__ import annotations

import re

from barometre.estimates import margins
from barometre.estimates.margins import WeightingError
from barometre.i18n import gettext as _
from barometre.i18n import lazy_gettext as _l
from barometre.i18n import say
from barometre.questionnaire.answers import AnswerProblem
from barometre.questionnaire.definition import DONT_KNOW, REFUSED, Item, Questionnaire
from barometre.questionnaire.dispositions import BY_SLUG, DISPOSITIONS

#: what an answer that cannot be taken is told, by `AnswerProblem.reason`; the last ones are a file's own
SENTENCES = {
    "unknown_item": _l("Cette question n’est pas dans le questionnaire : retirez-la."),
    "unknown_code": _l("« %(given)s » n’est pas une réponse proposée ici. Choisissez : %(expected)s."),
    "not_open": _l("« %(given)s » n’est pas une réponse proposée ici. Choisissez : %(expected)s."),
    "not_closed": _l("Cette question attend des mots, pas le code %(given)s."),
    "too_long": _l("La réponse est trop longue : résumez-la en %(expected)s caractères au plus."),
    "required": _l(
        "Cette réponse manque, et un entretien ne compte pas sans elle. Choisissez : %(expected)s."
    ),
    "unknown_disposition": _l("« %(given)s » n’est pas une issue connue. Choisissez : %(expected)s."),
    "not_for_interview": _l("« %(given)s » ne peut pas terminer un entretien. Choisissez : %(expected)s."),
    "off_route": _l("Cette question n’est pas posée après ces réponses : laissez-la vide."),
    "not_eligible": _l(
        "Cette personne n’entre pas dans l’enquête : l’issue de l’entretien (disposition) est "
        "« %(expected)s »."
    ),
    "too_few_key_items": _l(
        "Moins de la moitié des questions principales ont une réponse : "
        "l’entretien n’est pas complet. Choisissez : %(expected)s."
    ),
    "unknown_language": _l("« %(given)s » n’est pas une langue de l’enquête. Choisissez : %(expected)s."),
    "unknown_date": _l("« %(given)s » n’est pas une date. Écrivez-la ainsi : %(expected)s."),
    "missing_id": _l("L’identifiant de l’entretien manque : donnez-en un, différent à chaque ligne."),
    "duplicate_id": _l(
        "« %(given)s » est déjà à la ligne %(expected)s : un entretien tient sur une seule ligne."
    ),
    "other_content": _l(
        "Déjà reçu avec un autre contenu : l’entretien reçu est gardé tel quel. Retirez la ligne ; si c’est "
        "elle qui est juste, donnez-lui un autre identifiant et retirez l’autre entretien du compte "
        "(interviews exclude)."
    ),
    "too_many_cells": _l("La ligne a %(given)s cases de trop : un guillemet ou un séparateur est mal placé."),
    "missing_column": _l("Cette colonne manque : ajoutez-la, avec un identifiant différent à chaque ligne."),
    "unknown_column": _l("Cette colonne n’est pas dans le questionnaire : retirez-la ou corrigez son nom."),
    "double_column": _l("Cette colonne est là deux fois : n’en gardez qu’une."),
}

#: why an envelope was set aside: the slug that its reason begins with
ASIDE = {
    "revoked_device": _l("La tablette avait été révoquée."),
    "unreadable": _l("L’envoi est abîmé : il ne se lit pas comme un entretien."),
    "other_answers": _l("Les réponses que la personne a données seule sont celles d’un autre entretien."),
    "other_uuid": _l("L’identifiant de l’entretien n’est pas celui de l’envoi."),
    "unknown_version": _l("L’entretien a été fait avec une version du questionnaire inconnue ici."),
    "key_missing": _l("La clé qui ouvre cet envoi n’est pas sur le serveur."),
    "invalid": _l("Des réponses ne suivent pas le questionnaire : %(details)s."),
    "other_content": _l(
        "Un autre contenu a déjà été reçu sous le même identifiant ; le premier reste compté."
    ),
}

#: the same reasons as `SENTENCES` without the answer, for a list that must show none
SHORT = {
    "unknown_item": _l("question inconnue"),
    "unknown_code": _l("réponse qui n’est pas proposée"),
    "not_open": _l("des mots au lieu d’un code"),
    "not_closed": _l("un code au lieu de mots"),
    "too_long": _l("réponse trop longue"),
    "required": _l("réponse obligatoire manquante"),
    "unknown_disposition": _l("issue inconnue"),
    "not_for_interview": _l("issue qui ne termine pas un entretien"),
    "off_route": _l("question qui n’était pas à poser"),
    "not_eligible": _l("personne hors de l’enquête"),
    "too_few_key_items": _l("trop peu de réponses pour un entretien complet"),
}
#: why a sample cannot be weighted, by `WeightingError.reason`
WEIGHTING = {
    margins.NOBODY_LIVES: _l(
        "%(quartier)s, %(class_id)s : des personnes ont été interrogées là où la population est de 0. "
        "Corrigez la population, ou la classe de ces entretiens."
    ),
    margins.NOT_THE_TOTAL: _l(
        "%(quartier)s, %(class_id)s : la somme des classes n’est pas la population totale. Corrigez l’une ou "
        "l’autre."
    ),
    margins.NOBODY_ANSWERED: _l(
        "%(quartier)s, %(class_id)s : aucun entretien ne peut représenter cette classe. Regroupez-la avec "
        "une autre, ou retirez cette marge."
    ),
    margins.CONTRADICTORY: _l(
        "%(quartier)s, %(class_id)s : ces entretiens ne peuvent pas tenir toutes les marges à la fois. "
        "Regroupez des classes, ou retirez une marge."
    ),
    margins.OUT_OF_BOUNDS: _l(
        "%(quartier)s, %(class_id)s : aucun poids entre ces bornes ne tient les marges. Gardez le calage "
        "sans bornes."
    ),
    margins.MORE_THAN_LIVE: _l(
        "%(quartier)s, %(class_id)s : il y a plus d’entretiens que d’habitants. Corrigez la population."
    ),
}
#: a field and a reason in the short line that the gate keeps; the line may be cut anywhere
PAIR = re.compile(r'\["([^"\\]{1,60})", "([a-z_]+)"\]')


def describe_problem(problem: AnswerProblem, questionnaire: Questionnaire) -> str:
    """One or two sentences: what is wrong, and how to mend it."""
    sentence = SENTENCES.get(problem.reason)
    if sentence is None:
        return problem.reason
    return str(sentence % {"given": problem.given, "expected": _write_expected(problem, questionnaire)})


def describe_aside(reason: str | None) -> str:
    """Why an envelope was set aside, without any answer."""
    slug, _colon, rest = (reason or "").partition(":")
    words = ASIDE.get(slug)
    if words is None:
        return slug
    details = [f"{field} ({SHORT.get(why, why)})" for field, why in PAIR.findall(rest)]
    return str(words % {"details": ", ".join(details)})


def explain_weighting(error: WeightingError) -> str:
    """Where a sample cannot stand for its population, why, and how to mend it."""
    return str(WEIGHTING[error.reason] % {"quartier": error.quartier, "class_id": error.class_id})


def label_silent(code: int) -> str:
    """Words of the two silent codes."""
    return {DONT_KNOW: _("Ne sait pas"), REFUSED: _("Ne veut pas répondre")}[code]


def silent_codes(questionnaire: Questionnaire, item: Item) -> tuple[int, ...]:
    """The silent codes that an item offers.

    What the interviewer notes can be unknown but is refused by nobody; without its quartier an interview
    belongs nowhere, so that one is always noted.
    """
    if item.id == questionnaire.cell[0]:
        return ()
    return (DONT_KNOW,) if item.recorded else (DONT_KNOW, REFUSED)


def label_options(questionnaire: Questionnaire, item: Item) -> list[tuple[int, str]]:
    """Every answer that a closed item offers, with its words: the options, then the silent codes."""
    assert item.scale is not None
    options = [
        (option.code, say(f"{item.scale.id}:{option.code}", option.label)) for option in item.scale.options
    ]
    return options + [(code, label_silent(code)) for code in silent_codes(questionnaire, item)]


def label_dispositions() -> list[tuple[str, str]]:
    """Every way an interview can end, with its words."""
    return [(found.slug, _(found.label)) for found in DISPOSITIONS if found.ends_interview]


def _write_expected(problem: AnswerProblem, questionnaire: Questionnaire) -> str:
    if problem.reason in ("unknown_disposition", "not_for_interview"):
        return ", ".join(f"{label} ({slug})" for slug, label in label_dispositions())
    if problem.reason in ("too_few_key_items", "not_eligible"):
        return ", ".join(_(BY_SLUG[slug].label) for slug in problem.expected.split(", "))
    item = questionnaire.by_id.get(problem.field)
    if item is not None and item.scale is not None:
        return ", ".join(f"{code} {label}" for code, label in label_options(questionnaire, item))
    return problem.expected
