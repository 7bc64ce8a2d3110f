"""The main numbers of a folder as plain tables, for reading in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

from barometre.estimates.change import DOWN, UP
from barometre.i18n import format_number, format_percent, format_points
from barometre.i18n import gettext as _
from barometre.tabulate.samples import EXPRESSED, RAKED, Record
from barometre.tabulate.survey import Folder

Echo = Callable[[str], object]
Row = Sequence[str]


def print_tables(folder: Folder, sections: Record, echo: Echo) -> None:
    """Weights, shares, means and changes; `--json` has every other number."""
    found = cast(dict[str, Any], sections)
    _print(echo, _("Poids"), _weight_rows(found["weights"]))
    echo(_("Un poids dépend du quartier, de l’âge et du sexe ; le tableau complet est dans --json."))
    _print(echo, _("Parts favorables, après calage sur la population"), _share_rows(found))
    if found["means"]:
        _print(echo, _("Moyennes"), _mean_rows(found["means"]))
    if "multiplicity" in found:
        title = _("De %(first)s à %(second)s", first=folder.design.waves[0], second=folder.design.waves[1])
        _print(echo, title, _change_rows(found))
    if "published_first_wave" in found:
        _print(echo, _("Face aux pourcentages publiés"), _published_rows(found["published_first_wave"]))
    echo("")
    echo(
        _(
            "Intervalles à 95 %%, à titre indicatif, par référence au tirage au sort : ils ne comptent ni "
            "les personnes absentes ni celles qui n’ont pas voulu répondre."
        )
    )


def _print(echo: Echo, title: str, rows: Iterable[Row]) -> None:
    lines = list(rows)
    widths = [max(len(row[place]) for row in lines) for place in range(len(lines[0]))]
    echo("")
    echo(title)
    for row in lines:
        # Names on the left, numbers on the right.
        cells = (
            cell.ljust(width) if not place else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        echo("  " + "  ".join(cells).rstrip())


def _weight_rows(weights: dict[str, Any]) -> Iterable[Row]:
    yield (
        _("vague"),
        _("entretiens"),
        _("plus petit poids"),
        _("plus grand"),
        _("base efficace"),
        _("effet des poids"),
    )
    for wave, found in weights.items():
        summary = found["summary"][RAKED]
        if summary:
            yield (
                wave,
                format_number(sum(cell["n"] for cell in found["by_cell"])),
                format_number(summary["min"], 2),
                format_number(summary["max"], 2),
                format_number(summary["n_eff_kish"], 1),
                format_number(summary["deff_kish"], 3),
            )


def _share_rows(found: dict[str, Any]) -> Iterable[Row]:
    yield _("question"), _("vague"), _("domaine"), _("base"), _("part"), _("de"), _("à")
    for share in found["proportions"]:
        kind = share["weighting"], share["base_kind"], share["fpc"]
        if kind == (RAKED, EXPRESSED, False):
            numbers = [share["estimate"], *share["wilson_kish"]] if "estimate" in share else []
            shown = [format_percent(number, 1) for number in numbers] or ["–", "–", "–"]
            yield share["item"], share["wave"], share["domain"], format_number(share["base"]), *shown


def _mean_rows(means: list[dict[str, Any]]) -> Iterable[Row]:
    yield _("question"), _("vague"), _("domaine"), _("base"), _("moyenne"), _("erreur type")
    for mean in means:
        if mean["weighting"] == RAKED and "base" in mean and "estimate" in mean:
            error = format_number(mean["se"], 3) if "se" in mean else "–"
            yield (
                mean["item"],
                mean["wave"],
                mean["domain"],
                format_number(mean["base"]),
                format_number(mean["estimate"], 2),
                error,
            )


def _change_rows(found: dict[str, Any]) -> Iterable[Row]:
    yield _("question"), _("domaine"), _("écart"), _("de"), _("à"), _("p ajusté"), _("verdict")
    raked = {(row["item"], row["domain"]): row.get("raked", {}) for row in found["differences"]}
    words = {UP: _("en hausse"), DOWN: _("en baisse")}
    for family, adjusted in (("overall", "holm"), ("quartiers", "bh")):
        for row in found["multiplicity"][family]:
            change = raked[row["item"], row["domain"]]
            numbers = [change["difference"], *change["newcombe"]] if change else []
            shown = [format_points(number, 1) for number in numbers] or ["–", "–", "–"]
            p = _write_p(row.get(adjusted))
            verdict = words.get(row["verdict"], _("pas de changement démontré"))
            yield row["item"], row["domain"], *shown, p, verdict if change else _("comparaison impossible")


def _write_p(p: float | None) -> str:
    if p is None:
        return "–"
    return format_number(p, 3) if p >= 0.001 else f"< {format_number(0.001, 3)}"


def _published_rows(rows: list[dict[str, Any]]) -> Iterable[Row]:
    yield _("question"), _("domaine"), _("publié"), _("effectifs possibles"), _("de"), _("à"), _("verdict")
    words = {
        "change": _("changement"),
        "depends_on_rounding": _("dépend des arrondis"),
        "no_change_shown": _("pas de changement démontré"),
        "impossible_figure": _("aucun nombre de réponses ne donne ce pourcentage"),
    }
    for row in rows:
        limits = [format_points(limit, 1) for limit in row.get("newcombe_envelope", [])] or ["–", "–"]
        yield (
            row["item"],
            row["domain"],
            format_percent(row["percent"] / 100),
            ", ".join(f"{x}/{m}" for x, m in row["feasible"]) if row["pairs"] < 4 else str(row["pairs"]),
            *limits,
            words.get(row.get("verdict", ""), "–"),
        )
