"""What a conseil citoyen prepares its meeting with: figures to guess, then to read beside the past.

These pages stand in `results`, which alone knows the findings; what the council writes is in `councils`.
"""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from barometre.access import allow, current_person
from barometre.context import town
from barometre.estimates.disclosure import ALL
from barometre.i18n import tell
from barometre.questionnaire.town import Council, Indicator, Theme
from barometre.results import past
from barometre.results.guessing import BadGuess, compare_guess, read_guess
from barometre.results.labels import domain_label
from barometre.results.sources import Published, fetch_published
from barometre.results.tables import Cell, DomainRow, ItemBlock, write_blocks
from barometre.results.verdicts import write_verdict
from barometre.results.wording import Advice, advise

blueprint = Blueprint("preparing", __name__, template_folder="templates")


@blueprint.record_once
def share_findings(state: BlueprintSetupState) -> None:
    """Let the room `councils`, which knows no finding, show the edition and the headlines of a quartier."""
    state.app.jinja_env.globals.update(tell_edition=fetch_published, tell_headlines=tell_headlines)


def tell_headlines(quartier: str) -> list[tuple[str, Cell]]:
    """Title and figure of the first questions of a quartier, in the edition that this request shows."""
    published = fetch_published()
    first = [indicator for indicator in town().indicators if indicator.headline]
    return [(block.label, block.rows[0].cell) for block in _list_blocks(published, first, (quartier,))]


@blueprint.get("/council/themes/<slug>")
@allow("council")
def theme(slug: str) -> ResponseReturnValue:
    """One theme: what was said in 2023, what residents say now, and how to put it."""
    found, council = _find_theme(slug), _own_council()
    published = fetch_published()
    domains = (ALL, *council.quartiers)
    blocks = _list_blocks(published, [i for i in town().indicators if i.theme == found.id], domains)
    return render_template(
        "results/preparing.html",
        theme=found,
        council=council,
        blocks=[(block, _list_advice(published, block)) for block in blocks if published],
        sayings=[
            saying
            for saying in town().sayings
            if saying.theme == found.id
            and (not saying.quartiers or set(saying.quartiers) & set(council.quartiers))
        ],
        open_themes=[
            group
            for group in past.write_open_themes(town(), found.id)
            if set(str(group["domain"]).split("+")) & set(domains)
        ],
        quartiers=_name_quartiers(council),
        **_waves(published),
    )


@blueprint.route("/council/themes/<slug>/guess", methods=["GET", "POST"])
@allow("council")
def guess(slug: str) -> ResponseReturnValue:
    """Guess a figure before it is shown; the answer shows both, and nothing is stored."""
    found, council = _find_theme(slug), _own_council()
    published = fetch_published()
    indicators = [indicator for indicator in town().indicators if indicator.theme == found.id]
    # Only a share that may be shown can be guessed: a question about another one would tell of it.
    questions = [
        (block, row)
        for block in _list_blocks(published, indicators, (ALL, *council.quartiers))
        for row in block.rows
        if row.cell.share is not None
    ]
    sent = request.form if request.method == "POST" else request.args
    place = _find_place(questions, sent.get("item"), sent.get("domain"))
    block, row = questions[place] if questions else (None, None)
    typed, problem, result = "", "", None
    if request.method == "POST" and row is not None and row.cell.share is not None:
        typed = request.form.get("guess", "")
        try:
            result = compare_guess(read_guess(typed), row.cell)
        except BadGuess as error:
            problem = error.told
    page = render_template(
        "results/guess.html",
        theme=found,
        block=block,
        row=row,
        phrase=tell(town().indicator_of[block.item].phrase) if block else "",
        number=place + 1,
        total=len(questions),
        next=questions[place + 1] if place + 1 < len(questions) else None,
        typed=typed,
        problem=problem,
        result=result,
        **_waves(published),
    )
    return page, 422 if problem else 200


def _list_blocks(
    published: Published | None, indicators: list[Indicator], domains: tuple[str, ...]
) -> list[ItemBlock]:
    """Blocks of the questions that somebody answered in one of the domains."""
    if published is None:
        return []
    blocks = write_blocks(town(), published.findings, indicators, domains)
    return [b for b in blocks if not b.new or any(row.cell.state != "not_asked" for row in b.rows)]


def _list_advice(published: Published | None, block: ItemBlock) -> list[tuple[DomainRow, tuple[Advice, ...]]]:
    assert published is not None
    indicator = town().indicator_of[block.item]
    item = town().current_wave.questionnaire.by_id[block.item]
    advice = []
    for row in block.rows:
        finding = published.findings.by_domain[(block.item, row.cell.domain)]
        verdict = write_verdict(town(), indicator, item, row.cell.domain, finding)
        advice.append(
            (row, advise(town(), indicator, item, row.cell.domain, finding, verdict, row.cell.domain_label))
        )
    return advice


def _find_place(questions: list[tuple[ItemBlock, DomainRow]], item: str | None, domain: str | None) -> int:
    """Which question is asked for; the first one unless told."""
    if item is None and domain is None:
        return 0
    places = [n for n, (b, row) in enumerate(questions) if (b.item, row.cell.domain) == (item, domain)]
    if not places:
        abort(404)
    return places[0]


def _find_theme(slug: str) -> Theme:
    found = next((theme for theme in town().themes if theme.slug == slug), None)
    if found is None:
        abort(404)
    return found


def _own_council() -> Council:
    """The council of whoever is signed in: no address names another one."""
    person = current_person()
    found = next((c for c in town().councils if person is not None and c.id == person.council), None)
    if found is None:
        abort(403)
    return found


def _name_quartiers(council: Council) -> str:
    return ", ".join(domain_label(town(), quartier) for quartier in council.quartiers)


def _waves(published: Published | None) -> dict[str, object]:
    first = town().first_wave
    return {
        "wave": town().current_wave.id,
        "first_wave": first.id if first else "",
        "unweighted": published is not None and published.findings.weighting_problem is not None,
    }
