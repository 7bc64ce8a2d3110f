"""Staff pages: the desk, live analysis with the guards of disclosure on."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from barometre.access import allow, current_person
from barometre.context import database, town
from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import ROUNDED_TO
from barometre.i18n import direction, format_moment, format_number, locale, say, tell
from barometre.i18n import gettext as _
from barometre.questionnaire.definition import Item
from barometre.results.charts import COLOURS, MERGED, Series, draw_crossing
from barometre.results.crossing import CrossRow, cross, list_order
from barometre.results.findings import thresholds
from barometre.results.labels import label_codes, name_group
from barometre.results.unconfirmed import list_scales, list_wordings
from barometre.storage import counts as stored_counts
from barometre.storage import interviews
from barometre.storage.backup import fetch_last_backup

blueprint = Blueprint("desk", __name__, template_folder="templates")

STAFF = ("interviewer", "supervisor", "analyst", "council", "administrator")


@blueprint.get("/desk")
@allow(*STAFF)
def home() -> ResponseReturnValue:
    """What each person may do, by their roles."""
    person = current_person()
    assert person is not None
    wave = town().current_wave.id
    counts = []
    if person.roles & {"supervisor", "analyst", "administrator"}:
        with database().read() as session:
            counted = stored_counts.count_interviews(session, wave)
            aside = interviews.count_aside(session)
            copied_at = fetch_last_backup(session)
        counts = [
            (_("Entretiens comptés"), format_number(counted)),
            (_("Envois mis de côté"), format_number(aside)),
            (_("Dernière sauvegarde"), format_moment(copied_at) if copied_at else _("jamais")),
        ]
    groups: dict[str, list[tuple[str, str, str]]] = {}
    for group, roles, endpoint, values, label, explanation in _list_links(wave):
        if person.roles & set(roles):
            groups.setdefault(group, []).append((url_for(endpoint, **values), label, explanation))
    return render_template("results/desk.html", counts=counts, groups=list(groups.items()), wave=wave)


def _list_links(wave: str) -> list[tuple[str, tuple[str, ...], str, dict[str, Any], str, str]]:
    """Group, roles that see it, endpoint, its values, label and explanation of each way from the desk."""
    field, results, settings = _("Terrain"), _("Résultats"), _("Réglages")
    analysts, leads = ("analyst", "administrator"), ("supervisor", "administrator")
    return [
        (field, ("interviewer", "supervisor"), "interview.tour", {}, _("Ma tournée"), ""),
        (
            field,
            ("supervisor", "analyst", "administrator"),
            "planning.prepare",
            {},
            _("Préparer l’enquête"),
            _("Combien d’entretiens, ce qu’ils pourront montrer, et la feuille de quotas."),
        ),
        (
            field,
            leads,
            "paper.entry",
            {"wave_id": wave},
            _("Saisir un questionnaire papier"),
            _("Un entretien fait sur papier entre par la même porte que ceux des tablettes."),
        ),
        (
            field,
            leads,
            "aside.listing",
            {},
            _("Entretiens mis de côté"),
            _("Reçus, gardés, mais pas comptés : contenu illisible ou différent."),
        ),
        (
            field,
            leads,
            "devices.listing",
            {},
            _("Tablettes"),
            _("Celles qui sont inscrites, et un code pour en préparer une autre."),
        ),
        (
            results,
            analysts,
            "desk.analyse",
            {},
            _("Analyser"),
            _("Chaque question selon le quartier, l’âge ou le sexe, sur les entretiens reçus à cet instant."),
        ),
        (
            results,
            analysts,
            "compare.compare",
            {},
            _("Comparer avec la première enquête"),
            _("Question par question : ce qui a été imprimé, ce qui est trouvé, le verdict et ses raisons."),
        ),
        (
            results,
            analysts,
            "expert.precision",
            {},
            _("Précision"),
            _("Pour chaque indicateur : les poids, les intervalles, ce que diraient d’autres méthodes."),
        ),
        (
            results,
            analysts,
            "sample.sample",
            {},
            _("Échantillon et représentativité"),
            _("Les personnes interrogées et les habitants, les poids, les refus, les langues."),
        ),
        (
            results,
            analysts,
            "editions.listing",
            {},
            _("Éditions"),
            _("Ce que le public voit : préparer, vérifier, publier, corriger."),
        ),
        (
            results,
            ("analyst", "council", "administrator"),
            "papers.listing",
            {},
            _("Documents à imprimer"),
            _("Une page par quartier, le rapport au comité de pilotage, des images pour une présentation."),
        ),
        (
            results,
            analysts,
            "baseline.listing",
            {},
            _("Chiffres de départ"),
            _("Ceux qui ont été imprimés, ou les réponses elles-mêmes si elles sont retrouvées."),
        ),
        (
            results,
            analysts,
            "microdata.microdata",
            {},
            _("Réponses une à une"),
            _("Un fichier SPSS sans nom, pour un usage que vous dites ; chaque téléchargement est noté."),
        ),
        (
            results,
            ("supervisor", "analyst", "council", "administrator"),
            "desk.to_confirm",
            {},
            _("À confirmer"),
            _("Ce que nous avons supposé, et que personne n’a encore confirmé."),
        ),
        (
            results,
            ("council",),
            "councils.home",
            {},
            _("Votre conseil citoyen"),
            _("Préparer une réunion, écrire l’avis du conseil, suivre les réponses."),
        ),
        (
            results,
            analysts,
            "answers.listing",
            {},
            _("Répondre aux conseils citoyens"),
            _("Ce que les institutions vont faire de chaque proposition, et avant quand."),
        ),
        (
            results,
            ("administrator",),
            "hiding.listing",
            {},
            _("Avis des conseils citoyens"),
            _("Masquer un texte manifestement contraire à la loi, avec une mention publique."),
        ),
        (results, STAFF, "results.overview", {}, _("Voir le site public"), ""),
        (settings, ("administrator",), "people.list_people", {}, _("Comptes"), ""),
    ]


@blueprint.get("/desk/to-confirm")
@allow("supervisor", "analyst", "council", "administrator")
def to_confirm() -> ResponseReturnValue:
    """Everything the town's files suppose and nobody has confirmed."""
    return render_template(
        "results/unconfirmed.html",
        assumptions=[found for found in town().assumptions if not found.confirmed],
        wordings=list_wordings(town()),
        scales=list_scales(town()),
        helps=[entry for entry in town().help if not entry.confirmed],
    )


