"""Hand-over in Chromium: a person answers alone, and nobody sees these answers here again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.interview.tablet import END, HANDOVER, LOCK, SUMMARY, Tablet
from tests.support import choose_first, give_account, make_app, serve


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, str]]:
    """The application and its address."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('handover') / 'barometre.sqlite'}")
    give_account(app, "caller-1", "interviewer")
    with serve(app) as address:
        yield app, address
    app.extensions["database"].engine.dispose()


@pytest.fixture
def tablet(page: Page, running: tuple[Flask, str]) -> Tablet:
    """A tablet that its interviewer has unlocked, whose worker keeps the pages."""
    page.set_viewport_size({"width": 820, "height": 1180})
    tablet = Tablet(page, *running)
    tablet.sign_in()
    page.wait_for_function("Boolean(navigator.serviceWorker.controller)")
    return tablet


def handed(tablet: Tablet) -> list[str]:
    """The questions that may be answered alone."""
    return [item.id for item in tablet.questionnaire.items if item.self_completed]


def reach(tablet: Tablet, language: str) -> None:
    """An interview up to the offer: the first questions by hand, the others by the page's own modules."""
    tablet.begin(language)
    first = choose_first(tablet.questionnaire)
    given: dict[str, int | str] = {**first}
    while (screen := tablet.screen) != HANDOVER:
        if screen in given:
            tablet.choose(screen, int(given[screen]))
        tablet.next()


def answer_alone(tablet: Tablet, codes: dict[str, int]) -> None:
    """Answer some of the questions as the person does."""
    for item, code in codes.items():
        tablet.wait_for(item)
        tablet.choose(item, code)
        tablet.page.locator("#next").click()
        tablet.wait_until_left(item)


def test_answers_given_alone_in_arabic_are_sealed_and_stored_and_never_shown_again(
    tablet: Tablet, axe: Callable[[Page], list[dict[str, Any]]]
) -> None:
    page = tablet.page
    reach(tablet, "ar")
    items = handed(tablet)
    uuid = tablet.uuid
    page.get_by_role("button", name="Donner la tablette").click()
    shown = tablet.wait_for(items[0])
    # The page speaks to the person: no word of French, nothing of the interviewer's.
    for button in ("#next", "#back"):
        expect(page.locator(button)).to_have_attribute("lang", "ar")
    expect(page.locator("#next")).to_have_text("التالي")
    expect(page.locator("#stop")).to_have_text("أعد (أعيدي) الجهاز اللوحي")
    expect(page.locator("#back")).to_be_hidden()
    expect(shown.locator(".silent__alone").first).to_be_visible()
    assert "Ne sait pas" not in shown.inner_text()
    assert axe(page) == []
    page.locator("#next").click()
    expect(page.locator("#problem")).to_have_attribute("lang", "ar")
    codes = dict(zip(items, (1, 2, 2, 97), strict=True))
    answer_alone(tablet, {items[0]: codes[items[0]]})
    # Going back stops at the first of these questions.
    page.locator("#back").click()
    tablet.wait_for(items[0])
    expect(page.locator("#back")).to_be_hidden()
    page.go_back()
    page.wait_for_timeout(300)
    assert tablet.screen in items
    page.goto(f"{page.url.partition('#')[0]}#{uuid}/{SUMMARY}")
    page.wait_for_timeout(300)
    assert tablet.screen in items
    page.goto(f"{page.url.partition('#')[0]}#{uuid}/{items[0]}")
    entries = {entry["seq"] for entry in tablet.kept("journal") if entry["uuid"] == uuid}
    answer_alone(tablet, codes)

    tablet.wait_for(LOCK)
    expect(page.locator("#thanks .spoken")).to_be_visible()
    assert axe(page) == []
    left = {entry["seq"] for entry in tablet.kept("journal") if entry["uuid"] == uuid}
    assert left < entries, "the journal still tells what was answered alone"
    assert page.locator(":checked").count() == 0
    for _ in range(3):
        page.go_back()
        page.wait_for_timeout(200)
        assert not any(page.locator(f'[data-screen="{item}"]').is_visible() for item in items)
    page.goto("about:blank")
    page.goto(f"{tablet.address}/interview/")
    expect(page.locator("#unlocking")).to_be_visible()
    tablet.unlock()
    page.get_by_role("link", name="Reprendre").click()
    tablet.wait_for("proposition")
    assert not set(items) & set(tablet.draft["answers"])
    assert not [
        entry for entry in tablet.opened("journal") if entry["uuid"] == uuid and entry["item"] in items
    ]
    page.locator("#back").click()
    page.wait_for_timeout(300)
    assert tablet.screen not in items
    page.locator("#next").click()
    tablet.wait_for("proposition")
    tablet.answer_all({})
    rows = page.locator("#summary li").filter(has_text="Réponse scellée")
    expect(rows).to_have_count(len(items))
    expect(rows.locator("a[href]")).to_have_count(0)
    tablet.finish()
    tablet.wait_until_sent()
    status, envelope = tablet.received(uuid)
    assert status == "stored"
    assert not set(items) & set(envelope["answers"])
    assert {item: tablet.stored_codes(uuid)[item] for item in items} == codes


