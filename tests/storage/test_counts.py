"""The kept counts are always a recount; a release never moves."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from random import Random
from uuid import UUID, uuid4

import numpy as np
import pytest
from sqlalchemy import func, select, text, update

from barometre.estimates.counts import Counts
from barometre.questionnaire.answers import AnswerSheet, judge
from barometre.questionnaire.definition import Questionnaire, Section
from barometre.storage import arrivals
from barometre.storage.arrivals import Judged, save_arrival
from barometre.storage.counts import NEW, count_interviews, fetch_counts, fold_counts, rebuild_counts, recount
from barometre.storage.engine import Database, Session
from barometre.storage.interviews import exclude_interview
from barometre.storage.models import CellCount, Interview, Release
from barometre.storage.releases import (
    NothingToRelease,
    ReleaseTooClose,
    fetch_releases,
    make_release,
)
from barometre.storage.versions import register_version
from tests.data import bourg_fictif, compare_nothing, given, make_arrival

ASKED = bourg_fictif().current_wave.questionnaire
WAVE = ASKED.wave


def draw_sheet(random: Random, asked: Questionnaire) -> AnswerSheet:
    """Random answers that the judge takes."""
    answers: dict[str, int | str] = {"quartier": random.choice([1, 2])}
    for item in asked.closed_items[1:]:
        assert item.scale is not None
        if random.random() < 0.8:
            answers[item.id] = random.choice([*item.scale.codes, 97, 98])
    sheet = judge(asked, given(answers), random.choice(["partial", "break_off", "refusal"]))
    assert isinstance(sheet, AnswerSheet)
    return sheet


def save(session: Session, asked: Questionnaire, sheet: AnswerSheet) -> UUID:
    """One interview."""
    uuid = uuid4()
    judged = Judged(register_version(session, asked), sheet, "enqueteur-1", None)
    save_arrival(session, make_arrival(uuid.bytes, uuid), judged)
    return uuid


def without(asked: Questionnaire, item_id: str) -> Questionnaire:
    """The same questionnaire in an earlier version, without one item."""
    sections = tuple(
        Section(section.id, section.title, tuple(item for item in section.items if item.id != item_id))
        for section in asked.sections
    )
    return replace(asked, sections=sections, version="0" * 64)


def read(session: Session) -> Counts:
    """The kept counts, which a recount must confirm."""
    kept, again = fetch_counts(session, WAVE), recount(session, WAVE)
    assert kept is not None
    assert again is not None
    assert kept.same_as(again)
    assert count_interviews(session, WAVE) == kept.total
    return kept


@pytest.mark.parametrize("seed", range(3))
def test_the_counts_are_a_recount_after_any_stores_folds_and_exclusions(
    database: Database, seed: int
) -> None:
    random = Random(seed)
    stored: list[UUID] = []
    counted: set[UUID] = set()
    for _transaction in range(16):
        with database.write() as session:
            for _step in range(random.randrange(5)):
                if stored and random.random() < 0.2:
                    fold_counts(session.connection(), register_version(session, ASKED))
                elif stored and random.random() < 0.3:
                    uuid = random.choice(stored)
                    assert exclude_interview(session, uuid, "made up") == (uuid in counted)
                    counted.discard(uuid)
                else:
                    sheet = draw_sheet(random, ASKED)
                    stored.append(save(session, ASKED, sheet))
                    counted |= {stored[-1]} if sheet.counted else set()
            if stored:
                assert read(session).total == len(counted)
    with database.read() as session:
        assert read(session).total == len(counted)


def test_the_last_exclusion_of_a_cell_leaves_no_cell(database: Database) -> None:
    sheet = draw_sheet(Random(1), ASKED)
    assert sheet.counted
    with database.write() as session:
        uuid = save(session, ASKED, sheet)
        fold_counts(session.connection(), register_version(session, ASKED))
    with database.write() as session:
        exclude_interview(session, uuid, "made up")
    with database.read() as session:
        assert len(read(session).cells) == 0


def count_cells(session: Session) -> int:
    """Interviews that the rows of cells hold."""
    return session.scalars(select(func.coalesce(func.sum(CellCount.interviews), 0))).one()


def test_an_interview_is_its_own_count_until_it_is_folded(database: Database) -> None:
    with database.write() as session:
        save(session, ASKED, judge_complete(Random(8), ASKED))
        assert (count_cells(session), read(session).total) == (0, 1)
        version = register_version(session, ASKED)
        fold_counts(session.connection(), version)
        assert (count_cells(session), read(session).total) == (1, 1)
        fold_counts(session.connection(), version)
        assert (count_cells(session), read(session).total) == (1, 1)


def test_interviews_are_folded_when_their_number_comes(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrivals, "FOLD_EVERY", 4)
    random, cells = Random(9), []
    for _interview in range(9):
        with database.write() as session:
            save(session, ASKED, judge_complete(random, ASKED))
            cells.append(count_cells(session))
    assert cells == [0, 0, 0, 4, 4, 4, 4, 8, 8]


def test_whoever_reads_while_interviews_are_stored_folded_and_excluded_misses_none(
    database: Database,
) -> None:
    random = Random(10)
    with database.write() as session:
        version = register_version(session, ASKED)
        first = [save(session, ASKED, judge_complete(random, ASKED)) for _interview in range(40)]
    sheets = [judge_complete(random, ASKED) for _interview in range(40)]
    seen: list[int] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            with database.read() as session:
                counts = fetch_counts(session, WAVE)
                assert counts is not None
                # An item that everybody was asked adds up to the interviews, whatever happens meanwhile.
                assert (counts.n.sum(axis=2) == counts.interviews[:, None]).all()
                seen.append(counts.total)

    def store() -> None:
        for sheet in sheets:
            with database.write() as session:
                save(session, ASKED, sheet)

    def fold() -> None:
        for _time in range(15):
            with database.write() as session:
                fold_counts(session.connection(), version)

    def exclude() -> None:
        for uuid in first[:15]:
            with database.write() as session:
                exclude_interview(session, uuid, "made up")

    def rebuild() -> None:
        for _time in range(10):
            with database.write() as session:
                rebuild_counts(session, WAVE)

    with ThreadPoolExecutor(5) as pool:
        looking = pool.submit(look)
        working = [pool.submit(work) for work in (store, fold, rebuild, exclude)]
        wait(working)
        done.set()
        for work in (*working, looking):
            work.result()
    with database.read() as session:
        assert read(session).total == 40 + 40 - 15
    assert seen
    assert min(seen) >= 40 - 15
    assert max(seen) <= 40 + 40


def test_counts_that_were_damaged_are_rebuilt_from_the_interviews(database: Database) -> None:
    random = Random(2)
    with database.write() as session:
        for _interview in range(20):
            save(session, ASKED, draw_sheet(random, ASKED))
        fold_counts(session.connection(), register_version(session, ASKED))
        save(session, ASKED, draw_sheet(random, ASKED))
        before = read(session)
        session.execute(update(CellCount).values(interviews=CellCount.interviews + 1))
        assert not before.same_as(fetch_counts(session, WAVE) or before)
        rebuild_counts(session, WAVE)
        assert read(session).same_as(before)


def test_two_versions_of_a_questionnaire_are_counted_together(database: Database) -> None:
    earlier = without(ASKED, "trajets_velo")
    random = Random(3)
    with database.write() as session:
        for asked in (earlier, ASKED, earlier, ASKED, ASKED):
            save(session, asked, judge_complete(random, asked))
        counts = read(session)
    assert counts.total == 5
    asked_there = counts.total - int(counts.given("trajets_velo", (0,)).sum())
    assert asked_there == 3
    assert int(counts.given("plaisir", (0,)).sum()) == 0
    assert (counts.n.sum(axis=2) == counts.interviews[:, None]).all()


def judge_complete(random: Random, asked: Questionnaire, quartier: int | None = None) -> AnswerSheet:
    """A complete interview with an answer to every item."""
    answers: dict[str, int | str] = {
        item.id: random.choice(sorted(item.scale.codes)) for item in asked.closed_items if item.scale
    }
    if quartier is not None:
        answers[asked.cell[0]] = quartier
    sheet = judge(asked, given(answers), "complete")
    assert isinstance(sheet, AnswerSheet)
    return sheet


def test_another_wave_is_not_counted(database: Database) -> None:
    first = bourg_fictif().waves["2026"].questionnaire
    with database.write() as session:
        save(session, first, judge_complete(Random(4), first))
        assert fetch_counts(session, WAVE) is None
        assert count_interviews(session, WAVE) == 0
        save(session, ASKED, judge_complete(Random(4), ASKED))
        assert read(session).total == 1


def test_a_release_is_frozen_while_the_live_counts_move(database: Database) -> None:
    random = Random(5)
    with database.write() as session:
        uuids = [save(session, ASKED, judge_complete(random, ASKED)) for _interview in range(12)]
        before = read(session)
        first = make_release(session, WAVE, "administration", compare_nothing).id
    with database.write() as session:
        exclude_interview(session, uuids[0], "made up")
        for _interview in range(3):
            save(session, ASKED, judge_complete(random, ASKED))
    with database.read() as session:
        assert read(session).total == 14
        release = session.get_one(Release, first)
        assert Counts.from_document(release.counts).same_as(before)
        assert (release.wave, release.made_by, release.dispositions) == (
            WAVE,
            "administration",
            {"complete": 12},
        )
    with database.write() as session:
        second = make_release(session, WAVE, "administration", compare_nothing, smallest_change=0).id
    with database.read() as session:
        assert [found.id for found in fetch_releases(session, WAVE)] == [second, first]
        assert Counts.from_document(session.get_one(Release, second).counts).total == 14


def test_a_release_that_would_give_a_few_interviews_away_is_refused(database: Database) -> None:
    random = Random(6)

    def add(interviews: int) -> None:
        with database.write() as session:
            for _interview in range(interviews):
                save(session, ASKED, judge_complete(random, ASKED, quartier=1))

    def release() -> int:
        with database.write() as session:
            return make_release(session, WAVE, "administration", compare_nothing).id

    add(20)
    first = release()
    assert release() > first  # nothing new gives nobody away
    add(10)
    with pytest.raises(ReleaseTooClose, match="few_interviews"):
        release()
    add(1)
    release()


def test_an_interview_for_another_one_is_not_released_either(database: Database) -> None:
    random = Random(7)
    with database.write() as session:
        uuids = [save(session, ASKED, judge_complete(random, ASKED, quartier=1)) for _interview in range(40)]
        make_release(session, WAVE, "administration", compare_nothing)
        exclude_interview(session, uuids[0], "made up")
        save(session, ASKED, judge_complete(random, ASKED, quartier=1))
    with pytest.raises(ReleaseTooClose, match="few_interviews"), database.write() as session:
        make_release(session, WAVE, "administration", compare_nothing)
    with database.write() as session:
        for uuid in uuids[1:30]:
            exclude_interview(session, uuid, "made up")
            save(session, ASKED, judge_complete(random, ASKED, quartier=1))
        make_release(session, WAVE, "administration", compare_nothing)


def test_nothing_is_released_before_the_first_counted_interview(database: Database) -> None:
    with pytest.raises(NothingToRelease), database.write() as session:
        make_release(session, WAVE, "administration", compare_nothing)
    with database.write() as session:
        register_version(session, ASKED)
    with pytest.raises(NothingToRelease), database.write() as session:
        make_release(session, WAVE, "administration", compare_nothing)
    with database.read() as session:
        assert fetch_releases(session, WAVE) == []


def test_counts_of_thousands_fit_their_place(database: Database) -> None:
    sheet = judge_complete(Random(6), ASKED)
    with database.write() as session:
        save(session, ASKED, sheet)
        fold_counts(session.connection(), register_version(session, ASKED))
        row = session.query(CellCount).one()
        many = np.frombuffer(row.counts, dtype="<i4") * 1_000_000
        row.counts, row.interviews = many.astype("<i4").tobytes(), 1_000_000
        session.flush()
        counts = fetch_counts(session, WAVE)
        assert counts is not None
        assert counts.total == 1_000_000
        assert (counts.n.sum(axis=2) == 1_000_000).all()


def test_the_newest_interviews_are_found_by_their_index(database: Database) -> None:
    with database.write() as session:
        for _interview in range(3):
            save(session, ASKED, judge_complete(Random(11), ASKED))
    with database.read() as session:
        if not database.is_sqlite:
            session.execute(text("set enable_seqscan = off"))
        statement = str(
            select(Interview.codes)
            .where(Interview.version_id == 1, NEW)
            .compile(database.engine, compile_kwargs={"literal_binds": True})
        )
        explain = "explain query plan" if database.is_sqlite else "explain"
        plan = " ".join(str(row) for row in session.execute(text(f"{explain} {statement}")))
    assert "ix_interview_new" in plan


def test_an_exclusion_and_a_fold_in_one_transaction_agree(database: Database) -> None:
    with database.write() as session:
        uuid = save(session, ASKED, judge_complete(Random(12), ASKED))
        version = register_version(session, ASKED)
        exclude_interview(session, uuid, "made up")
        fold_counts(session.connection(), version)
        assert read(session).total == 0
    with database.write() as session:
        other = save(session, ASKED, judge_complete(Random(13), ASKED))
        session.get_one(Interview, other)
        fold_counts(session.connection(), version)
        exclude_interview(session, other, "made up")
        assert read(session).total == 0


def test_two_releases_made_at_once_are_not_closer_than_allowed(database: Database) -> None:
    random = Random(14)
    with database.write() as session:
        for _interview in range(20):
            save(session, ASKED, judge_complete(random, ASKED, quartier=1))
        make_release(session, WAVE, "administration", compare_nothing)
    with database.write() as session:
        for _interview in range(11):
            save(session, ASKED, judge_complete(random, ASKED, quartier=1))
    ready, go_on = threading.Event(), threading.Event()

    def release_slowly() -> None:
        with database.write() as session:
            make_release(session, WAVE, "first", compare_nothing)
            ready.set()
            assert go_on.wait(10)

    def release() -> None:
        with database.write() as session:
            save(session, ASKED, judge_complete(random, ASKED, quartier=1))
        with pytest.raises(ReleaseTooClose, match="few_interviews"), database.write() as session:
            make_release(session, WAVE, "second", compare_nothing)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(release_slowly)
        assert ready.wait(10)
        second = pool.submit(release)
        threading.Timer(0.3, go_on.set).start()
        first.result()
        second.result()


def test_one_that_goes_out_among_eleven_that_come_in_holds_nothing_back(database: Database) -> None:
    random = Random(15)
    with database.write() as session:
        uuids = [save(session, ASKED, judge_complete(random, ASKED, quartier=1)) for _interview in range(20)]
        make_release(session, WAVE, "administration", compare_nothing)
        exclude_interview(session, uuids[0], "made up")
        for _interview in range(14):
            save(session, ASKED, judge_complete(random, ASKED, quartier=1))
        make_release(session, WAVE, "administration", compare_nothing)


def test_a_release_is_refused_where_its_pages_open_another_one(database: Database) -> None:
    with database.write() as session:
        save(session, ASKED, judge_complete(Random(16), ASKED))
        make_release(session, WAVE, "administration", compare_nothing)
    with pytest.raises(ReleaseTooClose, match="opens_hidden"), database.write() as session:
        make_release(session, WAVE, "administration", lambda wave, _before, _now: wave == WAVE)
