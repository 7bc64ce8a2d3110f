"""What was meant beside what the server holds: nothing lost, nothing doubled, nothing altered, nothing else."""

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
    doubled: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    #: on the server, and not finished on the tablet
    unknown: list[str] = field(default_factory=list)
    #: whether the kept counts are those of the interviews
    counted_once: bool = True

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return self.counted_once and not (self.lost or self.doubled or self.altered or self.unknown)

    def __str__(self) -> str:
        """One line of figures."""
        figures = {name: len(getattr(self, name)) for name in ("lost", "doubled", "altered", "unknown")}
        counts = "counts hold" if self.counted_once else "counts are wrong"
        return ", ".join(f"{number} {name}" for name, number in figures.items()) + f", {counts}"


def compare(
    database: Database,
    questionnaire: Questionnaire,
    finished: Mapping[str, Meant],
    receipts: Mapping[str, Mapping[str, Any]],
) -> Verdict:
    """Every interview finished on the tablet, by uuid, beside the envelopes and interviews of the server."""
    with database.read() as session:
        envelopes: dict[str, list[Envelope]] = {}
        for envelope in session.scalars(select(Envelope)):
            envelopes.setdefault(str(envelope.uuid), []).append(envelope)
        stored = {str(interview.uuid): interview for interview in session.scalars(select(Interview))}
        verdict = Verdict(counted_once=check_counts(session, questionnaire.wave))
    for uuid, meant in finished.items():
        interview, copies = stored.get(uuid), envelopes.get(uuid, [])
        if interview is None:
            verdict.lost.append(uuid)
        elif [copy.status for copy in copies] != [STORED]:
            verdict.doubled.append(uuid)
        elif not (
            _is_as_meant(interview, meant, questionnaire)
            and receipts[uuid]["seq"] == copies[0].seq
            and receipts[uuid]["sha256"] == copies[0].sha256.hex()
        ):
            verdict.altered.append(uuid)
    verdict.unknown = sorted((set(envelopes) | set(stored)) - set(finished))
    return verdict


def _is_as_meant(interview: Interview, meant: Meant, questionnaire: Questionnaire) -> bool:
    codes = {item: interview.codes[place] for item, place in questionnaire.position.items()}
    endings = {meant.disposition, PARTIAL} if meant.disposition == BREAK_OFF else {meant.disposition}
    return (
        codes == meant.write_codes(questionnaire)
        and interview.texts == meant.write_texts()
        and interview.disposition in endings
    )
