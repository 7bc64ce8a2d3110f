"""Folders of simulated interviews that a survey with holes gives; seeded, no real person."""

import csv
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

Row = dict[str, str]
#: item → lowest and highest code, favourable codes
SCALES = {"q01": (1, 4, (3, 4)), "q02": (1, 4, (3, 4)), "q03": (1, 5, (4, 5)), "q04": (0, 10, (7, 8, 9, 10))}
FIRST, SECOND = "2023", "2027"
Cell = tuple[str, str, str]


@dataclass
class Plan:
    """What is drawn, before it is spoiled."""

    seed: int
    quartiers: dict[str, tuple[int, int]] = field(
        default_factory=lambda: {"CB": (46, 70), "TCG": (35, 44), "PCSA": (39, 52)}
    )
    ages: tuple[str, ...] = ("lt25", "25_59", "60plus")
    unknown: float = 0.0
    silent: float = 0.08
    #: (wave, quartier, age, sex) whose population differs
    persons: dict[tuple[str, str, str, str], int] = field(default_factory=dict)
    #: what happens to the interviews
    spoil: Callable[[list[Row]], Iterable[Row]] = list


def write(plan: Plan, folder: Path) -> Path:
    """One folder in the layout of the reference set."""
    draw = np.random.default_rng(plan.seed)
    people = {
        (wave, *cell): plan.persons.get((wave, *cell), int(draw.integers(90, 500)))
        for wave in (FIRST, SECOND)
        for cell in product(plan.quartiers, plan.ages, "FM")
    }
    rows = list(plan.spoil(list(interviews(plan, people, draw))))
    folder.mkdir()
    keys = ("wave", "quartier", "age_class", "sex")
    table(folder / "population_cells.csv", [*keys, "population"], [[*cell, n] for cell, n in people.items()])
    margins = []
    for wave, quartier in product((FIRST, SECOND), plan.quartiers):
        here = {cell[2:]: n for cell, n in people.items() if cell[:2] == (wave, quartier)}
        margins.append([wave, quartier, "total", "all", sum(here.values())])
        for variable, place, names in (("age_class", 0, plan.ages), ("sex", 1, "FM")):
            for name in names:
                total = sum(n for cell, n in here.items() if cell[place] == name)
                margins.append([wave, quartier, variable, name, total])
    table(folder / "margins.csv", ["wave", "quartier", "variable", "category", "population"], margins)
    items = [[item, low, high, " ".join(map(str, good))] for item, (low, high, good) in SCALES.items()]
    table(folder / "items.csv", ["item", "scale_min", "scale_max", "favourable"], items)
    table(
        folder / "interviews.csv",
        ["interview_id", *keys, *SCALES],
        [[f"i{at}", *row.values()] for at, row in enumerate(rows)],
    )
    counted: dict[tuple[str, ...], int] = {}
    for row in rows:
        for item in SCALES:
            key = (*(row[name] for name in keys), item, row[item])
            counted[key] = counted.get(key, 0) + 1
    table(folder / "counts.csv", [*keys, "item", "code", "n"], [[*key, n] for key, n in counted.items()])
    printed = [
        [FIRST, place, item, int(draw.integers(0, 101)), n, max(1, n - int(draw.integers(0, 6)))]
        for place, n in (
            *((name, first) for name, (first, _) in plan.quartiers.items() if first),
            ("ALL", 60),
        )
        for item in ("q01", "q03")
    ]
    table(
        folder / "published.csv", ["wave", "quartier", "item", "percent", "interviews", "base_min"], printed
    )
    design: dict[str, Any] = {
        "waves": [FIRST, SECOND],
        "quartiers": list(plan.quartiers),
        "age_classes_youngest_first": list(plan.ages),
        "composite_items": ["q01", "q02"],
        "composite_minimum_answered": 1,
        "mean_items": ["q04"],
        "minimum_interviews_for_weighting": 20,
        "disclosure_threshold": 11,
        "confidence": 0.95,
    }
    (folder / "design.json").write_text(json.dumps(design), encoding="utf-8")
    return folder


