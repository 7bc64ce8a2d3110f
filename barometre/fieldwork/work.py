"""`GET /intake/work`: what « Ma tournée » shows of the whole survey, without any answer.

Targets are hopes: what is missing is said, and nothing is ever closed.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from barometre.access import allow, current_device
from barometre.context import database, town
from barometre.estimates.counts import Counts
from barometre.i18n import gettext as _
from barometre.i18n import say, tell
from barometre.questionnaire.definition import Questionnaire, ResponseScale
from barometre.questionnaire.town import Town
from barometre.storage.counts import fetch_counts
from barometre.storage.models import utc_now
from barometre.storage.people import SEEN_WITHIN, Tablet, note_device_seen

blueprint = Blueprint("work", __name__)

#: seconds that the numbers of interviews are remembered
DONE_KNOWN_FOR = 10
#: as many classes make an order: ages do, women and men do not
ORDERED = 3


@dataclass(frozen=True)
class Done:
    """Counted interviews of the current wave, every version of its questionnaire together."""

    as_of: datetime
    #: (code of the quartier, class or None when it is unknown) → interviews
    interviews: Counter[tuple[int, str | None]]

    def count(self, quartier: int | None = None, class_id: str | None = None) -> int:
        """Interviews of one quartier, of one class, of both, or all."""
        return sum(
            number
            for (code, found), number in self.interviews.items()
            if quartier in (None, code) and class_id in (None, found)
        )


@blueprint.get("/intake/work")
@allow("device")
def show() -> ResponseReturnValue:
    """How far the survey is; a revoked tablet learns nothing any more."""
    device = current_device()
    assert device is not None  # @allow("device") let it in
    if device.revoked:
        message = _(
            "Cette tablette est révoquée : elle ne reçoit plus rien. Ce qu’elle garde peut encore être "
            "envoyé. Parlez-en à votre responsable."
        )
        return jsonify(code="revoked_device", message=message), 403
    _note_seen(device)
    return jsonify(describe_work(town(), fetch_done()))


def describe_work(town: Town, done: Done) -> dict[str, Any]:
    """Targets and interviews by quartier and class, and what is missing for a voice to be published."""
    wave = town.current_wave
    design = wave.design
    assert design is not None
    classes = list_classes(wave.questionnaire)
    targets = {(quota.quartier, quota.age_class): quota.target for quota in design.quotas}

    def missing(number: int) -> int:
        return max(0, design.threshold_mask - number)

    return {
        "wave": wave.id,
        "as_of": done.as_of.isoformat(timespec="seconds"),
        "quartiers": [
            {
                "code": quartier.code,
                "id": quartier.id,
                "name": quartier.name,
                "target": design.target.get(quartier.id, 0),
                "done": done.count(quartier.code),
                "missing": missing(done.count(quartier.code)),
                "classes": [
                    {
                        "id": class_id,
                        "label": label,
                        "target": targets.get((quartier.id, class_id), 0),
                        "done": done.count(quartier.code, class_id),
                    }
                    for class_id, label in classes.items()
                ],
            }
            for quartier in town.quartiers
        ],
        "needed": [
            {"class": class_id, "label": label, "missing": missing(done.count(class_id=class_id))}
            for class_id, label in classes.items()
            if missing(done.count(class_id=class_id))
        ],
    }


def fetch_done() -> Done:
    """The interviews counted until now, or a few seconds ago."""
    until, done = current_app.extensions.get("done", (0.0, None))
    if done is None or time.monotonic() >= until:
        wave = town().current_wave
        with database().read() as session:
            as_of, counts = utc_now(), fetch_counts(session, wave.id)
        done = Done(as_of, _count_classes(wave.questionnaire, counts))
        current_app.extensions["done"] = time.monotonic() + DONE_KNOWN_FOR, done
    return done


def list_classes(asked: Questionnaire) -> dict[str, str]:
    """The classes of age, in order, with their names."""
    found = _find_ages(asked)
    if found is None:
        return {}
    scale = found[1]
    return {
        class_id: _name_class(scale, class_id)
        for class_id in dict.fromkeys(option.class_id for option in scale.options)
        if class_id
    }


def _find_ages(asked: Questionnaire) -> tuple[str, ResponseScale] | None:
    """The item of the weighting cell whose classes have an order, and its scale."""
    for name in asked.cell[1:]:
        scale = asked.by_id[name].scale
        if scale and len({option.class_id for option in scale.options} - {None}) >= ORDERED:
            return name, scale
    return None


def _name_class(scale: ResponseScale, class_id: str) -> str:
    if class_id in scale.classes:
        return tell(scale.classes[class_id])
    labels = [
        say(f"{scale.id}:{option.code}", option.label)
        for option in scale.options
        if option.class_id == class_id
    ]
    return ", ".join(labels)


def _count_classes(asked: Questionnaire, counts: Counts | None) -> Counter[tuple[int, str | None]]:
    found: Counter[tuple[int, str | None]] = Counter()
    if counts is None:
        return found
    ages = _find_ages(asked)
    quartiers = counts.axis(counts.cell_items[0]).tolist()
    codes = counts.axis(ages[0]).tolist() if ages else [0] * len(quartiers)
    for quartier, code, number in zip(quartiers, codes, counts.interviews.tolist(), strict=True):
        option = ages[1].by_code.get(code) if ages else None
        found[quartier, option.class_id if option else None] += number
    return found


def _note_seen(device: Tablet) -> None:
    if device.last_seen_at is None or utc_now() - device.last_seen_at > SEEN_WITHIN:
        with database().write() as writing:
            note_device_seen(writing, device.id)
