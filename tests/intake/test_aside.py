"""What was set aside is decided once, by one person, and nothing is counted twice or deleted."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from barometre.intake.commands import interviews
from barometre.intake.keys import add_keys, generate_key, publish
from barometre.intake.receive import Gate
from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.load_kept import load_kept_questionnaire
from barometre.questionnaire.load_questionnaire import QUESTIONNAIRE, hash_sources
from barometre.questionnaire.town import Town
from barometre.storage import people
from barometre.storage.counts import check_counts, fetch_counts, fold_counts
from barometre.storage.decisions import fetch_decided
from barometre.storage.engine import Database
from barometre.storage.interviews import count_aside, exclude_interview, fetch_aside
from barometre.storage.models import Envelope, Interview
from barometre.storage.versions import register_version
from tests.intake.conftest import answer_key_items, put, seal
from tests.support import give_account, make_app, public_key, sign_in
from tests.support import seal as seal_bytes


@pytest.fixture
def asked(town: Town) -> Questionnaire:
    """The questionnaire of the current wave."""
    return town.current_wave.questionnaire


@pytest.fixture
def supervisor(app: Flask) -> FlaskClient:
    """Somebody who decides."""
    return sign_in(app.test_client(), "terrain")


def receive(database: Database, town: Town, uuid: UUID, body: bytes) -> int:
    """One envelope through a gate without keys; its number."""
    with database.write() as session:
        return Gate(town).receive(session, uuid, body, channel="tablet").seq


def read_token(client: FlaskClient) -> str:
    """The token of a form of the page."""
    page = client.get("/desk/aside").get_data(as_text=True)
    return page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]


def decide(client: FlaskClient, seq: int, decision: str, reason: str = "") -> TestResponse:
    """Press one of the buttons."""
    sent = {"csrf_token": read_token(client), "decision": decision, "reason": reason}
    return client.post(f"/desk/aside/{seq}", data=sent)


def count(database: Database, town: Town) -> int:
    """Counted interviews; the kept counts are always those of a recount."""
    with database.read() as session:
        assert check_counts(session, town.current_wave.id)
    with database.read() as session:
        counts = fetch_counts(session, town.current_wave.id)
    return counts.total if counts else 0


def read_envelope(database: Database, seq: int) -> Envelope:
    """The row of an envelope."""
    with database.read() as session:
        return session.get_one(Envelope, seq)


def set_aside(database: Database, town: Town, asked: Questionnaire, **others: Any) -> tuple[UUID, int]:
    """An interview that nothing is wrong with, but that was made with an unknown version."""
    uuid = uuid4()
    content = json.loads(seal(asked, uuid, answer_key_items(asked))) | {"version": "0" * 64} | others
    return uuid, receive(database, town, uuid, json.dumps(content).encode())


def make_conflict(
    database: Database, town: Town, asked: Questionnaire, number: int = 2
) -> tuple[UUID, list[int]]:
    """One uuid with several contents, each from another quartier; the first one is stored."""
    uuid = uuid4()
    bodies = [seal(asked, uuid, answer_key_items(asked, quartier=place + 1)) for place in range(number)]
    return uuid, [receive(database, town, uuid, body) for body in bodies]


def quartiers(database: Database, town: Town) -> dict[int, int]:
    """Counted interviews by code of their quartier."""
    with database.read() as session:
        counts = fetch_counts(session, town.current_wave.id)
    assert counts is not None
    return dict(zip(counts.cells[:, 0].tolist(), counts.interviews.tolist(), strict=True))


def test_what_a_key_was_missing_for_is_judged_again_and_counted_once(
    app: Flask, database: Database, town: Town, asked: Questionnaire, supervisor: FlaskClient
) -> None:
    uuid = uuid4()
    body = seal_bytes(seal(asked, uuid, answer_key_items(asked)), public_key())
    seq = receive(database, town, uuid, body)
    assert read_envelope(database, seq).reason == "key_missing"
    assert count(database, town) == 0
    assert decide(supervisor, seq, "again").status_code == 303
    row = read_envelope(database, seq)
    assert (row.status, row.reason, row.decision, row.decided_by) == ("stored", None, "judged", "terrain")
    assert row.body == body
    assert count(database, town) == 1
    assert decide_without_page(supervisor, app, seq, "again").status_code == 303
    assert count(database, town) == 1


def decide_without_page(client: FlaskClient, app: Flask, seq: int, decision: str) -> TestResponse:
    """The same button again, in a page that was opened before: its form is no longer on the new one."""
    page = client.get("/account").get_data(as_text=True)
    token = page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
    return client.post(f"/desk/aside/{seq}", data={"csrf_token": token, "decision": decision})


def test_what_still_does_not_hold_stays_with_its_new_reason(
    database: Database, town: Town, asked: Questionnaire, supervisor: FlaskClient
) -> None:
    uuid = uuid4()
    body = seal_bytes(seal(asked, uuid, answer_key_items(asked, satisfaction=9)), public_key())
    seq = receive(database, town, uuid, body)
    decide(supervisor, seq, "again")
    row = read_envelope(database, seq)
    assert (row.status, row.reason) == ("quarantined", 'invalid: [["satisfaction", "unknown_code"]]')
    assert row.decided_at is None
    page = supervisor.get("/desk/aside").get_data(as_text=True)
    assert f"L’envoi n°\N{NO-BREAK SPACE}{seq} reste de côté." in page
    assert count(database, town) == 0


def test_a_revoked_tablet_s_interview_is_judged_as_if_it_were_in_service(
    app: Flask, database: Database, town: Town, asked: Questionnaire, token: str, supervisor: FlaskClient
) -> None:
    with database.write() as session:
        tablet = people.fetch_device_by_token(session, token)
        assert tablet
        people.revoke_device(session, tablet.id)
    uuid = uuid4()
    answer = put(app, token, uuid, seal(asked, uuid, answer_key_items(asked)))
    assert answer.json
    assert answer.json["reason"] == "revoked_device"
    decide(supervisor, answer.json["seq"], "again")
    assert read_envelope(database, answer.json["seq"]).status == "stored"
    assert count(database, town) == 1
    again = put(app, token, uuid, seal(asked, uuid, answer_key_items(asked)))
    assert again.json
    assert (again.status_code, again.json["status"]) == (200, "already_received")


def test_leaving_aside_needs_a_reason_that_is_kept_and_shown(
    database: Database, town: Town, asked: Questionnaire, supervisor: FlaskClient
) -> None:
    _uuid, seq = set_aside(database, town, asked)
    for reason, words in (("  ", "Dites en quelques mots"), ("x" * 201, "trop longue")):
        refused = decide(supervisor, seq, "leave", reason)
        assert refused.status_code == 422
        page = refused.get_data(as_text=True)
        assert words in page
        assert f'value="{reason.strip()}"' in page, "what was typed is still there"
        assert read_envelope(database, seq).decided_at is None
    assert decide(supervisor, seq, "leave", " Essai <b>fait</b> au bureau ").status_code == 303
    row = read_envelope(database, seq)
    assert (row.status, row.reason) == ("quarantined", "unknown_version"), "why it was set aside is kept"
    assert (row.decision, row.decision_reason) == ("left", "Essai <b>fait</b> au bureau")
    page = supervisor.get("/desk/aside").get_data(as_text=True)
    waiting, decided = page.split("<h2>Décidés</h2>")
    assert "Rien n’attend une décision." in waiting
    assert "Essai &lt;b&gt;fait&lt;/b&gt; au bureau" in decided
    assert "terrain" in decided
    with database.read() as session:
        assert count_aside(session) == 0
        assert session.scalar(select(func.count()).select_from(Envelope)) == 1
    assert count(database, town) == 0


def test_of_two_contents_the_first_can_be_kept(
    database: Database, town: Town, asked: Questionnaire, supervisor: FlaskClient
) -> None:
    uuid, (first, second) = make_conflict(database, town, asked)
    decide(supervisor, second, "first", "la tablette a été relue")
    assert [read_envelope(database, seq).status for seq in (first, second)] == ["stored", "conflict"]
    assert read_envelope(database, second).decision == "first_kept"
    assert quartiers(database, town) == {1: 1}
    with database.read() as session:
        assert session.get_one(Interview, uuid).envelope_seq == first


@pytest.mark.parametrize("state", ["new", "folded", "excluded", "folded and excluded"])
def test_the_other_content_can_take_its_place_and_the_counts_follow(
    database: Database, town: Town, asked: Questionnaire, supervisor: FlaskClient, state: str
) -> None:
    uuid, (first, second) = make_conflict(database, town, asked)
    with database.write() as session:
        if "folded" in state:
            fold_counts(session.connection(), register_version(session, asked))
        if "excluded" in state:
            assert exclude_interview(session, uuid, "made at the office")
    decide(supervisor, second, "take")
    assert quartiers(database, town) == {2: 1}
    assert count(database, town) == 1
    rows = [read_envelope(database, seq) for seq in (first, second)]
    assert [(row.status, row.decision) for row in rows] == [("conflict", "replaced"), ("stored", "taken")]
    assert {row.decided_by for row in rows} == {"terrain"}
    with database.read() as session:
        interview = session.get_one(Interview, uuid)
        assert interview.envelope_seq == second
        assert interview.excluded_reason is None
        assert fetch_aside(session) == []
        assert {one.seq for one in fetch_decided(session)} == {first, second}
    with database.write() as session:
        fold_counts(session.connection(), register_version(session, asked))
    assert count(database, town) == 1


def test_a_content_that_cannot_be_judged_any_more_takes_no_place(
    database: Database, town: Town, asked: Questionnaire, supervisor: FlaskClient
) -> None:
    uuid, (first, second) = make_conflict(database, town, asked)
    with database.write() as session:
        session.get_one(Envelope, second).body = seal_bytes(b"{}", publish(generate_key()))
    decide(supervisor, second, "take")
    assert read_envelope(database, second).decided_at is None
    assert read_envelope(database, second).reason == "other_content"
    assert f"L’envoi n°\N{NO-BREAK SPACE}{second} reste de côté." in supervisor.get("/desk/aside").get_data(
        as_text=True
    )
    assert quartiers(database, town) == {1: 1}
    with database.read() as session:
        assert session.get_one(Interview, uuid).envelope_seq == first


def test_what_arrives_first_by_another_way_makes_a_conflict_of_the_one_that_waited(
    database: Database, town: Town, asked: Questionnaire, supervisor: FlaskClient
) -> None:
    uuid = uuid4()
    waiting = seal_bytes(seal(asked, uuid, answer_key_items(asked, quartier=2)), public_key())
    seq = receive(database, town, uuid, waiting)
    receive(database, town, uuid, seal(asked, uuid, answer_key_items(asked)))
    decide(supervisor, seq, "again")
    row = read_envelope(database, seq)
    assert (row.status, row.reason, row.decided_at) == ("conflict", "other_content", None)
    assert quartiers(database, town) == {1: 1}
    decide(supervisor, seq, "take")
    assert quartiers(database, town) == {2: 1}


@pytest.mark.parametrize("choices", [("again", "leave"), ("again", "again")])
def test_two_supervisors_who_judge_at_once_leave_one_outcome(
    app: Flask, database: Database, town: Town, asked: Questionnaire, choices: tuple[str, str]
) -> None:
    give_account(app, "terrain-2", "supervisor")
    clients = [sign_in(app.test_client(), name) for name in ("terrain", "terrain-2")]
    expected = 0
    for _round in range(4):
        uuid = uuid4()
        body = seal_bytes(seal(asked, uuid, answer_key_items(asked)), public_key())
        seq = receive(database, town, uuid, body)
        tokens = [read_token(client) for client in clients]

        def press(place: int, seq: int = seq, tokens: list[str] = tokens) -> int:
            sent = {"csrf_token": tokens[place], "decision": choices[place], "reason": "vu ensemble"}
            return clients[place].post(f"/desk/aside/{seq}", data=sent).status_code

        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(press, (0, 1))) == [303, 303]
        row = read_envelope(database, seq)
        expected += row.status == "stored"
        assert (row.status, row.decision) in {("stored", "judged"), ("quarantined", "left")}
        assert count(database, town) == expected
        told = "".join(client.get("/desk/aside").get_data(as_text=True) for client in clients)
        assert told.count(f"L’envoi n°\N{NO-BREAK SPACE}{seq} a déjà été décidé") == 1


def test_two_supervisors_who_take_other_contents_at_once_leave_one_interview(
    app: Flask, database: Database, town: Town, asked: Questionnaire
) -> None:
    give_account(app, "terrain-2", "supervisor")
    clients = [sign_in(app.test_client(), name) for name in ("terrain", "terrain-2")]
    for _round in range(3):
        uuid, seqs = make_conflict(database, town, asked, 3)
        tokens = [read_token(client) for client in clients]

        def press(place: int, seqs: list[int] = seqs, tokens: list[str] = tokens) -> int:
            sent = {"csrf_token": tokens[place], "decision": "take", "reason": ""}
            return clients[place].post(f"/desk/aside/{seqs[place + 1]}", data=sent).status_code

        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(press, (0, 1))) == [303, 303]
        rows = [read_envelope(database, seq) for seq in seqs]
        (stored,) = (row for row in rows if row.status == "stored")
        with database.read() as session:
            assert session.get_one(Interview, uuid).envelope_seq == stored.seq
    assert count(database, town) == 3


def test_a_choice_that_does_not_fit_or_an_unknown_envelope_changes_nothing(
    database: Database, town: Town, asked: Questionnaire, supervisor: FlaskClient
) -> None:
    _uuid, quarantined = set_aside(database, town, asked)
    _uuid, (first, conflict) = make_conflict(database, town, asked)
    assert decide(supervisor, quarantined, "delete").status_code == 400
    assert decide(supervisor, 999_999, "again").status_code == 404
    for seq, choice in ((quarantined, "take"), (conflict, "again"), (first, "again"), (first, "take")):
        assert decide(supervisor, seq, choice).status_code == 303
    rows = [read_envelope(database, seq) for seq in (quarantined, conflict, first)]
    assert [row.status for row in rows] == ["quarantined", "conflict", "stored"]
    assert {row.decided_at for row in rows} == {None}
    forged = supervisor.post(f"/desk/aside/{conflict}", data={"decision": "take"})
    assert forged.status_code == 400
    assert quartiers(database, town) == {1: 1}


def test_the_page_shows_no_answer(
    database: Database, town: Town, asked: Questionnaire, supervisor: FlaskClient
) -> None:
    uuid = uuid4()
    answers = {**answer_key_items(asked), "apprecie_1": "le jardin secret", "satisfaction": 9}
    seq = receive(database, town, uuid, seal(asked, uuid, answers))
    before = supervisor.get("/desk/aside").get_data(as_text=True)
    decide(supervisor, seq, "leave", "réponse impossible")
    for page in (before, supervisor.get("/desk/aside").get_data(as_text=True)):
        assert "jardin secret" not in page
        assert str(uuid) not in page


def judge_again(app: Flask) -> str:
    """`barometre interviews judge`."""
    found = CliRunner().invoke(interviews, ["judge"], obj=lambda: app)
    assert found.exit_code == 0, found.output
    return found.stdout


def test_a_key_that_comes_later_lets_everything_that_waited_in(database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "sealing-keys.json"
    app = make_app(database_url, sealing_keys=path)
    database, town = app.extensions["database"], app.extensions["town"]
    asked = town.current_wave.questionnaire
    key = generate_key()
    bodies = []
    for number in range(5):
        uuid = uuid4()
        answers = answer_key_items(asked, **({"satisfaction": 9} if number == 2 else {}))
        bodies.append(seal_bytes(seal(asked, uuid, answers), publish(key)))
        receive(database, town, uuid, bodies[-1])
    _uuid, unknown = set_aside(database, town, asked)
    left = receive(database, town, uuid4(), b"not an interview")
    told = judge_again(app)
    assert "0 entretien enregistré." in told
    assert "6 restent de côté." in told
    add_keys(path, [key])
    told = judge_again(app)
    assert "4 entretiens enregistrés." in told
    assert "2 restent de côté." in told
    assert count(database, town) == 4
    with database.read() as session:
        reasons = {one.seq: one.reason for one in fetch_aside(session)}
        assert session.scalars(select(Envelope.body).order_by(Envelope.seq).limit(5)).all() == bodies
        assert {one.by for one in fetch_decided(session)} == {"command"}
        assert not session.scalars(select(Interview).where(Interview.folded.is_(False))).all()
    assert reasons[unknown] == "unknown_version"
    assert (reasons[left] or "").startswith("unreadable")
    assert "invalid" in (reasons[3] or "")
    assert "0 entretien enregistré." in judge_again(app)
    assert count(database, town) == 4


def test_a_version_that_comes_later_lets_its_interviews_in(
    app: Flask, database: Database, town: Town, asked: Questionnaire
) -> None:
    sources = {**asked.sources, QUESTIONNAIRE: asked.sources[QUESTIONNAIRE] + "\n# as it was printed\n"}
    older = load_kept_questionnaire(asked.wave, hash_sources(sources), sources)
    assert older
    uuid = uuid4()
    seq = receive(database, town, uuid, seal(older, uuid, answer_key_items(older)))
    assert "1 reste de côté." in judge_again(app)
    with database.write() as session:
        version = register_version(session, older)
    assert "1 entretien enregistré." in judge_again(app)
    with database.read() as session:
        interview = session.get_one(Interview, uuid)
    assert (interview.version_id, interview.envelope_seq) == (version.id, seq)
    assert count(database, town) == 1
