"""The answers of a wave, one row a person, and the log of who took them.

Nothing here leads back to an interview: no identifier, no interviewer, no words, the month and not the day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

import numpy as np
import numpy.typing as npt
from sqlalchemy import select
from sqlalchemy.orm import Session

from barometre.storage.models import Interview, MicrodataExport
from barometre.storage.versions import fetch_versions

#: characters
LONGEST_PURPOSE = 300


class PurposeMissing(Exception):
    """No word says what the answers are taken for."""


class PurposeTooLong(Exception):
    """It has more than `LONGEST_PURPOSE` characters."""


@dataclass(frozen=True)
class Answers:
    """The counted interviews of one wave."""

    #: closed items, in order of first appearance over the versions of the questionnaire
    items: tuple[str, ...]
    #: (N, I): 0 not asked, 1…96 option, 97, 98, 99
    codes: npt.NDArray[np.uint8]
    #: (N,): "2027-11", "" where it is not known
    months: tuple[str, ...]


@dataclass(frozen=True)
class LoggedExport:
    """One line of the log."""

    by: str
    at: datetime
    purpose: str
    interviews: int


def fetch_answers(session: Session, wave: str, zone: tzinfo | None = None) -> Answers:
    """Every counted interview of a wave; months are those of `zone`, the server's own unless told.

    An item that a version does not have counts as not asked.
    """
    versions = fetch_versions(session, wave)
    items = tuple(dict.fromkeys(item for version in versions for item in version.closed_items))
    parts, months = [np.zeros((0, len(items)), dtype=np.uint8)], []
    for version in versions:
        rows = session.execute(
            select(Interview.codes, Interview.started_at).where(
                Interview.version_id == version.id, Interview.counted.is_(True)
            )
        ).all()
        joined = b"".join(row.codes for row in rows)
        part = np.zeros((len(rows), len(items)), dtype=np.uint8)
        places = [items.index(item) for item in version.closed_items]
        part[:, places] = np.frombuffer(joined, dtype=np.uint8).reshape(len(rows), len(places))
        parts.append(part)
        months += [f"{row.started_at.astimezone(zone):%Y-%m}" if row.started_at else "" for row in rows]
    return Answers(items, np.concatenate(parts), tuple(months))


def fetch_started(session: Session, wave: str, zone: tzinfo | None = None) -> dict[str, int]:
    """Counted interviews by the Monday of their week ("2027-11-15", "" where it is not known), in order."""
    weeks: dict[str, int] = {}
    for version in fetch_versions(session, wave):
        wanted = select(Interview.started_at).where(
            Interview.version_id == version.id, Interview.counted.is_(True)
        )
        for started in session.scalars(wanted):
            day = started.astimezone(zone).date() if started else None
            week = (day - timedelta(days=day.weekday())).isoformat() if day else ""
            weeks[week] = weeks.get(week, 0) + 1
    return dict(sorted(weeks.items()))


def fetch_languages(session: Session, wave: str) -> dict[str, int]:
    """Counted interviews by the languages used: one code, or several separated by spaces."""
    found: dict[str, int] = {}
    for version in fetch_versions(session, wave):
        wanted = select(Interview.languages).where(
            Interview.version_id == version.id, Interview.counted.is_(True)
        )
        for languages in session.scalars(wanted):
            key = " ".join(sorted(languages.split()))
            found[key] = found.get(key, 0) + 1
    return found


def check_purpose(purpose: str) -> str:
    """What the answers are taken for, as it is noted; raises `PurposeMissing` or `PurposeTooLong`."""
    said = purpose.replace("\0", "").strip()
    if not said:
        raise PurposeMissing
    if len(said) > LONGEST_PURPOSE:
        raise PurposeTooLong
    return said


def log_export(session: Session, wave: str, purpose: str, by: str, interviews: int) -> None:
    """Note who took how many interviews and what for; raises as `check_purpose`."""
    said = check_purpose(purpose)
    session.add(MicrodataExport(wave=wave, purpose=said, taken_by=by, interviews=interviews))
    session.flush()


def fetch_exports(session: Session, wave: str) -> list[LoggedExport]:
    """Every export of a wave, the last one first."""
    rows = session.scalars(
        select(MicrodataExport).where(MicrodataExport.wave == wave).order_by(MicrodataExport.id.desc())
    )
    return [LoggedExport(row.taken_by, row.taken_at, row.purpose, row.interviews) for row in rows]
