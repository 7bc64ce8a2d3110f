"""Which questions of two waves are the same: wording, stem, options and scale compared, item by item."""

from __future__ import annotations

from dataclasses import dataclass

from barometre.questionnaire.definition import Item, Questionnaire

IDENTICAL, MODIFIED, NEW, REMOVED = "identical", "modified", "new", "removed"
KINDS = (IDENTICAL, MODIFIED, NEW, REMOVED)

#: what can differ between two forms of one item
WORDING, STEM, OPTIONS, SCALE, FILTER, TYPE = "wording", "stem", "options", "scale", "filter", "type"


@dataclass(frozen=True)
class Correspondence:
    """One item in two waves; matched by id, which never changes its meaning."""

    item: str
    #: one of `KINDS`
    kind: str
    #: the item of each wave, None where it was not asked
    first: Item | None
    second: Item | None
    #: `TYPE`, `WORDING`, `STEM`, `OPTIONS`, `SCALE`, `FILTER`; empty unless modified
    differences: tuple[str, ...] = ()
    #: the first wave's form was put together again from its results: that it is the same is not proven
    deduced: bool = False


def match_items(first: Questionnaire | None, second: Questionnaire) -> tuple[Correspondence, ...]:
    """Every item of two waves, in the order of the second; those it dropped come last."""
    asked = first.by_id if first else {}
    found = []
    for item in second.items:
        before = asked.get(item.id)
        if first is None or before is None:
            found.append(Correspondence(item.id, NEW, None, item))
            continue
        differences = _find_differences(first, before, second, item)
        kind = MODIFIED if differences else IDENTICAL
        deduced = _is_deduced(first, before)
        found.append(Correspondence(item.id, kind, before, item, differences, deduced))
    dropped = (item for item in asked.values() if item.id not in second.by_id)
    return (*found, *(Correspondence(item.id, REMOVED, item, None) for item in dropped))


def _find_differences(
    first: Questionnaire, before: Item, second: Questionnaire, now: Item
) -> tuple[str, ...]:
    compared = {
        TYPE: (before.type, now.type),
        WORDING: (before.text, now.text),
        STEM: (_find_stem(first, before), _find_stem(second, now)),
        OPTIONS: (_list_options(before), _list_options(now)),
        SCALE: (before.scale and before.scale.type, now.scale and now.scale.type),
        # Whoever is not asked is not in the base.
        FILTER: (before.when, now.when),
    }
    return tuple(name for name, (one, other) in compared.items() if one != other)


def _find_stem(questionnaire: Questionnaire, item: Item) -> str:
    battery = questionnaire.batteries.get(item.battery or "")
    return battery.stem if battery else ""


def _list_options(item: Item) -> tuple[tuple[int, str], ...]:
    """Codes and words in the order shown: an answer that moves is another answer."""
    return tuple((option.code, option.label) for option in item.scale.options) if item.scale else ()


def _is_deduced(questionnaire: Questionnaire, item: Item) -> bool:
    battery = questionnaire.batteries.get(item.battery or "")
    parts = (item, item.scale, battery)
    return any(part is not None and not part.confirmed for part in parts)
