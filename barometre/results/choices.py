"""Filters and sorted columns as plain links: the address holds the whole state of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import url_for


@dataclass(frozen=True)
class Choice:
    """One link of a filter."""

    label: str
    address: str
    current: bool


@dataclass(frozen=True)
class Column:
    """The head of one column of a table that sorts."""

    label: str
    #: sorts by it, the other way round when it is sorted already; "" for a column that does not sort
    address: str
    #: value of `aria-sort`, "" when the table is sorted by another one
    sorted: str
    number: bool


class TableState:
    """What the address says of one table: the value of each filter, and the column it is sorted by."""

    def __init__(self, endpoint: str, given: Mapping[str, str], known: Mapping[str, Sequence[str]]) -> None:
        """`known` lists the values of every parameter, the default first; others are left aside."""
        self._endpoint = endpoint
        self._known = known
        self.values = {
            name: given[name] if given.get(name) in values else values[0] for name, values in known.items()
        }
        self.column = self.values["sort"].removeprefix("-")
        self.descending = self.values["sort"].startswith("-")

    def link(self, **changed: str) -> str:
        """The address of the same table with some values changed; defaults are left out."""
        values = self.values | changed
        kept = {name: value for name, value in values.items() if value != self._known[name][0]}
        return url_for(self._endpoint, **kept)  # type: ignore[arg-type]

    def choose(self, name: str, labels: Mapping[str, str]) -> list[Choice]:
        """The links of one filter."""
        return [
            Choice(labels[value], self.link(**{name: value}), value == self.values[name])
            for value in self._known[name]
        ]

    def head(self, name: str, label: str, *, number: bool = False) -> Column:
        """The head of a column; `name` is empty for one that does not sort."""
        if not name:
            return Column(label, "", "", number)
        current = name == self.column
        other = f"-{name}" if current and not self.descending else name
        state = ("descending" if self.descending else "ascending") if current else ""
        return Column(label, self.link(sort=other), state, number)
