"""What follows from the report: the town's orientations, what the councils ask for, room for an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from barometre.context import database, simulated
from barometre.context import town as current_town
from barometre.estimates.change import DOWN, NOT_COMPARABLE, UP
from barometre.i18n import format_date, ngettext, tell
from barometre.i18n import gettext as _
from barometre.questionnaire.town import Orientation, Theme, Town
from barometre.results.papers.choice import has_past_share
from barometre.results.papers.pieces import Piece, make_table, say_heading, say_paragraph, say_share
from barometre.results.tables import ItemBlock
from barometre.storage.councils import Opinion, Proposal, fetch_standing


def fetch_adopted() -> list[Opinion]:
    """What the councils have adopted and the public reads now, whatever edition the figures are from."""
    with database().read() as session:
        standing = fetch_standing(session, current_town().current_wave.id)
    return [found.current for found in standing if found.current.public]


def write_follow_up(
    town: Town, blocks: Sequence[ItemBlock], adopted: Sequence[Opinion], first_wave: str
) -> dict[str, Any]:
    """The closing chapter; each table ends with an empty column."""
    pieces = [
        *_write_orientations(town, blocks, first_wave),
        *_write_adopted(town, adopted),
        *_write_printed(town),
    ]
    note = _("La dernière colonne est laissée vide : elle attend la réponse du comité de pilotage.")
    return {
        "title": _("Suites proposées"),
        "pieces": [say_paragraph(note), *pieces] if pieces else [],
    }


def _write_orientations(town: Town, blocks: Sequence[ItemBlock], first_wave: str) -> list[Piece]:
    """Each orientation as it is printed, and the findings that speak of it."""
    if not town.orientations:
        return []
    by_item = {block.item: block for block in blocks}
    rows = [
        [
            f"{tell(orientation.title)}\n{_('(ligne %(number)s)', number=orientation.source_line)}",
            _tell_findings(orientation, by_item, first_wave),
            "",
        ]
        for orientation in town.orientations
    ]
    head = [_("Orientation"), _("Ce que disent les habitants"), _answer_head()]
    source = tell(town.orientations[0].source)
    return [
        say_heading(_("Les orientations, et ce que l’enquête en dit")),
        say_paragraph(
            _(
                "Les orientations sont celles du document : %(source)s. L’enquête ne les évalue pas : elle "
                "dit ce que pensent les habitants, les quartiers ensemble.",
                source=source,
            )
        ),
        make_table(_("Orientations"), head, rows, blank=True, widths=[1.6, 3.6, 2.2]),
    ]


def _tell_findings(orientation: Orientation, by_item: dict[str, ItemBlock], first_wave: str) -> str:
    if not orientation.items:
        return _("Aucune question de l’enquête n’en parle.")
    found = [by_item[item] for item in orientation.items if item in by_item]
    if not found:
        return _("Les questions qui en parlent n’ont pas encore de réponse.")
    return "\n".join(_tell_finding(block, first_wave) for block in found)


def _tell_finding(block: ItemBlock, first_wave: str) -> str:
    """The sentence of the page with its base, or why there is none; then the verdict."""
    row = block.rows[0]
    if row.cell.share is None or row.cell.base is None:
        said = f"• {block.label} – {say_share(row.cell)}."
    else:
        base = ngettext("(%(num)s réponse.)", "(%(num)s réponses.)", row.cell.base)
        said = f"• {row.cell.sentence} {base}"
    if block.only_in:
        said += f" ({block.only_in}.)"
    # What cannot be compared has its chapter, with its reasons.
    if first_wave and not block.new and row.verdict is not None and row.verdict.word != NOT_COMPARABLE:
        said += f" {_('Depuis %(wave)s', wave=first_wave)} – {row.verdict.label}."
        if row.verdict.word in (UP, DOWN) and not has_past_share(row):
            # The change is that of other answers than the sentence tells.
            said += f" {' '.join(row.verdict.cautions[:1])}"
    return said


def _write_adopted(town: Town, adopted: Sequence[Opinion]) -> list[Piece]:
    """What the councils ask for now, by theme, with what the institutions have answered already."""
    tables = [
        table
        for theme in town.themes
        if (table := _tabulate_proposals(town, theme, [o for o in adopted if o.subject.theme == theme.id]))
    ]
    if not tables:
        return []
    said = _("Ce que les conseils citoyens ont adopté après avoir lu les résultats, avec leurs mots.")
    if simulated():
        said = f"{said} {_('Avis et réponses inventés pour la démonstration')}."
    return [say_heading(_("Ce que proposent les conseils citoyens")), say_paragraph(said), *tables]


def _tabulate_proposals(town: Town, theme: Theme, opinions: Sequence[Opinion]) -> Piece | None:
    names = {council.id: council.name for council in town.councils}
    rows = [
        [
            proposal.text,
            names.get(opinion.subject.council, opinion.subject.council),
            _tell_answer(proposal),
            "",
        ]
        for opinion in opinions
        for proposal in opinion.proposals
    ]
    if not rows:
        return None
    head = [_("Proposition"), _("Conseil citoyen"), _("Réponse des institutions"), _answer_head()]
    return make_table(tell(theme.title), head, rows, blank=True, widths=[2.2, 1.3, 2.2, 2.2])


def _tell_answer(proposal: Proposal) -> str:
    if not proposal.answers:
        return _("Pas encore de réponse des institutions.")
    last = proposal.answers[0]
    return _(
        "%(plan)s\nAvant le %(day)s, %(service)s",
        plan=last.plan,
        day=format_date(last.due),
        service=last.service,
    )


def _write_printed(town: Town) -> list[Piece]:
    """What the councils proposed before this wave, as the town's files keep it."""
    proposals = [saying for saying in town.sayings if saying.kind == "proposal"]
    tables = []
    for theme in town.themes:
        rows = [
            [
                tell(saying.text),
                ", ".join(town.quartier_by_id[q].short_name for q in saying.quartiers)
                if len(saying.quartiers) < len(town.quartiers)
                else _("Tous les quartiers"),
                f"{saying.source_line}",
                "",
            ]
            for saying in proposals
            if saying.theme == theme.id
        ]
        if rows:
            head = [_("Proposition"), _("Où"), _("Ligne du document"), _answer_head()]
            tables.append(make_table(tell(theme.title), head, rows, blank=True, widths=[2.4, 1.1, 0.9, 3.0]))
    if not tables:
        return []
    first = town.first_wave
    title = (
        _("Ce que les conseils citoyens proposaient en %(wave)s", wave=first.id)
        if first
        else _("Ce que les conseils citoyens proposaient avant l’enquête")
    )
    return [say_heading(title), say_paragraph(_("Résumé avec nos mots.")), *tables]


def _answer_head() -> str:
    return _("Réponse du comité de pilotage")
