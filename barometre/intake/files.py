"""Import of a file of interviews: every line is judged first, then all are stored together or none is."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from barometre.intake.envelope import Envelope, read_envelope
from barometre.intake.file_format import ID, REFUSED_COLUMNS, Candidate, FileFormat
from barometre.intake.sheets import WITH_MARK, Sheet, write_csv
from barometre.problems import describe_problem
from barometre.questionnaire.answers import AnswerProblem, AnswerSheet, find_off_route, judge
from barometre.storage.arrivals import OTHER_CONTENT, Arrival, Judged, save_arrivals
from barometre.storage.counts import fold_counts
from barometre.storage.engine import Session
from barometre.storage.interviews import fetch_known_contents
from barometre.storage.versions import register_version


@dataclass(frozen=True)
class Sound:
    """A line that the judge accepts."""

    arrival: Arrival
    envelope: Envelope
    answers: AnswerSheet
    line: int


@dataclass
class Findings:
    """What the judge says of a file; nothing is stored yet."""

    sheet: Sheet
    #: of the header: while there is one, no line can be trusted
    header: list[AnswerProblem]
    sound: list[Sound] = field(default_factory=list)
    #: by line of the file
    refused: dict[int, list[AnswerProblem]] = field(default_factory=dict)

    @property
    def faultless(self) -> bool:
        """Whether every line holds."""
        return not self.header and not self.refused


def judge_sheet(
    form: FileFormat, sheet: Sheet, advance: Callable[[int], object] = lambda lines: None
) -> Findings:
    """Judge every line; `advance` is told how many are done."""
    names = form.name_columns(sheet.header)
    findings = Findings(sheet, form.check_columns(names))
    if ID not in names:
        return findings
    first_line: dict[UUID, int] = {}
    for line in sheet.lines:
        found = _judge(form, form.read_line(names, line), first_line)
        if isinstance(found, Sound):
            findings.sound.append(found)
        else:
            findings.refused[line.number] = found
        advance(1)
    return findings


def refuse_other_contents(session: Session, findings: Findings) -> None:
    """Refuse the lines whose interview is already stored with other answers; the same ones are welcome."""
    known = fetch_known_contents(session, [sound.arrival.uuid for sound in findings.sound])
    kept = []
    for sound in findings.sound:
        if known.get(sound.arrival.uuid, sound.arrival.sha256) == sound.arrival.sha256:
            kept.append(sound)
        else:
            findings.refused[sound.line] = [AnswerProblem(ID, OTHER_CONTENT)]
    findings.sound = kept


def store(session: Session, form: FileFormat, findings: Findings) -> Counter[str]:
    """Store every sound line in the caller's transaction; how many became what."""
    version = register_version(session, form.questionnaire)
    kept = save_arrivals(
        session.connection(),
        [
            (
                sound.arrival,
                Judged(version, sound.answers, sound.envelope.interviewer, sound.envelope.started_at),
            )
            for sound in findings.sound
        ],
    )
    # A file may hold thousands: none stays for the readers to count.
    fold_counts(session.connection(), version)
    return Counter(one.status for one in kept)


def list_problems(form: FileFormat, findings: Findings) -> list[tuple[int, str, str]]:
    """Line, column and reason in words of every problem, in the order of the file."""
    placed = [(findings.sheet.header.number, problem) for problem in findings.header]
    for number in sorted(findings.refused):
        placed += [(number, problem) for problem in findings.refused[number]]
    return [
        (number, problem.field, describe_problem(problem, form.questionnaire)) for number, problem in placed
    ]


def write_refused(path: Path, form: FileFormat, findings: Findings) -> Path:
    """Write the refused lines as they were, with their place and reasons; never over another file."""
    header = findings.sheet.header.cells
    own = [
        place
        for place, name in enumerate(form.name_columns(findings.sheet.header))
        if name in REFUSED_COLUMNS
    ]
    lines = [[*REFUSED_COLUMNS, *_without(header, own)]]
    for line in findings.sheet.lines:
        problems = findings.refused.get(line.number)
        if problems:
            words = [
                f"{problem.field} : {describe_problem(problem, form.questionnaire)}".removeprefix(" : ")
                for problem in problems
            ]
            lines.append([str(line.number), " / ".join(words), *_without(line.cells, own)])
    stem, number = f"{path.stem}-refused", 1
    target = path.with_name(f"{stem}.csv")
    while target.exists():
        # It may have been mended by hand since.
        number += 1
        target = path.with_name(f"{stem}-{number}.csv")
    with target.open("x", encoding=WITH_MARK, newline="") as opened:
        write_csv(opened, lines, findings.sheet.delimiter)
    return target


def _judge(
    form: FileFormat, candidate: Candidate, first_line: dict[UUID, int]
) -> Sound | list[AnswerProblem]:
    number, problems = candidate.line.number, list(candidate.problems)
    first = first_line.setdefault(candidate.uuid, number) if candidate.identity else number
    if first != number:
        problems.append(AnswerProblem(ID, "duplicate_id", candidate.identity[:40], str(first)))
    envelope = read_envelope(candidate.body)
    problems += find_off_route(form.questionnaire, envelope.answers)
    found = judge(form.questionnaire, envelope.answers, envelope.disposition)
    if isinstance(found, list):
        return problems + found
    if problems:
        return problems
    arrival = Arrival(candidate.uuid, hashlib.sha256(candidate.body).digest(), candidate.body, channel="file")
    return Sound(arrival, envelope, found, number)


def _without(cells: tuple[str, ...], places: list[int]) -> list[str]:
    return [cell for place, cell in enumerate(cells) if place not in places]
