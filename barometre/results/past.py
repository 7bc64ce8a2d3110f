"""What the first wave printed, as rows for a page: nothing is computed, nothing is changed."""

from __future__ import annotations

from barometre.i18n import gettext as _
from barometre.i18n import say, tell, tell_printed
from barometre.questionnaire.town import PublishedFigure, PublishedTheme, PublishedWave, Town
from barometre.results.deduced import deduce_figures
from barometre.results.deduced_view import write_deduced
from barometre.results.labels import domain_label, label_codes


def write_open_themes(town: Town, chapter: str | None = None) -> list[dict[str, object]]:
    """The printed tables of the open questions (of one chapter), one per question and domain."""
    if town.first_wave is None or town.first_wave.published is None:
        return []
    wave = town.first_wave.published
    titles = {frame.id: tell(frame.title) for frame in town.code_frames if chapter in (None, frame.chapter)}
    groups: dict[tuple[str, str], list[PublishedTheme]] = {}
    for theme in wave.open_themes:
        if theme.item not in titles:
            continue
        groups.setdefault((theme.item, theme.domain), []).append(theme)
    return [
        {"title": titles[item], "domain": domain, "domain_label": domain_label(town, domain), "rows": rows}
        for (item, domain), rows in groups.items()
    ]


def write_published(town: Town) -> dict[str, object]:
    """Every printed figure, by question, and all that is known around them."""
    wave = _published(town)
    return {
        "source": " – ".join(tell(text) for text in (wave.source, wave.fieldwork) if text),
        "groups": _write_groups(town, wave),
        "deduced": [
            (_name_item(town, figure.item), write_deduced(town, figure))
            for figure in deduce_figures(town).values()
        ],
        "open_themes": write_open_themes(town),
        "sample": [
            {
                "label": tell(figure.label),
                "domain_label": domain_label(town, figure.domain),
                "printed": tell_printed(figure.printed),
                "source_line": figure.source_line,
                "note": tell(figure.note),
                "id": figure.id,
            }
            for figure in wave.sample
        ],
        "statements": [
            {
                "domain_label": domain_label(town, said.domain),
                "text": tell(said.text),
                "source_line": said.source_line,
            }
            for said in wave.statements
        ],
        "not_published": [
            {
                "domain_label": ", ".join(domain_label(town, domain) for domain in gap.domains),
                "what": tell(gap.what),
                "source_line": gap.source_line,
            }
            for gap in wave.not_published
        ],
        "inconsistencies": [(tell(text), lines) for text, lines in wave.inconsistencies],
    }


def _write_groups(town: Town, wave: PublishedWave) -> list[dict[str, object]]:
    questionnaire = town.waves[wave.wave].questionnaire
    by_items: dict[tuple[str, ...], list[PublishedFigure]] = {}
    for figure in wave.figures:
        by_items.setdefault(figure.items, []).append(figure)
    groups: list[dict[str, object]] = []
    for items, figures in by_items.items():
        first = questionnaire.by_id[items[0]]
        battery = questionnaire.batteries.get(first.battery or "")
        names = [say(item, questionnaire.by_id[item].text) for item in items]
        groups.append(
            {
                "id": "-".join(items),
                "title": _name_item(town, items[0]) if len(items) == 1 else ", ".join(names),
                "question": say(f"battery:{battery.id}", battery.stem) if battery else names[0],
                "figures": [_write_figure(town, wave, figure) for figure in figures],
            }
        )
    return groups


def _name_item(town: Town, item: str) -> str:
    """Title of its result, else its question."""
    indicator = town.indicator_of.get(item)
    wave = _published(town).wave
    return tell(indicator.label) if indicator else say(item, town.waves[wave].questionnaire.by_id[item].text)


def _write_figure(town: Town, wave: PublishedWave, figure: PublishedFigure) -> dict[str, object]:
    scale = town.waves[wave.wave].questionnaire.by_id[figure.items[0]].scale
    assert scale is not None
    comparable = {
        "ok": _("Comparable"),
        "caution": _("Comparable, avec prudence"),
        "no": _("Comparaison impossible"),
    }
    notes = [tell(wave.reasons[reason]) for reason in figure.reasons]
    return {
        "id": figure.id,
        "domain_label": domain_label(town, figure.domain),
        "what": label_codes(scale, figure.codes),
        "printed": tell_printed(figure.printed),
        "source_line": figure.source_line,
        "comparability": comparable[figure.comparability],
        "notes": [*notes, tell(figure.note)] if figure.note else notes,
    }


def _published(town: Town) -> PublishedWave:
    assert town.first_wave is not None
    assert town.first_wave.published is not None
    return town.first_wave.published
