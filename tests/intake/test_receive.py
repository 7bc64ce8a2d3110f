"""The gate: each interview enters once, whatever arrives is kept, and the counts follow."""

from __future__ import annotations

import hashlib
import json
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from barometre.intake.receive import Gate
from barometre.questionnaire.answers import AnswerSheet, GivenAnswer, judge
from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.town import Town
from barometre.storage.arrivals import (
    ALREADY_RECEIVED,
    CONFLICT,
    QUARANTINED,
    STORED,
    Arrival,
    Judged,
    Kept,
    save_arrivals,
)
from barometre.storage.counts import fetch_counts, recount
from barometre.storage.engine import Database
from barometre.storage.interviews import exclude_interview, fetch_aside
from barometre.storage.models import Envelope, Interview
from barometre.storage.versions import register_version
from tests.intake.conftest import answer_key_items, seal


@pytest.fixture
def asked(town: Town) -> Questionnaire:
    """The questionnaire of the current wave."""
    return town.current_wave.questionnaire


def receive(database: Database, town: Town, uuid: UUID, body: bytes) -> Kept:
    """One envelope through the gate."""
    with database.write() as session:
        return Gate(town).receive(session, uuid, body, channel="tablet")


def count(database: Database, town: Town) -> int:
    """Interviews in the kept counts, which always equal a recount."""
    with database.read() as session:
        kept, again = (read(session, town.current_wave.id) for read in (fetch_counts, recount))
    assert kept is not None
    assert again is not None
    assert kept.same_as(again)
    return kept.total


def test_an_interview_enters_once_however_often_it_arrives(
    database: Database, town: Town, asked: Questionnaire
) -> None:
    uuid = uuid4()
    body = seal(asked, uuid, answer_key_items(asked))
    first, second = receive(database, town, uuid, body), receive(database, town, uuid, body)
    assert (first.status, second.status) == (STORED, ALREADY_RECEIVED)
    assert second.seq == first.seq
    assert count(database, town) == 1


def test_another_content_under_the_same_uuid_is_kept_aside(
    database: Database, town: Town, asked: Questionnaire
) -> None:
    uuid = uuid4()
    receive(database, town, uuid, seal(asked, uuid, answer_key_items(asked)))
    kept = receive(database, town, uuid, seal(asked, uuid, answer_key_items(asked, quartier=2)))
    assert kept.status == CONFLICT
    with database.read() as session:
        counts = fetch_counts(session, town.current_wave.id)
    assert counts is not None
    assert counts.axis("quartier").tolist() == [1]
    assert count(database, town) == 1


REFUSED: list[tuple[dict[str, int | str], str, str]] = [
    ({"satisfaction": 9}, "complete", '["satisfaction", "unknown_code"]'),
    ({"quartier": 97}, "complete", '["quartier", "required"]'),
    ({"humeur": 1}, "complete", '["humeur", "unknown_item"]'),
    ({"apprecie_1": "calme " * 40}, "complete", '["apprecie_1", "too_long"]'),
    ({}, "finished", '["disposition", "unknown_disposition"]'),
]


def test_what_the_judge_refuses_is_kept_and_never_counted(
    database: Database, town: Town, asked: Questionnaire
) -> None:
    bodies = []
    for answers, disposition, why in REFUSED:
        uuid = uuid4()
        bodies.append(seal(asked, uuid, {**answer_key_items(asked), **answers}, disposition))
        kept = receive(database, town, uuid, bodies[-1])
        assert kept.status == QUARANTINED
        assert kept.reason == f"invalid: [{why}]"
    with database.read() as session:
        assert session.scalars(select(Envelope.body).order_by(Envelope.seq)).all() == bodies
        assert session.scalar(select(Interview.uuid)) is None
        aside = fetch_aside(session)
    assert [one.size for one in aside] == [len(body) for body in reversed(bodies)]
    assert {one.status for one in aside} == {QUARANTINED}


def test_an_envelope_that_cannot_be_read_is_kept_as_it_came(database: Database, town: Town) -> None:
    bodies = [b"", b"\xff\xfe", b"[]", b"{}", b'{"uuid": 1}', b"[" * 100_000, b'{"answers": {"age": 3}}']
    for body in bodies:
        kept = receive(database, town, uuid4(), body)
        assert kept.status == QUARANTINED
        assert (kept.reason or "").startswith("unreadable: ")
    with database.read() as session:
        assert session.scalars(select(Envelope.body).order_by(Envelope.seq)).all() == bodies


