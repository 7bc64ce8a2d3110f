"""The method page and its annex: each example is a figure of the release and tells no more than it may."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from math import ceil
from pathlib import Path

import pytest
from flask import Flask

from barometre.demonstration import fill
from barometre.estimates.change import DOWN, NO_CHANGE_SHOWN, NOT_COMPARABLE, UP
from barometre.estimates.differences import miettinen_nurminen_p, newcombe
from barometre.estimates.disclosure import ALL
from barometre.estimates.intervals import wilson
from barometre.estimates.planning import INTERVIEWER_EFFECT, minimum_detectable
from barometre.i18n import format_number, format_percent
from barometre.questionnaire.town import Town
from barometre.results.annex import work_out
from barometre.results.behind import find_printed
from barometre.results.explained import (
    explain,
    find_example,
    list_keys,
    list_unequal,
    may_detail,
    write_figure,
)
from barometre.results.findings import find_results
from barometre.results.formulas import FORMULAS, SYMBOLS
from barometre.results.plan import Settings, make_plan
from barometre.results.recounted import Microdata
from barometre.results.references import REFERENCES
from barometre.results.sources import Published, fetch_published
from tests.data import make_counts, niort, publish_now
from tests.results.test_pages import read_text, released
from tests.results.test_recounted import SATISFACTION, answer_2023
from tests.support import ROOT, SECOND_TOWN, leave_eligible, make_app, store_interview

PAGE = "/comment-les-chiffres-sont-calcules"
ANNEX = f"{PAGE}/annexe"
#: what they say to a statistician is not what everybody hears
FORBIDDEN = (
    r"significati", r"représentati", r"marges? d’erreur", r"lég(?:er|ère) (?:hausse|baisse)",
    r"tendance à", r"meilleur quartier", r"en tête", r"\bstable\b", r"pas de changement(?! démontré)",
)  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration: every state that a reader can meet."""
    folder: Path = tmp_path_factory.mktemp("explained")
    app = make_app(f"sqlite:///{folder / 'barometre.sqlite'}", demonstration=True)
    with app.extensions["database"].write() as session:
        fill(session, app.extensions["town"])
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture
def town(app: Flask) -> Town:
    """Niort."""
    found: Town = app.extensions["town"]
    return found


@pytest.fixture
def published(app: Flask) -> Iterator[Published]:
    """The release, on the page of a French reader."""
    with app.test_request_context(PAGE):
        found = fetch_published()
        assert found is not None
        yield found


def read(app: Flask, path: str) -> str:
    """The words of a page, whatever its spaces."""
    return read_text(app, path).replace("\u202f", " ")


def plain(text: str) -> str:
    """The same for words that were not read from a page."""
    return re.sub(r"\s+", " ", text)


def as_words(page: str) -> str:
    """What a piece of a page says, its marks and blanks made plain."""
    return plain(unescape(re.sub(r"<[^>]+>", " ", page))).strip()


def test_the_example_is_the_first_figure_of_the_overview(
    app: Flask, town: Town, published: Published
) -> None:
    figure = find_example(town, published.findings)
    assert figure is not None
    cell = figure.row.cell
    assert (figure.item, figure.domain) == (town.indicators[0].item, ALL)
    assert cell.low is not None
    assert cell.high is not None
    overview, page = read(app, "/"), read(app, PAGE)
    assert plain(cell.sentence) in overview
    assert plain(cell.sentence) in page
    assert f"{cell.base} réponses." in overview
    assert f"Ce chiffre repose sur {cell.base} réponses." in page
    low, high = round(100 * cell.low), round(100 * cell.high)
    assert f"entre {low} % et {high} %" in overview
    assert f"le vrai chiffre serait entre {low} et {high} sur 100 : c’est la fourchette « à 95 % »" in page
    assert f"une barre va de {low} à {high} ; un trait marque" in page
    assert f"{cell.base} réponses renseignent autant que {figure.effective} réponses" in page


def test_there_is_one_example_of_each_verdict_and_of_each_reason(
    app: Flask, town: Town, published: Published
) -> None:
    page = read(app, PAGE)
    changes = explain(town, published)["changes"]
    assert isinstance(changes, list)
    assert [name for name, _ in changes] == [
        UP, DOWN, NO_CHANGE_SHOWN, NOT_COMPARABLE, "rounding", "weighting", "multiplicity",
    ]  # fmt: skip
    for name, figure in changes:
        verdict = published.findings.by_domain[(figure.item, figure.domain)].verdict
        assert verdict is not None
        assert name == verdict.word or name in verdict.reasons
        view = figure.row.verdict
        assert plain(figure.row.cell.sentence) in page
        assert plain(view.interval)[1:] in page
        assert all(plain(said) in page for said in view.reasons + view.cautions)


