"""Interviews through the screens, as an interviewer touches them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playwright.sync_api import expect

from tests.faults.field import Field
from tests.faults.meant import BREAK_OFF, COMPLETE, Meant
from tests.interview.tablet import CONSENT, END, SUMMARY, Tablet

#: envelopes between two deaths of the server, on average
KILL_AFTER = 12


def hold_through_screens(field: Field, interviews: list[Meant]) -> dict[str, Meant]:
    """Hold these interviews in a storm, then let everything be sent; gives them by uuid."""
    tablet = field.prepare()
    with field.proxy.storm(KILL_AFTER):
        held = {_hold(tablet, meant): meant for meant in interviews}
    field.server.wait_until_back()
    tablet.page.goto(f"{tablet.address}/interview/")
    expect(tablet.page.locator("#state")).to_have_text("Tout est envoyé")
    return held


def read_memory(field: Field) -> Mapping[str, Mapping[str, Any]]:
    """What the tablet holds then, by uuid."""
    field.browser.close()
    page = field.browser.open()
    field.open_modules(page)
    return {row["uuid"]: row for row in page.evaluate("tablet.read()")}


def _hold(tablet: Tablet, meant: Meant) -> str:
    tablet.page.goto(f"{tablet.address}/interview/")
    if meant.disposition in (COMPLETE, BREAK_OFF):
        tablet.begin(meant.language)
    else:
        tablet.page.get_by_role("link", name="Nouvel entretien").click()
        tablet.page.locator(f'[data-start="{meant.language}"]').click()
        tablet.wait_for(CONSENT)
    uuid = tablet.page.url.partition("#")[2].partition("/")[0]
    if meant.disposition == COMPLETE:
        tablet.answer_all(meant.answers)
        tablet.finish()
    elif meant.disposition == BREAK_OFF:
        _answer_some(tablet, meant)
        tablet.stop(BREAK_OFF)
    else:
        tablet.page.get_by_role("button", name="Refus").click()
    tablet.wait_for(END)
    return uuid


def _answer_some(tablet: Tablet, meant: Meant) -> None:
    """Answer up to the last answer that is meant, and stay there."""
    last = list(meant.answers)[-1]
    while (screen := tablet.screen) != SUMMARY:
        if screen in meant.answers:
            tablet.answer(tablet.questionnaire.by_id[screen], meant.answers[screen])
        if screen == last:
            return
        tablet.next()
