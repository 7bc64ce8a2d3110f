"""Connections cut at random bytes, servers and browsers killed: 0 interviews lost, 0 doubled, 0 altered."""

from __future__ import annotations

from collections.abc import Callable

from tests.faults.campaign import TOGETHER, Campaign
from tests.faults.conftest import SEED
from tests.faults.field import Field
from tests.faults.proxy import REQUEST_CUT, RESPONSE_CUT, RESPONSE_LOST

Record = Callable[[str, object], None]


def test_four_hundred_interviews_survive_the_network_and_the_deaths_of_the_server(
    field: Field, record_property: Record
) -> None:
    campaign = Campaign(field, SEED)
    for _ in range(400 // TOGETHER):
        campaign.hold(TOGETHER)
    campaign.drain()
    verdict = campaign.judge()
    record_property("figures", f"{campaign.describe()}\n  {verdict}")
    assert verdict.is_clean, verdict
    assert len(campaign.meant) == 400
    assert field.server.kills >= 3
    assert min(field.proxy.fates[fate] for fate in (REQUEST_CUT, RESPONSE_CUT, RESPONSE_LOST)) >= 20


def test_every_acknowledged_answer_survives_the_deaths_of_the_browser(
    field: Field, record_property: Record
) -> None:
    campaign = Campaign(field, SEED)
    for _ in range(3):
        campaign.hold(6, browser_kills=2)
    campaign.drain()
    verdict = campaign.judge()
    record_property("figures", f"{campaign.describe()}\n  {verdict}")
    assert verdict.is_clean, verdict
    assert field.browser.kills >= 4
    assert campaign.checked > 0
