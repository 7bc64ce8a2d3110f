"""The pages that prepare the next wave: the numbers of the plan, errors that lose nothing, the quotas."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from math import ceil
from pathlib import Path
from urllib.parse import urlencode

import pandas
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from barometre.cli import main
from barometre.questionnaire.load import load_town
from barometre.questionnaire.town import Design, Quota
from barometre.results.curves import choose_lines
from barometre.results.plan import FOUND, NONE, OUTSIDE, TOO_MANY, Settings, default_interviews, make_plan
from tests.data import bourg_fictif, niort
from tests.support import ROOT, SECOND_TOWN, give_account, make_app, sign_in

PAGE, SHEET, FILE = "/desk/planning", "/desk/planning/quotas", "/desk/planning/quotas/file"


class Tables(HTMLParser):
    """Every table of a page as rows of words, blanks made plain."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("th", "td"):
            self.tables[-1][-1].append("")
            self.in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self.in_cell = self.in_cell and tag not in ("th", "td")

    def handle_data(self, data: str) -> None:
        if self.in_cell:
            row = self.tables[-1][-1]
            row[-1] = " ".join(f"{row[-1]} {data}".split())


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Niort before its survey."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('plan') / 'barometre.sqlite'}")
    give_account(app, "analyst", "analyst")
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture(scope="module")
def analyst(app: Flask) -> FlaskClient:
    """Somebody who may plan."""
    return sign_in(app.test_client(), "analyst")


