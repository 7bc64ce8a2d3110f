"""The demonstration starts with one command, keeps what visitors add, and starts again when it must."""

from __future__ import annotations

import http.cookiejar
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from barometre.access import is_strong, verify_password
from barometre.cli import Refused
from barometre.config import CHECKOUT, Config
from barometre.demonstration import ACCOUNTS, PASSWORD, check_port, key_file, prepare, read_secret, tell
from barometre.estimates.counts import Counts
from barometre.intake.sealing import Keyring
from barometre.questionnaire.load import load_town
from barometre.questionnaire.town import Town
from barometre.results.findings import find_results
from barometre.storage.counts import fetch_counts
from barometre.storage.engine import Database
from barometre.storage.people import fetch_password_hash, fetch_people
from barometre.storage.releases import fetch_releases
from barometre.storage.sealing_keys import fetch_public_key
from tests.support import seal, store_interview

#: a loaded machine may be slow; a broken demonstration stops by itself well before
PATIENCE = 180


@pytest.fixture(scope="module")
def town() -> Town:
    return load_town(Config.surveys_dir / Config.town)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, town: Town) -> Path:
    """A demonstration's database that no test changes."""
    path = tmp_path_factory.mktemp("prepared") / "instance" / "demonstration.sqlite"
    assert "252" in prepare(path, town)
    return path


@pytest.fixture
def path(tmp_path: Path, prepared: Path) -> Path:
    """A copy of it, to change."""
    return Path(shutil.copy(prepared, tmp_path))


@contextmanager
def opened(path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{path}")
    try:
        yield database
    finally:
        database.engine.dispose()


def count_interviews(path: Path) -> int:
    with opened(path) as database, database.read() as session:
        counts = fetch_counts(session, "2027")
        assert counts is not None
        return counts.total


def add_interview(path: Path, town: Town) -> None:
    answers = dict.fromkeys(town.current_wave.questionnaire.key_items, 3)
    with opened(path) as database:
        assert store_interview(database, town, {"quartier": 1, **answers}).status == "stored"


def test_a_new_database_holds_interviews_accounts_and_one_release(prepared: Path, town: Town) -> None:
    with opened(prepared) as database, database.read() as session:
        people = fetch_people(session)
        assert {person.username for person in people} == {account.username for account in ACCOUNTS}
        assert {person.council for person in people if "council" in person.roles} == {"CC1"}
        for person in people:
            assert is_strong(PASSWORD, person.username)
            assert verify_password(fetch_password_hash(session, person.id), PASSWORD)
        (release,) = fetch_releases(session, "2027")
        assert release.dispositions["refusal"] == 15
        released = find_results(town, Counts.from_document(release.counts))
    assert released.interviews["ALL"] == 222


def test_the_next_start_keeps_the_interviews_of_visitors(path: Path, town: Town) -> None:
    add_interview(path, town)
    assert "conservée" in prepare(path, town)
    assert count_interviews(path) == 223


def test_what_a_tablet_seals_opens_here_after_a_restart_too(path: Path, town: Town) -> None:
    public = []
    for _start in range(2):
        prepare(path, town)
        with opened(path) as database, database.read() as session:
            public.append(fetch_public_key(session, town.current_wave.id))
    assert public[0] == public[1]
    assert public[0]
    assert Keyring(key_file(path)).open(seal(b"an interview", public[0])) == b"an interview"
    key_file(path).unlink()
    prepare(path, town)
    with opened(path) as database, database.read() as session:
        renewed = fetch_public_key(session, town.current_wave.id)
    assert renewed
    assert Keyring(key_file(path)).open(seal(b"another", renewed)) == b"another"


def test_reset_starts_again(path: Path, town: Town) -> None:
    add_interview(path, town)
    prepare(path, town, reset=True)
    assert count_interviews(path) == 222


def test_another_questionnaire_starts_again_and_says_so(tmp_path: Path, town: Town) -> None:
    path = tmp_path / "demonstration.sqlite"
    wave = town.current_wave
    older = replace(wave, questionnaire=replace(wave.questionnaire, version="0" * 64))
    prepare(path, replace(town, waves={**town.waves, wave.id: older}))
    assert "Le questionnaire a changé" in prepare(path, town)
    assert count_interviews(path) == 222


def test_the_key_that_signs_the_cookies_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "demonstration.key"
    secret = read_secret(path)
    assert len(secret) > 40
    assert read_secret(path) == secret
    assert path.stat().st_mode & 0o077 == 0


def test_a_port_in_use_is_refused_before_anything_is_touched() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(Refused, match="n’est pas libre"):
        check_port("127.0.0.1", taken.getsockname()[1])


def test_the_visitor_is_told_the_addresses_and_the_accounts() -> None:
    told = "\n".join(tell("", "http://127.0.0.1:8000"))
    for expected in (
        "/sign-in",
        "/interview/",
        "/desk",
        PASSWORD,
        *(account.username for account in ACCOUNTS),
    ):
        assert expected in told


def find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def demonstration(folder: Path) -> Iterator[str]:
    """The command itself, in a process of its own; gives its address."""
    port = find_free_port()
    command = [sys.executable, "-m", "barometre", "demo", "--port", str(port), "--instance", str(folder)]
    with (folder.parent / "output").open("wb") as output:
        process = subprocess.Popen(
            command, cwd=CHECKOUT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=PATIENCE)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()


class Visitor:
    """A browser without a screen: it keeps its cookies."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
        )

    def read(self, path: str, **form: str) -> tuple[str, str]:
        """Address reached and page."""
        data = urllib.parse.urlencode(form).encode() if form else None
        with self.opener.open(self.address + path, data, timeout=PATIENCE) as answer:
            return answer.geturl(), answer.read().decode()

    def wait(self) -> str:
        """The first page, as soon as there is one."""
        for _attempt in range(10 * PATIENCE):
            try:
                return self.read("/")[1]
            except urllib.error.URLError:
                time.sleep(0.1)
        raise AssertionError("the demonstration does not answer")


def test_the_command_serves_the_simulated_wave_and_lets_its_accounts_sign_in(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    with demonstration(folder) as address:
        visitor = Visitor(address)
        page = visitor.wait()
        assert "Données simulées" in page
        assert "Environ 220" in page
        _reached, form = visitor.read("/sign-in")
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form)
        assert found is not None
        reached, _page = visitor.read("/sign-in", csrf_token=found[1], username="analyse", password=PASSWORD)
        assert not reached.endswith("/sign-in")
        reached, page = visitor.read("/desk")
        assert reached.endswith("/desk")
        assert "analyse" in page
    told = (tmp_path / "output").read_text(encoding="utf-8")
    assert PASSWORD in told
    assert address in told
