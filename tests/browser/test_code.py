"""The interviewer's code in Chromium: chosen, asked, blocked and helped; nothing lies in the clear."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserType, Page, expect

from barometre.storage.models import Envelope
from tests.interview.tablet import CODE, CONSENT, END, LOCK, SUMMARY, Tablet, poll
from tests.support import give_account, make_app, serve, sign_in

WRONG = "314159"
STORES = ("settings", "people", "drafts", "journal", "outbox")
#: words that somebody says and that are nowhere else
WORDS = "Les hirondelles du préau"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, str]]:
    """The application and its address."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('code') / 'barometre.sqlite'}")
    give_account(app, "caller-1", "interviewer")
    give_account(app, "caller-2", "interviewer")
    give_account(app, "lead-1", "supervisor")
    with serve(app) as address:
        yield app, address
    app.extensions["database"].engine.dispose()


@pytest.fixture
def bare(page: Page, running: tuple[Flask, str]) -> Tablet:
    """A tablet where an interviewer is signed in and has no code yet."""
    tablet = Tablet(page, *running)
    sign_in_as(tablet, "caller-1")
    page.goto(f"{tablet.address}/interview/")
    expect(page.locator("#choosing")).to_be_visible()
    return tablet


@pytest.fixture
def tablet(bare: Tablet) -> Tablet:
    """A tablet that its interviewer has unlocked, whose worker keeps the pages."""
    bare.unlock()
    bare.page.wait_for_function("Boolean(navigator.serviceWorker.controller)")
    return bare


def sign_in_as(tablet: Tablet, username: str) -> None:
    """Let the browser be signed in as somebody."""
    cookie = sign_in(tablet.app.test_client(), username).get_cookie(tablet.app.config["SESSION_COOKIE_NAME"])
    assert cookie
    tablet.page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": tablet.address}])


def forget(tablet: Tablet) -> None:
    """What a restart of the browser does: no page nor worker remembers who unlocked."""
    tablet.page.evaluate(
        f"import('{tablet.modules}session.js')"
        ".then(async ({ recall, lock }) => { await recall(); await lock(); })"
    )


def open_tour(tablet: Tablet) -> None:
    """« Ma tournée », once it knows what to ask."""
    tablet.page.goto(f"{tablet.address}/interview/")
    expect(
        tablet.page.locator(":is(#unknown, #people, #choosing, #unlocking, #open):not([hidden])")
    ).to_be_visible()


def give_wrong_codes(tablet: Tablet, number: int) -> None:
    """Type a wrong code again and again; each is answered before the next."""
    for _ in range(number):
        before = failures_of(tablet)
        tablet.give_code(WRONG)
        poll(tablet.page, lambda before=before: failures_of(tablet) > before)
        assert failures_of(tablet) == before + 1
        # The field is ready for the next try once this one has been told.
        expect(tablet.page.locator("#code")).to_be_focused()
        expect(tablet.page.locator("#code-problem")).to_have_text(
            re.compile("Cinq erreurs" if before == 4 else f"Il reste {4 - before} essai")
        )


def failures_of(tablet: Tablet, interviewer: str = "caller-1") -> int:
    """How many errors in a row the tablet remembers."""
    person = next(person for person in tablet.kept("people") if person["interviewer"] == interviewer)
    return int(person["failures"])


def refuse_without_network(tablet: Tablet) -> str:
    """A refusal that waits in the outbox. Gives its uuid."""
    page = tablet.page
    page.route("**/intake/interviews/*", lambda route: route.abort("internetdisconnected"))
    page.get_by_role("link", name="Nouvel entretien").click()
    page.locator('[data-start="fr"]').click()
    tablet.wait_for(CONSENT)
    uuid: str = tablet.uuid
    page.get_by_role("button", name="Refus").click()
    tablet.wait_for(END)
    expect(page.locator("#outcome")).to_contain_text("Pas de réseau.")
    page.unroute("**/intake/interviews/*")
    return uuid


