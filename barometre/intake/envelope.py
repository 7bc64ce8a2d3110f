"""The envelope: one finished interview as it travels, and how it is read."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from barometre.i18n import SOURCE_LANGUAGE
from barometre.questionnaire.answers import GivenAnswer

Content = TypeVar("Content")

#: bytes; an interview is about 5 kB
MAX_BYTES = 512_000


class UnreadableEnvelope(Exception):
    """The body is no envelope; it is kept all the same, in quarantine."""


class OtherInterview(Exception):
    """The answers that a resident sealed are not of this interview."""


@dataclass(frozen=True)
class Envelope:
    """What an envelope says of itself."""

    uuid: UUID
    wave: str
    #: hash of the questionnaire it was made with
    version: str
    interviewer: str
    disposition: str
    started_at: datetime | None
    answers: dict[str, GivenAnswer]
    #: what a resident answered alone and sealed (JWE compact); "" when nothing was handed over
    sealed_answers: str = ""


class _Content(msgspec.Struct):
    """The JSON of an envelope, as far as it is read; a clock that went wrong may have written anything."""

    uuid: UUID
    wave: str
    version: str
    disposition: str
    answers: dict[str, GivenAnswer]
    interviewer: str | None = None
    language: str | None = None
    started_at: Any = None
    sealed_answers: str | None = None


class _HandedOver(msgspec.Struct):
    """What a resident sealed, as far as it is read."""

    uuid: UUID
    answers: dict[str, GivenAnswer]


_DECODER = msgspec.json.Decoder(_Content)
_HANDED_OVER = msgspec.json.Decoder(_HandedOver)


def read_envelope(body: bytes) -> Envelope:
    """Read the JSON of a tablet, a paper form or an imported row. Raises `UnreadableEnvelope`."""
    content = _decode(_DECODER, body)
    language = content.language or SOURCE_LANGUAGE
    return Envelope(
        uuid=content.uuid,
        wave=content.wave,
        version=content.version,
        interviewer=_clean(content.interviewer or "")[:64],
        disposition=content.disposition,
        started_at=read_moment(content.started_at),
        answers=_clean_answers(content.answers, language),
        sealed_answers=content.sealed_answers or "",
    )


def add_answers(envelope: Envelope, handed_over: bytes) -> Envelope:
    """The envelope with the answers that a resident gave alone; what the interviewer noted stays.

    Raises `UnreadableEnvelope` or `OtherInterview`.
    """
    content = _decode(_HANDED_OVER, handed_over)
    if content.uuid != envelope.uuid:
        raise OtherInterview
    answers = dict(envelope.answers)
    for item, given in _clean_answers(content.answers, SOURCE_LANGUAGE).items():
        if item not in answers or not answers[item].given:
            answers[item] = given
    return replace(envelope, answers=answers)


def _decode(decoder: msgspec.json.Decoder[Content], body: bytes) -> Content:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise UnreadableEnvelope(f"{type(error).__name__}: {error}") from error
    except msgspec.DecodeError:
        pass
    try:
        # The halves of characters that a keyboard may leave are no reason to set an interview aside.
        return msgspec.convert(json.loads(body), decoder.type)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise UnreadableEnvelope(f"{type(error).__name__}: {error}") from error


def _clean_answers(answers: dict[str, GivenAnswer], language: str) -> dict[str, GivenAnswer]:
    """Answers whose words can be kept, each with the language it was given in."""
    for item, given in answers.items():
        if given.text or not given.language:
            text = given.text and _clean(given.text)
            answers[item] = replace(given, text=text, language=given.language or language)
    return answers


def write_envelope(
    uuid: UUID,
    *,
    wave: str,
    version: str,
    interviewer: str,
    disposition: str,
    started_at: str | None,
    answers: dict[str, dict[str, Any]],
) -> bytes:
    """The bytes of an envelope made here (paper entry, import); the same content gives the same bytes."""
    content = {
        "uuid": str(uuid),
        "wave": wave,
        "version": version,
        "interviewer": interviewer,
        "disposition": disposition,
        "started_at": started_at,
        "answers": answers,
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read_moment(text: str | None) -> datetime | None:
    """A moment as the tablet's clock told it: never refused, at worst unknown (clocks go wrong)."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    # At either end of the calendar some time zone has no such day: no database could give it back.
    return moment if MINYEAR < moment.year < MAXYEAR else None


def _clean(text: str) -> str:
    """Words that every database and page can hold: without NUL and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
