"""Editions: from the desk to the public, with nothing that changes once it is public."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO, StringIO
from xml.etree import ElementTree
from zipfile import ZipFile

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from barometre.questionnaire.town import Town
from barometre.results.checklist import list_checks, may_publish
from barometre.results.document import read_figures, write_figures
from barometre.results.sources import fetch_published
from barometre.storage.editions import fetch_numbered, fetch_public_id, tick
from barometre.storage.models import Release
from barometre.storage.releases import fetch_releases
from tests.journeys.test_doorstep_to_comparison import answer_everything
from tests.support import give_account, make_app, sign_in, store_interview

WAVE = "2027"
PAGES = ("/", "/themes/bien-vivre", "/quartiers/clou-bouchet", "/ar/", "/en/themes/bien-vivre")


@pytest.fixture
def app(sqlite_url: str) -> Iterator[Flask]:
    """Niort with forty interviews in each quartier and nothing public."""
    made = make_app(sqlite_url)
    add_interviews(made, range(120))
    for role in ("analyst", "council", "interviewer"):
        give_account(made, role, role, council="CC1" if role == "council" else None)
    give_account(made, "reviewer", "analyst")
    yield made
    made.extensions["database"].engine.dispose()


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    """An analyst."""
    return sign_in(app.test_client(), "analyst")


def add_interviews(app: Flask, numbers: range) -> None:
    town = app.extensions["town"]
    for number in numbers:
        answers = answer_everything(town.current_wave.questionnaire, number)
        store_interview(app.extensions["database"], town, answers)


def post(client: FlaskClient, address: str, **values: str) -> str:
    """What the page says after a step; the token is the one of the list of editions."""
    form = client.get("/desk/editions").get_data(as_text=True)
    found = re.search(r'name="csrf_token" value="([^"]+)"', form)
    token = found[1] if found else ""
    answer = client.post(address, data={"csrf_token": token, **values}, follow_redirects=True)
    return answer.get_data(as_text=True)


def prepare(app: Flask, desk: FlaskClient) -> int:
    """Id of one more prepared edition."""
    post(desk, "/desk/editions")
    with app.extensions["database"].read() as session:
        return fetch_releases(session, WAVE)[0].id


def tick_all(desk: FlaskClient, edition: int) -> None:
    """The whole checklist: one thing of it by somebody else than who made the edition."""
    for check in ("keyboard", "words"):
        post(desk, f"/desk/editions/{edition}/checks", check=check, done="yes")
    reviewer = sign_in(desk.application.test_client(), "reviewer")
    post(reviewer, f"/desk/editions/{edition}/checks", check="verbatim", done="yes")


def publish(app: Flask, desk: FlaskClient) -> int:
    edition = prepare(app, desk)
    tick_all(desk, edition)
    assert "L’édition est publiée" in post(desk, f"/desk/editions/{edition}/publish")
    return edition


def read_public(app: Flask) -> list[bytes]:
    return [app.test_client().get(page).data for page in PAGES]


def test_what_is_only_prepared_is_seen_by_nobody_outside(app: Flask, desk: FlaskClient) -> None:
    nothing = read_public(app)
    edition = prepare(app, desk)
    assert read_public(app) == nothing
    post(desk, f"/desk/editions/{edition}/preview")
    assert "ne la montrez pas encore" in desk.get("/").get_data(as_text=True)
    assert "personnes interrogées" in desk.get("/").get_data(as_text=True)
    assert read_public(app) == nothing
    council = sign_in(app.test_client(), "council")
    with council.session_transaction() as session:
        session["preview"] = edition
    assert "personnes interrogées" not in council.get("/").get_data(as_text=True)
    post(desk, f"/desk/editions/{edition}/share")
    assert "personnes interrogées" in council.get("/").get_data(as_text=True)
    interviewer = sign_in(app.test_client(), "interviewer")
    with interviewer.session_transaction() as session:
        session["preview"] = edition
    assert "personnes interrogées" not in interviewer.get("/").get_data(as_text=True)
    assert read_public(app) == nothing


def test_an_edition_waits_for_its_whole_checklist(app: Flask, desk: FlaskClient) -> None:
    edition = prepare(app, desk)
    for check in ("keyboard", "words"):
        assert "rien n’est publié" in post(desk, f"/desk/editions/{edition}/publish")
        post(desk, f"/desk/editions/{edition}/checks", check=check, done="yes")
    assert "rien n’est publié" in post(desk, f"/desk/editions/{edition}/publish")
    tick_all(desk, edition)
    post(desk, f"/desk/editions/{edition}/checks", check="words", done="no")
    assert "rien n’est publié" in post(desk, f"/desk/editions/{edition}/publish")
    with app.extensions["database"].read() as session:
        assert fetch_public_id(session, WAVE) is None
    post(desk, f"/desk/editions/{edition}/checks", check="words", done="yes")
    assert "tout le monde la voit" in post(desk, f"/desk/editions/{edition}/publish")


def test_whoever_made_an_edition_does_not_review_its_words_alone(app: Flask, desk: FlaskClient) -> None:
    edition = prepare(app, desk)
    assert (
        desk.get(f"/desk/editions/{edition}").get_data(as_text=True).count("Une autre personne doit le dire")
        == 1
    )
    said = post(desk, f"/desk/editions/{edition}/checks", check="verbatim", done="yes")
    assert said.count("Une autre personne doit le dire") == 2
    with app.extensions["database"].read() as session:
        assert session.get_one(Release, edition).checks == {}
    tick_all(desk, edition)
    page = re.sub(r"\s", " ", desk.get(f"/desk/editions/{edition}").get_data(as_text=True))
    assert "Par reviewer." in page
    assert "Une autre personne doit le dire" not in page


def test_a_tick_taken_back_in_the_last_moment_still_counts(
    app: Flask, desk: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition = prepare(app, desk)
    tick_all(desk, edition)
    form = desk.get("/desk/editions").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token
    opened = app.extensions["database"].write

    def take_back_first() -> object:
        """Somebody else's step comes between the request and its transaction."""
        monkeypatch.undo()
        with opened() as session:
            tick(session, edition, "words", "reviewer", done=False)
        return opened()

    monkeypatch.setattr(app.extensions["database"], "write", take_back_first)
    answer = desk.post(f"/desk/editions/{edition}/publish", data={"csrf_token": token[1]})
    assert answer.status_code == 422
    assert "rien n’est publié" in answer.get_data(as_text=True)
    with app.extensions["database"].read() as session:
        assert fetch_public_id(session, WAVE) is None


