"""Public keys that tablets seal interviews to, by wave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from barometre.storage.models import SealingKey, utc_now
from barometre.storage.versions import INSERT


@dataclass(frozen=True)
class PublicKey:
    """A recorded key."""

    kid: str
    wave: str
    made_at: datetime
    retired_at: datetime | None


def record_public_key(session: Session, wave: str, public_jwk: Mapping[str, str]) -> None:
    """Let the tablets of a wave seal to this key; a second time changes nothing."""
    insert = INSERT[session.get_bind().dialect.name](SealingKey)
    session.execute(
        insert.values(
            kid=public_jwk["kid"], wave=wave, public_jwk=dict(public_jwk), made_at=utc_now()
        ).on_conflict_do_nothing(index_elements=["kid"])
    )


def fetch_public_key(session: Session, wave: str) -> dict[str, Any] | None:
    """The key that tablets of a wave seal to: the newest one that is not retired, as a public JWK."""
    return session.scalar(
        select(SealingKey.public_jwk)
        .where(SealingKey.wave == wave, SealingKey.retired_at.is_(None))
        .order_by(SealingKey.id.desc())
        .limit(1)
    )


def fetch_public_keys(session: Session) -> list[PublicKey]:
    """Every key that was ever recorded, the oldest first."""
    rows = session.execute(
        select(SealingKey.kid, SealingKey.wave, SealingKey.made_at, SealingKey.retired_at).order_by(
            SealingKey.id
        )
    )
    return [PublicKey(*row) for row in rows]


def retire_public_key(session: Session, kid: str) -> bool:
    """Give a key to no tablet any more; False when it is unknown or retired already."""
    retired = session.scalar(
        update(SealingKey)
        .where(SealingKey.kid == kid, SealingKey.retired_at.is_(None))
        .values(retired_at=utc_now())
        .returning(SealingKey.id)
    )
    return retired is not None
