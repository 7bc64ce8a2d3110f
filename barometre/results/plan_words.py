"""A plan in words: the rows of its tables, its sentences, and its quotas as the survey files write them."""

from __future__ import annotations

from barometre.estimates.disclosure import ALL
from barometre.estimates.planning import round_points_up
from barometre.i18n import format_number, format_percent, format_points, ngettext, say, tell
from barometre.i18n import gettext as _
from barometre.questionnaire.town import Town, Wave
from barometre.results.labels import domain_label, label_codes
from barometre.results.plan import (
    FOUND,
    NONE,
    OUTSIDE,
    TOO_MANY,
    TOTALS,
    Baseline,
    Need,
    Plan,
    list_quotas,
    quota_variables,
)

#: columns of the table under the curves, in points
SHOWN_CHANGES = (-25, -20, -15, -10, 10, 15, 20, 25)


def write_scope(town: Town, plan: Plan) -> str:
    """What the plan is computed for: paper has no form."""
    parts = [
        f"{town.quartier_by_id[quartier].name} {format_number(number)}"
        for quartier, number in plan.settings.interviews.items()
    ]
    item = plan.settings.item
    start = tell(town.indicator_of[item].label) if item else _("50 sur 100 partout")
    total = sum(plan.settings.interviews.values())
    return _(
        "Calcul pour %(total)s entretiens (%(parts)s). Point de départ : %(start)s. Chances voulues de "
        "montrer un vrai changement : %(power)s. Effet des enquêteurs : %(deff)s.",
        total=format_number(total),
        parts=", ".join(parts),
        start=start,
        power=format_percent(plan.settings.power),
        deff=format_number(plan.settings.deff, 2).rstrip("0").rstrip(",."),
    )


def write_show_rows(town: Town, plan: Plan) -> list[tuple[str, ...]]:
    """Domain, interviews, smallest rise and fall, precision, starting point, answers it rests on."""
    return [
        (
            domain_label(town, found.domain),
            format_number(found.interviews),
            _write_change(found.rise),
            _write_change(found.fall, -1),
            _write_width(found.half_width),
            _write_level(town, plan, found.baseline),
            _write_base(found.baseline),
        )
        for found in plan.domains
    ]


def write_need_rows(town: Town, plan: Plan) -> list[tuple[str, list[str]]]:
    """Domain, and the interviews that each rise needs."""
    return [
        (domain_label(town, found.domain), [_write_need(need) for need in found.needs])
        for found in plan.domains
        if found.needs
    ]


def write_obstacles(town: Town, plan: Plan) -> list[str]:
    """Where no number of interviews is enough, the largest rise that stays out of reach, and why."""
    said = []
    for found in plan.domains:
        points = max((need.points for need in found.needs if need.state == NONE), default=None)
        if points is None or found.baseline is None:
            continue
        said.append(
            _(
                "%(domain)s : aucun nombre d’entretiens en %(wave)s ne suffira à démontrer une hausse "
                "de %(points)s points ou moins ; c’est la taille de %(first)s (%(number)s entretiens) qui "
                "limite.",
                domain=domain_label(town, found.domain),
                wave=plan.wave,
                points=points,
                first=plan.first_wave,
                number=format_number(found.baseline.interviews),
            )
        )
    return said


def write_curve_rows(town: Town, plan: Plan) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """The changes, and for each domain the chances of showing them."""
    rows = []
    for found in plan.domains:
        chances = [(found.curve or {}).get(change) for change in SHOWN_CHANGES]
        if found.curve:
            cells = ["–" if chance is None else format_percent(chance) for chance in chances]
            rows.append((domain_label(town, found.domain), cells))
    return [format_points(change / 100) for change in SHOWN_CHANGES], rows


def write_total_rows(town: Town, plan: Plan) -> list[tuple[str, list[tuple[str, str]]]]:
    """Domain, and for each total of interviews the precision and the smallest rise."""
    return [
        (
            domain_label(town, found.domain),
            [(_write_width(width), _write_change(rise)) for width, rise in found.totals.values()],
        )
        for found in plan.domains
        if found.totals
    ]


