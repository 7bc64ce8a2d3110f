"""A town's folder of text files → `Town`; every defect is gathered and raised once."""

from __future__ import annotations

import csv
import hashlib
import io
import math
from pathlib import Path

from barometre.questionnaire.defects import DefinitionError, Entry, Files
from barometre.questionnaire.definition import Condition, Questionnaire, ResponseOption, ResponseScale
from barometre.questionnaire.load_published import load_published
from barometre.questionnaire.load_questionnaire import load_questionnaire
from barometre.questionnaire.town import (
    Assumption,
    CodeFrame,
    CodeFrameTheme,
    Contact,
    ContextNote,
    Council,
    CouncilSaying,
    Design,
    Indicator,
    MethodHeading,
    Population,
    Quartier,
    Quota,
    Theme,
    Town,
    Wave,
    parse_month,
)


def load_town(folder: Path) -> Town:
    """Read and check everything below `folder`.

    Raises `DefinitionError` with all defects, each with its file, place, reason and mend.
    """
    files = Files(folder)
    head = files.read_toml("town.toml")
    quartiers, councils, totals = _load_quartiers(files)
    addresses: set[str] = set()
    themes = tuple(
        Theme(entry.place, entry.whole("number"), entry.text("title"), entry.slug(addresses))
        for entry in head.unique("theme")
    )
    waves = _load_waves(files, quartiers)
    indicators = _load_indicators(files, themes, waves)
    known = Known({item for wave in waves.values() for item in wave.questionnaire.by_id}, quartiers, councils)
    town = Town(
        slug=head.text("slug"),
        name=head.text("name"),
        barometer_name=head.text("barometer_name"),
        organisation=head.text("organisation", ""),
        languages=head.texts("languages", None),
        quartiers=quartiers,
        councils=councils,
        themes=themes,
        indicators=indicators,
        waves=waves,
        context=_load_context(files, known),
        sayings=_load_sayings(files, known, waves),
        code_frames=_load_code_frames(files, themes, tuple(waves)),
        method=_load_method(files, tuple(waves)),
        assumptions=tuple(
            Assumption(
                entry.place,
                entry.text("text"),
                entry.text("default", ""),
                entry.text("why", ""),
                entry.flag("confirmed", False),
            )
            for entry in head.unique("assumption")
        ),
        total_populations=totals,
        contact=_load_contact(head.table("contact")),
    )
    if not any(wave.design for wave in waves.values()):
        files.report("", "", "no wave has a design.toml", "add <wave>/design.toml for the wave to collect")
    files.report_unknown_keys()
    if files.defects:
        raise DefinitionError(files.defects)
    return town


def _load_contact(entry: Entry) -> Contact:
    return Contact(
        entry.text("service", ""), entry.text("email", ""), entry.text("phone", ""), entry.text("address", "")
    )


class Known:
    """Names that other files may refer to."""

    def __init__(
        self, items: set[str], quartiers: tuple[Quartier, ...], councils: tuple[Council, ...]
    ) -> None:
        """Items of any wave, the quartiers and their councils."""
        self.items = items
        self.councils = {council.id for council in councils}
        self.quartiers = {quartier.id for quartier in quartiers}

    def check(
        self,
        entry: Entry,
        items: tuple[str, ...],
        quartiers: tuple[str, ...],
        councils: tuple[str, ...] = (),
    ) -> None:
        """Report names that nothing bears."""
        for council in councils:
            if council not in self.councils:
                entry.report(f"no council is called “{council}”", "use an id of quartiers.toml")
        for item in items:
            if item not in self.items:
                entry.report(f"no item is called “{item}”", "use an id of a questionnaire.toml")
        for quartier in quartiers:
            if quartier not in self.quartiers:
                entry.report(f"no quartier is called “{quartier}”", "use an id of quartiers.toml")


def _load_quartiers(
    files: Files,
) -> tuple[tuple[Quartier, ...], tuple[Council, ...], tuple[Population, ...]]:
    head = files.read_toml("quartiers.toml")
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


def _load_waves(files: Files, quartiers: tuple[Quartier, ...]) -> dict[str, Wave]:
    names = sorted(
        path.parent.name for path in files.folder.glob("*/questionnaire.toml") if path.parent.name.isalnum()
    )
    if not names:
        files.report("", "", "no wave", "add a folder such as 2027/ with a questionnaire.toml")
    quartier_scale = ResponseScale(
        "quartier",
        "nominal",
        tuple(ResponseOption(q.code, q.name, class_id=q.id) for q in quartiers),
    )
    waves: dict[str, Wave] = {}
    for name in names:
        file = f"{name}/questionnaire.toml"
        digest = hashlib.sha256(files.read_bytes(file) + files.read_bytes("quartiers.toml")).hexdigest()
        questionnaire = load_questionnaire(files.read_toml(file), name, quartier_scale, digest)
        design = published = None
        if files.exists(f"{name}/design.toml"):
            design = _load_design(files, name, questionnaire, quartiers, names)
        if files.exists(f"{name}/published.json"):
            published = load_published(files.read_json(f"{name}/published.json"), questionnaire, quartiers)
        if design is None and published is None:
            files.report(
                name, "", "neither design.toml nor published.json", "a wave is collected, or was published"
            )
        waves[name] = Wave(name, questionnaire, design, published)
    _check_trend_items(files, waves)
    return waves


