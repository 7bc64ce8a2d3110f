"""Reads what was decided: `design.json`, `items.csv`, `published.csv`, `cases.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from barometre.i18n import gettext as _
from barometre.tabulate.lines import FolderError, read_lines
from barometre.tabulate.survey import MISSING, Design, Printed, Scale


def read_json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise FolderError(_("Ce fichier manque : ajoutez-le."), path.name) from None
    except UnicodeDecodeError:
        raise FolderError(_("Ce fichier n’est pas en UTF-8 : enregistrez-le ainsi."), path.name) from None
    except json.JSONDecodeError as error:
        raise FolderError(
            _("Ce n’est pas du JSON : corrigez cette ligne."), path.name, error.lineno
        ) from None
    if not isinstance(found, dict):
        raise FolderError(_("Ce fichier doit contenir un objet JSON."), path.name)
    return found


def read_design(path: Path) -> Design:
    found = read_json(path)

    def names(key: str, needed: bool = True) -> tuple[str, ...]:
        value = found.get(key, [])
        if not isinstance(value, list) or (needed and not value):
            raise FolderError(_("Donnez ici une liste de noms."), path.name, column=key)
        return tuple(str(name) for name in value)

    def number(key: str, usual: int) -> int:
        value = found.get(key, usual)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise FolderError(_("Donnez ici un nombre entier."), path.name, column=key)
        return value

    if found.get("confidence", 0.95) != 0.95:
        raise FolderError(_("Les intervalles sont à 95 %% : écrivez 0.95."), path.name, column="confidence")
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
    scales = {}
    for line in read_lines(path, ("item", "scale_min", "scale_max", "favourable")):
        lowest, highest = line.number("scale_min"), line.number("scale_max")
        try:
            favourable = frozenset(int(code) for code in line["favourable"].split())
        except ValueError:
            favourable = frozenset()
        if not favourable or not favourable <= set(range(lowest, highest + 1)) or highest >= min(MISSING):
            raise line.error("favourable", _("Donnez des codes de l’échelle, séparés par des espaces."))
        scales[line["item"]] = Scale(lowest, highest, favourable)
    for item in (*design.composite_items, *design.mean_items):
        if item not in scales:
            raise FolderError(_("« %(item)s » n’est pas dans items.csv.", item=item), "design.json")
    return scales


def read_published(path: Path, design: Design, scales: Mapping[str, Scale]) -> tuple[Printed, ...]:
    if not path.exists():
        return ()
    printed = []
    for line in read_lines(path, ("wave", "quartier", "item", "percent", "interviews", "base_min")):
        line.check("quartier", (*design.quartiers, "ALL"))
        line.check("item", scales)
        quartier = None if line["quartier"] == "ALL" else line["quartier"]
        found = Printed(
            line["item"], quartier, line.number("percent"), line.number("interviews"), line.number("base_min")
        )
        if found.percent > 100 or not 0 < found.base_min <= found.interviews:
            raise line.error("base_min", _("Il faut 0 < base_min ≤ interviews, et 100 %% au plus."))
        printed.append(found)
    return tuple(printed)