def test_an_empty_heading_or_a_lower_threshold_stands_in_the_way(app: Flask, desk: FlaskClient) -> None:
    publish(app, desk)
    town: Town = app.extensions["town"]
    ticks = {check: {"by": "x", "at": ""} for check in ("verbatim", "keyboard", "words")}
    with app.test_request_context():
        edition = fetch_published()
        assert edition is not None
        assert may_publish(list_checks(town, edition, ticks, "y"))
        heading, design = town.method[3], town.current_wave.design
        assert design is not None
        kept = heading.texts.pop(WAVE)
        assert not may_publish(list_checks(town, edition, ticks, "y"))
        heading.texts[WAVE] = kept
        threshold = design.threshold_mask
        object.__setattr__(design, "threshold_mask", 10)
        assert not may_publish(list_checks(town, edition, ticks, "y"))
        object.__setattr__(design, "threshold_mask", threshold)
        assert may_publish(list_checks(town, edition, ticks, "y"))


def test_a_public_edition_never_changes(app: Flask, desk: FlaskClient) -> None:
    publish(app, desk)
    before = read_public(app)
    add_interviews(app, range(7, 64))
    prepare(app, desk)
    assert read_public(app) == before
    # Not even in a process that has it not in memory.
    app.extensions["findings"] = type(app.extensions["findings"])()
    app.extensions["frozen"].forget()
    assert read_public(app) == before


def test_the_interface_and_the_files_give_the_same_bytes_when_interviews_arrive(
    app: Flask, desk: FlaskClient
) -> None:
    publish(app, desk)
    client = app.test_client()
    index = client.get("/donnees/api/v1/").get_json()["adresses"]
    addresses = [address.replace("{item}", "satisfaction") for address in index]
    links = re.findall(
        r'href="(/donnees/[^"/]+)"', client.get("/telecharger-les-donnees").get_data(as_text=True)
    )
    assert len(links) > 3
    before = {address: client.get(address).data for address in (*addresses, *links)}
    add_interviews(app, range(7, 64))
    prepare(app, desk)
    app.extensions["findings"] = type(app.extensions["findings"])()
    app.extensions.pop("data_files")
    app.extensions["frozen"].forget()
    assert {address: client.get(address).data for address in before} == before


