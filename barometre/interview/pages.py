"""The interviewer's pages: « Ma tournée », and one questionnaire document per wave and language."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import town
from barometre.i18n import gettext as _
from barometre.i18n import known_languages, locale, survey_languages
from barometre.interview.spoken import INTRODUCTION, THANKS, speak
from barometre.problems import label_silent, silent_codes
from barometre.questionnaire.definition import Item, Questionnaire
from barometre.questionnaire.dispositions import BY_SLUG, DISPOSITIONS
from barometre.questionnaire.town import Wave

blueprint = Blueprint(
    "interview",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/interview",
)

#: modules of each page, fetched side by side instead of one after the other
SHARED_MODULES = ("send.js", "store.js", "vendor/idb@8.0.4/index.js", "words.js")
QUESTIONNAIRE_MODULES = (
    "draft.js",
    "outbox.js",
    "pace.js",
    "route.js",
    "screens.js",
    "summary.js",
    *SHARED_MODULES,
)
TOUR_MODULES = ("enrol.js", "pages.js", *SHARED_MODULES)
#: reached by finishing, not by stopping: the tablet tells a partial interview from a break-off by itself
NOT_A_REASON = ("complete", "partial")


@blueprint.get("/interview/")
@allow("public")
def tour() -> ResponseReturnValue:
    """What is under way on this tablet, and the way to a new interview; the same for everyone.

    Who signed in is asked apart (`people.me`) and remembered by the tablet, which needs no network then.
    """
    return _share(render_tour())


def render_tour() -> str:
    """The document of « Ma tournée »."""
    wave = town().current_wave
    return render_template(
        "interview/tour.html",
        page_language=locale(),
        wave=wave,
        entry="tour.js",
        modules=TOUR_MODULES,
        definition={
            "me": url_for("people.me"),
            "sign_in": url_for("people.sign_in", next=url_for("interview.tour")),
            "worker": url_for("offline.service_worker"),
            "tour": url_for("interview.tour"),
            "languages": _describe_languages(wave),
            "dispositions": {outcome.slug: _(outcome.label) for outcome in DISPOSITIONS},
            "messages": _describe_messages(),
            "intake": _intake_address(),
            "ping": url_for("intake.ping"),
            "enrolment": url_for("people.enrol"),
        },
    )


@blueprint.get("/interview/<wave_id>/<language>/")
@allow("public")
def questionnaire(wave_id: str, language: str) -> ResponseReturnValue:
    """The whole questionnaire in one language, the same for everyone."""
    wave = town().waves.get(wave_id)
    if wave is None or wave.design is None or language not in offered_languages(wave):
        abort(404)
    return _share(render_questionnaire(wave, language))


def render_questionnaire(wave: Wave, language: str) -> str:
    """The document of one wave in one language."""
    asked = wave.questionnaire
    organisation = town().organisation
    return render_template(
        "interview/questionnaire.html",
        page_language=language,
        wave=wave,
        language=language,
        languages=offered_languages(wave),
        drafts={code: found.survey_status != "validé" for code, found in known_languages().items()},
        introduction=[speak(language, text, organisation=organisation) for text in INTRODUCTION],
        thanks=speak(language, THANKS),
        silent={
            item.id: [(code, label_silent(code)) for code in silent_codes(asked, item)]
            for item in asked.items
        },
        dispositions=[
            outcome for outcome in DISPOSITIONS if outcome.ends_interview and outcome.slug not in NOT_A_REASON
        ],
        entry="boot.js",
        modules=QUESTIONNAIRE_MODULES,
        definition={
            "wave": wave.id,
            "version": asked.version,
            "language": language,
            "languages": _describe_languages(wave),
            "items": [describe_item(asked, item) for item in asked.items],
            "key_items": asked.key_items,
            "quartier": asked.cell[0],
            "messages": _describe_messages(),
            "intake": _intake_address(),
            "ping": url_for("intake.ping"),
            "tour": url_for("interview.tour"),
        },
    )


def _share(page: str) -> ResponseReturnValue:
    """A document for every tablet: whoever is signed in, nothing in it is theirs."""
    response = make_response(page)
    response.headers["Cache-Control"] = "public, no-cache"
    response.add_etag()
    return response.make_conditional(request)


def describe_item(asked: Questionnaire, item: Item) -> dict[str, object]:
    """What `route.js` and the screens need to know of an item; its words are in the document."""
    when = item.when and {"item": item.when.item, "codes": sorted(item.when.codes)}
    rule = next((rule for rule in asked.not_eligible if rule.item == item.id), None)
    leaves = rule and {"codes": sorted(rule.codes), "ending": _(BY_SLUG[rule.disposition].label)}
    return {"id": item.id, "type": item.type, "when": when, "leaves": leaves}


def offered_languages(wave: Wave) -> tuple[str, ...]:
    assert wave.design
    complete = survey_languages(wave.design.use)
    return tuple(code for code in town().languages if code in complete)


def _describe_languages(wave: Wave) -> dict[str, dict[str, str]]:
    return {
        code: {
            "name": known_languages()[code].name,
            "address": url_for("interview.questionnaire", wave_id=wave.id, language=code),
        }
        for code in offered_languages(wave)
    }


def _intake_address() -> str:
    nowhere = UUID(int=0)
    return url_for("intake.put_interview", uuid=nowhere).removesuffix(str(nowhere))


def _describe_messages() -> dict[str, str]:
    """What the modules say, in the interviewer's language; {braces} are filled in by the browser."""
    return {
        "question": _("Question {number} sur {total}"),
        "saving": _("Enregistrement…"),
        "saved": _("Enregistré sur la tablette"),
        "sent": _("Envoyé"),
        "waiting_one": _("{number} entretien à envoyer"),
        "waiting_other": _("{number} entretiens à envoyer"),
        "nothing_waiting": _("Tout est envoyé"),
        "offline": _("Pas de réseau. Vos entretiens sont gardés sur la tablette. Vous pouvez continuer."),
        "refused": _("Le serveur ne reconnaît pas cette tablette : ouvrez « Ma tournée » et connectez-vous."),
        "kept": _("Le serveur n’a pas répondu comme prévu. L’entretien est gardé, l’envoi sera refait."),
        "unanswered": _("Touchez une réponse, ou « Ne sait pas », ou « Ne veut pas répondre »."),
        "unnoted": _("Touchez une réponse."),
        "not_eligible": _(
            "Cette personne n’entre pas dans l’enquête : touchez « Arrêter l’entretien », puis « {ending} »."
        ),
        "reason": _("Touchez la raison de l’arrêt."),
        "no_quartier": _("Notez d’abord le quartier : sans lui, cet entretien ne peut pas compter."),
        "left_out": _("Il reste une question sans réponse : la voici."),
        "blank": _("Sans réponse"),
        "next": _("Suivant"),
        "started": _("Commencé le {moment}"),
        "answered_one": _("{number} réponse"),
        "answered_other": _("{number} réponses"),
        "resume": _("Reprendre"),
        "finished": _("Terminé le {moment}"),
        "receipt": _("reçu n° {number}"),
        "set_aside": _("mis de côté pour le responsable"),
        "ready": _("Cette tablette est prête : elle garde les entretiens même sans réseau."),
        "not_persisted": _(
            "Cette tablette est prête. Installez la page sur l’écran d’accueil pour que le navigateur "
            "ne vide jamais sa mémoire."
        ),
        "not_enrolled": _(
            "Cette tablette n’a pas pu être inscrite. Vérifiez le réseau, puis rechargez la page."
        ),
        "no_memory": _("La mémoire de la tablette ne répond pas : quittez la navigation privée."),
        "insecure": _("Cette adresse ne commence pas par https : la tablette ne peut rien garder ici."),
        "tablet": _("Tablette de {name}"),
        "unknown": _("Personne n’est connecté sur cette tablette. Connectez-vous une fois avec le réseau."),
        "expired": _("Votre connexion a expiré : vous pouvez continuer, et vous reconnecter plus tard."),
        "no_worker": _("Ce navigateur ne garde pas les pages : sans réseau, elles ne s’ouvriront pas."),
    }
