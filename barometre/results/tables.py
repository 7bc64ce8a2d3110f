"""Findings → what a page shows: rows with their base, words and verdict, in the language of the request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from barometre.estimates.change import NOT_COMPARABLE
from barometre.estimates.disclosure import ALL, NOT_ASKED, ROUNDED_TO
from barometre.i18n import format_number, format_percent, ngettext, round_percent, say, tell
from barometre.i18n import gettext as _
from barometre.questionnaire.definition import Item, ResponseScale
from barometre.questionnaire.town import Indicator, Town
from barometre.results.deduced_view import DeducedView, write_deduced
from barometre.results.findings import Finding, Findings
from barometre.results.labels import domain_label, label_codes, write_month
from barometre.results.recounted_view import RecountedView, write_recounted
from barometre.results.verdicts import PastFigure, VerdictView, write_past, write_verdict


@dataclass(frozen=True)
class Segment:
    """One part of a stacked bar."""

    codes: tuple[int, ...]
    label: str
    #: 0-1
    share: float
    #: which colour and texture: "very_favourable" … "nominal_1" …
    tone: str


@dataclass(frozen=True)
class Cell:
    """One wave, one domain, one item, as the public may see it."""

    domain: str
    domain_label: str
    wave: str
    #: "plain", "caution", "no_percentage", "masked", "band" or "not_asked"
    state: str
    #: headline share and the limits of its 95 % interval, 0-1
    share: float | None
    low: float | None
    high: float | None
    #: "moins de 9 %" when a side is too small to be shown
    band: str
    #: people who gave an opinion, None when masked
    base: int | None
    #: sentence about people without opinion
    silent: str
    segments: tuple[Segment, ...]
    #: the finding in plain words
    sentence: str


@dataclass(frozen=True)
class DomainRow:
    """One domain: now, then, and the change."""

    cell: Cell
    #: empty: not published
    past: tuple[PastFigure, ...]
    verdict: VerdictView | None
    #: what can be deduced where nothing was published
    deduced: DeducedView | None = None
    #: the first wave's share from its own interviews, where these replace its printed figures
    recounted: RecountedView | None = None


@dataclass(frozen=True)
class ItemBlock:
    """One question and all that is shown of it."""

    item: str
    label: str
    question: str
    #: common stem of a battery
    stem: str
    #: not asked by the first wave
    new: bool
    #: on a page of all quartiers, the only ones where it was asked, "" when it was asked in each
    only_in: str
    headline: str
    rows: tuple[DomainRow, ...]
    #: what the first wave said in words, with its source line
    statements: tuple[tuple[str, int], ...]
    #: (date, note, source line)
    context: tuple[tuple[str, str, int], ...]
    #: what is deduced in its wording or scale
    unconfirmed: tuple[str, ...]


def write_blocks(
    town: Town, findings: Findings, indicators: Iterable[Indicator], domains: tuple[str, ...] = ()
) -> list[ItemBlock]:
    """Blocks of some indicators; `domains` restricts the rows ("ALL" and every quartier otherwise)."""
    wanted = domains or (ALL, *(quartier.id for quartier in town.quartiers))
    return [
        _write_block(town, findings, indicator, wanted)
        for indicator in indicators
        if (indicator.item, ALL) in findings.by_domain
    ]


def _write_block(town: Town, findings: Findings, indicator: Indicator, domains: tuple[str, ...]) -> ItemBlock:
    wave = town.current_wave
    item = wave.questionnaire.by_id[indicator.item]
    first = town.first_wave
    battery = wave.questionnaire.batteries.get(item.battery or "")
    asked = [domain for domain in domains if findings.by_domain[(item.id, domain)].shown.state != NOT_ASKED]
    answered = [
        quartier
        for quartier in town.quartiers
        if findings.by_domain[(item.id, quartier.id)].shown.state != NOT_ASKED
    ]
    # A question put to some quartiers only says nothing of the others; of one alone, nothing of the whole.
    if asked[:1] == [ALL] and len(answered) == 1:
        asked = asked[1:] or [domain for domain in domains if domain != ALL]
    rows = tuple(_write_row(town, findings, indicator, item, domain) for domain in asked or domains)
    published = first.published if first else None
    new = first is None or item.id not in first.questionnaire.by_id
    statements = published.statements if published else ()
    return ItemBlock(
        item=item.id,
        label=tell(indicator.label),
        question=say(item.id, item.text),
        stem=say(f"battery:{battery.id}", battery.stem) if battery else "",
        new=new,
        only_in=", ".join(quartier.name for quartier in answered)
        if ALL in domains and 0 < len(answered) < len(town.quartiers)
        else "",
        headline=_write_headline(rows[0], first.id if first else ""),
        rows=rows,
        statements=tuple(
            (f"{domain_label(town, said.domain)} – {tell(said.text)}", said.source_line)
            for said in statements
            if said.item == item.id and (said.domain in domains or ALL in domains)
        ),
        context=tuple(
            (
                write_month(note.date),
                tell(note.text),
                note.source_line,
            )
            for note in town.context
            if item.id in note.items
            and (ALL in domains or not note.quartiers or set(note.quartiers) & set(domains))
        ),
        unconfirmed=_list_unconfirmed(
            item, asked_before=first is not None and item.id in first.questionnaire.by_id
        ),
    )


def _write_headline(row: DomainRow, first_wave: str) -> str:
    """The finding, and the same share as the first wave printed it or its interviews tell it."""
    past = next((figure.value for figure in row.past if figure.same_codes and figure.value is not None), None)
    past = row.recounted.share if row.recounted else past
    comparable = row.verdict is not None and row.verdict.word != NOT_COMPARABLE
    if row.cell.share is None or past is None or not comparable:
        return row.cell.sentence
    before = _(
        "En %(wave)s, ils étaient %(number)s sur 100.",
        wave=first_wave,
        number=format_number(round_percent(past)),
    )
    return f"{row.cell.sentence} {before}"


def _list_unconfirmed(item: Item, *, asked_before: bool) -> tuple[str, ...]:
    """What is deduced in its wording, and in its answers: those of a question that is new are its own."""
    found = [] if item.confirmed else [item.reason]
    if asked_before and item.scale is not None and not item.scale.confirmed:
        found.append(item.scale.reason)
    return tuple(tell(reason) for reason in dict.fromkeys(found))


def _write_row(town: Town, findings: Findings, indicator: Indicator, item: Item, domain: str) -> DomainRow:
    finding = findings.by_domain[(item.id, domain)]
    past = write_past(town, indicator, item, domain)
    label = domain_label(town, domain)
    if domain == ALL:
        asked = [q for q in town.quartiers if findings.by_domain[(item.id, q.id)].shown.state != NOT_ASKED]
        if asked and len(asked) < len(town.quartiers):
            label = " + ".join(quartier.name for quartier in asked)
    cell = _write_cell(town, indicator, item, finding, label)
    verdict = write_verdict(town, indicator, item, domain, finding)
    recounted = write_recounted(town, item, finding.recounted)
    return DomainRow(cell, past, verdict, write_deduced(town, finding.deduced), recounted)


def _write_cell(town: Town, indicator: Indicator, item: Item, finding: Finding, label: str) -> Cell:
    shown, estimate = finding.shown, finding.estimate
    exact = shown.exact and estimate is not None
    band = write_band(shown.band) if shown.band else ""
    return Cell(
        domain=shown.domain,
        domain_label=label,
        wave=town.current_wave.id,
        state=shown.state,
        share=estimate.value if exact and estimate else None,
        low=estimate.low if exact and estimate else None,
        high=estimate.high if exact and estimate else None,
        band=band,
        base=shown.base,
        silent=_write_silent(shown.silent),
        segments=_write_segments(item, indicator, finding),
        sentence=_write_sentence(indicator, finding, band),
    )


def write_band(band: tuple[str, int]) -> str:
    """What is said of a share whose smaller side has few people: « moins de 9 % »."""
    side, per_cent = band
    limit = format_percent(per_cent / 100)
    return _("moins de %(share)s", share=limit) if side == "below" else _("plus de %(share)s", share=limit)


def _write_silent(silent: int | None) -> str:
    if silent is None:
        return ""
    if not silent:
        return _(
            "%(num)s personnes au plus n’ont pas d’avis ou n’ont pas voulu répondre : elles ne sont pas "
            "comptées dans le pourcentage.",
            num=ROUNDED_TO,
        )
    return _(
        "Environ %(num)s personnes n’ont pas d’avis ou n’ont pas voulu répondre : elles ne sont pas comptées "
        "dans le pourcentage.",
        num=format_number(silent),
    )


def _write_sentence(indicator: Indicator, finding: Finding, band: str) -> str:
    phrase = tell(indicator.phrase)
    shown, estimate = finding.shown, finding.estimate
    if shown.state == "not_asked":
        return _("Cette question n’a pas eu de réponse ici.")
    if shown.state == "masked":
        return _("Masqué pour protéger les personnes : trop peu de réponses, ici ou dans un autre quartier.")
    if shown.state == "no_percentage":
        return ngettext(
            "Seulement %(num)s personne a répondu : c’est trop peu pour donner un pourcentage.",
            "Seulement %(num)s personnes ont répondu : c’est trop peu pour donner un pourcentage.",
            shown.base or 0,
        )
    if band:
        return _("%(band)s des habitants %(phrase)s.", band=band[0].upper() + band[1:], phrase=phrase)
    assert estimate is not None
    hundred = round_percent(estimate.value)
    return _("%(number)s habitants sur 100 %(phrase)s.", number=format_number(hundred), phrase=phrase)


def _write_segments(item: Item, indicator: Indicator, finding: Finding) -> tuple[Segment, ...]:
    assert item.scale is not None
    scale = item.scale
    return tuple(
        Segment(block, label_codes(scale, block), finding.shares[block], _tone(scale, block))
        for block in finding.shown.blocks
        if finding.shares.get(block, 0.0) > 0
    )


def _tone(scale: ResponseScale, block: tuple[int, ...]) -> str:
    sides = {scale.by_code[code].side for code in block}
    codes = [option.code for option in scale.options]
    if len(sides) == 1 and None not in sides:
        strong = {codes[0], codes[-1]} & set(block) and len(block) == 1
        return f"very_{sides.pop()}" if strong else str(sides.pop())
    return f"nominal_{min(codes.index(code) for code in block) % 6 + 1}"
