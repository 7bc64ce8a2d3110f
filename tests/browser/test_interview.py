"""Whole interviews in Chromium: languages, break-off, going back, coming back, keyboard, routing."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, Response, expect

from barometre.questionnaire.routing import find_route
from tests.interview.tablet import CONSENT, END, HANDOVER, STOP, SUMMARY, Tablet
from tests.support import choose_first, give_account, make_app, serve

CASES = json.loads(
    (Path(__file__).parents[1] / "questionnaire" / "routing_cases.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, str]]:
    """The application and its address."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('interview') / 'barometre.sqlite'}")
    give_account(app, "caller-1", "interviewer")
    with serve(app) as address:
        yield app, address
    app.extensions["database"].engine.dispose()


@pytest.fixture
def tablet(page: Page, running: tuple[Flask, str]) -> Tablet:
    """A new tablet, upright, with an interviewer signed in."""
    page.set_viewport_size({"width": 820, "height": 1180})
    tablet = Tablet(page, *running)
    tablet.sign_in()
    return tablet


def test_an_interview_in_arabic_goes_through_french_and_english_without_losing_an_answer(
    tablet: Tablet,
) -> None:
    tablet.begin("ar")
    expect(tablet.page.locator("html")).to_have_attribute("dir", "rtl")
    given: dict[str, int | str] = {"satisfaction": 3, "ambiance": 97, "liens": 98, "apprecie_1": "Les arbres"}
    switches = {"satisfaction": "fr", "liens": "en", "image": "ar"}
    tablet.answer_all(given, switches)
    uuid = tablet.uuid
    tablet.finish()
    tablet.wait_until_sent()

    status, envelope = tablet.received(uuid)
    assert status == "stored"
    assert envelope["disposition"] == "complete"
    assert envelope["interviewer"] == "caller-1"
    assert envelope["version"] == tablet.questionnaire.version
    assert envelope["paradata"]["switches"] == 3
    answers = envelope["answers"]
    first = choose_first(tablet.questionnaire)
    codes = first | {item: code for item, code in given.items() if isinstance(code, int)}
    asked = set(find_route(tablet.questionnaire, codes))
    expected = {item: answer for item, answer in (first | given).items() if item in asked}
    assert {item: answer.get("code", answer.get("text")) for item, answer in answers.items()} == expected
    assert answers["age"]["language"] == "ar"
    assert answers["satisfaction"]["language"] == answers["ambiance"]["language"] == "fr"
    assert answers["liens"]["language"] == answers["sorties"]["language"] == "en"
    assert answers["image"]["language"] == answers["menage"]["language"] == "ar"
    assert tablet.stored_codes(uuid)["satisfaction"] == 3


def test_a_change_of_language_keeps_the_question_and_its_answer(tablet: Tablet) -> None:
    tablet.begin("fr")
    tablet.choose("quartier", 2)
    for language in ("ar", "en", "fr"):
        tablet.speak(language)
        assert tablet.screen == "quartier"
        expect(tablet.page.locator('[name="quartier"][value="2"]')).to_be_checked()


def test_the_language_can_be_changed_on_every_screen_and_loses_no_answer(tablet: Tablet) -> None:
    tablet.begin("fr")
    first = choose_first(tablet.questionnaire)
    languages = cycle(["ar", "en", "fr"])
    while (screen := tablet.screen) != SUMMARY:
        if screen in first:
            tablet.choose(screen, first[screen])
        elif screen != HANDOVER:
            tablet.page.locator(f'[data-screen="{screen}"] textarea').fill("Les arbres")
        language = next(languages)
        if screen != HANDOVER:
            tablet.speak(language)
            assert tablet.screen == screen
            tablet.next()
            continue
        tablet.page.get_by_role("button", name="Poser les questions").click()
        tablet.wait_until_left(HANDOVER)
    for language in ("ar", "en", "fr"):
        tablet.speak(language)
        assert tablet.screen == SUMMARY
    given = tablet.draft["answers"]
    route = find_route(tablet.questionnaire, first)
    assert {item: given[item].get("code", given[item].get("text")) for item in route} == {
        item: first.get(item, "Les arbres") for item in route
    }
    assert set(given) == set(route)


def test_an_answer_is_on_the_tablet_before_the_next_question(tablet: Tablet) -> None:
    tablet.begin("fr")
    tablet.choose("quartier", 1)
    tablet.choose("quartier", 3)
    expect(tablet.page.locator("#state")).to_have_text("Enregistré sur la tablette")
    assert tablet.draft["answers"]["quartier"]["code"] == 3
    journal = [(entry["seq"], entry["item"], entry["value"]) for entry in tablet.opened("journal")]
    assert journal == [(1, "quartier", 1), (2, "quartier", 3)]


