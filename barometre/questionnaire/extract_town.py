"""Babel extractor: the local texts of the results pages, neither instrument nor interface."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, BinaryIO, TypeAlias

#: line, function, text, comments for the translator
Found: TypeAlias = tuple[int, None, str, list[str]]

#: where a shown text stands in the files of a town, and what it is; lists add nothing to the path
SHOWN = {
    # town.toml, indicators.toml, quartiers.toml, codeframes.toml
    "barometer_name": "name of the survey",
    "organisation": "who conducts it",
    "contact.service": "whom residents can turn to",
    "theme.title": "title of a chapter of the results",
    "assumption.text": "something nobody has confirmed: the question",
    "assumption.default": "something nobody has confirmed: what is done meanwhile",
    "assumption.why": "something nobody has confirmed: why it matters",
    "indicator.label": "short title of a result",
    "indicator.phrase": "completes “71 residents out of 100 …”",
    "quartier.perimeter_change": "how the limits of a quartier changed",
    "quartier.qpv_code_note": "remark about the official code of a quartier",
    "quartier.population.source": "where a population comes from",
    "quartier.population.note": "remark about a population",
    "total_population.source": "where a population comes from",
    "total_population.note": "remark about a population",
    "scale.classes.label": "group of ages",
    "frame.title": "title of the printed table of an open question",
    "frame.theme.label": "theme that open answers are coded to",
    # help.toml
    "help.need": "sheet of help: what somebody needs, in their words",
    "help.who": "sheet of help: the service or association",
    "help.where": "sheet of help: address and hours",
    "help.source": "sheet of help: where this is known from",
    "help.reason": "sheet of help: why an entry is not confirmed",
    # orientations.toml
    "orientation.title": "something that the town has bound itself to work at, as printed",
    # context.toml, councils-*.toml, method.toml
    "note.text": "something dated that stood around the answers",
    "saying.text": "what a conseil citoyen said",
    "heading.title": "heading of the method page",
    "heading.text_*": "method page: one wave",
    # questionnaire.toml: why a wording or a scale is not sure
    "battery.reason": "why the stem of several questions is not confirmed",
    "scale.reason": "why the answers offered are not confirmed",
    "section.item.reason": "why the wording of a question is not confirmed",
    # design.toml, published.json and orientations.toml
    "description": "how a wave is sampled",
    "margin_choice": "what a wave is weighted to",
    "title": "title of a published survey",
    "source": "where a survey, or what a town has bound itself to, was published",
    "short_source": "the same in two or three words, before: line 12",
    "fieldwork": "when the interviews were held",
    "figures.printed": "a published figure, as printed",
    "figures.note": "remark about a published figure",
    "open_themes.rank_printed": "rank of a theme, as printed",
    "open_themes.theme": "theme of open answers, as printed",
    "open_themes.printed": "a published figure, as printed",
    "open_themes.note": "remark about a published figure",
    "sample.label": "what a published figure counts",
    "sample.printed": "a published figure, as printed",
    "sample.note": "remark about a published figure",
    "statements.text": "what a published survey said without a figure",
    "not_published.what": "what a published survey did not print",
    "inconsistencies.text": "what contradicts itself in a published survey",
    "reasons.*": "why a published figure is compared with caution, or not at all",
}


def extract(
    source: BinaryIO,
    keywords: Collection[str],
    comment_tags: Collection[str],
    options: Mapping[str, Any],
) -> Iterator[Found]:
    """Yield every text of one file that a results page shows; option `format` is "toml" or "json"."""
    read = json.loads if options.get("format") == "json" else tomllib.loads
    for path, text in _walk(read(source.read().decode()), ""):
        comment = next((told for shown, told in SHOWN.items() if fnmatchcase(path, shown)), None)
        # A figure printed in digits alone is the same in every language.
        if comment and any(map(str.isalpha, text)):
            yield 0, None, text, [comment]


def _walk(data: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, str):
        yield path, data
    elif isinstance(data, list):
        for part in data:
            yield from _walk(part, path)
    elif isinstance(data, dict):
        for key, part in data.items():
            yield from _walk(part, f"{path}.{key}" if path else key)
