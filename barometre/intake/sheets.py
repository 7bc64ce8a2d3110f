"""CSV and XLSX files as lines of text cells, each with its place in the file; and files written back."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any, TextIO
from zipfile import BadZipFile

from barometre.i18n import gettext as _

#: French spreadsheets write the first one
DELIMITERS = (";", ",")
#: Excel reads a CSV file as UTF-8 only when it begins with this mark
WITH_MARK = "utf-8-sig"


class UnusableFile(Exception):
    """The file cannot be read at all; says why and what to do, in one or two sentences."""


@dataclass(frozen=True)
class Line:
    """One line of a file that is not empty."""

    #: where it begins: line of the CSV file, or row of the sheet
    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """The header of a file and its lines."""

    header: Line
    lines: list[Line]
    #: what separates the cells, in a copy of this file as CSV
    delimiter: str


def read_sheet(path: Path) -> Sheet:
    """Read a CSV file in UTF-8 or the first sheet of an XLSX file, or raise `UnusableFile`."""
    delimiter = DELIMITERS[0]
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        lines = list(_read_xlsx(path))
    elif path.suffix.lower() in (".csv", ".txt"):
        text = _read_text(path)
        delimiter = sniff_delimiter(text)
        lines = list(_read_csv(text, delimiter))
    else:
        raise UnusableFile(_("Le fichier n’est ni un .csv ni un .xlsx : enregistrez-le ainsi."))
    if not lines:
        raise UnusableFile(_("Le fichier est vide : sa première ligne donne le nom des colonnes."))
    return Sheet(lines[0], lines[1:], delimiter)


def sniff_delimiter(text: str) -> str:
    """The separator that the first line uses most."""
    first = text.lstrip().partition("\n")[0]
    return max(DELIMITERS, key=first.count)


def write_csv(target: TextIO, lines: Iterable[Sequence[str]], delimiter: str = DELIMITERS[0]) -> None:
    """Write lines of cells."""
    csv.writer(target, delimiter=delimiter).writerows(lines)


def write_xlsx(path: Path, sheets: dict[str, Iterable[Sequence[object]]]) -> None:
    """Write a workbook: one sheet by name, its first line frozen."""
    from openpyxl import Workbook

    workbook = Workbook(write_only=True)
    for name, lines in sheets.items():
        sheet = workbook.create_sheet(name)
        sheet.freeze_panes = "A2"
        for line in lines:
            sheet.append(list(line))
    workbook.save(path)


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode(WITH_MARK)
    except UnicodeDecodeError as error:
        raise UnusableFile(
            _("Le fichier n’est pas en UTF-8 : dans le tableur, enregistrez-le comme « CSV UTF-8 ».")
        ) from error


def _read_csv(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Line(begins, tuple(cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UnusableFile(
            _("Un guillemet est mal placé dans ce qui commence à la ligne %(line)s.", line=begins)
        ) from error


def _read_xlsx(path: Path) -> Iterator[Line]:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    with warnings.catch_warnings():
        # Of styles and extensions that hold no answer.
        warnings.simplefilter("ignore")
        try:
            workbook = load_workbook(path, read_only=True, data_only=True)
        except (InvalidFileException, BadZipFile, KeyError, ValueError) as error:
            raise UnusableFile(
                _("Le fichier ne se lit pas comme un classeur .xlsx : enregistrez-le de nouveau.")
            ) from error
        try:
            sheet = workbook.worksheets[0]
            # The size that some programs write in the file is wrong, and would cut it short.
            sheet.reset_dimensions()
            for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
                cells = tuple(_write_cell(value) for value in values)
                if any(cell.strip() for cell in cells):
                    yield Line(number, cells)
        finally:
            workbook.close()


def _write_cell(value: Any) -> str:
    """A typed cell as the text that a CSV file would hold."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        moment = value.date() if value.time() == time() else value
        return moment.isoformat() if moment is not value else value.isoformat(" ", "seconds")
    return str(value)