def test_an_example_of_change_says_all_that_its_own_page_says(
    app: Flask, town: Town, published: Published
) -> None:
    page = (
        app.test_client().get(PAGE).get_data(as_text=True).split('id="changements"')[1].split("</section>")[0]
    )
    examples = [as_words(part) for part in page.split('<div class="worked">')[1:]]
    changes = explain(town, published)["changes"]
    assert isinstance(changes, list)
    assert len(examples) == len(changes)
    for name, figure in changes:
        row, view = figure.row, figure.row.verdict
        (said,) = [
            text
            for text in examples
            if f"Exemple : {figure.label}, {row.cell.domain_label}." in text
            and as_words(view.label[1:]) in text
        ][:1]
        assert f"{row.cell.base} réponses." in said, name
        for caution in view.cautions:
            assert plain(caution) in said, name
        assert ("Comparaison exploratoire" in said) == (view.exploratory and view.word != NOT_COMPARABLE)
        assert not figure.past or re.search(r"base inconnue, de \d+ à \d+ réponses|\d+ réponses?\)", said), (
            name
        )
    assert any(figure.row.verdict.cautions for _, figure in changes)
    # No verdict outside of an example, but for the headings.
    assert len(re.findall("verdict__word", page)) == len(examples)


def test_no_verdict_of_the_table_is_without_its_cautions(
    app: Flask, town: Town, published: Published
) -> None:
    page = app.test_client().get(ANNEX).get_data(as_text=True)
    section = page.split('id="indicateurs"')[1].split("</section>")[0]
    told = {
        int(number): as_words(sentence)
        for number, sentence in re.findall(r'<li id="precaution-(\d+)">(.*?)</li>', section, re.DOTALL)
    }
    lines = [line for line in re.findall(r"<tr>(.*?)</tr>", section, re.DOTALL) if "rowgroup" not in line][1:]
    rows = [
        write_figure(town, published.findings, indicator, domain).row
        for indicator, domain in list_keys(town, published.findings)
        if indicator.key
    ]
    assert len(lines) == len(rows)
    assert told
    for line, row in zip(lines, rows, strict=True):
        cell = line.split("<td")[-1]
        linked = [told[int(number)] for number in re.findall(r"#precaution-(\d+)", cell)]
        assert linked == [plain(caution) for caution in (row.verdict.cautions if row.verdict else ())]
        tried = row.verdict is not None and row.verdict.exploratory and row.verdict.word != NOT_COMPARABLE
        assert ("exploratoire" in cell) == tried
        assert ("petit effectif" in cell) == (row.cell.state == "caution")
    assert "c’est une piste, pas une preuve" in as_words(section).lower()
    verdict = page.split('id="verdict"')[1].split("</section>")[0]
    change = work_out(town, published)["change"]
    assert change is not None
    for caution in change.figure.row.verdict.cautions:  # type: ignore[attr-defined]
        assert plain(caution) in as_words(verdict)


def test_the_counts_behind_a_printed_figure_are_all_there(app: Flask) -> None:
    page = read(app, PAGE)
    with app.test_request_context():
        found = find_printed(niort())
    assert found is not None
    assert len(found.pairs) > 1
    counts = " ou ".join(f"{x} sur {m}" for x, m in found.pairs)
    assert re.search(rf"{plain(found.printed)} \( contrat de ville, ligne {found.source_line} \)", page)
    assert re.search(rf"Ce peut être : {counts} ?\.", page)
    assert f"Aucun nombre sur {found.base_max} ne donne {plain(found.printed)}" in page
    # Attachment in one quartier, or safety in all: deduced, and said so.
    assert re.search(r"déduit : entre \d+ et \d+ %, sur \d+ à \d+ réponses\. Ce chiffre n’a pas été", page)


