"""The tables: people, devices, envelopes, interviews, counts, keys, editions, baseline, exports, councils."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


def utc_now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC on both databases (SQLite drops the zone: it is put back on reading)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: object) -> datetime | None:
        """Refuse a moment without a zone, store the others in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: object) -> datetime | None:
        """Give the zone back where the database dropped it."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Common base: constraint names are fixed so that migrations can name them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, UUID: Uuid}  # noqa: RUF012 (read by SQLAlchemy)


class Person(Base):
    """Somebody who signs in."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: what is typed at sign-in; lower case
    username: Mapped[str] = mapped_column(String(64), unique=True)
    #: argon2id, with its parameters
    password_hash: Mapped[str] = mapped_column(String(255))
    #: sorted, separated by spaces: interviewer supervisor analyst council administrator
    roles: Mapped[str] = mapped_column(String(120))
    #: conseil citoyen of a council member
    council: Mapped[str | None] = mapped_column(String(32))
    active: Mapped[bool] = mapped_column(default=True)
    #: raised to end every open sign-in of this person
    session_epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class SignInFailure(Base):
    """A failed sign-in, kept for the throttle."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index(None, "subject", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: "user:<name>" or "address:<ip>", hashed
    subject: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=utc_now)


class Device(Base):
    """A tablet, known by the hash of its write-only token."""

    __tablename__ = "device"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: SHA-256 of the token
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    label: Mapped[str] = mapped_column(String(80))
    enrolled_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    enrolled_at: Mapped[datetime] = mapped_column(default=utc_now)
    revoked_at: Mapped[datetime | None]
    #: when it last asked for its work, to within a few minutes
    last_seen_at: Mapped[datetime | None]


class EnrolmentCode(Base):
    """A code that enrols one tablet, once, within the hour."""

    __tablename__ = "enrolment_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: HMAC-SHA-256 (hex) under the instance's key: eight characters alone could be guessed from a copy
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(80))
    #: whose tablet it will be
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))


class QuestionnaireVersion(Base):
    """A questionnaire as it was when interviews were made with it; never deleted."""

    __tablename__ = "questionnaire_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: SHA-256 (hex) of its files
    version: Mapped[str] = mapped_column(String(64), unique=True)
    wave: Mapped[str] = mapped_column(String(16))
    #: closed items, in the order of the stored code bytes
    closed_items: Mapped[list[str]] = mapped_column(JSON)
    #: items of the weighting cell, in order
    cell_items: Mapped[list[str]] = mapped_column(JSON)
    #: highest substantive code: fixes the width of the counts
    highest_code: Mapped[int]
    #: the text of its files, by name; NULL for one registered before they were kept, and not seen since
    sources: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True), deferred=True)


class Envelope(Base):
    """What came in, byte for byte, and what became of it."""

    __tablename__ = "envelope"
    __table_args__ = (
        UniqueConstraint("uuid", "sha256"),
        CheckConstraint("status in ('stored', 'conflict', 'quarantined')", name="known_status"),
        {"sqlite_autoincrement": True},
    )

    #: order of arrival; quoted in the receipt
    seq: Mapped[int] = mapped_column(primary_key=True)
    #: made on the tablet; two envelopes with one uuid are a conflict
    uuid: Mapped[UUID]
    #: SHA-256 of the body
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    #: "tablet", "paper" or "file"
    channel: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(16))
    #: why it is not stored: a slug, then what a supervisor reads
    reason: Mapped[str | None] = mapped_column(Text)
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
    received_at: Mapped[datetime] = mapped_column(default=utc_now)
    #: what was decided of it once it was set aside: see `storage.decisions`
    decision: Mapped[str | None] = mapped_column(String(16))
    #: why, in the words of whoever decided
    decision_reason: Mapped[str | None] = mapped_column(Text)
    #: a person's username, or "command"
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None]


#: counted interviews that no cell's row holds yet: few, and looked up at every reading
NOT_FOLDED = text("counted and not folded")


class Interview(Base):
    """One interview: its closed answers as one byte each, in the order of its questionnaire version."""

    __tablename__ = "interview"
    __table_args__ = (
        Index("ix_interview_new", "version_id", sqlite_where=NOT_FOLDED, postgresql_where=NOT_FOLDED),
        {"sqlite_with_rowid": False},
    )

    uuid: Mapped[UUID] = mapped_column(primary_key=True)
    envelope_seq: Mapped[int] = mapped_column(ForeignKey("envelope.seq"))
    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"))
    #: one byte per closed item: 0 not asked, 1…96 option, 97, 98, 99
    codes: Mapped[bytes] = mapped_column(LargeBinary)
    #: languages used, separated by spaces, in order of appearance
    languages: Mapped[str] = mapped_column(String(80))
    #: one byte per closed item: place in `languages`, 255 when not answered
    language_of: Mapped[bytes] = mapped_column(LargeBinary)
    #: open answers: item → [language, words]; erased after coding
    texts: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    #: English slug of `questionnaire.dispositions`
    disposition: Mapped[str] = mapped_column(String(32))
    #: whoever asked: a person's username
    interviewer: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime | None]
    #: whether it is counted: complete enough, and not excluded
    counted: Mapped[bool]
    #: whether the row of its cell holds it already; until then it is its own count
    folded: Mapped[bool] = mapped_column(server_default=false())
    #: why a supervisor took it out of the counts
    excluded_reason: Mapped[str | None] = mapped_column(Text)


class CellCount(Base):
    """How many folded interviews of one weighting cell gave each code to each item."""

    __tablename__ = "cell_count"

    version_id: Mapped[int] = mapped_column(ForeignKey("questionnaire_version.id"), primary_key=True)
    #: codes of the cell items, one byte each
    cell: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    interviews: Mapped[int]
    #: int32 little-endian, shape (closed items, highest_code + 4): see `estimates.counts`
    counts: Mapped[bytes] = mapped_column(LargeBinary)


class SealingKey(Base):
    """The public part of a key that tablets seal interviews to; the private part is in a file, never here."""

    __tablename__ = "sealing_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: RFC 7638 thumbprint, SHA-256: sealed envelopes name their key by it
    kid: Mapped[str] = mapped_column(String(43), unique=True)
    wave: Mapped[str] = mapped_column(String(16))
    #: RFC 7517, with its kid
    public_jwk: Mapped[dict[str, str]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    #: no tablet is given it any more; what was sealed to it still opens
    retired_at: Mapped[datetime | None]


class Backup(Base):
    """A copy of the database that was restored and counted."""

    __tablename__ = "backup"

    id: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    #: every envelope up to this number is in it
    seq: Mapped[int]
    envelopes: Mapped[int]
    #: its name, without its folder
    file: Mapped[str] = mapped_column(String(120))


class Release(Base):
    """An edition of a wave: its frozen counts, then the figures that were published of them.

    Prepared, then shown to the councils, public, withdrawn: each once, and what is public never changes.
    """

    __tablename__ = "release"
    # An id that was given once names that edition for good, also after it was removed.
    __table_args__ = (UniqueConstraint("wave", "number"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    wave: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    made_by: Mapped[str] = mapped_column(String(64))
    #: `Counts.to_document()`
    counts: Mapped[dict[str, object]] = mapped_column(JSON)
    #: dispositions of the wave when it was made: slug → number
    dispositions: Mapped[dict[str, int]] = mapped_column(JSON)
    #: past waves whose interviews replace printed figures: `Counts.to_document()` of the items concerned
    baseline: Mapped[dict[str, dict[str, object]] | None] = mapped_column(JSON(none_as_null=True))
    #: what somebody looked at before it was published: id → {"by": username, "at": ISO 8601}
    checks: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict)
    shared_at: Mapped[datetime | None]
    shared_by: Mapped[str | None] = mapped_column(String(64))
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None] = mapped_column(String(64))
    #: among those of its wave that were published, from 1
    number: Mapped[int | None]
    #: every figure, as it was published; None for releases made before there were editions
    figures: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: SHA-256 of `figures`, in hexadecimal
    figures_sha256: Mapped[str | None] = mapped_column(String(64))
    #: version of the method that worked them out
    method: Mapped[str | None] = mapped_column(String(16))
    #: every one, the oldest first: {"at": ISO 8601, "by": username, "text": words}
    errata: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list, server_default="[]")
    #: what was found wrong, shown with it: the last of them
    erratum: Mapped[str | None] = mapped_column(Text)
    erratum_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(String(64))
    withdrawn_why: Mapped[str | None] = mapped_column(Text)


class PublicVersion(Base):
    """One row: a number that grows with every change of what the public sees."""

    __tablename__ = "public_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=0)


class BaselineDecision(Base):
    """Where the figures of one item of a past wave come from, from now on; never changed, never removed."""

    __tablename__ = "baseline_decision"
    __table_args__ = (
        CheckConstraint("source in ('published', 'microdata')", name="known_source"),
        Index(None, "wave"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave: Mapped[str] = mapped_column(String(16))
    item: Mapped[str] = mapped_column(String(80))
    #: "published": the printed figures, or "microdata": the interviews themselves
    source: Mapped[str] = mapped_column(String(16))
    #: the source until then
    previous: Mapped[str] = mapped_column(String(16))
    #: in the words of whoever decided
    reason: Mapped[str] = mapped_column(Text)
    #: a person's username, or "command"
    decided_by: Mapped[str] = mapped_column(String(64))
    decided_at: Mapped[datetime] = mapped_column(default=utc_now)


class MicrodataExport(Base):
    """Somebody took the answers of a wave, one row a person, for a purpose; never changed, never removed."""

    __tablename__ = "microdata_export"
    __table_args__ = (Index(None, "wave"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wave: Mapped[str] = mapped_column(String(16))
    #: a person's username
    taken_by: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[datetime] = mapped_column(default=utc_now)
    #: what for, in their own words
    purpose: Mapped[str] = mapped_column(Text)
    interviews: Mapped[int]


class CouncilDraft(Base):
    """What a conseil citoyen is writing on a theme; each saving is one more row, so that none is lost."""

    __tablename__ = "council_draft"
    __table_args__ = (UniqueConstraint("wave", "council", "theme", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wave: Mapped[str] = mapped_column(String(16))
    council: Mapped[str] = mapped_column(String(32))
    theme: Mapped[str] = mapped_column(String(80))
    #: 1, 2, 3…: two members who start from the same one cannot both save
    revision: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    proposals: Mapped[list[str]] = mapped_column(JSON)
    saved_by: Mapped[str] = mapped_column(String(64))
    saved_at: Mapped[datetime] = mapped_column(default=utc_now)


class CouncilOpinion(Base):
    """An opinion that a conseil citoyen adopted; its text is never changed, never removed."""

    __tablename__ = "council_opinion"
    __table_args__ = (UniqueConstraint("wave", "council", "theme", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    wave: Mapped[str] = mapped_column(String(16))
    council: Mapped[str] = mapped_column(String(32))
    theme: Mapped[str] = mapped_column(String(80))
    #: 1, 2, 3…: each replaces the one before
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    adopted_by: Mapped[str] = mapped_column(String(64))
    adopted_at: Mapped[datetime] = mapped_column(default=utc_now)
    withdrawn_by: Mapped[str | None] = mapped_column(String(64))
    withdrawn_at: Mapped[datetime | None]


class CouncilProposal(Base):
    """One proposal of an adopted opinion."""

    __tablename__ = "council_proposal"
    __table_args__ = (UniqueConstraint("opinion_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    opinion_id: Mapped[int] = mapped_column(ForeignKey("council_opinion.id"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(400))
    #: the same words in an earlier version: what was answered to them still holds
    first_id: Mapped[int | None] = mapped_column(ForeignKey("council_proposal.id"))


class OpinionHiding(Base):
    """When a manifestly unlawful opinion was hidden from the public or shown again, why and by whom."""

    __tablename__ = "opinion_hiding"
    __table_args__ = (
        CheckConstraint("action in ('hidden', 'shown')", name="known_action"),
        Index(None, "opinion_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    opinion_id: Mapped[int] = mapped_column(ForeignKey("council_opinion.id"))
    action: Mapped[str] = mapped_column(String(8))
    #: told to everybody
    reason: Mapped[str] = mapped_column(Text)
    done_by: Mapped[str] = mapped_column(String(64))
    done_at: Mapped[datetime] = mapped_column(default=utc_now)


class ProposalAnswer(Base):
    """What the institutions answer to a proposal; the last one holds, the others stay readable."""

    __tablename__ = "proposal_answer"
    __table_args__ = (Index(None, "proposal_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("council_proposal.id"))
    #: « ce que nous allons faire »
    plan: Mapped[str] = mapped_column(Text)
    #: « avant le … »
    due: Mapped[date]
    #: a service, not somebody's name
    service: Mapped[str] = mapped_column(String(240))
    answered_by: Mapped[str] = mapped_column(String(64))
    answered_at: Mapped[datetime] = mapped_column(default=utc_now)
