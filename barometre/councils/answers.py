"""Staff: what the institutions answer to each public proposal of the councils, at once beside it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from barometre.access import allow, current_person
from barometre.context import database, town
from barometre.councils.typed import (
    LONGEST_PLAN,
    LONGEST_SERVICE,
    Problems,
    read_due,
    read_number,
    read_text,
)
from barometre.i18n import gettext as _
from barometre.storage import councils as stored
from barometre.storage.models import utc_now

blueprint = Blueprint("answers", __name__, template_folder="templates")

ANSWERING = ("analyst", "administrator")


@blueprint.get("/desk/answers")
@allow(*ANSWERING)
def listing() -> ResponseReturnValue:
    """Every public proposal with its answers, and a form for the next one."""
    return _show()


@blueprint.post("/desk/answers/<int:proposal_id>")
@allow(*ANSWERING)
def answer(proposal_id: int) -> ResponseReturnValue:
    """Add an answer; those before stay readable."""
    person, wave, problems = current_person(), town().current_wave.id, Problems()
    assert person is not None
    typed: dict[str, Any] = {name: request.form.get(name, "") for name in ("plan", "due", "service")}
    plan = read_text(problems, "plan", _("Ce que nous allons faire"), typed["plan"], LONGEST_PLAN)
    due = read_due(problems, "due", _("Avant le"), typed["due"], utc_now().astimezone().date())
    service = read_text(problems, "service", _("Service responsable"), typed["service"], LONGEST_SERVICE)
    refused: dict[str, Any] = {"proposal": proposal_id, "typed": typed, "problems": problems.found}
    refused |= {"gone": False, "changed": False}
    if problems.found:
        return _show(refused), 422
    try:
        with database().write() as session:
            stored.answer(
                session,
                wave,
                proposal_id,
                read_number(request.form.get("after")),
                plan,
                due,
                " ".join(service.split()),
                person.username,
            )
    except stored.NoSuchOpinion:
        return _show({**refused, "gone": True}), 409
    except stored.AnswerChanged:
        return _show({**refused, "changed": True}), 409
    flash(_("La réponse est publiée à côté de la proposition."))
    return redirect(url_for("answers.listing") + f"#proposal-{proposal_id}", code=303)


def _show(refused: dict[str, Any] | None = None) -> str:
    """The page; `refused` is the form that was not taken, as it was typed."""
    with database().read() as session:
        standing = stored.fetch_standing(session, town().current_wave.id)
    public = [found for found in standing if found.current.public and found.current.proposals]
    known = {proposal.id for found in public for proposal in found.current.proposals}
    if refused and refused["proposal"] not in known:
        refused["gone"] = True
    return render_template("councils/answers.html", standing=public, refused=refused)
