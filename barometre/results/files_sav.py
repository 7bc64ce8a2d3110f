"""Answers as an SPSS file: one row a person, labelled, weighted, without anything that names somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

#: what SPSS keeps of a label, in bytes: of the file, of a variable, of a value; and of a line of its notes
FILE_LABEL, VARIABLE_LABEL, VALUE_LABEL, NOTE_LINE = 64, 255, 120, 80


@dataclass(frozen=True)
class Variable:
    """One column of the file."""

    name: str
    label: str
    #: numbers, None where nothing was asked; or words
    values: Sequence[float | None] | Sequence[str]
    #: "nominal", "ordinal" or "scale"
    measure: str
    #: code → what it stands for
    codes: Mapping[int, str] = field(default_factory=dict)
    #: lowest and highest code that are answers and no opinion: SPSS leaves them out of every table
    missing: tuple[int, int] | None = None
    #: SPSS's format: width and decimals
    shown: str = "F3.0"


def write_sav(variables: Sequence[Variable], title: str, note: Sequence[str]) -> bytes:
    """The file; labels that are too long for SPSS are cut, at a character."""
    import pandas
    import pyreadstat

    table = pandas.DataFrame(
        {
            found.name: pandas.Series(
                list(found.values), dtype="str" if found.shown.startswith("A") else "float64"
            )
            for found in variables
        }
    )
    # The library writes to a path only; the folder is this process's own, and gone at once.
    with TemporaryDirectory(prefix="barometre-") as folder:
        path = Path(folder) / "answers.sav"
        pyreadstat.write_sav(
            table,
            path,
            file_label=cut(title, FILE_LABEL),
            column_labels={found.name: cut(found.label, VARIABLE_LABEL) for found in variables},
            note=[line for text in note for line in wrap(text, NOTE_LINE)],
            variable_value_labels={
                found.name: {code: cut(label, VALUE_LABEL) for code, label in found.codes.items()}
                for found in variables
                if found.codes
            },
            missing_ranges={
                found.name: [{"lo": found.missing[0], "hi": found.missing[1]}]
                for found in variables
                if found.missing
            },
            variable_measure={found.name: found.measure for found in variables},
            variable_format={found.name: found.shown for found in variables},
        )
        return path.read_bytes()


def cut(text: str, limit: int) -> str:
    """The text in `limit` bytes of UTF-8, with an ellipsis where it was longer."""
    if len(text.encode()) <= limit:
        return text
    return text.encode()[: limit - len("…".encode())].decode(errors="ignore").rstrip() + "…"


def wrap(text: str, limit: int) -> list[str]:
    """The text in lines of at most `limit` bytes of UTF-8, broken between words."""
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and len(longer.encode()) <= limit:
            lines[-1] = longer
        else:
            lines.append(cut(word, limit))
    return lines
