"""What the councils write stays as it was written, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest

from barometre.storage import councils
from barometre.storage.councils import Draft, Opinion, Standing, Subject
from barometre.storage.engine import Database

ONE = Subject("2027", "CC1", "bien_vivre")
OTHER = Subject("2027", "CC2", "bien_vivre")
DUE = date(2031, 6, 30)


def adopt(database: Database, subject: Subject, text: str, *proposals: str) -> Opinion:
    """Save and adopt over whatever is there."""
    with database.write() as session:
        last = next(iter(councils.fetch_drafts(session, subject)), Draft())
        saved = councils.save_draft(session, subject, last.revision, text, proposals, "conseil")
        return councils.adopt(session, subject, saved.revision, "conseil")


def read_standing(database: Database) -> list[Standing]:
    with database.read() as session:
        return councils.fetch_standing(session, "2027")


def test_every_saving_is_kept(database: Database) -> None:
    for revision, text in enumerate(("first", "second", "")):
        with database.write() as session:
            councils.save_draft(session, ONE, revision, text, [text] if text else [], f"member-{revision}")
    with database.read() as session:
        drafts = councils.fetch_drafts(session, ONE)
        assert [(draft.text, draft.by) for draft in drafts] == [
            ("", "member-2"), ("second", "member-1"), ("first", "member-0"),
        ]  # fmt: skip
        assert councils.fetch_drafts(session, OTHER) == []
        assert councils.fetch_drafted_themes(session, "2027", "CC1")["bien_vivre"] == drafts[0]


@pytest.mark.parametrize("revision", [0, 2, -1])
def test_nobody_saves_over_what_they_have_not_read(database: Database, revision: int) -> None:
    with database.write() as session:
        councils.save_draft(session, ONE, 0, "mine", [], "somebody")
    with pytest.raises(councils.DraftChanged), database.write() as session:
        councils.save_draft(session, ONE, revision, "yours", [], "somebody else")
    with database.read() as session:
        assert [draft.text for draft in councils.fetch_drafts(session, ONE)] == ["mine"]


def test_of_two_who_save_at_the_same_moment_one_is_told(database: Database) -> None:
    together = Barrier(2)

    def save(text: str) -> str | None:
        together.wait()
        try:
            with database.write() as session:
                councils.save_draft(session, ONE, 0, text, [], text)
        except councils.DraftChanged:
            return None
        return text

    with ThreadPoolExecutor(2) as pool:
        saved = [text for text in pool.map(save, ("mine", "yours")) if text]
    assert len(saved) == 1
    with database.read() as session:
        assert [draft.text for draft in councils.fetch_drafts(session, ONE)] == saved


def test_a_later_version_replaces_the_first_which_stays(database: Database) -> None:
    first = adopt(database, ONE, "We think so.", "A bench", "A bus")
    second = adopt(database, ONE, "We think more.", "A bus", "A tree")
    (standing,) = read_standing(database)
    assert standing.current == second
    assert standing.earlier == (first,)
    assert (first.version, second.version) == (1, 2)
    assert first.text == "We think so."


def test_what_is_adopted_is_what_was_read(database: Database) -> None:
    with database.write() as session:
        councils.save_draft(session, ONE, 0, "read", [], "a")
        councils.save_draft(session, ONE, 1, "not read", [], "b")
    with pytest.raises(councils.DraftChanged), database.write() as session:
        councils.adopt(session, ONE, 1, "a")
    assert read_standing(database) == []


def test_neither_nothing_nor_the_same_text_again_is_adopted(database: Database) -> None:
    with database.write() as session:
        councils.save_draft(session, ONE, 0, "", ["A bench"], "a")
    with pytest.raises(councils.NothingToAdopt), database.write() as session:
        councils.adopt(session, ONE, 1, "a")
    adopt(database, ONE, "We think so.")
    with pytest.raises(councils.NothingToAdopt):
        adopt(database, ONE, "We think so.")


def test_a_council_takes_back_its_own_opinion_and_no_other(database: Database) -> None:
    adopt(database, ONE, "ours")
    adopt(database, ONE, "ours again")
    adopt(database, OTHER, "theirs")
    with database.write() as session:
        assert councils.withdraw(session, ONE, "conseil")
    with database.write() as session:
        assert not councils.withdraw(session, ONE, "conseil")
    ours, theirs = read_standing(database)
    assert [opinion.public for opinion in ours.versions] == [False, False]
    assert ours.current.text == "ours again"
    assert theirs.current.public
    assert adopt(database, ONE, "ours again").version == 3


def test_an_answer_stays_with_its_proposal_in_the_next_version(database: Database) -> None:
    bench, bus = adopt(database, ONE, "text", "A bench", "A bus").proposals
    with database.write() as session:
        councils.answer(session, "2027", bench.id, 0, "Two benches", DUE, "Parks", "analyse")
    adopt(database, ONE, "other text", "A tree", "A bench")
    third = adopt(database, ONE, "third text", "A bench", "A bus")
    assert [p.id for p in third.proposals] == [bench.id, bus.id]
    assert [answer.plan for answer in third.proposals[0].answers] == ["Two benches"]
    assert third.proposals[1].answers == ()


def test_a_changed_answer_stays_readable_and_nobody_overwrites_one_unread(database: Database) -> None:
    (bench,) = adopt(database, ONE, "text", "A bench").proposals
    with database.write() as session:
        first = councils.answer(session, "2027", bench.id, 0, "Two benches", DUE, "Parks", "analyse")
    with pytest.raises(councils.AnswerChanged), database.write() as session:
        councils.answer(session, "2027", bench.id, 0, "None", DUE, "Parks", "administration")
    with database.write() as session:
        councils.answer(session, "2027", bench.id, first, "Four benches", DUE, "Parks", "analyse")
    (proposal,) = read_standing(database)[0].current.proposals
    assert [answer.plan for answer in proposal.answers] == ["Four benches", "Two benches"]
    assert proposal.answers[0].due == DUE


@pytest.mark.parametrize("how", ["withdrawn", "hidden", "replaced", "unknown"])
def test_only_what_the_public_reads_is_answered(database: Database, how: str) -> None:
    opinion = adopt(database, ONE, "text", "A bench")
    proposal = opinion.proposals[0].id
    with database.write() as session:
        if how == "withdrawn":
            councils.withdraw(session, ONE, "conseil")
        elif how == "hidden":
            councils.hide(session, opinion.id, "an insult", "administration")
    if how == "replaced":
        adopt(database, ONE, "text", "A tree")
    asked = 999 if how == "unknown" else proposal
    with pytest.raises(councils.NoSuchOpinion), database.write() as session:
        councils.answer(session, "2027", asked, 0, "plan", DUE, "Parks", "analyse")


def test_hiding_keeps_the_text_and_writes_a_log(database: Database) -> None:
    opinion = adopt(database, ONE, "text", "A bench")
    with database.write() as session:
        councils.hide(session, opinion.id, "an insult", "administration")
    with pytest.raises(councils.NoSuchOpinion), database.write() as session:
        councils.hide(session, opinion.id, "again", "administration")
    hidden = read_standing(database)[0].current
    assert hidden.hidden is not None
    assert (hidden.hidden.reason, hidden.text, hidden.public) == ("an insult", "text", False)
    with database.write() as session:
        councils.show_again(session, opinion.id, "a mistake", "administration")
    shown = read_standing(database)[0].current
    assert shown.public
    assert [(line.action, line.reason) for line in shown.log] == [
        ("hidden", "an insult"), ("shown", "a mistake"),
    ]  # fmt: skip
    with pytest.raises(councils.NoSuchOpinion), database.write() as session:
        councils.hide(session, 999, "nothing", "administration")
