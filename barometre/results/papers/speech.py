"""Words outside a page: one language for a whole paper, whatever the request speaks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app

from barometre.i18n import LANGUAGE_KEY, SOURCE_LANGUAGE, known_languages
from barometre.i18n import gettext as _


@contextmanager
def speak(language: str) -> Iterator[None]:
    """Everything said inside is said in `language`; needs an application.

    Raises `KeyError` for a language that has no folder.
    """
    spoken = {} if language == SOURCE_LANGUAGE else {LANGUAGE_KEY: known_languages()[language].code}
    with current_app.test_request_context("/", environ_overrides=spoken):
        yield


def offered_languages() -> tuple[str, ...]:
    """Codes of the languages that the site offers, French first: those of the papers too."""
    return tuple(code for code, language in known_languages().items() if language.offered)


def warn_simulated() -> str:
    """What every paper made of invented answers says, "" for real ones."""
    # The same word as on the pages: the application gives it to its templates.
    if not current_app.jinja_env.globals["simulated"]():  # type: ignore[operator]
        return ""
    return " ".join(
        [
            _("Données simulées."),
            _(
                "Les réponses de cette enquête ont été inventées pour montrer l’outil. Elles ne disent rien "
                "des habitants."
            ),
        ]
    )
