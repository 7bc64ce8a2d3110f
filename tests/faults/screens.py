"""Interviews through the screens, as an interviewer touches them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playwright.sync_api import expect

from tests.faults.field import Field
from tests.faults.meant import BREAK_OFF, REFUSAL, Meant
from tests.interview.tablet import CONSENT, END, HANDOVER, SUMMARY, Tablet

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
    page = tablet.page
    page.goto(f"{tablet.address}/interview/")
    if meant.disposition == REFUSAL:
        page.get_by_role("link", name="Nouvel entretien").click()
        page.locator(f'[data-start="{meant.language}"]').click()
        tablet.wait_for(CONSENT)
    else:
        tablet.begin(meant.language)
    uuid = page.url.partition("#")[2].partition("/")[0]
    if meant.disposition == REFUSAL:
        page.get_by_role("button", name="Refus").click()
    else:
        _answer(tablet, meant)
    tablet.wait_for(END)
    return uuid


def _answer(tablet: Tablet, meant: Meant) -> None:
    """Answer question by question, up to the summary or to where the interview is broken off."""
    last = list(meant.answers)[-1]
    while (screen := tablet.screen) != SUMMARY:
        if screen == HANDOVER:
            tablet.page.get_by_role("button", name="Poser les questions").click()
            tablet.wait_until_left(HANDOVER)
            continue
        given = meant.answers.get(screen)
        if isinstance(given, int):
            tablet.choose(screen, given)
        elif given:
            tablet.page.locator(f'[data-screen="{screen}"] textarea').fill(given)
        if screen == last and meant.disposition == BREAK_OFF:
            return tablet.stop(BREAK_OFF)
        tablet.page.locator("#next").click()
        tablet.wait_until_left(screen)
    tablet.page.locator("#next").click()