def test_an_unanswered_question_says_what_can_be_done(tablet: Tablet) -> None:
    tablet.begin("fr")
    tablet.page.locator("#next").click()
    expect(tablet.page.get_by_role("alert")).to_have_text("Touchez une réponse.")
    assert tablet.screen == "quartier"
    tablet.choose("quartier", 1)
    expect(tablet.page.get_by_role("alert")).to_be_empty()
    tablet.next()
    tablet.choose("secteur", 97)
    tablet.next()
    assert tablet.screen == "lieu"


def test_a_break_off_is_kept_with_its_disposition(tablet: Tablet) -> None:
    tablet.begin("fr")
    uuid = tablet.uuid
    tablet.page.locator("#stop").click()
    tablet.page.locator("#next").click()
    expect(tablet.page.get_by_role("alert")).to_have_text("Touchez la raison de l’arrêt.")
    tablet.page.locator('label:has([value="break_off"])').click()
    tablet.page.locator("#next").click()
    expect(tablet.page.get_by_role("alert")).to_contain_text("Notez d’abord le quartier")
    tablet.page.locator("#back").click()
    tablet.choose("quartier", 1)
    tablet.next()
    tablet.choose("secteur", 1)
    tablet.stop("break_off")
    tablet.wait_for(END)
    tablet.wait_until_sent()
    status, envelope = tablet.received(uuid)
    assert (status, envelope["disposition"]) == ("stored", "break_off")
    assert set(envelope["answers"]) == {"quartier", "secteur"}


def test_stopping_after_half_of_the_key_items_leaves_a_partial_interview(tablet: Tablet) -> None:
    tablet.begin("fr")
    uuid = tablet.uuid
    first = choose_first(tablet.questionnaire)
    while (screen := tablet.screen) != "apprecie_1":
        tablet.choose(screen, first[screen])
        tablet.next()
    tablet.stop("break_off")
    tablet.wait_for(END)
    tablet.wait_until_sent()
    status, envelope = tablet.received(uuid)
    assert (status, envelope["disposition"]) == ("stored", "partial")


def test_a_refusal_at_the_door_is_kept_too(tablet: Tablet) -> None:
    tablet.page.get_by_role("link", name="Nouvel entretien").click()
    tablet.page.locator('[data-start="fr"]').click()
    tablet.wait_for(CONSENT)
    uuid = tablet.uuid
    tablet.page.get_by_role("button", name="Refus").click()
    tablet.wait_for(END)
    tablet.wait_until_sent()
    status, envelope = tablet.received(uuid)
    assert (status, envelope["disposition"], envelope["answers"]) == ("stored", "refusal", {})


def test_a_minor_is_thanked_and_noted_and_not_interviewed(tablet: Tablet) -> None:
    tablet.begin("fr")
    uuid = tablet.uuid
    for item, code in (("quartier", 1), ("secteur", 1), ("lieu", 1)):
        tablet.choose(item, code)
        tablet.next()
    tablet.choose("age", 1)
    tablet.page.locator("#next").click()
    expect(tablet.page.get_by_role("alert")).to_contain_text("« Mineur seul »")
    assert tablet.screen == "age"
    tablet.stop("minor_alone")
    tablet.wait_for(END)
    tablet.wait_until_sent()
    status, envelope = tablet.received(uuid)
    assert (status, envelope["disposition"]) == ("stored", "minor_alone")


def test_the_browsers_back_button_is_the_previous_question(tablet: Tablet) -> None:
    tablet.begin("fr")
    tablet.choose("quartier", 2)
    tablet.next()
    tablet.choose("secteur", 1)
    tablet.next()
    tablet.page.go_back()
    tablet.wait_for("secteur")
    expect(tablet.page.locator('[name="secteur"][value="1"]')).to_be_checked()
    tablet.page.locator("#back").click()
    tablet.wait_for("quartier")
    tablet.page.go_forward()
    tablet.wait_for("secteur")


def test_going_back_after_a_change_of_language_stays_in_the_language(tablet: Tablet) -> None:
    tablet.begin("fr")
    tablet.choose("quartier", 2)
    tablet.next()
    tablet.speak("ar")
    tablet.page.go_back()
    tablet.wait_for("quartier")
    expect(tablet.page.locator("html")).to_have_attribute("lang", "ar")


