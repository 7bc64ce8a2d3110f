"""Connections cut at random bytes, servers and browsers killed: 0 interviews lost, 0 doubled, 0 altered."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import islice

from playwright.sync_api import expect

from tests.faults.campaign import TOGETHER, Campaign
from tests.faults.conftest import SEED
from tests.faults.field import Field
from tests.faults.meant import BREAK_OFF, COMPLETE, REFUSAL, draw_meant
from tests.faults.proxy import REQUEST_CUT, RESPONSE_CUT, RESPONSE_LOST
from tests.faults.screens import hold_through_screens, read_memory
from tests.interview.tablet import Tablet
from tests.support import choose_first

Record = Callable[[str, object], None]

THROUGH_SCREENS = [COMPLETE] * 4 + [BREAK_OFF] * 9 + [REFUSAL] * 7
THROUGH_MODULES = 200


def test_twenty_interviews_through_the_screens_survive_the_network_and_the_server(
    field: Field, record_property: Record
) -> None:
    chance = random.Random(SEED)
    chance.shuffle(THROUGH_SCREENS)
    meant = [draw_meant(field.questionnaire, chance, disposition) for disposition in THROUGH_SCREENS]
    held = hold_through_screens(field, meant)
    kept = read_memory(field)
    verdict = field.compare(held, kept)
    record_property("figures", f"{field.describe(kept)}\n  {verdict}")
    assert verdict.is_clean, verdict
    assert len(held) == 20
    assert field.server.kills >= 1
    assert sum(field.proxy.fates[fate] for fate in (REQUEST_CUT, RESPONSE_CUT, RESPONSE_LOST)) >= 10


def test_hundreds_of_interviews_survive_the_network_and_the_deaths_of_the_server(
    field: Field, record_property: Record
) -> None:
    campaign = Campaign(field, SEED)
    for _ in range(THROUGH_MODULES // TOGETHER):
        campaign.hold(TOGETHER)
    campaign.drain()
    figures, verdict = campaign.conclude()
    record_property("figures", f"{figures}\n  {verdict}")
    assert verdict.is_clean, verdict
    assert len(campaign.meant) == THROUGH_MODULES
    assert field.server.kills >= 3
    assert min(field.proxy.fates[fate] for fate in (REQUEST_CUT, RESPONSE_CUT, RESPONSE_LOST)) >= 15


def test_every_acknowledged_answer_survives_the_deaths_of_the_browser(
    field: Field, record_property: Record
) -> None:
    campaign = Campaign(field, SEED)
    for _ in range(3):
        campaign.hold(6, browser_kills=2)
    campaign.drain()
    figures, verdict = campaign.conclude()
    record_property("figures", f"{figures}\n  {verdict}")
    assert verdict.is_clean, verdict
    assert field.browser.kills >= 4
    assert campaign.checked >= 100


def reopen(field: Field) -> Tablet:
    """« Ma tournée » in a browser started anew."""
    tablet = Tablet(field.browser.open(), field.app, field.address)
    tablet.page.goto(f"{field.address}/interview/")
    tablet.unlock()
    return tablet


def test_a_browser_killed_after_each_answer_comes_back_to_its_question(field: Field) -> None:
    field.prepare()
    # Closed once as a person would: the pages that were kept are on the disk.
    field.browser.close()
    tablet = reopen(field)
    tablet.begin("ar")
    for item, code in islice(choose_first(field.questionnaire).items(), 3):
        tablet.choose(item, code)
        expect(tablet.page.locator("#state")).to_have_text("Enregistré sur la tablette")
        field.browser.kill()
        tablet = reopen(field)
        tablet.page.get_by_role("link", name="Reprendre").click()
        tablet.wait_for(item)
        expect(tablet.page.locator(f'[name="{item}"][value="{code}"]')).to_be_checked()
        tablet.next()
