"""The interviewer's pages: « Ma tournée », and one questionnaire document per wave and language."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, current_app, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import database, town
from barometre.i18n import gettext as _
from barometre.i18n import known_languages, locale, survey_languages
from barometre.interview.bundle import bundle
from barometre.interview.give_back import describe_give_back
from barometre.interview.messages import (
    describe_checks,
    describe_interview_messages,
    describe_messages,
    describe_tour_messages,
)
from barometre.interview.spoken import (
    ALONE,
    ALONE_SILENT,
    GIVEN_BACK,
    HANDOVER,
    INTRODUCTION,
    THANKS,
    speak,
)
from barometre.problems import label_silent, silent_codes
from barometre.questionnaire.definition import Item, Questionnaire
from barometre.questionnaire.dispositions import BY_SLUG, DISPOSITIONS
from barometre.questionnaire.town import Wave
from barometre.storage.sealing_keys import fetch_public_key
from barometre.storage.versions import register_version

blueprint = Blueprint(
    "interview",
    __name__,
    template_folder="templates",
    static_folder="static",
    static_url_path="/static/interview",
)

#: the module that each page begins with
INTERVIEW, TOUR = "boot.js", "tour.js"
#: reached by finishing, not by stopping: the tablet tells a partial interview from a break-off by itself
NOT_A_REASON = ("complete", "partial")
#: what « Ma tournée » offers in two touches when there is no interview
AT_THE_DOOR = {outcome.slug for outcome in DISPOSITIONS if outcome.slug not in (*NOT_A_REASON, "break_off")}


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
    asked = wave.questionnaire
    return render_template(
        "interview/tour.html",
        page_language=locale(),
        wave=wave,
        places=_list_places(asked),
        outcomes=[outcome for outcome in DISPOSITIONS if outcome.slug in AT_THE_DOOR],
        script=find_script(TOUR),
        definition={
            **_describe_collection(wave),
            "place": asked.place and {"item": asked.place.item, "home": sorted(asked.place.home)},
            "messages": describe_messages() | describe_tour_messages(),
            "checks": describe_checks(),
            "work": url_for("work.show"),
            "devices": url_for("enrolment.enrol"),
            "me": url_for("people.me"),
            "sign_out": url_for("people.sign_out"),
            "dispositions": {outcome.slug: _(outcome.label) for outcome in DISPOSITIONS},
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
    _keep_version(wave.questionnaire)
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
        handover=speak(language, HANDOVER),
        given_back=speak(language, GIVEN_BACK),
        give_back=describe_give_back(town(), language),
        alone={code: speak(language, text) for code, text in ALONE_SILENT.items()},
        silent={
            item.id: [(code, label_silent(code)) for code in silent_codes(asked, item)]
            for item in asked.items
        },
        dispositions=[
            outcome for outcome in DISPOSITIONS if outcome.ends_interview and outcome.slug not in NOT_A_REASON
        ],
        script=find_script(INTERVIEW),
        definition={
            **_describe_collection(wave),
            "language": language,
            "messages": describe_messages() | describe_interview_messages(),
            "items": [describe_item(asked, item) for item in asked.items],
            "spoken": {key: speak(language, text)["spoken"] for key, text in ALONE.items()},
        },
    )


def _describe_collection(wave: Wave) -> dict[str, object]:
    """What both pages know: what is asked, what it is sealed to, where it goes, and what is said."""
    asked = wave.questionnaire
    with database().read() as session:
        key = fetch_public_key(session, wave.id)
    return {
        "wave": wave.id,
        "version": asked.version,
        "quartier": asked.cell[0],
        "key_items": asked.key_items,
        "seal": key,
        "languages": _describe_languages(wave),
        "intake": _intake_address(),
        "ping": url_for("intake.ping"),
        "tour": url_for("interview.tour"),
        "worker": url_for("offline.service_worker"),
    }


@blueprint.get("/interview/scripts/<build>/<entry>")
@allow("public")
def script(build: str, entry: str) -> ResponseReturnValue:
    """A page's script; its address holds the hash of every file, so that it never changes."""
    if build != current_app.extensions["build"] or entry not in (INTERVIEW, TOUR):
        abort(404)
    response = make_response(bundle(entry), {"Content-Type": "text/javascript; charset=utf-8"})
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def find_script(entry: str) -> str:
    """Where a page's script is."""
    return url_for("interview.script", build=current_app.extensions["build"], entry=entry)


def _keep_version(asked: Questionnaire) -> None:
    """Once a tablet has a questionnaire, its interviews can be judged for ever, whatever is asked later."""
    kept: set[str] = current_app.extensions.setdefault("kept versions", set())
    if asked.version not in kept:
        with database().write() as session:
            register_version(session, asked)
        kept.add(asked.version)


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
    return {"id": item.id, "type": item.type, "when": when, "leaves": leaves, "handed": item.self_completed}


def _list_places(asked: Questionnaire) -> list[dict[str, object]]:
    """Where people are met, as « Ma tournée » offers it: an option, and the context of its words."""
    scale = asked.place and asked.by_id[asked.place.item].scale
    if not scale:
        return []
    return [
        {"code": option.code, "label": option.label, "context": f"{scale.id}:{option.code}"}
        for option in scale.options
    ]


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
