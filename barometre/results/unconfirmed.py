"""« À confirmer »: what the town's files suppose and nobody has confirmed yet, for the staff."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from barometre.i18n import say, tell
from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.town import Town
from barometre.results.labels import label_codes


@dataclass(frozen=True)
class Supposed:
    """A wording or a set of answers that is ours until somebody confirms it."""

    words: str
    reason: str
    #: waves whose files say so
    waves: tuple[str, ...]


def list_wordings(town: Town) -> list[Supposed]:
    """Questions, and stems of batteries, that were not printed word for word or are new."""
    return _gather(town, _read_wordings)


def list_scales(town: Town) -> list[Supposed]:
    """Sets of answers that were deduced."""
    return _gather(town, _read_scales)


def _gather(town: Town, read: Callable[[Questionnaire], Iterator[tuple[str, str]]]) -> list[Supposed]:
    """What is supposed in the same words for several waves stands once."""
    found: dict[tuple[str, str], list[str]] = {}
    for wave in town.waves.values():
        for words, reason in read(wave.questionnaire):
            found.setdefault((words, tell(reason)), []).append(wave.id)
    return [Supposed(words, reason, tuple(dict.fromkeys(waves))) for (words, reason), waves in found.items()]


def _read_wordings(asked: Questionnaire) -> Iterator[tuple[str, str]]:
    for battery in asked.batteries.values():
        if not battery.confirmed:
            yield say(f"battery:{battery.id}", battery.stem), battery.reason
    for item in asked.items:
        if not item.confirmed:
            yield say(item.id, item.text), item.reason


def _read_scales(asked: Questionnaire) -> Iterator[tuple[str, str]]:
    for scale in asked.scales.values():
        if not scale.confirmed:
            yield " · ".join(label_codes(scale, [option.code]) for option in scale.options), scale.reason
