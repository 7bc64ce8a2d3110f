"""What residents and councils said in their own words: the first wave's, until this one's are coded."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import town
from barometre.estimates.disclosure import ALL
from barometre.questionnaire.town import CouncilSaying, Theme, Town
from barometre.results.labels import domain_label
from barometre.results.past import write_open_themes

blueprint = Blueprint("proposals", __name__, template_folder="templates")
PROPOSAL, CHALLENGE, STRENGTH = "proposal", "challenge", "strength"


@dataclass(frozen=True)
class ThemeSayings:
    """What the conseils citoyens said of one theme."""

    theme: Theme
    proposals: tuple[CouncilSaying, ...]
    #: challenges and strengths
    others: tuple[tuple[str, tuple[CouncilSaying, ...]], ...]


@blueprint.get("/ce-que-vous-proposez")
@allow("public")
def page() -> ResponseReturnValue:
    """The first wave's open answers and the councils' sayings, by theme, each with its line."""
    first = town().first_wave
    tables = write_open_themes(town())
    whole = domain_label(town(), ALL)
    return render_template(
        "results/proposals.html",
        whole=[group for group in tables if group["domain_label"] == whole],
        parts=[group for group in tables if group["domain_label"] != whole],
        themes=list_sayings(town()),
        councils=town().councils,
        open_questions=list_open_questions(town()),
        wave=town().current_wave.id,
        first_wave=first.id if first else "",
    )


def list_sayings(town: Town) -> list[ThemeSayings]:
    """Sayings by theme, in the order of the themes; themes of which nothing was said are left out."""
    found = []
    for theme in town.themes:
        own = [saying for saying in town.sayings if saying.theme == theme.id]
        others = tuple(
            (kind, said)
            for kind in (CHALLENGE, STRENGTH)
            if (said := tuple(saying for saying in own if saying.kind == kind))
        )
        if own:
            found.append(ThemeSayings(theme, tuple(s for s in own if s.kind == PROPOSAL), others))
    return found


def list_open_questions(town: Town) -> list[tuple[str, str]]:
    """Id and French text of the questions of this wave that are answered in words."""
    return [(item.id, item.text) for item in town.current_wave.questionnaire.items if not item.closed]
