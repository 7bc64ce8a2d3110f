"""Counts: how many interviews of each weighting cell gave each code to each item.

A weight is constant inside a weighting cell, so shares, their precision and their tests need nothing else
(proof: Deville & Särndal 1992 for calibration weights; every estimate below is a function of these counts).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]

#: the three missing codes, kept in the last three slots
MISSING = (97, 98, 99)
DONT_KNOW, REFUSED, NOT_APPLICABLE = MISSING


def width(highest_code: int) -> int:
    """Slots per item: "not asked", the substantive codes, and the three missing ones."""
    return highest_code + 1 + len(MISSING)


def slot_table(highest_code: int) -> npt.NDArray[np.intp]:
    """Array of 256: stored byte → slot, -1 for a byte that is no code."""
    table = np.full(256, -1, dtype=np.intp)
    table[: highest_code + 1] = np.arange(highest_code + 1)
    for place, code in enumerate(MISSING):
        table[code] = highest_code + 1 + place
    return table


@dataclass(frozen=True)
class Counts:
    """Counts of one wave.

    Shapes: C cells, I closed items, K slots (`width(highest_code)`).
    """

    #: items that make a cell, the quartier first
    cell_items: tuple[str, ...]
    items: tuple[str, ...]
    highest_code: int
    #: (C, len(cell_items)): codes of the cell items
    cells: IntArray
    #: (C,): interviews in each cell
    interviews: IntArray
    #: (C, I, K): interviews by cell, item and slot
    n: IntArray

    @classmethod
    def empty(cls, cell_items: Sequence[str], items: Sequence[str], highest_code: int) -> Counts:
        """Counts of no interview at all."""
        return cls(
            tuple(cell_items),
            tuple(items),
            highest_code,
            np.zeros((0, len(cell_items)), dtype=np.int64),
            np.zeros(0, dtype=np.int64),
            np.zeros((0, len(items), width(highest_code)), dtype=np.int64),
        )

    @classmethod
    def tally(
        cls,
        cell_items: Sequence[str],
        items: Sequence[str],
        highest_code: int,
        codes: npt.NDArray[np.uint8],
    ) -> Counts:
        """Count the code bytes of N interviews, shape (N, I), in the order of `items`."""
        if not len(codes):
            return cls.empty(cell_items, items, highest_code)
        places = [list(items).index(item) for item in cell_items]
        key = np.zeros(len(codes), dtype=np.int64)
        for place in places:
            key = key * 256 + codes[:, place]
        keys, cell_of = np.unique(key, return_inverse=True)
        cells = np.stack([(keys >> (8 * shift)) & 255 for shift in reversed(range(len(places)))], axis=1)
        slots, table = width(highest_code), slot_table(highest_code)
        n = np.empty((len(keys), len(items), slots), dtype=np.int64)
        for item in range(len(items)):
            found = np.bincount(cell_of * slots + table[codes[:, item]], minlength=len(keys) * slots)
            n[:, item, :] = found.reshape(len(keys), slots)
        return cls(
            tuple(cell_items), tuple(items), highest_code, cells, np.bincount(cell_of, minlength=len(keys)), n
        )

    @cached_property
    def position(self) -> dict[str, int]:
        """Place of each item on the second axis of `n`."""
        return {item: place for place, item in enumerate(self.items)}

    @property
    def total(self) -> int:
        """Counted interviews."""
        return int(self.interviews.sum())

    @cached_property
    def slots(self) -> dict[int, int]:
        """Slot of each code; 0 is "not asked"."""
        first = self.highest_code + 1
        return {code: code for code in range(first)} | {code: first + i for i, code in enumerate(MISSING)}

    def of(self, item: str) -> IntArray:
        """(C, K) counts of one item."""
        found: IntArray = self.n[:, self.position[item], :]
        return found

    def given(self, item: str, codes: Iterable[int]) -> IntArray:
        """(C,) interviews that gave one of `codes`."""
        slots = [self.slots[code] for code in codes]
        found: IntArray = self.of(item)[:, slots].sum(axis=1)
        return found

    def expressed(self, item: str) -> IntArray:
        """(C,) interviews that gave a substantive code: the expressed base."""
        found: IntArray = self.of(item)[:, 1 : self.highest_code + 1].sum(axis=1)
        return found

    def silent(self, item: str) -> IntArray:
        """(C,) interviews that did not know or refused."""
        return self.given(item, (DONT_KNOW, REFUSED))

    def axis(self, cell_item: str) -> IntArray:
        """(C,) codes of one item of the weighting cell."""
        found: IntArray = self.cells[:, self.cell_items.index(cell_item)]
        return found

    @cached_property
    def people(self) -> IntArray:
        """(I, K) people of all cells, by item and slot."""
        found: IntArray = self.n.sum(axis=0)
        return found

    @cached_property
    def bases(self) -> IntArray:
        """(C, I) people of each cell who gave a substantive answer."""
        found: IntArray = self.n[:, :, 1 : self.highest_code + 1].sum(axis=2)
        return found

    @cached_property
    def by_quartier(self) -> dict[int, IntArray]:
        """Code of each quartier → its people by item and slot, (I, K)."""
        axis = self.axis(self.cell_items[0])
        return {int(code): self.n[axis == code].sum(axis=0) for code in np.unique(axis)}

    def where(self, mask: npt.NDArray[np.bool_]) -> Counts:
        """The same counts for some cells only."""
        return Counts(
            self.cell_items,
            self.items,
            self.highest_code,
            self.cells[mask],
            self.interviews[mask],
            self.n[mask],
        )

    def only(self, items: Sequence[str]) -> Counts:
        """The same counts for some items only."""
        places = [self.position[item] for item in items]
        return Counts(
            self.cell_items,
            tuple(items),
            self.highest_code,
            self.cells,
            self.interviews,
            self.n[:, places],
        )

    def to_document(self) -> dict[str, Any]:
        """Plain values for JSON; `from_document` reads them back."""
        return {
            "cell_items": list(self.cell_items),
            "items": list(self.items),
            "highest_code": self.highest_code,
            "cells": self.cells.tolist(),
            "interviews": self.interviews.tolist(),
            "n": [cell.ravel().tolist() for cell in self.n],
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Counts:
        """Read what `to_document` wrote."""
        cells = np.array(document["cells"], dtype=np.int64)
        items, highest = tuple(document["items"]), int(document["highest_code"])
        cell_items = tuple(document["cell_items"])
        return cls(
            cell_items,
            items,
            highest,
            cells.reshape(-1, len(cell_items)),
            np.array(document["interviews"], dtype=np.int64),
            np.array(document["n"], dtype=np.int64).reshape(-1, len(items), width(highest)),
        )

    def same_as(self, other: Counts) -> bool:
        """Whether both hold the same numbers, whatever the order of their cells."""

        def sort(counts: Counts) -> tuple[list[list[int]], list[int], list[Any]]:
            order = np.lexsort(counts.cells.T[::-1]) if len(counts.cells) else np.zeros(0, dtype=np.intp)
            kept = order[counts.interviews[order] > 0]
            return counts.cells[kept].tolist(), counts.interviews[kept].tolist(), counts.n[kept].tolist()

        return (self.items, self.cell_items) == (other.items, other.cell_items) and sort(self) == sort(other)


def merge(parts: Sequence[Counts]) -> Counts:
    """Counts of several questionnaire versions of one wave together.

    Items are matched by id; an item that a version does not have, or does not cut its cells by, counts as not
    asked there.
    """
    if len(parts) == 1:
        return parts[0]
    cell_items = tuple(dict.fromkeys(item for part in parts for item in part.cell_items))
    items = tuple(dict.fromkeys(item for part in parts for item in part.items))
    highest = max(part.highest_code for part in parts)
    every_cell = np.concatenate([_widen(part, cell_items) for part in parts])
    cells, row_of = np.unique(every_cell, axis=0, return_inverse=True)
    interviews = np.zeros(len(cells), dtype=np.int64)
    np.add.at(interviews, row_of.ravel(), np.concatenate([part.interviews for part in parts]))
    n = np.zeros((len(cells), len(items), width(highest)), dtype=np.int64)
    np.add.at(n, row_of.ravel(), np.concatenate([_spread(part, items, highest) for part in parts]))
    return Counts(cell_items, items, highest, cells, interviews, n)


def _widen(part: Counts, cell_items: Sequence[str]) -> IntArray:
    """The cells of a part by more items than it has: (C, cell items), 0 where it has none."""
    cells = np.zeros((len(part.cells), len(cell_items)), dtype=part.cells.dtype)
    cells[:, [cell_items.index(item) for item in part.cell_items]] = part.cells
    return cells


def _spread(part: Counts, items: Sequence[str], highest_code: int) -> IntArray:
    """The counts of a part for more items and codes than it has: (C, items, width)."""
    if (part.items, part.highest_code) == (tuple(items), highest_code):
        return part.n
    slots = [*range(part.highest_code + 1), *range(highest_code + 1, width(highest_code))]
    known = np.zeros((len(part.cells), len(part.items), width(highest_code)), dtype=np.int64)
    known[:, :, slots] = part.n
    spread = np.zeros((len(part.cells), len(items), width(highest_code)), dtype=np.int64)
    spread[:, :, 0] = part.interviews[:, np.newaxis]
    spread[:, [items.index(item) for item in part.items]] = known
    return spread
