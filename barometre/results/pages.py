"""The public pages: what residents say, by theme and quartier, beside what the first wave published."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import database, town
from barometre.estimates.disclosure import ALL, ROUNDED_TO, Thresholds, round_people
from barometre.i18n import format_number, tell
from barometre.i18n import gettext as _
from barometre.questionnaire.dispositions import DISPOSITIONS
from barometre.questionnaire.town import Indicator, parse_month
from barometre.results import past
from barometre.results.annex import work_out
from barometre.results.explained import explain
from barometre.results.formulas import list_symbols, show_formula
from barometre.results.labels import domain_label, write_month
from barometre.results.messages import write_messages
from barometre.results.references import REFERENCES
from barometre.results.scale import draw_scale
from barometre.results.sources import Published, fetch_published, shown_edition, withdrawn_edition
from barometre.results.svg import draw_row, draw_swatch
from barometre.results.tables import ItemBlock, write_blocks
from barometre.storage.councils import Standing, fetch_standing

blueprint = Blueprint("results", __name__, template_folder="templates", static_folder="static")
#: below, a quartier's page says first that few people answered: ± 8 points or more
SMALL_SAMPLE = 150


def short_source() -> str:
    """Where the figures of the first wave are printed, in a few words; "document" where nothing says it."""
    first = town().first_wave
    published = first.published if first else None
    return tell(published.short_source) if published else _("document")


@blueprint.record_once
def share_pictures(state: BlueprintSetupState) -> None:
    """Give the templates our own pictures and formulas; macros see globals only."""
    state.app.jinja_env.globals.update(draw_row=draw_row, draw_swatch=draw_swatch, draw_scale=draw_scale)
    state.app.jinja_env.globals.update(shown_edition=shown_edition, short_source=short_source)
    state.app.jinja_env.globals.update(withdrawn_edition=withdrawn_edition)
    state.app.jinja_env.globals.update(show_formula=show_formula, list_symbols=list_symbols)


@blueprint.get("/")
@allow("public")
def overview() -> ResponseReturnValue:
    """The headline indicators: the quartiers together, then each of them."""
    published = fetch_published()
    return render_template(
        "results/overview.html",
        blocks=_blocks(published, [i for i in town().indicators if i.headline]),
        messages=write_messages(town(), published.findings) if published else [],
        interviews=_about(published, ALL),
        fieldwork=_fieldwork(),
        released=published.made_at if published else None,
        **_waves(ALL, published),
    )


@blueprint.get("/themes/<slug>")
@allow("public")
def theme(slug: str) -> ResponseReturnValue:
    """Every item of one theme."""
    found = next((theme for theme in town().themes if theme.slug == slug), None)
    if found is None:
        abort(404)
    published = fetch_published()
    return render_template(
        "results/theme.html",
        theme=found,
        blocks=_blocks(published, [i for i in town().indicators if i.theme == found.id]),
        open_themes=past.write_open_themes(town(), found.id),
        opinions=[standing for standing in _fetch_opinions() if standing.subject.theme == found.id],
        **_waves(ALL, published),
    )


@blueprint.get("/quartiers/<slug>")
@allow("public")
def quartier(slug: str) -> ResponseReturnValue:
    """One quartier: the same questions, and what happened there."""
    found = next((quartier for quartier in town().quartiers if quartier.slug == slug), None)
    if found is None:
        abort(404)
    published = fetch_published()
    return render_template(
        "results/quartier.html",
        quartier=found,
        council=next((council for council in town().councils if council.id == found.council), None),
        blocks=_blocks(published, sorted(town().indicators, key=lambda i: not i.headline), (found.id,)),
        interviews=_about(published, found.id),
        small_sample=published is not None and published.findings.interviews[found.id] < SMALL_SAMPLE,
        context=[
            (write_month(note.date), tell(note.text), note.source_line)
            for note in sorted(town().context, key=lambda note: parse_month(note.date))
            if not note.quartiers or found.id in note.quartiers
        ],
        sayings=[s for s in town().sayings if not s.quartiers or found.id in s.quartiers],
        opinions=[standing for standing in _fetch_opinions() if standing.subject.council == found.council],
        **_waves(found.id, published),
    )


@blueprint.get("/comment-l-enquete-a-ete-faite")
@allow("public")
def method() -> ResponseReturnValue:
    """The eleven headings a published survey must disclose (AAPOR)."""
    published = fetch_published()
    first, wave = town().first_wave, town().current_wave.id
    return render_template(
        "results/method.html",
        headings=[
            (
                h.number,
                tell(h.title),
                tell(h.texts.get(first.id, "")) if first else "",
                tell(h.texts.get(wave, "")),
            )
            for h in town().method
        ],
        sample=[
            (
                domain_label(town(), domain),
                first.published.interviews.get(domain) if first and first.published else None,
                _about(published, domain) if published else None,
            )
            for domain in (*(quartier.id for quartier in town().quartiers), ALL)
        ],
        dispositions=_write_dispositions(published),
        assumptions=town().assumptions,
        quartiers=town().quartiers,
        design=town().current_wave.design,
        comparisons=published.findings.comparisons if published else 0,
        recounted=len(published.findings.recounted) if published else 0,
        sums=bool(first and first.published and any(f.may_be_sum for f in first.published.figures)),
        **_waves(ALL, published),
    )


@blueprint.get("/comment-les-chiffres-sont-calcules")
@allow("public")
def explained() -> ResponseReturnValue:
    """How the figures are worked out, step by step, for everybody."""
    published = fetch_published()
    values = explain(town(), published) | _waves(ALL, published)
    return render_template("results/explained.html", **values)


@blueprint.get("/comment-les-chiffres-sont-calcules/annexe")
@allow("public")
def annex() -> ResponseReturnValue:
    """The formulas, their references, and the current release worked through them."""
    published = fetch_published()
    values = work_out(town(), published) | _waves(ALL, published)
    return render_template("results/annex.html", references=REFERENCES, **values)


@blueprint.get("/chiffres-publies")
@allow("public")
def published() -> ResponseReturnValue:
    """Every figure the first wave printed, unchanged, each with its line."""
    first = town().first_wave
    if first is None or first.published is None:
        abort(404)
    released = fetch_published()
    return render_template(
        "results/published.html",
        recounted=[
            tell(indicator.label)
            for indicator in town().indicators
            if released and indicator.item in released.findings.recounted
        ],
        **past.write_published(town()),
        **_waves(ALL),
    )


@blueprint.get("/accessibilite")
@allow("public")
def accessibility() -> ResponseReturnValue:
    """The declaration of accessibility."""
    return render_template("results/accessibility.html")


@blueprint.get("/donnees-personnelles")
@allow("public")
def privacy() -> ResponseReturnValue:
    """What is kept of people, and their rights."""
    design = town().current_wave.design
    smallest = design.threshold_mask if design else Thresholds().mask
    return render_template("results/privacy.html", smallest=smallest)


@blueprint.get("/mentions-legales")
@allow("public")
def legal() -> ResponseReturnValue:
    """Who publishes the site."""
    return render_template("results/legal.html")


def _blocks(
    published: Published | None,
    indicators: list[Indicator] | tuple[Indicator, ...],
    domains: tuple[str, ...] = (),
) -> list[ItemBlock]:
    if published is None:
        return []
    blocks = write_blocks(town(), published.findings, indicators, domains)
    # A question put to the other quartiers only says nothing here.
    return [b for b in blocks if b.new is False or any(row.cell.state != "not_asked" for row in b.rows)]


def _fetch_opinions() -> list[Standing]:
    """What the councils adopted; it is public at once, whatever release the figures are from."""
    with database().read() as session:
        return fetch_standing(session, town().current_wave.id)


def _about(published: Published | None, domain: str) -> str:
    """Interviews of a domain, rounded to ten.

    The exact number less a printed base would tell how many had no opinion, where fewer than 5 had none.
    """
    return _write_about(published.findings.interviews[domain] if published else 0)


def _write_about(number: int) -> str:
    if number < ROUNDED_TO:
        return _("Moins de %(number)s", number=ROUNDED_TO)
    return _("Environ %(number)s", number=format_number(round_people(number)))


def _waves(domain: str, published: Published | None = None) -> dict[str, object]:
    first = town().first_wave
    interviews = first.published.interviews.get(domain, 0) if first and first.published else 0
    return {
        "wave": town().current_wave.id,
        "first_wave": first.id if first else "",
        "first_interviews": interviews,
        "unweighted": published is not None and published.findings.weighting_problem is not None,
    }


def _fieldwork() -> str:
    design = town().current_wave.design
    return f"{tell(design.fieldwork)}." if design and design.fieldwork else ""


def _write_dispositions(published: Published | None) -> list[tuple[str, str]]:
    if published is None:
        return []
    return [
        (_(found.label), _write_about(number))
        for found in DISPOSITIONS
        if (number := published.dispositions.get(found.slug))
    ]
