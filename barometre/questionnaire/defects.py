"""Reading hand-written files so that every defect is named at once, with its file and its mend."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Defect:
    """One thing to mend in the survey files."""

    #: path below the town's folder
    file: str
    #: item, scale, figure… it concerns ("" for the whole file)
    place: str
    reason: str
    mend: str

    def __str__(self) -> str:
        """One line for a terminal."""
        place = f" [{self.place}]" if self.place else ""
        return f"{self.file}{place}: {self.reason} → {self.mend}"


class DefinitionError(Exception):
    """The survey files cannot be used; carries every defect found."""

    def __init__(self, defects: list[Defect]) -> None:
        """Keep `defects`, at least one."""
        self.defects = tuple(defects)
        super().__init__("\n".join(str(defect) for defect in defects))


class Files:
    """The text files of one town's folder, and the defects found in them so far."""

    def __init__(self, folder: Path) -> None:
        """Read from `folder`."""
        self.folder = folder
        self.defects: list[Defect] = []
        self._unreadable: set[str] = set()
        self._entries: list[Entry] = []

    def report(self, file: str, place: str, reason: str, mend: str) -> None:
        """Note a defect; a file that cannot be read has no other."""
        if file not in self._unreadable:
            self.defects.append(Defect(file, place, reason, mend))

    def enter(self, file: str, place: str, data: Any) -> Entry:
        """A table of a file, whose keys are known to be read or not."""
        entry = Entry(self, file, place, data)
        self._entries.append(entry)
        return entry

    def report_unknown_keys(self) -> None:
        """Once everything is read: a key that nothing asked for is misspelled, or means nothing."""
        for entry in self._entries:
            for key in sorted(entry.data.unknown):
                entry.report(f"nothing is called “{key}” here", "correct its name, or remove it")

    def exists(self, file: str) -> bool:
        """Whether the file is there."""
        return (self.folder / file).is_file()

    def read_bytes(self, file: str) -> bytes:
        """Raw content, empty when missing (reported)."""
        try:
            return (self.folder / file).read_bytes()
        except OSError:
            self.report(file, "", "the file is missing or cannot be read", f"write {file}")
            self._unreadable.add(file)
            return b""

    def read_toml(self, file: str) -> Entry:
        """A TOML file as an entry, empty when it cannot be read (reported)."""
        try:
            data = tomllib.loads(self.read_text(file))
        except tomllib.TOMLDecodeError as error:
            data = {}
            self._report_syntax(file, f"not valid TOML: {error}")
        return self.enter(file, "", data)

    def read_json(self, file: str) -> Entry:
        """A JSON file as an entry, empty when it cannot be read (reported)."""
        try:
            data = json.loads(self.read_text(file) or "{}")
        except json.JSONDecodeError as error:
            data = {}
            self._report_syntax(file, f"not valid JSON: {error}")
        return self.enter(file, "", data)

    def read_text(self, file: str) -> str:
        """The file in UTF-8, empty when it cannot be read (reported)."""
        content = self.read_bytes(file)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            self.report(file, f"line {line}", "not written in UTF-8", "save the file again as UTF-8")
            self._unreadable.add(file)
            return ""

    def _report_syntax(self, file: str, reason: str) -> None:
        self.report(file, "", reason, "mend the syntax at that line")
        self._unreadable.add(file)