def test_a_recounted_figure_is_told_as_recounted(app: Flask, town: Town, published: Published) -> None:
    assert "Les chiffres de 2023 sont pris tels qu’ils ont été publiés." in read(app, PAGE)
    microdata = Microdata(answer_2023("satisfaction", SATISFACTION), frozenset({"satisfaction"}))
    cache = app.extensions["findings"]
    cache.keep(replace(published, findings=find_results(town, published.counts, microdata)))
    app.extensions["frozen"].forget()
    try:
        page = read(app, PAGE)
        with app.test_request_context(PAGE):
            again = fetch_published()
            assert again is not None
            changes = explain(town, again)["changes"]
    finally:
        cache.keep(published)
        app.extensions["frozen"].forget()
    assert isinstance(changes, list)
    told = [figure.row.recounted.words for _, figure in changes if figure.row.recounted]
    assert told
    assert all(plain(said) in page for said in told)
    assert "les réponses de 2023 ont été retrouvées" in page
    assert "Pour les autres, il ne reste que des pourcentages arrondis." in page
    assert "ceux qui sont comptés de nouveau le sont sans pondération" in page
    assert "De l’enquête de 2023, il ne reste que" not in page
    assert "sont pris tels qu’ils ont été publiés" not in page
    with app.test_request_context(PAGE):
        first = find_printed(town)
        assert first is not None
        items = {indicator.item for indicator in town.indicators}
        assert find_printed(town, items) is None


def test_the_invented_quartiers_are_called_so_and_hide_the_second_one(app: Flask) -> None:
    page = read(app, PAGE)
    table = page.split("ces trois quartiers n’existent pas")[1].split("Ce qu’une enquête")[0]
    assert "A 28 40 70 %, 40 réponses" in table
    assert "B 6 7 masqué C 20 33 masqué Ensemble 54 80 68 %, 80 réponses" in table
    assert "54 − 28 − 20 = 6" in table


def test_what_two_waves_can_show_is_computed(app: Flask, town: Town, published: Published) -> None:
    page = read(app, PAGE)
    assert "Avec 35 entretiens en 2023, aucun nombre d’entretiens en 2027 ne peut montrer une hausse" in page
    assert town.first_wave is not None
    assert town.first_wave.published is not None
    for quartier in town.quartiers:
        first = town.first_wave.published.interviews[quartier.id]
        now = 10 * round(published.findings.interviews[quartier.id] / 10)
        rise = minimum_detectable(0.5, first, now, INTERVIEWER_EFFECT)[0]
        assert rise is not None
        assert f"{quartier.name} {first} environ {now} +{ceil(100 * rise)} points" in page
    assert "pour une seule comparaison" in page


def test_residents_and_staff_are_told_the_same_reach(sqlite_url: str) -> None:
    app = make_app(sqlite_url)
    town: Town = app.extensions["town"]
    design = town.current_wave.design
    assert design is not None
    planned = {
        found.domain: found for found in make_plan(town, town.current_wave, Settings(design.target)).domains
    }
    with app.test_request_context(PAGE):
        reach = explain(town, None)["reach"]
        plan = work_out(town, None)["plan"]
        assert isinstance(reach, list)
        for quartier, found in zip((*town.quartier_by_id, ALL), reach, strict=True):
            rise = planned[quartier].rise
            assert rise is not None
            assert (found.now, found.smallest) == (planned[quartier].interviews, ceil(100 * rise))
    whole = planned[ALL]
    assert whole.rise is not None
    assert whole.fall is not None
    assert (plan.rise, plan.fall) == (ceil(100 * whole.rise), ceil(100 * whole.fall))  # type: ignore[attr-defined]


def test_the_annex_works_the_same_figure_through(app: Flask, town: Town, published: Published) -> None:
    text = read(app, ANNEX)
    figure = find_example(town, published.findings)
    assert figure is not None
    estimate = published.findings.by_domain[(figure.item, figure.domain)].estimate
    assert estimate is not None
    p, effective = format_number(estimate.value, 3), round(estimate.effective_base)
    low, high = wilson(estimate.value, estimate.effective_base)
    assert (low, high) == (estimate.low, estimate.high)
    assert f"p = {p} ; m = {estimate.base} ; base efficace = {effective}" in text
    assert f"un intervalle de {format_number(low, 3)} à {format_number(high, 3)}." in text
    # Whoever works with the printed numbers finds the printed limits.
    again = wilson(round(estimate.value, 3), effective)
    assert again == pytest.approx((low, high), abs=1e-3)


