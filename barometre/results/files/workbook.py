"""The published results as a workbook for Excel or LibreOffice."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date

from barometre.i18n import speak
from barometre.questionnaire.town import Town
from barometre.results.files.columns import COLUMNS, Value, read_row
from barometre.results.files.row import Row
from barometre.results.files.rows import LANGUAGE, list_rows
from barometre.results.files.tables import HEADINGS, list_dictionary, list_notices
from barometre.results.sources import Published

Cell = Value | date

#: characters
WIDE, NARROW = 40, 14
WIDE_COLUMNS = {"modalite", "question", "titre", "remarques", "quartier_nom", "libelle", "definition"}


def write_workbook(town: Town, published: Published, *, simulated: bool) -> bytes:
    """An .xlsx file: sheets Résultats and Dictionnaire, one table each from A1, then Notes.

    The date in its properties is the release's: the same results give the same bytes.
    """
    import xlsxwriter

    written = io.BytesIO()
    book = xlsxwriter.Workbook(
        written,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    title = f"{town.barometer_name}, {town.name}, {town.current_wave.id}"
    book.set_properties(
        {
            "title": f"Données simulées – {title}" if simulated else title,
            "subject": "Résultats publiés",
            "author": town.organisation,
            "company": town.organisation,
            "comments": " ".join(list_notices(published, simulated)),
            "created": published.dated.astimezone(UTC).replace(tzinfo=None),
        }
    )
    rows = list_rows(town, published, simulated=simulated)
    table = [_read_cells(row) for row in rows]
    _add_table(book, "Résultats", "resultats", [column.name for column in COLUMNS], table)
    with speak(LANGUAGE):
        lines = [list(line) for line in list_dictionary(town, published, simulated=simulated)]
    _add_table(book, "Dictionnaire", "dictionnaire", HEADINGS, lines)
    notes = book.add_worksheet("Notes")
    notes.set_column(0, 0, 110, book.add_format({"text_wrap": True, "valign": "top"}))
    for place, note in enumerate(_list_notes(town, published, title, simulated)):
        notes.write_string(place, 0, note)
    book.close()
    return written.getvalue()


def _read_cells(row: Row) -> list[Cell]:
    """The values of a row, a date as one: spreadsheets sort and filter it."""
    cells: list[Cell] = []
    for column, value in zip(COLUMNS, read_row(row).values(), strict=True):
        if column.type == "date" and isinstance(value, str):
            cells.append(date.fromisoformat(value))
        else:
            cells.append(value)
    return cells


def _add_table(
    book: object, sheet_name: str, name: str, headings: Sequence[str], rows: Sequence[Sequence[Cell]]
) -> None:
    sheet = book.add_worksheet(sheet_name)  # type: ignore[attr-defined]
    sheet.add_table(
        0,
        0,
        max(1, len(rows)),
        len(headings) - 1,
        {
            "name": name,
            "style": "Table Style Light 1",
            "columns": [{"header": heading} for heading in headings],
            "data": rows,
        },
    )
    # "2027" and the codes of answers are names: no warning about numbers kept as text.
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    sheet.freeze_panes(1, 0)
    for place, heading in enumerate(headings):
        sheet.set_column(place, place, WIDE if heading in WIDE_COLUMNS else NARROW)


def _list_notes(town: Town, published: Published, title: str, simulated: bool) -> list[str]:
    return [
        *list_notices(published, simulated),
        title,
        *(
            [f"Publié le {published.day.isoformat()} par {town.organisation}."]
            if published.published_at
            else []
        ),
        f"Licence : {town.licence.name or 'à préciser'}.",
        "Une ligne de la feuille Résultats donne une part : une question, un quartier, une réponse.",
        "Une case vide n’est jamais un zéro : la colonne statut dit pourquoi elle est vide.",
        "Les pourcentages sont arrondis à l’entier : leur total peut être 99 ou 101.",
        "Une réponse donnée par moins de 5 personnes est réunie avec sa voisine.",
        "Les fourchettes sont données à titre indicatif : les personnes n’ont pas été tirées au sort.",
        "Les chiffres de la première enquête sont repris tels qu’imprimés, avec leur ligne dans le document.",
    ]
