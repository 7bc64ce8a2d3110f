"""Staff pages: what the next wave could show, and the quota sheet to take into the field."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from barometre.access import allow
from barometre.context import town
from barometre.i18n import format_points, tell
from barometre.results import plan as plans
from barometre.results.curves import choose_lines, draw_curves, draw_sample
from barometre.results.plan import Plan
from barometre.results.plan_form import PlanForm, read_form
from barometre.results.plan_words import (
    label_class,
    list_sheet,
    write_curve_rows,
    write_gain,
    write_losses,
    write_need_rows,
    write_obstacles,
    write_scope,
    write_show_rows,
    write_toml,
    write_total_rows,
)

blueprint = Blueprint("planning", __name__, template_folder="templates")

PLANNERS = ("supervisor", "analyst", "administrator")
#: Excel reads a CSV file as UTF-8 only when it begins with this mark, and French spreadsheets split at ";"
CSV_ENCODING, CSV_DELIMITER = "utf-8-sig", ";"


@blueprint.get("/desk/planning")
@allow(*PLANNERS)
def prepare() -> ResponseReturnValue:
    """What a number of interviews could show, and how many each change would need."""
    form = read_form(town(), request.args)
    if form.settings is None:
        return _refuse(form)
    plan = _make(form)
    shown = write_show_rows(town(), plan)
    names = [row[0] for row in shown]
    lines = choose_lines(len(names))
    changes, rows = write_curve_rows(town(), plan)
    curves = [found.curve for found in plan.domains if found.curve]
    return render_template(
        "results/planning.html",
        form=form,
        plan=plan,
        scope=write_scope(town(), plan),
        shown=shown,
        losses=write_losses(plan),
        rises=[format_points(points / 100) for points in plans.RISES],
        needs=write_need_rows(town(), plan),
        obstacles=write_obstacles(town(), plan),
        picture=draw_curves(names, curves, plan.settings.power) if curves else None,
        legend=[(draw_sample(line), name) for line, name in zip(lines, names, strict=True)],
        changes=changes,
        curves=rows,
        counted_totals=plans.TOTALS,
        totals=write_total_rows(town(), plan),
        gain=write_gain(plan),
        sheet_address=_lead("planning.sheet", form),
    )


@blueprint.get("/desk/planning/quotas")
@allow(*PLANNERS)
def sheet() -> ResponseReturnValue:
    """The quota sheet of the plan: to print, to download, and to copy into the survey files."""
    form = read_form(town(), request.args)
    if form.settings is None:
        return _refuse(form)
    plan, design = _make(form), town().current_wave.design
    assert design is not None
    classes, rows = list_sheet(town(), plan)
    return render_template(
        "results/quotas.html",
        plan=plan,
        classes=classes,
        rows=rows,
        toml=write_toml(plan),
        population=tell(design.margin_choice),
        plan_address=_lead("planning.prepare", form),
        file_address=_lead("planning.download", form),
    )


@blueprint.get("/desk/planning/quotas/file")
@allow(*PLANNERS)
def download() -> ResponseReturnValue:
    """The quota sheet as a CSV file, one line a class."""
    form = read_form(town(), request.args)
    if form.settings is None:
        return _refuse(form)
    plan = _make(form)
    variables = [name for name in plans.quota_variables(town().current_wave) if name]
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=CSV_DELIMITER)
    headings = [heading for name in variables for heading in (f"{name}_class", name)]
    writer.writerow(["wave", "quartier", "quartier_name", *headings, "target"])
    for quartier, table in plan.quotas.items():
        name = town().quartier_by_id[quartier].name
        for found, number in plans.list_quotas(table):
            labels = [
                cell
                for variable, class_id in zip(variables, found, strict=True)
                for cell in (class_id, label_class(town().current_wave, variable, class_id))
            ]
            writer.writerow([plan.wave, quartier, name, *labels, number])
    return Response(
        written.getvalue().encode(CSV_ENCODING),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename=quotas-{plan.wave}.csv"},
    )


def _lead(endpoint: str, form: PlanForm) -> str:
    """The address of another page of the same plan."""
    given: dict[str, Any] = {box.name: box.value for box in form.boxes}
    return url_for(endpoint, **given)


def _make(form: PlanForm) -> Plan:
    assert form.settings is not None
    return plans.make_plan(town(), town().current_wave, form.settings)


def _refuse(form: PlanForm) -> ResponseReturnValue:
    """The form as it was filled in, and what to mend; nothing is computed from a part of it."""
    return render_template("results/planning.html", form=form, plan=None), 422
