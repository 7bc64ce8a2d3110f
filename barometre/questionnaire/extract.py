"""Babel extractor: the words of the instrument, each with the context that `i18n.say` looks it up by."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from typing import Any, BinaryIO, TypeAlias

#: line, function, (context, text), comments for the translator
Found: TypeAlias = tuple[int, str, tuple[str, str], list[str]]


def extract(
    source: BinaryIO,
    keywords: Collection[str],
    comment_tags: Collection[str],
    options: Mapping[str, Any],
) -> Iterator[Found]:
    """Yield every text of a questionnaire that is read aloud or shown to the interviewer.

    The other arguments are Babel's; a TOML file has no function calls to look for.
    """
    # No line numbers: they would change every catalogue when a comment is added to a questionnaire.
    for context, text, comment in _read(tomllib.loads(source.read().decode())):
        if text:
            yield 0, "pgettext", (context, text), [comment]


def _read(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for scale in data.get("scale", ()):
        for option in scale["options"]:
            yield f"{scale['id']}:{option['code']}", option["label"], "response option, read aloud"
    for battery in data.get("battery", ()):
        yield f"battery:{battery['id']}", battery["stem"], "begins each question of a battery, read aloud"
    for section in data.get("section", ()):
        yield f"section:{section['id']}", section["title"], "title of a part of the questionnaire"
        for item in section.get("item", ()):
            yield item["id"], item["text"], "question, read aloud"
            yield f"{item['id']}:note", item.get("note", ""), "instruction for the interviewer"
