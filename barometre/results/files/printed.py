"""Rows of the first wave: what it printed, word for word, else what is deduced or recounted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from barometre.estimates.disclosure import ALL
from barometre.i18n import round_percent, say, tell
from barometre.questionnaire.definition import Item
from barometre.questionnaire.town import Indicator, PublishedFigure, PublishedWave, Town
from barometre.results.deduced_view import write_deduced
from barometre.results.files.row import (
    BOUND,
    DEDUCED,
    FIRST_WAVE,
    JOINT,
    NOT_PUBLISHED,
    OPEN_THEME,
    PRINTED,
    RECOUNTED,
    WORDS,
    Row,
)
from barometre.results.labels import domain_label, label_codes
from barometre.results.recounted_view import write_recounted
from barometre.results.sources import Published

KINDS = {"rounded": PRINTED, "text": WORDS, "bound": BOUND}


def list_printed(town: Town, published: Published, only: str | None = None) -> list[Row]:
    """Rows of the first wave, by question in the order asked, or of one; none for a town without one."""
    first = town.first_wave
    if first is None or first.published is None:
        return []
    rows = []
    for item in first.questionnaire.closed_items:
        if only not in (None, item.id):
            continue
        rows += [_write_figure(town, item, figure) for figure in _find(first.published, item.id)]
        indicator = town.indicator_of.get(item.id)
        if indicator is not None:
            rows += _list_missing(town, published, item, indicator)
    themes = _list_open_themes(town, first.published)
    return rows + [row for row in themes if only in (None, row.item)]


def _find(published: PublishedWave, item: str) -> list[PublishedFigure]:
    return [figure for figure in published.figures if item in figure.items]


def _begin(town: Town, item: Item, domain: str, codes: frozenset[int]) -> Row:
    assert town.first_wave is not None
    assert item.scale is not None
    asked = town.first_wave.questionnaire
    battery = asked.batteries.get(item.battery or "")
    stem = say(f"battery:{battery.id}", battery.stem) if battery else ""
    indicator = town.indicator_of.get(item.id)
    return Row(
        wave=town.first_wave.id,
        quartier=domain,
        item=item.id,
        option=label_codes(item.scale, codes),
        kind=FIRST_WAVE,
        quartier_name=domain_label(town, domain),
        title=tell(indicator.label) if indicator else "",
        question=f"{stem} {say(item.id, item.text)}".strip(),
        codes="+".join(str(option.code) for option in item.scale.options if option.code in codes),
    )


def _write_figure(town: Town, item: Item, figure: PublishedFigure) -> Row:
    """A printed figure; a percentage only where one was printed for this question alone."""
    assert town.first_wave is not None
    assert town.first_wave.published is not None
    alone = len(figure.items) == 1
    reasons = town.first_wave.published.reasons
    return replace(
        _begin(town, item, figure.domain, figure.codes),
        status=KINDS[figure.kind] if alone else JOINT,
        per_cent=round(figure.value) if alone and figure.kind == "rounded" else None,
        printed=tell(figure.printed),
        source_line=figure.source_line,
        remarks=" ".join(tell(reasons[reason]) for reason in figure.reasons),
    )


def _list_missing(town: Town, published: Published, item: Item, indicator: Indicator) -> Iterator[Row]:
    """Where nothing was printed, what is deduced; and what the first wave's own interviews tell."""
    first = town.first_wave
    assert first is not None
    assert first.published is not None
    for domain in (ALL, *(quartier.id for quartier in town.quartiers)):
        finding = published.findings.by_domain.get((item.id, domain))
        recounted = write_recounted(town, item, finding.recounted) if finding else None
        if finding and finding.recounted and recounted:
            yield replace(
                _begin(town, item, domain, finding.recounted.codes),
                status=RECOUNTED,
                base=finding.recounted.base,
                per_cent=round_percent(recounted.share),
                words=recounted.words,
            )
        if first.published.find(item.id, domain) or first.published.find_joint(item.id, domain):
            continue
        deduced = finding.deduced if finding else None
        view = write_deduced(town, deduced)
        if deduced and view:
            low, high = deduced.per_cent
            yield replace(
                _begin(town, item, domain, deduced.codes),
                status=DEDUCED,
                low=low,
                high=high,
                words=f"{view.words}, {view.base}",
                remarks=view.how,
            )
        elif not recounted:
            yield replace(_begin(town, item, domain, indicator.codes), status=NOT_PUBLISHED)


def _list_open_themes(town: Town, published: PublishedWave) -> Iterator[Row]:
    titles = {frame.id: tell(frame.title) for frame in town.code_frames}
    for theme in published.open_themes:
        if theme.item in titles:
            yield Row(
                wave=published.wave,
                quartier=theme.domain,
                item=theme.item,
                option=tell(theme.theme),
                kind=OPEN_THEME,
                quartier_name=domain_label(town, theme.domain),
                title=titles[theme.item],
                per_cent=round(theme.value) if theme.kind == "rounded" else None,
                status=PRINTED if theme.kind == "rounded" else WORDS,
                printed=tell(theme.printed),
                source_line=theme.source_line,
            )