def test_a_reload_comes_back_to_the_same_question(tablet: Tablet) -> None:
    tablet.begin("fr")
    tablet.choose("quartier", 2)
    tablet.next()
    tablet.choose("secteur", 1)
    tablet.wait_until_written("secteur")
    tablet.page.reload()
    tablet.wait_for("secteur")
    expect(tablet.page.locator('[name="secteur"][value="1"]')).to_be_checked()


def test_an_interview_left_open_is_resumed_at_its_question_from_the_tour(tablet: Tablet) -> None:
    tablet.begin("ar")
    tablet.choose("quartier", 2)
    tablet.next()
    tablet.page.goto("about:blank")
    tablet.page.goto(f"{tablet.address}/interview/")
    expect(tablet.page.locator("#drafts .record__detail")).to_have_text("العربية · 1 réponse")
    tablet.page.get_by_role("link", name="Reprendre").click()
    tablet.wait_for("secteur")
    expect(tablet.page.locator("html")).to_have_attribute("lang", "ar")


def test_the_keyboard_alone_is_enough_and_the_focus_is_on_the_question(tablet: Tablet) -> None:
    tablet.begin("fr")
    page = tablet.page
    for item, chosen in (("quartier", "1"), ("secteur", "1"), ("lieu", "2")):
        tablet.wait_for(item)
        assert page.evaluate("document.activeElement.id") == f"{item}-question"
        expect(page.get_by_role("radiogroup")).to_have_count(1)
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        for _ in range(int(chosen) - 1):
            page.keyboard.press("ArrowDown")
        expect(page.locator(f'[name="{item}"]:checked')).to_have_value(chosen)
        page.keyboard.press("Enter")
        tablet.wait_until_left(item)
    assert tablet.screen == "habite"
    expect(page.locator("#announcement")).to_have_text(re.compile(r"^Question 4 sur \d+$"))


def test_an_answer_left_off_the_route_is_kept_apart(tablet: Tablet) -> None:
    tablet.begin("fr")
    tablet.answer_all({"lieu": 2, "habite": 1})
    uuid = tablet.uuid
    tablet.page.locator('[data-item="lieu"]').click()
    tablet.choose("lieu", 1)
    tablet.next()
    assert tablet.screen == SUMMARY
    expect(tablet.page.locator('[data-item="habite"]')).to_have_count(0)
    tablet.finish()
    tablet.wait_until_sent()
    _, envelope = tablet.received(uuid)
    assert "habite" not in envelope["answers"]
    assert envelope["skipped"]["habite"]["code"] == 1
    assert tablet.stored_codes(uuid)["habite"] == 99


def test_a_question_that_comes_onto_the_route_at_the_summary_is_asked(tablet: Tablet) -> None:
    tablet.begin("fr")
    tablet.answer_all({"lieu": 1})
    tablet.page.locator('[data-item="lieu"]').click()
    tablet.choose("lieu", 2)
    tablet.next()
    assert tablet.screen == "habite"


def test_words_and_a_silent_code_exclude_each_other(tablet: Tablet) -> None:
    tablet.begin("fr")
    tablet.answer_all({"apprecie_1": "Le parc \u0007et le marché"})
    tablet.page.locator('[data-item="apprecie_1"]').click()
    words = tablet.page.locator('textarea[name="apprecie_1"]')
    expect(words).to_have_value("Le parc  et le marché")
    tablet.choose("apprecie_1", 97)
    expect(words).to_have_value("")
    words.fill("Le marché")
    expect(tablet.page.locator('[name="apprecie_1"][value="97"]')).not_to_be_checked()
    expect(tablet.page.locator("#state")).to_have_text("Enregistré sur la tablette")
    answer = tablet.draft["answers"]["apprecie_1"]
    assert (answer["text"], answer.get("code")) == ("Le marché", None)


def test_an_interview_is_open_in_one_tab_only(tablet: Tablet) -> None:
    tablet.begin("fr")
    second = tablet.page.context.new_page()
    second.goto(tablet.page.url)
    expect(second.get_by_role("heading", name="ouvert dans un autre onglet")).to_be_visible()


def test_a_finished_interview_cannot_be_opened_again(tablet: Tablet) -> None:
    tablet.begin("fr")
    question = tablet.page.url
    tablet.stop("callback")
    tablet.wait_for(END)
    tablet.page.goto("about:blank")
    tablet.page.goto(question)
    tablet.wait_for(END)


