"""The answers one row a person: opened by SPSS's readers, logged, and leading back to nobody."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas
import pyreadstat
import pytest
from flask import Flask
from flask.testing import FlaskClient

from barometre.i18n.typography import set_french
from barometre.questionnaire.definition import DONT_KNOW, NOT_APPLICABLE, REFUSED
from barometre.results.files_sav import FILE_LABEL, NOTE_LINE, Variable, cut, wrap, write_sav
from barometre.results.weighting import RAKED, WeightedCounts, compute_weights
from barometre.storage.counts import fetch_counts
from barometre.storage.interviews import exclude_interview
from barometre.storage.microdata import LONGEST_PURPOSE, fetch_exports
from tests.data import niort
from tests.support import choose_first, give_account, make_app, sign_in, store_interview

WAVE = niort().current_wave
OPEN = next(item.id for item in WAVE.questionnaire.items if not item.closed)
SECRET = "Je m'appelle Zénobie"
PURPOSE = "Lien entre l’âge et l’attachement"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Niort with sixty interviews that differ, one of them with words, and one that is excluded."""
    folder: Path = tmp_path_factory.mktemp("microdata")
    app = make_app(f"sqlite:///{folder / 'barometre.sqlite'}")
    database = app.extensions["database"]
    asked = WAVE.questionnaire
    silent = {0: DONT_KNOW, 1: REFUSED}
    for number in range(60):
        answers: dict[str, int | str] = {
            **choose_first(asked),
            "quartier": number % 3 + 1,
            "age": number % 5 + 2,
            "sexe": number % 2 + 1,
            "satisfaction": silent.get(number, number % 4 + 1),
        }
        if number == 2:
            answers[OPEN] = SECRET
        store_interview(database, niort(), answers)
    gone = uuid4()
    store_interview(database, niort(), choose_first(asked), uuid=gone)
    with database.write() as session:
        assert exclude_interview(session, gone, "a trial")
    give_account(app, "ana", "analyst")
    give_account(app, "sup", "supervisor")
    yield app
    database.engine.dispose()


@pytest.fixture(scope="module")
def client(app: Flask) -> FlaskClient:
    return sign_in(app.test_client(), "ana")


def ask(client: FlaskClient, **form: str) -> Any:
    page = client.get("/desk/microdata").get_data(as_text=True)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    return client.post("/desk/microdata", data={"csrf_token": token, **form})


def take(client: FlaskClient, path: Path) -> tuple[pandas.DataFrame, Any]:
    answer = ask(client, purpose=PURPOSE, accepted="1")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    path.write_bytes(answer.get_data())
    table, about = pyreadstat.read_sav(path, user_missing=True)
    return table, about


def test_every_counted_interview_is_a_row_and_every_closed_question_a_column(
    client: FlaskClient, tmp_path: Path
) -> None:
    table, about = take(client, tmp_path / "a.sav")
    assert len(table) == 60
    assert set(WAVE.questionnaire.position) < set(about.column_names)
    assert set(about.column_names) - set(WAVE.questionnaire.position) == {
        "numero", "mois", "simule", "poids", "poids_1",
    }  # fmt: skip


