"""The staff page of one indicator's precision: every weighting and interval beside the published one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import database, town
from barometre.estimates import margins
from barometre.estimates.disclosure import ALL
from barometre.estimates.intervals import Interval
from barometre.estimates.margins import EVERYBODY, UNKNOWN, Note, WeightingError
from barometre.i18n import format_number, format_percent, format_points, say, tell
from barometre.i18n import gettext as _
from barometre.problems import explain_weighting
from barometre.questionnaire.town import Indicator
from barometre.results.findings import Findings, find_results
from barometre.results.labels import domain_label
from barometre.results.plan_words import label_class
from barometre.results.precision import (
    Precision,
    QuartierWeights,
    list_weights,
    measure_precision,
)
from barometre.results.recounted import Microdata
from barometre.results.verdicts import verdict_label
from barometre.storage import counts as stored_counts
from barometre.storage.baseline import fetch_replaced

blueprint = Blueprint("expert", __name__, template_folder="templates")

#: a row: its name, what it means, one cell for each domain
Row = tuple[str, str, list[str]]
NOTHING = "–"


@blueprint.get("/desk/precision")
@allow("analyst", "administrator")
def precision() -> ResponseReturnValue:
    """One indicator: how sure it is, and what other methods would say."""
    wave = town().current_wave
    chosen = request.args.get("item") or town().indicators[0].item
    indicator = town().indicator_of.get(chosen)
    if indicator is None or indicator not in town().indicators:
        abort(404)
    first = town().first_wave
    with database().read() as session:
        counts = stored_counts.fetch_counts(session, wave.id)
        past = stored_counts.fetch_counts(session, first.id) if first else None
        replaced = fetch_replaced(session, first.id) if first else frozenset()
    microdata = Microdata(past, replaced) if past is not None and replaced else None
    domains = [*(quartier.id for quartier in town().quartiers), ALL]
    tables: list[tuple[str, list[Row]]] = []
    weights: list[tuple[str, str, str, list[str]]] = []
    problem = ""
    if counts is not None and counts.total and indicator.item in counts.position:
        findings = find_results(town(), counts, microdata)
        problem = write_problem(findings.weighting_problem) if findings.weighting_problem else ""
        weights = [write_weights(found) for found in list_weights(town(), counts)]
        measured = measure_precision(town(), counts, indicator)
        cells = [measured[domain][1] for domain in domains]
        tables = [
            (_("Le chiffre, calculé comme sur les pages publiques"), _write_published(cells)),
            (_("D’autres façons de peser les réponses"), _write_weightings(cells)),
            (_("D’autres intervalles à 95 %%"), _write_intervals(cells)),
            (_("Avec les personnes sans avis"), _write_asked(cells)),
        ]
        if first is not None:
            tables.append(
                (_("L’écart avec la première enquête"), _write_changes(findings, indicator, domains))
            )
    return render_template(
        "results/precision.html",
        choices=[(i.item, tell(i.label)) for i in town().indicators],
        item=indicator.item,
        label=tell(indicator.label),
        question=say(indicator.item, wave.questionnaire.by_id[indicator.item].text),
        domains=[domain_label(town(), domain) for domain in domains],
        tables=tables,
        weights=weights,
        problem=problem,
        wave=wave.id,
    )


def write_weights(found: QuartierWeights) -> tuple[str, str, str, list[str]]:
    """Quartier, largest weight over smallest, design effect, remarks."""
    notes = [_write_note(note) for note in found.notes]
    return (
        domain_label(town(), found.quartier),
        format_number(found.ratio, 1),
        format_number(found.design_effect, 2),
        notes,
    )


def write_problem(error: WeightingError) -> str:
    """Why there are no weights, quartier and class by their names."""
    named = WeightingError(domain_label(town(), error.quartier), _name_class(error.class_id), error.reason)
    return explain_weighting(named)


def _name_class(class_id: str) -> str:
    """A class of the weighting, a whole margin or everybody, in words."""
    questionnaire = town().current_wave.questionnaire
    if class_id in (EVERYBODY, UNKNOWN):
        return _("Ensemble") if class_id == EVERYBODY else _("sans réponse")
    if class_id in town().quartier_by_id:
        return domain_label(town(), class_id)
    if class_id in questionnaire.by_id:
        return say(class_id, questionnaire.by_id[class_id].text)
    for variable in questionnaire.cell:
        scale = questionnaire.by_id[variable].scale
        if scale and (class_id in scale.classes or any(o.class_id == class_id for o in scale.options)):
            return label_class(town().current_wave, variable, class_id)
    return class_id


def _write_note(note: Note) -> str:
    names = {
        "variable": _name_class(note.variable),
        "class_id": _name_class(note.class_id),
        "into": _name_class(note.into),
    }
    sentences = {
        margins.ONE_WEIGHT: _("Trop peu d’entretiens pour les peser : chacun compte autant."),
        margins.MERGED: _(
            "Personne de la classe %(class_id)s n’a répondu : elle est réunie avec %(into)s.", **names
        ),
        margins.LEFT_OUT: _(
            "Une seule classe a répondu pour « %(variable)s » : cette marge n’est pas utilisée.", **names
        ),
        margins.SET_APART: _(
            "Pour « %(variable)s », les personnes sans réponse gardent leur part des entretiens.", **names
        ),
        margins.UNEQUAL: _(
            "Attention : les poids sont très inégaux. Regardez aussi le chiffre sans pondération."
        ),
    }
    return sentences[note.kind]


def _fill(cells: Sequence[Precision | None], write: Callable[[Precision], str | None]) -> list[str]:
    return [(write(cell) if cell is not None else None) or NOTHING for cell in cells]


def _write_interval(limits: Interval | None) -> str | None:
    if limits is None:
        return None
    low, high = (format_percent(limit, 1) for limit in limits)
    return _("%(low)s à %(high)s", low=low, high=high)


def _write_published(cells: Sequence[Precision | None]) -> list[Row]:
    return [
        (
            _("Base"),
            _("personnes qui ont donné un avis"),
            _fill(cells, lambda c: format_number(c.raked.base)),
        ),
        (
            _("Part"),
            _("calée sur la population de chaque quartier"),
            _fill(cells, lambda c: format_percent(c.raked.value, 1)),
        ),
        (
            _("Intervalle"),
            _("Wilson, sur la base efficace de Kish"),
            _fill(cells, lambda c: _write_interval((c.raked.low, c.raked.high))),
        ),
        (
            _("Base efficace"),
            _("ce que ces réponses renseignent, une fois pesées"),
            _fill(cells, lambda c: format_number(c.raked.effective_base, 1)),
        ),
        (
            _("Effet des poids"),
            _("base divisée par base efficace : 1 quand chacun compte autant"),
            _fill(cells, lambda c: format_number(c.raked.design_effect, 2)),
        ),
    ]


def _write_weightings(cells: Sequence[Precision | None]) -> list[Row]:
    return [
        (
            _("Sans pondération"),
            _("comme les entretiens ont été comptés"),
            _fill(cells, lambda c: format_percent(c.plain.value, 1)),
        ),
        (
            _("Calage borné"),
            _("chaque poids entre la moitié et le double du poids de départ"),
            _fill(cells, lambda c: format_percent(c.bounded.value, 1) if c.bounded else None),
        ),
    ]


def _write_intervals(cells: Sequence[Precision | None]) -> list[Row]:
    named = (
        ("korn_graubard", _("Korn-Graubard"), _("exact, sur la variance linéarisée")),
        ("clopper_pearson", _("Clopper-Pearson"), _("exact, sur la base efficace de Kish")),
        ("logit", _("Logit"), _("sur la variance linéarisée ; celui de R par défaut")),
        ("wald", _("Wald"), _("pour comparer seulement : trop étroit quand la base est petite")),
    )
    rows: list[Row] = [
        (
            _("Erreur type"),
            _("linéarisée, en points"),
            _fill(
                cells,
                lambda c: format_number(100 * c.standard_error, 2) if c.standard_error is not None else None,
            ),
        )
    ]
    for name, label, meaning in named:
        limits = [_write_interval(cell.options.get(name)) if cell else None for cell in cells]
        rows.append((label, meaning, [written or NOTHING for written in limits]))
    rows.append(
        (
            _("Avec correction de population finie"),
            _("Wilson, si les entretiens étaient tirés au sort parmi les habitants"),
            _fill(cells, lambda c: _write_interval(c.corrected)),
        )
    )
    return rows


def _write_asked(cells: Sequence[Precision | None]) -> list[Row]:
    return [
        (
            _("Part de toutes les personnes interrogées"),
            _("les personnes sans avis comptées avec celles qui n’ont pas répondu ainsi"),
            _fill(cells, lambda c: format_percent(c.asked[0].value, 1) if c.asked else None),
        ),
        (
            _("Bornes"),
            _("sans pondération : si les personnes sans avis avaient toutes, ou aucune, répondu ainsi"),
            _fill(cells, lambda c: _write_interval(c.asked[1]) if c.asked else None),
        ),
    ]


def _write_changes(findings: Findings, indicator: Indicator, domains: Sequence[str]) -> list[Row]:
    found = [findings.by_domain[indicator.item, domain] for domain in domains]
    verdicts = [finding.verdict for finding in found]
    adjusted = [v.p_adjusted if v and v.p_adjusted else (None, None) for v in verdicts]

    def points(limits: tuple[float, float] | None) -> str:
        if limits is None:
            return NOTHING
        low, high = (format_points(limit, 1) for limit in limits)
        return _("%(low)s à %(high)s", low=low, high=high)

    def p(value: float | None) -> str:
        return NOTHING if value is None else format_number(value, 3)

    return [
        (
            _("Écart"),
            _("le plus petit et le plus grand, pour tous les effectifs possibles"),
            [points(v.envelope.difference if v and v.envelope else None) for v in verdicts],
        ),
        (
            _("Intervalle de l’écart"),
            _("enveloppe de Newcombe, des deux façons de peser"),
            [points(v.interval if v else None) for v in verdicts],
        ),
        (
            _("p ajusté, à composition égale"),
            _("Miettinen-Nurminen ; Holm pour les indicateurs principaux, Benjamini-Hochberg sinon"),
            [p(like) for like, _raked in adjusted],
        ),
        (
            _("p ajusté, après calage"),
            _("les deux doivent être sous 0,05"),
            [p(raked) for _like, raked in adjusted],
        ),
        (_("Verdict"), "", [verdict_label(v.word) if v else NOTHING for v in verdicts]),
        (
            _("Sur les seules limites d’avant"),
            _("quand le verdict y est différent"),
            [verdict_label(f.contour_word) if f.contour_word else NOTHING for f in found],
        ),
    ]
