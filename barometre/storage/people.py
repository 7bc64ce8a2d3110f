"""People who sign in, their failed attempts, and the tablets they enrol."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from barometre.storage.models import Device, Person, SignInFailure, utc_now

#: PostgreSQL's number of the lock that sign-ins take one after the other
SIGN_IN_LOCK = 0x51674E
#: a tablet's last sign of life is noted to within this
SEEN_WITHIN = timedelta(minutes=5)


class UsernameTaken(Exception):
    """Somebody already signs in under this name."""


@dataclass(frozen=True)
class Account:
    """A person as the rest of the application sees them."""

    id: int
    username: str
    roles: frozenset[str]
    #: conseil citoyen of a council member
    council: str | None
    active: bool
    #: raised to end every open sign-in
    session_epoch: int
    created_at: datetime

    @property
    def name(self) -> str:
        """How pages call them: the name they sign in with."""
        return self.username


@dataclass(frozen=True)
class Tablet:
    """An enrolled tablet; a revoked one is still known, so that its late interviews can be set aside."""

    id: int
    label: str
    #: username of whoever enrolled it
    enrolled_by: str
    enrolled_at: datetime
    revoked_at: datetime | None
    #: when it last asked for its work, to within `SEEN_WITHIN`
    last_seen_at: datetime | None = None

    @property
    def revoked(self) -> bool:
        """Whether it may no longer count interviews."""
        return self.revoked_at is not None


def fetch_person(session: Session, username: str) -> Account | None:
    """Somebody by the name they sign in with."""
    return _account(session.scalar(select(Person).where(Person.username == username.strip().lower())))


def fetch_person_by_id(session: Session, person_id: int) -> Account | None:
    """Somebody by number."""
    return _account(session.get(Person, person_id))


def fetch_people(session: Session) -> list[Account]:
    """Everybody, by name."""
    rows = session.scalars(select(Person).order_by(Person.username))
    return [account for account in map(_account, rows) if account]


def fetch_password_hash(session: Session, person_id: int) -> str:
    """The stored hash of somebody's password."""
    return session.scalars(select(Person.password_hash).where(Person.id == person_id)).one()


def add_person(
    session: Session,
    username: str,
    password_hash: str,
    roles: Iterable[str],
    council: str | None = None,
) -> Account:
    """Let somebody sign in, or raise `UsernameTaken`."""
    name = username.strip().lower()
    if fetch_person(session, name):
        raise UsernameTaken(name)
    person = Person(
        username=name,
        password_hash=password_hash,
        roles=" ".join(sorted(set(roles))),
        council=council,
        active=True,
        session_epoch=0,
    )
    session.add(person)
    try:
        session.flush()
    except IntegrityError as error:
        # Somebody else took it since we looked.
        raise UsernameTaken(name) from error
    account = _account(person)
    assert account
    return account


def set_password(session: Session, person_id: int, password_hash: str) -> None:
    """Change a password and end every open sign-in of this person."""
    _change(session, person_id, password_hash=password_hash, session_epoch=Person.session_epoch + 1)


def renew_password_hash(session: Session, person_id: int, password_hash: str) -> None:
    """Store the same password hashed with today's parameters; open sign-ins go on."""
    _change(session, person_id, password_hash=password_hash)


def set_active(session: Session, person_id: int, active: bool) -> None:
    """Let somebody sign in again, or no longer; either way open sign-ins end."""
    _change(session, person_id, active=active, session_epoch=Person.session_epoch + 1)


def lock_failures(session: Session) -> None:
    """Wait until no other transaction counts and records attempts; SQLite's writers wait by themselves."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(SIGN_IN_LOCK)))


def record_failure(session: Session, subject: str) -> int:
    """Count one attempt against a subject; returns its number, to take it back if it succeeds."""
    failure = SignInFailure(subject=subject, at=utc_now())
    session.add(failure)
    session.flush()
    return failure.id


def count_failures(session: Session, subject: str, since: datetime) -> int:
    """How many attempts a subject failed since a moment."""
    query = select(func.count()).where(SignInFailure.subject == subject, SignInFailure.at >= since)
    return session.scalars(query).one()


def take_back_failure(session: Session, failure_id: int) -> None:
    """Forget one attempt that succeeded after all."""
    session.execute(delete(SignInFailure).where(SignInFailure.id == failure_id))


def forget_failures(session: Session, subject: str) -> None:
    """Forget every attempt of one subject."""
    session.execute(delete(SignInFailure).where(SignInFailure.subject == subject))


def purge_failures(session: Session, before: datetime) -> None:
    """Forget the attempts that no longer count for anybody."""
    session.execute(delete(SignInFailure).where(SignInFailure.at < before))


def enrol_device(session: Session, person_id: int, label: str) -> str:
    """Enrol a tablet; its token is returned once and only its hash is kept."""
    token = secrets.token_urlsafe(32)
    session.add(Device(token_hash=_hash(token), label=label, enrolled_by=person_id, enrolled_at=utc_now()))
    session.flush()
    return token


def fetch_device(session: Session, device_id: int) -> Tablet | None:
    """A tablet by number."""
    return next(iter(_fetch_devices(session, Device.id == device_id)), None)


def fetch_device_by_token(session: Session, token: str) -> Tablet | None:
    """The tablet that holds a token, revoked ones included."""
    return next(iter(_fetch_devices(session, Device.token_hash == _hash(token))), None)


def fetch_devices(session: Session) -> list[Tablet]:
    """Every tablet, the newest first."""
    return _fetch_devices(session, Device.id.is_not(None))


def revoke_device(session: Session, device_id: int) -> None:
    """What a tablet sends from now on is set aside; the first revocation's moment stays."""
    session.execute(
        update(Device).where(Device.id == device_id, Device.revoked_at.is_(None)).values(revoked_at=utc_now())
    )


def note_device_seen(session: Session, device_id: int) -> None:
    """Remember that a tablet asked for its work, unless that was noted a moment ago."""
    now = utc_now()
    stale = or_(Device.last_seen_at.is_(None), Device.last_seen_at < now - SEEN_WITHIN)
    session.execute(update(Device).where(Device.id == device_id, stale).values(last_seen_at=now))


def _fetch_devices(session: Session, condition: object) -> list[Tablet]:
    query = (
        select(
            Device.id,
            Device.label,
            Person.username,
            Device.enrolled_at,
            Device.revoked_at,
            Device.last_seen_at,
        )
        .join(Person, Person.id == Device.enrolled_by)
        .where(condition)  # type: ignore[arg-type]
        .order_by(Device.id.desc())
    )
    return [Tablet(*row) for row in session.execute(query)]


def _change(session: Session, person_id: int, **values: object) -> None:
    session.execute(update(Person).where(Person.id == person_id).values(**values))


def _hash(token: str) -> bytes:
    # A token is 256 random bits: one round of SHA-256 is enough, unlike for a password.
    return hashlib.sha256(token.encode()).digest()


def _account(person: Person | None) -> Account | None:
    if person is None:
        return None
    return Account(
        id=person.id,
        username=person.username,
        roles=frozenset(person.roles.split()),
        council=person.council,
        active=person.active,
        session_epoch=person.session_epoch,
        created_at=person.created_at,
    )
