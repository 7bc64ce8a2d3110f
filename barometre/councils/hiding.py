"""An administrator hides a manifestly unlawful opinion: with a public mention and a log for the council.

This is all that staff can do to an opinion: they change no word of it and remove nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from barometre.access import allow, current_person
from barometre.context import database, town
from barometre.councils.typed import LONGEST_REASON, Problems, read_text
from barometre.i18n import gettext as _
from barometre.storage import councils as stored

blueprint = Blueprint("hiding", __name__, template_folder="templates")


@blueprint.get("/desk/opinions")
@allow("administrator")
def listing() -> ResponseReturnValue:
    """Every adopted opinion, whether the public reads it, and the log."""
    return _show()


@blueprint.post("/desk/opinions/<int:opinion_id>/hide")
@allow("administrator")
def hide(opinion_id: int) -> ResponseReturnValue:
    """Hide one version, with the reason that everybody will read."""
    return _log(opinion_id, stored.hide, _("L’avis est masqué ; le public et le conseil lisent pourquoi."))


@blueprint.post("/desk/opinions/<int:opinion_id>/show-again")
@allow("administrator")
def show_again(opinion_id: int) -> ResponseReturnValue:
    """Show one version again that was hidden."""
    return _log(opinion_id, stored.show_again, _("L’avis est de nouveau public."))


def _log(opinion_id: int, act: Callable[..., None], done: str) -> ResponseReturnValue:
    person, problems = current_person(), Problems()
    assert person is not None
    typed = request.form.get("reason", "")
    reason = read_text(problems, "reason", _("Motif"), typed, LONGEST_REASON)
    if problems.found:
        return _show({"opinion": opinion_id, "typed": typed, "problem": problems.found["reason"]}), 422
    try:
        with database().write() as session:
            act(session, opinion_id, " ".join(reason.split()), person.username)
    except stored.NoSuchOpinion:
        # Somebody else did it meanwhile, or the council withdrew the text.
        done = _("Rien n’a été fait : cet avis a changé entre-temps. Le voici tel qu’il est.")
    flash(done)
    return redirect(url_for("hiding.listing"), code=303)


def _show(refused: dict[str, Any] | None = None) -> str:
    with database().read() as session:
        standing = stored.fetch_standing(session, town().current_wave.id)
    return render_template("councils/hiding.html", standing=standing, refused=refused)
