"""The matrix route × role: written down, worn by every route, and tried."""

import tomllib
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.routing import Rule

from barometre.access import DEVICE, PUBLIC, ROLES, RouteWithoutRoles, allow, allowed_roles, check_routes
from tests.support import sign_in

MATRIX_FILE = Path(__file__).with_name("access_matrix.toml")
MATRIX: dict[str, set[str]] = {
    route: set(roles)
    for room in tomllib.loads(MATRIX_FILE.read_text(encoding="utf-8")).values()
    for route, roles in room.items()
}
#: something of each type that is nowhere in the database
EXAMPLES = {"int": 999_999, "uuid": UUID(int=0), "string": "nowhere", "default": "nowhere", "path": "nowhere"}


def list_rules(app: Flask) -> list[Rule]:
    """Every route but the static files."""
    return [rule for rule in app.url_map.iter_rules() if not rule.endpoint.endswith("static")]


def name_rule(rule: Rule) -> str:
    """A route as the matrix names it."""
    return f"{' '.join(sorted((rule.methods or set()) - {'HEAD', 'OPTIONS'}))} {rule.rule}"


def build_address(app: Flask, rule: Rule) -> str:
    """An address that the route answers, although nothing may be there."""
    values = {
        argument: EXAMPLES[next(kind for kind in EXAMPLES if app.url_map.converters[kind] is type(converter))]
        for argument, converter in rule._converters.items()
    }
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


def test_the_matrix_names_every_route_and_no_other(house: Flask) -> None:
    assert {name_rule(rule) for rule in list_rules(house)} == set(MATRIX)


def test_every_route_wears_the_roles_of_the_matrix(house: Flask) -> None:
    worn = {name_rule(rule): allowed_roles(house, rule.endpoint) for rule in list_rules(house)}
    assert worn == MATRIX


@pytest.mark.parametrize("role", [*ROLES, None])
def test_a_person_opens_what_their_role_allows_and_nothing_else(house: Flask, role: str | None) -> None:
    client = house.test_client()
    if role:
        sign_in(client, role)
    for rule in list_rules(house):
        allowed = MATRIX[name_rule(rule)]
        for method in name_rule(rule).split()[:-1]:
            # Without its token a form goes no further than the check of forged requests: nothing changes.
            answer = client.open(build_address(house, rule), method=method)
            said = f"{role}: {method} {rule.rule} answered {answer.status_code}"
            if DEVICE in allowed:
                assert answer.status_code == 401, said
            elif PUBLIC in allowed or role in allowed:
                assert answer.status_code not in (401, 403), said
                assert not is_sent_to_sign_in(answer.location), said
            elif role:
                assert answer.status_code == 403, said
            else:
                assert answer.status_code == 303, said
                assert is_sent_to_sign_in(answer.location), said


def is_sent_to_sign_in(location: str | None) -> bool:
    """Whether a redirection asks somebody to sign in."""
    return location is not None and location.partition("?")[0] == "/sign-in"


def test_a_route_without_roles_stops_the_application() -> None:
    app = Flask(__name__)
    app.add_url_rule("/open", "open", allow("public")(lambda: ""))
    app.add_url_rule("/bare", "bare", lambda: "")
    with pytest.raises(RouteWithoutRoles, match="bare"):
        check_routes(app)


@pytest.mark.parametrize("roles", [(), ("emperor",), ("public", "analyst"), ("device", "public")])
def test_roles_that_mean_nothing_are_refused_where_they_are_written(roles: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="names no set of roles"):
        allow(*roles)
