"""Lines of a CSV file that know where they stand, so that an error can say it."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from barometre.i18n import gettext as _

#: digits of a count or a population
LONGEST_NUMBER = 9


class FolderError(Exception):
    """A file, and where known its line, column, quartier and class, that cannot be used."""

    def __init__(
        self,
        reason: str,
        file: str,
        line: int | None = None,
        column: str | None = None,
        quartier: str | None = None,
        class_id: str | None = None,
    ) -> None:
        """`reason` is a sentence in the user's language, with the mend."""
        super().__init__(reason)
        self.reason, self.file, self.line = reason, file, line
        self.column, self.quartier, self.class_id = column, quartier, class_id

    def as_sentence(self) -> str:
        """For people: where, then what."""
        where = [self.file]
        if self.line is not None:
            where.append(_("ligne %(line)s", line=self.line))
        if self.column is not None:
            where.append(_("colonne %(column)s", column=self.column))
        return f"{', '.join(where)} : {self.reason}"

    def as_record(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "quartier": self.quartier,
            "class": self.class_id,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Line:
    """One line of a file, its values stripped."""

    file: str
    #: 1 is the header
    row: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """The value of one column."""
        return self.values[column]

    def number(self, column: str) -> int:
        """A whole number from 0."""
        value = self.values[column]
        if not value.isascii() or not value.isdigit() or len(value) > LONGEST_NUMBER:
            shown = value[: 2 * LONGEST_NUMBER]
            raise self.error(column, _("« %(value)s » n’est pas un nombre entier.", value=shown))
        return int(value)

    def check(self, column: str, known: Collection[str], quartier: str | None = None) -> None:
        """Raise unless the column holds one of the `known` values."""
        if self.values[column] not in known:
            value, names = self.values[column], ", ".join(known)
            reason = _("« %(value)s » est inconnu ici. Choisissez : %(names)s.", value=value, names=names)
            raise self.error(column, reason, quartier)

    def error(
        self, column: str, reason: str, quartier: str | None = None, class_id: str | None = None
    ) -> FolderError:
        """What is wrong with one column of this line."""
        quartier = quartier if quartier is not None else self.values.get("quartier")
        return FolderError(reason, self.file, self.row, column, quartier, class_id)


def read_text(path: Path) -> str:
    """The words of a file in UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        raise FolderError(_("Ce fichier manque : ajoutez-le."), path.name) from None
    except UnicodeDecodeError:
        raise FolderError(_("Ce fichier n’est pas en UTF-8 : enregistrez-le ainsi."), path.name) from None
    except OSError as error:
        reason = _("Ce fichier ne peut pas être lu : %(why)s.", why=error.strerror or "")
        raise FolderError(reason, path.name) from None


def read_lines(path: Path, needed: Sequence[str]) -> Iterator[Line]:
    """Lines of a CSV file in UTF-8, separated by commas or semicolons; raises where a column is missing."""
    text = read_text(path)
    header = text.partition("\n")[0]
    separator = ";" if header.count(";") > header.count(",") else ","
    rows = csv.DictReader(
        StringIO(text, newline=""), delimiter=separator, restkey="", restval=None, strict=True
    )
    try:
        columns = [name.strip() for name in rows.fieldnames or ()]
        rows.fieldnames = columns
        for column in needed:
            if column not in columns:
                raise FolderError(_("Cette colonne manque : ajoutez-la."), path.name, 1, column)
        for column in columns:
            if columns.count(column) > 1:
                reason = _("Cette colonne est là deux fois : n’en gardez qu’une.")
                raise FolderError(reason, path.name, 1, column)
        for row in rows:
            if None in row or "" in row or None in row.values():
                reason = _("Cette ligne n’a pas autant de colonnes que la première.")
                raise FolderError(reason, path.name, rows.line_num)
            yield Line(path.name, rows.line_num, {name: value.strip() for name, value in row.items()})
    except csv.Error:
        reason = _("Cette ligne ne se lit pas : un guillemet est mal placé, ou une case est trop longue.")
        raise FolderError(reason, path.name, rows.line_num) from None
