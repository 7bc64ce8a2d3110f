"""What was set aside: envelopes in quarantine or conflict, without any answer, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, NotFound

from barometre.access import allow, current_person
from barometre.context import database
from barometre.i18n import gettext as _
from barometre.i18n import lazy_gettext as _l
from barometre.intake.sync import gate
from barometre.problems import describe_aside
from barometre.storage import decisions
from barometre.storage.arrivals import CONFLICT, QUARANTINED
from barometre.storage.decisions import Decision, Undecided
from barometre.storage.engine import Session
from barometre.storage.interviews import fetch_aside, fetch_receipt

blueprint = Blueprint("aside", __name__, template_folder="templates")

#: newest first; beyond, a supervisor asks for help before scrolling
SHOWN = 200
LONGEST_REASON = 200
CHANNELS = {"tablet": _l("tablette"), "paper": _l("saisie papier"), "file": _l("fichier")}
STATES = {"quarantined": _l("en quarantaine"), "conflict": _l("en conflit")}
#: what can be decided, by state
CHOICES = {
    QUARANTINED: {"again": _l("Juger de nouveau"), "leave": _l("Laisser de côté")},
    CONFLICT: {"first": _l("Garder le premier"), "take": _l("Prendre celui-ci")},
}
OUTCOMES = {
    decisions.JUDGED: _l("jugé de nouveau et enregistré"),
    decisions.LEFT: _l("laissé de côté"),
    decisions.FIRST_KEPT: _l("laissé de côté, le premier est gardé"),
    decisions.TAKEN: _l("pris à la place du premier"),
    decisions.REPLACED: _l("laissé de côté, un autre a été pris à sa place"),
}


@dataclass(frozen=True)
class Refusal:
    """A decision that cannot be taken as it was sent."""

    seq: int
    #: what was typed: it is still there
    reason: str
    words: str


# Not under /intake/: there, errors are told to tablets in JSON.
@blueprint.get("/desk/aside")
@allow("supervisor", "administrator")
def listing() -> ResponseReturnValue:
    """Every envelope that was kept and not counted, newest first, then those that were decided."""
    return _render()


@blueprint.post("/desk/aside/<int:seq>")
@allow("supervisor", "administrator")
def decide(seq: int) -> ResponseReturnValue:
    """Decide of one envelope, once: whoever comes second is told, and changes nothing."""
    person = current_person()
    assert person is not None  # @allow lets nobody else in
    choice = request.form.get("decision", "")
    reason = request.form.get("reason", "").strip()
    if choice not in {name for choices in CHOICES.values() for name in choices}:
        raise BadRequest
    if len(reason) > LONGEST_REASON:
        words = _("Cette raison est trop longue : %(limit)s caractères au plus.", limit=LONGEST_REASON)
        return _render(Refusal(seq, reason, words)), 422
    if choice == "leave" and not reason:
        words = _("Dites en quelques mots pourquoi cet envoi est laissé de côté.")
        return _render(Refusal(seq, reason, words)), 422
    gate()  # made before the transaction: it has one of its own
    with database().write() as session:
        if fetch_receipt(session, seq) is None:
            raise NotFound
        held = decisions.hold_undecided(session, seq)
        if held is None or choice not in CHOICES[held.status]:
            told = _("L’envoi n° %(seq)s a déjà été décidé : rien n’a changé.", seq=seq)
        else:
            told = _decide(session, held, choice, Decision(person.username, reason or None))
    flash(told)
    return redirect(url_for("aside.listing"), code=303)


def _decide(session: Session, held: Undecided, choice: str, decision: Decision) -> str:
    """Do what was chosen; what to tell of it."""
    if choice == "leave":
        decisions.leave_aside(session, held, decision)
        return _("L’envoi n° %(seq)s est laissé de côté.", seq=held.seq)
    if choice == "first":
        decisions.keep_first(session, held, decision)
        return _("L’envoi n° %(seq)s est laissé de côté : le premier est gardé.", seq=held.seq)
    judged = gate().judge(held.arrival, session)
    if choice == "again":
        reason = decisions.store_again(session, held, judged, decision)
        if reason is None:
            return _("L’envoi n° %(seq)s est enregistré.", seq=held.seq)
    elif isinstance(judged, str):
        reason = judged
    else:
        decisions.take_instead(session, held, judged, decision)
        return _("L’envoi n° %(seq)s a pris la place du premier.", seq=held.seq)
    return _("L’envoi n° %(seq)s reste de côté. %(reason)s", seq=held.seq, reason=describe_aside(reason))


def _render(refusal: Refusal | None = None) -> str:
    with database().read() as session:
        envelopes, decided = fetch_aside(session, SHOWN), decisions.fetch_decided(session, SHOWN)
    return render_template(
        "intake/aside.html",
        rows=[(envelope, describe_aside(envelope.reason)) for envelope in envelopes],
        decided=decided,
        channels=CHANNELS,
        states=STATES,
        choices=CHOICES,
        outcomes=OUTCOMES,
        refusal=refusal,
        longest=LONGEST_REASON,
        shown=SHOWN,
    )
