"""« Télécharger les données »: every file with its size and format, and how to cite it."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import town
from barometre.i18n import format_number
from barometre.i18n import gettext as _
from barometre.results.files.catalogue import FILES, fetch_file
from barometre.results.files.figure import list_figures
from barometre.results.sources import Published, fetch_published

blueprint = Blueprint("downloads", __name__)


@blueprint.get("/telecharger-les-donnees")
@allow("public")
def page() -> ResponseReturnValue:
    """Every file of the last release."""
    published = fetch_published()
    return render_template(
        "results/downloads.html",
        files=_list_files(published) if published else [],
        figures=list_figures(town(), published) if published else [],
        released=published.day if published else None,
        wave=town().current_wave.id,
        unweighted=published is not None and published.findings.weighting_problem is not None,
    )


def _list_files(published: Published) -> list[dict[str, object]]:
    return [
        {
            "name": file.name(town()),
            "title": file.title,
            "format": file.format,
            "size": _write_size(len(fetch_file(published, file))),
        }
        for file in FILES
    ]


def _write_size(number: int) -> str:
    """A number of bytes in kilobytes, 1 at least."""
    return _("%(number)s ko", number=format_number(max(1, round(number / 1000))))
