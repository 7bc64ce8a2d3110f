"""The papers, opened with a reader of PDF: tags, one page, the figures of the pages, nothing hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from flask import Flask
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject

from barometre import demonstration
from barometre.app import create_app
from barometre.config import Config
from barometre.estimates.disclosure import ALL
from barometre.i18n import format_percent, speak
from barometre.questionnaire.load import load_town
from barometre.questionnaire.town import Town
from barometre.results.papers.choice import SMALLEST_BASE, choose_to_remember, split_favourable
from barometre.results.papers.commands import papers
from barometre.results.papers.report import write_report
from barometre.results.papers.restitution import write_content, write_restitution
from barometre.results.papers.slides import WORDS, write_slides
from barometre.results.papers.slides import write_content as write_slide_content
from barometre.results.papers.typeset import set_pdf
from barometre.results.sources import Published, fetch_published
from barometre.results.tables import ItemBlock, write_blocks
from tests.data import NIORT
from tests.support import give_account, make_app, sign_in

LANGUAGES = ("fr", "en", "ar")
A4 = (595, 842)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration: every state a reader can meet, the hidden ones included."""
    path: Path = tmp_path_factory.mktemp("papers") / "demonstration.sqlite"
    demonstration.prepare(path, load_town(NIORT))
    config = Config(secret_key="tests only", database_url=f"sqlite:///{path}", secure_cookies=False)
    app = create_app(replace(config, demonstration=True))
    with app.app_context():
        yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture(scope="module")
def web(app: Flask) -> Flask:
    """The same, for requests: an application of its own, that shares nothing with the context above."""
    return create_app(app.extensions["config"])


@pytest.fixture(scope="module")
def town(app: Flask) -> Town:
    return app.extensions["town"]  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def published(app: Flask) -> Published:
    found = fetch_published()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def reports(app: Flask, town: Town, published: Published) -> dict[str, bytes]:
    """The report in each language, written once."""
    return {language: write_report(town, published, language) for language in LANGUAGES}


@cache
def words(body: bytes) -> str:
    """The text of a paper, one plain space between words."""
    pages = [page.extract_text() for page in PdfReader(BytesIO(body)).pages]
    return re.sub(r"\s+", " ", " ".join(pages))


def walk(node: Any) -> Iterator[DictionaryObject]:
    """Every element of a structure tree."""
    node = node.get_object()
    if isinstance(node, ArrayObject):
        for child in node:
            yield from walk(child)
    elif isinstance(node, DictionaryObject):
        yield node
        if "/K" in node and not isinstance(node["/K"], int):
            yield from walk(node["/K"])


@cache
def structure(body: bytes) -> list[DictionaryObject]:
    """The elements of the structure tree, in reading order."""
    root = PdfReader(BytesIO(body)).root_object["/StructTreeRoot"]
    return [element for element in walk(root) if "/S" in element]


def all_papers(
    town: Town, published: Published, reports: dict[str, bytes]
) -> Iterator[tuple[str, str, bytes]]:
    """Name, language and body of each paper."""
    for language in LANGUAGES:
        yield "report", language, reports[language]
        for quartier in town.quartiers:
            yield (
                quartier.id,
                language,
                write_restitution(town, published, quartier, language, "https://b.fr"),
            )


def blocks_in(
    language: str, town: Town, published: Published, domains: tuple[str, ...] = ()
) -> list[ItemBlock]:
    with speak(language):
        return write_blocks(town, published.findings, town.indicators, domains)


def test_every_paper_is_tagged_titled_and_says_its_language(
    town: Town, published: Published, reports: dict[str, bytes]
) -> None:
    for name, language, body in all_papers(town, published, reports):
        reader = PdfReader(BytesIO(body))
        root = reader.root_object
        assert root["/MarkInfo"]["/Marked"] is True or bool(root["/MarkInfo"]["/Marked"]), name
        assert root["/Lang"] == language, name
        assert root["/ViewerPreferences"]["/DisplayDocTitle"], name
        assert reader.metadata is not None
        assert reader.metadata.title, name
        assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data(), name


def test_every_picture_says_in_words_what_it_shows(
    town: Town, published: Published, reports: dict[str, bytes]
) -> None:
    for name, language, body in all_papers(town, published, reports):
        figures = [element for element in structure(body) if element["/S"] == "/Figure"]
        assert figures, name
        assert all(str(figure.get("/Alt", "")).strip() for figure in figures), (name, language)