def test_the_figures_are_those_of_the_preview_and_are_identified(app: Flask, desk: FlaskClient) -> None:
    edition = prepare(app, desk)
    post(desk, f"/desk/editions/{edition}/preview")
    shares = re.findall(r"\d+ % ", desk.get("/themes/bien-vivre").get_data(as_text=True))
    tick_all(desk, edition)
    post(desk, f"/desk/editions/{edition}/publish")
    assert re.findall(r"\d+ % ", app.test_client().get("/themes/bien-vivre").get_data(as_text=True)) == shares
    with app.extensions["database"].read() as session:
        kept = session.get_one(Release, edition)
    assert kept.figures
    assert kept.figures_sha256 == sha256(kept.figures).hexdigest()
    findings, breakdowns = read_figures(kept.figures)
    assert breakdowns
    assert write_figures(findings, breakdowns) == kept.figures
    assert kept.figures_sha256 in app.test_client().get("/editions").get_data(as_text=True)


def test_an_erratum_stands_on_every_page_and_a_withdrawn_edition_leaves_its_reason(
    app: Flask, desk: FlaskClient
) -> None:
    first = publish(app, desk)
    before = read_public(app)
    assert "écrivez une phrase" in post(desk, f"/desk/editions/{first}/erratum", words="  ")
    post(desk, f"/desk/editions/{first}/erratum", words="Le titre <b>était</b> faux.")
    for page in read_public(app):
        assert "Le titre &lt;b&gt;était&lt;/b&gt; faux." in page.decode()
    add_interviews(app, range(36))
    second = publish(app, desk)
    for page in read_public(app):
        assert "Le titre" not in page.decode()
    post(desk, f"/desk/editions/{second}/withdraw", words="Des doublons.")
    assert ["Édition n° 1" in page.decode() for page in read_public(app)[:3]] == [True] * 3
    post(desk, f"/desk/editions/{first}/withdraw", words="Tout est à revoir.")
    assert all("Édition n°" not in page.decode() for page in read_public(app))
    told = app.test_client().get("/editions").get_data(as_text=True)
    assert "Des doublons." in told
    assert "Tout est à revoir." in told
    assert before != read_public(app)
    with app.extensions["database"].read() as session:
        assert [edition.number for edition in fetch_numbered(session, WAVE)] == [2, 1]


def test_a_step_that_no_longer_follows_changes_nothing(app: Flask, desk: FlaskClient) -> None:
    edition = publish(app, desk)
    for step in ("share", "publish"):
        assert "l’édition a changé entre-temps" in post(desk, f"/desk/editions/{edition}/{step}")
    assert "d’autres l’ont vue" in post(desk, f"/desk/editions/{edition}/discard")
    with app.extensions["database"].read() as session:
        assert fetch_public_id(session, WAVE) == edition


def test_an_edition_that_nobody_saw_can_be_removed(app: Flask, desk: FlaskClient) -> None:
    edition = prepare(app, desk)
    post(desk, f"/desk/editions/{edition}/preview")
    assert "est supprimée" in post(desk, f"/desk/editions/{edition}/discard")
    assert desk.get("/").status_code == 200
    assert desk.get(f"/desk/editions/{edition}").status_code == 404
    # The next one needs no eleven new interviews beside it.
    assert prepare(app, desk)


def test_an_id_that_was_given_once_is_never_given_again(app: Flask, desk: FlaskClient) -> None:
    first = prepare(app, desk)
    post(desk, f"/desk/editions/{first}/preview")
    post(desk, f"/desk/editions/{first}/discard")
    assert prepare(app, desk) != first
    # Whoever looked at the one that was removed does not see the next one in its place.
    assert "Aperçu" not in desk.get("/").get_data(as_text=True)


def test_an_older_edition_never_replaces_a_newer_one(app: Flask, desk: FlaskClient) -> None:
    older = prepare(app, desk)
    tick_all(desk, older)
    add_interviews(app, range(36))
    newer = publish(app, desk)
    assert "Une édition plus récente est déjà publique" in post(desk, f"/desk/editions/{older}/publish")
    with app.extensions["database"].read() as session:
        assert fetch_public_id(session, WAVE) == newer
    post(desk, f"/desk/editions/{older}/share")
    member = sign_in(app.test_client(), "council").get("/council").get_data(as_text=True)
    assert "montrée avant le public" not in member


