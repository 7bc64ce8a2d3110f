"""« Ma tournée » in Chromium: doors, quotas, exports, the self-check, enrolment by code, little room."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from barometre.fieldwork.work import fetch_done
from tests.interview.tablet import CONSENT, END, Tablet
from tests.support import (
    PASSWORD,
    choose_first,
    give_account,
    make_app,
    serve,
    store_interview,
    unseal,
)

AT_HOME, IN_A_HALL = 1, 2
INTAKE = "**/intake/interviews/*"
FULL = """Object.defineProperty(StorageManager.prototype, "estimate", {
  value: async () => ({ usage: 96_000_000_000, quota: 100_000_000_000 }),
});"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, str]]:
    """The application and its address; three interviews are there already."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('tour') / 'barometre.sqlite'}")
    give_account(app, "caller-1", "interviewer")
    give_account(app, "lead-1", "supervisor")
    town = app.extensions["town"]
    for _ in range(3):
        answers = {**choose_first(town.current_wave.questionnaire), "quartier": 2, "age": 3}
        store_interview(app.extensions["database"], town, answers)
    with serve(app) as address:
        yield app, address
    app.extensions["database"].engine.dispose()


@pytest.fixture
def tablet(page: Page, running: tuple[Flask, str]) -> Tablet:
    """A tablet that its interviewer has unlocked, whose worker keeps the pages."""
    tablet = Tablet(page, *running)
    tablet.sign_in()
    page.wait_for_function("Boolean(navigator.serviceWorker.controller)")
    return tablet


def name_of(tablet: Tablet, quartier: int) -> str:
    return next(one.name for one in tablet.app.extensions["town"].quartiers if one.code == quartier)


def choose_quartier(tablet: Tablet, quartier: int) -> None:
    """The quartier of the day, once it is noted."""
    tablet.page.get_by_role("radio", name=name_of(tablet, quartier)).check()
    expect(tablet.page.locator("#quotas")).to_be_visible()


def meet(tablet: Tablet, place: int, outcome: str) -> None:
    """Somebody met, or nobody: two touches."""
    tablet.page.locator(f'[data-place="{place}"]').click()
    tablet.page.locator(f'[data-outcome="{outcome}"]').click()


def encounters_of(tablet: Tablet) -> list[str]:
    """Uuids of what the outbox holds."""
    return [record["uuid"] for record in tablet.kept("outbox")]


def count_interviews(tablet: Tablet) -> int:
    """How many are counted, as the tour would learn it."""
    tablet.app.extensions.pop("done", None)
    with tablet.app.app_context():
        return fetch_done().count()


def test_two_touches_record_a_door_and_count_nothing(tablet: Tablet) -> None:
    before = count_interviews(tablet)
    choose_quartier(tablet, 2)
    meet(tablet, AT_HOME, "no_contact")
    expect(tablet.page.locator("#encounter")).to_be_hidden()
    expect(tablet.page.locator("#sent .record")).to_have_count(1)
    (uuid,) = encounters_of(tablet)
    status, envelope = tablet.received(uuid)
    assert (status, envelope["disposition"], envelope["interviewer"]) == ("stored", "no_contact", "caller-1")
    codes = {item: answer["code"] for item, answer in envelope["answers"].items()}
    assert codes == {"lieu": AT_HOME, "quartier": 2}
    assert count_interviews(tablet) == before


def test_in_a_hall_the_quartier_is_not_presumed(tablet: Tablet) -> None:
    choose_quartier(tablet, 2)
    meet(tablet, IN_A_HALL, "refusal")
    expect(tablet.page.locator("#sent .record")).to_have_count(1)
    (uuid,) = encounters_of(tablet)
    assert set(tablet.received(uuid)[1]["answers"]) == {"lieu"}


def test_a_second_tap_makes_no_second_door(tablet: Tablet) -> None:
    tablet.page.locator(f'[data-place="{AT_HOME}"]').click()
    tablet.page.evaluate(
        """() => {
          const button = document.querySelector('[data-outcome="no_contact"]');
          button.click();
          button.click();
        }"""
    )
    expect(tablet.page.locator("#encounter")).to_be_hidden()
    tablet.page.wait_for_timeout(1000)
    assert len(encounters_of(tablet)) == 1


@pytest.mark.parametrize(("place", "known"), [(AT_HOME, {"lieu", "quartier"}), (IN_A_HALL, {"lieu"})])
def test_an_accepted_interview_begins_with_what_was_noted(
    tablet: Tablet, place: int, known: set[str]
) -> None:
    page = tablet.page
    choose_quartier(tablet, 3)
    meet(tablet, place, "interview")
    page.locator('[data-start="ar"]').click()
    tablet.wait_for(CONSENT)
    page.get_by_role("button", name="D’accord").click()
    tablet.wait_for("secteur" if place == AT_HOME else "quartier")
    answers = tablet.draft["answers"]
    assert set(answers) == known
    assert answers["lieu"]["code"] == place
    # The next door is another one.
    page.goto(f"{tablet.address}/interview/")
    meet(tablet, AT_HOME, "interview")
    page.locator('[data-start="fr"]').wait_for()
    page.goto(f"{tablet.address}/interview/")
    page.get_by_role("link", name="Nouvel entretien").click()
    page.locator('[data-start="fr"]').click()
    tablet.wait_for(CONSENT)
    assert tablet.draft["answers"] == {}


def test_quotas_are_shown_with_their_moment_and_kept_without_a_network(tablet: Tablet) -> None:
    page = tablet.page
    choose_quartier(tablet, 2)
    lines = page.locator("#quota-lines li")
    expect(lines.first).to_contain_text(f"{name_of(tablet, 2)} : ")
    expect(lines.first).to_contain_text(" sur ")
    expect(page.locator("#quota-moment")).to_contain_text("Au dernier contact avec le serveur, le ")
    expect(page.locator("#needed li").first).to_contain_text("pour que leur voix puisse être publiée")
    said, moment = lines.all_text_contents(), page.locator("#quota-moment").text_content()
    needed = page.locator("#needed li").all_text_contents()
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("radio", name=name_of(tablet, 2))).to_be_checked()
    expect(lines).to_have_text(said)
    expect(page.locator("#quota-moment")).to_have_text(moment or "")
    expect(page.locator("#needed li")).to_have_text(needed)
    meet(tablet, AT_HOME, "no_contact")
    expect(page.locator("#state")).to_contain_text("1 entretien à envoyer")
    page.context.set_offline(False)


def download(page: Page, button: str) -> tuple[str, Any]:
    """What a button gives: the text of a file, and what it says."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button).click()
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    return text, json.loads(text)