def test_a_picture_without_words_is_refused(app: Flask, town: Town, published: Published) -> None:
    from typst import TypstError

    with speak("fr"):
        content = write_content(town, published, town.quartiers[0], "https://b.fr")
        with pytest.raises(TypstError):
            set_pdf("restitution.typ", content | {"qr_alt": None}, published.dated)


def test_the_tables_of_the_report_have_headers_and_its_headings_skip_no_level(
    reports: dict[str, bytes],
) -> None:
    kinds = [str(element["/S"]) for element in structure(reports["fr"])]
    assert kinds.count("/Table") >= 24
    assert kinds.count("/TH") >= kinds.count("/Table") * 2
    levels = [int(kind[2:]) for kind in kinds if re.fullmatch(r"/H\d", kind)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_report_has_bookmarks_for_every_chapter(town: Town, reports: dict[str, bytes]) -> None:
    outline = PdfReader(BytesIO(reports["fr"])).outline
    titles = " ".join(str(entry.title) for entry in outline if not isinstance(entry, list))
    assert all(theme.title in titles for theme in town.themes)


def test_a_restitution_holds_on_one_a4_page_in_every_language(town: Town, published: Published) -> None:
    for language in LANGUAGES:
        for quartier in town.quartiers:
            pages = PdfReader(BytesIO(write_restitution(town, published, quartier, language))).pages
            assert len(pages) == 1, (language, quartier.id)
            assert (round(pages[0].mediabox.width), round(pages[0].mediabox.height)) == A4


def test_a_restitution_holds_on_one_page_whatever_the_words(
    app: Flask, town: Town, published: Published
) -> None:
    """Every key indicator compared, and labels twice as long: the longest sheet a release could ask for."""
    with speak("fr"):
        content = write_content(town, published, town.quartiers[0])
        key = [indicator for indicator in town.indicators if indicator.key]
        content["since"]["rows"] = [[i.label, "● Pas de changement démontré"] for i in key]
        for part in ("good", "better"):
            for row in content[part]["rows"]:
                row["label"] = f"{row['label']}, {row['label'].lower()}"
        content["residents"]["said"] *= 2
        body = set_pdf("restitution.typ", content, published.dated)
    assert len(PdfReader(BytesIO(body)).pages) == 1


def test_the_sheet_of_residents_is_set_in_14_points_at_least(town: Town, published: Published) -> None:
    """Smaller: the foot, two notes under pictures, the unit of a number, the word on simulated data."""
    sizes: dict[float, int] = {}

    def see(text: str, _cm: Any, _tm: Any, _font: Any, size: float) -> None:
        # Before the first words the reader has no size yet and says 12.
        if text.strip():
            sizes[round(size, 1)] = sizes.get(round(size, 1), 0) + len(text.strip())

    body = write_restitution(town, published, town.quartiers[0], "fr")
    PdfReader(BytesIO(body)).pages[0].extract_text(visitor_text=see)
    large = sum(letters for size, letters in sizes.items() if size >= 14)
    assert set(sizes) <= {10.0, 11.0, 14.0, 16.0, 18.0, 24.0}
    assert large > 0.5 * sum(sizes.values())


def test_the_same_release_gives_the_same_bytes(
    town: Town, published: Published, reports: dict[str, bytes]
) -> None:
    quartier = town.quartiers[0]
    assert write_restitution(town, published, quartier, "ar") == write_restitution(
        town, published, quartier, "ar"
    )
    assert write_report(town, published, "fr") == reports["fr"]
    created = PdfReader(BytesIO(reports["fr"])).metadata
    assert created is not None
    assert created.creation_date == published.dated.replace(microsecond=0)


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_the_report_tells_the_figures_of_the_pages(
    language: str, town: Town, published: Published, reports: dict[str, bytes]
) -> None:
    text = words(reports[language])
    told = 0
    for block in blocks_in(language, town, published):
        for row in block.rows:
            cell = row.cell
            if cell.share is None or cell.base is None:
                continue
            with speak(language):
                figures = [format_percent(cell.share), format_percent(cell.low or 0), str(cell.base)]
            for figure in figures:
                assert re.sub(r"\s+", " ", figure) in text, (block.item, cell.domain, figure)
            told += 1
    assert told > 60


def test_the_rows_of_a_table_are_those_of_the_page(
    town: Town, published: Published, reports: dict[str, bytes]
) -> None:
    """Base and interval of each row stand one after the other, as in the table of the page."""
    text = words(reports["fr"])
    for block in blocks_in("fr", town, published):
        for row in block.rows:
            cell = row.cell
            if cell.low is None or cell.high is None or cell.share is None:
                continue
            with speak("fr"):
                parts = [format_percent(value) for value in (cell.share, cell.low, cell.high)]
            share, low, high = (re.escape(re.sub(r"\s+", " ", part)) for part in parts)
            line = rf"{share}\s*{low} –\s*{high}\s*{cell.base}\b"
            assert re.search(line, text), (block.item, cell.domain, line)


def test_nothing_that_is_hidden_leaves_in_a_paper(
    town: Town, published: Published, reports: dict[str, bytes]
) -> None:
    """Of a hidden cell: no share beside its interval, which stands nowhere else either."""
    text = words(reports["fr"])
    shown, hidden = set(), {}
    for (item, domain), finding in published.findings.by_domain.items():
        if finding.estimate is None:
            continue
        with speak("fr"):
            estimate = finding.estimate
            share, low, high = (
                re.sub(r"\s+", " ", format_percent(value))
                for value in (estimate.value, estimate.low, estimate.high)
            )
        line = f"{share} {low} – {high}"
        if finding.shown.exact:
            shown.add(line)
        else:
            hidden[(item, domain)] = line
    told = {where: line for where, line in hidden.items() if line not in shown}
    assert len(told) > 3, "the demonstration has cells of every state"
    assert len([line for line in shown if line in text]) > 40, "the lines are looked for as they are set"
    assert not [where for where, line in told.items() if line in text]
    for block in blocks_in("fr", town, published):
        for row in block.rows:
            if (block.item, row.cell.domain) in hidden:
                assert (row.cell.share, row.cell.low, row.cell.high) == (None, None, None)


def test_a_restitution_gives_no_figure_on_fewer_than_thirty_answers(town: Town, published: Published) -> None:
    for quartier in town.quartiers:
        blocks = blocks_in("fr", town, published, (quartier.id,))
        with speak("fr"):
            high, low = split_favourable(town, blocks)
            chosen = {block.item for block in choose_to_remember(town, blocks)}
        chosen |= {found.item for found in (*high, *low)}
        assert chosen
        for block in blocks:
            if block.item in chosen:
                cell = block.rows[0].cell
                assert cell.share is not None
                assert (cell.base or 0) >= SMALLEST_BASE


def test_a_restitution_names_no_other_quartier(town: Town, published: Published) -> None:
    for quartier in town.quartiers:
        text = words(write_restitution(town, published, quartier, "fr"))
        assert quartier.name in text
        assert not [other.name for other in town.quartiers if other is not quartier and other.name in text]


def test_every_change_that_is_known_stands_on_the_sheet(town: Town, published: Published) -> None:
    for language in ("fr", "en"):
        for quartier in town.quartiers:
            with speak(language):
                rows = write_content(town, published, quartier)["since"]["rows"]
            assert rows
            body = write_restitution(town, published, quartier, language)
            text = re.sub(r"\s", "", words(body))
            assert all(re.sub(r"\s", "", label + verdict) in text for label, verdict in rows)


def test_what_goes_well_and_what_could_be_better_follow_the_favourable_shares(
    town: Town, published: Published
) -> None:
    for quartier in town.quartiers:
        blocks = blocks_in("fr", town, published, (quartier.id,))
        with speak("fr"):
            every, _none = split_favourable(town, blocks, number=2 * len(blocks))
            _half, rest = split_favourable(town, blocks, number=2 * len(blocks))
            high, low = split_favourable(town, blocks)
        shares = sorted(found.share for found in (*every, *rest))
        assert [found.share for found in high] == shares[::-1][:3]
        assert [found.share for found in low] == shares[:3]
        assert not {found.item for found in high} & {found.item for found in low}


def test_people_are_drawn_to_the_nearest_ten(town: Town, published: Published) -> None:
    for quartier in town.quartiers:
        with speak("fr"):
            content = write_content(town, published, quartier)
        exact = published.findings.interviews[quartier.id]
        assert content["dots"] % 10 == 0
        assert abs(content["dots"] - exact) <= 5


def test_invented_answers_are_announced_on_every_page(reports: dict[str, bytes]) -> None:
    for page in PdfReader(BytesIO(reports["fr"])).pages:
        assert "Données simulées" in page.extract_text()


def test_real_answers_are_not_called_invented(town: Town, published: Published, app: Flask) -> None:
    real = app.jinja_env.globals["simulated"]
    app.jinja_env.globals["simulated"] = lambda: False
    try:
        text = words(write_restitution(town, published, town.quartiers[0], "fr"))
    finally:
        app.jinja_env.globals["simulated"] = real
    assert "simulées" not in text


def test_arabic_papers_are_in_arabic_letters(
    town: Town, published: Published, reports: dict[str, bytes]
) -> None:
    for body in (reports["ar"], write_restitution(town, published, town.quartiers[0], "ar")):
        assert len(re.findall(r"[\u0600-\u06ff\ufb50-\ufeff]", words(body))) > 200


def test_the_words_of_the_town_are_never_markup(town: Town, published: Published) -> None:
    """A name full of the signs of Typst comes out as it was written."""
    nasty = "#panic() *a* _b_ $x$ <l> @r \\ `c` = [d]"
    quartier = replace(town.quartiers[0], name=nasty)
    body = write_restitution(town, published, quartier, "fr")
    assert re.sub(r"\s", "", nasty) in re.sub(r"\s", "", words(body))


def test_the_report_leaves_room_for_the_answer_of_the_committee(
    town: Town, reports: dict[str, bytes]
) -> None:
    text = words(reports["fr"])
    assert "Réponse du comité de pilotage" in text
    lines = [s.source_line for s in town.sayings if s.kind == "proposal"]
    assert lines
    assert all(str(line) in text for line in lines)


def test_the_report_has_the_exact_questions_and_the_eleven_headings(
    town: Town, reports: dict[str, bytes]
) -> None:
    def bare(text: str) -> str:
        return re.sub(r"[\s'’\u00ad-]", "", text)

    text = bare(words(reports["fr"]))
    missing = [item.id for item in town.current_wave.questionnaire.items if bare(item.text) not in text]
    assert not missing
    assert len(town.method) == 11
    assert all(bare(heading.title) in text for heading in town.method)


def test_slides_have_one_picture_a_question_in_16_to_9_and_their_words(
    town: Town, published: Published
) -> None:
    body = write_slides(town, published, "fr")
    assert body == write_slides(town, published, "fr")
    with ZipFile(BytesIO(body)) as archive:
        pictures = [name for name in archive.namelist() if name.endswith(".png")]
        told = archive.read(WORDS).decode()
        for name in pictures:
            head = archive.read(name)[:24]
            assert head[:8] == b"\x89PNG\r\n\x1a\n"
            assert (int.from_bytes(head[16:20]), int.from_bytes(head[20:24])) == (1920, 1080)
    shown = [b for b in blocks_in("fr", town, published) if b.rows[0].cell.state != "not_asked"]
    assert len(pictures) == len(shown)
    assert all(name in told for name in pictures)
    assert all(block.headline in told for block in shown)
    assert "Données simulées" in told


def test_a_council_member_has_the_sheets_and_not_the_report(web: Flask) -> None:
    client = web.test_client()
    give_account(web, "council-of-papers", "council")
    sign_in(client, "council-of-papers")
    page = client.get("/papers").get_data(as_text=True)
    assert "/papers/ar/restitution/clou-bouchet" in page
    assert "/papers/fr/report" not in page
    sheet = client.get("/papers/fr/restitution/clou-bouchet")
    assert sheet.mimetype == "application/pdf"
    assert "attachment" in sheet.headers["Content-Disposition"]
    assert "http://localhost/quartiers/clou-bouchet" in words(sheet.data)
    assert client.get("/papers/fr/report").status_code == 403
    assert client.get("/papers/xx/restitution/clou-bouchet").status_code == 404
    assert client.get("/papers/fr/restitution/nowhere").status_code == 404


def test_an_analyst_has_every_paper(web: Flask) -> None:
    client = web.test_client()
    give_account(web, "analyst-of-papers", "analyst")
    sign_in(client, "analyst-of-papers")
    assert client.get("/papers/en/report").data.startswith(b"%PDF")
    assert client.get("/papers/en/slides").mimetype == "application/zip"


def test_before_the_first_release_there_is_no_paper(sqlite_url: str) -> None:
    app = make_app(sqlite_url)
    client = app.test_client()
    give_account(app, "early", "analyst")
    sign_in(client, "early")
    assert "Rien n’est encore publié" in client.get("/papers").get_data(as_text=True)
    assert client.get("/papers/fr/report").status_code == 404


def test_the_command_writes_every_paper_and_says_each(web: Flask, tmp_path: Path, town: Town) -> None:
    done = CliRunner().invoke(papers, [str(tmp_path), "--language", "fr"], obj=lambda: web)
    names = sorted(path.name for path in tmp_path.iterdir())
    total = len(town.quartiers) + 2
    assert len(names) == total
    assert done.exit_code == 0, done.output
    *lines, last = done.output.splitlines()
    # Each as it is done, with how many of how many.
    assert [line.split()[0] for line in lines] == [f"{number}/{total}" for number in range(1, total + 1)]
    assert sorted(line.split()[1] for line in lines) == names
    assert str(tmp_path) in last
    assert str(total) in last


def test_the_command_refuses_a_language_that_the_site_does_not_have(web: Flask, tmp_path: Path) -> None:
    done = CliRunner().invoke(papers, [str(tmp_path / "x"), "--language", "xx"], obj=lambda: web)
    assert done.exit_code == 2
    assert "xx" in done.output
    assert not (tmp_path / "x").exists()


def test_all_domains_are_in_the_sample(town: Town, published: Published, reports: dict[str, bytes]) -> None:
    text = words(reports["fr"])
    for domain in (ALL, *(quartier.id for quartier in town.quartiers)):
        exact = published.findings.interviews[domain]
        assert f"Environ {10 * round(exact / 10)}" in text


def test_what_no_font_can_print_is_marked_and_stops_no_paper(town: Town, published: Published) -> None:
    """People type emoji, and letters that our fonts do not have; PDF/UA refuses a page with one."""
    nasty = "Merci 👍🏽 à tous, 中文 aussi\u200d, et \ufe0fvoilà"
    quartier = replace(town.quartiers[0], name=nasty)
    text = words(write_restitution(town, published, quartier, "fr"))
    assert "Merci [?] à tous, [?] aussi" in text
    assert "voilà" in text


def test_a_change_of_other_answers_names_them_in_every_paper(
    town: Town, published: Published, reports: dict[str, bytes]
) -> None:
    """Where the first wave printed the other side, « en hausse » is said of that side."""
    with speak("fr"):
        shown = [
            (block, row, row.verdict)
            for block in write_blocks(town, published.findings, town.indicators)
            for row in block.rows
            if row.verdict and row.verdict.compared and row.verdict.word != "not_comparable"
        ]
        slides = {slide["title"]: slide for slide in write_slide_content(town, published)["slides"]}
        sheets = {quartier.id: write_content(town, published, quartier) for quartier in town.quartiers}
    assert shown
    report = squeeze(words(reports["fr"]))
    for block, row, verdict in shown:
        size = f" ({verdict.difference})" if verdict.difference else ""
        said = squeeze(f"{verdict.label}{size}, pour « {verdict.compared} »")
        assert said in report, block.item
        if row is block.rows[0]:
            slide = slides[block.headline]
            assert said in squeeze(slide["verdict"])
            assert squeeze(" ".join(verdict.cautions)) in squeeze(slide["cautions"])
        elif town.indicator_of[block.item].key:
            rows = sheets[row.cell.domain]["since"]["rows"]
            labels = [label for label, word in rows if block.label in label and word == verdict.label]
            assert not labels or verdict.compared in labels[0]


def test_the_words_of_the_slides_say_on_how_many_answers_each_rests(town: Town, published: Published) -> None:
    with ZipFile(BytesIO(write_slides(town, published, "fr"))) as archive:
        told = squeeze(archive.read(WORDS).decode())
    with speak("fr"):
        slides = write_slide_content(town, published)["slides"]
    for slide in slides:
        assert squeeze(slide["alt"] + slide["base"] + slide["verdict"] + slide["cautions"]) in told


def test_a_comparison_stands_beside_what_must_be_known_of_it(
    town: Town, published: Published, reports: dict[str, bytes]
) -> None:
    text = squeeze(words(reports["fr"]))
    with speak("fr"):
        blocks = write_blocks(town, published.findings, town.indicators)
        sheet = write_content(town, published, town.quartiers[0])
    key = [block for block in blocks if town.indicator_of[block.item].key and not block.new]
    cautions = {
        caution
        for block in key
        if (verdict := block.rows[0].verdict) and verdict.word != "not_comparable"
        for caution in verdict.cautions
    }
    assert cautions
    start = text.index(squeeze("Ces comparaisons se lisent avec des réserves."))
    synthesis = text[start : text.index("Sommaire", start)]
    assert all(squeeze(caution) in synthesis for caution in cautions)
    assert "ont pu changer" in sheet["since"]["caution"]
    body = write_restitution(town, published, town.quartiers[0], "fr")
    assert squeeze(sheet["since"]["caution"]) in squeeze(words(body))


def squeeze(text: str) -> str:
    """Letters and signs alone: lines of a paper break where they like."""
    return re.sub(r"\s", "", text)
