"""Editions: a release on its way from the desk to the public; what is public never changes."""

from __future__ import annotations

import hashlib

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, defer

from barometre.storage.models import PublicVersion, Release, utc_now

PREPARED, SHARED, PUBLISHED, WITHDRAWN = "prepared", "shared", "published", "withdrawn"
#: what weighs most of an edition: whoever has worked it out already needs only its state
HEAVY = ("counts", "baseline", "figures")
LIGHT = tuple(defer(getattr(Release, name)) for name in HEAVY)


class WrongState(Exception):
    """Somebody else was quicker, or this step does not follow from where the edition is."""


class Outdated(WrongState):
    """A later edition is public: an older one would put back what has been replaced."""


def state_of(release: Release) -> str:
    """`PREPARED`, `SHARED` (the councils see it), `PUBLISHED` or `WITHDRAWN`."""
    if release.withdrawn_at is not None:
        return WITHDRAWN
    if release.published_at is not None:
        return PUBLISHED
    return SHARED if release.shared_at is not None else PREPARED


def hold(session: Session, release_id: int, *states: str) -> Release:
    """An edition for this transaction alone; raises `WrongState` when it is in none of `states` or gone."""
    release = session.get(Release, release_id, with_for_update=True, populate_existing=True)
    if release is None or state_of(release) not in states:
        raise WrongState
    return release


def tick(session: Session, release_id: int, check: str, by: str, *, done: bool) -> None:
    """Note that somebody looked at one thing of the checklist, or take the note back."""
    release = hold(session, release_id, PREPARED, SHARED)
    kept = {name: note for name, note in release.checks.items() if name != check}
    release.checks = kept | ({check: {"by": by, "at": utc_now().isoformat()}} if done else {})


def share(session: Session, release_id: int, by: str) -> None:
    """Show it to the councils."""
    release = hold(session, release_id, PREPARED)
    release.shared_at, release.shared_by = utc_now(), by


def publish(session: Session, release_id: int, by: str, figures: bytes, method: str) -> Release:
    """Show it to everybody, with `figures` as they are now for good; it takes the next number of its wave."""
    release = hold(session, release_id, PREPARED, SHARED)
    # Before the public one is looked up: of two who publish at once, the second waits for the first.
    raise_version(session)
    public = fetch_public_id(session, release.wave)
    if public is not None and public > release.id:
        raise Outdated
    last = session.scalar(select(func.max(Release.number)).where(Release.wave == release.wave))
    release.published_at, release.published_by = utc_now(), by
    release.number = (last or 0) + 1
    release.figures, release.figures_sha256 = figures, hashlib.sha256(figures).hexdigest()
    release.method = method
    return release


def correct(session: Session, release_id: int, by: str, text: str) -> None:
    """Show beside a public edition what was found wrong in it; its figures stay, and so do earlier errata."""
    release = hold(session, release_id, PUBLISHED)
    release.erratum, release.erratum_at = text, utc_now()
    note = {"at": release.erratum_at.isoformat(), "by": by, "text": text}
    release.errata = [*release.errata, note]
    raise_version(session)


def withdraw(session: Session, release_id: int, by: str, why: str) -> None:
    """Take a public edition back; the public sees the one before, or none."""
    release = hold(session, release_id, PUBLISHED)
    release.withdrawn_at, release.withdrawn_by, release.withdrawn_why = utc_now(), by, why
    raise_version(session)


def discard(session: Session, release_id: int) -> None:
    """Remove one that nobody outside the desk has seen: the next ones need not differ from it."""
    session.delete(hold(session, release_id, PREPARED))


def fetch_edition(session: Session, release_id: int) -> Release | None:
    """One edition without what `complete` reads."""
    return session.get(Release, release_id, options=LIGHT)


def complete(session: Session, edition: Release) -> Release:
    """The same with its counts and figures, read at once."""
    session.refresh(edition, HEAVY)
    return edition


def fetch_public(session: Session, wave: str) -> Release | None:
    """The edition that the public sees, as `fetch_edition` reads it."""
    return session.scalar(
        select(Release)
        .options(*LIGHT)
        .where(Release.wave == wave, Release.published_at.is_not(None), Release.withdrawn_at.is_(None))
        .order_by(Release.number.desc())
        .limit(1)
    )


def fetch_public_id(session: Session, wave: str) -> int | None:
    """Its id."""
    found = fetch_public(session, wave)
    return found.id if found else None


def fetch_withdrawn(session: Session, wave: str, after: int) -> Release | None:
    """The last edition that was taken back among those whose number is higher than `after`."""
    return session.scalar(
        select(Release)
        .options(*LIGHT)
        .where(Release.wave == wave, Release.withdrawn_at.is_not(None), Release.number > after)
        .order_by(Release.number.desc())
        .limit(1)
    )


def fetch_shared_id(session: Session, wave: str) -> int | None:
    """Id of the edition that the councils read before the public, None when there is none newer than it."""
    public = fetch_public_id(session, wave)
    return session.scalar(
        select(Release.id)
        .where(Release.wave == wave, Release.shared_at.is_not(None), Release.published_at.is_(None))
        .where(Release.id > (public or 0))
        .order_by(Release.id.desc())
        .limit(1)
    )


def fetch_numbered(session: Session, wave: str) -> list[Release]:
    """Every edition of a wave that was ever public, newest first."""
    return list(
        session.scalars(
            select(Release)
            .where(Release.wave == wave, Release.number.is_not(None))
            .order_by(Release.number.desc())
        )
    )


def fetch_version(session: Session) -> int:
    """A number that grows with every change of what the public sees."""
    return session.scalar(select(PublicVersion.version)) or 0


def raise_version(session: Session) -> None:
    """Say that what the public sees has changed; takes effect with the transaction."""
    changed = session.execute(update(PublicVersion).values(version=PublicVersion.version + 1))
    if not changed.rowcount:  # type: ignore[attr-defined]
        session.add(PublicVersion(id=1, version=1))
