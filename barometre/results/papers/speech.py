"""Languages of the papers, what all of them say of their edition first, and how people were chosen."""

from __future__ import annotations

from flask import current_app

from barometre.i18n import gettext as _
from barometre.i18n import known_languages
from barometre.questionnaire.town import Design
from barometre.results.notices import tell_erratum, tell_preview
from barometre.results.sources import Published


def offered_languages() -> tuple[str, ...]:
    """Codes of the languages that the site offers, French first: those of the papers too."""
    return tuple(code for code, language in known_languages().items() if language.offered)


def tell_sampling(design: Design, quartier: str) -> str:
    """How people were chosen in one quartier, in one sentence: what its design says, and nothing more."""
    if design.sampling != "quota":
        return _("Personnes tirées au sort.")
    # A target of 0 is hoped for by nobody.
    by_age = any(quota.quartier == quartier and quota.target for quota in design.quotas)
    by_quartier = bool(design.target.get(quartier))
    if by_age and by_quartier:
        return _("Quotas par quartier et par âge, sans tirage au sort.")
    if by_age:
        return _("Quotas par âge, sans tirage au sort.")
    if by_quartier:
        return _("Nombre d’entretiens fixé par quartier, sans tirage au sort.")
    return _("Personnes choisies pour ressembler au quartier, sans tirage au sort.")


def list_notices(published: Published, *, whole: bool = False) -> list[str]:
    """What stands first on every paper of an edition: invented answers, not public yet, an erratum."""
    told = _warn_simulated(), tell_preview(published), tell_erratum(published, whole=whole)
    return [notice for notice in told if notice]


def list_marks(published: Published) -> str:
    """The same in a word or two, for the head of each page."""
    told = _warn_simulated(), tell_preview(published)
    return " – ".join(notice.partition(".")[0] for notice in told if notice)


def _warn_simulated() -> str:
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
