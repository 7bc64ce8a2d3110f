"""Annexes of the report: the exact questionnaire, what of it two waves share, every table,
the eleven headings of a published survey."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from barometre.i18n import format_number, say, tell
from barometre.i18n import gettext as _
from barometre.questionnaire.comparability import KINDS
from barometre.questionnaire.definition import Item, Questionnaire
from barometre.questionnaire.town import Town
from barometre.results.comparing import Match, kind_label, list_matches
from barometre.results.labels import label_codes
from barometre.results.papers.pieces import (
    Piece,
    list_items,
    make_table,
    say_heading,
    say_paragraph,
    table_of_answers,
)
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
        {"title": _("Les questions des deux enquêtes"), "pieces": _tabulate_matches(town)},
        {"title": _("Toutes les réponses"), "pieces": [say_paragraph(note), *tables] if tables else []},
        {"title": _("Ce qu’une enquête publiée doit dire"), "pieces": _write_headings(town, wave)},
    ]
    return [chapter for chapter in chapters if chapter["pieces"]]


def _tabulate_matches(town: Town) -> list[Piece]:
    """Which questions of the two waves are the same: what « Comparer » shows to the staff."""
    first, wave = town.first_wave, town.current_wave.id
    if first is None:
        return []
    matches = list_matches(town)
    counted = [
        f"{kind_label(kind)} – {format_number(number)}"
        for kind in KINDS
        if (number := sum(match.kind == kind for match in matches))
    ]
    note = _(
        "Une question est identique si sa formulation, ses réponses et les personnes à qui elle est posée "
        "sont les mêmes. Seules celles-là se comparent."
    )
    head = [_("Question"), f"{first.id} – {wave}", _("Remarque")]
    rows = [[match.question, kind_label(match.kind), _remark(match, first.id)] for match in matches]
    caption = _("Correspondance des questions, %(first)s – %(wave)s", first=first.id, wave=wave)
    return [
        say_paragraph(note),
        list_items(counted),
        make_table(caption, head, rows, widths=[3.2, 1.0, 2.6]),
    ]


def _remark(match: Match, first: str) -> str:
    """What differs, and whether the form of the first wave is known."""
    said = [match.differences] if match.differences else []
    if match.deduced:
        said.append(_("forme de %(wave)s déduite, à confirmer", wave=first))
    return "\u202f; ".join(said) or "–"


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
