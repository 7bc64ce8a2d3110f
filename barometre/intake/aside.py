"""What was set aside: quarantined and conflicting envelopes, with their reason and without any answer."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import database
from barometre.i18n import lazy_gettext as _l
from barometre.problems import describe_aside
from barometre.storage.interviews import fetch_aside

blueprint = Blueprint("aside", __name__, template_folder="templates")

#: newest first; beyond, a supervisor asks for help before scrolling
SHOWN = 200
CHANNELS = {"tablet": _l("tablette"), "paper": _l("saisie papier"), "file": _l("fichier")}
STATES = {"quarantined": _l("en quarantaine"), "conflict": _l("en conflit")}


# Not under /intake/: there, errors are told to tablets in JSON.
@blueprint.get("/desk/aside")
@allow("supervisor", "administrator")
def listing() -> ResponseReturnValue:
    """Every envelope that was kept and not counted, newest first."""
    with database().read() as session:
        envelopes = fetch_aside(session, SHOWN)
    return render_template(
        "intake/aside.html",
        rows=[(envelope, describe_aside(envelope.reason)) for envelope in envelopes],
        channels=CHANNELS,
        states=STATES,
        shown=SHOWN,
    )
