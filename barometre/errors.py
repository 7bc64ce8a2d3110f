"""Errors: one table from what went wrong to a status and its words, as a page or as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from barometre.i18n import lazy_gettext as _l


@dataclass(frozen=True)
class Words:
    """What people and tablets are told."""

    #: for programs
    code: str
    title: Any
    #: what happened
    happened: Any
    #: what to do now
    advice: Any


WORDS = {
    400: Words(
        "bad_request",
        _l("La demande n’a pas été comprise"),
        _l("Ce qui a été envoyé est incomplet ou abîmé."),
        _l("Revenez à la page précédente et recommencez."),
    ),
    401: Words(
        "not_signed_in",
        _l("Il faut se connecter"),
        _l("Cette page est réservée aux personnes connectées, ou votre connexion a expiré."),
        _l("Connectez-vous, puis recommencez."),
    ),
    403: Words(
        "forbidden",
        _l("Cette page ne vous est pas ouverte"),
        _l("Votre compte ne donne pas accès à cette page."),
        _l("Si vous devriez y avoir accès, parlez-en à l’administrateur du baromètre."),
    ),
    404: Words(
        "not_found",
        _l("Page introuvable"),
        _l("Il n’y a rien à cette adresse."),
        _l("Vérifiez l’adresse, ou repartez de l’accueil."),
    ),
    405: Words(
        "method_not_allowed",
        _l("Cette adresse ne s’ouvre pas ainsi"),
        _l("La page existe, mais pas pour cette action."),
        _l("Repartez de l’accueil."),
    ),
    413: Words(
        "too_large",
        _l("C’est trop volumineux"),
        _l("Ce qui a été envoyé dépasse la taille permise. Rien n’a été enregistré."),
        _l("Envoyez-le en plusieurs fois."),
    ),
    422: Words(
        "unprocessable",
        _l("Des réponses ne peuvent pas être enregistrées"),
        _l("Ce qui a été envoyé se lit, mais ne suit pas le questionnaire."),
        _l("Corrigez ce qui est signalé, puis recommencez."),
    ),
    429: Words(
        "too_many_attempts",
        _l("Trop d’essais"),
        _l("Il y a eu trop d’essais en peu de temps."),
        _l("Attendez un quart d’heure, puis recommencez."),
    ),
    500: Words(
        "internal_error",
        _l("Une erreur est survenue"),
        _l("Le site n’a pas pu répondre. L’erreur est notée dans son journal."),
        _l("Recommencez dans un instant ; si cela dure, prévenez l’administrateur du baromètre."),
    ),
    503: Words(
        "unavailable",
        _l("Le site est momentanément indisponible"),
        _l("La base de données ne répond pas."),
        _l("Recommencez dans une minute ; ce qui est sur la tablette y reste."),
    ),
}

#: a forged or outdated form: the words of a 400, with their own advice
STALE_FORM = Words(
    "stale_form",
    _l("Ce formulaire a expiré"),
    _l("Il a été ouvert avant votre dernière connexion, ou il vient d’un autre site."),
    _l("Rouvrez la page et envoyez-la de nouveau."),
)

#: fields that are never shown again
SECRET = ("csrf_token", "password", "current", "new")
#: how browsers send what was typed
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

#: errors that are not HTTP's own → status and words
ROOM_ERRORS: dict[type[Exception], tuple[int, Words]] = {
    CSRFError: (400, STALE_FORM),
    OperationalError: (503, WORDS[503]),
}


def install(app: Flask) -> None:
    """Answer every error of an application from the table."""

    @app.errorhandler(HTTPException)
    def answer_http_error(error: HTTPException) -> Any:
        if error.response is not None:
            return error.response
        status = error.code or 500
        if status < 400:
            return error
        return _answer(status, WORDS.get(status) or WORDS[500 if status >= 500 else 400], error)

    @app.errorhandler(Exception)
    def answer_unexpected(error: Exception) -> Response:
        app.logger.exception("unexpected error on %s %s", request.method, request.path)
        return _answer(500, WORDS[500], error)

    for room_error in ROOM_ERRORS:
        app.register_error_handler(room_error, _answer_room_error)


def _answer_room_error(error: Exception) -> Response:
    status, words = next(ROOM_ERRORS[kind] for kind in type(error).__mro__ if kind in ROOM_ERRORS)
    return _answer(status, words, error)


def _answer(status: int, words: Words, error: Exception) -> Response:
    if wants_json():
        response = jsonify(code=words.code, message=f"{words.happened} {words.advice}")
    elif status == 401 and not _list_typed():
        return redirect(_sign_in_address(), code=303)  # type: ignore[return-value]
    else:
        if status >= 500:
            # The page's header must not ask the database that has just failed.
            g.person = None
        page = render_template("errors/error.html", status=status, words=words, typed=_list_typed())
        response = make_response(page)
    response.status_code = status
    if isinstance(error, HTTPException) and status == 405:
        response.headers.extend(
            (name, value) for name, value in error.get_headers(request.environ) if name == "Allow"
        )
    return response


def wants_json() -> bool:
    """Whether a program, rather than a person, waits for the answer."""
    if request.path.startswith(("/intake/", "/donnees/api/")) or request.is_json:
        return True
    accepted = request.accept_mimetypes
    return accepted["application/json"] > accepted["text/html"]


def _list_typed() -> list[str]:
    """Texts that were sent with a form and would be lost with it; what is secret or short is not repeated."""
    if request.method != "POST" or request.mimetype not in FORMS:
        return []
    try:
        sent = request.form
    except HTTPException:
        # Too long to be read: it was refused for that.
        return []
    return [
        text for name, texts in sent.lists() for text in texts if name not in SECRET and len(text.split()) > 1
    ]


def _sign_in_address() -> str:
    if request.method != "GET":
        return url_for("people.sign_in")
    return url_for("people.sign_in", next=request.script_root + request.full_path.removesuffix("?"))
