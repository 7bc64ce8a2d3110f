"""The demonstration's figures without its opinions, and members of both councils."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete
from werkzeug.test import TestResponse

from barometre.demonstration import fill
from barometre.storage.models import (
    CouncilDraft,
    CouncilOpinion,
    CouncilProposal,
    OpinionHiding,
    ProposalAnswer,
)
from tests.support import give_account, make_app, sign_in

#: those that point at others first
WRITTEN = (ProposalAnswer, OpinionHiding, CouncilProposal, CouncilOpinion, CouncilDraft)
PAGE = "/council/themes/bien-vivre/opinion"


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration, with somebody of each council and of the staff."""
    folder: Path = tmp_path_factory.mktemp("councils")
    app = make_app(f"sqlite:///{folder / 'barometre.sqlite'}", demonstration=True)
    with app.extensions["database"].write() as session:
        fill(session, app.extensions["town"])
    give_account(app, "ours", "council", council="CC1")
    give_account(app, "ours-too", "council", council="CC1")
    give_account(app, "theirs", "council", council="CC2")
    give_account(app, "nobody", "council", council="CC9")
    for role in ("interviewer", "supervisor", "analyst", "administrator"):
        give_account(app, role, role)
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture
def app(filled: Flask) -> Flask:
    """The same, before any council wrote a word."""
    with filled.extensions["database"].write() as session:
        for table in WRITTEN:
            session.execute(delete(table))
    return filled


@pytest.fixture
def enter(app: Flask) -> Callable[[str], FlaskClient]:
    """Sign somebody in on a browser of their own."""
    return lambda username: sign_in(app.test_client(), username)


def read_token(client: FlaskClient, address: str = "/account") -> str:
    """The token that the forms of this browser carry."""
    page = client.get(address).get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def post(client: FlaskClient, address: str, **values: object) -> TestResponse:
    """Send a form as a browser does."""
    return client.post(address, data={"csrf_token": read_token(client), **values})


def write(
    client: FlaskClient, text: str, *proposals: str, revision: int = 0, page: str = PAGE
) -> TestResponse:
    """Save a draft."""
    return post(client, page, revision=revision, text=text, proposal=list(proposals))


def adopt(client: FlaskClient, text: str, *proposals: str, revision: int = 0, page: str = PAGE) -> None:
    """Save a draft and adopt it."""
    assert write(client, text, *proposals, revision=revision, page=page).status_code == 303
    assert post(client, f"{page}/adopt", revision=revision + 1).status_code == 303
