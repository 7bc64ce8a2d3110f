"""The questionnaire as immutable values: sections, items, response scales, options and conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

NOT_ASKED = 0  #: stored when an item was not reached or left blank
DONT_KNOW = 97
REFUSED = 98
NOT_APPLICABLE = 99
MISSING_CODES = (DONT_KNOW, REFUSED, NOT_APPLICABLE)


@dataclass(frozen=True)
class ResponseOption:
    """One answer that can be chosen."""

    #: stored code, 1…96; on an ordinal scale k is the most positive and 1 the most negative
    code: int
    #: French wording, as read aloud
    label: str
    #: "favourable", "unfavourable" or None
    side: str | None = None
    #: weighting class of a cell item (age "lt25", sex "F"), or the quartier's id
    class_id: str | None = None


@dataclass(frozen=True)
class ResponseScale:
    """A named set of response options, translated once."""

    id: str
    #: "ordinal" or "nominal"
    type: str
    #: in the order they are shown
    options: tuple[ResponseOption, ...]
    confirmed: bool = True
    #: why it is not confirmed (French)
    reason: str = ""
    #: class id → French label, for a scale whose options are grouped (ages)
    classes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def codes(self) -> frozenset[int]:
        """Every substantive code of the scale."""
        return frozenset(option.code for option in self.options)

    @cached_property
    def by_code(self) -> dict[int, ResponseOption]:
        """Options by code."""
        return {option.code: option for option in self.options}


@dataclass(frozen=True)
class Condition:
    """Asked only when another item has one of these codes."""

    item: str
    codes: frozenset[int]


@dataclass(frozen=True)
class Item:
    """One question, or one row of a battery."""

    id: str
    #: "closed" or "open"
    type: str
    #: French wording
    text: str
    scale: ResponseScale | None
    #: first wave that asked it, "2023"
    since: str
    #: "printed" or "reconstructed"
    wording: str = "reconstructed"
    #: line of the source document that prints it
    source_line: int | None = None
    confirmed: bool = True
    reason: str = ""
    #: noted by the interviewer, not read aloud
    recorded: bool = False
    #: answered by the resident alone, the tablet in their hands
    self_completed: bool = False
    #: battery it is a row of
    battery: str | None = None
    #: instruction for the interviewer (French)
    note: str = ""
    #: characters allowed in an open answer
    max_length: int = 140
    when: Condition | None = None

    @property
    def closed(self) -> bool:
        """Whether it takes a code rather than words."""
        return self.type == "closed"


@dataclass(frozen=True)
class Battery:
    """The common stem of several items."""

    id: str
    stem: str
    wording: str = "reconstructed"
    confirmed: bool = True
    reason: str = ""


@dataclass(frozen=True)
class NotEligible:
    """An answer that takes a person out of the survey, and how the encounter ends then."""

    item: str
    codes: frozenset[int]
    #: slug of a disposition
    disposition: str


@dataclass(frozen=True)
class Place:
    """The item that notes where somebody was met."""

    item: str
    #: codes that mean: at home, in the quartier where the interviewer is
    home: frozenset[int]


@dataclass(frozen=True)
class Section:
    """A titled run of items."""

    id: str
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Questionnaire:
    """One frozen version of a wave's questionnaire."""

    wave: str
    sections: tuple[Section, ...]
    scales: dict[str, ResponseScale]
    batteries: dict[str, Battery]
    #: closed items that make the weighting cell, in order of storage
    cell: tuple[str, ...]
    #: items whose answers decide whether a partial interview counts
    key_items: tuple[str, ...]
    #: answers that take a person out of the survey
    not_eligible: tuple[NotEligible, ...] = ()
    #: where people are met, if it is noted
    place: Place | None = None
    #: SHA-256 (hex) of the files it was read from; carried by each interview
    version: str = field(repr=False, default="")
    #: the text of these files, by name: kept with its interviews
    sources: Mapping[str, str] = field(repr=False, compare=False, default_factory=dict)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every item in the order asked."""
        return tuple(item for section in self.sections for item in section.items)

    @cached_property
    def by_id(self) -> dict[str, Item]:
        """Items by id."""
        return {item.id: item for item in self.items}

    @cached_property
    def closed_items(self) -> tuple[Item, ...]:
        """Closed items in the order asked: the order of the stored code bytes."""
        return tuple(item for item in self.items if item.closed)

    @cached_property
    def position(self) -> dict[str, int]:
        """Place of each closed item in the stored code bytes."""
        return {item.id: place for place, item in enumerate(self.closed_items)}
