"""A plan as plain text, for the command: the numbers of the page, in English like the other commands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from barometre.estimates.disclosure import ALL
from barometre.questionnaire.town import Town
from barometre.results.plan import FOUND, NONE, RISES, TOO_MANY, Need, Plan, list_quotas


def write_tables(town: Town, plan: Plan) -> str:
    """What the interviews show, the interviews that each rise needs, and the quotas."""
    names = {quartier.id: quartier.name for quartier in town.quartiers} | {ALL: "All together"}
    settings = plan.settings
    start = f"published shares of “{settings.item}”" if settings.item else "50% everywhere"
    shown = [
        (
            names[found.domain],
            str(found.interviews),
            _points(found.half_width),
            _percent(found.baseline.level if found.baseline else None),
            str(found.baseline.base) if found.baseline else "-",
            _points(found.rise),
            _points(found.fall),
        )
        for found in plan.domains
    ]
    needed = [(names[found.domain], *(_need(need) for need in found.needs)) for found in plan.domains]
    quotas = [
        (names[quartier], ", ".join(classes), str(number))
        for quartier, table in plan.quotas.items()
        for classes, number in list_quotas(table)
    ]
    head = f"{town.name} {plan.wave}: {start}, power {settings.power:.0%}, design effect {settings.deff:g}"
    columns = ("", "interviews", "half-width at 50%", "level before", "base before", "rise", "fall")
    parts = [head, _align([columns, *shown])]
    if plan.first_wave:
        parts += [
            "Interviews that show a rise of so many points",
            _align([("", *(str(points) for points in RISES)), *needed]),
        ]
    parts += [
        "Quotas",
        _align([("", "class", "target"), *quotas]),
        "By reference to a random draw; one comparison, no correction for their number.",
    ]
    return "\n\n".join(parts)


def _align(rows: Iterable[Sequence[str]]) -> str:
    """Columns of equal width, numbers to the right."""
    table = [list(row) for row in rows]
    widths = [max(len(row[place]) for row in table) for place in range(len(table[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    )


def _points(difference: float | None) -> str:
    return "-" if difference is None else f"{100 * difference:.1f}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _need(need: Need) -> str:
    if need.state == FOUND:
        return str(need.size)
    return {NONE: "none", TOO_MANY: "> residents"}.get(need.state, "-")