@blueprint.get("/analyse")
@allow("analyst", "administrator")
def analyse() -> ResponseReturnValue:
    """One question by quartier, age or sex, from the interviews received so far."""
    wave = town().current_wave
    asked = wave.questionnaire
    # What makes the groups is no question: its own shares would tell the size of those that are masked.
    questions = [item for item in asked.closed_items if item.id not in asked.cell]
    item_id = request.args.get("item") or next(i.item for i in town().indicators)
    by = request.args.get("by") or asked.cell[0]
    item = asked.by_id.get(item_id)
    if item not in questions or item is None or item.scale is None or by not in asked.cell:
        abort(404)
    with database().read() as session:
        counts = stored_counts.fetch_counts(session, wave.id)
    rows = _cross(counts, item, by)
    names = [name_group(asked.by_id[by], row.group) for row in rows]
    order = list_order(asked, item.id, _headline(item))
    return render_template(
        "results/analyse.html",
        choices=_list_choices(questions),
        breakdowns=[(name, say(name, asked.by_id[name].text)) for name in asked.cell],
        item=item.id,
        breakdown=by,
        wave=wave.id,
        label=say(item.id, item.text),
        question=_write_stem(item),
        options=[label_codes(item.scale, [code]) for code in order],
        rows=[
            (
                name,
                row.base,
                _write_silent(row.silent),
                [(len(codes), share) for codes, share in row.parts],
                _write_note(row),
            )
            for name, row in zip(names, rows, strict=True)
        ],
        figure=draw_crossing(names, _list_series(item, order, rows), _separators(), rtl=direction() == "rtl")
        if rows
        else None,
    )


def _headline(item: Item) -> frozenset[int]:
    indicator = town().indicator_of.get(item.id)
    return indicator.codes if indicator else frozenset()


def _cross(counts: Counts | None, item: Item, by: str) -> list[CrossRow]:
    wave = town().current_wave
    if counts is None or not counts.total or wave.design is None:
        return []
    return cross(wave.questionnaire, counts, item.id, by, thresholds(wave.design), _headline(item))


def _list_series(item: Item, order: list[int], rows: list[CrossRow]) -> list[Series]:
    """One colour for each answer, or answers shown together, that some group has."""
    assert item.scale is not None
    blocks = {codes for row in rows for codes, _share in row.parts}
    series = []
    for codes in sorted(blocks, key=lambda codes: (order.index(codes[0]), len(codes))):
        place = order.index(codes[0])
        second_half = 2 * place >= len(order)
        series.append(
            Series(
                label_codes(item.scale, codes),
                tuple(dict(row.parts).get(codes) for row in rows),
                COLOURS[place % len(COLOURS)] if len(codes) == 1 else MERGED[second_half],
                second_half,
            )
        )
    return series


def _list_choices(questions: list[Item]) -> list[tuple[str, list[tuple[str, str]]]]:
    sections = town().current_wave.questionnaire.sections
    return [
        (
            say(f"section:{section.id}", section.title),
            [(i.id, _name_question(i)) for i in section.items if i in questions],
        )
        for section in sections
        if any(item in questions for item in section.items)
    ]


def _name_question(item: Item) -> str:
    """The question; for a row of a battery, the title of its result, which says what it is about."""
    indicator = town().indicator_of.get(item.id)
    return tell(indicator.label) if item.battery and indicator else say(item.id, item.text)


def _write_stem(item: Item) -> str:
    battery = town().current_wave.questionnaire.batteries.get(item.battery or "")
    return say(f"battery:{battery.id}", battery.stem) if battery else ""


def _write_silent(silent: int | None) -> str:
    if silent is None:
        return "–"
    if not silent:
        return _("%(num)s au plus", num=ROUNDED_TO)
    return _("environ %(num)s", num=format_number(silent))


def _write_note(row: CrossRow) -> str:
    return {
        "masked": _("Masqué : trop peu de réponses, ici ou dans un autre groupe"),
        "no_percentage": _("Trop peu de réponses pour un pourcentage"),
        "caution": _("Petit effectif, à lire avec prudence"),
        "band": _("Moins de 5 personnes d’un côté : pas de détail"),
        "not_asked": _("Personne n’a répondu"),
    }.get(row.shown.state, "")


def _separators() -> str:
    return ".," if locale() == "en" else ", "
