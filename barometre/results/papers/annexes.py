"""Annexes of the report: the exact questionnaire, every table, the eleven headings of a published survey."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from barometre.i18n import gettext as _
from barometre.i18n import say, tell
from barometre.questionnaire.definition import Item, Questionnaire
from barometre.questionnaire.town import Town
from barometre.results.labels import label_codes
from barometre.results.papers.pieces import Piece, list_items, say_heading, say_paragraph, table_of_answers
from barometre.results.tables import ItemBlock


def write_annexes(town: Town, blocks: Sequence[ItemBlock], wave: str) -> list[dict[str, Any]]:
    """The chapters that stand after the report itself."""
    tables = [table for block in blocks if (table := table_of_answers(block, wave))]
    note = _(
        "Les arrondis peuvent donner un total de 99 ou 101. Une réponse donnée par moins de 5 "
        "personnes est réunie "
        "avec sa voisine ; un tiret le montre."
    )
    chapters = [
        {
            "title": _("Le questionnaire exact"),
            "pieces": _write_questionnaire(town.current_wave.questionnaire),
        },
        {"title": _("Toutes les réponses"), "pieces": [say_paragraph(note), *tables] if tables else []},
        {"title": _("Ce qu’une enquête publiée doit dire"), "pieces": _write_headings(town, wave)},
    ]
    return [chapter for chapter in chapters if chapter["pieces"]]


def _write_questionnaire(asked: Questionnaire) -> list[Piece]:
    """Every question in the order asked, its answers, and what the interviewer is told."""
    pieces: list[Piece] = []
    for section in asked.sections:
        pieces.append(say_heading(say(f"section:{section.id}", section.title)))
        battery = ""
        for item in section.items:
            if item.battery and item.battery != battery:
                stem = asked.batteries[item.battery].stem
                pieces.append(say_paragraph(say(f"battery:{item.battery}", stem), strong=True))
            battery = item.battery or ""
            pieces += _write_item(item)
    return pieces


def _write_item(item: Item) -> list[Piece]:
    said = [say_paragraph(say(item.id, item.text), strong=not item.battery)]
    options = [label_codes(item.scale, [option.code]) for option in item.scale.options] if item.scale else []
    said.append(say_paragraph(" / ".join(options) if options else _("Réponse libre.")))
    if item.recorded:
        said.append(say_paragraph(_("Noté par l’enquêteur, pas lu à voix haute.")))
    if item.note:
        said.append(list_items([say(f"{item.id}:note", item.note)]))
    return said


def _write_headings(town: Town, wave: str) -> list[Piece]:
    pieces: list[Piece] = []
    for heading in town.method:
        pieces.append(say_heading(tell(heading.title)))
        for name, text in heading.texts.items():
            if name == wave or (town.first_wave and name == town.first_wave.id):
                pieces.append(say_paragraph(f"{name} – {tell(text)}"))
    return pieces
