"""Staff page: the papers of the last release, each in every language of the site."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from barometre.access import allow, current_person
from barometre.context import town
from barometre.i18n import gettext as _
from barometre.i18n import language_name
from barometre.results.papers.follow_up import fetch_adopted
from barometre.results.papers.report import write_report
from barometre.results.papers.restitution import write_restitution
from barometre.results.papers.slides import write_slides
from barometre.results.papers.speech import offered_languages
from barometre.results.sources import Published, fetch_published

blueprint = Blueprint("papers", __name__)

PDF, ZIP = "application/pdf", "application/zip"


@blueprint.get("/papers")
@allow("analyst", "council", "administrator")
def listing() -> ResponseReturnValue:
    """Every paper and its languages; a council's members have the restitutions."""
    person = current_person()
    assert person is not None
    return render_template(
        "results/papers.html",
        released=fetch_published(),
        quartiers=town().quartiers,
        languages_offered=[(code, language_name(code)) for code in offered_languages()],
        reports=bool(person.roles & {"analyst", "administrator"}),
        wave=town().current_wave.id,
    )


@blueprint.get("/papers/<language>/restitution/<slug>")
@allow("analyst", "council", "administrator")
def restitution(language: str, slug: str) -> ResponseReturnValue:
    """One quartier on one page."""
    found = next((quartier for quartier in town().quartiers if quartier.slug == slug), None)
    if found is None:
        abort(404)
    published = _open_release(language)
    body = write_restitution(town(), published, found, language, _find_address(language))
    return _send(body, PDF, f"restitution-{town().current_wave.id}-{slug}-{language}.pdf")


@blueprint.get("/papers/<language>/report")
@allow("analyst", "administrator")
def report(language: str) -> ResponseReturnValue:
    """The report to the steering committee."""
    body = write_report(town(), _open_release(language), language, fetch_adopted())
    return _send(body, PDF, f"rapport-{town().current_wave.id}-{language}.pdf")


@blueprint.get("/papers/<language>/slides")
@allow("analyst", "administrator")
def slides(language: str) -> ResponseReturnValue:
    """One picture for each question."""
    body = write_slides(town(), _open_release(language), language)
    return _send(body, ZIP, f"diapositives-{town().current_wave.id}-{language}.zip")


def _open_release(language: str) -> Published:
    """The last release; 404 before the first one, and for a language that the site does not offer."""
    published = fetch_published() if language in offered_languages() else None
    if published is None:
        abort(404, _("Il n’y a pas encore de publication, ou pas dans cette langue."))
    return published


def _find_address(language: str) -> str:
    """Where the site is, as this request reached it, in the language of the paper."""
    return f"{request.host_url}{'' if language == offered_languages()[0] else language}"


def _send(body: bytes, kind: str, name: str) -> Response:
    answer = Response(body, mimetype=kind)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
