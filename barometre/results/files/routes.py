"""The addresses of the files: the data of a release, and each figure as a picture or as its rows."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, abort
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import simulated, town
from barometre.results.files.catalogue import FILES, fetch_file
from barometre.results.files.figure import NoFigure, write_figure_csv, write_figure_svg
from barometre.results.sources import Published, fetch_published, is_preview

blueprint = Blueprint("files", __name__)


@blueprint.get("/donnees/<name>")
@allow("public")
def data(name: str) -> ResponseReturnValue:
    """One of the files of the last release; 404 before the first one."""
    file = next((file for file in FILES if file.name(town()) == name), None)
    if file is None:
        abort(404)
    return send(fetch_file(_fetch(), file), file.mimetype, name)


@blueprint.get("/donnees/figures/<item>/<domain>.csv")
@allow("public")
def figure_csv(item: str, domain: str) -> ResponseReturnValue:
    """The rows of one figure; `domain` is "ensemble" or the slug of a quartier."""
    return send(_write(write_figure_csv, item, domain), "text/csv", f"{item}-{domain}.csv")


@blueprint.get("/donnees/figures/<item>/<domain>.svg")
@allow("public")
def figure_svg(item: str, domain: str) -> ResponseReturnValue:
    """The picture of one figure, to be opened alone."""
    return send(_write(write_figure_svg, item, domain), "image/svg+xml")


def send(body: bytes, mimetype: str, name: str = "") -> Response:
    """A file that is the same for everybody; saved under `name`, opened in the browser without one."""
    response = Response(body, mimetype=mimetype)
    if name:
        response.headers["Content-Disposition"] = f"attachment; filename={name}"
    # Asked again each time: what is published next must be seen at once. The tag makes that cheap.
    # What is looked at beforehand is nobody else's.
    response.headers["Cache-Control"] = "private, no-store" if is_preview() else "public, no-cache"
    return response


def _write(write: Callable[..., bytes], item: str, domain: str) -> bytes:
    try:
        return write(town(), _fetch(), item, domain, simulated=simulated())
    except NoFigure:
        abort(404)


def _fetch() -> Published:
    published = fetch_published()
    if published is None:
        abort(404)
    return published