def test_a_withdrawal_is_told_on_the_pages_that_fall_back(app: Flask, desk: FlaskClient) -> None:
    publish(app, desk)
    add_interviews(app, range(36))
    second = publish(app, desk)
    assert "a été retirée" not in app.test_client().get("/").text
    post(desk, f"/desk/editions/{second}/withdraw", words="Des doublons au Pontreau.")
    for address in ("/", "/themes/bien-vivre", "/quartiers/clou-bouchet"):
        told = re.sub(r"\s", " ", app.test_client().get(address).text)
        assert "L’édition n° 2 a été retirée" in told, address
        assert "Des doublons au Pontreau." in told
        assert "Vous lisez celle d’avant." in told
    # The next one takes its place, and with it the notice goes.
    add_interviews(app, range(36, 72))
    third = publish(app, desk)
    assert "a été retirée" not in app.test_client().get("/").text
    post(desk, f"/desk/editions/{third}/withdraw", words="Encore.")
    post(desk, "/desk/editions/1/withdraw", words="Tout est à revoir.")
    nothing = re.sub(r"\s", " ", app.test_client().get("/").text)
    assert "ne sont plus publiés pour le moment" in nothing
    assert "Ils paraîtront ici" not in nothing
    assert 'href="/editions"' in nothing


def test_a_second_draft_of_the_same_counts_is_the_first(app: Flask, desk: FlaskClient) -> None:
    first = prepare(app, desk)
    assert "Cette édition a déjà les comptes de maintenant" in post(desk, "/desk/editions")
    with app.extensions["database"].read() as session:
        assert [edition.id for edition in fetch_releases(session, WAVE)] == [first]
    add_interviews(app, range(36))
    assert prepare(app, desk) != first


def test_who_looked_at_what_stays_readable_once_it_is_public(app: Flask, desk: FlaskClient) -> None:
    edition = publish(app, desk)
    history = desk.get(f"/desk/editions/{edition}").text.split("Histoire")[1]
    assert history.count("Par analyst.") == 2
    assert history.count("Par reviewer.") == 1


def test_words_that_came_too_late_are_shown_again(app: Flask, desk: FlaskClient) -> None:
    edition = publish(app, desk)
    post(desk, f"/desk/editions/{edition}/withdraw", words="Trop de doublons.")
    late = post(desk, f"/desk/editions/{edition}/erratum", words="Une phrase longuement pesée.")
    assert "l’édition a changé entre-temps" in late
    assert "Une phrase longuement pesée." in late
    with app.extensions["database"].read() as session:
        assert session.get_one(Release, edition).errata == []


def test_a_refused_text_stays_in_its_own_field(app: Flask, desk: FlaskClient) -> None:
    edition = publish(app, desk)
    page = post(desk, f"/desk/editions/{edition}/withdraw", words="x" * 5000)
    fields = re.findall(r'<textarea id="(\w+)"[^>]*>(x*)</textarea>', page)
    assert fields == [("erratum", ""), ("why", "x" * 5000)]
    assert 'aria-describedby="why-help why-error" aria-invalid="true"' in page
    assert '<a href="#why">' in page


def test_every_erratum_stays_in_the_list_and_the_desk_reads_by_whom(app: Flask, desk: FlaskClient) -> None:
    edition = publish(app, desk)
    for words in ("Une première faute.", "Une seconde faute."):
        post(desk, f"/desk/editions/{edition}/erratum", words=words)
        told = app.test_client().get("/editions").get_data(as_text=True)
        assert words in told
    assert "Une première faute." in told
    assert "Une première faute." not in app.test_client().get("/").get_data(as_text=True)
    assert "analyst : <bdi>Une seconde faute." in re.sub(
        r"\s", " ", desk.get(f"/desk/editions/{edition}").get_data(as_text=True)
    )


def test_a_preview_says_so_everywhere_and_leaves_nothing_behind(app: Flask, desk: FlaskClient) -> None:
    edition = prepare(app, desk)
    with app.extensions["database"].write() as session:
        session.get_one(Release, edition).made_at = datetime(2021, 2, 3, 12, tzinfo=UTC)
    # Worked out again, with that day.
    del app.extensions["findings"]
    post(desk, f"/desk/editions/{edition}/preview")
    files = [f"/donnees/{name}" for name in ("api/v1/results", "api/v1/wave")]
    for address in (*files, "/donnees/figures/satisfaction/ensemble.svg"):
        assert desk.get(address).headers["Cache-Control"] == "private, no-store", address
    assert "le public ne la voit pas encore" in desk.get("/desk/compare").get_data(as_text=True)
    tick_all(desk, edition)
    # The day when it was prepared is not one when it was published.
    assert desk.get("/donnees/api/v1/results").get_json()["date_publication"] is None
    post(desk, f"/desk/editions/{edition}/publish")
    # What was written for the preview is not what the public gets.
    given = app.test_client().get("/donnees/api/v1/results").get_json()["date_publication"]
    assert given == datetime.now().astimezone().date().isoformat()


