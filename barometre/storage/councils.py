"""What the conseils citoyens write, adopt and withdraw, when it is hidden, and what is answered to them.

Nothing is changed or removed: drafts, versions, hidings and answers are rows that are added. An opinion
belongs to its council: nothing here lets anybody else change its words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from barometre.storage.editions import raise_version
from barometre.storage.models import (
    CouncilDraft,
    CouncilOpinion,
    CouncilProposal,
    OpinionHiding,
    ProposalAnswer,
    utc_now,
)

HIDDEN, SHOWN = "hidden", "shown"


class DraftChanged(Exception):
    """Somebody else saved or adopted since the page was opened."""


class NothingToAdopt(Exception):
    """There is no draft with a text, or it says what is already public."""


class AnswerChanged(Exception):
    """Somebody else answered since the page was opened."""


class NoSuchOpinion(Exception):
    """There is no such opinion or proposal, or the public does not see it."""


@dataclass(frozen=True)
class Subject:
    """What an opinion is about."""

    wave: str
    council: str
    theme: str


@dataclass(frozen=True)
class Draft:
    """A text at work."""

    #: 0 before anything was saved
    revision: int = 0
    text: str = ""
    proposals: tuple[str, ...] = ()
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """What the institutions say they will do."""

    id: int
    plan: str
    due: date
    service: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Proposal:
    """One proposal; the last answer first."""

    id: int
    text: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Hiding:
    """One line of the log: `HIDDEN` or `SHOWN`."""

    action: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Opinion:
    """One adopted version."""

    id: int
    subject: Subject
    version: int
    text: str
    proposals: tuple[Proposal, ...]
    adopted_by: str
    adopted_at: datetime
    withdrawn_at: datetime | None
    #: oldest first
    log: tuple[Hiding, ...]

    @property
    def hidden(self) -> Hiding | None:
        """Why the public does not read it; None when it does."""
        return self.log[-1] if self.log and self.log[-1].action == HIDDEN else None

    @property
    def public(self) -> bool:
        """Whether its words are shown to everybody."""
        return self.withdrawn_at is None and self.hidden is None


@dataclass(frozen=True)
class Standing:
    """The last version a council adopted on a theme, and those it replaced, the newest first."""

    subject: Subject
    current: Opinion
    earlier: tuple[Opinion, ...]

    @property
    def versions(self) -> tuple[Opinion, ...]:
        """All of them, the newest first."""
        return self.current, *self.earlier

    def says(self, draft: Draft) -> bool:
        """Whether a draft is what the council already says."""
        said = tuple(proposal.text for proposal in self.current.proposals)
        return self.current.withdrawn_at is None and (self.current.text, said) == (
            draft.text,
            draft.proposals,
        )


def fetch_drafts(session: Session, subject: Subject) -> list[Draft]:
    """Every saving of a council on a theme, the last one first."""
    rows = session.scalars(
        select(CouncilDraft)
        .filter_by(wave=subject.wave, council=subject.council, theme=subject.theme)
        .order_by(CouncilDraft.revision.desc())
    )
    return [Draft(row.revision, row.text, tuple(row.proposals), row.saved_by, row.saved_at) for row in rows]


def fetch_drafted_themes(session: Session, wave: str, council: str) -> dict[str, Draft]:
    """The last draft of a council on each theme it wrote about."""
    rows = session.scalars(
        select(CouncilDraft).filter_by(wave=wave, council=council).order_by(CouncilDraft.revision)
    )
    return {
        row.theme: Draft(row.revision, row.text, tuple(row.proposals), row.saved_by, row.saved_at)
        for row in rows
    }


def save_draft(
    session: Session, subject: Subject, revision: int, text: str, proposals: Sequence[str], by: str
) -> Draft:
    """Save over `revision`, the last one that whoever writes has read; `DraftChanged` when it is not."""
    _check_revision(session, subject, revision)
    row = CouncilDraft(
        wave=subject.wave,
        council=subject.council,
        theme=subject.theme,
        revision=revision + 1,
        text=text,
        proposals=list(proposals),
        saved_by=by,
        saved_at=utc_now(),
    )
    _add(session, row)
    return Draft(row.revision, text, tuple(proposals), by, row.saved_at)


def adopt(session: Session, subject: Subject, revision: int, by: str) -> Opinion:
    """Make the saved draft public as a new version; `DraftChanged` when it is not the one that was read."""
    draft = _check_revision(session, subject, revision)
    before = [found for found in fetch_standing(session, subject.wave) if found.subject == subject]
    if not draft.text or any(standing.says(draft) for standing in before):
        raise NothingToAdopt
    row = CouncilOpinion(
        wave=subject.wave,
        council=subject.council,
        theme=subject.theme,
        version=before[0].current.version + 1 if before else 1,
        text=draft.text,
        adopted_by=by,
        adopted_at=utc_now(),
    )
    _add(session, row)
    known = {
        proposal.text: proposal.id
        for standing in before
        for opinion in (*standing.earlier[::-1], standing.current)
        for proposal in opinion.proposals
    }
    for position, text in enumerate(draft.proposals, 1):
        first = known.get(text)
        session.add(CouncilProposal(opinion_id=row.id, position=position, text=text, first_id=first))
    session.flush()
    raise_version(session)
    return fetch_opinions(session, subject.wave, row.id)[0]


def withdraw(session: Session, subject: Subject, by: str) -> bool:
    """Take back what a council adopted on a theme, every version; whether there was anything to take back."""
    changed = session.scalars(
        update(CouncilOpinion)
        .filter_by(wave=subject.wave, council=subject.council, theme=subject.theme, withdrawn_at=None)
        .values(withdrawn_by=by, withdrawn_at=utc_now())
        .returning(CouncilOpinion.id)
    ).all()
    raise_version(session)
    return bool(changed)


def hide(session: Session, opinion_id: int, reason: str, by: str) -> None:
    """Hide a version from the public, with the reason that everybody reads."""
    _log(session, opinion_id, HIDDEN, reason, by)


def show_again(session: Session, opinion_id: int, reason: str, by: str) -> None:
    """Show a version again that was hidden."""
    _log(session, opinion_id, SHOWN, reason, by)


def answer(
    session: Session, wave: str, proposal_id: int, after: int, plan: str, due: date, service: str, by: str
) -> int:
    """Add an answer to a public proposal; returns its number. `after` is the last one that was read, or 0.

    Raises `NoSuchOpinion`, or `AnswerChanged` when there is a newer one.
    """
    session.execute(select(CouncilProposal.id).where(CouncilProposal.id == proposal_id).with_for_update())
    proposals = {
        proposal.id: proposal
        for standing in fetch_standing(session, wave)
        if standing.current.public
        for proposal in standing.current.proposals
    }
    if proposal_id not in proposals:
        raise NoSuchOpinion(proposal_id)
    answers = proposals[proposal_id].answers
    if (answers[0].id if answers else 0) != after:
        raise AnswerChanged(proposal_id)
    if answers and (answers[0].plan, answers[0].due, answers[0].service) == (plan, due, service):
        # Sent again as it stands: it has not changed.
        return answers[0].id
    row = ProposalAnswer(proposal_id=proposal_id, plan=plan, due=due, service=service, answered_by=by)
    session.add(row)
    session.flush()
    raise_version(session)
    return row.id


def fetch_standing(session: Session, wave: str) -> list[Standing]:
    """What every council says of every theme, by council and theme."""
    groups: dict[Subject, list[Opinion]] = defaultdict(list)
    for opinion in fetch_opinions(session, wave):
        groups[opinion.subject].append(opinion)
    return [Standing(subject, found[0], tuple(found[1:])) for subject, found in groups.items()]


def fetch_opinions(session: Session, wave: str, opinion_id: int | None = None) -> list[Opinion]:
    """Every version that was adopted, or one of them; by council and theme, the newest first."""
    asked = select(CouncilOpinion).filter_by(wave=wave)
    if opinion_id is not None:
        asked = asked.filter_by(id=opinion_id)
    rows = session.scalars(
        asked.order_by(CouncilOpinion.council, CouncilOpinion.theme, CouncilOpinion.version.desc())
    ).all()
    if not rows:
        return []
    ids = [row.id for row in rows]
    proposals = _fetch_proposals(session, ids)
    logs: dict[int, list[Hiding]] = defaultdict(list)
    hidings = select(OpinionHiding).where(OpinionHiding.opinion_id.in_(ids)).order_by(OpinionHiding.id)
    for line in session.scalars(hidings):
        logs[line.opinion_id].append(Hiding(line.action, line.reason, line.done_by, line.done_at))
    return [
        Opinion(
            row.id,
            Subject(row.wave, row.council, row.theme),
            row.version,
            row.text,
            tuple(proposals[row.id]),
            row.adopted_by,
            row.adopted_at,
            row.withdrawn_at,
            tuple(logs[row.id]),
        )
        for row in rows
    ]


def _fetch_proposals(session: Session, opinions: Iterable[int]) -> dict[int, list[Proposal]]:
    """Proposals by opinion; one that repeats an earlier one is that one, with its answers."""
    rows = session.scalars(
        select(CouncilProposal)
        .where(CouncilProposal.opinion_id.in_(opinions))
        .order_by(CouncilProposal.opinion_id, CouncilProposal.position)
    ).all()
    answers: dict[int, list[Answer]] = defaultdict(list)
    asked = {row.first_id or row.id for row in rows}
    for given in session.scalars(
        select(ProposalAnswer).where(ProposalAnswer.proposal_id.in_(asked)).order_by(ProposalAnswer.id.desc())
    ):
        answers[given.proposal_id].append(
            Answer(given.id, given.plan, given.due, given.service, given.answered_by, given.answered_at)
        )
    found: dict[int, list[Proposal]] = defaultdict(list)
    for row in rows:
        first = row.first_id or row.id
        found[row.opinion_id].append(Proposal(first, row.text, tuple(answers[first])))
    return found


def _check_revision(session: Session, subject: Subject, revision: int) -> Draft:
    last = next(iter(fetch_drafts(session, subject)), Draft())
    if last.revision != revision:
        raise DraftChanged(subject)
    return last


def _add(session: Session, row: CouncilDraft | CouncilOpinion) -> None:
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        # Somebody else was quicker since we looked.
        raise DraftChanged from error


def _log(session: Session, opinion_id: int, action: str, reason: str, by: str) -> None:
    """Note a hiding; `NoSuchOpinion` when there is nothing to hide or to show again."""
    row = session.scalar(select(CouncilOpinion).where(CouncilOpinion.id == opinion_id).with_for_update())
    if row is None:
        raise NoSuchOpinion(opinion_id)
    (opinion,) = fetch_opinions(session, row.wave, opinion_id)
    if (opinion.hidden is not None) == (action == HIDDEN):
        raise NoSuchOpinion(opinion_id)
    session.add(OpinionHiding(opinion_id=opinion_id, action=action, reason=reason, done_by=by))
    session.flush()
    raise_version(session)
