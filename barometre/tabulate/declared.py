"""Reads what was decided: `design.json`, `items.csv`, `published.csv`, `cases.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from barometre.estimates.disclosure import ALL
from barometre.estimates.margins import UNKNOWN
from barometre.i18n import gettext as _
from barometre.tabulate.lines import FolderError, read_lines, read_text
from barometre.tabulate.survey import MISSING, Design, Printed, Scale

#: names that the answers use themselves
RESERVED = {"", ALL, UNKNOWN}
#: beyond, a number of a JSON file is a mistake
LARGEST = 10**9
#: every base up to it is tried behind a printed percentage
MOST_INTERVIEWS = 10_000


def read_json(path: Path) -> dict[str, Any]:
    """One object whose numbers are finite and of a size that can be worked with."""

    def refuse(_constant: str) -> None:
        raise ValueError

    try:
        found = json.loads(read_text(path), parse_constant=refuse)
        _check_values(found)
    except json.JSONDecodeError as error:
        reason = _("Ce n’est pas du JSON : corrigez cette ligne.")
        raise FolderError(reason, path.name, error.lineno) from None
    except (ValueError, RecursionError):
        reason = _("Un nombre est trop grand ou n’en est pas un, ou des listes sont trop imbriquées.")
        raise FolderError(reason, path.name) from None
    if not isinstance(found, dict):
        raise FolderError(_("Ce fichier doit contenir un objet JSON."), path.name)
    return found


def _check_values(value: object) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _check_values(name)
            _check_values(inner)
    elif isinstance(value, list):
        for inner in value:
            _check_values(inner)
    elif isinstance(value, str):
        value.encode()  # half a surrogate pair could not be written again
    elif isinstance(value, int | float) and not abs(value) <= LARGEST:
        raise ValueError


def read_design(path: Path) -> Design:
    """What the other files do not say."""
    found = read_json(path)

    def names(key: str, needed: bool = True) -> tuple[str, ...]:
        value = found.get(key, [])
        if not isinstance(value, list) or (needed and not value):
            raise FolderError(_("Donnez ici une liste de noms."), path.name, column=key)
        listed = tuple(str(name).strip() for name in value if isinstance(name, str | int))
        if len(listed) < len(value) or len(set(listed)) < len(listed) or set(listed) & RESERVED:
            reason = _(
                "Ces noms doivent être des mots, tous différents, et aucun ne peut être %(names)s.",
                names=", ".join(sorted(RESERVED - {""})),
            )
            raise FolderError(reason, path.name, column=key)
        return listed

    def number(key: str, usual: int) -> int:
        value = found.get(key, usual)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise FolderError(_("Donnez ici un nombre entier."), path.name, column=key)
        return value

    if found.get("confidence", 0.95) != 0.95:
        raise FolderError(_("Les intervalles sont à 95 %% : écrivez 0.95."), path.name, column="confidence")
    if len(names("waves")) > 2:
        reason = _("Deux vagues au plus se comparent : faites un dossier pour chaque paire.")
        raise FolderError(reason, path.name, column="waves")
    return Design(
        waves=names("waves"),
        quartiers=names("quartiers"),
        ages=names("age_classes_youngest_first"),
        composite_items=names("composite_items", needed=False),
        composite_minimum=number("composite_minimum_answered", 1),
        mean_items=names("mean_items", needed=False),
        smallest=number("minimum_interviews_for_weighting", 20),
        threshold=number("disclosure_threshold", 11),
    )


def read_scales(path: Path, design: Design) -> dict[str, Scale]:
    """Codes of every item; those of a composite have two or more."""
    scales: dict[str, Scale] = {}
    for line in read_lines(path, ("item", "scale_min", "scale_max", "favourable")):
        lowest, highest = line.number("scale_min"), line.number("scale_max")
        if not lowest <= highest < min(MISSING):
            reason = _("L’échelle va d’un code au plus grand, qui reste sous %(code)s.", code=min(MISSING))
            raise line.error("scale_max", reason)
        codes = line["favourable"].split()
        known = {str(code): code for code in range(lowest, highest + 1)}
        if not codes or not set(codes) <= known.keys():
            raise line.error("favourable", _("Donnez des codes de l’échelle, séparés par des espaces."))
        if not line["item"] or line["item"] in scales:
            raise line.error("item", _("Chaque question a un nom, et une seule ligne."))
        if line["item"] in design.composite_items and lowest == highest:
            raise line.error("scale_max", _("Une question d’un score composé a deux codes au moins."))
        scales[line["item"]] = Scale(lowest, highest, frozenset(known[code] for code in codes))
    for item in (*design.composite_items, *design.mean_items):
        if item not in scales:
            raise FolderError(_("« %(item)s » n’est pas dans items.csv.", item=item), "design.json")
    return scales


def read_published(path: Path, design: Design, scales: Mapping[str, Scale]) -> tuple[Printed, ...]:
    """Percentages that the first wave printed, or a wave before the only one."""
    if not path.exists():
        return ()
    printed = []
    for line in read_lines(path, ("wave", "quartier", "item", "percent", "interviews", "base_min")):
        if line["wave"] in design.waves[-1:] or (len(design.waves) > 1 and line["wave"] != design.waves[0]):
            raise line.error("wave", _("Ces chiffres sont ceux de la vague d’avant."))
        line.check("quartier", (*design.quartiers, ALL))
        line.check("item", scales)
        percent, interviews, least = (line.number(name) for name in ("percent", "interviews", "base_min"))
        if percent > 100:
            raise line.error("percent", _("Un pourcentage est de 100 au plus."))
        if not 0 < interviews <= MOST_INTERVIEWS:
            reason = _("Il faut entre 1 et %(most)s entretiens.", most=MOST_INTERVIEWS)
            raise line.error("interviews", reason)
        if not 0 < least <= interviews:
            raise line.error("base_min", _("Il faut 0 < base_min ≤ interviews."))
        quartier = None if line["quartier"] == ALL else line["quartier"]
        printed.append(Printed(line["item"], quartier, percent, interviews, least))
    return tuple(printed)
