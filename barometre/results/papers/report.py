"""The report to the steering committee: the plan of the publication of 2023, every figure with its base."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from barometre.estimates.change import NO_CHANGE_SHOWN, NOT_COMPARABLE
from barometre.estimates.disclosure import ALL
from barometre.i18n import format_date, speak, tell
from barometre.i18n import gettext as _
from barometre.questionnaire.town import Theme, Town
from barometre.results.papers.annexes import write_annexes
from barometre.results.papers.choice import choose_to_remember
from barometre.results.papers.debate import write_debate
from barometre.results.papers.follow_up import write_follow_up
from barometre.results.papers.method import tell_people, write_method
from barometre.results.papers.pieces import (
    Piece,
    draw_question,
    list_items,
    make_table,
    say_heading,
    say_paragraph,
    say_past,
    say_share,
)
from barometre.results.papers.speech import list_marks, list_notices
from barometre.results.papers.typeset import set_pdf
from barometre.results.past import write_open_themes
from barometre.results.said import name_verdict
from barometre.results.sources import Published
from barometre.results.tables import ItemBlock, write_blocks
from barometre.storage.councils import Opinion

MOST_MESSAGES, MOST_INDICATORS = 5, 10


def write_report(town: Town, published: Published, language: str, adopted: Sequence[Opinion] = ()) -> bytes:
    """The report as a tagged PDF, A4; `adopted` are the opinions of the councils that the public reads."""
    with speak(language):
        return set_pdf("report.typ", write_content(town, published, adopted), published.dated)


def write_content(town: Town, published: Published, adopted: Sequence[Opinion] = ()) -> dict[str, Any]:
    """What the report says, in the language of the request."""
    wave, first = town.current_wave.id, town.first_wave
    first_id = first.id if first else ""
    asked = write_blocks(town, published.findings, town.indicators)
    # A question that was put to nobody yet says nothing.
    blocks = [b for b in asked if not b.new or any(row.cell.state != "not_asked" for row in b.rows)]
    themes = [_write_theme(town, theme, blocks, wave, first_id) for theme in town.themes]
    chapters = [
        write_method(town, published),
        *themes,
        _write_change(blocks, wave, first_id),
        write_follow_up(town, blocks, adopted, first_id),
    ]
    return {
        "title": _("Rapport au comité de pilotage, %(wave)s", wave=wave),
        "town": f"{tell(town.barometer_name)} – {town.name}",
        "who": tell(town.organisation),
        "notices": list_notices(published, whole=True),
        "marks": list_marks(published),
        "contents": _("Sommaire"),
        "header": f"{tell(town.barometer_name)}, {town.name} – {wave}",
        "footer": " – ".join(
            [
                _("%(number)s habitants interrogés", number=tell_people(published, ALL)),
                format_date(published.day),
            ]
        ),
        "page": _("page"),
        "question_label": _("Question posée :"),
        "synthesis": {
            "title": _("Synthèse"),
            "pieces": _write_synthesis(town, blocks, wave, first_id),
        },
        "chapters": [chapter for chapter in chapters if chapter["pieces"]],
        "annexes_title": _("Annexes"),
        "annexes": write_annexes(town, blocks, wave),
    }


def _write_theme(
    town: Town, theme: Theme, blocks: Sequence[ItemBlock], wave: str, first: str
) -> dict[str, Any]:
    """Its questions, what they give to discuss, and what the first wave printed of its open ones."""
    own = [block for block in blocks if town.indicator_of[block.item].theme == theme.id]
    return {
        "title": tell(theme.title),
        "pieces": [
            *(draw_question(town, block, wave, first) for block in own),
            *write_debate(town, own, first),
            *_recall_open_themes(town, theme.id),
        ],
    }


def _write_synthesis(town: Town, blocks: Sequence[ItemBlock], wave: str, first: str) -> list[Piece]:
    """One page: the findings of the rule, then the key indicators with their verdicts."""
    messages = [block.headline for block in choose_to_remember(town, blocks, MOST_MESSAGES)]
    key = [block for block in blocks if town.indicator_of[block.item].key][:MOST_INDICATORS]
    rows = []
    for block in key:
        row = block.rows[0]
        base = "" if row.cell.base is None else f"{row.cell.base}"
        past = [say_past(row), name_verdict(row, measured=False)] if first else []
        label = f"{block.label} ({block.only_in})" if block.only_in else block.label
        rows.append([label, *past, say_share(row.cell), base or _("masqué")])
    before = [_("%(wave)s, publié", wave=first), _("Depuis %(wave)s", wave=first)] if first else []
    parts = [1.8, 2.6, 1.9, 0.9, 0.9] if first else [3.0, 1.0, 1.0]
    head = [_("Indicateur"), *before, wave, _("Réponses")]
    return [
        list_items(messages) if messages else say_paragraph(_("Trop peu de réponses pour un message.")),
        make_table(_("Indicateurs clés, les quartiers ensemble"), head, rows, numbers=2, widths=parts),
        *_list_cautions(key if first else []),
    ]


def _list_cautions(blocks: Sequence[ItemBlock]) -> list[Piece]:
    """What must be known of these comparisons, each sentence once with the indicators that it is about."""
    about: dict[str, list[str]] = {}
    for block in blocks:
        verdict = block.rows[0].verdict
        for caution in verdict.cautions if verdict and verdict.word != NOT_COMPARABLE else ():
            about.setdefault(caution, []).append(block.label)
    told = [f"{caution} ({', '.join(labels)})" for caution, labels in about.items()]
    if not told:
        return []
    return [say_paragraph(_("Ces comparaisons se lisent avec des réserves.")), list_items(told)]


def _recall_open_themes(town: Town, theme: str) -> list[Piece]:
    """What the first wave printed of the open questions; its bases were not printed."""
    first, pieces = town.first_wave, []
    for group in write_open_themes(town, theme) if first else ():
        rows: Any = group["rows"]
        pieces.append(
            make_table(
                f"{group['title']}, {group['domain_label']}, {first.id if first else ''}",
                [_("Rang"), _("Thème"), _("Imprimé")],
                [[row.rank_printed, tell(row.theme), tell(row.printed)] for row in rows],
                numbers=1,
                widths=[0.6, 3.0, 1.0],
            )
        )
    if not pieces or first is None:
        return []
    note = _(
        "Le nombre de réponses derrière ces pourcentages n’a pas été imprimé. Les réponses ouvertes de "
        "%(wave)s ne sont pas encore classées.",
        wave=town.current_wave.id,
    )
    title = _("Ce que les habitants citaient en %(wave)s", wave=first.id)
    return [say_heading(title), say_paragraph(note), *pieces]


def _write_change(blocks: Sequence[ItemBlock], wave: str, first: str) -> dict[str, Any]:
    """What changed, what is not shown to have changed, what cannot be compared: for the "
    "quartiers together."""
    if not first:
        return {"title": "", "pieces": []}
    groups: dict[str, list[str]] = {"changed": [], "same": [], "not": []}
    for block in blocks:
        row = block.rows[0]
        verdict = row.verdict
        if block.new or verdict is None:
            continue
        if verdict.word == NOT_COMPARABLE:
            why = " ".join(verdict.reasons)
            groups["not"].append(f"{block.label} – {why}" if why else block.label)
        elif verdict.word == NO_CHANGE_SHOWN:
            groups["same"].append(block.label)
        else:
            groups["changed"].append(
                f"{block.label} – {' '.join([f'{name_verdict(row)}.', *verdict.cautions])}"
            )
    titles = {
        "changed": _("Ce qui a changé"),
        "same": _("Pas de changement démontré"),
        "not": _("Comparaison impossible"),
    }
    none = {
        "changed": _("Aucun changement n’est démontré pour les quartiers ensemble."),
        "same": _("Aucune question."),
        "not": _("Aucune question."),
    }
    pieces: list[Piece] = []
    for name, found in groups.items():
        pieces.append(say_heading(titles[name]))
        pieces.append(list_items(found) if found else say_paragraph(none[name]))
    pieces.append(
        say_paragraph(
            _(
                "« Pas de changement démontré » ne veut pas dire que rien n’a changé : l’écart "
                "est trop petit "
                "pour le nombre de personnes interrogées."
            )
        )
    )
    return {"title": _("De %(first)s à %(wave)s", first=first, wave=wave), "pieces": pieces}
