"""The public, a member of a council and an interviewer try all differences on every page that they see."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flask import Flask

from barometre.estimates.counts import Counts
from barometre.estimates.disclosure import ALL, BAND, MASKED, round_people
from barometre.storage.people import enrol_device, fetch_person
from tests.disclosure.population import KINDS, draw, settle, settle_demonstration, tally
from tests.disclosure.reader import Reader, list_addresses, list_explanations, read_site
from tests.disclosure.reading import read_words
from tests.disclosure.sizes import SEEDS
from tests.support import sign_in


def attack(reader: Reader, counts: Counts, *, bases: bool = True) -> str:
    """Try everything on every question; what was tried, in figures. Without `bases` they are no secret."""
    random = np.random.default_rng(2027)
    tried = secrets = 0
    for item in reader.told:
        system, found, disclosed = reader.attack(item, counts, random)
        disclosed = [secret for secret in disclosed if bases or not secret.name.endswith(" base")]
        assert not disclosed, [(secret.name, sorted(secret.fitting)) for secret in disclosed]
        tried, secrets = tried + system.solved, secrets + len(found)
    rows = len(reader.list_told())
    return f"{reader.pages} pages, {rows} rows, {secrets} secrets, {tried} programs"


def check_silent(reader: Reader, counts: Counts) -> None:
    """Of people without opinion, nothing is told that another number of them would not tell too."""
    axis = counts.axis(counts.cell_items[0])
    for quartier in reader.town.quartiers:
        inside = counts.where(axis == quartier.code)
        bases = [rows[quartier.id].base or 0 for rows in reader.told.values() if quartier.id in rows]
        for item, rows in reader.told.items():
            told = rows.get(quartier.id)
            if told is None or told.base is None or told.silent is None:
                continue
            silent, base = int(inside.silent(item).sum()), told.base
            fitting = [
                number
                for number in range(silent + 20)
                if max(0, round_people(round_people(base + number) - base)) == told.silent
                and base + number <= reader.interviews[quartier.id][1]
            ]
            assert silent in fitting
            assert len(fitting) > 1 or not silent, (item, quartier.id, bases)


def prepare(app: Flask, kind: str, seed: int) -> Counts:
    """A population in the database, released."""
    asked = app.extensions["town"].current_wave.questionnaire
    counts = tally(asked, draw(asked, KINDS[kind], seed))
    settle(app, counts)
    return counts


def test_nothing_follows_from_the_public_pages_of_the_demonstration(app: Flask, record_property: Any) -> None:
    counts = settle_demonstration(app)
    reader = read_site(app, app.test_client())
    states = {told.state for rows in reader.told.values() for told in rows.values()}
    assert {MASKED, BAND} <= states
    record_property("figures", attack(reader, counts))
    check_silent(reader, counts)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_follows_from_the_public_pages(app: Flask, kind: str, seed: int) -> None:
    counts = prepare(app, kind, seed)
    reader = read_site(app, app.test_client())
    attack(reader, counts)
    check_silent(reader, counts)


def test_a_member_of_a_council_sees_the_public_pages_and_no_number_more(app: Flask) -> None:
    prepare(app, "tiny quartier", 1)
    council = sign_in(app.test_client(), "council")
    assert read_site(app, council) == read_site(app, app.test_client())

    def read_desk() -> list[str]:
        return [
            read_words(council.get(page).get_data(as_text=True)) for page in ("/desk", "/desk/to-confirm")
        ]

    before = read_desk()
    prepare(app, "one man", 1)
    assert read_desk() == before
    for page in ("/analyse", "/desk/editions", "/desk/aside", "/people/devices"):
        assert council.get(page).status_code == 403


@pytest.mark.parametrize("kind", ["tiny quartier", "two tiny quartiers", "few people"])
def test_nothing_follows_from_the_public_pages_and_a_tablet(app: Flask, kind: str) -> None:
    counts = prepare(app, kind, 1)
    with app.extensions["database"].write() as session:
        person = fetch_person(session, "interviewer")
        assert person
        token = enrol_device(session, person.id, f"attack {kind}")
    work = app.test_client().get("/intake/work", headers={"Authorization": f"Bearer {token}"}).json
    assert work
    done = {quartier["id"]: (quartier["done"], quartier["done"]) for quartier in work["quartiers"]}
    reader = read_site(app, app.test_client())
    # Who interviews must know how many interviews a quartier has; what was answered there is as secret.
    attack(replace(reader, interviews=done | {ALL: (counts.total, counts.total)}), counts, bases=False)


def test_what_a_tablet_gives_back_does_not_depend_on_the_interviews(app: Flask) -> None:
    client = app.test_client()
    page = f"/interview/{app.extensions['town'].current_wave.id}/fr/"
    prepare(app, "tiny quartier", 1)
    before = client.get(page).get_data()
    assert b"habitants sur 100" in before
    prepare(app, "one man", 1)
    assert client.get(page).get_data() == before


def test_the_attack_reads_every_public_page(app: Flask) -> None:
    adapter = app.url_map.bind("localhost")
    # The explanations are compared as a whole, in `test_hidden_quartiers.py`.
    addresses = [*list_addresses(app), *list_explanations(app)]
    read = {adapter.match(page)[0] for page in addresses}
    public = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("results.")}
    # The rest says nothing of this wave.
    assert public - read == {
        f"results.{name}" for name in ("static", "published", "accessibility", "privacy", "legal")
    }
