"""Staff page: who was interviewed beside who lives there, what weights do, what became of encounters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import database, town
from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import ALL, mask_small_bases
from barometre.estimates.margins import UNKNOWN
from barometre.estimates.weights import spread
from barometre.i18n import format_date, format_moment, format_number, language_name, say, tell
from barometre.i18n import gettext as _
from barometre.questionnaire.dispositions import DISPOSITIONS
from barometre.results.choices import TableState
from barometre.results.composition import Composition, Part, compose
from barometre.results.composition_svg import draw_composition
from barometre.results.expert import write_problem, write_weights
from barometre.results.labels import domain_label
from barometre.results.outcomes import NO_DOORS, NO_ELIGIBILITY, NOBODY, measure_rates
from barometre.results.plan_words import label_class
from barometre.results.precision import list_weights
from barometre.results.weighting import compute_weights
from barometre.storage import counts as stored_counts
from barometre.storage.interviews import fetch_interview_totals
from barometre.storage.microdata import fetch_languages, fetch_started
from barometre.storage.models import utc_now

blueprint = Blueprint("sample", __name__, template_folder="templates")

EVERY = "all"


@dataclass(frozen=True)
class Row:
    """One line of the table of composition."""

    variable: str
    domain_label: str
    name: str
    part: Part

    @property
    def unknown(self) -> bool:
        """Whether it counts those whose group is not known: no population is theirs."""
        return self.part.class_id == UNKNOWN


#: column of the sorted table → what it sorts by; None is last
COLUMNS: Mapping[str, Callable[[Row], float | None]] = {
    "interviews": lambda row: row.part.interviews,
    "sampled": lambda row: row.part.sampled,
    "weighted": lambda row: row.part.weighted,
    "population": lambda row: row.part.population,
    "gap": lambda row: row.part.gap,
    "left": lambda row: row.part.gap_left,
}


@blueprint.get("/desk/sample")
@allow("analyst", "administrator")
def sample() -> ResponseReturnValue:
    """The sample as it is at this moment."""
    wave = town().current_wave
    design = wave.design
    assert design is not None
    with database().read() as session:
        counts = stored_counts.fetch_counts(session, wave.id)
        dispositions = fetch_interview_totals(session, wave.id)
        weeks = fetch_started(session, wave.id)
        languages = fetch_languages(session, wave.id)
    state = _read_state()
    found = counts is not None and counts.total > 0
    smallest = design.threshold_mask
    return render_template(
        "results/sample.html",
        wave=wave.id,
        moment=format_moment(utc_now()),
        total=counts.total if counts else 0,
        smallest=smallest,
        margin_choice=tell(design.margin_choice),
        filters=[(_("Quartier"), state.choose("quartier", _name_domains()))],
        columns=_list_columns(state),
        **(_compose(counts, state, smallest) if found and counts else {"rows": [], "pictures": []}),
        **(_weigh(counts) if found and counts else {"weights": [], "problem": "", "whole": None}),
        dispositions=[
            (_(known.label), known.aapor, number)
            for known in DISPOSITIONS
            if (number := dispositions.get(known.slug))
        ],
        rates=[(rate, _name_rate(rate.name), _explain(rate.why)) for rate in measure_rates(dispositions)],
        spoken=_guard({_name_languages(key): n for key, n in languages.items()}, smallest),
        weeks=_guard({_name_week(key): number for key, number in weeks.items()}, smallest),
    )


def _read_state() -> TableState:
    return TableState(
        "sample.sample",
        request.args,
        {
            "quartier": (ALL, *(quartier.id for quartier in town().quartiers), EVERY),
            "sort": ("order", *COLUMNS, *(f"-{column}" for column in COLUMNS)),
        },
    )


def _name_domains() -> dict[str, str]:
    names = {quartier.id: quartier.name for quartier in town().quartiers}
    return {ALL: domain_label(town(), ALL)} | names | {EVERY: _("Tous")}


def _list_columns(state: TableState) -> list[Any]:
    return [
        state.head("", _("Groupe")),
        state.head("interviews", _("Entretiens"), number=True),
        state.head("sampled", _("Part des entretiens"), number=True),
        state.head("weighted", _("Après calage"), number=True),
        state.head("population", _("Population"), number=True),
        state.head("gap", _("Écart, sans poids"), number=True),
        state.head("left", _("Écart, avec poids"), number=True),
    ]


def _compose(counts: Counts, state: TableState, smallest: int) -> dict[str, Any]:
    """Rows of the table and pictures, for the domain that is asked for."""
    composed = compose(town(), counts, compute_weights(town(), counts), smallest)
    wanted = [found for found in composed if state.values["quartier"] in (EVERY, found.domain)]
    rows = [
        Row(
            _name_variable(found.variable),
            domain_label(town(), found.domain),
            _name_class(found, part.class_id),
            part,
        )
        for found in wanted
        for part in found.parts
    ]
    if state.column in COLUMNS:
        values = [(COLUMNS[state.column](row), row) for row in rows]
        known: list[tuple[Any, Row]] = [(value, row) for value, row in values if value is not None]
        known.sort(key=lambda pair: pair[0], reverse=state.descending)
        rows = [row for _value, row in known] + [row for value, row in values if value is None]
    pictures = []
    for place, found in enumerate(wanted):
        title = f"{_name_variable(found.variable)} – {domain_label(town(), found.domain)}"
        parts = [
            (_name_class(found, part.class_id), part) for part in found.parts if part.class_id != UNKNOWN
        ]
        pictures.append((title, draw_composition(title, str(place), parts)))
    return {"rows": rows, "pictures": pictures}


def _weigh(counts: Counts) -> dict[str, Any]:
    """How unequal the weights are, in each quartier and over all of them."""
    found = compute_weights(town(), counts)
    used = spread(found.raked, counts.interviews)
    whole = (
        format_number(used.interviews),
        format_number(used.effective, 1),
        format_number(used.design_effect, 2),
    )
    return {
        "weights": [write_weights(one) for one in list_weights(town(), counts)],
        "problem": write_problem(found.problem) if found.problem else "",
        "whole": whole,
    }


def _name_variable(variable: str) -> str:
    if variable == "quartier":
        return _("Quartier")
    return say(variable, town().current_wave.questionnaire.by_id[variable].text)


def _name_class(found: Composition, class_id: str) -> str:
    if class_id == UNKNOWN:
        return _("Autre, ou sans réponse")
    if found.variable == "quartier":
        return domain_label(town(), class_id)
    return label_class(town().current_wave, found.variable, class_id)


def _name_languages(key: str) -> str:
    return " + ".join(language_name(code) for code in key.split())


def _name_week(key: str) -> str:
    if not key:
        return _("Date inconnue")
    return _("Semaine du %(day)s", day=format_date(date.fromisoformat(key)))


def _guard(numbers: Mapping[str, int], smallest: int) -> list[tuple[str, str, float | None]]:
    """Name, number in words, share of the longest bar (0-1); small groups are hidden, one more too."""
    masked = mask_small_bases(numbers, smallest)
    longest = max((number for name, number in numbers.items() if name not in masked), default=0)
    return [
        (name, _("masqué"), None) if name in masked else (name, format_number(number), number / longest)
        for name, number in numbers.items()
    ]


def _name_rate(name: str) -> str:
    return {
        "COOP1": _("Coopération, entretiens complets : participation aux portes ouvertes"),
        "COOP2": _("Coopération, entretiens partiels compris"),
        "COOP3": _("Coopération, sans compter les personnes qui ne pouvaient pas répondre"),
        "RR1": _("Réponse, la plus prudente"),
        "RR3": _("Réponse, part estimée des portes inconnues"),
        "RR5": _("Réponse, entretiens complets"),
        "RR6": _("Réponse, entretiens partiels compris"),
        "REF3": _("Refus"),
        "CON3": _("Contact"),
    }[name]


def _explain(why: str) -> str:
    return {
        "": "",
        NO_DOORS: _(
            "Ne peut pas être calculé : aucune porte restée fermée n’est notée. On ne sait pas combien de "
            "portes ont été essayées."
        ),
        NO_ELIGIBILITY: _(
            "Ne peut pas être calculé : on ne note pas les portes dont on ignore qui y habite (U), ni leur "
            "part probable (e)."
        ),
        NOBODY: _("Personne n’a encore été rencontré."),
    }[why]