def test_a_council_reads_that_what_it_sees_is_not_public(app: Flask, desk: FlaskClient) -> None:
    edition = prepare(app, desk)
    post(desk, f"/desk/editions/{edition}/share")
    member = sign_in(app.test_client(), "council")
    token = re.search(r'name="csrf_token" value="([^"]+)"', member.get("/council").get_data(as_text=True))
    assert token
    member.post(f"/desk/editions/{edition}/preview", data={"csrf_token": token[1]})
    for address in ("/council", "/council/themes/bien-vivre/opinion"):
        assert "ne la montrez pas encore" in member.get(address).get_data(as_text=True), address
    home = member.get("/council").get_data(as_text=True)
    assert "ne sont pas encore publiés" not in home
    assert re.search(r"sur 100.*?\d+.réponses", home, re.S)


@pytest.mark.parametrize("number", [2**31, 2**64])
def test_a_number_beyond_the_databases_is_no_address(desk: FlaskClient, number: int) -> None:
    assert desk.get(f"/desk/editions/{number}").status_code == 404


def test_a_frozen_share_is_never_told_with_other_answers(app: Flask, desk: FlaskClient) -> None:
    publish(app, desk)
    town: Town = app.extensions["town"]
    assert "satisfaits d’habiter" in app.test_client().get("/").get_data(as_text=True)
    # After the edition, the town's files count one answer less in the same sentence.
    changed = replace(town.indicator_of["satisfaction"], codes=frozenset({4}))
    indicators = tuple(changed if i.item == "satisfaction" else i for i in town.indicators)
    app.extensions["town"] = replace(town, indicators=indicators)
    del app.extensions["findings"]
    app.extensions["frozen"].forget()
    for address in ("/", "/themes/bien-vivre", "/chiffres/satisfaction", "/jeunes-aines-femmes"):
        answer = app.test_client().get(address)
        assert answer.status_code == 200
        assert "satisfaits d’habiter" not in answer.get_data(as_text=True), address
    assert "attachés au quartier" in app.test_client().get("/").get_data(as_text=True)


FAULT = "Au Clou Bouchet, lire 61\u202f% au lieu de 16\u202f%."


def read_papers(client: FlaskClient) -> Iterator[tuple[str, str]]:
    """Name and text of a paper of each kind that can be read back as text."""
    for name in ("restitution/clou-bouchet", "report"):
        body = client.get(f"/papers/fr/{name}").data
        # What must be known first stands on the first page.
        yield name, PdfReader(BytesIO(body)).pages[0].extract_text()
    with ZipFile(BytesIO(client.get("/papers/fr/slides").data)) as slides:
        yield "slides", slides.read("textes.txt").decode()


def read_files(app: Flask, client: FlaskClient) -> Iterator[tuple[str, str]]:
    """Name and text of each file that has room for a sentence: a table of figures has none."""
    names = re.findall(
        r'href="(/donnees/[^"]+)"', client.get("/telecharger-les-donnees").get_data(as_text=True)
    )
    tables = [name for name in names if "/api/" not in name]
    for name in [*tables, "/donnees/api/v1/results", "/donnees/figures/satisfaction/ensemble.svg"]:
        body = client.get(name).data
        if name.endswith(".xlsx"):
            yield (
                name,
                " ".join(str(cell[0].value) for cell in openpyxl.load_workbook(BytesIO(body))["Notes"].rows),
            )
        elif not name.endswith((".csv", ".zip")) or name.endswith("dictionnaire.csv"):
            yield name, body.decode()


def simplify(text: str) -> str:
    """Words without what lines and typography do to them."""
    return re.sub(r"<[^>]*>|\s", "", text)


