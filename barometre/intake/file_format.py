"""What the columns and cells of a file of interviews mean, for one wave."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

from barometre.i18n import SOURCE_LANGUAGE
from barometre.intake import envelope
from barometre.intake.sheets import Line
from barometre.questionnaire.answers import AnswerProblem
from barometre.questionnaire.definition import DONT_KNOW, NOT_APPLICABLE, NOT_ASKED, REFUSED, Item
from barometre.questionnaire.dispositions import DISPOSITIONS
from barometre.questionnaire.routing import find_route
from barometre.questionnaire.town import Town

ID = "interview_id"
#: beside the items, in the order of the template
OWN_COLUMNS = ("interviewer", "language", "disposition", "started_at")
#: written in a file of refused lines; not read when it comes back mended
REFUSED_COLUMNS = ("ligne", "raison")
#: an interview without a UUID of its own gets the same one at every import: never change it
NAMESPACE = UUID("6f1d9a54-7c0b-5c7e-9d53-2b1f6f2d8a10")

SILENT_LABELS = {
    DONT_KNOW: "Ne sait pas",
    REFUSED: "Ne veut pas répondre",
    NOT_APPLICABLE: "Non concerné",
}
CODE = re.compile(r"(\d{1,3})(?:[.,]0+)?\Z")
WHOLE_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
FRENCH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(.*)\Z")
DATE_EXAMPLE = "2027-11-15 10:30"
LOOK_ALIKES = str.maketrans("’ʼ‘`´‐‑‒–—", "'''''-----")


@dataclass(frozen=True)
class Candidate:
    """A line as an interview, before the judge sees it."""

    line: Line
    #: what its first column holds
    identity: str
    uuid: UUID
    #: the envelope's bytes: the same line gives the same ones
    body: bytes
    #: what is wrong with the cells that are no answers
    problems: list[AnswerProblem]


@lru_cache(4096)
def simplify(text: str) -> str:
    """Words as they are compared: without accents, case, kinds of apostrophe or double spaces."""
    plain = unicodedata.normalize("NFKD", text.translate(LOOK_ALIKES))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())


class FileFormat:
    """The columns of one wave's files, and how their cells are read."""

    def __init__(self, town: Town, wave: str) -> None:
        """For a wave that is collected in `town`."""
        self.wave = wave
        self.questionnaire = town.waves[wave].questionnaire
        self._namespace = uuid5(NAMESPACE, wave)
        self._languages = tuple(dict.fromkeys((SOURCE_LANGUAGE, *town.languages)))
        self._dispositions = {simplify(found.label): found.slug for found in DISPOSITIONS}
        silent = {simplify(label): code for code, label in SILENT_LABELS.items()}
        self._codes: dict[str, dict[str, int]] = {}
        for item in self.questionnaire.items:
            options = item.scale.options if item.scale else ()
            labels = silent | {simplify(option.label): option.code for option in options}
            if item.scale and item.scale.id == "quartier":
                for quartier in town.quartiers:
                    names = (quartier.id, quartier.short_name, quartier.name)
                    labels.update((simplify(name), quartier.code) for name in names)
            self._codes[item.id] = labels

    @property
    def columns(self) -> list[str]:
        """Every column, in the order of the template: who and where first, then the questions."""
        recorded = [item.id for item in self.questionnaire.items if item.recorded]
        asked = [item.id for item in self.questionnaire.items if not item.recorded]
        return [ID, *recorded, *OWN_COLUMNS, *asked]

    def name_columns(self, header: Line) -> list[str]:
        """Names of a file's columns, as this module knows them."""
        return [cell.strip().lower() for cell in header.cells]

    def check_columns(self, names: list[str]) -> list[AnswerProblem]:
        """What is wrong with the header; a column without name or answer is no column."""
        known = {*self.columns, *REFUSED_COLUMNS}
        problems = []
        for place, name in enumerate(names):
            if name and name not in known:
                problems.append(AnswerProblem(name[:40], "unknown_column"))
            elif name and name in names[:place]:
                problems.append(AnswerProblem(name, "double_column"))
        if ID not in names:
            problems.append(AnswerProblem(ID, "missing_column"))
        return problems

    def read_line(self, names: list[str], line: Line) -> Candidate:
        """A line as an envelope for the judge."""
        pairs = zip(names, line.cells, strict=False)
        cells = {name: cell.replace("\0", "").strip() for name, cell in pairs if name}
        problems: list[AnswerProblem] = []
        language = (cells.get("language") or SOURCE_LANGUAGE).lower()
        if language not in self._languages:
            problems.append(
                AnswerProblem("language", "unknown_language", language[:40], ", ".join(self._languages))
            )
        moment = cells.get("started_at", "")
        started_at = read_moment(moment)
        if moment and started_at is None:
            problems.append(AnswerProblem("started_at", "unknown_date", moment[:40], DATE_EXAMPLE))
        identity = cells.get(ID, "")
        if not identity:
            problems.append(AnswerProblem(ID, "missing_id"))
        extra = [cell for cell in line.cells[len(names) :] if cell.strip()]
        if extra:
            problems.append(AnswerProblem("", "too_many_cells", str(len(extra))))
        answers = {
            item.id: {**self._read_cell(item, cells[item.id]), "language": language}
            for item in self.questionnaire.items
            if cells.get(item.id)
        }
        uuid = self.identify(identity)
        body = envelope.write_envelope(
            uuid,
            wave=self.wave,
            version=self.questionnaire.version,
            interviewer=cells.get("interviewer", ""),
            disposition=self._read_disposition(cells.get("disposition", ""), answers),
            started_at=started_at,
            answers=answers,
        )
        return Candidate(line, identity, uuid, body, problems)

    def identify(self, identity: str) -> UUID:
        """The UUID of an interview: its identifier when it is one, else always the same for this wave."""
        return UUID(identity) if WHOLE_UUID.match(identity) else uuid5(self._namespace, identity)

    def _read_cell(self, item: Item, cell: str) -> dict[str, Any]:
        """A code where the cell is one or names one; else its words, for the judge to take or refuse."""
        code = self._codes[item.id].get(simplify(cell))
        number = CODE.match(cell)
        if code is None and number:
            # Only the codes of silence mean something in an open question: 24 may be words.
            code = int(number[1])
            code = code if item.closed or code in SILENT_LABELS else None
        return {"text": cell} if code is None else {"code": code}

    def _read_disposition(self, cell: str, answers: dict[str, dict[str, Any]]) -> str:
        if cell:
            return self._dispositions.get(simplify(cell), cell.lower())
        codes = {item: given["code"] for item, given in answers.items() if "code" in given}
        route = find_route(self.questionnaire, codes)
        key_items = [item for item in self.questionnaire.key_items if item in route]
        return "complete" if all(codes.get(item, NOT_ASKED) for item in key_items) else "partial"


def read_moment(text: str) -> str | None:
    """A day or a moment, written as ISO 8601 or as in France, in ISO 8601; None when it is neither."""
    french = FRENCH_DAY.match(text)
    if french:
        day, month, year, rest = french.groups()
        text = f"{year}-{month:0>2}-{day:0>2}{rest}"
    return datetime.fromisoformat(text).isoformat() if envelope.read_moment(text) else None