def interviews(plan: Plan, people: dict[Any, int], draw: np.random.Generator) -> Iterable[Row]:
    """Interviews of both waves, quartier by quartier."""
    for place, wave in enumerate((FIRST, SECOND)):
        for quartier, sizes in plan.quartiers.items():
            cells = list(product(plan.ages, "FM"))
            weight = np.array([people[wave, quartier, *cell] for cell in cells]) * draw.uniform(
                0.5, 1.8, len(cells)
            )
            level = draw.uniform(0.25, 0.85)
            for cell in draw.choice(len(cells), sizes[place], p=weight / weight.sum()):
                age, sex = (name if draw.random() >= plan.unknown else "" for name in cells[cell])
                row = {"wave": wave, "quartier": quartier, "age_class": age, "sex": sex}
                for item, (low, high, _) in SCALES.items():
                    code = str(low + draw.binomial(high - low, level))
                    silent = draw.choice(["97", "98", "99", ""]) if draw.random() < plan.silent else ""
                    row[item] = str(silent) if draw.random() < plan.silent else code
                yield row


def table(path: Path, columns: list[str], rows: Iterable[Iterable[Any]]) -> None:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def change(where: dict[str, str], **values: str) -> Callable[[list[Row]], Iterable[Row]]:
    """Write `values` over the interviews that agree with `where`."""

    def spoil(rows: list[Row]) -> Iterable[Row]:
        for row in rows:
            hit = all(row[key] in value.split("|") for key, value in where.items())
            yield row | values if hit else row

    return spoil


def forget(**where: str) -> Callable[[list[Row]], Iterable[Row]]:
    """Leave out the interviews that agree with `where`; "a|b" is either."""

    def spoil(rows: list[Row]) -> Iterable[Row]:
        return (row for row in rows if not all(row[key] in value.split("|") for key, value in where.items()))

    return spoil


def each(*spoils: Callable[[list[Row]], Iterable[Row]]) -> Callable[[list[Row]], Iterable[Row]]:
    """One after the other."""

    def spoil(rows: list[Row]) -> Iterable[Row]:
        for one in spoils:
            rows = list(one(rows))
        return rows

    return spoil


def homogeneous(rows: list[Row]) -> Iterable[Row]:
    """Everybody of a cell of the second wave's TCG answers alike: calibration explains everything."""
    for row in rows:
        if row["wave"] == SECOND and row["quartier"] == "TCG":
            code = "4" if row["sex"] == "F" else "1"
            row = row | {"q01": code, "q02": "4" if row["age_class"] == "lt25" else "2"}
        yield row


def few(wave: str, quartier: str, n: int) -> Callable[[list[Row]], Iterable[Row]]:
    """Keep the first `n` interviews of a quartier."""

    def spoil(rows: list[Row]) -> Iterable[Row]:
        kept = 0
        for row in rows:
            if (row["wave"], row["quartier"]) == (wave, quartier):
                kept += 1
                if kept > n:
                    continue
            yield row

    return spoil