def everything_kept(tablet: Tablet) -> str:
    """All stores of the tablet's memory as one text; bytes are read as letters where they are some."""
    dump: str = tablet.page.evaluate(
        """async (names) => {
          const database = await new Promise((resolve, reject) => {
            const opening = indexedDB.open("barometre");
            opening.onsuccess = () => resolve(opening.result);
            opening.onerror = () => reject(opening.error);
          });
          const read = (name) => new Promise((resolve) => {
            const reading = database.transaction(name).objectStore(name).getAll();
            reading.onsuccess = () => resolve(reading.result);
          });
          const rows = await Promise.all(names.map(read));
          const found = [...database.objectStoreNames].sort().join();
          database.close();
          const letters = (bytes) => new TextDecoder().decode(bytes);
          const told = (_, value) =>
            value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? letters(value) : value;
          return found + JSON.stringify(rows, told);
        }""",
        STORES,
    )
    assert dump.startswith(",".join(sorted(STORES))), "a store that this test does not know"
    return dump


@pytest.mark.parametrize("weak", ["111111", "123456", "987654", "12345", "60291a"])
def test_a_weak_code_is_refused_with_words(bare: Tablet, weak: str) -> None:
    bare.page.fill("#new-code", weak)
    bare.page.fill("#same-code", weak)
    bare.page.get_by_role("button", name="Garder ce code").click()
    if weak.isdigit():
        expect(bare.page.get_by_role("alert").filter(has_text="ni tous pareils")).to_be_visible()
    expect(bare.page.locator("#choosing")).to_be_visible()
    assert not any("wrapped" in person for person in bare.kept("people"))


def test_two_different_entries_are_refused_and_the_code_is_chosen_once(bare: Tablet) -> None:
    page = bare.page
    page.fill("#new-code", CODE)
    page.fill("#same-code", WRONG)
    page.get_by_role("button", name="Garder ce code").click()
    expect(page.get_by_role("alert").filter(has_text="ne sont pas les mêmes")).to_be_visible()
    bare.unlock()
    page.get_by_role("button", name="Verrouiller").click()
    expect(page.locator("#unlocking")).to_be_visible()
    page.reload()
    expect(page.locator("#unlocking")).to_be_visible()
    expect(page.locator("#choosing")).to_be_hidden()
    bare.unlock()


def test_a_second_tap_while_a_code_is_made_makes_no_second_key(bare: Tablet) -> None:
    page = bare.page
    page.fill("#new-code", CODE)
    page.fill("#same-code", CODE)
    page.evaluate(
        """() => {
          window.seen = new Set();
          const put = IDBObjectStore.prototype.put;
          IDBObjectStore.prototype.put = function (value, ...rest) {
            if (value?.wrapped) window.seen.add(String(new Uint8Array(value.wrapped)));
            return put.call(this, value, ...rest);
          };
          const form = document.getElementById("choosing");
          form.requestSubmit();
          form.requestSubmit();
        }"""
    )
    expect(page.locator("#open")).to_be_visible()
    page.wait_for_timeout(1500)
    assert page.evaluate("window.seen.size") == 1


def test_the_code_is_asked_when_nobody_remembers_it_and_errors_are_counted(tablet: Tablet) -> None:
    forget(tablet)
    open_tour(tablet)
    expect(tablet.page.locator("#unlocking")).to_be_visible()
    expect(tablet.page.locator("#code-name")).to_have_text("caller-1")
    give_wrong_codes(tablet, 1)
    expect(tablet.page.locator("#code-problem")).to_have_text("Ce n’est pas le bon code. Il reste 4 essais.")
    # A slip is no try.
    tablet.page.fill("#code", "60")
    tablet.page.get_by_role("button", name="Déverrouiller").click()
    assert failures_of(tablet) == 1
    tablet.page.reload()
    give_wrong_codes(tablet, 1)
    expect(tablet.page.locator("#code-problem")).to_contain_text("Il reste 3 essais.")
    tablet.unlock()
    assert failures_of(tablet) == 0