def test_the_annex_compares_as_the_verdict_does(app: Flask, town: Town, published: Published) -> None:
    text = read(app, ANNEX)
    change = work_out(town, published)["change"]
    assert change is not None
    x, m, now = change.x, change.m, change.now  # type: ignore[attr-defined]
    verdict = published.findings.by_domain[("satisfaction", ALL)].verdict
    assert verdict is not None
    assert verdict.envelope is not None
    assert round(100 * x / m) == 71
    low, high = newcombe(x / m, m, now.value, now.effective_base)
    assert verdict.envelope.low <= low <= high <= verdict.envelope.high
    p = miettinen_nurminen_p(x / m, m, now.value, now.effective_base)
    assert verdict.envelope.p_low <= p <= verdict.envelope.p_high
    assert f"{x} sur {m} contre {format_number(now.value, 3)} : P = {format_number(p, 3)}." in text
    limits = f"de −{format_number(-low, 3)} à +{format_number(high, 3)}"
    assert limits in text


def test_the_families_have_the_size_of_the_verdicts(app: Flask, published: Published) -> None:
    found = re.search(r"k = (\d+) pour la famille annoncée, k = (\d+) pour les autres", read(app, ANNEX))
    assert found is not None
    assert int(found[1]) + int(found[2]) == published.findings.comparisons


def test_nothing_hidden_follows_from_the_table(app: Flask, town: Town, published: Published) -> None:
    findings = published.findings
    hidden = [
        item
        for item, domain in findings.by_domain
        if domain == ALL
        and any(findings.by_domain[(item, q.id)].shown.state == "masked" for q in town.quartiers)
    ]
    assert hidden
    for item in hidden:
        assert findings.by_domain[(item, ALL)].shown.exact
        assert not may_detail(town, findings, item, ALL)
    for key in list_keys(town, findings):
        figure = write_figure(town, findings, *key)
        shown = findings.by_domain[(figure.item, figure.domain)].shown
        assert shown.exact or figure.effective is None
        assert figure.domain != ALL or figure.item not in hidden or figure.effective is None


def test_no_exact_number_of_interviews_stands_on_a_page(sqlite_url: str) -> None:
    app = make_app(sqlite_url)
    town: Town = app.extensions["town"]
    asked, database = town.current_wave.questionnaire, app.extensions["database"]
    for number in range(127):
        answers = {
            item.id: 97
            if item.id not in asked.cell and (number + place) % 9 == 0
            else item.scale.options[(number + 3 * place) % len(item.scale.options)].code
            for place, item in enumerate(asked.closed_items)
            if item.scale
        }
        store_interview(database, town, leave_eligible(asked, answers))
    with database.write() as session:
        publish_now(session, town)
    with app.test_request_context("/"):
        findings = fetch_published()
        assert findings is not None
        bases = {found.shown.base for found in findings.findings.by_domain.values()}
        exact = set(findings.findings.interviews.values()) - bases
    assert 127 in exact
    for path in (PAGE, ANNEX):
        numbers = {int(found) for found in re.findall(r"(?<![\d,])\d+(?![\d,])", read(app, path))}
        assert not numbers & {number for number in exact if number > 100}, path


@pytest.mark.parametrize("path", [PAGE, ANNEX])
def test_no_word_is_there_that_readers_take_for_another(app: Flask, path: str) -> None:
    text = read(app, path)
    for word in FORBIDDEN:
        assert not re.search(word, text, re.IGNORECASE), f"{path}: {word}"
    assert "Données simulées" in text


def test_both_pages_open_before_the_first_release(sqlite_url: str) -> None:
    app = make_app(sqlite_url)
    page, annex = read(app, PAGE), read(app, ANNEX)
    assert "Les exemples viendront avec les premiers résultats." in page
    assert "Ce chiffre repose sur" not in page
    # What rests on the first wave and on the rules is there all the same.
    assert "Ce peut être" in page
    assert "ces trois quartiers n’existent pas" in page
    assert "ne sont pas encore publiés" in annex
    assert "Erreur type" not in annex


@pytest.mark.parametrize("interviews", [6, 20])
def test_both_pages_open_where_nothing_may_be_shown(sqlite_url: str, interviews: int) -> None:
    app = released(make_app(sqlite_url), interviews)
    page, annex = read(app, PAGE), read(app, ANNEX)
    assert "Ce chiffre repose sur" not in page
    assert "Erreur type" not in annex
    assert "Part comparée" not in annex