FIVE = ("15_24", "25_39", "40_59", "60_74", "75plus")
TWO = ("young", "old")
#: name → what is drawn
HARD: dict[str, Plan] = {
    "four interviews in a quartier": Plan(1, spoil=each(homogeneous, few(SECOND, "TCG", 4))),
    "cells that answer alike": Plan(2, spoil=homogeneous),
    "youngest without interviews": Plan(3, spoil=forget(quartier="CB", age_class="lt25")),
    "middle without interviews": Plan(4, spoil=forget(quartier="TCG|CB", age_class="25_59")),
    "oldest without interviews": Plan(5, spoil=forget(quartier="PCSA", age_class="60plus")),
    "only the youngest": Plan(
        6, {"CB": (60, 90), "TCG": (35, 44)}, spoil=forget(quartier="CB", age_class="25_59|60plus")
    ),
    "only the oldest": Plan(
        7, {"CB": (60, 90), "TCG": (35, 44)}, spoil=forget(quartier="CB", age_class="25_59|lt25")
    ),
    "women only": Plan(8, {"CB": (60, 90), "TCG": (35, 44)}, spoil=forget(quartier="CB", sex="M")),
    "women only the second time": Plan(36, {"A": (40, 50)}, spoil=forget(wave=SECOND, sex="M")),
    "women and unknown sex": Plan(9, spoil=change({"quartier": "CB", "sex": "M"}, sex="")),
    "nobody's age": Plan(10, spoil=change({"quartier": "TCG"}, age_class="")),
    "nobody's sex": Plan(11, spoil=change({"quartier": "TCG"}, sex="")),
    "nobody's age nor sex": Plan(12, spoil=change({"quartier": "TCG"}, age_class="", sex="")),
    "nobody's age the first time": Plan(35, unknown=0.05, spoil=change({"wave": FIRST}, age_class="")),
    "unknown here and there": Plan(13, unknown=0.1),
    "unknown in the second wave": Plan(
        14,
        unknown=0.2,
        spoil=lambda rows: (
            row for row in rows if row["wave"] == SECOND or (row["age_class"] and row["sex"])
        ),
    ),
    "unknown in the first wave": Plan(
        15,
        unknown=0.2,
        spoil=lambda rows: (row for row in rows if row["wave"] == FIRST or (row["age_class"] and row["sex"])),
    ),
    "unknown and an empty class": Plan(16, unknown=0.15, spoil=forget(quartier="CB", age_class="60plus")),
    "empty cells": Plan(
        17,
        spoil=each(
            forget(quartier="CB", age_class="lt25", sex="F"),
            forget(quartier="PCSA", age_class="60plus", sex="M"),
        ),
    ),
    "an age of one sex and unknowns": Plan(
        18, unknown=0.1, spoil=forget(quartier="CB", age_class="25_59", sex="F")
    ),
    "nobody for, everybody for": Plan(
        19,
        spoil=each(
            change({"q01": "3|4", "quartier": "TCG"}, q01="2"),
            change({"q03": "1|2|3", "quartier": "PCSA"}, q03="5"),
            change({"q02": "1|2|3|4"}, q02="1"),
        ),
    ),
    "an item that a quartier left unanswered": Plan(
        20,
        spoil=each(
            change({"quartier": "CB"}, q01="97", q03=""), change({"quartier": "TCG"}, q01="98", q04="99")
        ),
    ),
    "an item without answer": Plan(21, spoil=change({}, q02="99", q04="97")),
    "an item not asked the first time": Plan(22, spoil=change({"wave": FIRST}, q01="", q04="")),
    "one answer": Plan(23, spoil=each(change({"quartier": "CB"}, q01="98"), few(SECOND, "TCG", 25))),
    "nearly empty cells of many people": Plan(
        24,
        persons={
            (SECOND, "CB", "lt25", "F"): 4000,
            (SECOND, "TCG", "60plus", "M"): 3000,
            (FIRST, "CB", "60plus", "M"): 5000,
        },
    ),
    "bounds out of reach": Plan(
        25, persons={(SECOND, "CB", "lt25", "F"): 9000, (SECOND, "CB", "lt25", "M"): 9000}
    ),
    "a quartier left out the second time": Plan(26, spoil=forget(wave=SECOND, quartier="PCSA")),
    "a quartier left out the first time": Plan(27, spoil=forget(wave=FIRST, quartier="PCSA")),
    "one interview": Plan(28, spoil=few(SECOND, "TCG", 1)),
    "one interview each time": Plan(29, spoil=each(few(SECOND, "TCG", 1), few(FIRST, "TCG", 1))),
    "everybody interviewed": Plan(
        30,
        {"CB": (46, 70), "TCG": (24, 24)},
        persons={
            (wave, "TCG", age, sex): 4
            for wave in (FIRST, SECOND)
            for age in ("lt25", "25_59", "60plus")
            for sex in "FM"
        },
    ),
    "other sizes and classes": Plan(
        31, {"A": (60, 210), "B": (25, 30), "C": (19, 20), "D": (90, 12)}, FIVE, 0.05
    ),
    "two classes, two quartiers": Plan(32, {"A": (20, 21), "B": (40, 22)}, TWO, 0.1),
    "one quartier": Plan(33, {"A": (60, 60)}, unknown=0.05),
    "few and unknown": Plan(34, {"A": (21, 22), "B": (20, 20), "C": (3, 5)}, FIVE, 0.3, 0.5),
}


def at_random(seed: int) -> Plan:
    """Another folder: any sizes, classes, unknowns and silences."""
    draw = np.random.default_rng(1000 + seed)
    names = "ABCD"[: int(draw.integers(1, 5))]
    sizes = {name: (int(draw.integers(2, 60)), int(draw.integers(2, 60))) for name in names}
    ages = [TWO, ("lt25", "25_59", "60plus"), FIVE][int(draw.integers(3))]
    return Plan(seed, sizes, ages, float(draw.choice([0, 0.05, 0.3])), float(draw.choice([0.1, 0.4, 0.7])))
