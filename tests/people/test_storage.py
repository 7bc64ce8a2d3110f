"""People and tablets in the database."""

import pytest
from sqlalchemy import select

from barometre.storage import people
from barometre.storage.engine import Database
from barometre.storage.models import Device
from barometre.storage.people import (
    UsernameTaken,
    add_person,
    enrol_device,
    fetch_device_by_token,
    fetch_person,
    revoke_device,
)


def test_a_name_belongs_to_one_person_whatever_its_case(database: Database) -> None:
    with pytest.raises(UsernameTaken), database.write() as session:
        add_person(session, "Enqueteur-1", "hash", ["interviewer"])


def test_a_name_taken_by_somebody_else_at_the_same_time_is_taken(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is seen before the other transaction is committed: nobody of that name.
    monkeypatch.setattr(people, "fetch_person", lambda _session, _username: None)
    with pytest.raises(UsernameTaken), database.write() as session:
        add_person(session, "enqueteur-1", "hash", ["interviewer"])


def test_roles_are_a_set(database: Database) -> None:
    with database.write() as session:
        add_person(session, "membre", "hash", ["council", "interviewer", "council"], "CC2")
    with database.read() as session:
        person = fetch_person(session, "membre")
    assert person
    assert person.roles == {"council", "interviewer"}


def test_only_the_hash_of_a_token_is_kept(database: Database) -> None:
    with database.write() as session:
        person = fetch_person(session, "enqueteur-1")
        assert person
        token = enrol_device(session, person.id, "Tablette 1")
        stored = session.scalars(select(Device.token_hash)).one()
    assert token.encode() not in stored
    assert len(stored) == 32


def test_a_revoked_tablet_is_known_with_its_state_and_keeps_its_first_revocation(database: Database) -> None:
    with database.write() as session:
        person = fetch_person(session, "enqueteur-1")
        assert person
        token = enrol_device(session, person.id, "Tablette 1")
        tablet = fetch_device_by_token(session, token)
        assert tablet
        revoke_device(session, tablet.id)
        first = fetch_device_by_token(session, token)
        revoke_device(session, tablet.id)
        assert fetch_device_by_token(session, token) == first
    assert first
    assert first.revoked


def test_an_unknown_token_is_nobody(database: Database) -> None:
    with database.read() as session:
        assert fetch_device_by_token(session, "no such token") is None
