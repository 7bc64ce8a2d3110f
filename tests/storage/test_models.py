"""Moments are kept in UTC on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from barometre.storage.engine import Database
from barometre.storage.models import SignInFailure, utc_now


def test_a_moment_comes_back_in_utc_wherever_it_was_taken(database: Database) -> None:
    niort = datetime(2027, 7, 1, 9, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2)))
    with database.write() as session:
        session.add(SignInFailure(subject="somebody", at=niort))
    with database.read() as session:
        (found,) = session.scalars(select(SignInFailure.at))
    assert found == niort
    assert found.utcoffset() == timedelta(0)
    assert found.hour == 7


def test_moments_compare_across_zones_inside_the_database(database: Database) -> None:
    noon = datetime(2027, 7, 1, 12, tzinfo=UTC)
    with database.write() as session:
        session.add(SignInFailure(subject="before", at=noon - timedelta(minutes=1)))
        session.add(SignInFailure(subject="after", at=noon + timedelta(minutes=1)))
    same = noon.astimezone(timezone(timedelta(hours=-5)))
    with database.read() as session:
        late = session.scalars(select(SignInFailure.subject).where(SignInFailure.at >= same)).all()
    assert late == ["after"]


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    naive = select(SignInFailure).where(SignInFailure.at == datetime(2027, 7, 1))  # noqa: DTZ001
    with database.read() as session, pytest.raises(StatementError, match="time zone"):
        session.execute(naive)


def test_the_present_moment_has_a_zone() -> None:
    assert utc_now().utcoffset() == timedelta(0)
