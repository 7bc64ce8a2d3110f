"""What was meant beside what the server holds: nothing lost, doubled, altered or unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from barometre.questionnaire.definition import Questionnaire
from barometre.storage.arrivals import STORED
from barometre.storage.counts import check_counts
from barometre.storage.engine import Database
from barometre.storage.models import Envelope, Interview
from tests.faults.meant import BREAK_OFF, Meant

#: what a break-off becomes when enough was answered
PARTIAL = "partial"


@dataclass
class Verdict:
    """Uuids of the interviews that something is wrong with."""

    lost: list[str] = field(default_factory=list)
    #: of which the server keeps more than the one envelope
    doubled: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    #: that nobody held
    unknown: list[str] = field(default_factory=list)
    #: whose receipt the tablet has not, or another one
    without_receipt: list[str] = field(default_factory=list)
    #: whether the kept counts are those of the interviews
    counted_once: bool = True

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return self.counted_once and not any(self._lists().values())

    def __str__(self) -> str:
        """One line of figures."""
        told = [f"{len(uuids)} {name.replace('_', ' ')}" for name, uuids in self._lists().items()]
        return ", ".join([*told, "counted once" if self.counted_once else "the counts are wrong"])

    def _lists(self) -> dict[str, list[str]]:
        return {name: value for name, value in vars(self).items() if isinstance(value, list)}


def compare(
    database: Database,
    questionnaire: Questionnaire,
    held: Mapping[str, Meant],
    kept: Mapping[str, Mapping[str, Any]],
) -> Verdict:
    """Every interview held, by uuid, beside the tablet's memory and what the server stores."""
    with database.read() as session:
        envelopes: dict[str, list[Envelope]] = {}
        for envelope in session.scalars(select(Envelope)):
            envelopes.setdefault(str(envelope.uuid), []).append(envelope)
        stored = {str(interview.uuid): interview for interview in session.scalars(select(Interview))}
        verdict = Verdict(counted_once=check_counts(session, questionnaire.wave))
    for uuid, meant in held.items():
        interview, copies = stored.get(uuid), envelopes.get(uuid, [])
        if interview is None or uuid not in kept:
            verdict.lost.append(uuid)
            continue
        if [copy.status for copy in copies] != [STORED]:
            verdict.doubled.append(uuid)
        if not _is_as_meant(interview, meant, questionnaire):
            verdict.altered.append(uuid)
        receipt = kept[uuid]["receipt"] or {}
        numbers = [(copy.seq, copy.sha256.hex()) for copy in copies]
        if (receipt.get("seq"), receipt.get("sha256")) not in numbers:
            verdict.without_receipt.append(uuid)
    verdict.unknown = sorted((set(envelopes) | set(stored) | set(kept)) - set(held))
    return verdict


def _is_as_meant(interview: Interview, meant: Meant, questionnaire: Questionnaire) -> bool:
    codes = {item: interview.codes[place] for item, place in questionnaire.position.items()}
    endings = {meant.disposition, PARTIAL} if meant.disposition == BREAK_OFF else {meant.disposition}
    return (
        codes == meant.write_codes(questionnaire)
        and interview.texts == meant.write_texts()
        and interview.disposition in endings
    )