def test_a_try_counts_even_when_the_page_is_closed_before_its_answer(tablet: Tablet) -> None:
    forget(tablet)
    open_tour(tablet)
    tablet.page.evaluate("() => { crypto.subtle.unwrapKey = () => new Promise(() => {}); }")
    tablet.give_code(WRONG)
    tablet.page.wait_for_timeout(1000)
    open_tour(tablet)
    give_wrong_codes(tablet, 1)
    expect(tablet.page.locator("#code-problem")).to_contain_text("Il reste 3 essais.")


def test_a_locked_and_a_blocked_tablet_still_sends(tablet: Tablet) -> None:
    page = tablet.page
    first = refuse_without_network(tablet)
    page.goto(f"{tablet.address}/interview/")
    expect(page.locator("#state")).to_have_text("Tout est envoyé")
    assert tablet.received(first)[0] == "stored"
    second = refuse_without_network(tablet)
    forget(tablet)
    open_tour(tablet)
    expect(page.locator("#unlocking")).to_be_visible()
    expect(page.locator("#state")).to_have_text("Tout est envoyé")
    assert tablet.received(second)[0] == "stored"
    tablet.unlock()
    third = refuse_without_network(tablet)
    page.route("**/intake/interviews/*", lambda route: route.abort("internetdisconnected"))
    forget(tablet)
    open_tour(tablet)
    give_wrong_codes(tablet, 5)
    expect(page.locator("#code-problem")).to_contain_text("Cinq erreurs")
    page.unroute("**/intake/interviews/*")
    page.get_by_role("button", name="Envoyer maintenant").click()
    expect(page.locator("#state")).to_have_text("Tout est envoyé")
    assert tablet.received(third)[0] == "stored"
    # The right code opens nothing any more.
    tablet.give_code(CODE)
    expect(page.locator("#code-problem")).to_contain_text("Cinq erreurs")
    expect(page.locator("#open")).to_be_hidden()


def test_a_supervisor_unblocks_and_the_drafts_can_be_read_again(tablet: Tablet) -> None:
    page = tablet.page
    tablet.begin("fr")
    tablet.choose("quartier", 2)
    tablet.next()
    tablet.choose("secteur", 1)
    tablet.wait_until_written("secteur")
    forget(tablet)
    open_tour(tablet)
    give_wrong_codes(tablet, 5)
    expect(page.get_by_role("button", name="Débloquer")).to_be_hidden()
    sign_in_as(tablet, "lead-1")
    open_tour(tablet)
    page.get_by_role("button", name="Ce n’est pas moi").filter(visible=True).click()
    page.get_by_role("button", name="caller-1").click()
    page.get_by_role("button", name="Débloquer").click()
    expect(page.locator("#code-problem")).to_be_empty()
    tablet.give_code()
    expect(page.locator("#open")).to_be_visible()
    page.get_by_role("link", name="Reprendre").click()
    tablet.wait_for("secteur")
    expect(page.locator('[name="secteur"][value="1"]')).to_be_checked()
    # Whoever unlocked holds the tablet, also while somebody else is signed in.
    open_tour(tablet)
    expect(page.locator("#name")).to_have_text("caller-1")