def _check_trend_items(files: Files, waves: dict[str, Wave]) -> None:
    """An item that goes on keeps its wording, codes and options for ever."""
    origins: dict[str, Questionnaire] = {}
    for wave in waves.values():
        asked = wave.questionnaire
        for item in asked.items:
            origin = origins.setdefault(item.id, asked)
            if item.since != origin.wave:
                files.report(
                    f"{wave.id}/questionnaire.toml",
                    item.id,
                    f"since = “{item.since}”, but the first wave that asks it is {origin.wave}",
                    f"write since = “{origin.wave}”, or give a changed question a new id",
                )
            if _wording(origin, item.id) != _wording(asked, item.id):
                files.report(
                    f"{wave.id}/questionnaire.toml",
                    item.id,
                    f"wording, codes or options differ from {origin.wave}",
                    "restore them, or give the changed question a new id",
                )


def _wording(questionnaire: Questionnaire, item_id: str) -> tuple[str, str | None, ResponseScale | None]:
    """What a trend rests on: the question, the stem read before it, the options."""
    item = questionnaire.by_id[item_id]
    battery = questionnaire.batteries.get(item.battery or "")
    return item.text, battery.stem if battery else None, item.scale


def _load_design(
    files: Files,
    wave: str,
    questionnaire: Questionnaire,
    quartiers: tuple[Quartier, ...],
    waves: list[str],
) -> Design:
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


def _load_indicators(
    files: Files, themes: tuple[Theme, ...], waves: dict[str, Wave]
) -> tuple[Indicator, ...]:
    indicators = []
    closed = {
        item.id: item
        for wave in waves.values()
        for item in wave.questionnaire.items
        if item.scale is not None
    }
    for entry in files.read_toml("indicators.toml").unique("indicator", "item"):
        item = closed.get(entry.place)
        codes = frozenset(entry.wholes("codes", None))
        if item is None or item.scale is None:
            entry.report("no closed item bears this id", "use an id of a questionnaire.toml")
        elif not codes or not codes < item.scale.codes:
            entry.report(f"codes {sorted(codes)}", "name some, not all, codes of the item's scale")
        if entry.text("theme") not in {theme.id for theme in themes}:
            entry.report(f"no theme is called “{entry.text('theme')}”", "use an id of town.toml")
        indicators.append(
            Indicator(
                item=entry.place,
                codes=codes,
                theme=entry.text("theme"),
                label=entry.text("label"),
                phrase=entry.text("phrase"),
                key=entry.flag("key", False),
                headline=entry.flag("headline", False),
            )
        )
    return tuple(indicators)


def _load_context(files: Files, known: Known) -> tuple[ContextNote, ...]:
    if not files.exists("context.toml"):
        return ()
    notes = []
    for entry in files.read_toml("context.toml").unique("note"):
        note = ContextNote(
            entry.place,
            entry.texts("quartiers"),
            entry.texts("items"),
            entry.text("date"),
            entry.text("text"),
            entry.positive("source_line"),
        )
        try:
            parse_month(note.date)
        except ValueError:
            entry.report(f"date is “{note.date}”", "write 2023, 2023-07 or 2023-07-14")
        known.check(entry, note.items, note.quartiers)
        notes.append(note)
    return tuple(notes)


def _load_sayings(files: Files, known: Known, waves: dict[str, Wave]) -> tuple[CouncilSaying, ...]:
    sayings = []
    for name in (f"councils-{wave}.toml" for wave in waves):
        if not files.exists(name):
            continue
        for entry in files.read_toml(name).unique("saying"):
            saying = CouncilSaying(
                entry.place,
                entry.choice("kind", ("strength", "challenge", "proposal")),
                entry.text("theme", ""),
                entry.texts("quartiers"),
                entry.text("text"),
                entry.positive("source_line"),
            )
            known.check(entry, (), saying.quartiers, entry.texts("councils"))
            sayings.append(saying)
    return tuple(sayings)


def _load_code_frames(
    files: Files, themes: tuple[Theme, ...], waves: tuple[str, ...]
) -> tuple[CodeFrame, ...]:
    if not files.exists("codeframes.toml"):
        return ()
    frames = []
    for entry in files.read_toml("codeframes.toml").unique("frame"):
        if entry.text("chapter") not in {theme.id for theme in themes}:
            entry.report(f"no theme is called “{entry.text('chapter')}”", "use an id of town.toml")
        if entry.text("since") not in waves:
            entry.report(f"since = “{entry.text('since')}” is no wave", f"use one of {', '.join(waves)}")
        found = tuple(
            CodeFrameTheme(theme.whole("code"), theme.text("label"), theme.line())
            for theme in entry.tables("theme", "label")
        )
        frames.append(CodeFrame(entry.place, entry.text("title"), entry.text("chapter"), found))
    return tuple(frames)


def _load_method(files: Files, waves: tuple[str, ...]) -> tuple[MethodHeading, ...]:
    if not files.exists("method.toml"):
        return ()
    return tuple(
        MethodHeading(
            entry.place,
            entry.whole("number"),
            entry.text("title"),
            {wave: entry.text(f"text_{wave}") for wave in waves},
        )
        for entry in files.read_toml("method.toml").unique("heading")
    )
