"""The interface for programs: the published results as JSON, to be read by anybody from anywhere."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, request, url_for
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import simulated, town
from barometre.results.files import answers
from barometre.results.files.kept import keep
from barometre.results.files.openapi import PATHS, describe_interface
from barometre.results.files.routes import send
from barometre.results.sources import Published, fetch_published

blueprint = Blueprint("api", __name__)
#: what is under it is for programs, addresses without anything too
ROOM = "/donnees/api/"


@blueprint.after_app_request
def open_to_other_sites(response: Response) -> Response:
    """Scripts of any site may read these answers and errors: public ones, that never depend on a cookie."""
    if request.path.startswith(ROOM):
        response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.get("/donnees/api/v1/", strict_slashes=False)
@allow("public")
def index() -> ResponseReturnValue:
    """Where everything is."""
    return _send({"simule": simulated(), "adresses": [_root() + path for path in PATHS]})


@blueprint.get("/donnees/api/v1/openapi.json")
@allow("public")
def openapi() -> ResponseReturnValue:
    """The description of this interface."""
    return _send(describe_interface(town(), _root(), simulated=simulated()))


@blueprint.get("/donnees/api/v1/wave")
@allow("public")
def wave() -> ResponseReturnValue:
    """The wave and its quartiers."""
    return _send(answers.answer_wave(town(), _fetch(), simulated=simulated()))


@blueprint.get("/donnees/api/v1/items")
@allow("public")
def items() -> ResponseReturnValue:
    """The questions."""
    return _send(answers.answer_items(town(), _fetch(), simulated=simulated()))


@blueprint.get("/donnees/api/v1/results")
@allow("public")
def results() -> ResponseReturnValue:
    """Every published figure."""
    published = _fetch()
    body = keep(published, "results.json", lambda: _write(_answer_all(published)))
    return send(body, "application/json")


@blueprint.get("/donnees/api/v1/results/<item>")
@allow("public")
def item_results(item: str) -> ResponseReturnValue:
    """The figures of one question; 404 for one that has none."""
    found = answers.answer_results(town(), _fetch(), simulated=simulated(), item=item)
    if found is None:
        return _refuse(f"Aucun résultat n’est publié pour « {item} ». Les questions sont à {_root()}/items.")
    return _send(found)


def _answer_all(published: Published) -> answers.Answer | None:
    return answers.answer_results(town(), published, simulated=simulated())


def _root() -> str:
    return url_for("api.index").removesuffix("/")


def _fetch() -> Published:
    published = fetch_published()
    if published is None:
        abort(_refuse("Rien n’est publié pour l’instant."))
    return published


def _refuse(message: str) -> Response:
    response = _send({"code": "not_found", "message": message})
    response.status_code = 404
    return response


def _send(value: Any) -> Response:
    return send(_write(value), "application/json")


def _write(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