def test_quartiers_with_very_unequal_weights_are_named() -> None:
    town = niort()
    asked = town.current_wave.questionnaire
    scale = asked.by_id["age"].scale
    assert scale is not None
    one_of_each = {option.class_id: option.code for option in scale.options}
    uneven = {"lt25": 50, "25_59": 5, "60plus": 5}
    groups = [(n, {"quartier": 1, "age": one_of_each[group]}) for group, n in uneven.items()]
    groups += [(20, {"quartier": 2, "age": one_of_each[group]}) for group in uneven]
    assert list_unequal(town, make_counts(asked, groups)) == [town.quartiers[0].name]


def test_without_weights_the_pages_say_so_and_leave_the_weighted_example_out(
    sqlite_url: str, tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "surveys" / "niort", tmp_path / "niort")
    margins = tmp_path / "niort" / "2027" / "margins.csv"
    lines = margins.read_text(encoding="utf-8").replace("CB,age,lt25,486", "CB,age,lt25,0")
    margins.write_text(lines.replace("CB,age,25_59,1593", "CB,age,25_59,2079"), encoding="utf-8")
    app = released(make_app(sqlite_url, surveys_dir=tmp_path), 90)
    for path in (PAGE, ANNEX):
        assert "n’ont pas pu être redressées" in read(app, path)
    assert "Erreur type" not in read(app, ANNEX)


def test_another_town_has_its_own_examples(sqlite_url: str) -> None:
    app = released(make_app(sqlite_url, surveys_dir=SECOND_TOWN, town="bourg-fictif"), 130)
    page, annex = read(app, PAGE), read(app, ANNEX)
    for text in (page, annex):
        assert not re.search("Niort|2023|2027|Chabot|PCSA", text)
        assert "Bourg-Fictif" in text
    assert "2026" in page
    assert "Le Moulin" in page
    assert "Plaisir de vivre ici" in annex
    assert "Moins de 15 entretiens" in annex


def test_every_letter_formula_and_reference_is_used(app: Flask) -> None:
    template = (ROOT / "barometre/results/templates/results/annex.html").read_text(encoding="utf-8")
    page = app.test_client().get(ANNEX).get_data(as_text=True)
    for name in [*FORMULAS, *SYMBOLS]:
        assert f'"{name}"' in template, name
    for name, reference in REFERENCES.items():
        assert f'"{name}"' in template, name
        assert reference.title in page, name
    for module in re.findall(r'"((?:tests/)?[\w/]+\.py)"', template):
        assert (ROOT / module).exists() or (ROOT / "barometre" / module).exists(), module


def test_the_pages_lead_to_one_another(app: Flask) -> None:
    client = app.test_client()
    simple = "/comprendre-les-chiffres"
    for path, further in (
        ("/", simple),
        ("/themes/bien-vivre", simple),
        ("/quartiers/clou-bouchet", simple),
        (simple, PAGE),
        ("/comment-l-enquete-a-ete-faite", PAGE),
    ):
        main = client.get(path).get_data(as_text=True).split("<main")[1]
        assert f'href="{further}"' in main, path
    assert f'href="{ANNEX}"' in client.get(PAGE).get_data(as_text=True)


def test_shares_of_the_table_are_those_of_the_theme_pages(
    app: Flask, town: Town, published: Published
) -> None:
    table = read(app, ANNEX).split("Indicateurs clés, 2027")[1]
    for indicator in town.indicators:
        estimate = published.findings.by_domain[(indicator.item, ALL)].estimate
        if indicator.key:
            assert estimate is not None
            shares = [format_percent(share) for share in (estimate.value, estimate.low, estimate.high)]
            assert plain(f"{shares[0]} {shares[1]} – {shares[2]}") in table, indicator.item


def test_an_example_that_the_files_no_longer_give_is_not_worked_through(
    town: Town, published: Published
) -> None:
    """The population in the files changed after the edition: another share would stand under its name."""
    assert work_out(town, published)["levels"] is not None
    design = town.current_wave.design
    assert design is not None
    margins = {
        quartier: tables
        | {"age": tables["age"] | {"lt25": tables["age"]["60plus"], "60plus": tables["age"]["lt25"]}}
        for quartier, tables in design.margins.items()
    }
    wave = replace(town.current_wave, design=replace(design, margins=margins))
    changed = replace(town, waves={**town.waves, wave.id: wave})
    assert work_out(changed, published)["levels"] is None
