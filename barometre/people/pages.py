"""Pages of the accounts: sign-in, password, and the people an administrator looks after."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from werkzeug.exceptions import BadRequest, NotFound

from barometre import access
from barometre.access import ROLES, SignInRefused, SignInThrottled, allow, current_person
from barometre.context import database, town
from barometre.i18n import gettext as _
from barometre.people.forms import ROLE_NAMES, PasswordForm, PersonForm, SignInForm
from barometre.storage import people
from barometre.storage.people import Account

blueprint = Blueprint("people", __name__, template_folder="templates")

LONGEST_LABEL = 80


@blueprint.route("/sign-in", methods=["GET", "POST"])
@allow("public")
def sign_in() -> ResponseReturnValue:
    """Name and password, then back to where the visitor was going."""
    form = SignInForm()
    status = 200
    problem = None
    if form.validate_on_submit():
        try:
            person = access.sign_in(form.username.data or "", form.password.data or "")
            return redirect(_next_address(person), code=303)
        except SignInThrottled:
            status = 429
            problem = _("Trop d’essais en peu de temps. Attendez un quart d’heure, puis recommencez.")
        except SignInRefused:
            status = 401
            problem = _("Le nom d’utilisateur ou le mot de passe est faux.")
    elif form.is_submitted():
        status = 422
    return render_template("people/sign_in.html", form=form, problem=problem), status


@blueprint.post("/sign-out")
@allow(*ROLES)
def sign_out() -> ResponseReturnValue:
    """End the sign-in of this browser; what waits on a tablet stays there."""
    access.sign_out()
    return redirect(url_for("people.sign_in"), code=303)


@blueprint.route("/account", methods=["GET", "POST"])
@allow(*ROLES)
def account() -> ResponseReturnValue:
    """What the site knows of the person who looks, and their password."""
    person = _signed_in()
    form = PasswordForm(person.username)
    problem = None
    if form.validate_on_submit():
        try:
            access.change_password(person, form.current.data or "", form.new.data or "")
        except SignInThrottled:
            problem = _("Trop d’essais en peu de temps. Attendez un quart d’heure, puis recommencez.")
        except SignInRefused:
            problem = _("Le mot de passe actuel est faux.")
        else:
            flash(_("Le mot de passe est changé. Vos autres appareils devront se reconnecter."))
            return redirect(url_for("people.account"), code=303)
    page = render_template(
        "people/account.html", form=form, person=person, role_names=ROLE_NAMES, problem=problem
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.get("/people/me")
@allow("interviewer", "supervisor")
def me() -> ResponseReturnValue:
    """Who is signed in, for the tablet: its pages are the same for everyone."""
    person = _signed_in()
    supervisor = "supervisor" in person.roles
    return jsonify(interviewer=person.username, supervisor=supervisor, token=generate_csrf())


@blueprint.post("/people/devices")
@allow("interviewer", "supervisor")
def enrol() -> ResponseReturnValue:
    """Enrol the browser that asks; its token is told once."""
    sent = request.get_json()
    label = sent.get("label") if isinstance(sent, dict) else None
    if not isinstance(label, str) or not 0 < len(label.strip()) <= LONGEST_LABEL:
        raise BadRequest
    person = _signed_in()
    with database().write() as writing:
        token = people.enrol_device(writing, person.id, label.strip())
        tablet = people.fetch_device_by_token(writing, token)
    assert tablet
    return jsonify(token=token, device_id=tablet.id, interviewer=person.username), 201


@blueprint.route("/people", methods=["GET", "POST"])
@allow("administrator")
def list_people() -> ResponseReturnValue:
    """Everybody who signs in, and a form for somebody new."""
    form = PersonForm([(council.id, council.name) for council in town().councils])
    if form.validate_on_submit():
        hashed = access.hash_password(form.password.data or "")
        name = form.username.data or ""
        try:
            with database().write() as writing:
                people.add_person(writing, name, hashed, form.roles.data or [], form.council.data or None)
        except people.UsernameTaken:
            form.username.errors = [_("Ce nom est déjà pris.")]
        else:
            flash(_("%(name)s peut se connecter.", name=name))
            return redirect(url_for("people.list_people"), code=303)
    with database().read() as reading:
        everybody = people.fetch_people(reading)
    page = render_template(
        "people/list.html",
        form=form,
        people=everybody,
        role_names=ROLE_NAMES,
        council_names={council.id: council.name for council in town().councils},
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.post("/people/<int:person_id>/deactivate")
@allow("administrator")
def deactivate_person(person_id: int) -> ResponseReturnValue:
    """Close an account; its interviews stay."""
    if person_id == _signed_in().id:
        flash(_("Vous ne pouvez pas fermer votre propre compte : un autre administrateur le fera."))
        return redirect(url_for("people.list_people"), code=303)
    person = _set_active(person_id, False)
    flash(_("%(name)s ne peut plus se connecter.", name=person.username))
    return redirect(url_for("people.list_people"), code=303)


@blueprint.post("/people/<int:person_id>/reactivate")
@allow("administrator")
def reactivate_person(person_id: int) -> ResponseReturnValue:
    """Open an account again."""
    person = _set_active(person_id, True)
    flash(_("%(name)s peut de nouveau se connecter.", name=person.username))
    return redirect(url_for("people.list_people"), code=303)


def _set_active(person_id: int, active: bool) -> Account:
    with database().write() as writing:
        person = people.fetch_person_by_id(writing, person_id)
        if person is None:
            raise NotFound
        people.set_active(writing, person_id, active)
    return person


def _signed_in() -> Account:
    person = current_person()
    assert person, "@allow lets nobody else in"
    return person


def _next_address(person: Account) -> str:
    wanted = request.args.get("next", "")
    parts = urlsplit(wanted)
    # Only a path of this site: "//elsewhere", "/\elsewhere" and full addresses would lead away from it.
    local = (
        wanted.startswith("/") and wanted[1:2] not in ("/", "\\") and not parts.scheme and not parts.netloc
    )
    if local and wanted.isprintable():
        return wanted
    if person.roles == {"interviewer"}:
        return url_for("interview.tour")
    return url_for("desk.home")
