"""Pages of the tablets: those that are enrolled, and a code to enrol another one."""

from __future__ import annotations

from urllib.parse import urljoin

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from barometre.access import allow, current_person, hash_with_key
from barometre.context import database
from barometre.i18n import gettext as _
from barometre.people.forms import DeviceForm
from barometre.storage import people
from barometre.storage.enrolment import clean_code, draw_code, save_code

blueprint = Blueprint("devices", __name__, template_folder="templates")

LEADS = ("supervisor", "administrator")


@blueprint.get("/people/devices")
@allow(*LEADS)
def listing() -> ResponseReturnValue:
    """Every tablet, the newest first."""
    with database().read() as reading:
        tablets = people.fetch_devices(reading)
    return render_template("people/devices.html", tablets=tablets)


@blueprint.route("/people/devices/new", methods=["GET", "POST"])
@allow(*LEADS)
def prepare() -> ResponseReturnValue:
    """A code for a new tablet, told once: only its hash is kept."""
    with database().read() as reading:
        interviewers = [
            person
            for person in people.fetch_people(reading)
            if person.active and "interviewer" in person.roles
        ]
    form = DeviceForm([(str(person.id), person.username) for person in interviewers])
    if not form.validate_on_submit():
        page = render_template("people/new_device.html", form=form, interviewers=interviewers)
        return page, 422 if form.is_submitted() else 200
    lead = current_person()
    assert lead, "@allow lets nobody else in"
    label, code = (form.label.data or "").strip(), draw_code()
    with database().write() as writing:
        save_code(writing, hash_with_key(clean_code(code)), label, int(form.interviewer.data), lead.id)
    address = urljoin(request.host_url, url_for("interview.tour"))
    return render_template(
        "people/device_code.html",
        code=code,
        label=label,
        interviewer=dict(form.interviewer.choices)[form.interviewer.data],
        address=address,
        picture=draw_picture(f"{address}#inscription={code}"),
    )


@blueprint.post("/people/devices/<int:device_id>/revoke")
@allow(*LEADS)
def revoke(device_id: int) -> ResponseReturnValue:
    """Set aside whatever a lost tablet sends from now on."""
    with database().write() as writing:
        people.revoke_device(writing, device_id)
    flash(_("La tablette est révoquée : ce qu’elle enverra sera mis de côté."))
    return redirect(url_for("devices.listing"), code=303)


def draw_picture(address: str) -> str:
    """The QR code of an address, as the source of an image."""
    # An image of its own: our policy forbids styles in the page, not in what an image holds.
    return segno.make_qr(address, error="m").svg_data_uri(scale=8, light="white")
