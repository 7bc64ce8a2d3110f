"""The public and a council try all differences on everything that leaves: pages, files, papers together."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.disclosure.elsewhere import read_council, read_elsewhere
from tests.disclosure.files import read_files, read_interviews
from tests.disclosure.papers import read_papers
from tests.disclosure.population import KINDS, draw, settle, settle_demonstration, tally
from tests.disclosure.reader import Reader, read_site
from tests.disclosure.sizes import FULL, SEEDS
from tests.disclosure.test_public_pages import attack, check_silent
from tests.support import sign_in

MATRIX = Path(__file__).resolve().parents[1] / "house" / "access_matrix.toml"
#: where each address that shows results to the public or to a council is read
READ = {
    "read_site": {"/", "/themes/<slug>", "/quartiers/<slug>", "/comment-l-enquete-a-ete-faite"},
    "read_elsewhere": {"/chiffres/<item>/<domain>", "/ce-qui-a-change"},
    "read_files": {
        "/donnees/<name>", "/donnees/figures/<item>/<domain>.csv", "/donnees/figures/<item>/<domain>.svg",
        "/donnees/api/v1/results", "/donnees/api/v1/results/<item>", "/donnees/api/v1/wave",
    },
    "read_papers": {
        "/papers/<language>/restitution/<slug>", "/papers/<language>/report", "/papers/<language>/slides",
    },
    "read_council": {"/council", "/council/themes/<slug>", "/council/themes/<slug>/guess"},
    "test_groups.py": {"/jeunes-aines-femmes"},
    # As a whole: not a letter changes with an answer that is hidden.
    "test_hidden_quartiers.py": {
        "/comment-les-chiffres-sont-calcules", "/comment-les-chiffres-sont-calcules/annexe",
        "/comprendre-les-chiffres", "/chiffres/<item>", "/donnees/api/v1/items",
    },
}  # fmt: skip
#: they show no figure of this wave
QUIET = {
    "/accessibilite", "/ce-que-vous-proposez", "/chiffres-publies", "/donnees-personnelles", "/editions",
    "/donnees/api/v1/", "/donnees/api/v1/openapi.json", "/mentions-legales",
    "/telecharger-les-donnees", "/sign-in", "/papers", "/council/themes/<slug>/opinion",
}  # fmt: skip
#: one that hides two quartiers; all of them with `BAROMETRE_FULL=1`
TRIED = list(KINDS) if FULL else ["two tiny quartiers"]


def read_everything(app: Flask) -> Reader:
    """All that leaves, to whoever is a member of a council and reads the papers too."""
    client, council = app.test_client(), sign_in(app.test_client(), "council")
    papers, people = read_papers(app)
    told = [
        *read_files(app, client),
        *papers,
        *read_elsewhere(app, client),
        *read_council(app, council),
    ]
    return read_site(app, client).add_sources(told, [read_interviews(client), *people])


def test_nothing_follows_from_everything_that_leaves_the_demonstration(
    app: Flask, record_property: Any
) -> None:
    counts = settle_demonstration(app)
    reader = read_everything(app)
    read = {row.page.split("/")[1 if row.page.startswith("/") else 0] for row in reader.list_told()}
    assert {"csv", "xlsx", "api", "donnees", "report", "slides", "sheet", "chiffres", "council"} <= read
    record_property("figures", attack(reader, counts))
    check_silent(reader, counts)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", TRIED)
def test_nothing_follows_from_everything_that_leaves(app: Flask, kind: str, seed: int) -> None:
    asked = app.extensions["town"].current_wave.questionnaire
    counts = tally(asked, draw(asked, KINDS[kind], seed))
    settle(app, counts)
    reader = read_everything(app)
    attack(reader, counts)
    check_silent(reader, counts)


def test_every_address_of_results_is_read_or_shows_none() -> None:
    matrix = tomllib.loads(MATRIX.read_text(encoding="utf-8"))
    routes = matrix["public"] | matrix["desk"] | matrix["councils"]
    shown = {
        route.split()[-1]
        for route, roles in routes.items()
        if "GET" in route and ({"public", "council"} & {*roles} or route.split()[-1].startswith("/papers"))
    }
    # The first pages of the desk: `test_public_pages.py` compares them.
    assert shown - {"/desk", "/desk/to-confirm"} == set().union(QUIET, *READ.values())
