"""`PUT /intake/interviews/<uuid>`: a tablet hands over an envelope and gets a receipt."""

from __future__ import annotations

import hashlib
import time
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from barometre.access import allow, current_device
from barometre.context import config, database, town
from barometre.intake.envelope import MAX_BYTES
from barometre.intake.receive import Gate
from barometre.intake.sealing import Keyring
from barometre.storage.arrivals import (
    ALREADY_RECEIVED,
    UNKNOWN_VERSION,
    Arrival,
    Judgement,
    Kept,
    fold_when_due,
    is_fold_due,
    save_arrivals,
)
from barometre.storage.backup import fetch_backed_up_seq
from barometre.storage.group_commit import GroupCommit
from barometre.storage.models import utc_now

blueprint = Blueprint("intake", __name__)

#: sealed (JWE compact), or as it is: a finished interview is never refused
ENVELOPES = ("application/jose", "application/json")
#: seconds that the mark of the last backup is remembered
MARK_KNOWN_FOR = 10


def gate() -> Gate:
    """The application's judge, made on first use."""
    found = current_app.extensions.get("gate")
    if found is None:
        found = Gate(town(), Keyring(config().sealing_keys))
        with database().write() as session:
            found.remember_versions(session)
        current_app.extensions["gate"] = found
    return found


def queue() -> GroupCommit[Judgement, Kept]:
    """Where envelopes wait to be kept, made on first use."""
    found: GroupCommit[Judgement, Kept] | None = current_app.extensions.get("queue")
    # Two threads may come first together: both take the one that was put there first.
    return found or current_app.extensions.setdefault("queue", GroupCommit(database(), save_arrivals))


@blueprint.put("/intake/interviews/<uuid:uuid>")
@allow("device")
def put_interview(uuid: UUID) -> ResponseReturnValue:
    """Keep one envelope, whatever is in it; answer 201 first, 200 after, with a receipt.

    Any other answer means that the tablet keeps its copy.
    """
    if request.mimetype not in ENVELOPES:
        raise BadRequest
    if request.content_length is None or request.content_length > MAX_BYTES:
        raise RequestEntityTooLarge
    device = current_device()
    assert device is not None  # @allow("device") let it in
    body = request.get_data(cache=False)
    if len(body) != request.content_length:
        raise BadRequest  # the connection was cut: all of it comes with the next attempt
    arrival = Arrival(uuid, hashlib.sha256(body).digest(), body, "tablet", device.id)
    judged = gate().judge(arrival)
    if judged == UNKNOWN_VERSION:
        # Made with a questionnaire of the past, which the database keeps.
        with database().read() as session:
            judged = gate().judge(arrival, session)
    kept = queue().ask((arrival, judged))
    if is_fold_due(kept):
        with database().write() as session:
            fold_when_due(session.connection(), judged, [kept])
    return jsonify(write_receipt(arrival, kept)), 200 if kept.status == ALREADY_RECEIVED else 201


@blueprint.get("/intake/ping")
@allow("public")
def ping() -> ResponseReturnValue:
    """What tells a tablet that this is its server and no captive portal: the hour, and the last backup."""
    now = utc_now().isoformat(timespec="milliseconds")
    return {"barometre": "intake", "backed_up_seq": read_mark(), "now": now}


def read_mark() -> int:
    """Every envelope up to this number is in a backup: a tablet may let go of its copy."""
    until, seq = current_app.extensions.get("backup mark", (0.0, 0))
    if time.monotonic() >= until:
        with database().read() as session:
            seq = fetch_backed_up_seq(session)
        current_app.extensions["backup mark"] = time.monotonic() + MARK_KNOWN_FOR, seq
    return int(seq)


def write_receipt(arrival: Arrival, kept: Kept) -> dict[str, Any]:
    """What lets a tablet believe that its envelope is safe."""
    receipt: dict[str, Any] = {
        "uuid": str(arrival.uuid),
        "sha256": arrival.sha256.hex(),
        "status": kept.status,
        "seq": kept.seq,
        "received_at": kept.received_at.isoformat(timespec="seconds"),
        "backed_up_seq": read_mark(),
    }
    if kept.reason:
        receipt["reason"] = kept.reason.partition(":")[0]
    return receipt
