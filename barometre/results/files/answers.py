"""What the interface for programs answers, as values ready for JSON."""

from __future__ import annotations

from typing import Any

from barometre.estimates.disclosure import ALL, ROUNDED_TO, round_people
from barometre.i18n import say, speak, tell
from barometre.questionnaire.town import Town
from barometre.results.files.columns import read_row
from barometre.results.files.row import flatten
from barometre.results.files.rows import LANGUAGE, list_rows
from barometre.results.sources import Published

Answer = dict[str, Any]


def answer_results(
    town: Town, published: Published, *, simulated: bool, item: str | None = None
) -> Answer | None:
    """All rows, or those of one item of any wave; None for an item without rows."""
    rows = list_rows(town, published, simulated=simulated, item=item)
    if item is not None and not rows:
        return None
    return _head(town, published, simulated) | {"resultats": [read_row(row) for row in rows]}


def answer_items(town: Town, published: Published, *, simulated: bool) -> Answer:
    """The questions whose results are published, with their answers."""
    asked = town.current_wave.questionnaire
    with speak(LANGUAGE):
        items = []
        for indicator in town.indicators:
            item = asked.by_id[indicator.item]
            if item.scale is None or (item.id, ALL) not in published.findings.by_domain:
                continue
            battery = asked.batteries.get(item.battery or "")
            items.append(
                {
                    "question_id": item.id,
                    "titre": flatten(tell(indicator.label)),
                    "theme": indicator.theme,
                    "preambule": flatten(say(f"battery:{battery.id}", battery.stem)) if battery else None,
                    "question": flatten(say(item.id, item.text)),
                    "posee_depuis": item.since,
                    "formulation_imprimee": item.wording == "printed",
                    "codes_part_principale": sorted(indicator.codes),
                    "reponses": [
                        {
                            "code": option.code,
                            "libelle": flatten(say(f"{item.scale.id}:{option.code}", option.label)),
                        }
                        for option in item.scale.options
                    ],
                }
            )
    return _head(town, published, simulated) | {"questions": items}


def answer_wave(town: Town, published: Published, *, simulated: bool) -> Answer:
    """The wave, its quartiers, and interviews to the nearest ten, as the pages tell them."""
    design, first = town.current_wave.design, town.first_wave
    assert design is not None
    with speak(LANGUAGE):
        return _head(town, published, simulated) | {
            "ville": town.name,
            "enquete": flatten(tell(town.barometer_name)),
            "producteur": flatten(tell(town.organisation)),
            "terrain": flatten(tell(design.fieldwork)),
            "comparee_a": first.id if first else None,
            "domaines": [
                {
                    "id": domain,
                    "nom": name,
                    "entretiens_environ": _round_interviews(published.findings.interviews[domain]),
                }
                for domain, name in (
                    (ALL, "Ensemble"),
                    *((quartier.id, quartier.name) for quartier in town.quartiers),
                )
            ],
        }


def _head(town: Town, published: Published, simulated: bool) -> Answer:
    """What every answer says first."""
    return {
        "vague": town.current_wave.id,
        "date_publication": published.day.isoformat() if published.published_at else None,
        "simule": simulated,
        "edition": published.number,
        "erratum": published.erratum or None,
        "date_erratum": published.erratum_day.isoformat() if published.erratum_day else None,
        "licence": town.licence.name or None,
    }


def _round_interviews(number: int) -> int | None:
    """None below ten: the pages say no more than that."""
    return None if number < ROUNDED_TO else round_people(number)
