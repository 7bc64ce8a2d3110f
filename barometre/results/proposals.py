"""What residents and councils said in their own words: the first wave's, until this one's are coded."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import database, town
from barometre.estimates.disclosure import ALL
from barometre.questionnaire.town import CouncilSaying, Theme, Town
from barometre.results.labels import domain_label
from barometre.results.past import write_open_themes
from barometre.storage.councils import Standing, fetch_standing

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
    """What the councils ask for and are answered; then the first wave's open answers and sayings."""
    first = town().first_wave
    tables = write_open_themes(town())
    whole = domain_label(town(), ALL)
    return render_template(
        "results/proposals.html",
        whole=[group for group in tables if group["domain_label"] == whole],
        parts=[group for group in tables if group["domain_label"] != whole],
        adopted=_list_adopted(),
        themes=list_sayings(town()),
        open_questions=list_open_questions(town()),
        wave=town().current_wave.id,
        first_wave=first.id if first else "",
    )


def _list_adopted() -> list[tuple[Theme, list[Standing]]]:
    """What the councils ask for now, by theme: the public proposals of their last opinions."""
    with database().read() as reading:
        standing = fetch_standing(reading, town().current_wave.id)
    told = [found for found in standing if found.current.public and found.current.proposals]
    return [
        (theme, own) for theme in town().themes if (own := [s for s in told if s.subject.theme == theme.id])
    ]


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
