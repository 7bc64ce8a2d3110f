"""The interface for programs: what it answers keeps to its own description, and anybody may read it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from barometre.questionnaire.town import Licence
from barometre.results.files.openapi import describe_interface
from tests.results.files_read import fetch, release
from tests.support import give_account, make_app, sign_in

ROOT = "/donnees/api/v1"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Niort, released."""
    app = make_app(f"sqlite:///{tmp_path_factory.mktemp('api') / 'barometre.sqlite'}")
    give_account(app, "analyst", "analyst")
    release(app, "tiny quartier", 1)
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture(scope="module")
def description(app: Flask) -> Json:
    """The OpenAPI document as it is served."""
    document: Json = json.loads(fetch(app.test_client(), f"{ROOT}/openapi.json"))
    return document


def check(description: Json, path: str, status: int, value: object) -> None:
    """Compare an answer with the schema of its path and status."""
    answer = description["paths"][path]["get"]["responses"][str(status)]
    schema = {**answer["content"]["application/json"]["schema"], "components": description["components"]}
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(value)


def test_the_description_is_openapi_3_1(description: Json) -> None:
    assert description["openapi"].startswith("3.1")
    validate(description, cls=OpenAPIV31SpecValidator)


def test_a_licence_that_is_known_is_told(app: Flask, description: Json) -> None:
    assert "license" not in description["info"]
    for licence in (Licence("Licence Ouverte 2.0"), Licence("Licence Ouverte 2.0", "https://example.org/lo")):
        document = describe_interface(replace(app.extensions["town"], licence=licence), ROOT, simulated=True)
        validate(document, cls=OpenAPIV31SpecValidator)
        assert document["info"]["license"].get("url", "") == licence.address


def test_every_route_is_described_and_no_other(app: Flask, description: Json) -> None:
    routes = {
        rule.rule.removeprefix(ROOT).replace("<item>", "{item}")
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(ROOT)
    }
    assert set(description["paths"]) == routes
    assert description["servers"] == [{"url": ROOT}]


def test_every_answer_keeps_to_its_schema(app: Flask, description: Json) -> None:
    client = app.test_client()
    for path in description["paths"]:
        value = json.loads(fetch(client, ROOT + path.replace("{item}", "satisfaction")))
        check(description, path, 200, value)
        if path not in ("/", "/openapi.json"):
            assert value["simule"] is True


def test_the_items_are_those_that_have_results(app: Flask) -> None:
    client = app.test_client()
    items = json.loads(fetch(client, f"{ROOT}/items"))["questions"]
    assert items
    for item in items:
        lines = json.loads(fetch(client, f"{ROOT}/results/{item['question_id']}"))["resultats"]
        assert lines[0]["question_id"] == item["question_id"]
        assert set(item["codes_part_principale"]) <= {o["code"] for o in item["reponses"]}


def test_what_is_not_there_is_said_in_json(app: Flask, description: Json) -> None:
    client = app.test_client()
    answer = client.get(f"{ROOT}/results/nowhere")
    assert answer.status_code == 404
    check(description, "/results/{item}", 404, answer.get_json())
    assert "nowhere" in answer.get_json()["message"]
    assert f"{ROOT}/items" in answer.get_json()["message"]
    for address in (f"{ROOT}/nothing", "/donnees/api/v2/"):
        answer = client.get(address)
        assert answer.status_code == 404
        assert answer.get_json()["code"] == "not_found"


def test_before_a_release_every_answer_says_that_nothing_is_published(
    tmp_path: Path, description: Json
) -> None:
    client = make_app(f"sqlite:///{tmp_path / 'empty.sqlite'}").test_client()
    for path in description["paths"]:
        answer = client.get(ROOT + path.replace("{item}", "satisfaction"))
        if path in ("/", "/openapi.json"):
            assert answer.status_code == 200
        else:
            check(description, path, 404, answer.get_json())
            assert answer.get_json()["message"].startswith("Rien n’est publié")


def test_the_index_answers_without_its_last_slash(app: Flask) -> None:
    assert fetch(app.test_client(), ROOT) == fetch(app.test_client(), f"{ROOT}/")


def test_a_question_about_an_answer_has_the_headers_of_the_answer(app: Flask, description: Json) -> None:
    client = app.test_client()
    for path in description["paths"]:
        address = ROOT + path.replace("{item}", "satisfaction")
        answer, asked = client.get(address), client.head(address)
        assert asked.status_code == 200, address
        assert asked.get_data() == b""
        for name in ("ETag", "Content-Type", "Content-Length", "Cache-Control"):
            assert asked.headers[name] == answer.headers[name], (address, name)
    assert client.head(f"{ROOT}/results/nowhere").status_code == 404


def test_nothing_can_be_written(app: Flask) -> None:
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(app.test_client(), method)(f"{ROOT}/results")
        assert answer.status_code == 405, method
        assert {"GET", "HEAD"} <= set(answer.allow)
        assert answer.is_json


def test_an_answer_that_has_not_changed_is_not_sent_again(app: Flask, description: Json) -> None:
    client = app.test_client()
    for path in description["paths"]:
        address = ROOT + path.replace("{item}", "satisfaction")
        first = client.get(address)
        assert first.cache_control.public
        again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304, address
        assert again.get_data() == b""
        assert again.headers["Access-Control-Allow-Origin"] == "*"
    other = client.get(f"{ROOT}/results", headers={"If-None-Match": '"something else"'})
    assert other.status_code == 200


def test_scripts_of_other_sites_may_read_the_interface_and_nothing_else(app: Flask) -> None:
    client = app.test_client()
    for address in (f"{ROOT}/", f"{ROOT}/results", f"{ROOT}/results/nowhere", f"{ROOT}/nothing"):
        assert client.get(address).headers["Access-Control-Allow-Origin"] == "*", address
    for address in ("/", "/telecharger-les-donnees", "/sign-in", "/people/me", "/intake/ping"):
        assert "Access-Control-Allow-Origin" not in client.get(address).headers, address


def test_who_is_signed_in_changes_nothing(app: Flask) -> None:
    anonymous = app.test_client().get(f"{ROOT}/results")
    signed_in = sign_in(app.test_client(), "analyst").get(f"{ROOT}/results")
    assert signed_in.get_data() == anonymous.get_data()
    assert signed_in.headers["ETag"] == anonymous.headers["ETag"]
    assert signed_in.cache_control.public