@pytest.mark.parametrize(
    "told",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-10:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59",
        "yesterday",
    ],
)
def test_a_clock_that_went_wrong_never_keeps_an_interview_out(
    database: Database, town: Town, asked: Questionnaire, told: str
) -> None:
    uuid = uuid4()
    content = json.loads(seal(asked, uuid, answer_key_items(asked))) | {"started_at": told}
    assert receive(database, town, uuid, json.dumps(content).encode()).status == STORED
    with database.read() as session:
        assert session.get_one(Interview, uuid).started_at is None
    assert count(database, town) == 1


def test_an_envelope_under_another_uuid_or_of_an_unknown_questionnaire_is_kept_aside(
    database: Database, town: Town, asked: Questionnaire
) -> None:
    inside, outside = uuid4(), uuid4()
    body = seal(asked, inside, answer_key_items(asked))
    assert receive(database, town, outside, body).reason == "other_uuid"
    content = json.loads(body) | {"version": "0" * 64}
    assert receive(database, town, inside, json.dumps(content).encode()).reason == "unknown_version"


def test_a_break_off_counts_when_half_of_the_key_items_are_answered(
    database: Database, town: Town, asked: Questionnaire
) -> None:
    half = -(-len(asked.key_items) // 2)
    for number, statuses in ((half, STORED), (half - 1, STORED)):
        uuid = uuid4()
        answers = answer_key_items(asked)
        for item in asked.key_items[number:]:
            del answers[item]
        assert receive(database, town, uuid, seal(asked, uuid, answers, "break_off")).status == statuses
    assert count(database, town) == 1


def test_an_excluded_interview_leaves_the_counts_and_stays(
    database: Database, town: Town, asked: Questionnaire
) -> None:
    uuids = [uuid4(), uuid4()]
    for uuid in uuids:
        receive(database, town, uuid, seal(asked, uuid, answer_key_items(asked)))
    with database.write() as session:
        assert exclude_interview(session, uuids[0], "made twice at the same door")
        assert not exclude_interview(session, uuids[0], "again")
    assert count(database, town) == 1
    with database.read() as session:
        assert len(session.scalars(select(Interview.uuid)).all()) == 2


def test_a_batch_keeps_what_one_by_one_would_keep(
    database: Database, town: Town, asked: Questionnaire
) -> None:
    def arrive(uuid: UUID, **answers: int) -> tuple[Arrival, AnswerSheet]:
        given = answer_key_items(asked, **answers)
        sheet = judge(asked, {item: GivenAnswer(code) for item, code in given.items()}, "complete")
        assert isinstance(sheet, AnswerSheet)
        body = seal(asked, uuid, given)
        return Arrival(uuid, hashlib.sha256(body).digest(), body, "file"), sheet

    known, new = uuid4(), uuid4()
    receive(database, town, known, seal(asked, known, answer_key_items(asked)))
    arrivals = [
        arrive(known),
        arrive(known, quartier=3),
        arrive(new, quartier=2),
        arrive(new, quartier=2),
        arrive(new, quartier=3),
        *(arrive(uuid4(), quartier=number % 3 + 1) for number in range(20)),
    ]
    with database.write() as session:
        version = register_version(session, asked)
        kept = save_arrivals(
            session.connection(),
            [(arrival, Judged(version, sheet, "e", None)) for arrival, sheet in arrivals],
        )
        assert save_arrivals(session.connection(), []) == []
    assert [one.status for one in kept[:2]] == [ALREADY_RECEIVED, CONFLICT]
    # Of two contents that come together one is stored, the other kept aside; which one does not matter.
    assert sorted(one.status for one in kept[2:5]) == sorted([STORED, ALREADY_RECEIVED, CONFLICT])
    assert {one.status for one in kept[5:]} == {STORED}
    assert count(database, town) == 22
    with database.read() as session:
        assert len(fetch_aside(session)) == 2


@pytest.mark.parametrize("character", ["\\u0000", "\\ud800"])
def test_characters_that_no_database_holds_do_not_keep_an_envelope_out(
    database: Database, town: Town, asked: Questionnaire, character: str
) -> None:
    for place in ("enqueteur-1", "calme", "complete", "humeur"):
        uuid = uuid4()
        answers = {**answer_key_items(asked), "apprecie_1": "calme"}
        if place == "humeur":
            answers["humeur"] = 1
        body = seal(asked, uuid, answers).replace(place.encode(), f"{place}{character}".encode())
        assert character.encode() in body
        assert receive(database, town, uuid, body).status in (STORED, QUARANTINED)
        with database.read() as session:
            assert session.scalars(select(Envelope.body).where(Envelope.uuid == uuid)).one() == body
