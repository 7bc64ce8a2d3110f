"""One permanent page per figure: one question in one quartier, or in all of them together."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, render_template, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import town
from barometre.estimates.disclosure import ALL, NOT_ASKED
from barometre.i18n import gettext as _
from barometre.i18n import say, tell
from barometre.questionnaire.town import Indicator, Town
from barometre.results.findings import Findings
from barometre.results.labels import domain_label
from barometre.results.sources import Published, fetch_published
from barometre.results.tables import write_blocks

blueprint = Blueprint("figures", __name__, template_folder="templates")
#: last part of the address of a figure of all quartiers
TOGETHER = "ensemble"


@blueprint.record_once
def share_addresses(state: BlueprintSetupState) -> None:
    """Give the templates the address of a domain's figure; macros see globals only."""
    state.app.jinja_env.globals.update(domain_slug=lambda domain: write_domain(town(), domain))


def write_domain(town: Town, domain: str) -> str:
    """Last part of the address of a domain's figures."""
    return TOGETHER if domain == ALL else town.quartier_by_id[domain].slug


def find_domain(town: Town, slug: str) -> str | None:
    """The domain that an address names, None when there is none of that name."""
    if slug == TOGETHER:
        return ALL
    return next((quartier.id for quartier in town.quartiers if quartier.slug == slug), None)


def list_domains(town: Town, findings: Findings | None, item: str) -> list[str]:
    """Domains that have a figure of an item: all quartiers together only where two or more were asked."""
    quartiers = [quartier.id for quartier in town.quartiers]
    if findings is not None:
        quartiers = [q for q in quartiers if findings.by_domain[(item, q)].shown.state != NOT_ASKED]
    return quartiers if len(quartiers) == 1 else [ALL, *quartiers]


@blueprint.get("/chiffres/<item>")
@allow("public")
def every(item: str) -> ResponseReturnValue:
    """One question: its figure everywhere it was asked, each with its address."""
    indicator = _find_indicator(item)
    published = _fetch_about(item)
    blocks = write_blocks(town(), published.findings, [indicator]) if published else []
    return render_template(
        "results/figure_list.html",
        label=tell(indicator.label),
        question=say(item, town().current_wave.questionnaire.by_id[item].text),
        theme=next(theme for theme in town().themes if theme.id == indicator.theme),
        block=blocks[0] if blocks else None,
        **_waves(),
    )


@blueprint.get("/chiffres/<item>/<domain>")
@allow("public")
def figure(item: str, domain: str) -> ResponseReturnValue:
    """One figure: everything that is said of it, its address, and how to cite it."""
    indicator, place = _find_indicator(item), find_domain(town(), domain)
    if place is None:
        abort(404)
    published = _fetch_about(item)
    domains = list_domains(town(), published.findings if published else None, item)
    if place == ALL and ALL not in domains:
        # Asked in one quartier only: that one is the whole.
        return redirect(url_for("figures.figure", item=item, domain=write_domain(town(), domains[0])))
    blocks = write_blocks(town(), published.findings, [indicator], (place,)) if published else []
    return render_template(
        "results/figure.html",
        label=tell(indicator.label),
        theme=next(theme for theme in town().themes if theme.id == indicator.theme),
        domain_label=blocks[0].rows[0].cell.domain_label if blocks else domain_label(town(), place),
        block=blocks[0] if blocks else None,
        others=[
            (domain_label(town(), other), write_domain(town(), other)) for other in domains if other != place
        ],
        item=item,
        address=url_for("figures.figure", item=item, domain=domain, _external=True),
        downloads=_list_downloads(item, domain),
        released=published.made_at if published else None,
        unweighted=published is not None and published.findings.weighting_problem is not None,
        **_waves(),
    )


def _list_downloads(item: str, domain: str) -> list[tuple[str, str]]:
    """Name and address of the files of one figure: those that this site serves."""
    known = {"files.figure_csv": _("Tableau (CSV)"), "files.figure_svg": _("Image (SVG)")}
    return [
        (label, url_for(endpoint, item=item, domain=domain))
        for endpoint, label in known.items()
        if endpoint in current_app.view_functions
    ]


def _find_indicator(item: str) -> Indicator:
    indicator = town().indicator_of.get(item)
    # A question of another wave has no page here.
    if indicator is None or item not in town().current_wave.questionnaire.position:
        abort(404)
    return indicator


def _fetch_about(item: str) -> Published | None:
    """The last release, if it holds that question."""
    published = fetch_published()
    return published if published and (item, ALL) in published.findings.by_domain else None


def _waves() -> dict[str, str]:
    first = town().first_wave
    return {"wave": town().current_wave.id, "first_wave": first.id if first else ""}