def test_a_forgotten_code_sends_the_drafts_as_they_stand_and_lets_another_be_chosen(tablet: Tablet) -> None:
    page = tablet.page
    tablet.begin("fr")
    tablet.choose("quartier", 2)
    tablet.next()
    tablet.choose("secteur", 1)
    tablet.next()
    noted = tablet.uuid
    expect(page.locator("#state")).to_have_text("Enregistré sur la tablette")
    page.goto(f"{tablet.address}/interview/")
    page.get_by_role("link", name="Nouvel entretien").click()
    page.locator('[data-start="ar"]').click()
    tablet.wait_for(CONSENT)
    empty = tablet.uuid
    forget(tablet)
    sign_in_as(tablet, "lead-1")
    open_tour(tablet)
    page.get_by_role("button", name="Ce n’est pas moi").filter(visible=True).click()
    page.get_by_role("button", name="caller-1").click()
    page.get_by_role("button", name="Code oublié").click()
    expect(page.locator("#choosing")).to_be_visible()
    expect(page.locator("#state")).to_have_text("Tout est envoyé")
    status, envelope = tablet.received(noted)
    assert (status, envelope["disposition"], envelope["interviewer"]) == ("stored", "break_off", "caller-1")
    assert {item: answer["code"] for item, answer in envelope["answers"].items()} == {
        "quartier": 2,
        "secteur": 1,
    }
    assert tablet.received(empty)[1]["disposition"] == "callback"
    assert tablet.kept("journal") == []
    tablet.unlock("271828")
    expect(page.get_by_role("link", name="Reprendre")).to_have_count(0)
    forget(tablet)
    open_tour(tablet)
    tablet.give_code("271828")
    expect(page.locator("#open")).to_be_visible()


def test_two_minutes_without_a_touch_lock_an_interview_and_the_code_brings_it_back(tablet: Tablet) -> None:
    page = tablet.page
    page.clock.install()
    tablet.begin("fr")
    tablet.answer_all({"apprecie_1": WORDS})
    page.locator('[data-item="apprecie_1"]').click()
    tablet.wait_for("apprecie_1").locator("textarea").fill(f"{WORDS} et le four")
    page.clock.fast_forward(110_000)
    page.wait_for_timeout(1200)
    assert tablet.screen == "apprecie_1"
    page.clock.fast_forward(12_000)
    tablet.wait_for(LOCK)
    expect(page.locator('[data-screen="apprecie_1"]')).to_be_hidden()
    assert WORDS not in page.locator("body").inner_text()
    assert page.locator("#summary li").count() == 0
    assert page.evaluate("[...document.querySelectorAll('textarea')].every((field) => field.value === '')")
    assert page.locator(":checked").count() == 0
    page.go_back()
    tablet.wait_for(LOCK)
    page.go_forward()
    tablet.wait_for(LOCK)
    give_wrong_codes(tablet, 1)
    expect(page.locator("#code-problem")).to_contain_text("Il reste 4 essais.")
    tablet.give_code()
    tablet.wait_for("apprecie_1")
    expect(page.locator('textarea[name="apprecie_1"]')).to_have_value(f"{WORDS} et le four")
    tablet.next()
    assert tablet.screen == SUMMARY
    tablet.finish()
    tablet.wait_until_sent()


def test_two_minutes_without_a_touch_lock_the_tour_and_a_touch_does_not(tablet: Tablet) -> None:
    page = tablet.page
    page.clock.install()
    page.reload()
    expect(page.locator("#open")).to_be_visible()
    expect(page.locator("#ready")).to_contain_text("prête")
    page.clock.fast_forward(100_000)
    page.locator("h1").click()
    page.clock.fast_forward(100_000)
    page.wait_for_timeout(1500)
    expect(page.locator("#open")).to_be_visible()
    page.locator("[data-place]").first.click()
    expect(page.locator("#encounter")).to_be_visible()
    page.clock.fast_forward(125_000)
    expect(page.locator("#unlocking")).to_be_visible()
    expect(page.locator("#open")).to_be_hidden()
    # Nothing that was open over the page keeps the code from being typed.
    tablet.give_code()
    expect(page.locator("#open")).to_be_visible()
    expect(page.locator("#encounter")).to_be_hidden()


