"""Staff page: the figures the first wave is shown with, as printed or from its own interviews."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from barometre.access import allow, current_person
from barometre.context import database, town
from barometre.i18n import format_number, format_percent, ngettext, tell
from barometre.i18n import gettext as _
from barometre.questionnaire.town import Wave
from barometre.results.baseline_items import BaselineItem, Check, check_items, list_items
from barometre.results.labels import domain_label, label_codes
from barometre.results.recounted import Recounted
from barometre.storage import counts as stored_counts
from barometre.storage.baseline import (
    LONGEST_REASON,
    MICRODATA,
    PUBLISHED,
    SOURCES,
    NoMicrodata,
    ReasonMissing,
    ReasonTooLong,
    SameSource,
    decide_source,
    fetch_log,
    fetch_replaced,
)

blueprint = Blueprint("baseline", __name__, template_folder="templates")


@dataclass(frozen=True)
class Row:
    """One domain of an item: what was printed, and what the interviews say of the same answers."""

    domain_label: str
    #: "71 %", "non publié"
    printed: str
    source_line: int | None
    codes_label: str
    #: "84 sur 119, soit 71 %"
    found: str
    #: whether the two go together, in words; "" where that cannot be told
    agreement: str
    agrees: bool | None
    #: why a printed figure is not what it seems to be, "" otherwise
    note: str = ""


@dataclass(frozen=True)
class Section:
    """One item on the page."""

    item: str
    title: str
    source: str
    #: whether some interview answered it
    answered: bool
    #: how many printed figures go together with the interviews
    told: str
    rows: list[Row]


@dataclass(frozen=True)
class Refusal:
    """A decision that cannot be taken as it was sent."""

    item: str
    title: str
    #: what was typed: it is still there
    reason: str
    words: str


@blueprint.get("/desk/baseline")
@allow("analyst", "administrator")
def listing() -> ResponseReturnValue:
    """Every item of the first wave, its source, and every decision."""
    return _render(_first_wave())


@blueprint.post("/desk/baseline")
@allow("analyst", "administrator")
def decide() -> ResponseReturnValue:
    """Take one item's figures from the other source; the public sees it from the next release on."""
    first, person = _first_wave(), current_person()
    assert person is not None  # @allow lets nobody else in
    item, source = request.form.get("item", ""), request.form.get("source", "")
    reason = request.form.get("reason", "")
    if item not in list_items(town()) or source not in SOURCES:
        raise BadRequest
    title = tell(town().indicator_of[item].label)
    try:
        with database().write() as session:
            decide_source(session, first.id, item, source, reason, person.username)
    except ReasonMissing:
        return _refuse(item, reason, _("Dites en quelques mots pourquoi les chiffres de départ changent."))
    except ReasonTooLong:
        return _refuse(
            item,
            reason,
            _("Cette raison est trop longue : %(limit)s caractères au plus.", limit=LONGEST_REASON),
        )
    except SameSource:
        return _refuse(item, reason, _("C’est déjà décidé : rien n’a changé."), 409)
    except NoMicrodata:
        return _refuse(
            item,
            reason,
            _("%(title)s : aucune réponse de %(wave)s n’est enregistrée.", title=title, wave=first.id),
        )
    flash(_("%(title)s : c’est noté. Le public le verra à la prochaine publication.", title=title))
    return redirect(url_for("baseline.listing"), code=303)


def _refuse(item: str, reason: str, words: str, status: int = 422) -> ResponseReturnValue:
    """The page again, with what was typed."""
    title = tell(town().indicator_of[item].label)
    return _render(_first_wave(), Refusal(item, title, reason.strip(), words)), status


def _render(first: Wave, refusal: Refusal | None = None) -> str:
    with database().read() as session:
        counts = stored_counts.fetch_counts(session, first.id)
        replaced = fetch_replaced(session, first.id)
        log = fetch_log(session, first.id)
    assert first.published is not None
    received = counts.total if counts else 0
    titles = {indicator.item: tell(indicator.label) for indicator in town().indicators}
    return render_template(
        "results/baseline.html",
        first_wave=first.id,
        received=received,
        published=first.published.interviews["ALL"],
        sections=[_write_section(first, found, replaced) for found in check_items(town(), counts)],
        other={PUBLISHED: MICRODATA, MICRODATA: PUBLISHED},
        sources=_source_labels(first.id),
        buttons={
            MICRODATA: _("Remplacer par les réponses"),
            PUBLISHED: _("Revenir aux chiffres imprimés"),
        },
        log=[(decided, titles.get(decided.item, decided.item)) for decided in log],
        refusal=refusal,
        longest=LONGEST_REASON,
    )


def _write_section(first: Wave, found: BaselineItem, replaced: frozenset[str]) -> Section:
    item = found.indicator.item
    rows = _write_rows(first, found)
    agreeing, denied = (sum(row.agrees is known for row in rows) for known in (True, False))
    told = []
    if agreeing:
        told.append(
            ngettext("%(num)s chiffre imprimé concorde.", "%(num)s chiffres imprimés concordent.", agreeing)
        )
    if denied:
        told.append(
            ngettext(
                "%(num)s chiffre imprimé ne concorde pas.",
                "%(num)s chiffres imprimés ne concordent pas.",
                denied,
            )
        )
    source = MICRODATA if item in replaced else PUBLISHED
    return Section(item, tell(found.indicator.label), source, found.answered, " ".join(told), rows)


def _source_labels(wave: str) -> dict[str, str]:
    return {
        PUBLISHED: _("chiffres imprimés"),
        MICRODATA: _("réponses de %(wave)s", wave=wave),
    }


def _write_rows(first: Wave, found: BaselineItem) -> list[Row]:
    scale = first.questionnaire.by_id[found.indicator.item].scale
    assert scale is not None
    assert first.published is not None
    reasons = first.published.reasons
    headline = label_codes(scale, found.indicator.codes)
    rows = [
        Row(
            domain_label(town(), check.figure.domain),
            tell(check.figure.printed),
            check.figure.source_line,
            label_codes(scale, check.figure.codes),
            _("masqué") if check.hidden else _write_count(check.people, check.base),
            _write_agreement(check),
            check.agrees,
            tell(reasons[check.figure.reasons[0]]) if check.figure.comparability == "no" else "",
        )
        for check in found.checks
    ]
    return rows + [
        Row(domain_label(town(), domain), _("non publié"), None, headline, _write_share(share), "", None)
        for domain, share in found.unprinted
    ]


def _write_count(people: int | None, base: int | None) -> str:
    if people is None or not base:
        return ""
    return _(
        "%(people)s sur %(base)s, soit %(share)s",
        people=format_number(people),
        base=format_number(base),
        share=format_percent(people / base),
    )


def _write_share(share: Recounted | None) -> str:
    """A share that was never printed: staff see it as the public would."""
    if share is None:
        return ""
    if share.hidden:
        return {
            "first_not_asked": _("pas de réponse"),
            "first_small_base": _("trop peu de réponses"),
        }.get(share.hidden, _("masqué"))
    return ngettext(
        "%(share)s de %(num)s réponse",
        "%(share)s de %(num)s réponses",
        share.base,
        share=format_percent(share.share),
    )


def _write_agreement(check: Check) -> str:
    if check.agrees is None:
        return ""
    if check.agrees:
        return _("concorde avec le chiffre imprimé")
    return _("ne concorde pas")


def _first_wave() -> Wave:
    first = town().first_wave
    if first is None or first.published is None:
        abort(404)
    return first
