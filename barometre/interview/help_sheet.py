"""The sheet of help: where to direct somebody who needs it, to read without a network or to print."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import town

blueprint = Blueprint("help", __name__, template_folder="templates")


@blueprint.get("/interview/aide/")
@allow("public")
def sheet() -> ResponseReturnValue:
    """The sheet, the same for everyone."""
    return render_help(), {"Cache-Control": "public, no-cache"}


def render_help() -> str:
    """Its document, for a tablet to keep."""
    entries = town().help
    everybody = [entry for entry in entries if not entry.quartiers]
    own = [
        (quartier, [entry for entry in entries if quartier.id in entry.quartiers])
        for quartier in town().quartiers
    ]
    return render_template(
        "interview/help.html",
        national=[entry for entry in everybody if entry.national],
        everywhere=[entry for entry in everybody if not entry.national],
        places=[(quartier, found) for quartier, found in own if found],
        unconfirmed=not all(entry.confirmed for entry in entries),
    )
