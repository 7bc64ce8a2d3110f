"""One page for one quartier: what residents said, what changed since the first wave, room to answer."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import segno

from barometre.estimates.change import NOT_COMPARABLE
from barometre.estimates.disclosure import ROUNDED_TO, round_people
from barometre.i18n import format_date, format_number, ngettext, round_percent, speak, tell
from barometre.i18n import gettext as _
from barometre.questionnaire.town import Quartier, Town
from barometre.results.papers.choice import (
    SMALLEST_BASE,
    Favourable,
    choose_to_remember,
    is_told,
    split_favourable,
)
from barometre.results.papers.speech import list_notices, tell_sampling
from barometre.results.papers.typeset import set_pdf
from barometre.results.sources import Published
from barometre.results.tables import ItemBlock, write_blocks
from barometre.results.verdicts import VerdictView

#: open question of the first wave whose themes are recalled
TO_IMPROVE = "ameliorer"
#: beyond, a dot stands for ten people
MOST_DOTS = 150


def write_restitution(
    town: Town, published: Published, quartier: Quartier, language: str, address: str = ""
) -> bytes:
    """The sheet as a tagged PDF of one A4 page; `address` is the site's, "" where it has none yet."""
    with speak(language):
        content = write_content(town, published, quartier, address)
        return set_pdf("restitution.typ", content, published.dated)


def write_content(town: Town, published: Published, quartier: Quartier, address: str = "") -> dict[str, Any]:
    """What the sheet says, in the language of the request."""
    blocks = write_blocks(town, published.findings, town.indicators, (quartier.id,))
    wave, first = town.current_wave, town.first_wave
    people = round_people(published.findings.interviews[quartier.id])
    high, low = split_favourable(town, blocks)
    design = wave.design
    assert design is not None
    fieldwork = tell(design.fieldwork) if design.fieldwork else ""
    met = (
        _("Environ %(number)s habitants interrogés en %(wave)s.", number=format_number(people), wave=wave.id)
        if people
        else _("Moins de %(number)s habitants interrogés en %(wave)s.", number=ROUNDED_TO, wave=wave.id)
    )
    return {
        "title": _("Ce que disent les habitants"),
        "quartier": quartier.name,
        "notices": list_notices(published),
        "met": " ".join([met, f"{fieldwork}." if fieldwork else ""]).strip(),
        "dots": people if people <= MOST_DOTS else people // 10,
        "dots_told": _("Un point, une personne.") if people <= MOST_DOTS else _("Un point, dix personnes."),
        "dots_alt": met,
        "remember": {
            "title": _("À retenir"),
            "rows": [
                [format_number(round_percent(block.rows[0].cell.share or 0)), block.rows[0].cell.sentence]
                for block in choose_to_remember(town, blocks)
            ],
            "per": _("sur 100"),
            "none": _(
                "Moins de %(number)s réponses à chaque question : aucun chiffre n’est donné.",
                number=SMALLEST_BASE,
            ),
        },
        "good": {"title": _("Ce qui va bien"), "rows": _write_bars(high)},
        "better": {"title": _("Ce qui peut être mieux"), "rows": _write_bars(low)},
        "bars_note": _(
            "Combien d’habitants sur 100 ont donné une réponse favorable : les nombres les plus hauts, puis "
            "les plus bas. C’est une règle : personne n’a choisi."
        )
        if high
        else "",
        "since": _write_since(town, blocks) if first else None,
        "residents": _write_residents(town, quartier),
        "discuss": {
            "title": _("À vous de parler"),
            "rows": [
                _("Qu’est-ce qui vous étonne dans ces résultats ?"),
                _("« %(label)s » : que faut-il changer en premier ?", label=low[0].label)
                if low
                else _("Que faut-il changer en premier ?"),
                _("« %(label)s » : que faut-il garder ?", label=high[0].label)
                if high
                else _("Que faut-il garder ?"),
            ],
        },
        "answer": _("Ce que nous allons faire, avant le … :"),
        "foot": [
            " ".join(
                [
                    met,
                    tell_sampling(design, quartier.id),
                    _(
                        "Les personnes sans avis ne comptent pas dans les chiffres, et aucun chiffre ne "
                        "porte sur moins de %(number)s réponses.",
                        number=SMALLEST_BASE,
                    ),
                ]
            ),
            " – ".join(
                part
                for part in (
                    tell(town.barometer_name),
                    tell(town.organisation),
                    town.contact.phone,
                    town.contact.email,
                    format_date(published.day),
                )
                if part
            ),
        ],
        "address": _join(address, f"quartiers/{quartier.slug}"),
        "qr": _draw_code(_join(address, f"quartiers/{quartier.slug}")) if address else "",
        "qr_alt": _("Code à photographier : il ouvre la page du quartier."),
    }


