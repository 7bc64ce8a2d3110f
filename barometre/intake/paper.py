"""Paper entry: staff type in a paper interview; it works without JavaScript and ends at the same gate."""

from __future__ import annotations

from uuid import UUID, uuid4

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, NotFound

from barometre.access import allow, current_person
from barometre.context import database, town
from barometre.i18n import SOURCE_LANGUAGE, language_name, survey_languages
from barometre.intake.envelope import write_envelope
from barometre.intake.form import PaperForm, list_questions, make_form
from barometre.intake.sync import gate
from barometre.questionnaire.town import Wave
from barometre.storage.arrivals import CONFLICT
from barometre.storage.interviews import fetch_receipt

blueprint = Blueprint("paper", __name__, template_folder="templates", static_folder="static")


@blueprint.route("/paper/<wave_id>", methods=["GET", "POST"])
@allow("supervisor", "administrator")
def entry(wave_id: str) -> ResponseReturnValue:
    """The questionnaire as one page; an interview that cannot be kept comes back as it was typed."""
    wave = _collected_wave(wave_id)
    person = current_person()
    assert person is not None  # @allow lets nobody else in
    form = make_form(wave.questionnaire, _languages(wave), uuid=str(uuid4()), interviewer=person.username)
    if form.validate_on_submit():
        return redirect(url_for("paper.saved", wave_id=wave.id, seq=_keep(wave, form)), code=303)
    page = render_template("intake/paper.html", form=form, sections=list_questions(form), wave=wave.id)
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/paper/<wave_id>/saved/<int:seq>")
@allow("supervisor", "administrator")
def saved(wave_id: str, seq: int) -> ResponseReturnValue:
    """The receipt of a paper interview."""
    wave = _collected_wave(wave_id)
    with database().read() as session:
        receipt = fetch_receipt(session, seq)
    if receipt is None:
        raise NotFound
    return render_template(
        "intake/saved.html", wave=wave.id, receipt=receipt, conflict=receipt.status == CONFLICT
    )


def _keep(wave: Wave, form: PaperForm) -> int:
    """Send the form's interview through the gate; its number of arrival."""
    try:
        # Made with the form: sent twice, the same interview is received once.
        uuid = UUID(form.uuid.data)
    except ValueError as error:
        raise BadRequest from error
    body = write_envelope(
        uuid,
        wave=wave.id,
        version=wave.questionnaire.version,
        interviewer=(form.interviewer.data or "").strip(),
        disposition=form.disposition.data or "",
        started_at=form.started_on.data.isoformat() if form.started_on.data else None,
        answers=form.answers(),
    )
    judge = gate()
    with database().write() as session:
        return judge.receive(session, uuid, body, channel="paper").seq


def _collected_wave(wave_id: str) -> Wave:
    wave = town().waves.get(wave_id)
    if wave is None or wave.design is None:
        raise NotFound
    return wave


def _languages(wave: Wave) -> list[tuple[str, str]]:
    assert wave.design is not None
    codes = dict.fromkeys((SOURCE_LANGUAGE, *survey_languages(wave.design.use)))
    return [(code, language_name(code)) for code in codes if code in town().languages]
