"""Training in Chromium: an interview for practice leaves nothing behind, and needs nobody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from barometre.storage.models import Envelope
from tests.interview.tablet import END, SUMMARY, Tablet
from tests.support import give_account, make_app, serve


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, str]]:
    """The application and its address."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('training') / 'barometre.sqlite'}")
    give_account(app, "caller-1", "interviewer")
    with serve(app) as address:
        yield app, address
    app.extensions["database"].engine.dispose()


def test_a_training_opens_without_anybody_and_leaves_nothing(page: Page, running: tuple[Flask, str]) -> None:
    tablet = Tablet(page, *running)
    page.goto(f"{tablet.address}/interview/2027/fr/#entrainement")
    tablet.wait_for(tablet.questionnaire.items[0].id)
    expect(page.locator("#training")).to_be_visible()
    tablet.choose("quartier", 2)
    tablet.speak("ar")
    tablet.wait_for("quartier")
    expect(page.locator('[name="quartier"][value="2"]')).to_be_checked()
    expect(page.locator("#training")).to_be_visible()
    tablet.answer_all({}, {"secteur": "fr"})
    assert tablet.screen == SUMMARY
    tablet.finish()
    expect(page.locator("#outcome")).to_have_text("Entraînement terminé : rien n’a été gardé ni compté.")
    assert tablet.kept("drafts") == tablet.kept("journal") == tablet.kept("outbox") == []
    with tablet.app.extensions["database"].read() as session:
        assert session.scalar(select(func.count()).select_from(Envelope)) == 0


def test_a_training_left_half_way_is_not_on_the_tour(page: Page, running: tuple[Flask, str]) -> None:
    tablet = Tablet(page, *running)
    tablet.sign_in()
    page.get_by_role("link", name="S’entraîner").click()
    tablet.wait_for(tablet.questionnaire.items[0].id)
    tablet.choose("quartier", 1)
    expect(page.locator("#state")).to_have_text("Enregistré sur la tablette")
    page.goto(f"{tablet.address}/interview/")
    expect(page.locator("#no-drafts")).to_be_visible()
    expect(page.get_by_role("link", name="Reprendre")).to_have_count(0)
    expect(page.locator("#waiting li")).to_have_count(0)


def test_a_training_stopped_in_the_middle_sends_nothing(page: Page, running: tuple[Flask, str]) -> None:
    tablet = Tablet(page, *running)
    page.goto(f"{tablet.address}/interview/2027/fr/#entrainement")
    tablet.wait_for(tablet.questionnaire.items[0].id)
    tablet.choose("quartier", 1)
    tablet.stop("break_off")
    tablet.wait_for(END)
    assert tablet.kept("drafts") == tablet.kept("outbox") == []
