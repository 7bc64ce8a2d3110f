"""One script for each page: its modules one after the other, each in a function of its own.

On a slow network every file costs a round of its own, and six at most are fetched side by side: twenty small
modules kept the first answer waiting twice as long as one file does. This joins what the browser would have
joined, without a tool to build with: only the forms of import and export that our modules use are known.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
IMPORT = re.compile(r'^import (?:\* as (?P<all>\w+)|\{(?P<names>[^}]*)\}) from "(?P<path>\./[^"]+)";\n', re.M)
EXPORT = re.compile(r"^export (?=(?:const|class|(?:async )?function) (?P<name>\w+))", re.M)
EXPORT_LIST = re.compile(r"^export \{(?P<names>[^}]*)\};?\n?", re.M)
#: whole lines that only a reader of the sources needs
COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*?(?:[^*]|\*(?!/))*\*/)\n", re.M)
UNKNOWN = re.compile(r"^(?:import|export)\b.*", re.M)


class UnknownForm(Exception):
    """A module imports or exports in a way that this room does not use; says which line."""


@cache
def bundle(entry: str) -> str:
    """The script of a page, from the module that it begins with. Raises `UnknownForm`."""
    places: dict[str, str] = {}
    return "".join(_write(entry, places, entry=True))


def list_modules(entry: str) -> list[str]:
    """Every module of a page in the order they run, the entry last."""
    places: dict[str, str] = {}
    _write(entry, places, entry=True)
    return [*places, entry]


def _write(module: str, places: dict[str, str], *, entry: bool = False) -> list[str]:
    """What `module` needs and has not been written yet, then itself; `places` are the names of the others."""
    written: list[str] = []

    def join(match: re.Match[str]) -> str:
        path = _resolve(module, match["path"])
        if path not in places:
            written.extend(_write(path, places))
        if match["all"]:
            return f"const {match['all']} = {places[path]};\n"
        return f"const {{{_rename(match['names'], ': ')}}} = {places[path]};\n"

    source = IMPORT.sub(join, COMMENT.sub("", (STATIC / module).read_text(encoding="utf-8")))
    names = [match["name"] for match in EXPORT.finditer(source)]
    source = EXPORT.sub("", source)
    for match in EXPORT_LIST.finditer(source):
        names += [_name_as_object(name) for name in match["names"].split(",") if name.strip()]
    source = EXPORT_LIST.sub("", source)
    unknown = UNKNOWN.search(source)
    if unknown:
        raise UnknownForm(f"{module}: {unknown[0]}")
    if entry:
        return [*written, source]
    places[module] = f"$_{len(places)}"
    return [
        *written,
        f"const {places[module]} = (() => {{\n{source}return {{ {', '.join(names)} }};\n}})();\n",
    ]


def _resolve(module: str, path: str) -> str:
    return ((STATIC / module).parent / path).resolve().relative_to(STATIC.resolve()).as_posix()


def _rename(names: str, sign: str) -> str:
    return re.sub(r"\s+as\s+", sign, names)


def _name_as_object(name: str) -> str:
    """`inside as outside` of a list of exports, as the object that stands for the module writes it."""
    inside, _as, outside = name.strip().partition(" as ")
    return f"{outside.strip()}: {inside}" if outside else inside