def test_an_erratum_is_told_in_every_paper_and_file(app: Flask, desk: FlaskClient) -> None:
    edition = publish(app, desk)
    told = [*read_papers(desk), *read_files(app, app.test_client())]
    assert not any("rratum du" in text for _name, text in told)
    post(desk, f"/desk/editions/{edition}/erratum", words=FAULT)
    files = list(read_files(app, app.test_client()))
    assert len(files) >= 6
    for name, text in files:
        assert simplify(FAULT) in simplify(text), name
    for name, text in read_papers(desk):
        assert simplify(FAULT) in simplify(text), name
    rows = csv.DictReader(StringIO(app.test_client().get("/donnees/figures/satisfaction/ensemble.csv").text))
    days = {row["date_erratum"] for row in rows}
    assert days == {datetime.now().astimezone().date().isoformat()}
    answer = app.test_client().get("/donnees/api/v1/wave").get_json()
    assert (answer["erratum"], answer["edition"], answer["date_erratum"]) == (FAULT, 1, *days)


def test_a_paper_or_file_of_a_preview_says_that_it_is_not_public(app: Flask, desk: FlaskClient) -> None:
    edition = prepare(app, desk)
    post(desk, f"/desk/editions/{edition}/preview")
    mark = "Aperçu. Cette édition n’est pas publiée"
    for name, text in (*read_papers(desk), *read_files(app, desk)):
        if "/api/" not in name:
            assert simplify(mark) in simplify(text), name
    tick_all(desk, edition)
    post(desk, f"/desk/editions/{edition}/publish")
    for name, text in (*read_papers(desk), *read_files(app, app.test_client())):
        assert "Aperçu" not in text, name


def test_the_sheet_of_a_quartier_holds_on_one_page_with_all_that_must_be_told(
    app: Flask, desk: FlaskClient
) -> None:
    edition = publish(app, desk)
    post(desk, f"/desk/editions/{edition}/erratum", words=FAULT * 20)
    for language in ("fr", "ar", "en"):
        for quartier in app.extensions["town"].quartiers:
            body = desk.get(f"/papers/{language}/restitution/{quartier.slug}").data
            assert len(PdfReader(BytesIO(body)).pages) == 1


def test_a_printed_figure_that_changes_in_the_files_is_not_told_beside_an_old_change(
    app: Flask, desk: FlaskClient
) -> None:
    publish(app, desk)
    town: Town = app.extensions["town"]
    first = town.waves["2023"]
    assert first.published
    assert "71 sur 100" in re.sub(r"\s", " ", app.test_client().get("/").get_data(as_text=True))
    figures = tuple(
        replace(figure, value=62.0, printed="62 %", lower=61.5, upper=62.5)
        if "satisfaction" in figure.items and figure.domain == "ALL"
        else figure
        for figure in first.published.figures
    )
    published = replace(first.published, figures=figures)
    waves = {**town.waves, "2023": replace(first, published=published)}
    app.extensions["town"] = replace(town, waves=waves)
    del app.extensions["findings"]
    app.extensions["frozen"].forget()
    for address in ("/", "/themes/bien-vivre", "/donnees/api/v1/results"):
        told = app.test_client().get(address)
        assert told.status_code == 200
        assert "satisfaits d’habiter" not in told.get_data(as_text=True), address
    assert "attachés au quartier" in app.test_client().get("/").get_data(as_text=True)


def test_what_is_typed_in_an_erratum_breaks_no_file(app: Flask, desk: FlaskClient) -> None:
    edition = publish(app, desk)
    post(desk, f"/desk/editions/{edition}/erratum", words="Deux\x0blignes\x01 et\0 un 👍")
    with app.extensions["database"].read() as session:
        assert session.get_one(Release, edition).erratum == "Deux\nlignes et un 👍"
    client = app.test_client()
    ElementTree.fromstring(client.get("/donnees/figures/satisfaction/ensemble.svg").data)
    [book] = re.findall(r'href="(/donnees/[^"]+ddi.xml)"', client.get("/telecharger-les-donnees").text)
    ElementTree.fromstring(client.get(book).data)
    assert desk.get("/papers/fr/report").status_code == 200


def test_a_line_end_counts_as_browsers_count_it(app: Flask, desk: FlaskClient) -> None:
    edition = publish(app, desk)
    assert "L’erratum est affiché" in post(desk, f"/desk/editions/{edition}/erratum", words="é\r\n" * 400)
    page = post(desk, f"/desk/editions/{edition}/erratum", words="é" * 1001)
    assert "1\u202f000 signes au plus" in page or "1000 signes au plus" in page