def test_the_answers_are_those_that_were_counted(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    table, _about = take(client, tmp_path / "a.sav")
    with app.extensions["database"].read() as session:
        counts = fetch_counts(session, WAVE.id)
    assert counts is not None
    for item in WAVE.questionnaire.closed_items:
        told = counts.of(item.id).sum(axis=0)
        given = table[item.id].value_counts(dropna=True)
        assert {int(code): number for code, number in given.items()} == {
            code: int(told[counts.slots[code]])
            for code in (*range(1, counts.highest_code + 1), DONT_KNOW, REFUSED, NOT_APPLICABLE)
            if told[counts.slots[code]]
        }
        assert int(table[item.id].isna().sum()) == told[0]


def test_weighted_by_the_file_a_share_is_the_published_one(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    table, _about = take(client, tmp_path / "a.sav")
    with app.extensions["database"].read() as session:
        counts = fetch_counts(session, WAVE.id)
    assert counts is not None
    weighted = WeightedCounts(counts, compute_weights(niort(), counts))
    told = weighted.shares("ALL", RAKED).estimate("satisfaction", frozenset({3, 4}))
    assert told is not None
    known = table[table.satisfaction < DONT_KNOW]
    for weight in ("poids", "poids_1"):
        share = known[weight][known.satisfaction >= 3].sum() / known[weight].sum()
        assert share == pytest.approx(told.value, rel=1e-9)
    assert table.poids_1.mean() == pytest.approx(1)


def test_labels_missing_values_and_measures_are_those_of_the_questionnaire(
    client: FlaskClient, tmp_path: Path
) -> None:
    _table, about = take(client, tmp_path / "a.sav")
    item = WAVE.questionnaire.by_id["satisfaction"]
    assert item.scale is not None
    assert about.column_names_to_labels["satisfaction"] == set_french(item.text)
    labels = about.variable_value_labels["satisfaction"]
    assert set(labels) == {1, 2, 3, 4, DONT_KNOW, REFUSED, NOT_APPLICABLE}
    assert labels[4] == "Très satisfait"
    assert about.missing_ranges["satisfaction"] == [{"lo": DONT_KNOW, "hi": NOT_APPLICABLE}]
    assert about.variable_measure["satisfaction"] == "ordinal"
    assert about.variable_measure["quartier"] == "nominal"
    assert about.variable_measure["poids"] == "scale"


def test_a_reader_leaves_those_without_opinion_out_by_itself(client: FlaskClient, tmp_path: Path) -> None:
    take(client, tmp_path / "a.sav")
    table = pandas.read_spss(tmp_path / "a.sav")
    assert table["satisfaction"].isna().sum() == 2
    assert set(table["satisfaction"].dropna()) == {
        "Très satisfait", "Plutôt satisfait", "Plutôt pas satisfait", "Pas du tout satisfait",
    }  # fmt: skip


def test_nothing_in_the_file_leads_back_to_an_interview(
    app: Flask, client: FlaskClient, tmp_path: Path
) -> None:
    table, about = take(client, tmp_path / "a.sav")
    body = (tmp_path / "a.sav").read_bytes()
    assert "Zénobie".encode() not in body
    assert b"interviewer" not in body
    assert not set(about.column_names) & {item.id for item in WAVE.questionnaire.items if not item.closed}
    assert set(table.mois) == {"2027-11"}
    assert sorted(table.numero) == list(range(1, 61))
    again, _ = take(client, tmp_path / "b.sav")
    answers = list(WAVE.questionnaire.position)
    # Sixty rows in the same order twice: once in 60! tries.
    assert not table[answers].equals(again[answers])


def test_invented_answers_say_so_in_the_file(client: FlaskClient, tmp_path: Path) -> None:
    table, about = take(client, tmp_path / "a.sav")
    assert about.file_label.startswith("DONNÉES SIMULÉES")
    assert set(table.simule) == {1}
    assert "ne dit rien" in about.variable_value_labels["simule"][1]
    assert "simule" in ask(client, purpose="x", accepted="1").headers["Content-Disposition"]


def test_each_download_is_noted_and_told(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    with app.extensions["database"].read() as session:
        before = len(fetch_exports(session, WAVE.id))
    take(client, tmp_path / "a.sav")
    with app.extensions["database"].read() as session:
        last, *others = fetch_exports(session, WAVE.id)
    assert len(others) == before
    assert (last.by, last.purpose, last.interviews) == ("ana", PURPOSE, 60)
    assert PURPOSE in client.get("/desk/microdata").get_data(as_text=True)


@pytest.mark.parametrize(
    "form",
    [
        {"purpose": "  ", "accepted": "1"},
        {"purpose": "x" * (LONGEST_PURPOSE + 1), "accepted": "1"},
        {"purpose": PURPOSE},
    ],
)
def test_without_a_purpose_or_the_rules_there_is_no_file_and_no_line(
    app: Flask, client: FlaskClient, form: dict[str, str]
) -> None:
    with app.extensions["database"].read() as session:
        before = len(fetch_exports(session, WAVE.id))
    answer = ask(client, **form)
    assert answer.status_code == 422
    assert answer.mimetype == "text/html"
    assert form["purpose"].strip() in answer.get_data(as_text=True)
    with app.extensions["database"].read() as session:
        assert len(fetch_exports(session, WAVE.id)) == before


def test_others_get_neither_the_page_nor_the_file(app: Flask) -> None:
    client = sign_in(app.test_client(), "sup")
    assert client.get("/desk/microdata").status_code == 403
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/account").get_data(as_text=True))
    assert token
    form = {"csrf_token": token[1], "purpose": PURPOSE, "accepted": "1"}
    assert client.post("/desk/microdata", data=form).status_code == 403


def test_before_the_first_interview_there_is_no_file(sqlite_url: str) -> None:
    app = make_app(sqlite_url)
    give_account(app, "ana", "analyst")
    client = sign_in(app.test_client(), "ana")
    page = client.get("/desk/microdata").get_data(as_text=True)
    assert "Aucun entretien" in page
    assert "<textarea" not in page


def test_a_label_that_is_too_long_is_cut_at_a_character(tmp_path: Path) -> None:
    title = "é" * 100
    assert len(cut(title, FILE_LABEL).encode()) <= FILE_LABEL
    body = write_sav([Variable("a", "è" * 300, [1.0, None], "nominal", {1: "ê" * 200})], title, ["note"])
    (tmp_path / "a.sav").write_bytes(body)
    table, about = pyreadstat.read_sav(tmp_path / "a.sav")
    assert table["a"].isna().tolist() == [False, True]
    assert about.file_label == cut(title, FILE_LABEL)
    assert about.column_labels[0].endswith("…")
    assert about.notes == ["note"]


def test_a_note_is_broken_between_words() -> None:
    text = " ".join(["été"] * 60)
    lines = wrap(text, NOTE_LINE)
    assert len(lines) > 1
    assert max(len(line.encode()) for line in lines) <= NOTE_LINE
    assert " ".join(lines) == text
