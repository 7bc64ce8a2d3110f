"""The pieces a report is made of, as plain values: paragraphs, lists, tables, questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from barometre.i18n import format_number, format_percent
from barometre.i18n import gettext as _
from barometre.questionnaire.town import Town
from barometre.results.papers.pictures import fix_picture
from barometre.results.said import counts_from_end, name_verdict, say_base, say_verdict
from barometre.results.svg import describe_row, draw_row, draw_swatch
from barometre.results.tables import Cell, DomainRow, ItemBlock

Piece = dict[str, Any]
#: pixels that a picture is drawn with; from 480 on every number finds its place
WIDTH = 860.0
#: characters of a label on a line of that width
LABEL_WIDTH = 95


def say_paragraph(text: str, *, strong: bool = False) -> Piece:
    """A paragraph."""
    return {"kind": "text", "text": text, "strong": strong}


def say_heading(text: str) -> Piece:
    """A heading below that of the chapter."""
    return {"kind": "heading", "text": text}


def list_items(items: Iterable[str]) -> Piece:
    """A list of sentences."""
    return {"kind": "list", "items": list(items)}


def make_table(
    caption: str,
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    numbers: int = 0,
    blank: bool = False,
    widths: Sequence[float] = (),
) -> Piece:
    """A table whose first column names its rows; its last `numbers` columns are numbers.

    `blank` leaves room to write in the last column. `widths` are parts of the line; by default words have
    more than numbers.
    """
    words = len(head) - numbers
    return {
        "kind": "table",
        "caption": caption,
        "head": list(head),
        "rows": [list(row) for row in rows],
        "numbers": numbers,
        "blank": blank,
        "widths": list(widths) or [1.6] * words + [1.0] * numbers,
    }


def draw_question(town: Town, block: ItemBlock, wave: str, first_wave: str) -> Piece:
    """One question: as it was asked, its finding, its pictures, its base, its verdict and its table."""
    past = "" if block.new else first_wave
    from_end = counts_from_end(town, block)
    main = block.rows[0]
    lines = [say_base(main.cell), *say_verdict(main, past)]
    if block.new and first_wave:
        lines.append(_("Question nouvelle, pas posée en %(wave)s", wave=first_wave) + ".")
    if block.only_in:
        lines.append(_("Question posée seulement ici : %(quartiers)s.", quartiers=block.only_in))
    return {
        "kind": "question",
        "label": block.label,
        "asked": f"{block.stem} {block.question}".strip(),
        "finding": block.headline,
        "pictures": [
            {
                "name": row.cell.domain_label if len(block.rows) > 1 else "",
                "drawing": fix_picture(
                    draw_row(
                        row,
                        wave,
                        past,
                        f"{block.item}-{row.cell.domain.lower()}",
                        from_end=from_end,
                        compact=number > 0,
                        label_width=LABEL_WIDTH,
                    ),
                    WIDTH,
                ),
                "alt": f"{row.cell.domain_label}. {describe_row(row, wave, past)}",
            }
            for number, row in enumerate(block.rows)
        ],
        "legend": [
            {"picture": fix_picture(draw_swatch(tone, block.item), 18), "label": label}
            for label, tone in _list_legend(block)
        ],
        "lines": [line for line in lines if line],
        "table": table_of_shares(block, wave, past),
        "notes": [*block.unconfirmed],
    }


def _list_legend(block: ItemBlock) -> list[tuple[str, str]]:
    """Every answer that some picture shows, each once."""
    return list(dict.fromkeys((s.label, s.tone) for row in block.rows for s in row.cell.segments))


def table_of_shares(block: ItemBlock, wave: str, past_wave: str) -> Piece:
    """The table that stands under a question on the pages: the same rows, the same words."""
    past_head = [_("%(wave)s, publié", wave=past_wave)] if past_wave else []
    verdict_head = [_("Depuis %(wave)s", wave=past_wave)] if past_wave else []
    head = [_("Quartier"), *past_head, *verdict_head, wave, _("Précision indicative"), _("Réponses")]
    rows = []
    for row in block.rows:
        cell = row.cell
        sure = cell.low is not None and cell.high is not None and cell.state in ("plain", "caution")
        rows.append(
            [
                cell.domain_label,
                *([say_past(row)] if past_wave else []),
                *([name_verdict(row)] if past_wave else []),
                say_share(cell),
                f"{format_percent(cell.low or 0)} – {format_percent(cell.high or 0)}"
                if sure
                else _("non donnée"),
                _("masqué") if cell.base is None else format_number(cell.base),
            ]
        )
    parts = [1.6, 2.2, 2.0, 1.1, 1.4, 1.1] if past_wave else [2.0, 1.1, 1.4, 1.1]
    return make_table(block.label, head, rows, numbers=3, widths=parts)


def table_of_answers(block: ItemBlock, wave: str) -> Piece | None:
    """Every answer that may be shown, None where there is none."""
    answers = list(dict.fromkeys(s.label for row in block.rows for s in row.cell.segments))
    if not answers:
        return None
    rows = []
    for row in block.rows:
        found = {segment.label: format_percent(segment.share) for segment in row.cell.segments}
        if found:
            rows.append([row.cell.domain_label, *(found.get(answer, "–") for answer in answers)])
    caption = f"{block.label}, {_('toutes les réponses, %(wave)s', wave=wave)}"
    return make_table(caption, [_("Quartier"), *answers], rows, numbers=len(answers))


def say_past(row: DomainRow) -> str:
    """What the first wave says of one row."""
    said = [row.recounted.words] if row.recounted else []
    said += [
        _("%(printed)s « %(answers)s »", printed=figure.printed, answers=figure.codes_label)
        for figure in row.past
    ]
    if not row.past:
        said.append(_("non publié"))
        if row.deduced:
            said.append(f"{row.deduced.words}, {row.deduced.base}")
    return "\u202f; ".join(said)


def say_share(cell: Cell) -> str:
    """The headline share, or the reason why there is none."""
    reasons = {
        "masked": _("masqué"),
        "no_percentage": _("trop peu de réponses"),
        "not_asked": _("pas de réponse"),
        "band": cell.band,
    }
    if cell.state in reasons:
        return reasons[cell.state]
    return format_percent(cell.share) if cell.share is not None else _("réparti ci-dessous")