def test_the_exported_outbox_is_whole_and_only_the_server_reads_it(tablet: Tablet) -> None:
    page = tablet.page
    page.route(INTAKE, lambda route: route.abort("internetdisconnected"))
    choose_quartier(tablet, 2)
    meet(tablet, AT_HOME, "no_contact")
    expect(page.locator("#state")).to_contain_text("1 entretien à envoyer")
    tablet.begin("fr")
    tablet.choose("quartier", 1)
    tablet.stop("break_off")
    tablet.wait_for(END)
    page.goto(f"{tablet.address}/interview/")
    expect(page.locator("#state")).to_contain_text("2 entretiens à envoyer")
    text, content = download(page, "Exporter les entretiens")
    assert (content["barometre"], content["version"]) == ("outbox", 1)
    assert {record["uuid"] for record in content["records"]} == set(encounters_of(tablet))
    for record in content["records"]:
        body = record["bytes"].encode()
        assert hashlib.sha256(body).hexdigest() == record["sha256"]
        assert json.loads(unseal(body))["uuid"] == record["uuid"]
    assert not any(word in text for word in ("caller-1", "answers", "no_contact", "quartier"))


def test_the_support_file_holds_no_answer_and_no_name(tablet: Tablet) -> None:
    page = tablet.page
    tablet.begin("fr")
    tablet.choose("quartier", 1)
    tablet.wait_until_written("quartier")
    page.goto(f"{tablet.address}/interview/")
    meet(tablet, AT_HOME, "refusal")
    expect(page.locator("#sent .record")).to_have_count(1)
    text, content = download(page, "Fichier d’assistance")
    assert content["barometre"] == "support"
    assert (content["drafts"], content["waiting"], content["people"]) == (1, 0, 1)
    assert content["last"][0]["receipt"]["status"] == "stored"
    assert content["checks"]["enrolled"] is True
    (device,) = (row for row in tablet.kept("settings") if isinstance(row, dict) and "token" in row)
    assert not any(word in text for word in ("caller-1", "answers", "refusal", device["token"]))


def test_the_self_check_lists_every_condition_with_its_mend(tablet: Tablet) -> None:
    page = tablet.page
    page.get_by_role("button", name="Prêt pour le terrain").click()
    lines = page.locator("#checks li")
    expect(lines).to_have_count(12)
    for holds in (
        "le serveur répond",
        "la tablette est inscrite",
        "les pages s’ouvrent sans réseau",
        "le questionnaire est là dans toutes ses langues",
        "un code protège les entretiens en cours",
        "l’heure est juste",
    ):
        expect(lines.filter(has_text=f"Oui : {holds}")).to_have_count(1)
    expect(lines.filter(has_text="Non : la page n’est pas installée ; ajoutez-la")).to_have_count(1)
    page.context.set_offline(True)
    page.get_by_role("button", name="Prêt pour le terrain").click()
    expect(lines.filter(has_text="Non : le serveur ne répond pas ; vérifiez le réseau")).to_have_count(1)
    page.context.set_offline(False)


