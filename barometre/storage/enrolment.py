"""One-time codes that enrol a tablet: drawn at the desk, used once, kept as hashes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from barometre.storage.models import EnrolmentCode, Person, utc_now
from barometre.storage.people import enrol_device, fetch_device_by_token

#: letters and digits that nobody takes for one another: without 0, 1, I, L, O, U
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8
CODE_LASTS = timedelta(hours=1)

#: why a code enrols nothing
UNKNOWN, EXPIRED, USED, CLOSED = "unknown_code", "expired_code", "used_code", "closed_account"


@dataclass(frozen=True)
class Enrolment:
    """A tablet that a code has just enrolled; its token is told once."""

    token: str
    device_id: int
    label: str
    #: username of the person whose tablet it is
    interviewer: str


def draw_code() -> str:
    """A new code, as it is read aloud and typed: XXXX-XXXX."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{drawn[: LENGTH // 2]}-{drawn[LENGTH // 2 :]}"


def clean_code(typed: str) -> str:
    """A code whatever its case, hyphens and spaces."""
    return "".join(filter(str.isalnum, typed.upper()))


def save_code(session: Session, code_hash: str, label: str, person_id: int, made_by: int) -> None:
    """Keep the hash of a new code, for the tablet of one person."""
    now = utc_now()
    session.add(
        EnrolmentCode(
            code_hash=code_hash,
            label=label,
            person_id=person_id,
            made_by=made_by,
            made_at=now,
            expires_at=now + CODE_LASTS,
        )
    )


def use_code(session: Session, code_hash: str, label: str = "") -> Enrolment | str:
    """Enrol a tablet with a code, under its own label if it gives one; else why not."""
    code = session.scalar(select(EnrolmentCode).where(EnrolmentCode.code_hash == code_hash))
    if code is None:
        return UNKNOWN
    now = utc_now()
    if code.used_at is None and code.expires_at <= now:
        return EXPIRED
    person = session.get_one(Person, code.person_id)
    if not person.active:
        return CLOSED
    # Of two tablets that come at once the second waits for the first, and then finds it used.
    free = update(EnrolmentCode).where(EnrolmentCode.id == code.id, EnrolmentCode.used_at.is_(None))
    if session.execute(free.values(used_at=now).returning(EnrolmentCode.id)).first() is None:
        return USED
    token = enrol_device(session, person.id, label or code.label)
    tablet = fetch_device_by_token(session, token)
    assert tablet
    session.execute(update(EnrolmentCode).where(EnrolmentCode.id == code.id).values(device_id=tablet.id))
    return Enrolment(token, tablet.id, tablet.label, person.username)
