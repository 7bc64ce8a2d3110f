"""How the survey was made: the sample by quartier, whom it resembles, how the figures were worked out."""

from __future__ import annotations

from typing import Any

from barometre.estimates.disclosure import ALL, ROUNDED_TO, round_people
from barometre.i18n import format_number, tell
from barometre.i18n import gettext as _
from barometre.questionnaire.dispositions import DISPOSITIONS
from barometre.questionnaire.town import Design, Quartier, Town
from barometre.results.labels import domain_label
from barometre.results.papers.pieces import Piece, make_table, say_heading, say_paragraph
from barometre.results.sources import Published


def write_method(town: Town, published: Published) -> dict[str, Any]:
    """The chapter on method."""
    design, wave = town.current_wave.design, town.current_wave.id
    assert design is not None
    pieces: list[Piece] = []
    if design.fieldwork:
        pieces.append(say_paragraph(f"{tell(design.fieldwork)}."))
    if design.description:
        pieces.append(say_paragraph(tell(design.description)))
    pieces += [
        say_heading(_("Qui a été interrogé, par quartier")),
        _tabulate_sample(town, published),
        *_tell_perimeters(town),
        say_heading(_("À qui ressemblent les personnes interrogées")),
        *_tell_resemblance(town, published),
        say_heading(_("Comment lire les chiffres")),
        say_paragraph(
            _(
                "Chaque part porte sur les personnes qui ont donné un avis. Sous %(mask)s "
                "réponses, rien n’est "
                "montré ; sous %(percentage)s, pas de pourcentage ; sous %(caution)s, « petit effectif ».",
                mask=design.threshold_mask,
                percentage=design.threshold_percentage,
                caution=design.threshold_caution,
            )
        ),
        say_paragraph(_tell_precision(design)),
    ]
    met = [
        [_(found.label), _about(number)]
        for found in DISPOSITIONS
        if (number := published.dispositions.get(found.slug))
    ]
    if met:
        pieces.append(say_heading(_("Ce que sont devenues les rencontres")))
        head = [_("Issue"), _("Rencontres")]
        pieces.append(make_table(_("Rencontres, à la dizaine, %(wave)s", wave=wave), head, met, numbers=1))
    return {"title": _("Comment l’enquête a été faite"), "pieces": pieces}


def tell_people(published: Published, domain: str) -> str:
    """Interviews of a domain, to the nearest ten, as on the pages."""
    return _about(published.findings.interviews[domain])


def _about(number: int) -> str:
    if number < ROUNDED_TO:
        return _("Moins de %(number)s", number=ROUNDED_TO)
    return _("Environ %(number)s", number=format_number(round_people(number)))


def _tell_precision(design: Design) -> str:
    if design.sampling == "quota":
        return _(
            "Les personnes ont été choisies pour ressembler au quartier, sans tirage au sort : la "
            "précision est donnée à titre indicatif. Elle ne compte pas l’effet des personnes absentes ou "
            "qui n’ont pas voulu répondre."
        )
    return _(
        "Les personnes ont été tirées au sort. La précision ne compte pas l’effet des personnes absentes ou "
        "qui n’ont pas voulu répondre."
    )


def _tabulate_sample(town: Town, published: Published) -> Piece:
    first, wave = town.first_wave, town.current_wave.id
    before = first.published.interviews if first and first.published else {}
    head = [_("Quartier"), *([first.id] if first and before else []), wave, _("Habitants (source)")]
    rows = []
    for domain in (*(quartier.id for quartier in town.quartiers), ALL):
        quartier = town.quartier_by_id.get(domain)
        then = before.get(domain)
        past = [format_number(then) if then is not None else _("non publié")] if before else []
        people = _tell_population(quartier) if quartier else ""
        rows.append([domain_label(town, domain), *past, tell_people(published, domain), people or "–"])
    return make_table(
        _("Personnes interrogées, à la dizaine en %(wave)s", wave=wave),
        head,
        rows,
        widths=[1.5, *([0.6] if before else []), 0.9, 2.6],
    )


def _tell_population(quartier: Quartier) -> str:
    return "\u202f; ".join(
        f"{format_number(people.value)} ({tell(people.source)})" for people in quartier.populations
    )


def _tell_perimeters(town: Town) -> list[Piece]:
    changed = [q for q in town.quartiers if q.perimeter_change]
    rows = [[q.name, tell(q.perimeter_change)] for q in changed]
    return (
        [make_table(_("Limites des quartiers"), [_("Quartier"), _("Changement")], rows, widths=[1, 2.4])]
        if rows
        else []
    )


def _tell_resemblance(town: Town, published: Published) -> list[Piece]:
    """Ages and sexes are not public: beside the base of a question they would tell a few people's answers."""
    design, first = town.current_wave.design, town.first_wave
    assert design is not None
    pieces = [
        say_paragraph(
            _(
                "La répartition des personnes interrogées par âge et par sexe n’est pas "
                "publiée : avec le nombre de "
                "réponses à chaque question, elle pourrait montrer ce que peu de personnes ont répondu."
            )
        )
    ]
    if published.findings.weighting_problem is not None:
        pieces.append(
            say_paragraph(
                _(
                    "Les réponses n’ont pas pu être redressées selon l’âge : chaque personne "
                    "d’un quartier compte "
                    "autant."
                )
            )
        )
    elif design.margin_choice:
        pieces.append(say_paragraph(_("Population sur laquelle les réponses sont redressées :"), strong=True))
        pieces.append(say_paragraph(tell(design.margin_choice)))
    sample = first.published.sample if first and first.published else ()
    if sample and first:
        rows = [
            [
                tell(figure.label),
                domain_label(town, figure.domain),
                tell(figure.printed),
                f"{figure.source_line}",
            ]
            for figure in sample
        ]
        head = [_("Ce qui est imprimé"), _("Quartier"), _("Imprimé"), _("Ligne du document")]
        pieces.append(
            make_table(
                _("Échantillon et population de %(wave)s", wave=first.id),
                head,
                rows,
                numbers=1,
                widths=[2.4, 1.6, 1.6, 0.8],
            )
        )
    return pieces
