"""The envelope: one finished interview as it travels, and how it is read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any
from uuid import UUID

from barometre.questionnaire.answers import GivenAnswer

#: bytes; an interview is about 5 kB
MAX_BYTES = 512_000


class UnreadableEnvelope(Exception):
    """The body is no envelope; it is kept all the same, in quarantine."""


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


def read_envelope(body: bytes) -> Envelope:
    """Read the JSON of a tablet, a paper form or an imported row. Raises `UnreadableEnvelope`."""
    try:
        data = json.loads(body)
        language = str(data.get("language") or "fr")
        answers = {name: _read_answer(given, language) for name, given in data["answers"].items()}
        return Envelope(
            uuid=UUID(data["uuid"]),
            wave=str(data["wave"]),
            version=str(data["version"]),
            interviewer=_clean(str(data.get("interviewer") or ""))[:64],
            disposition=str(data["disposition"]),
            started_at=read_moment(data.get("started_at")),
            answers=answers,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableEnvelope(f"{type(error).__name__}: {error}") from error


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


def _read_answer(given: dict[str, Any], language: str) -> GivenAnswer:
    code, text = given.get("code"), given.get("text")
    if code is not None and (not isinstance(code, int) or isinstance(code, bool)):
        raise TypeError("a code is not a whole number")
    if text is not None and not isinstance(text, str):
        raise TypeError("a text is not words")
    return GivenAnswer(code, text and _clean(text), str(given.get("language") or language))


def _clean(text: str) -> str:
    """Words that every database and page can hold: without NUL and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
