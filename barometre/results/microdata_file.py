"""The pseudonymised file of one wave: which variables it has, and what they are called."""

from __future__ import annotations

from secrets import SystemRandom

import numpy as np
import numpy.typing as npt

from barometre.estimates.counts import Counts
from barometre.i18n import format_date, say, tell
from barometre.i18n import gettext as _
from barometre.questionnaire.definition import DONT_KNOW, NOT_APPLICABLE, NOT_ASKED, REFUSED, Item
from barometre.questionnaire.town import Town
from barometre.results.files_sav import Variable, write_sav
from barometre.results.weighting import compute_weights
from barometre.storage.microdata import Answers
from barometre.storage.models import utc_now


def write_microdata(town: Town, answers: Answers, *, simulated: bool) -> bytes:
    """The SPSS file of some interviews, in an order of chance."""
    order = list(range(len(answers.codes)))
    # Neither the order of arrival nor anything that can be worked out again.
    SystemRandom().shuffle(order)
    wave = town.current_wave
    title = _("Baromètre %(town)s %(wave)s", town=town.name, wave=wave.id)
    if simulated:
        title = _("DONNÉES SIMULÉES – %(title)s", title=title)
    notes = [
        _("Données pseudonymisées : ne cherchez à reconnaître personne. Effacez ce fichier après usage."),
        _("Produit le %(day)s.", day=format_date(utc_now().astimezone().date())),
    ]
    return write_sav(list_variables(town, answers, order, simulated=simulated), title, notes)


def list_variables(town: Town, answers: Answers, order: list[int], *, simulated: bool) -> list[Variable]:
    """Number, month, weights, then the closed questions of the present questionnaire in the order asked."""
    asked = town.current_wave.questionnaire
    weights = _weigh(town, answers)[order]
    mean = float(weights.mean()) if len(weights) else 1.0
    return [
        Variable(
            "numero",
            _("Numéro au hasard, propre à ce fichier"),
            [float(place + 1) for place in range(len(order))],
            "nominal",
            shown="F8.0",
        ),
        Variable("mois", _("Mois de l’entretien"), [answers.months[p] for p in order], "nominal", shown="A7"),
        Variable(
            "simule",
            _("Données simulées, ou entretiens réels"),
            [float(simulated)] * len(order),
            "nominal",
            {1: _("Entretien simulé : ne dit rien des habitants"), 0: _("Entretien réel")},
            shown="F1.0",
        ),
        Variable(
            "poids",
            _("Poids : habitants que représente cet entretien, calés sur la population du quartier"),
            weights.tolist(),
            "scale",
            shown="F12.6",
        ),
        Variable(
            "poids_1",
            _("Le même poids, de moyenne 1"),
            (weights / mean).tolist(),
            "scale",
            shown="F12.6",
        ),
        *(_write_item(town, item, answers, order) for item in asked.closed_items),
    ]


def _write_item(town: Town, item: Item, answers: Answers, order: list[int]) -> Variable:
    scale = item.scale
    assert scale is not None
    values: list[float | None] = [None] * len(order)
    if item.id in answers.items:
        column = answers.codes[order, answers.items.index(item.id)].tolist()
        values = [None if code == NOT_ASKED else float(code) for code in column]
    return Variable(
        item.id,
        _write_label(town, item),
        values,
        "ordinal" if scale.type == "ordinal" else "nominal",
        {option.code: say(f"{scale.id}:{option.code}", option.label) for option in scale.options}
        | {
            DONT_KNOW: _("Ne sait pas"),
            REFUSED: _("Ne veut pas répondre"),
            NOT_APPLICABLE: _("Non concerné"),
        },
        (DONT_KNOW, NOT_APPLICABLE),
    )


def _write_label(town: Town, item: Item) -> str:
    """The question as asked, after the stem of its battery."""
    battery = town.current_wave.questionnaire.batteries.get(item.battery or "")
    indicator = town.indicator_of.get(item.id)
    asked = say(item.id, item.text)
    if battery is None:
        return asked
    stem = say(f"battery:{battery.id}", battery.stem)
    return f"{stem} {asked}" if asked else f"{stem} {tell(indicator.label) if indicator else item.id}"


def _weigh(town: Town, answers: Answers) -> npt.NDArray[np.float64]:
    """(N,) raked weight of each interview: that of its cell, from the counts of these very interviews."""
    cell = town.current_wave.questionnaire.cell
    substantive = answers.codes[answers.codes < DONT_KNOW]
    highest = int(substantive.max(initial=1))
    counts = Counts.tally(cell, answers.items, highest, answers.codes)
    raked = compute_weights(town, counts).raked
    weight_of = {tuple(codes): weight for codes, weight in zip(counts.cells.tolist(), raked, strict=True)}
    cells = answers.codes[:, [answers.items.index(item) for item in cell]].tolist()
    return np.array([weight_of[tuple(codes)] for codes in cells], dtype=float)