def test_nothing_on_the_tablet_holds_an_answer_in_the_clear(tablet: Tablet) -> None:
    page = tablet.page
    tablet.begin("fr")
    tablet.answer_all({"apprecie_1": WORDS})
    uuid = tablet.uuid
    assert tablet.draft["answers"]["apprecie_1"]["text"] == WORDS
    kept = everything_kept(tablet)
    assert uuid in kept
    assert "hirondelles" not in kept
    assert '"answers"' not in kept
    assert any(entry["uuid"] == uuid for entry in tablet.kept("journal"))
    page.route("**/intake/interviews/*", lambda route: route.abort("internetdisconnected"))
    tablet.finish()
    expect(page.locator("#outcome")).to_contain_text("1 entretien à envoyer")
    kept = everything_kept(tablet)
    assert uuid in kept
    assert "hirondelles" not in kept
    assert not [entry for entry in tablet.kept("journal") if entry["uuid"] == uuid]
    (draft,) = (draft for draft in tablet.kept("drafts") if draft["uuid"] == uuid)
    assert draft["finished"]
    assert not {"box", "copy", "answers"} & set(draft)
    page.unroute("**/intake/interviews/*")
    page.evaluate("dispatchEvent(new Event('online'))")
    tablet.wait_until_sent()
    assert tablet.received(uuid)[1]["answers"]["apprecie_1"]["text"] == WORDS
    with tablet.app.extensions["database"].read() as session:
        assert WORDS.encode() not in b"".join(envelope.body for envelope in session.query(Envelope))


def test_one_interviewer_does_not_open_the_drafts_of_another(tablet: Tablet) -> None:
    page = tablet.page
    tablet.begin("fr")
    tablet.choose("quartier", 1)
    tablet.wait_until_written("quartier")
    theirs = page.url
    page.goto(f"{tablet.address}/interview/")
    page.get_by_role("button", name="Verrouiller").click()
    sign_in_as(tablet, "caller-2")
    open_tour(tablet)
    tablet.unlock("271828")
    expect(page.locator("#name")).to_have_text("caller-2")
    expect(page.get_by_role("link", name="Reprendre")).to_have_count(0)
    page.goto("about:blank")
    page.goto(theirs)
    tablet.wait_for(LOCK)
    expect(page.locator("#code-name")).to_have_text("caller-1")
    tablet.give_code("271828")
    expect(page.locator("#code-problem")).to_contain_text("Il reste 4 essais.")
    tablet.give_code(CODE)
    tablet.wait_for("quartier")
    expect(page.locator('[name="quartier"][value="1"]')).to_be_checked()


def test_a_browser_started_again_asks_the_code_and_comes_back_to_the_question(
    browser_type: BrowserType,
    browser_type_launch_args: dict[str, Any],
    running: tuple[Flask, str],
    tmp_path: Path,
) -> None:
    def launch() -> Page:
        context = browser_type.launch_persistent_context(
            tmp_path / "profile", locale="fr-FR", **browser_type_launch_args
        )
        return context.pages[0]

    tablet = Tablet(launch(), *running)
    tablet.sign_in()
    tablet.begin("fr")
    tablet.choose("quartier", 3)
    tablet.next()
    question = tablet.page.url
    tablet.page.context.close()

    tablet = Tablet(launch(), *running)
    tablet.page.goto(question)
    tablet.wait_for(LOCK)
    tablet.give_code()
    tablet.wait_for("secteur")
    assert tablet.draft["answers"]["quartier"]["code"] == 3
    tablet.page.context.close()


def test_the_keyboard_alone_chooses_and_gives_a_code(bare: Tablet) -> None:
    page = bare.page
    expect(page.locator("#new-code")).to_be_focused()
    page.keyboard.type(CODE)
    page.keyboard.press("Tab")
    page.keyboard.type(CODE)
    page.keyboard.press("Enter")
    expect(page.locator("#open")).to_be_visible()
    page.get_by_role("button", name="Verrouiller").press("Enter")
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type(CODE)
    page.keyboard.press("Enter")
    expect(page.locator("#open")).to_be_visible()
    assert json.dumps(bare.kept("people")).count("caller-1") == 1
