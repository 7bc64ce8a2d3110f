"""A town's help.toml → where to direct somebody who needs help, its defects reported."""

from __future__ import annotations

import re

from barometre.questionnaire.defects import Entry, Files
from barometre.questionnaire.town import Help, Quartier

FILE = "help.toml"
#: as it is dialled: digits, in groups
PHONE = re.compile(r"\+?\d+( \d+)*")


def load_help(files: Files, quartiers: tuple[Quartier, ...]) -> tuple[Help, ...]:
    """Read the entries; a town may have no such file yet."""
    if not files.exists(FILE):
        return ()
    known = {quartier.id for quartier in quartiers}
    return tuple(_load_entry(entry, known) for entry in files.read_toml(FILE).unique("help"))


def _load_entry(entry: Entry, known: set[str]) -> Help:
    found = Help(
        id=entry.place,
        need=entry.text("need"),
        who=entry.text("who"),
        source=entry.text("source"),
        source_line=entry.line(),
        where=entry.text("where", ""),
        phone=entry.text("phone", ""),
        national=entry.flag("national", False),
        quartiers=entry.texts("quartiers"),
        confirmed=entry.flag("confirmed", False),
        reason=entry.text("reason", ""),
    )
    for quartier in found.quartiers:
        if quartier not in known:
            entry.report(f"no quartier is called “{quartier}”", "use an id of quartiers.toml")
    if found.phone and not PHONE.fullmatch(found.phone):
        entry.report(f"phone is “{found.phone}”", "write digits, in groups if you like")
    if found.national and (found.quartiers or not found.phone):
        entry.report("national, and without a phone or only for some", "give the phone, without quartiers")
    if found.confirmed and not (found.where or found.phone):
        entry.report("confirmed, and neither where nor phone", "say where to go or whom to call")
    if not found.confirmed and not found.reason:
        entry.report("not confirmed, and no reason", "add reason = “…”")
    return found
