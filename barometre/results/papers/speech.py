"""Languages of the papers, and what all of them say of invented answers."""

from __future__ import annotations

from flask import current_app

from barometre.i18n import gettext as _
from barometre.i18n import known_languages


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
