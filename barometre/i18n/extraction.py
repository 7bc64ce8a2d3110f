"""Catalogues and sources: extract the messages, update the .po files, and name every drift between them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import write_po

from barometre.i18n.catalogues import DOMAINS, is_untranslated, read_catalogue, read_status

#: beside gettext's own: lazy labels, and the table of dispositions, which imports nothing
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None, "Disposition": (2,)}
#: Babel's own formulas swap or lack forms that translators' tools expect
PLURALS = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : "
    "n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"
}
HEADER = (
    "# Translations of the Baromètre des quartiers.\n"
    "# The French messages are extracted: change them in the sources."
)
#: when the first catalogue was begun; a date of extraction would change every file every time
BEGUN = datetime(2026, 11, 1, tzinfo=UTC)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")


@dataclass(frozen=True)
class Drift:
    """One thing that a catalogue and the sources do not agree on."""

    language: str
    domain: str
    #: "missing", "obsolete", "untranslated" or "placeholders"
    kind: str
    context: str
    text: str

    def __str__(self) -> str:
        """One line for a terminal."""
        context = f" [{self.context}]" if self.context else ""
        return f"{self.language}/{self.domain}.po{context}: {self.kind}: {self.text}"


def extract_messages(checkout: Path, domain: str) -> Catalog:
    """Every message of a domain, as the sources have it now."""
    with (checkout / "translations" / f"{domain}.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]
    catalogue = Catalog(creation_date=BEGUN, charset="utf-8")
    # Sorted by file, and extracted from the top: patterns miss when a subfolder is given.
    found = sorted(extract_from_dir(checkout, methods, options, KEYWORDS), key=lambda entry: entry[:2])
    for file, _line, message, comments, context in found:
        catalogue.add(message, locations=[(file, 0)], auto_comments=comments, context=context)
    return catalogue


def update_catalogues(checkout: Path) -> dict[Path, int]:
    """Bring every .po file in line with the sources; returns how many messages of each are untranslated."""
    waiting = {}
    for domain in DOMAINS:
        template = extract_messages(checkout, domain)
        for folder in _language_folders(checkout):
            path = folder / "LC_MESSAGES" / f"{domain}.po"
            catalogue = read_catalogue(path, folder.name)
            # A changed French text becomes a new, empty message: a guess would be shown as a translation.
            catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_write(catalogue, folder.name))
            waiting[path] = sum(is_untranslated(message) for message in catalogue if message.id)
    return waiting


def find_drift(checkout: Path) -> list[Drift]:
    """Every message that is missing, obsolete, or untranslated in a language that is offered."""
    drifts = []
    for domain in DOMAINS:
        wanted = {_key(message): message for message in extract_messages(checkout, domain) if message.id}
        for folder in _language_folders(checkout):
            catalogue = read_catalogue(folder / "LC_MESSAGES" / f"{domain}.po", folder.name)
            held = {_key(message): message for message in catalogue if message.id}
            in_progress = read_status(folder)[domain] == "en cours"
            for kind, context, text in _compare(wanted, held, complete=not in_progress):
                drifts.append(Drift(folder.name, domain, kind, context, text))
    return drifts


def _compare(
    wanted: dict[tuple[str, str], Message], held: dict[tuple[str, str], Message], complete: bool
) -> Iterator[tuple[str, str, str]]:
    for context, text in wanted.keys() - held.keys():
        yield "missing", context, text
    for context, text in held.keys() - wanted.keys():
        yield "obsolete", context, text
    for (context, text), message in held.items():
        if is_untranslated(message):
            if complete:
                yield "untranslated", context, text
        elif not _keeps_placeholders(message):
            yield "placeholders", context, text


def _keeps_placeholders(message: Message) -> bool:
    """Whether each form holds the placeholders of the French; a form for one may leave out the number."""
    wanted = set().union(*(_placeholders(text) for text in _forms(message.id)))
    forms = [_placeholders(text) for text in _forms(message.string)]
    return all(form <= wanted for form in forms) and wanted in forms


def _key(message: Message) -> tuple[str, str]:
    return message.context or "", _forms(message.id)[0]


def _placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def _forms(text: Any) -> list[str]:
    return [str(form) for form in text] if isinstance(text, list | tuple) else [str(text)]


def _language_folders(checkout: Path) -> list[Path]:
    return sorted(path.parent for path in (checkout / "translations").glob("*/status.toml"))


def _write(catalogue: Catalog, language: str) -> bytes:
    catalogue.header_comment = HEADER
    catalogue.project, catalogue.version = "barometre", "1"
    if language in PLURALS:
        headers = dict(catalogue.mime_headers)
        catalogue.mime_headers = list((headers | {"Plural-Forms": PLURALS[language]}).items())
    written = BytesIO()
    write_po(written, catalogue, width=110, ignore_obsolete=True, include_lineno=False)
    return written.getvalue()
