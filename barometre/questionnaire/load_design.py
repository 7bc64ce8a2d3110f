"""A wave's design.toml and margins.csv → `Design`, their defects reported."""

from __future__ import annotations

import csv
import io
import math

from barometre.questionnaire.defects import Entry, Files
from barometre.questionnaire.definition import Condition, Questionnaire
from barometre.questionnaire.town import Design, Quartier, Quota


def load_design(
    files: Files,
    wave: str,
    questionnaire: Questionnaire,
    quartiers: tuple[Quartier, ...],
    waves: list[str],
) -> Design:
    """Read the design of `wave`; `waves` are those that have a folder."""
    entry = files.read_toml(f"{wave}/design.toml")
    first = entry.text("first_wave", "") or None
    if first is not None and first not in waves:
        entry.report(f"first_wave is “{first}”", "name a wave that has a folder")
    if entry.text("wave") != wave:
        entry.report(f"wave is “{entry.text('wave')}”", f"write “{wave}”, the name of its folder")
    target = entry.table("target")
    family = entry.texts("key_family")
    for item in family:
        if item not in questionnaire.by_id:
            entry.report(f"key_family names “{item}”", "use an id of the questionnaire")
    return Design(
        use=entry.choice("use", ("demonstration", "field")),
        sampling=entry.choice("sampling", ("quota", "probability")),
        description=entry.text("description"),
        first_wave=first,
        key_family=family,
        target={q.id: target.whole(q.id, 0) for q in quartiers},
        quotas=tuple(
            Quota(found.text("quartier"), found.text("age_class"), found.whole("target"))
            for found in entry.tables("quota", "quartier")
        ),
        margin_choice=entry.text("margin_choice", ""),
        margins=_load_margins(files, f"{wave}/margins.csv", quartiers, questionnaire),
        fieldwork=entry.text("fieldwork", ""),
        contour=_load_contour(entry, questionnaire),
        minimum_interviews_for_weighting=entry.whole("minimum_interviews_for_weighting", 20),
        threshold_mask=entry.whole("threshold_mask", 11),
        threshold_percentage=entry.whole("threshold_percentage", 30),
        threshold_caution=entry.whole("threshold_caution", 50),
    )


def _load_contour(entry: Entry, questionnaire: Questionnaire) -> Condition | None:
    if "contour" not in entry.data:
        return None
    table = entry.table("contour")
    contour = Condition(table.text("item"), frozenset(table.wholes("codes", None)))
    if contour.item not in questionnaire.cell:
        table.report(f"“{contour.item}” is not an item of the weighting cell", "name one of `cell`")
    return contour


def _load_margins(
    files: Files, file: str, quartiers: tuple[Quartier, ...], questionnaire: Questionnaire
) -> dict[str, dict[str, dict[str, float]]]:
    margins: dict[str, dict[str, dict[str, float]]] = {quartier.id: {} for quartier in quartiers}
    classes: dict[str, set[str]] = {"total": {"all"}}
    for name in questionnaire.cell:
        item = questionnaire.by_id.get(name)
        if item is not None and item.scale is not None:
            classes[name] = {option.class_id for option in item.scale.options if option.class_id}
    reader = csv.DictReader(io.StringIO(files.read_bytes(file).decode("utf-8", "replace")))
    if reader.fieldnames != ["quartier", "variable", "category", "population"]:
        files.report(file, "", "wrong columns", "write quartier,variable,category,population")
        return margins
    for number, row in enumerate(reader, start=2):
        place = f"line {number}"
        if row["quartier"] not in margins:
            files.report(file, place, f"no quartier is called “{row['quartier']}”", "use an id")
            continue
        try:
            population = float(row["population"])
        except (TypeError, ValueError):
            files.report(file, place, f"population is “{row['population']}”", "write a number of persons")
            continue
        if row["category"] not in classes.get(row["variable"], ()):
            files.report(
                file,
                place,
                f"no class {row['variable']} “{row['category']}”",
                "use total,all or an item of `cell` with a `class` of its options",
            )
            continue
        if not 0 <= population < math.inf:
            files.report(file, place, f"population is {population:g}", "write a number of persons, 0 or more")
            continue
        margins[row["quartier"]].setdefault(row["variable"], {})[row["category"]] = population
    for quartier, variables in margins.items():
        total = variables.get("total", {}).get("all")
        if not total:
            files.report(file, quartier, "no total", f"add {quartier},total,all,<persons>")
            continue
        for variable, persons in variables.items():
            if abs(sum(persons.values()) - total) > 0.5:
                files.report(
                    file,
                    f"{quartier} {variable}",
                    f"adds up to {sum(persons.values()):g}, not {total:g}",
                    "make the classes add up to the total",
                )
    return margins
