"""A tablet in the tests' hands: what an interviewer does on it, and what it and the server then hold."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from barometre.questionnaire.definition import Item, Questionnaire
from barometre.storage.models import Envelope, Interview
from tests.support import PASSWORD, choose_first, sign_in, unseal

CONSENT, SUMMARY, STOP, END = ".accord", ".recapitulatif", ".arret", ".fin"
LOCK, HANDOVER = ".verrou", ".remise"
#: what interviewers type on their tablets
CODE = "602914"

#: everything in one object store of the page's own database
READ_STORE = """async (name) => {
  const database = await new Promise((resolve, reject) => {
    const opening = indexedDB.open("barometre");
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
  const rows = await new Promise((resolve, reject) => {
    const reading = database.transaction(name).objectStore(name).getAll();
    reading.onsuccess = () => resolve(reading.result);
    reading.onerror = () => reject(reading.error);
  });
  database.close();
  return rows;
}"""

#: kept drafts or journal entries in the clear, by the page's own modules and the key that it holds now
OPEN_BOXES = """async ([base, rows]) => {
  const { recall } = await import(`${base}session.js`);
  const { decrypt } = await import(`${base}vault.js`);
  const { key } = (await recall()) ?? {};
  const open = async (row) => (row.box ? { ...row, ...(await decrypt(key, row.uuid, row.box)) } : row);
  return Promise.all(rows.map(open));
}"""

#: whether the tablet's second copy holds the last write of the first
IS_COPIED = """async () => {
  const readState = (factory) => new Promise((resolve, reject) => {
    const opening = factory.open("barometre");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const database = opening.result;
      if (!database.objectStoreNames.contains("settings")) return resolve(null);
      const reading = database.transaction("settings").objectStore("settings").get("written");
      reading.onsuccess = () => { database.close(); resolve(reading.result); };
      reading.onerror = () => reject(reading.error);
    };
  });
  const copy = await navigator.storageBuckets.open("copy");
  const [one, other] = await Promise.all([readState(indexedDB), readState(copy.indexedDB)]);
  return Boolean(one) && one === other;
}"""


def poll(page: Page, condition: Callable[[], object]) -> None:
    """Wait until something holds that is not in the page; a loaded machine has twenty seconds."""
    for _ in range(400):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("what was awaited did not come")


def wait_until(page: Page, promise: str) -> None:
    """Wait until a JavaScript promise gives true: `wait_for_function` takes any promise for true."""
    poll(page, lambda: page.evaluate(promise))


@dataclass
class Tablet:
    """One page of a browser on a running application."""

    page: Page
    app: Flask
    #: where the application runs
    address: str

    @property
    def questionnaire(self) -> Questionnaire:
        """What is asked."""
        found: Questionnaire = self.app.extensions["town"].current_wave.questionnaire
        return found

    def sign_in(self, username: str = "caller-1") -> None:
        """Somebody signed in already; wait on « Ma tournée » until the tablet is enrolled."""
        cookie = sign_in(self.app.test_client(), username).get_cookie(self.app.config["SESSION_COOKIE_NAME"])
        assert cookie
        self.page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self.address}])
        self.page.goto(f"{self.address}/interview/")
        self.unlock()

    def unlock(self, code: str = CODE) -> None:
        """On « Ma tournée »: choose a code, or give it; wait until the tablet is ready."""
        expect(self.page.locator(":is(#choosing, #unlocking, #open):not([hidden])")).to_be_visible()
        if self.page.locator("#choosing").is_visible():
            self.page.fill("#new-code", code)
            self.page.fill("#same-code", code)
            self.page.get_by_role("button", name="Garder ce code").click()
        elif self.page.locator("#unlocking").is_visible():
            self.give_code(code)
        expect(self.page.locator("#open")).to_be_visible()
        expect(self.page.locator("#ready")).to_contain_text("prête")

    def give_code(self, code: str = CODE) -> None:
        """Type a code where one is asked."""
        self.page.fill("#code", code)
        self.page.get_by_role("button", name="Déverrouiller").click()

    def sign_in_by_hand(self, username: str) -> None:
        """Name and password, then « Ma tournée »."""
        self.page.goto(f"{self.address}/sign-in?next=/interview/")
        self.page.fill("[name=username]", username)
        self.page.fill("[name=password]", PASSWORD)
        self.page.keyboard.press("Enter")
        self.unlock()

    def begin(self, language: str) -> None:
        """A new interview, up to the first question."""
        self.page.get_by_role("link", name="Nouvel entretien").click()
        self.page.locator(f'[data-start="{language}"]').click()
        self.wait_for(CONSENT)
        self.page.get_by_role("button", name="D’accord").click()
        self.wait_for(self.questionnaire.items[0].id)

    def wait_for(self, screen: str) -> Locator:
        """The screen, once it is shown."""
        shown = self.page.locator(f'[data-screen="{screen}"]')
        expect(shown).to_be_visible()
        return shown

    @property
    def screen(self) -> str:
        """Name of the screen shown."""
        name: str = self.page.evaluate("document.querySelector('[data-screen]:not([hidden])').dataset.screen")
        return name

    def choose(self, item: str, code: int) -> None:
        """Touch a response option, or a silent code."""
        self.page.locator(f'[data-screen="{item}"] label:has(input[value="{code}"])').click()

    def answer(self, item: Item, given: int | str) -> None:
        """Answer one item."""
        self.wait_for(item.id)
        if isinstance(given, int):
            self.choose(item.id, given)
        else:
            self.page.locator(f'[data-screen="{item.id}"] textarea').fill(given)

    def next(self) -> None:
        """« Suivant », and wait for another screen."""
        before = self.screen
        self.page.locator("#next").click()
        self.wait_until_left(before)

    def wait_until_left(self, screen: str) -> None:
        """Wait for any other screen."""
        expect(self.page.locator(f'[data-screen="{screen}"]')).to_be_hidden()

    def speak(self, language: str) -> None:
        """Go on in another language, from where we are."""
        self.page.locator(f'#languages [data-language="{language}"]').click()
        expect(self.page.locator("html")).to_have_attribute("lang", language)
        expect(self.page.locator("#languages")).to_be_visible()

    def answer_all(self, given: dict[str, int | str], languages: dict[str, str] | None = None) -> None:
        """Answer until the summary: `given` where it says so, else the first option; `languages` by item."""
        by_id = self.questionnaire.by_id
        chosen: dict[str, int | str] = {**choose_first(self.questionnaire), **given}
        while (screen := self.screen) != SUMMARY:
            if screen == HANDOVER:
                self.page.get_by_role("button", name="Poser les questions").click()
                self.wait_until_left(HANDOVER)
                continue
            item = by_id[screen]
            if languages and item.id in languages:
                self.speak(languages[item.id])
            if item.id in chosen:
                self.answer(item, chosen[item.id])
            self.next()

    def stop(self, reason: str) -> None:
        """« Arrêter l’entretien », with its reason."""
        self.page.locator("#stop").click()
        self.page.locator(f'label:has([value="{reason}"])').click()
        self.page.locator("#next").click()

    def finish(self) -> None:
        """End at the summary."""
        self.page.locator("#next").click()
        self.wait_for(END)

    def wait_until_sent(self) -> None:
        """Wait for the receipt's number."""
        expect(self.page.locator("#outcome")).to_have_text(re.compile("^Envoyé"))

    def kept(self, store: str) -> list[dict[str, Any]]:
        """What the tablet's memory holds."""
        rows: list[dict[str, Any]] = self.page.evaluate(READ_STORE, store)
        return rows

    def opened(self, store: str) -> list[dict[str, Any]]:
        """The same in the clear: of the interviews of whoever has unlocked the tablet."""
        rows: list[dict[str, Any]] = self.page.evaluate(
            f"async (name) => ({OPEN_BOXES})([{self.modules!r}, await ({READ_STORE})(name)])", store
        )
        return rows

    @property
    def modules(self) -> str:
        """Where the page's modules are."""
        return f"/static/{self.app.extensions['build']}/interview/"

    def wait_until_written(self, item: str) -> None:
        """Wait until the journal holds an answer to the item."""
        poll(self.page, lambda: any(entry["item"] == item for entry in self.opened("journal")))

    @property
    def uuid(self) -> str:
        """Of the interview under way."""
        return self.page.url.partition("#")[2].partition("/")[0]

    @property
    def draft(self) -> dict[str, Any]:
        """The interview under way."""
        return next(draft for draft in self.opened("drafts") if draft["uuid"] == self.uuid)

    def received(self, uuid: str) -> tuple[str, dict[str, Any]]:
        """Status and content of the envelope the server received."""
        with self.app.extensions["database"].read() as session:
            envelope = session.scalars(select(Envelope).where(Envelope.uuid == UUID(uuid))).one()
            return envelope.status, json.loads(unseal(envelope.body))

    def stored_codes(self, uuid: str) -> dict[str, int]:
        """Codes of the stored interview, by item."""
        with self.app.extensions["database"].read() as session:
            interview = session.get(Interview, UUID(uuid))
            assert interview
            return {item: interview.codes[place] for item, place in self.questionnaire.position.items()}
