"""A write cut by a dead battery: the browser empties its database the time after, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.faults.field import Field
from tests.faults.test_no_interview_is_lost import reopen
from tests.interview.tablet import END, IS_COPIED, wait_until
from tests.support import choose_first

#: where Chromium keeps both
ORIGINAL, COPY = "IndexedDB", "WebStorage/*/IndexedDB"
#: bytes that the last write lacks
CUT = 12


def cut_last_write(profile: Path, folder: str) -> None:
    """Shorten the log that Chromium wrote last, as when the power goes while it writes."""
    logs = sorted(profile.glob(f"Default/{folder}/*.leveldb/*.log"))
    assert logs, "Chromium keeps its databases elsewhere now"
    with logs[-1].open("r+b") as log:
        log.truncate(log.seek(0, 2) - CUT)


def is_new(profile: Path, folder: str) -> bool:
    """Whether Chromium began a database at its last start, because it had none or took it for damaged."""
    [log] = profile.glob(f"Default/{folder}/*.leveldb/LOG")
    return "since it was missing" in log.read_text()


def test_a_database_that_chromium_emptied_is_made_again(field: Field) -> None:
    folders = (ORIGINAL, COPY, ORIGINAL)
    field.prepare()
    field.browser.close()
    tablet = reopen(field)
    tablet.begin("fr")
    item, code = next(iter(choose_first(field.questionnaire).items()))
    tablet.choose(item, code)
    expect(tablet.page.locator("#state")).to_have_text("Enregistré sur la tablette")
    # The cut below takes what was written last, which is then the copy's or the original's whole last write.
    wait_until(tablet.page, IS_COPIED)
    for folder in folders:
        field.browser.close()
        cut_last_write(field.browser.profile, folder)
        # This start writes on behind the cut, and the next one finds the log damaged.
        tablet = reopen(field)
        tablet.begin("fr")
        tablet.stop("refusal")
        tablet.wait_for(END)
        field.browser.close()
        tablet = reopen(field)
        wait_until(tablet.page, IS_COPIED)
        assert is_new(field.browser.profile, folder)
    assert len(tablet.kept("outbox")) == len(folders)
    tablet.page.get_by_role("link", name="Reprendre").click()
    tablet.wait_for(item)
    expect(tablet.page.locator(f'[name="{item}"][value="{code}"]')).to_be_checked()