def write_losses(plan: Plan) -> tuple[str, str] | None:
    """Interviews in all and what they are worth for the whole, where the quartiers are out of proportion."""
    total = sum(plan.settings.interviews.values())
    worth = round(total / plan.weighting)
    return (format_number(total), format_number(worth)) if worth < total else None


def write_gain(plan: Plan) -> str:
    """What doubling the interviews adds to the quartiers together, in one sentence."""
    (whole,) = [found for found in plan.domains if found.domain == ALL]
    if whole.totals is None:
        return ""
    few, many = TOTALS
    rises = [whole.totals[total][1] for total in TOTALS]
    if None in rises:
        return ""
    return _(
        "Passer de %(few)s à %(many)s entretiens en tout fait descendre la plus petite hausse démontrable, "
        "pour l’ensemble, de %(before)s à %(after)s points.",
        few=few,
        many=many,
        before=round_points_up(rises[0] or 0),
        after=round_points_up(rises[1] or 0),
    )


def label_class(wave: Wave, variable: str, class_id: str) -> str:
    """The name of one class of age or sex."""
    scale = wave.questionnaire.by_id[variable].scale
    assert scale is not None
    if class_id in scale.classes:
        return tell(scale.classes[class_id])
    options = [option for option in scale.options if option.class_id == class_id]
    return ", ".join(say(f"{scale.id}:{option.code}", option.label) for option in options)


def list_sheet(town: Town, plan: Plan) -> tuple[list[str], list[tuple[str, list[int]]]]:
    """The classes, and each quartier's interviews in them with their sum; the last row adds them up."""
    wave = town.waves[plan.wave]
    variables = [name for name in quota_variables(wave) if name]
    tables = [dict(list_quotas(table)) for table in plan.quotas.values()]
    classes = list(dict.fromkeys(found for table in tables for found in table))
    labels = [
        ", ".join(
            label_class(wave, variable, class_id) for variable, class_id in zip(variables, found, strict=True)
        )
        for found in classes
    ]
    rows = [
        (town.quartier_by_id[quartier].name, [*(cells.get(found, 0) for found in classes), table.total])
        for (quartier, table), cells in zip(plan.quotas.items(), tables, strict=True)
    ]
    sums = [sum(column) for column in zip(*(numbers for _name, numbers in rows), strict=True)]
    return labels, [*rows, (domain_label(town, ALL), sums)]


def write_toml(plan: Plan) -> str:
    """`[target]` and `[[quota]]` as in design.toml, where quotas are by age."""
    lines = ["[target]", *(f"{quartier} = {table.total}" for quartier, table in plan.quotas.items())]
    for quartier, table in plan.quotas.items():
        for class_id, number in table.rows.items():
            lines += ["", "[[quota]]", f'quartier = "{quartier}"', f'age_class = "{class_id}"']
            lines.append(f"target = {number}")
    return "\n".join(lines) + "\n"


def _write_width(width: float) -> str:
    return _write_points(round_points_up(width))


def _write_points(points: int) -> str:
    return ngettext("%(num)s point", "%(num)s points", points)


def _write_level(town: Town, plan: Plan, baseline: Baseline | None) -> str:
    if baseline is None:
        return "–"
    if baseline.figure is None:
        half = format_percent(baseline.level)
        return _("%(half)s, faute de chiffre publié", half=half) if plan.settings.item else half
    assert plan.first_wave is not None
    scale = town.waves[plan.first_wave].questionnaire.by_id[plan.settings.item].scale
    assert scale is not None
    return f"{tell(baseline.figure.printed)} ({label_codes(scale, baseline.figure.codes)})"


def _write_base(baseline: Baseline | None) -> str:
    if baseline is None:
        return "–"
    if baseline.base == baseline.interviews:
        return format_number(baseline.base)
    return _(
        "%(base)s sur %(interviews)s",
        base=format_number(baseline.base),
        interviews=format_number(baseline.interviews),
    )


def _write_change(change: float | None, sign: int = 1) -> str:
    return "–" if change is None else format_points(sign * round_points_up(change) / 100)


def _write_need(need: Need) -> str:
    if need.state == FOUND and need.size is not None:
        return format_number(need.size)
    return {NONE: _("aucun nombre"), TOO_MANY: _("plus que d’habitants"), OUTSIDE: "–"}[need.state]
