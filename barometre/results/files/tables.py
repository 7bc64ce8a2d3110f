"""The open data: the rows as CSV, their Table Schema, and the dictionary that explains every word of them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence

from barometre.estimates.disclosure import ALL
from barometre.i18n import say, speak, tell
from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.town import PublishedFigure, PublishedTheme, Town
from barometre.results.files.columns import COLUMNS, LIMITS, Value, read_row
from barometre.results.files.row import KINDS, STATUSES, VERDICTS, Row, flatten
from barometre.results.files.rows import LANGUAGE, list_rows
from barometre.results.labels import domain_label
from barometre.results.notices import tell_erratum, tell_preview
from barometre.results.sources import Published

SIMULATED = "Données simulées : les réponses ont été inventées pour montrer l’outil."
HEADINGS = ("genre", "identifiant", "libelle", "definition")
OPEN = "Réponses libres, classées par thème : modalite donne le thème."
WORDINGS = {"printed": "imprimée telle quelle dans le document publié", "reconstructed": "reconstituée"}


def write_csv(town: Town, published: Published, *, simulated: bool) -> bytes:
    """All rows: UTF-8 without mark, commas, decimal points, ISO dates, empty where there is no figure."""
    return write_rows(list_rows(town, published, simulated=simulated))


def write_rows(rows: Iterable[Row]) -> bytes:
    """Some rows, under the same columns."""
    return _write([column.name for column in COLUMNS], (read_row(row).values() for row in rows))


def write_schema(town: Town, published: Published, *, simulated: bool) -> bytes:
    """The Table Schema (Frictionless) of the CSV file, as JSON."""
    fields: list[dict[str, object]] = []
    for column in COLUMNS:
        field: dict[str, object] = {"name": column.name, "type": column.type}
        field["description"] = column.description
        if column.type == "date":
            field["format"] = "default"
        constraints: dict[str, object] = {"required": True} if column.required else {}
        if column.values:
            constraints["enum"] = list(column.values)
        constraints |= LIMITS.get(column.name, {})
        if constraints:
            field["constraints"] = constraints
        fields.append(field)
    document = {
        "$schema": "https://frictionlessdata.io/schemas/table-schema.json",
        "title": f"{town.barometer_name}, {town.name}, {town.current_wave.id}",
        "description": _describe(published, simulated),
        "missingValues": [""],
        "fields": fields,
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def write_dictionary(town: Town, published: Published, *, simulated: bool) -> bytes:
    """Every column, status, verdict, question with its wording, and answer, as CSV."""
    with speak(LANGUAGE):
        return _write(HEADINGS, list_dictionary(town, published, simulated=simulated))


def list_dictionary(
    town: Town, published: Published, *, simulated: bool
) -> Iterator[tuple[str, str, str, str]]:
    """Lines of the dictionary: kind, identifier, label, definition."""
    if simulated:
        yield "note", "simule", "Données simulées", SIMULATED
    for name, label, told in (
        ("apercu", "Édition non publiée", tell_preview(published)),
        ("erratum", "Erratum de cette édition", tell_erratum(published)),
    ):
        if told:
            yield "note", name, label, flatten(told)
    for column in COLUMNS:
        yield "colonne", column.name, column.type, column.description
    for genre, words in (("type_ligne", KINDS), ("statut", STATUSES), ("evolution", VERDICTS)):
        for slug, meaning in words.items():
            yield genre, slug, meaning, ""
    yield from _list_waves(town)
    for domain in (ALL, *(quartier.id for quartier in town.quartiers), *_list_sums(town)):
        yield "quartier", domain, flatten(domain_label(town, domain)), ""
    for frame in town.code_frames:
        yield "question", frame.id, flatten(tell(frame.title)), OPEN
    seen: set[tuple[str, str, str]] = set()
    for wave in (town.current_wave, *((town.first_wave,) if town.first_wave else ())):
        for line in _list_questions(town, wave.questionnaire):
            if line[:3] not in seen:
                seen.add(line[:3])
                genre, name, label, definition = line
                yield genre, name, flatten(label), flatten(definition)


def _list_waves(town: Town) -> Iterator[tuple[str, str, str, str]]:
    current, first = town.current_wave, town.first_wave
    assert current.design is not None
    yield "vague", current.id, f"Enquête {current.id}", flatten(tell(current.design.fieldwork))
    if first is not None:
        published = first.published
        where = f"{published.title} ({tell(published.fieldwork)})" if published else ""
        yield "vague", first.id, f"Enquête {first.id}", flatten(where)


def _list_sums(town: Town) -> list[str]:
    """Quartiers that the first wave printed together: "A+B"."""
    if town.first_wave is None or town.first_wave.published is None:
        return []
    published = town.first_wave.published
    printed: list[PublishedFigure | PublishedTheme] = [*published.figures, *published.open_themes]
    return sorted({figure.domain for figure in printed if "+" in figure.domain})


def _list_questions(town: Town, asked: Questionnaire) -> Iterator[tuple[str, str, str, str]]:
    for item in asked.closed_items:
        if item.id not in town.indicator_of or item.scale is None:
            continue
        battery = asked.batteries.get(item.battery or "")
        stem = say(f"battery:{battery.id}", battery.stem) if battery else ""
        reason = "" if item.confirmed else tell(item.reason)
        wording = f"Formulation {WORDINGS[item.wording]}. {reason}".strip()
        yield "question", item.id, f"{stem} {say(item.id, item.text)}".strip(), wording
        for option in item.scale.options:
            label = say(f"{item.scale.id}:{option.code}", option.label)
            yield "reponse", f"{item.id}:{option.code}", label, ""


def _describe(published: Published, simulated: bool) -> str:
    words = "Résultats publiés, une ligne par part. Une case vide n’est jamais un zéro."
    return " ".join([*list_notices(published, simulated), words])


def list_notices(published: Published, simulated: bool) -> list[str]:
    """What every file of an edition says first, in French: invented answers, not public yet, an erratum."""
    with speak(LANGUAGE):
        told = SIMULATED if simulated else "", tell_preview(published), tell_erratum(published)
    return [flatten(notice) for notice in told if notice]


def _write(headings: Sequence[str], rows: Iterable[Iterable[Value]]) -> bytes:
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([_spell(value) for value in row] for row in rows)
    return written.getvalue().encode()


def _spell(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
