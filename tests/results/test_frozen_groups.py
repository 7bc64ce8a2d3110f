"""Shares by age and sex are frozen with an edition: nothing that changes later changes what was published."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from flask import Flask

from barometre.results import groups
from barometre.results.document import read_figures, write_figures
from barometre.results.groups import TOO_CLOSE, Breakdown
from barometre.results.sources import FindingsCache
from barometre.storage.models import Release
from tests.data import niort
from tests.disclosure.population import KINDS, draw, tally
from tests.results.released import fetch, read, release
from tests.support import make_app

PATH = "/jeunes-aines-femmes"


@pytest.fixture
def app(sqlite_url: str) -> Flask:
    """Niort, with an edition."""
    return release(make_app(sqlite_url), 180)


def forget(app: Flask) -> None:
    """What another process would not know."""
    app.extensions["findings"] = FindingsCache()
    app.extensions.pop("data_files", None)
    app.extensions["frozen"].forget()


def change(app: Flask, edit: Callable[[Release], None]) -> None:
    """Change the row of the edition behind everybody's back."""
    with app.extensions["database"].write() as session:
        edit(session.query(Release).order_by(Release.id.desc()).limit(1).one())
    forget(app)


def put_others(row: Release) -> None:
    """The counts of other people."""
    asked = niort().current_wave.questionnaire
    row.counts = tally(asked, draw(asked, KINDS["one man"], 3)).to_document()


def read_files(app: Flask) -> dict[str, bytes]:
    """The groups page, the files of open data and some of the figures, as a visitor gets them."""
    client = app.test_client()
    listed = client.get("/telecharger-les-donnees").get_data(as_text=True)
    whole = re.findall(r'href="(/donnees/[^"/]+)"', listed)
    some = re.findall(r'href="(/donnees/figures/[^"]+)"', listed)[::11]
    assert min(len(whole), len(some)) > 3
    addresses = [PATH, "/donnees/api/v1/results", *whole, *some]
    return {address: client.get(address).data for address in addresses}


def test_the_page_and_the_files_stay_when_the_counts_behind_them_change(app: Flask) -> None:
    before = read_files(app)
    assert before[PATH].count(b"share-bar") > 40
    change(app, put_others)
    assert read_files(app) == before


def test_the_page_stays_when_the_program_works_shares_out_otherwise(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read(app, PATH)
    monkeypatch.setattr(groups, "break_down", lambda *given: Breakdown(given[4], (), TOO_CLOSE))
    forget(app)
    assert read(app, PATH) == before


def test_an_edition_from_before_is_worked_out_from_its_counts(app: Flask) -> None:
    before = read(app, PATH)

    def leave_out(row: Release) -> None:
        document = json.loads(row.figures or b"")
        assert document.pop("breakdowns")
        row.figures = json.dumps(document).encode()

    change(app, leave_out)
    assert fetch(app).frozen_breakdowns is None
    assert read(app, PATH) == before
    change(app, put_others)
    assert read(app, PATH) != before


def test_a_second_edition_freezes_what_the_first_one_left_to_show(app: Flask) -> None:
    # Middle-aged people only: beside the first edition their ages are not shown.
    release(app, 90, 180, age=3)
    frozen = fetch(app).frozen_breakdowns
    assert frozen
    assert frozen["satisfaction", "age"].withheld == TOO_CLOSE
    before = read(app, PATH)
    with app.extensions["database"].write() as session:
        session.delete(session.query(Release).order_by(Release.id).limit(1).one())
    forget(app)
    assert read(app, PATH) == before


def test_the_document_gives_back_every_share(app: Flask) -> None:
    published = fetch(app)
    assert published.frozen_breakdowns
    worked_out = groups.find_breakdowns(app.extensions["town"], published.findings, published.counts, ())
    assert published.frozen_breakdowns == worked_out
    document = write_figures(published.findings, worked_out)
    assert read_figures(document) == (published.findings, worked_out)


def test_a_question_that_came_later_has_no_groups_in_an_edition(app: Flask) -> None:
    def leave_out(row: Release) -> None:
        findings, breakdowns = read_figures(row.figures or b"")
        assert breakdowns
        known = {place: found for place, found in breakdowns.items() if place[0] != "satisfaction"}
        row.figures = write_figures(findings, known)

    change(app, leave_out)
    page = read(app, PATH)
    assert 'id="satisfaction"' not in page
    assert 'id="attachement"' in page
