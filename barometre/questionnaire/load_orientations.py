"""A town's orientations.toml → what it has bound itself to, its defects reported."""

from __future__ import annotations

from barometre.questionnaire.defects import Entry, Files
from barometre.questionnaire.town import Indicator, Orientation

FILE = "orientations.toml"


def load_orientations(files: Files, indicators: tuple[Indicator, ...]) -> tuple[Orientation, ...]:
    """Read the orientations in the order of the file; a town may have no such file."""
    if not files.exists(FILE):
        return ()
    head = files.read_toml(FILE)
    source = head.text("source")
    known = {indicator.item for indicator in indicators}
    found = tuple(_load_orientation(entry, source, known) for entry in head.unique("orientation"))
    if not found:
        head.report("no orientation", "add at least one [[orientation]], or remove the file")
    return found


def _load_orientation(entry: Entry, source: str, known: set[str]) -> Orientation:
    items = entry.texts("items")
    for place, item in enumerate(items):
        if item not in known:
            entry.report(f"no indicator is of “{item}”", "use an item of indicators.toml")
        if item in items[:place]:
            entry.report(f"“{item}” is there twice", "remove one")
    return Orientation(entry.place, entry.text("title"), entry.positive("source_line"), source, items)
