"""Staff page: the answers one row a person, for analysts who say what for; each download is logged."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from barometre.access import allow, current_person
from barometre.context import config, database, town
from barometre.i18n import gettext as _
from barometre.results.microdata_file import write_microdata
from barometre.storage import counts as stored_counts
from barometre.storage.microdata import (
    LONGEST_PURPOSE,
    PurposeMissing,
    PurposeTooLong,
    check_purpose,
    fetch_answers,
    fetch_exports,
    log_export,
)

blueprint = Blueprint("microdata", __name__, template_folder="templates")


@blueprint.get("/desk/microdata")
@allow("analyst", "administrator")
def microdata() -> ResponseReturnValue:
    """The rules, the form, and everybody who took the answers."""
    return _render()


@blueprint.post("/desk/microdata")
@allow("analyst", "administrator")
def take() -> ResponseReturnValue:
    """The file, once its purpose is said and noted."""
    person, wave = current_person(), town().current_wave
    assert person is not None  # @allow lets nobody else in
    purpose = request.form.get("purpose", "")
    if request.form.get("accepted") != "1":
        return _render(
            purpose, accepted=_("Cochez cette case : sans cet accord, le fichier n’est pas donné.")
        )
    design = wave.design
    invented = config().demonstration or (design is not None and design.use == "demonstration")
    try:
        check_purpose(purpose)
    except PurposeMissing:
        return _render(purpose, error=_("Dites en quelques mots à quoi ce fichier va servir."))
    except PurposeTooLong:
        limit = LONGEST_PURPOSE
        return _render(purpose, error=_("C’est trop long : %(limit)s caractères au plus.", limit=limit))
    with database().read() as session:
        answers = fetch_answers(session, wave.id)
    if not len(answers.codes):
        return _render(purpose)
    body = write_microdata(town(), answers, simulated=invented)
    # Noted before it is given, and once it is written: tablets do not wait for it meanwhile.
    with database().write() as session:
        log_export(session, wave.id, purpose, person.username, len(answers.codes))
    name = f"barometre-{town().slug}-{wave.id}{'-simule' if invented else ''}.sav"
    return Response(
        body,
        mimetype="application/x-spss-sav",
        headers={"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"},
    )


def _render(purpose: str = "", *, error: str = "", accepted: str = "") -> ResponseReturnValue:
    wave = town().current_wave.id
    with database().read() as session:
        interviews = stored_counts.count_interviews(session, wave)
        exports = fetch_exports(session, wave)
    page = render_template(
        "results/microdata.html",
        wave=wave,
        interviews=interviews,
        exports=exports,
        purpose=purpose,
        error=error,
        accepted=accepted,
        longest=LONGEST_PURPOSE,
    )
    return page, 422 if error or accepted else 200
