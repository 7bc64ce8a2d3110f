"""LibreOffice of the tests: waited for while `./run` installs it; and the sheets it read, cell by cell."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

Cell = str | float | bool | date | None

#: names the log of an installation in the background, and its last line (`./run` writes both)
LOG, ENDED = "OFFICE_LOG", "ended"
#: seconds
PATIENCE = 300
MISSING = (
    "No LibreOffice: install libreoffice-calc-nogui (./run test does, where it may use apt-get), "
    "or name the program in SOFFICE."
)
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
#: LibreOffice keeps the truth values of a workbook as these two formulas
TRUTHS = {"of:=TRUE()": True, "of:=FALSE()": False}


def find_office() -> str:
    """The program, once it is installed; raises `RuntimeError` with what to do and what apt said."""
    log = os.environ.get(LOG)
    said = _await_end(Path(log)) if log else ""
    found = shutil.which(os.environ.get("SOFFICE") or "soffice")
    if found is None:
        raise RuntimeError(f"{MISSING}\n{said}")
    return found


def _await_end(log: Path) -> str:
    deadline = time.monotonic() + PATIENCE
    while True:
        said = log.read_text(encoding="utf-8") if log.exists() else ""
        if said.rstrip().endswith(ENDED) or time.monotonic() > deadline:
            return said
        time.sleep(0.5)


def convert(folder: Path, files: Iterable[Path], reading: str = "", writing: str = "fods") -> dict[str, Path]:
    """Open files, save each in `folder`, and return what was saved by the names of the files.

    `reading` says how to read them, where their format leaves it open; `writing` is the end of the new names,
    and after a colon how to write: flat OpenDocument unless told otherwise.
    """
    files = list(files)
    subprocess.run(
        [
            find_office(),
            "--headless",
            # A profile of its own: nobody's settings decide how a file is read.
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            *([f"--infilter={reading}"] if reading else []),
            "--convert-to",
            writing,
            "--outdir",
            folder,
            *files,
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return {file.name: folder / f"{file.stem}.{writing.partition(':')[0]}" for file in files}


class Document:
    """What LibreOffice saved."""

    def __init__(self, path: Path) -> None:
        root = ElementTree.parse(path).getroot()
        #: lines of cells of each sheet, without what is empty at their ends
        self.sheets = {
            sheet.get(f"{TABLE}name", ""): list(_read_lines(sheet)) for sheet in root.iter(f"{TABLE}table")
        }
        #: cells of each named table, "Sheet.A1:Sheet.D9"
        self.tables = {
            table.get(f"{TABLE}name", ""): table.get(f"{TABLE}target-range-address", "")
            for table in root.iter(f"{TABLE}database-range")
        }


def _read_lines(sheet: Element) -> Iterator[list[Cell]]:
    empty = 0
    for row in sheet.iter(f"{TABLE}table-row"):
        line = list(_read_cells(row))
        again = int(row.get(f"{TABLE}number-rows-repeated", "1"))
        if line:
            yield from ([] for _ in range(empty))
            yield from (line for _ in range(again))
            empty = 0
        else:
            empty += again


def _read_cells(row: Element) -> Iterator[Cell]:
    empty = 0
    for element in row.iter(f"{TABLE}table-cell"):
        cell = _read_cell(element)
        again = int(element.get(f"{TABLE}number-columns-repeated", "1"))
        if cell is None:
            empty += again
            continue
        yield from (None for _ in range(empty))
        yield from (cell for _ in range(again))
        empty = 0


def _read_cell(cell: Element) -> Cell:
    """Its value; raises `ValueError` for a formula, an error or a kind that no file of ours holds."""
    kind, formula = cell.get(f"{OFFICE}value-type"), cell.get(f"{TABLE}formula")
    if formula is not None:
        if formula not in TRUTHS:
            raise ValueError(f"a formula: {formula}")
        return TRUTHS[formula]
    if kind is None:
        return None
    if kind == "string":
        return "\n".join(_read_text(paragraph) for paragraph in cell.findall(f"{TEXT}p"))
    if kind == "float":
        return float(cell.get(f"{OFFICE}value", ""))
    if kind == "boolean":
        return cell.get(f"{OFFICE}boolean-value") == "true"
    if kind == "date":
        return date.fromisoformat(cell.get(f"{OFFICE}date-value", ""))
    raise ValueError(f"a cell of the kind {kind}")


def _read_text(element: Element) -> str:
    """Words of a paragraph; several spaces in a row are an element there."""
    if element.tag == f"{TEXT}s":
        return " " * int(element.get(f"{TEXT}c", "1"))
    return (element.text or "") + "".join(_read_text(child) + (child.tail or "") for child in element)
