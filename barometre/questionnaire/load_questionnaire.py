"""One questionnaire.toml → `Questionnaire`, its defects reported."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from barometre.questionnaire.defects import Entry, Files
from barometre.questionnaire.definition import (
    MISSING_CODES,
    Battery,
    Condition,
    Item,
    NotEligible,
    Place,
    Questionnaire,
    ResponseOption,
    ResponseScale,
    Section,
)
from barometre.questionnaire.dispositions import BY_SLUG
from barometre.questionnaire.load_quartiers import QUARTIERS

#: as it is called in the folder of its wave
QUESTIONNAIRE = "questionnaire.toml"

#: items a resident may be left alone with: the tablet comes back after a moment
MOST_SELF_COMPLETED = 5


def read_sources(files: Files, file: str) -> dict[str, str]:
    """The two files that a questionnaire is made of, as they are: its version is their hash."""
    contents = {QUESTIONNAIRE: files.read_bytes(file), QUARTIERS: files.read_bytes(QUARTIERS)}
    # A file that is not in UTF-8 is a defect, reported where it is read.
    return {name: content.decode("utf-8", "replace") for name, content in contents.items()}


def hash_sources(sources: Mapping[str, str]) -> str:
    """The version of the questionnaire that these files define, as 64 hexadecimal digits."""
    return sha256((sources[QUESTIONNAIRE] + sources[QUARTIERS]).encode()).hexdigest()


def load_questionnaire(
    head: Entry, wave: str, quartier_scale: ResponseScale, sources: Mapping[str, str]
) -> Questionnaire:
    """Read the questionnaire of `wave`; `sources` are the files that it is read from."""
    if head.text("wave") != wave:
        head.report(f"wave is “{head.text('wave')}”", f"write “{wave}”, the name of its folder")
    scales = {quartier_scale.id: quartier_scale}
    for entry in head.unique("scale"):
        scales[entry.place] = _load_scale(entry)
    batteries = {
        entry.place: Battery(
            entry.place,
            entry.text("stem"),
            entry.choice("wording", ("printed", "reconstructed"), "reconstructed"),
            entry.flag("confirmed", True),
            entry.text("reason", ""),
        )
        for entry in head.unique("battery")
    }
    sections: list[Section] = []
    earlier: dict[str, Item] = {}
    handed_over: list[Entry] = []
    for section in head.unique("section"):
        items = []
        for entry in section.tables("item"):
            if entry.place in earlier:
                entry.report("this id is there twice", "rename one of the items")
                continue
            item = _load_item(entry, scales, batteries, earlier)
            earlier[item.id] = item
            items.append(item)
            if item.self_completed:
                handed_over.append(entry)
        sections.append(Section(section.place, section.text("title"), tuple(items)))
    if not earlier:
        head.report("no item", "add [[section]] and [[section.item]]")
    cell, key_items = head.texts("cell", None), head.texts("key_items", None)
    for name, listed in (("cell", cell), ("key_items", key_items)):
        for item_id in listed:
            if item_id not in earlier or not earlier[item_id].closed:
                head.report(f"{name} names “{item_id}”", "use ids of closed items")
    if "quartier" not in cell[:1]:
        head.report("the weighting cell does not begin with the quartier", 'write cell = ["quartier", …]')
    _check_self_completed(head, handed_over, earlier, wave, key_items)
    not_eligible = tuple(_load_not_eligible(entry, earlier) for entry in head.unique("not_eligible", "item"))
    place = _load_place(head.table("place"), earlier) if "place" in head.data else None
    return Questionnaire(
        wave,
        tuple(sections),
        scales,
        batteries,
        cell,
        key_items,
        not_eligible,
        place,
        version=hash_sources(sources),
        sources=sources,
    )


def _load_place(entry: Entry, items: dict[str, Item]) -> Place | None:
    item, home = items.get(entry.text("item")), frozenset(entry.wholes("home", None))
    if item is None or item.scale is None or not item.recorded or not home <= item.scale.codes:
        entry.report(
            f"no recorded closed item “{entry.text('item')}” with codes {sorted(home)}",
            "name an item with recorded = true, and codes of its scale",
        )
        return None
    return Place(item.id, home)


def _check_self_completed(
    head: Entry, entries: list[Entry], items: dict[str, Item], wave: str, key_items: tuple[str, ...]
) -> None:
    """Only new closed questions may be answered alone, in one short run: a trend keeps its interviewer."""
    if len(entries) > MOST_SELF_COMPLETED:
        head.report(
            f"{len(entries)} items are self_completed",
            f"keep {MOST_SELF_COMPLETED} at most: the tablet comes back after a moment",
        )
    places = {name: place for place, name in enumerate(items)}
    looked_at = {item.when.item for item in items.values() if item.when}
    before: int | None = None
    for entry in entries:
        item = items[entry.place]
        for wrong, reason, mend in (
            (not item.closed, "it is open", "choose a closed item"),
            (item.since != wave, "an earlier wave asked it", "leave a trend item to the interviewer"),
            (item.id in key_items, "it is a key item", "take it out of key_items, or ask it"),
            (item.recorded, "it is recorded by the interviewer", "choose an item that is read aloud"),
            (item.when is not None, "it has a condition", "choose an item that everybody is asked"),
            (
                item.id in looked_at,
                "the condition of another item looks at it",
                "choose an item that leads nowhere: what is asked next would tell its answer",
            ),
            (
                before is not None and places[item.id] != before + 1,
                "another item stands before it, after the first self_completed ones",
                "put the self_completed items one after the other",
            ),
        ):
            if wrong:
                entry.report(f"self_completed, but {reason}", mend)
        before = places[item.id]


def _load_not_eligible(entry: Entry, items: dict[str, Item]) -> NotEligible:
    codes = frozenset(entry.wholes("codes", None))
    item = items.get(entry.place)
    if item is None or item.scale is None or not codes <= item.scale.codes:
        entry.report(f"no closed item “{entry.place}” with codes {sorted(codes)}", "use codes of its scale")
    ending = BY_SLUG.get(entry.text("disposition"))
    if ending is None or not ending.ends_interview:
        entry.report(
            f"“{entry.text('disposition')}” does not end an interview", "use a disposition that does"
        )
    return NotEligible(entry.place, codes, entry.text("disposition"))


def _load_scale(entry: Entry) -> ResponseScale:
    kind = entry.choice("type", ("ordinal", "nominal"))
    options = tuple(
        ResponseOption(
            option.whole("code"),
            option.text("label"),
            option.text("side", "") or None,
            option.text("class", "") or None,
        )
        for option in entry.tables("options", "label")
    )
    codes = [option.code for option in options]
    wanted = list(range(1, len(codes) + 1))
    if kind == "ordinal":
        wanted.reverse()
    if len(codes) < 2 or codes != wanted:
        entry.report(
            f"codes {codes}", "an ordinal scale runs from k (most positive) to 1, a nominal one from 1 to k"
        )
    if any(code in MISSING_CODES for code in codes):
        entry.report("a code is 97, 98 or 99", "keep these for missing answers")
    sides = {option.side for option in options} - {None}
    if not sides <= {"favourable", "unfavourable"}:
        entry.report(f"side is {sorted(map(str, sides))}", "write favourable or unfavourable")
    if len({option.label for option in options}) != len(options):
        entry.report("two options have the same label", "make each label different")
    confirmed, reason = entry.flag("confirmed", True), entry.text("reason", "")
    if not confirmed and not reason:
        entry.report("not confirmed, and no reason", "add reason = “…”")
    entry.line()
    classes = {found.place: found.text("label") for found in entry.unique("classes")}
    for class_id in classes:
        if class_id not in {option.class_id for option in options}:
            entry.report(f"no option is in class “{class_id}”", "give some options that class, or remove it")
    return ResponseScale(entry.place, kind, options, confirmed, reason, classes)


def _load_item(
    entry: Entry, scales: dict[str, ResponseScale], batteries: dict[str, Battery], earlier: dict[str, Item]
) -> Item:
    kind = entry.choice("type", ("closed", "open"))
    scale = None
    if kind == "closed":
        scale = scales.get(entry.text("scale"))
        if scale is None:
            entry.report(f"no scale is called “{entry.text('scale')}”", "add a [[scale]] or correct the name")
            scale = next(iter(scales.values()))
    battery = entry.text("battery", "") or None
    if battery is not None and battery not in batteries:
        entry.report(f"no battery is called “{battery}”", "add a [[battery]]")
    when = None
    if "when" in entry.data:
        condition = entry.table("when")
        when = Condition(condition.text("item"), frozenset(condition.wholes("codes", None)))
        target = earlier.get(when.item)
        if target is None or target.scale is None:
            entry.report(f"its condition looks at “{when.item}”", "look at a closed item asked before it")
        elif not when.codes <= target.scale.codes:
            entry.report(
                f"its condition names codes {sorted(when.codes - target.scale.codes)}",
                f"use codes of “{when.item}”: {sorted(target.scale.codes)}",
            )
    wording = entry.choice("wording", ("printed", "reconstructed"), "reconstructed")
    if wording == "printed" and entry.line() is None:
        entry.report("wording is printed, and no source_line", "add the line that prints it")
    confirmed, reason = entry.flag("confirmed", True), entry.text("reason", "")
    if not confirmed and not reason:
        entry.report("not confirmed, and no reason", "add reason = “…”")
    return Item(
        id=entry.place,
        type=kind,
        text=entry.text("text"),
        scale=scale,
        since=entry.text("since"),
        wording=wording,
        source_line=entry.line(),
        confirmed=confirmed,
        reason=reason,
        recorded=entry.flag("recorded", False),
        self_completed=entry.flag("self_completed", False),
        battery=battery,
        note=entry.text("note", ""),
        max_length=entry.whole("max_length", 140),
        when=when,
    )
