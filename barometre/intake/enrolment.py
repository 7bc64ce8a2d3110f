"""`POST /intake/devices`: a tablet shows the code it was given at the desk, and gets its token."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, TooManyRequests

from barometre.access import FAILURE_WINDOW, FAILURES_PER_ADDRESS, allow, hash_with_key, name_sender
from barometre.context import database
from barometre.i18n import lazy_gettext as _l
from barometre.storage import people
from barometre.storage.enrolment import (
    CLOSED,
    EXPIRED,
    UNKNOWN,
    USED,
    Enrolment,
    clean_code,
    use_code,
)
from barometre.storage.models import utc_now

blueprint = Blueprint("enrolment", __name__)

LONGEST_LABEL = 80
#: why a code enrols nothing → status, and what to do
REFUSALS = {
    UNKNOWN: (404, _l("Ce code n’existe pas. Vérifiez les huit lettres et chiffres, puis recommencez.")),
    EXPIRED: (
        410,
        _l("Ce code a plus d’une heure : il ne sert plus. Demandez-en un autre à votre responsable."),
    ),
    USED: (
        409,
        _l("Ce code a déjà servi : il ne sert qu’une fois. Demandez-en un autre à votre responsable."),
    ),
    CLOSED: (
        409,
        _l("Le compte pour lequel ce code a été fait est fermé. Parlez-en à votre responsable."),
    ),
}


@blueprint.post("/intake/devices")
@allow("public")
def enrol() -> ResponseReturnValue:
    """Enrol the tablet that knows a code; whoever guesses has to wait, as at sign-in."""
    code, label = _read_request()
    sender = name_sender("enrolment")
    since = utc_now() - FAILURE_WINDOW
    with database().write() as writing:
        # Guesses made at the same time are counted one after the other: none slips through.
        people.lock_failures(writing)
        people.purge_failures(writing, since)
        if people.count_failures(writing, sender, since) >= FAILURES_PER_ADDRESS:
            raise TooManyRequests
        enrolled = use_code(writing, hash_with_key(clean_code(code)), label)
        if enrolled == UNKNOWN:
            people.record_failure(writing, sender)
    if isinstance(enrolled, Enrolment):
        return jsonify(asdict(enrolled)), 201, {"Cache-Control": "no-store"}
    status, message = REFUSALS[enrolled]
    return jsonify(code=enrolled, message=str(message)), status


def _read_request() -> tuple[str, str]:
    sent = request.get_json()
    code, label = (sent.get(key, "") for key in ("code", "label")) if isinstance(sent, dict) else ("", "")
    if not isinstance(code, str) or not isinstance(label, str) or not code.strip():
        raise BadRequest
    return code, label.strip()[:LONGEST_LABEL]
