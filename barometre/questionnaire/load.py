"""A town's folder of text files → `Town`; every defect is gathered and raised once."""

from __future__ import annotations

from pathlib import Path

from barometre.questionnaire.defects import DefinitionError, Entry, Files
from barometre.questionnaire.definition import Questionnaire, ResponseScale
from barometre.questionnaire.load_design import load_design
from barometre.questionnaire.load_help import load_help
from barometre.questionnaire.load_orientations import load_orientations
from barometre.questionnaire.load_published import load_published
from barometre.questionnaire.load_quartiers import load_quartiers, make_quartier_scale
from barometre.questionnaire.load_questionnaire import load_questionnaire, read_sources
from barometre.questionnaire.town import (
    Assumption,
    CodeFrame,
    CodeFrameTheme,
    Contact,
    ContextNote,
    Council,
    CouncilSaying,
    Indicator,
    Licence,
    MethodHeading,
    Quartier,
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
    quartiers, councils, totals = load_quartiers(files)
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
        licence=_load_licence(head.table("licence")),
        help=load_help(files, quartiers),
        orientations=load_orientations(files, indicators),
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


def _load_licence(entry: Entry) -> Licence:
    return Licence(entry.text("name", ""), entry.text("address", ""))


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


def _load_waves(files: Files, quartiers: tuple[Quartier, ...]) -> dict[str, Wave]:
    names = sorted(
        path.parent.name for path in files.folder.glob("*/questionnaire.toml") if path.parent.name.isalnum()
    )
    if not names:
        files.report("", "", "no wave", "add a folder such as 2027/ with a questionnaire.toml")
    quartier_scale = make_quartier_scale(quartiers)
    waves: dict[str, Wave] = {}
    for name in names:
        file = f"{name}/questionnaire.toml"
        questionnaire = load_questionnaire(
            files.read_toml(file), name, quartier_scale, read_sources(files, file)
        )
        design = published = None
        if files.exists(f"{name}/design.toml"):
            design = load_design(files, name, questionnaire, quartiers, names)
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
