"""Every published figure as one tidy list of rows, which all files share.

The rows are read from what the pages show (`results/tables.py`), so that no file can tell more than they do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from barometre.estimates.disclosure import CAUTION, NOT_ASKED, PLAIN, ROUNDED_TO
from barometre.i18n import round_percent, speak
from barometre.questionnaire.definition import Item
from barometre.questionnaire.town import Indicator, Town
from barometre.results.files.printed import list_printed
from barometre.results.files.row import ANSWER, HEADLINE, Row, flatten
from barometre.results.labels import domain_label, label_codes
from barometre.results.sources import Published
from barometre.results.tables import Cell, DomainRow, ItemBlock, write_blocks
from barometre.results.verdicts import measure_difference

LANGUAGE = "fr"


def list_rows(
    town: Town, published: Published, *, simulated: bool, item: str | None = None
) -> tuple[Row, ...]:
    """Rows of the current wave in the order of the indicators, then those of the first wave; or of one item.

    `simulated` marks the rows of the current wave. Words are French with plain spaces, percentages whole.
    """
    with speak(LANGUAGE):
        indicators = [indicator for indicator in town.indicators if item in (None, indicator.item)]
        blocks = write_blocks(town, published.findings, indicators)
        rows = [row for block in blocks for row in _list_block(town, published, block)]
        rows = [replace(row, simulated=simulated) for row in rows] + list_printed(town, published, item)
    released = published.day.isoformat() if published.published_at else ""
    corrected = published.erratum_day.isoformat() if published.erratum_day else ""
    return tuple(replace(_flatten_words(row), released_on=released, corrected_on=corrected) for row in rows)


def name_question(block: ItemBlock) -> str:
    """The question as asked, after the common stem of its battery."""
    return f"{block.stem} {block.question}".strip()


def _list_block(town: Town, published: Published, block: ItemBlock) -> Iterator[Row]:
    indicator = town.indicator_of[block.item]
    item = town.current_wave.questionnaire.by_id[block.item]
    shown = {row.cell.domain for row in block.rows}
    for row in block.rows:
        yield from _list_domain(town, published, indicator, item, block, row)
    for quartier in town.quartiers:
        if quartier.id not in shown:
            yield replace(_begin(town, block, item, indicator, quartier.id), status=NOT_ASKED)


def _begin(town: Town, block: ItemBlock, item: Item, indicator: Indicator, domain: str) -> Row:
    """What every row of one question and domain has in common."""
    assert item.scale is not None
    return Row(
        wave=town.current_wave.id,
        quartier=domain,
        item=item.id,
        option=label_codes(item.scale, indicator.codes),
        kind=HEADLINE,
        quartier_name=domain_label(town, domain),
        title=block.label,
        question=name_question(block),
        codes=_join(tuple(option.code for option in item.scale.options if option.code in indicator.codes)),
    )


def _list_domain(
    town: Town, published: Published, indicator: Indicator, item: Item, block: ItemBlock, row: DomainRow
) -> Iterator[Row]:
    """The headline share of one domain, then each answer."""
    cell = row.cell
    start = replace(
        _begin(town, block, item, indicator, cell.domain),
        quartier_name=cell.domain_label,
        base=cell.base,
        status=cell.state,
    )
    yield replace(
        _add_verdict(start, town, published, row),
        per_cent=None if cell.share is None else round_percent(cell.share),
        low=_round_limit(cell, cell.low),
        high=_round_limit(cell, cell.high),
        words=cell.band,
        silent=_write_silent(published, cell, item),
        remarks=" ".join((*block.unconfirmed, *(_list_remarks(row)))),
    )
    for segment in cell.segments:
        yield replace(
            start,
            kind=ANSWER,
            option=segment.label,
            codes=_join(segment.codes),
            per_cent=round_percent(segment.share),
            status=CAUTION if cell.state == CAUTION else PLAIN,
        )


def _add_verdict(start: Row, town: Town, published: Published, row: DomainRow) -> Row:
    """The verdict and the change it is about, as the page tells them."""
    if row.verdict is None or town.first_wave is None:
        return start
    finding = published.findings.by_domain[(start.item, start.quartier)]
    assert finding.verdict is not None
    found = replace(start, verdict=row.verdict.word, compared_with=town.first_wave.id)
    measured = measure_difference(finding.verdict, finding)
    if measured is None:
        return found
    return replace(
        found,
        difference=measured.difference,
        difference_low=measured.low,
        difference_high=measured.high,
    )


def _list_remarks(row: DomainRow) -> tuple[str, ...]:
    return (*row.verdict.reasons, *row.verdict.cautions) if row.verdict else ()


def _round_limit(cell: Cell, limit: float | None) -> int | None:
    return None if limit is None or cell.state not in (PLAIN, CAUTION) else round_percent(limit)


def _write_silent(published: Published, cell: Cell, item: Item) -> str:
    """People without opinion to the nearest ten, as the page says it."""
    silent = published.findings.by_domain[(item.id, cell.domain)].shown.silent
    if silent is None:
        return ""
    return f"environ {silent}" if silent else f"{ROUNDED_TO} au plus"


def _join(codes: tuple[int, ...]) -> str:
    return "+".join(str(code) for code in codes)


def _flatten_words(row: Row) -> Row:
    words: dict[str, Any] = {
        name: flatten(value) for name, value in vars(row).items() if isinstance(value, str)
    }
    return replace(row, **words)
