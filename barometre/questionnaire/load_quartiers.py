"""quartiers.toml → quartiers and councils, and the scale of the answers to « Quartier »."""

from __future__ import annotations

from barometre.questionnaire.defects import Entry, Files
from barometre.questionnaire.definition import ResponseOption, ResponseScale
from barometre.questionnaire.town import Council, Population, Quartier

QUARTIERS = "quartiers.toml"


def make_quartier_scale(quartiers: tuple[Quartier, ...]) -> ResponseScale:
    """The quartiers as response options: the same in every questionnaire of a town."""
    options = tuple(
        ResponseOption(quartier.code, quartier.name, class_id=quartier.id) for quartier in quartiers
    )
    return ResponseScale("quartier", "nominal", options)


def load_quartiers(
    files: Files,
) -> tuple[tuple[Quartier, ...], tuple[Council, ...], tuple[Population, ...]]:
    """The quartiers, their councils, and how many people live in all of them together."""
    head = files.read_toml(QUARTIERS)
    councils = tuple(
        Council(entry.place, entry.text("name"), entry.texts("quartiers"), entry.line())
        for entry in head.unique("council")
    )
    quartiers = []
    addresses: set[str] = set()
    for place, entry in enumerate(head.unique("quartier"), start=1):
        if entry.whole("code") != place:
            entry.report(f"its code is {entry.whole('code')}", f"codes follow the order: write {place}")
        council = entry.text("council")
        if council not in {known.id for known in councils}:
            entry.report(f"no council is called “{council}”", "add a [[council]]")
        quartiers.append(
            Quartier(
                code=place,
                id=entry.place,
                name=entry.text("name"),
                short_name=entry.text("short_name", entry.text("name")),
                slug=entry.slug(addresses),
                council=council,
                enlarged=entry.flag("enlarged", False),
                qpv_code_2015=entry.text("qpv_code_2015", ""),
                qpv_code_2024=entry.text("qpv_code_2024", ""),
                qpv_code_note=entry.text("qpv_code_note", ""),
                perimeter_change=entry.text("perimeter_change", ""),
                source_line=entry.line(),
                populations=tuple(_population(found) for found in entry.tables("population", "source")),
            )
        )
    if not quartiers:
        head.report("no quartier", "add at least one [[quartier]]")
    totals = tuple(_population(found) for found in head.tables("total_population", "source"))
    return tuple(quartiers), councils, totals


def _population(entry: Entry) -> Population:
    return Population(
        entry.positive("value"),
        entry.text("vintage", ""),
        entry.text("source", ""),
        entry.line(),
        entry.text("note", ""),
    )
