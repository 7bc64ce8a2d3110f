"""The pages of a council member: the home of the council, and the opinion on each theme.

No address names a council: a member reads and writes for the own one.
"""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from barometre.access import allow, current_person
from barometre.context import database, town
from barometre.councils.typed import (
    LONGEST_TEXT,
    MOST_PROPOSALS,
    Problems,
    read_number,
    read_proposals,
    read_text,
)
from barometre.i18n import gettext as _
from barometre.questionnaire.town import Council, Theme
from barometre.storage import councils as stored
from barometre.storage.councils import Draft, Standing, Subject
from barometre.storage.editions import fetch_shared_id
from barometre.storage.people import Account

blueprint = Blueprint("councils", __name__, template_folder="templates")

#: fields for proposals that a page offers beyond those that are filled
SPARE_FIELDS = 3


@blueprint.get("/council")
@allow("council")
def home() -> ResponseReturnValue:
    """The council's quartiers and their figures, its opinions, and what was answered."""
    _person, council = own_council()
    wave = town().current_wave.id
    with database().read() as session:
        drafts = stored.fetch_drafted_themes(session, wave, council.id)
        standing = [s for s in stored.fetch_standing(session, wave) if s.subject.council == council.id]
        shared = fetch_shared_id(session, wave)
    by_theme = {found.subject.theme: found for found in standing}
    return render_template(
        "councils/home.html",
        council=council,
        quartiers=[town().quartier_by_id[quartier] for quartier in council.quartiers],
        shared=shared,
        wave=wave,
        themes=[
            (theme, *describe_state(drafts.get(theme.id), by_theme.get(theme.id)), by_theme.get(theme.id))
            for theme in town().themes
        ],
        standing=standing,
    )


@blueprint.route("/council/themes/<slug>/opinion", methods=["GET", "POST"])
@allow("council")
def opinion(slug: str) -> ResponseReturnValue:
    """The draft of the council's opinion on a theme, and what is public of it."""
    theme, (person, council) = find_theme(slug), own_council()
    subject = Subject(town().current_wave.id, council.id, theme.id)
    if request.method == "GET":
        return _show(theme, council, subject)
    problems = Problems()
    typed_proposals = request.form.getlist("proposal")[: MOST_PROPOSALS + 1]
    text = read_text(problems, "text", _("Avis"), request.form.get("text", ""), LONGEST_TEXT, required=False)
    proposals = read_proposals(problems, typed_proposals)
    typed = Draft(
        read_number(request.form.get("revision")), request.form.get("text", ""), tuple(typed_proposals)
    )
    if problems.found:
        return _show(theme, council, subject, typed, problems), 422
    try:
        with database().write() as session:
            stored.save_draft(session, subject, typed.revision, text, proposals, person.username)
    except stored.DraftChanged:
        return _show(theme, council, subject, typed, conflict=True), 409
    flash(_("Le brouillon est enregistré. Il n’est lu que par les membres de votre conseil."))
    return redirect(url_for("councils.opinion", slug=slug), code=303)


@blueprint.post("/council/themes/<slug>/opinion/adopt")
@allow("council")
def adopt(slug: str) -> ResponseReturnValue:
    """Make the draft that was read public, at once."""
    theme, (person, council) = find_theme(slug), own_council()
    subject = Subject(town().current_wave.id, council.id, theme.id)
    try:
        with database().write() as session:
            stored.adopt(session, subject, read_number(request.form.get("revision")), person.username)
    except stored.DraftChanged:
        flash(
            _(
                "L’avis n’a pas été adopté : le brouillon a changé depuis que vous l’avez lu. Relisez-le, "
                "puis adoptez-le."
            )
        )
    except stored.NothingToAdopt:
        flash(_("L’avis n’a pas été adopté : écrivez d’abord un texte nouveau."))
    else:
        flash(_("L’avis est adopté : le public le lit maintenant à côté des chiffres."))
    return redirect(url_for("councils.opinion", slug=slug), code=303)


@blueprint.post("/council/themes/<slug>/opinion/withdraw")
@allow("council")
def withdraw(slug: str) -> ResponseReturnValue:
    """Take the council's own opinion back; its text stays here."""
    theme, (person, council) = find_theme(slug), own_council()
    subject = Subject(town().current_wave.id, council.id, theme.id)
    with database().write() as session:
        withdrawn = stored.withdraw(session, subject, person.username)
    if withdrawn:
        flash(_("L’avis est retiré : le public lit seulement qu’il l’a été. Le texte reste ici."))
    else:
        flash(_("Il n’y a pas d’avis public à retirer."))
    return redirect(url_for("councils.opinion", slug=slug), code=303)


def describe_state(draft: Draft | None, standing: Standing | None) -> tuple[str, str]:
    """A slug and the words for where a council's opinion on a theme is."""
    current = standing.current if standing else None
    at_work = (
        draft is not None and (draft.text or draft.proposals) and not (standing and standing.says(draft))
    )
    if current is None:
        return ("draft", _("Brouillon")) if at_work else ("none", _("Rien encore"))
    if current.withdrawn_at is not None:
        return "withdrawn", _("Retiré par le conseil")
    if current.hidden is not None:
        return "hidden", _("Adopté, masqué au public")
    return "adopted", _("Adopté, un nouveau brouillon est en cours") if at_work else _("Adopté")


def find_theme(slug: str) -> Theme:
    """The theme of an address, or 404."""
    found = next((theme for theme in town().themes if theme.slug == slug), None)
    if found is None:
        abort(404)
    return found


def own_council() -> tuple[Account, Council]:
    """Whoever is signed in and their council; 403 when the town no longer has it."""
    person = current_person()
    assert person is not None
    found = next((council for council in town().councils if council.id == person.council), None)
    if found is None:
        abort(403)
    return person, found


def _show(
    theme: Theme,
    council: Council,
    subject: Subject,
    typed: Draft | None = None,
    problems: Problems | None = None,
    conflict: bool = False,
) -> str:
    """The page of an opinion; `typed` is what was refused, and stays in the form."""
    with database().read() as session:
        drafts = stored.fetch_drafts(session, subject)
        standing = next(
            (s for s in stored.fetch_standing(session, subject.wave) if s.subject == subject), None
        )
    saved = drafts[0] if drafts else Draft()
    shown = typed or saved
    fields = min(MOST_PROPOSALS, max(len(shown.proposals), len(saved.proposals)) + SPARE_FIELDS)
    return render_template(
        "councils/opinion.html",
        theme=theme,
        council=council,
        draft=shown,
        # Who has read the other text in the notice saves over it.
        revision=saved.revision if typed is None or conflict else typed.revision,
        proposals=[*shown.proposals, *[""] * fields][: max(fields, len(shown.proposals))],
        problems=problems.found if problems else {},
        saved=saved,
        conflict=conflict,
        older=drafts[1:],
        standing=standing,
        may_adopt=bool(saved.text) and not (standing and standing.says(saved)),
        state=describe_state(saved, standing)[1],
    )