class Keys(dict[str, Any]):
    """A table of a file that knows which of its keys were asked for."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Hold the keys of `data`, none asked for yet."""
        super().__init__(data)
        self.taken: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        """As a dictionary's."""
        self.taken.add(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self.taken.add(str(key))
        return super().__contains__(key)

    def __getitem__(self, key: str) -> Any:
        self.taken.add(key)
        return super().__getitem__(key)

    def __iter__(self) -> Iterator[str]:
        # Whoever goes through a table takes whatever names it has.
        self.taken.update(super().keys())
        return super().__iter__()

    @property
    def unknown(self) -> set[str]:
        """Keys that nothing asked for."""
        return super().keys() - self.taken


_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false", list: "a list"}


class Entry:
    """A table of a file; taking a key that is missing or of another kind is a defect, never an exception."""

    def __init__(self, files: Files, file: str, place: str, data: Any) -> None:
        """Wrap `data`, found at `place` of `file`."""
        self._files = files
        self.file = file
        self.place = place
        self.data = Keys(data if isinstance(data, Mapping) else {})

    def report(self, reason: str, mend: str) -> None:
        """Note a defect of this table."""
        self._files.report(self.file, self.place, reason, mend)

    def _take(self, key: str, kind: type, default: Any) -> Any:
        if key not in self.data:
            if default is None:
                self.report(f"“{key}” is missing", f"add {key} = …")
                return kind()
            return default
        value = self.data[key]
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.report(f"“{key}” is not {_NAMES[kind]}", f"write {_NAMES[kind]} after {key}")
            return default if default is not None else kind()
        return value

    def text(self, key: str, default: str | None = None) -> str:
        """A string, not empty unless `default` is."""
        found = str(self._take(key, str, default))
        if default is None and key in self.data and isinstance(self.data[key], str) and not found.strip():
            self.report(f"“{key}” is empty", f"write something after {key}")
        return found

    def whole(self, key: str, default: int | None = None) -> int:
        """An integer."""
        return int(self._take(key, int, default))

    def number(self, key: str, default: float | None = None) -> float:
        """A float."""
        return float(self._take(key, float, default))

    def flag(self, key: str, default: bool) -> bool:
        """A boolean."""
        return bool(self._take(key, bool, default))

    def positive(self, key: str) -> int:
        """An integer above 0."""
        found = self.whole(key)
        if found < 1 and isinstance(self.data.get(key), int):
            self.report(f"“{key}” is {found}", "write a whole number above 0")
        return found

    def line(self, key: str = "source_line") -> int | None:
        """An optional line number of the source document."""
        return self.positive(key) if self.data.get(key) is not None else None

    def slug(self, taken: set[str]) -> str:
        """The last part of a page's address, not one of those `taken` already."""
        found = self.text("slug")
        if not SLUG.fullmatch(found):
            self.report(f"slug is “{found}”", "write lower-case letters, digits and hyphens only")
        elif found in taken:
            self.report(f"slug “{found}” is there twice", "change one: each is the address of a page")
        taken.add(found)
        return found

    def texts(self, key: str, default: tuple[str, ...] | None = ()) -> tuple[str, ...]:
        """A list of strings."""
        return tuple(
            str(value) for value in self._take(key, list, None if default is None else list(default))
        )

    def wholes(self, key: str, default: tuple[int, ...] | None = ()) -> tuple[int, ...]:
        """A list of integers."""
        values = self._take(key, list, None if default is None else list(default))
        if any(not isinstance(value, int) or isinstance(value, bool) for value in values):
            self.report(f"“{key}” holds something that is not a whole number", f"write {key} = [1, 2]")
            return ()
        return tuple(values)

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """A string among `choices`."""
        value = self.text(key, default)
        if not value and key not in self.data:
            return choices[0]
        if value not in choices:
            self.report(f"“{key}” is “{value}”", f"use one of {', '.join(choices)}")
            return choices[0]
        return value

    def table(self, key: str) -> Entry:
        """A nested table, empty when absent."""
        return self._files.enter(self.file, f"{self.place} {key}".strip(), self.data.get(key, {}))

    def tables(self, key: str, name: str = "id") -> Iterator[Entry]:
        """The tables of a list, each placed by its `name`."""
        values = self.data.get(key, [])
        if not isinstance(values, list):
            self.report(f"“{key}” is not a list of tables", f"write [[{key}]] before each")
            return
        for number, value in enumerate(values, start=1):
            named = value.get(name) if isinstance(value, Mapping) else None
            entry = self._files.enter(
                self.file, str(named if named is not None else f"{key} {number}"), value
            )
            entry.data.taken.add(name)
            yield entry

    def unique(self, key: str, name: str = "id") -> list[Entry]:
        """As `tables`, with a defect for each name given twice."""
        seen: set[str] = set()
        entries = []
        for entry in self.tables(key, name):
            if entry.place in seen:
                entry.report(f"“{entry.place}” is there twice", "rename or remove one")
                continue
            seen.add(entry.place)
            entries.append(entry)
        return entries
