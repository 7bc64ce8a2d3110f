"""Envelope → stored, already received, conflict or quarantined; a finished interview is never refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from uuid import UUID

from barometre.intake.envelope import (
    Envelope,
    OtherInterview,
    UnreadableEnvelope,
    add_answers,
    read_envelope,
)
from barometre.intake.sealing import BrokenSeal, KeyMissing, Keyring, is_sealed
from barometre.questionnaire.answers import AnswerProblem, judge
from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.town import Town
from barometre.storage.arrivals import (
    KEY_MISSING,
    UNKNOWN_VERSION,
    Arrival,
    Judged,
    Kept,
    save_arrival,
)
from barometre.storage.engine import Session
from barometre.storage.versions import Version, fetch_questionnaire, register_version


@dataclass
class Gate:
    """The judge's desk of one process: its keys, the town's questionnaires and their registered versions."""

    town: Town
    keyring: Keyring = field(default_factory=Keyring)

    def __post_init__(self) -> None:
        """Index the questionnaires by the hash that envelopes carry."""
        self._questionnaires = {
            wave.questionnaire.version: wave.questionnaire
            for wave in self.town.waves.values()
            if wave.design is not None
        }
        self._versions: dict[str, Version] = {}

    def receive(self, session: Session, uuid: UUID, body: bytes, *, channel: str) -> Kept:
        """Judge and keep one envelope inside the caller's write transaction."""
        return self.keep(session, Arrival(uuid, hashlib.sha256(body).digest(), body, channel))

    def keep(self, session: Session, arrival: Arrival) -> Kept:
        """The same for an envelope whose hash is known."""
        return save_arrival(session, arrival, self.judge(arrival, session))

    def judge(self, arrival: Arrival, session: Session | None = None) -> Judged | str:
        """What the judge makes of an envelope, or why it is set aside.

        Without a session the questionnaires must be remembered; with one, those of the past are looked up.
        """
        try:
            envelope = self._read(arrival.body)
        except KeyMissing:
            return KEY_MISSING
        except OtherInterview:
            return "other_answers"
        except (BrokenSeal, UnreadableEnvelope) as error:
            return f"unreadable: {error}"[:500]
        if envelope.uuid != arrival.uuid:
            return "other_uuid"
        questionnaire = self._find_questionnaire(envelope.version, session)
        if questionnaire is None or questionnaire.wave != envelope.wave:
            return UNKNOWN_VERSION
        sheet = judge(questionnaire, envelope.answers, envelope.disposition)
        if isinstance(sheet, list):
            return f"invalid: {write_problems(sheet)}"[:500]
        version = self._versions.get(envelope.version)
        if version is None:
            # Remembered only by a caller whose transaction commits: the row may vanish with a rollback.
            assert session is not None
            version = register_version(session, questionnaire)
        return Judged(version, sheet, envelope.interviewer, envelope.started_at)

    def _read(self, body: bytes) -> Envelope:
        """Open an envelope, and what a resident sealed inside it."""
        envelope = read_envelope(self.keyring.open(body) if is_sealed(body) else body)
        if not envelope.sealed_answers:
            return envelope
        return add_answers(envelope, self.keyring.open(envelope.sealed_answers.encode(errors="replace")))

    def _find_questionnaire(self, version: str, session: Session | None) -> Questionnaire | None:
        """What an envelope was made with: asked today, or kept since interviews were made with it."""
        if version not in self._questionnaires and session is not None:
            kept = fetch_questionnaire(session, version)
            if kept is not None:
                self._questionnaires[version] = kept
                # Its row was there before: no rollback takes it away.
                self._versions[version] = register_version(session, kept)
        return self._questionnaires.get(version)

    def remember_versions(self, session: Session) -> None:
        """Register every questionnaire once, so that receiving need not look them up."""
        for version, questionnaire in self._questionnaires.items():
            self._versions[version] = register_version(session, questionnaire)


def write_problems(problems: list[AnswerProblem]) -> str:
    """Problems as one short line for the quarantine: names and reasons, and no answer."""
    return json.dumps([[problem.field, problem.reason] for problem in problems])