def test_a_failed_write_stops_everything_until_it_succeeds(tablet: Tablet) -> None:
    tablet.begin("fr")
    expect(tablet.page.locator("#state")).to_have_text("Enregistré sur la tablette")
    tablet.page.evaluate(
        """() => {
          const put = IDBObjectStore.prototype.put;
          IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
          window.mend = () => { IDBObjectStore.prototype.put = put; };
        }"""
    )
    tablet.choose("quartier", 2)
    failure = tablet.page.get_by_role("dialog")
    expect(failure).to_be_visible()
    tablet.page.keyboard.press("Escape")
    expect(failure).to_be_visible()
    tablet.page.evaluate("window.mend()")
    failure.get_by_role("button", name="Réessayer").click()
    expect(failure).to_be_hidden()
    assert tablet.draft["answers"]["quartier"]["code"] == 2


def test_an_outdated_interview_can_only_be_ended_and_keeps_its_version(tablet: Tablet) -> None:
    tablet.begin("fr")
    tablet.choose("quartier", 2)
    tablet.next()
    address, uuid = tablet.page.url, tablet.uuid
    # As an older release kept it: in the clear.
    draft = {key: value for key, value in tablet.draft.items() if key != "box"} | {"version": "0" * 64}
    tablet.page.goto("about:blank")
    tablet.page.goto(f"{tablet.address}/interview/")
    expect(tablet.page.locator("#ready")).to_contain_text("prête")
    tablet.page.evaluate(
        """(draft) => new Promise((resolve) => {
          const opening = indexedDB.open("barometre");
          opening.onsuccess = () => {
            const writing = opening.result.transaction("drafts", "readwrite");
            writing.objectStore("drafts").put(draft);
            writing.oncomplete = () => { opening.result.close(); resolve(); };
          };
        })""",
        draft,
    )
    tablet.page.goto(address)
    tablet.wait_for(STOP)
    expect(tablet.page.locator("#outdated")).to_be_visible()
    tablet.page.locator('label:has([value="break_off"])').click()
    tablet.page.locator("#next").click()
    tablet.wait_for(END)
    tablet.wait_until_sent()
    status, envelope = tablet.received(uuid)
    assert (status, envelope["version"]) == ("quarantined", "0" * 64)
    assert envelope["answers"]["quartier"]["code"] == 2


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_no_screen_stops_a_screen_reader_and_every_text_is_easy_to_see(
    tablet: Tablet, axe: Callable[..., list[dict[str, Any]]], language: str
) -> None:
    page = tablet.page

    def check() -> None:
        assert axe(page, colours=language == "fr") == [], tablet.screen
        if language != "fr":
            # The languages share their colours.
            return
        faint = page.evaluate(
            """async () => (await axe.run({ runOnly: ["color-contrast-enhanced"] })).violations
              .flatMap(({ nodes }) => nodes.map((node) => node.html))"""
        )
        assert faint == [], tablet.screen

    assert axe(page) == []
    page.get_by_role("link", name="Nouvel entretien").click()
    page.locator(f'[data-start="{language}"]').wait_for()
    check()
    page.locator(f'[data-start="{language}"]').click()
    tablet.wait_for(CONSENT)
    check()
    page.get_by_role("button", name="D’accord").click()
    tablet.wait_for("quartier")
    first = choose_first(tablet.questionnaire)
    while (screen := tablet.screen) != SUMMARY:
        if screen == HANDOVER:
            check()
            page.get_by_role("button", name="Poser les questions").click()
            tablet.wait_until_left(HANDOVER)
            continue
        if screen == "age":
            # Its explanation is part of what must be seen.
            page.locator("#next").click()
        if screen in ("quartier", "age", "equip_commerces_alim", "apprecie_1"):
            check()
        if screen in first:
            tablet.choose(screen, first[screen])
        tablet.next()
    check()
    page.locator("#stop").click()
    tablet.wait_for(STOP)
    check()
    page.locator("#back").click()
    tablet.wait_for(SUMMARY)
    tablet.finish()
    tablet.wait_until_sent()
    check()


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_the_tablet_routes_as_the_server_does(
    page: Page, running: tuple[Flask, str], case: dict[str, Any]
) -> None:
    app, address = running
    page.goto(f"{address}/interview/2027/fr/")
    route = page.evaluate(
        """async ([module, items, answers]) => (await import(module)).findRoute(items, answers)""",
        [f"/static/{app.extensions['build']}/interview/route.js", case["items"], case["answers"]],
    )
    assert route == case["route"]


def test_the_first_load_weighs_less_than_sixty_kilobytes_compressed(
    page: Page, running: tuple[Flask, str]
) -> None:
    _, address = running
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"{address}/interview/2027/ar/", wait_until="networkidle")
    assert {urlsplit(answer.url).netloc for answer in answers} == {urlsplit(address).netloc}
    # Fonts and pictures are compressed already: gzip leaves them as they are.
    weight = sum(len(gzip.compress(answer.body())) for answer in answers)
    assert weight <= 60_000