def read(client: FlaskClient, path: str = PAGE, language: str = "", **given: str) -> str:
    """A page as text; an address with its fields."""
    answer = client.get(f"{language}{path}?{urlencode(given)}")
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def words(page: str) -> str:
    """What a page says, blanks made plain."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def niort_design() -> Design:
    """The design of 2027."""
    design = niort().current_wave.design
    assert design is not None
    return design


def run_plan(*arguments: str) -> str:
    """The command."""
    unset = dict.fromkeys(["SECRET_KEY", "DATABASE_URL", "SURVEYS_DIR", "TOWN"])
    result = CliRunner().invoke(main, ["plan", *arguments], env=unset)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.parametrize("item", ["", "satisfaction", "securite", "sorties"])
def test_the_page_and_the_command_say_the_same_numbers(analyst: FlaskClient, item: str) -> None:
    document = json.loads(run_plan("--item", item, "--per-quartier", "90", "--deff", "1.2", "--json"))
    interviews = {f"interviews-{quartier}": "90" for quartier in niort().quartier_by_id}
    page = read(analyst, item=item, deff="1,2", power="80", **interviews)
    shown, needed, _curves, _totals = Tables(page).tables
    assert len(document["domains"]) == 4
    for domain, row, needs in zip(document["domains"], shown[1:], needed[1:], strict=True):
        points = [
            "–" if change is None else f"{sign}{ceil(100 * change)} points"
            for sign, change in (("+", domain["rise"]), ("−", domain["fall"]))
        ]
        assert row[2:4] == points, domain["domain"]
        assert row[1] == str(domain["interviews"])
        assert row[4] == f"{ceil(100 * domain['half_width'])} points"
        assert row[6].split()[0] == str(domain["first_base"])
        sizes = [f"{need['size'] or 0:,}".replace(",", " ") for need in domain["needs"]]
        states = {NONE: "aucun nombre", OUTSIDE: "–", TOO_MANY: "plus que d’habitants"}
        assert needs[1:] == [
            size if need["state"] == FOUND else states[need["state"]]
            for need, size in zip(domain["needs"], sizes, strict=True)
        ]
    assert sum(quota["target"] for quota in document["quotas"]) == 270


def test_the_command_prints_the_same_numbers_as_tables() -> None:
    text = run_plan("--deff", "1", "--per-quartier", "70")
    assert re.search(r"^Clou Bouchet +70 +11\.7 +50% +46 +25\.3 +25\.3$", text, re.MULTILINE)
    # Kish: the equal quartiers cost an eighth of the interviews.
    assert re.search(r"^All together +210 +7\.2 +50% +120 +16\.1 +16\.1$", text, re.MULTILINE)
    assert re.search(r"^Clou Bouchet +none +none +959 +75$", text, re.MULTILINE)
    assert re.search(r"^Tour Chabot Gavacherie +60plus +16$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--per-quartier", "1201"], "TCG has 1200 persons"),
        (["--per-quartier", "0"], "--per-quartier"),
        (["--item", "age"], "No published share of age"),
        (["--wave", "2023"], "2023 is not collected here"),
        (["--deff", "0.9"], "--deff"),
        (["--power", "80"], "--power"),
    ],
)
def test_the_command_refuses_in_one_sentence(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(main, ["plan", *arguments])
    assert (result.exit_code, said in result.output) == (2, True), result.output


def test_the_command_plans_another_town(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURVEYS_DIR", str(SECOND_TOWN))
    result = CliRunner().invoke(main, ["plan", "--town", "bourg-fictif", "--wave", "2030"])
    assert result.exit_code == 0, result.output
    assert re.search(r"^Le Moulin +55 ", result.output, re.MULTILINE)


def test_where_no_size_is_enough_a_sentence_says_what_limits(analyst: FlaskClient) -> None:
    said = words(read(analyst, deff="1"))
    assert (
        "Clou Bouchet : aucun nombre d’entretiens en 2027 ne suffira à démontrer une hausse de 15 points ou "
        "moins ; c’est la taille de 2023 (46 entretiens) qui limite." in said
    )
    assert "Les 3 quartiers ensemble : aucun nombre d’entretiens en 2027" in said
    assert "une hausse de 10 points ou moins ; c’est la taille de 2023 (120 entretiens)" in said


def test_words_that_promise_too_much_are_not_there(analyst: FlaskClient) -> None:
    said = words(read(analyst, item="satisfaction")).lower()
    assert "à titre indicatif, par référence au tirage au sort" in said
    for promise in ("significati", "marge d’erreur", "échantillon représentatif", "stable"):
        assert promise not in said, promise


def test_the_starting_point_is_what_was_published_with_the_fewest_answers_behind_it(
    analyst: FlaskClient,
) -> None:
    rows = {row[0]: row[5:7] for row in Tables(read(analyst, item="satisfaction")).tables[0]}
    # 79 % is none of 30 or 31 answers; of 32, it is two options rounded one by one.
    assert rows["Tour Chabot Gavacherie"] == ["79 % (Très satisfait ou plutôt satisfait)", "32 sur 35"]
    assert rows["Clou Bouchet"] == ["50 %, faute de chiffre publié", "41 sur 46"]
    rows = {row[0]: row[5:7] for row in Tables(read(analyst, item="equip_services_publics")).tables[0]}
    # Printed for the other side: its own answers are named.
    assert rows["Pontreau Colline Saint-André"][0].startswith("60 % (")
    assert "mal" in rows["Pontreau Colline Saint-André"][0]


def test_figures_that_nothing_can_be_compared_with_are_no_starting_point() -> None:
    town = niort()
    plan = make_plan(town, town.current_wave, Settings(default_interviews(niort_design()), "sorties"))
    levels = {found.domain: found.baseline for found in plan.domains}
    assert levels["TCG"] is not None
    assert (levels["TCG"].figure, levels["TCG"].level) == (None, 0.5)
    for baseline in levels.values():
        assert baseline is not None
        assert baseline.figure is None or baseline.figure.comparability != "no"


def test_each_reason_why_there_is_no_size_has_its_name() -> None:
    town = niort()
    plan = make_plan(town, town.current_wave, Settings(default_interviews(niort_design()), "satisfaction"))
    states = {found.domain: [need.state for need in found.needs] for found in plan.domains}
    # From 50 % on 34 answers: more interviews than Pontreau has residents. From 79 %: past 100 %.
    assert states["PCSA"] == [NONE, NONE, NONE, TOO_MANY]
    assert states["TCG"] == [NONE, NONE, FOUND, OUTSIDE]


def test_the_proposal_is_the_hoped_for_total_in_equal_quartiers() -> None:
    assert default_interviews(niort_design()) == {"CB": 75, "TCG": 75, "PCSA": 75}


def test_without_a_first_wave_only_the_precision_is_planned(app: Flask, analyst: FlaskClient) -> None:
    town = bourg_fictif()
    design = town.current_wave.design
    assert design is not None
    wave = replace(town.current_wave, design=replace(design, first_wave=None))
    alone = replace(town, waves={**town.waves, wave.id: wave})
    plan = make_plan(alone, wave, Settings({"MOULIN": 60, "VERGER": 50}))
    assert [found.rise for found in plan.domains] == [None, None, None]
    usual = app.extensions["town"]
    app.extensions["town"] = alone
    try:
        said = words(read(analyst))
    finally:
        app.extensions["town"] = usual
    assert "Il n’y a pas d’enquête précédente" in said
    assert "Plus petite hausse" not in said


@pytest.mark.parametrize(
    ("field", "value", "mend"),
    [
        ("interviews-CB", "", "Écrivez un nombre entier, de 1 à 2 700"),
        ("interviews-TCG", "1201", "Écrivez un nombre entier, de 1 à 1 200"),
        ("interviews-PCSA", "-4", "Écrivez un nombre entier, de 1 à 1 600"),
        ("interviews-PCSA", "9" * 5000, "Écrivez un nombre entier, de 1 à 1 600"),
        ("interviews-PCSA", "7,5", "Écrivez un nombre entier"),
        ("power", "100", "de 50 à 99"),
        ("deff", "0,9", "de 1 à 5"),
        ("deff", "nan", "de 1 à 5"),
        ("deff", "1_1", "de 1 à 5"),
        ("deff", "<b>", "de 1 à 5"),
        ("item", "age", "dans la liste"),
    ],
)
@pytest.mark.parametrize("path", [PAGE, SHEET, FILE])
def test_a_bad_field_is_named_with_its_mend_and_nothing_is_lost(
    analyst: FlaskClient, path: str, field: str, value: str, mend: str
) -> None:
    kept = {"interviews-CB": "93", "power": "85", field: value}
    answer = analyst.get(f"{path}?{urlencode(kept)}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert mend in words(page)
    assert f'href="#{field}"' in page
    assert re.search(rf'aria-describedby="[^"]*{field}-error" aria-invalid="true"', page)
    assert page.count('aria-invalid="true"') == 1
    assert "<table" not in page
    for name, text in kept.items():
        if name != "item":
            assert re.search(
                rf'name="{name}" value="{re.escape(text.replace("<", "&lt;").replace(">", "&gt;"))}"', page
            )


@pytest.mark.parametrize("blank", [" ", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"])
def test_a_number_may_be_written_as_the_page_writes_it(analyst: FlaskClient, blank: str) -> None:
    page = read(analyst, **{"interviews-CB": f"1{blank}000", "deff": f" 1,2{blank}"})
    assert Tables(page).tables[0][1][1] == "1 000"


def test_no_two_of_many_quartiers_have_the_same_line() -> None:
    *parts, whole = choose_lines(9)
    assert len({line.dashes for line in (*parts, whole)}) == 9


@pytest.mark.parametrize(("language", "direction"), [("", "ltr"), ("/en", "ltr"), ("/ar", "rtl")])
def test_every_language_opens_both_pages(analyst: FlaskClient, language: str, direction: str) -> None:
    for path in (PAGE, SHEET):
        page = read(analyst, path, language, item="securite", **{"interviews-CB": "61"})
        assert f'lang="{language.strip("/") or "fr"}" dir="{direction}"' in page
        assert "61" in Tables(page).tables[0][1]
        # The way to the other page and to the file keeps what was chosen.
        assert "interviews-CB=61" in page


def test_the_curves_turn_with_the_reading(analyst: FlaskClient) -> None:
    def draw(language: str) -> list[list[tuple[float, float]]]:
        return [
            [(float(x), float(y)) for x, y in (point.split(",") for point in line.split())]
            for line in re.findall(r'<polyline points="([^"]*)"', read(analyst, language=language))
        ]

    french, arabic = draw(""), draw("/ar")
    assert len(french) == 4
    for line, mirrored in zip(french, arabic, strict=True):
        assert line == [(pytest.approx(1000 - x), y) for x, y in mirrored]
        assert len(line) == 81
        assert min(line, key=lambda point: -point[1])[0] == pytest.approx(500)
    # The quartiers together show a rise of 40 points almost surely.
    assert french[-1][-1][1] < 5


def test_more_interviews_move_the_curves_and_the_sentence(analyst: FlaskClient) -> None:
    said = words(read(analyst, deff="1"))
    found = re.search(r"Passer de 200 à 400 entretiens .* de (\d+) à (\d+) points", said)
    assert found
    assert (int(found[1]), int(found[2])) == (17, 15)


def test_the_sheet_is_read_back_as_it_was_written(analyst: FlaskClient) -> None:
    answer = analyst.get(
        f"{FILE}?{urlencode({'interviews-CB': 80, 'interviews-TCG': 70, 'interviews-PCSA': 70})}"
    )
    assert (answer.mimetype, answer.content_encoding) == ("text/csv", None)
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "quotas-2027.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";"))
    found = tuple(Quota(row["quartier"], row["age_class"], int(row["target"])) for row in rows)
    # By the same rule as the targets that were written by hand.
    assert found == niort_design().quotas
    table = pandas.read_csv(io.BytesIO(answer.data), sep=";")
    assert list(table.columns) == ["wave", "quartier", "quartier_name", "age_class", "age", "target"]
    assert table.groupby("quartier")["target"].sum().to_dict() == niort_design().target
    assert "Pontreau Colline Saint-André" in set(table["quartier_name"])


def test_the_block_to_copy_is_a_design_that_loads(analyst: FlaskClient, tmp_path: Path) -> None:
    page = read(analyst, SHEET, **{"interviews-CB": "101"})
    block = unescape(page.split("<pre", 1)[1].split(">", 1)[1].split("</pre>", 1)[0])
    shutil.copytree(ROOT / "surveys" / "niort", tmp_path / "niort")
    file = tmp_path / "niort" / "2027" / "design.toml"
    file.write_text(file.read_text(encoding="utf-8").split("[target]")[0] + block, encoding="utf-8")
    design = load_town(tmp_path / "niort").current_wave.design
    assert design is not None
    assert design.target == {"CB": 101, "TCG": 75, "PCSA": 75}
    for quartier, target in design.target.items():
        assert sum(quota.target for quota in design.quotas if quota.quartier == quartier) == target
    sheet = Tables(page).tables[0]
    assert [row[-1] for row in sheet] == ["Total", "101", "75", "75", "251"]


def test_with_margins_by_sex_the_sheet_is_by_age_and_sex(sqlite_url: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "surveys" / "niort", tmp_path / "niort")
    margins = tmp_path / "niort" / "2027" / "margins.csv"
    sexes = (
        "CB,sexe,F,1450\nCB,sexe,M,1250\nTCG,sexe,F,640\nTCG,sexe,M,560\nPCSA,sexe,F,810\nPCSA,sexe,M,790\n"
    )
    margins.write_text(margins.read_text(encoding="utf-8") + sexes, encoding="utf-8")
    app = make_app(sqlite_url, surveys_dir=tmp_path)
    give_account(app, "analyst", "analyst")
    client = sign_in(app.test_client(), "analyst")
    header, *rows = Tables(read(client, SHEET)).tables[0]
    assert len(header) == 8
    assert header[1].startswith("Moins de 25 ans, ")
    for row in rows:
        assert sum(int(number) for number in row[1:-1]) == int(row[-1])
    table = pandas.read_csv(io.BytesIO(client.get(FILE).data), sep=";")
    assert table.groupby(["quartier", "sexe_class"])["target"].sum()["CB"].to_dict() == {"F": 40, "M": 35}
    # The survey files hold quotas by age: both sexes together.
    assert 'age_class = "lt25"\ntarget = 14' in unescape(read(client, SHEET))


@pytest.mark.parametrize(
    ("role", "sees"), [("supervisor", True), ("administrator", True), ("interviewer", False)]
)
def test_the_desk_leads_to_it_whoever_may_plan(app: Flask, role: str, sees: bool) -> None:
    give_account(app, role, role)
    page = sign_in(app.test_client(), role).get("/desk").get_data(as_text=True)
    assert (f'href="{PAGE}"' in page) == sees
