"""The interviewer's pages without a network: the service worker, what it keeps, and the installable page."""

from __future__ import annotations

import hashlib

from flask import Blueprint, current_app, jsonify, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import town
from barometre.i18n import tell
from barometre.interview.help_sheet import render_help
from barometre.interview.pages import (
    INTERVIEW,
    TOUR,
    find_script,
    offered_languages,
    render_questionnaire,
    render_tour,
)

blueprint = Blueprint("offline", __name__, template_folder="templates")

#: files of the two pages, beside their modules; letters that are not Latin are the tablet's own
STYLES = (("static", "tokens.css"), ("interview.static", "interview.css"), ("interview.static", "tour.css"))
FONTS = tuple(f"fonts/atkinson-hyperlegible-next-french-{weight}-normal.woff2" for weight in (400, 700))
ICONS = {"icon-192.png": "192x192", "icon-512.png": "512x512"}


@blueprint.get("/interview/sw.js")
@allow("public")
def service_worker() -> ResponseReturnValue:
    """The worker; it changes whenever one of the documents or files that it keeps does."""
    documents, files = list_documents(), list_files()
    version = _hash(documents, files)
    source = render_template(
        "interview/sw.js",
        version=version,
        files=[*documents, *files],
        questionnaire=town().current_wave.questionnaire.version,
    )
    response = make_response(source, {"Content-Type": "text/javascript; charset=utf-8"})
    # Asked for anew each time: an old worker would keep an old release for ever.
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/interview/manifest.webmanifest")
@allow("public")
def manifest() -> ResponseReturnValue:
    """What a tablet needs to put the page on its home screen."""
    response = jsonify(
        name=tell(town().barometer_name),
        short_name=town().name,
        lang="fr",
        start_url=url_for("interview.tour"),
        scope=url_for("interview.tour"),
        display="standalone",
        background_color="#ffffff",
        theme_color="#12436d",
        icons=[
            {"src": url_for("static", filename=name), "sizes": sizes, "type": "image/png"}
            for name, sizes in ICONS.items()
        ],
    )
    response.mimetype = "application/manifest+json"
    return response


def list_documents() -> dict[str, str]:
    """Address → document: the tour, and the current wave's questionnaire in every language it offers."""
    wave = town().current_wave
    documents = {url_for("interview.tour"): render_tour(), url_for("help.sheet"): render_help()}
    for language in offered_languages(wave):
        address = url_for("interview.questionnaire", wave_id=wave.id, language=language)
        documents[address] = render_questionnaire(wave, language)
    return documents


def list_files() -> list[str]:
    """Addresses of every file that these documents load; each holds the hash of all of them."""
    return [
        *(url_for(endpoint, filename=name) for endpoint, name in STYLES),
        *(find_script(entry) for entry in (INTERVIEW, TOUR)),
        *(url_for("static", filename=name) for name in ("icon.svg", *FONTS, *ICONS)),
        url_for("offline.manifest"),
    ]


def _hash(documents: dict[str, str], files: list[str]) -> str:
    told = current_app.json.dumps([documents, files], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]
