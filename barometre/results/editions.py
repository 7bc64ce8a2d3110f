"""Editions: made at the desk, checked, shown to the councils, published, corrected, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from barometre.access import allow, current_person
from barometre.context import database, town
from barometre.estimates.counts import Counts
from barometre.i18n import gettext as _
from barometre.results.between import undo_each_other
from barometre.results.checklist import list_checks, list_conditions, may_publish, may_tick
from barometre.results.publishing import publish_edition
from barometre.results.sources import PREVIEW, Published, work_out
from barometre.storage import counts as stored_counts
from barometre.storage import editions as stored
from barometre.storage.baseline import fetch_replaced
from barometre.storage.engine import Session
from barometre.storage.models import Release
from barometre.storage.releases import (
    FEW_INTERVIEWS,
    PAST_CHANGED,
    NothingToRelease,
    ReleaseTooClose,
    fetch_past_counts,
    fetch_releases,
    make_release,
)

blueprint = Blueprint("editions", __name__, template_folder="templates")

#: characters of an erratum, or of the reason why an edition is withdrawn
LONGEST = 1000


@dataclass(frozen=True)
class Erratum:
    """What was found wrong in an edition, when, and by whom ("" before that was noted)."""

    text: str
    at: datetime
    by: str


@dataclass(frozen=True)
class EditionView:
    """An edition as it is listed."""

    id: int
    release: Release
    state: str
    state_label: str
    interviews: int
    #: the oldest first
    errata: tuple[Erratum, ...]


@blueprint.get("/desk/editions")
@allow("analyst", "administrator")
def listing() -> ResponseReturnValue:
    """Every edition, and what waits since the last one."""
    wave, design = town().current_wave.id, town().current_wave.design
    assert design is not None
    with database().read() as reading:
        made = fetch_releases(reading, wave)
        live = stored_counts.fetch_counts(reading, wave)
        first = town().first_wave
        replaced = fetch_replaced(reading, first.id) if first else frozenset()
        public = stored.fetch_public_id(reading, wave)
    past = fetch_past_counts(made[0], first.id) if made and first else None
    last = Counts.from_document(made[0].counts).total if made else 0
    return render_template(
        "results/editions.html",
        editions=[_view(edition) for edition in made],
        public=public,
        waiting=max(0, (live.total if live else 0) - last),
        baseline_changed=bool(made) and replaced != set(past.items if past else ()),
        wave=wave,
        needed=design.threshold_mask,
    )


@blueprint.post("/desk/editions")
@allow("analyst", "administrator")
def make() -> ResponseReturnValue:
    """Freeze the counts of now for a new edition."""
    wave = town().current_wave
    assert wave.design is not None
    smallest = wave.design.threshold_mask
    waiting = _find_same()
    if waiting is not None:
        flash(_("Cette édition a déjà les comptes de maintenant : il n’en faut pas une autre."))
        return redirect(url_for("editions.one", edition_id=waiting), code=303)
    try:
        with database().write() as writing:
            compare = partial(undo_each_other, town())
            made = make_release(writing, wave.id, _whoever(), compare, smallest).id
    except NothingToRelease:
        flash(_("Aucun entretien n’est encore compté : il n’y a rien à publier."))
    except ReleaseTooClose as error:
        flash(_explain_refusal(error.why, smallest))
    else:
        flash(_("L’édition est préparée : ses comptes ne changeront plus. Le public ne la voit pas encore."))
        return redirect(url_for("editions.one", edition_id=made), code=303)
    return redirect(url_for("editions.listing"), code=303)


def _find_same() -> int | None:
    """Id of the last edition when it is not public yet and would not differ from one made now."""
    wave, first = town().current_wave.id, town().first_wave
    with database().read() as reading:
        made, live = fetch_releases(reading, wave), stored_counts.fetch_counts(reading, wave)
        replaced = fetch_replaced(reading, first.id) if first else frozenset()
    if not made or live is None or stored.state_of(made[0]) not in (stored.PREPARED, stored.SHARED):
        return None
    past = fetch_past_counts(made[0], first.id) if first else None
    same = Counts.from_document(made[0].counts).same_as(live) and replaced == set(past.items if past else ())
    return made[0].id if same else None


@blueprint.get("/desk/editions/<int:edition_id>")
@allow("analyst", "administrator")
def one(edition_id: int) -> ResponseReturnValue:
    """One edition: where it stands, its checklist, and the steps that follow."""
    return _show(edition_id)


@blueprint.post("/desk/editions/<int:edition_id>/checks")
@allow("analyst", "administrator")
def tick(edition_id: int) -> ResponseReturnValue:
    """Note that somebody looked at one thing, or take the note back."""
    check, done = request.form.get("check", ""), request.form.get("done") == "yes"
    if check not in {c.id for c in list_conditions(town(), {}, "") if c.manual}:
        abort(400)
    if done and not may_tick(check, _whoever(), _fetch_maker(edition_id)):
        return _show(edition_id, _("Une autre personne doit le dire : vous avez préparé cette édition.")), 422
    return _step(edition_id, partial(stored.tick, check=check, by=_whoever(), done=done), "")


@blueprint.post("/desk/editions/<int:edition_id>/share")
@allow("analyst", "administrator")
def share(edition_id: int) -> ResponseReturnValue:
    """Show it to the conseils citoyens before the public."""
    said = _("Les conseils citoyens peuvent maintenant lire cette édition, avant le public.")
    return _step(edition_id, partial(stored.share, by=_whoever()), said)


@blueprint.post("/desk/editions/<int:edition_id>/publish")
@allow("analyst", "administrator")
def publish(edition_id: int) -> ResponseReturnValue:
    """Show it to everybody, once nothing of the checklist is missing."""
    said = _("L’édition est publiée : tout le monde la voit.")
    try:
        return _step(edition_id, _publish, said)
    except _Unfinished:
        return _show(edition_id, _("Il manque encore quelque chose dans la liste : rien n’est publié.")), 422


class _Unfinished(Exception):
    """Something of the checklist is missing."""


def _publish(writing: Session, edition_id: int) -> None:
    # Held first: what is ticked while it is published is ticked before, or not at all.
    edition = stored.hold(writing, edition_id, stored.PREPARED, stored.SHARED)
    if not may_publish(list_conditions(town(), edition.checks, edition.made_by)):
        raise _Unfinished
    publish_edition(writing, town(), edition_id, _whoever())


@blueprint.post("/desk/editions/<int:edition_id>/erratum")
@allow("analyst", "administrator")
def correct(edition_id: int) -> ResponseReturnValue:
    """Say on every page what was found wrong."""
    text, problem = _read_words(_("Erratum"))
    if problem:
        return _show(edition_id, problem, "erratum"), 422
    said = _("L’erratum est affiché en haut de chaque page de cette édition.")
    return _step(edition_id, partial(stored.correct, by=_whoever(), text=text), said, "erratum")


@blueprint.post("/desk/editions/<int:edition_id>/withdraw")
@allow("analyst", "administrator")
def withdraw(edition_id: int) -> ResponseReturnValue:
    """Take it back from the public, with a reason that stays readable."""
    why, problem = _read_words(_("Motif"))
    if problem:
        return _show(edition_id, problem, "why"), 422
    step = partial(stored.withdraw, by=_whoever(), why=why)
    said = _("L’édition est retirée : le public voit celle d’avant, s’il y en a une.")
    return _step(edition_id, step, said, "why")


@blueprint.post("/desk/editions/<int:edition_id>/discard")
@allow("analyst", "administrator")
def discard(edition_id: int) -> ResponseReturnValue:
    """Remove one that nobody outside the desk has seen."""
    try:
        with database().write() as writing:
            stored.discard(writing, edition_id)
    except stored.WrongState:
        flash(_("Cette édition ne peut plus être supprimée : d’autres l’ont vue."))
    else:
        flash(_("L’édition préparée est supprimée. Ni les conseils citoyens ni le public ne l’avaient vue."))
    return redirect(url_for("editions.listing"), code=303)


@blueprint.post("/desk/editions/<int:edition_id>/preview")
@allow("analyst", "council", "administrator")
def preview(edition_id: int) -> ResponseReturnValue:
    """Look at the public pages as this edition would show them."""
    session[PREVIEW] = edition_id
    return redirect(url_for("results.overview"), code=303)


@blueprint.post("/desk/editions/preview/end")
@allow("analyst", "council", "administrator")
def end_preview() -> ResponseReturnValue:
    """See again what the public sees."""
    session.pop(PREVIEW, None)
    return redirect(url_for("results.overview"), code=303)


@blueprint.get("/editions")
@allow("public")
def public() -> ResponseReturnValue:
    """Every edition that was ever public, with its errata and what identifies its figures."""
    with database().read() as reading:
        numbered = stored.fetch_numbered(reading, town().current_wave.id)
    views = [_view(edition) for edition in numbered]
    return render_template("results/public_editions.html", editions=views, wave=town().current_wave.id)


def _step(
    edition_id: int, step: Callable[[Session, int], object], said: str, field: str = ""
) -> ResponseReturnValue:
    """Take one step; where it is refused, what was typed in `field` is shown again."""
    try:
        with database().write() as writing:
            step(writing, edition_id)
    except stored.Outdated:
        told = _("Une édition plus récente est déjà publique : celle-ci ne peut plus l’être.")
        return _show(edition_id, told, field), 409
    except stored.WrongState:
        told = _(
            "Cette étape n’est plus possible : l’édition a changé entre-temps. La voici telle qu’elle est."
        )
        return _show(edition_id, told, field), 409
    if said:
        flash(said)
    return redirect(url_for("editions.one", edition_id=edition_id), code=303)


def _show(edition_id: int, problem: str = "", field: str = "") -> str:
    """The page of one edition; `problem` is about what was typed in `field`, if in any."""
    edition = _fetch(edition_id)
    with database().read() as reading:
        view = _view(reading.get_one(Release, edition_id))
    made_by = view.release.made_by
    checks = list_checks(town(), edition, view.release.checks, made_by)
    return render_template(
        "results/edition.html",
        edition=view,
        checks=checks,
        tickable={check.id for check in checks if may_tick(check.id, _whoever(), made_by)},
        ready=may_publish(checks),
        problem=problem,
        longest=LONGEST,
        field=field,
        typed=request.form.get("words", "") if field else "",
    )


def _fetch(edition_id: int) -> Published:
    with database().read() as reading:
        edition = stored.fetch_edition(reading, edition_id)
        if edition is None or edition.wave != town().current_wave.id:
            abort(404)
        return work_out(reading, town(), edition)


def _fetch_maker(edition_id: int) -> str:
    """Whoever made an edition; 404 where there is none."""
    with database().read() as reading:
        edition = stored.fetch_edition(reading, edition_id)
    if edition is None:
        abort(404)
    return edition.made_by


def _view(edition: Release) -> EditionView:
    state = stored.state_of(edition)
    labels = {
        stored.PREPARED: _("préparée"),
        stored.SHARED: _("montrée aux conseils citoyens"),
        stored.PUBLISHED: _("publiée"),
        stored.WITHDRAWN: _("retirée"),
    }
    people = Counts.from_document(edition.counts).total
    errata = [
        Erratum(note["text"], datetime.fromisoformat(note["at"]), note["by"]) for note in edition.errata
    ]
    return EditionView(edition.id, edition, state, labels[state], people, tuple(errata))


def _read_words(field: str) -> tuple[str, str]:
    """What was typed, and what is wrong with it."""
    words = request.form.get("words", "").strip()
    if not words:
        return words, _("%(field)s : écrivez une phrase, elle sera lue par tout le monde.", field=field)
    if len(words) > LONGEST:
        return words, _("%(field)s : %(number)s signes au plus.", field=field, number=LONGEST)
    return words, ""


def _whoever() -> str:
    person = current_person()
    assert person is not None
    return person.username


def _explain_refusal(why: str, number: int) -> str:
    """What two releases would tell together, and what can be done."""
    if why == PAST_CHANGED:
        return _(
            "Cette publication est trop proche d’une autre : les réponses de départ ont un peu changé "
            "depuis, et en comparant les deux on retrouverait celles de quelqu’un. Finissez de les importer, "
            "ou revenez aux chiffres imprimés pour ces questions."
        )
    if why == FEW_INTERVIEWS:
        return _(
            "Cette publication est trop proche d’une autre : un quartier a changé de moins de %(number)s "
            "entretiens, et en comparant les deux on retrouverait des réponses. Attendez que chaque "
            "quartier qui a changé en ait %(number)s nouveaux.",
            number=number,
        )
    return _(
        "Cette publication est trop proche d’une autre : un quartier qui n’a pas changé, ou quelques "
        "réponses de plus à une question, montreraient ce qu’une publication d’avant a masqué. Attendez "
        "%(number)s nouveaux entretiens dans chaque quartier.",
        number=number,
    )