def _write_bars(found: Sequence[Favourable]) -> list[dict[str, Any]]:
    return [
        {
            "label": favourable.label,
            "share": favourable.share,
            "words": _("%(number)s sur 100", number=format_number(round_percent(favourable.share))),
        }
        for favourable in found
    ]


def _write_since(town: Town, blocks: Sequence[ItemBlock]) -> dict[str, Any]:
    """One line for each key indicator that can be compared here, and how many cannot."""
    assert town.first_wave is not None
    key = [block for block in blocks if town.indicator_of[block.item].key and not block.new]
    compared = [
        (_name_compared(block, verdict), verdict)
        for block in key
        if (verdict := block.rows[0].verdict)
        and verdict.word != NOT_COMPARABLE
        and is_told(block.rows[0].cell)
    ]
    rest = len(key) - len(compared)
    return {
        "title": _("Depuis %(wave)s", wave=town.first_wave.id),
        "rows": [[name, verdict.label] for name, verdict in compared],
        "caution": _(
            "À lire avec prudence : les réponses proposées ou les limites du quartier ont pu changer. Le "
            "site dit lesquelles."
        )
        if any(verdict.cautions for _name, verdict in compared)
        else "",
        "rest": ngettext(
            "Pour %(num)s autre question importante, la comparaison est impossible.",
            "Pour %(num)s autres questions importantes, la comparaison est impossible.",
            rest,
        )
        if rest and compared
        else _("La comparaison avec %(wave)s est impossible ici.", wave=town.first_wave.id)
        if rest
        else "",
    }


def _name_compared(block: ItemBlock, verdict: VerdictView) -> str:
    """A question, with its answers where they are not those that the sheet tells above."""
    if not verdict.compared:
        return block.label
    return _("%(label)s : « %(answers)s »", label=block.label, answers=verdict.compared)


def _write_residents(town: Town, quartier: Quartier) -> dict[str, Any]:
    """What residents asked for in the first wave, in the order it printed; else what the "
    "councils proposed."""
    title, first = _("Ce que proposent les habitants"), town.first_wave
    published = first.published if first else None
    themes = [
        tell(theme.theme)
        for theme in (published.open_themes if published else ())
        if theme.item == TO_IMPROVE and theme.domain == quartier.id
    ][:3]
    said = ""
    if themes and first:
        said = _(
            "En %(wave)s, le plus souvent cité : %(themes)s.", wave=first.id, themes="\u202f; ".join(themes)
        )
    proposals = [
        saying for saying in town.sayings if saying.kind == "proposal" and quartier.id in saying.quartiers
    ]
    # Those that name this quartier alone come first: they are its own.
    proposals.sort(key=lambda saying: len(saying.quartiers))
    if proposals and not said and first:
        said = _(
            "En %(wave)s, le conseil citoyen proposait : %(what)s",
            wave=first.id,
            what=" ".join(tell(saying.text) for saying in proposals[:2]),
        )
    return {"title": title, "said": said, "now": _("Et aujourd’hui :")}


def _join(address: str, path: str) -> str:
    return f"{address.rstrip('/')}/{path}" if address else ""


def _draw_code(address: str) -> str:
    drawn = BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", border=2, xmldecl=False, nl=False, scale=2, light="#ffffff"
    )
    return drawn.getvalue().decode()