def test_questions_asked_aloud_are_like_any_other(tablet: Tablet) -> None:
    page = tablet.page
    reach(tablet, "fr")
    items = handed(tablet)
    uuid = tablet.uuid
    page.get_by_role("button", name="Poser les questions").click()
    tablet.wait_for(items[0])
    expect(page.locator("#stop")).to_be_visible()
    expect(page.locator("#back")).to_be_visible()
    assert "Ne sait pas" in tablet.wait_for(items[0]).inner_text()
    tablet.answer_all({items[0]: 2})
    expect(page.locator(f'[data-item="{items[0]}"]')).to_be_visible()
    expect(page.locator("#summary")).not_to_contain_text("Réponse scellée")
    tablet.finish()
    tablet.wait_until_sent()
    assert tablet.received(uuid)[1]["answers"][items[0]]["code"] == 2


def test_whoever_takes_the_tablet_back_in_the_middle_sees_nothing_that_was_answered_alone(
    tablet: Tablet,
) -> None:
    page = tablet.page
    reach(tablet, "fr")
    items = handed(tablet)
    uuid = tablet.uuid
    page.get_by_role("button", name="Donner la tablette").click()
    answer_alone(tablet, {items[0]: 2})
    tablet.wait_for(items[1])
    tablet.choose(items[1], 1)
    expect(page.locator("#state")).to_have_text("Enregistré sur la tablette")
    # Another page of the tablet does not open either.
    other = page.context.new_page()
    other.goto(f"{tablet.address}/interview/")
    expect(other.locator("#unlocking")).to_be_visible()
    other.close()
    page.reload()
    tablet.wait_for(LOCK)
    tablet.give_code()
    # What was answered is sealed; the rest is asked aloud.
    tablet.wait_for(items[2])
    expect(page.locator("body")).not_to_have_class("alone")
    draft = tablet.draft
    assert not set(items[:2]) & set(draft["answers"])
    assert draft["handed"]["items"] == items[:2]
    assert not {entry["item"] for entry in tablet.opened("journal")} & set(items[:2])
    page.locator("#back").click()
    tablet.wait_until_left(items[2])
    assert tablet.screen not in items
    tablet.next()
    tablet.wait_for(items[2])
    tablet.stop("break_off")
    tablet.wait_for(END)
    tablet.wait_until_sent()
    status, envelope = tablet.received(uuid)
    assert (status, envelope["disposition"]) == ("stored", "partial")
    assert not set(items[:2]) & set(envelope["answers"])
    assert {item: tablet.stored_codes(uuid)[item] for item in items[:2]} == {items[0]: 2, items[1]: 1}


def test_the_person_may_give_the_tablet_back_before_the_last_question(tablet: Tablet) -> None:
    page = tablet.page
    reach(tablet, "fr")
    items = handed(tablet)
    page.get_by_role("button", name="Donner la tablette").click()
    tablet.wait_for(items[0])
    page.locator("#stop").click()
    tablet.wait_for(LOCK)
    tablet.give_code()
    # Nothing was answered alone: every question is asked.
    tablet.wait_for(items[0])
    expect(page.locator("#stop")).to_have_text("Arrêter l’entretien")


def test_the_person_may_change_the_language_and_the_tablet_stays_theirs(tablet: Tablet) -> None:
    page = tablet.page
    reach(tablet, "fr")
    items = handed(tablet)
    page.get_by_role("button", name="Donner la tablette").click()
    tablet.wait_for(items[0])
    tablet.speak("ar")
    tablet.wait_for(items[0])
    expect(page.locator("#stop")).to_have_attribute("lang", "ar")
    page.wait_for_timeout(500)
    page.reload()
    tablet.wait_for(LOCK)


def test_the_keyboard_alone_hands_over_and_takes_back(tablet: Tablet) -> None:
    page = tablet.page
    reach(tablet, "fr")
    items = handed(tablet)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Donner la tablette")).to_be_focused()
    page.keyboard.press("Enter")
    for item in items:
        tablet.wait_for(item)
        expect(page.locator(f"#{item}-question")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        tablet.wait_until_left(item)
    tablet.wait_for(LOCK)
    page.keyboard.press("Tab")
    page.keyboard.type("602914")
    page.keyboard.press("Enter")
    tablet.wait_for("proposition")