def make_code(tablet: Tablet) -> str:
    """A supervisor makes a code for caller-1 at the desk."""
    browser = tablet.page.context.browser
    assert browser
    context = browser.new_context(base_url=tablet.address, locale="fr-FR")
    desk = context.new_page()
    desk.goto("/sign-in?next=/people/devices/new")
    desk.fill("[name=username]", "lead-1")
    desk.fill("[name=password]", PASSWORD)
    desk.keyboard.press("Enter")
    desk.fill("[name=label]", "Tablette 7")
    desk.select_option("[name=interviewer]", label="caller-1")
    desk.get_by_role("button", name="Obtenir un code").click()
    code = desk.locator("p.code").text_content()
    context.close()
    assert code
    return code.strip()


def test_a_code_enrols_a_tablet_without_any_sign_in(page: Page, running: tuple[Flask, str]) -> None:
    tablet = Tablet(page, *running)
    code = make_code(tablet)
    page.goto(f"{tablet.address}/interview/")
    expect(page.locator("#unknown")).to_be_visible()
    page.fill("#enrolment-code", code.lower())
    page.get_by_role("button", name="Inscrire la tablette").click()
    expect(page.locator("#choosing")).to_be_visible()
    tablet.unlock()
    expect(page.locator("#name")).to_have_text("caller-1")
    page.wait_for_function("Boolean(navigator.serviceWorker.controller)")
    meet(tablet, AT_HOME, "no_contact")
    expect(page.locator("#sent .record")).to_have_count(1)
    # Used once, it says so: typed, and by its address on a tablet that knows somebody.
    page.goto("about:blank")
    page.goto(f"{tablet.address}/interview/#inscription={code}")
    expect(page.get_by_role("alert").filter(has_text="a déjà servi")).to_be_visible()
    assert code not in page.url
    page.get_by_role("button", name="Retour").filter(visible=True).click()
    page.get_by_role("button", name="caller-1").click()
    tablet.unlock()


def test_the_address_of_a_code_enrols_too(page: Page, running: tuple[Flask, str]) -> None:
    tablet = Tablet(page, *running)
    page.goto(f"{tablet.address}/interview/#inscription={make_code(tablet)}")
    expect(page.locator("#choosing")).to_be_visible()
    tablet.unlock()
    expect(page.locator("#name")).to_have_text("caller-1")
    expect(page).to_have_url(f"{tablet.address}/interview/")


def test_a_full_tablet_begins_nothing_and_goes_on_with_what_is_open(
    page: Page, running: tuple[Flask, str]
) -> None:
    tablet = Tablet(page, *running)
    tablet.sign_in()
    tablet.begin("fr")
    tablet.choose("quartier", 2)
    tablet.wait_until_written("quartier")
    page.add_init_script(FULL)
    page.reload()
    tablet.wait_for("quartier")
    tablet.next()
    tablet.choose("secteur", 1)
    expect(page.locator("#state")).to_have_text("Enregistré sur la tablette")
    page.goto(f"{tablet.address}/interview/")
    expect(page.locator("#ready")).to_contain_text("La mémoire est presque pleine : envoyez")
    page.get_by_role("link", name="Nouvel entretien").click()
    expect(page.get_by_role("heading", name="La tablette est pleine")).to_be_visible()
    expect(page.locator("[data-start]").first).to_be_hidden()
    page.get_by_role("link", name="Ma tournée").filter(visible=True).click()
    page.get_by_role("link", name="Reprendre").click()
    tablet.wait_for("secteur")


def test_every_view_is_clean_and_never_scrolls_sideways(
    page: Page, running: tuple[Flask, str], axe: Callable[[Page], list[dict[str, Any]]]
) -> None:
    tablet = Tablet(page, *running)

    def check(view: str) -> None:
        expect(page.locator(view)).to_be_visible()
        assert axe(page) == [], view
        for width in (390, 820):
            page.set_viewport_size({"width": width, "height": 844})
            wide = page.evaluate(
                "document.documentElement.scrollWidth > document.documentElement.clientWidth"
            )
            assert not wide, f"{view} is wider than {width} px"

    page.goto(f"{tablet.address}/interview/")
    check("#unknown")
    page.fill("#enrolment-code", make_code(tablet))
    page.keyboard.press("Enter")
    check("#choosing")
    page.get_by_role("button", name="Garder ce code").click()
    check("#choosing-problem:not(:empty)")
    tablet.unlock()
    choose_quartier(tablet, 2)
    check("#open")
    page.locator("[data-place]").first.click()
    check("#encounter")
    page.get_by_role("button", name="Annuler").click()
    page.get_by_role("button", name="Prêt pour le terrain").click()
    check("#checks li >> nth=0")
    page.get_by_role("button", name="Verrouiller").click()
    check("#unlocking")
    page.get_by_role("button", name="Ce n’est pas moi").filter(visible=True).click()
    check("#people")
    page.goto(f"{tablet.address}/interview/aide/")
    check("h1")


def test_the_keyboard_alone_records_a_door(tablet: Tablet) -> None:
    page = tablet.page
    page.locator(f'[data-place="{AT_HOME}"]').focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Entretien accepté")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#encounter")).to_be_hidden()
    expect(page.locator(f'[data-place="{AT_HOME}"]')).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#sent .record")).to_have_count(1)
