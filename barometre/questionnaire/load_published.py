"""A past wave's published.json → `PublishedWave`, its defects reported."""

from __future__ import annotations

import math
import re

from barometre.questionnaire.defects import Entry
from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.town import (
    NotPublished,
    PublishedFigure,
    PublishedTheme,
    PublishedWave,
    Quartier,
    SampleFigure,
    Statement,
)


def load_published(
    head: Entry, questionnaire: Questionnaire, quartiers: tuple[Quartier, ...]
) -> PublishedWave:
    """Read the figures printed for one wave."""
    if head.text("wave") != questionnaire.wave:
        head.report(f"wave is “{head.text('wave')}”", f"write “{questionnaire.wave}”, the name of its folder")
    domains = {"ALL", *(quartier.id for quartier in quartiers)}
    sentences = head.table("reasons")
    reasons = {key: sentences.text(key) for key in sentences.data}
    figures = [_load_figure(entry, questionnaire, domains, reasons) for entry in head.unique("figures")]
    printed = head.table("composition")
    composition = {}
    for variable in printed.data:
        shares = printed.table(variable)
        composition[variable] = {name: shares.number(name) for name in shares.data}
    counted = head.table("interviews")
    interviews = {domain: counted.whole(domain) for domain in counted.data}
    for domain in domains - set(interviews):
        head.report(f"interviews of “{domain}” are missing", f"add “{domain}” to interviews")
    return PublishedWave(
        wave=head.text("wave"),
        title=head.text("title"),
        source=head.text("source"),
        short_source=head.text("short_source", "") or head.text("source"),
        fieldwork=head.text("fieldwork", ""),
        interviews=interviews,
        composition=composition,
        figures=tuple(figures),
        open_themes=tuple(
            PublishedTheme(
                entry.place,
                _known_item(entry, entry.text("item"), questionnaire, prefix=True),
                _known_domain(entry, entry.text("domain"), domains),
                entry.whole("rank"),
                entry.text("rank_printed", "") if entry.data.get("rank_printed") else "",
                entry.text("theme"),
                *_load_number(entry, ("rounded", "text")),
                entry.positive("source_line"),
                entry.text("note", ""),
            )
            for entry in head.unique("open_themes")
        ),
        sample=tuple(
            SampleFigure(
                entry.place,
                entry.text("label"),
                _known_domain(entry, entry.text("domain"), domains),
                *_load_number(entry, ("count", "rounded", "text")),
                entry.positive("source_line"),
                entry.text("note", ""),
            )
            for entry in head.unique("sample")
        ),
        statements=tuple(
            Statement(
                entry.text("item") if entry.data.get("item") else None,
                _known_domain(entry, entry.text("domain"), domains),
                entry.text("text"),
                entry.positive("source_line"),
            )
            for entry in head.tables("statements", "text")
        ),
        not_published=tuple(
            NotPublished(
                entry.text("item") if entry.data.get("item") else None,
                entry.texts("domains"),
                entry.text("what"),
                entry.positive("source_line"),
            )
            for entry in head.tables("not_published", "what")
        ),
        inconsistencies=tuple(
            (entry.text("text"), entry.wholes("source_lines"))
            for entry in head.tables("inconsistencies", "text")
        ),
        reasons=reasons,
    )


def _load_figure(
    entry: Entry, questionnaire: Questionnaire, domains: set[str], reasons: dict[str, str]
) -> PublishedFigure:
    item = entry.text("item") if entry.data.get("item") else None
    items = (item,) if item else entry.texts("items", None)
    codes = frozenset(entry.wholes("codes", None))
    for name in items:
        found = questionnaire.by_id.get(name)
        if found is None or found.scale is None:
            entry.report(f"no closed item is called “{name}”", "use an id of questionnaire.toml")
        elif not codes or not codes <= found.scale.codes:
            entry.report(f"codes {sorted(codes)}", f"use codes of the scale “{found.scale.id}”")
    comparability = entry.choice("comparability", ("ok", "caution", "no"))
    cited = entry.texts("reasons")
    if comparability != "ok" and not cited:
        entry.report(f"comparability is “{comparability}”, and no reason", "name at least one reason id")
    for reason in cited:
        if reason not in reasons:
            entry.report(f"no reason is called “{reason}”", "add its sentence to reasons")
    printed, kind, value, lower, upper = _load_number(entry, ("rounded", "text", "bound"))
    base_min, base_max = entry.whole("base_min"), entry.whole("base_max")
    if not 0 < base_min <= base_max:
        entry.report(f"bases {base_min}…{base_max}", "write 0 < base_min ≤ base_max")
    may_be_sum = entry.flag("may_be_sum", False)
    if may_be_sum and not (kind == "rounded" and len(codes) == 2):
        entry.report(
            f"may_be_sum is set for {len(codes)} codes printed as “{kind}”",
            "set it only for a rounded figure that adds up two codes",
        )
    return PublishedFigure(
        id=entry.place,
        item=item,
        items=items,
        codes=codes,
        domain=_known_domain(entry, entry.text("domain"), domains),
        printed=printed,
        kind=kind,
        value=value,
        lower=lower,
        upper=upper,
        base_min=base_min,
        base_max=base_max,
        source_line=entry.positive("source_line"),
        comparability=comparability,
        reasons=cited,
        note=entry.text("note", ""),
        may_be_sum=may_be_sum,
    )


def _load_number(entry: Entry, kinds: tuple[str, ...]) -> tuple[str, str, float, float, float]:
    """What is printed, what kind of number it is, its value and the bounds of what could be printed so."""
    printed, kind = entry.text("printed"), entry.choice("kind", kinds)
    lower, value, upper = entry.number("lower"), entry.number("value"), entry.number("upper")
    most = math.inf if kind == "count" else 100
    if not 0 <= lower <= value <= upper <= most:
        entry.report(f"bounds {lower:g} ≤ {value:g} ≤ {upper:g} do not hold", f"order them within 0…{most:g}")
    if kind in ("count", "rounded") and re.findall(r"\d+", printed)[:1] != [f"{value:g}"]:
        entry.report(f"printed is “{printed}”, value is {value:g}", "copy the printed number into value")
    return printed, kind, value, lower, upper


def _known_domain(entry: Entry, domain: str, domains: set[str]) -> str:
    if not set(domain.split("+")) <= domains:
        entry.report(f"no domain is called “{domain}”", "use ALL, a quartier id, or a sum of two ids")
    return domain


def _known_item(entry: Entry, item: str, questionnaire: Questionnaire, *, prefix: bool) -> str:
    """An open question asked in several boxes (`apprecie_1`, `apprecie_2`…) goes by its prefix."""
    if not any(name == item or (prefix and name.startswith(f"{item}_")) for name in questionnaire.by_id):
        entry.report(f"no item is called “{item}”", "use an id of questionnaire.toml")
    return item
