"""The keys that tablets seal to: made, listed, retired, copied for escrow and put back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from joserfc import jwe

from barometre.cli import main
from barometre.intake import keys
from barometre.intake.keys import UnusableKeyFile, add_keys, ensure_key, make_key, read_copy, read_keys
from barometre.storage.engine import Database
from barometre.storage.schema import upgrade
from barometre.storage.sealing_keys import fetch_public_key, fetch_public_keys, record_public_key

PASSPHRASE = "trois péniches sous la neige"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of keys that does not exist yet."""
    return tmp_path / "sealing-keys.json"


@pytest.fixture
def environment(database_url: str, path: Path) -> Mapping[str, str]:
    """Settings of an instance whose tables are made."""
    upgrade(Database(database_url))
    return {"SECRET_KEY": "tests only", "DATABASE_URL": database_url, "SEALING_KEYS": str(path)}


@pytest.fixture
def store(environment: Mapping[str, str]) -> Iterator[Database]:
    """Its database."""
    found = Database(environment["DATABASE_URL"])
    yield found
    found.engine.dispose()


def run(environment: Mapping[str, str], *arguments: str, typed: str = "") -> Result:
    """`barometre keys …`."""
    unset = dict.fromkeys(["SECRET_KEY", "DATABASE_URL", "SURVEYS_DIR", "TOWN", "SEALING_KEYS"])
    return CliRunner().invoke(main, ["keys", *arguments], input=typed, env={**unset, **environment})


def make(environment: Mapping[str, str]) -> str:
    """A new key of the current wave."""
    result = run(environment, "make", "--wave", "2027")
    assert result.exit_code == 0, result.output
    return result.output.split()[1]


def read_public(store: Database) -> dict[str, Any]:
    """What tablets are given."""
    with store.read() as session:
        found = fetch_public_key(session, "2027")
    assert found
    return found


def test_a_key_is_kept_in_the_file_and_its_public_part_alone_in_the_database(
    environment: Mapping[str, str], store: Database, path: Path
) -> None:
    kid = make(environment)
    assert path.stat().st_mode & 0o777 == 0o600
    private = read_keys(path)[kid]
    assert read_public(store) == {name: private[name] for name in ("kty", "crv", "x", "y", "kid")}
    assert (private["kty"], private["crv"]) == ("EC", "P-256")


def test_what_to_do_next_is_said(environment: Mapping[str, str]) -> None:
    said = run(environment, "make", "--wave", "2027").output
    assert "keys copy" in said
    assert "docs/keys.md" in said


def test_tablets_get_the_newest_key_and_the_older_ones_still_open(
    environment: Mapping[str, str], store: Database, path: Path
) -> None:
    first, second = make(environment), make(environment)
    assert read_public(store)["kid"] == second
    assert set(read_keys(path)) == {first, second}
    assert run(environment, "retire", second).exit_code == 0
    assert read_public(store)["kid"] == first
    listed = run(environment, "list").output.splitlines()
    assert [line.split()[0] for line in listed] == [first, second]
    assert "tablets seal with it" in listed[0]
    assert "retired on" in listed[1]
    again = run(environment, "retire", second)
    assert (again.exit_code, "retired already" in again.output) == (1, True)


def test_a_kid_that_begins_with_a_dash_is_no_option(
    environment: Mapping[str, str], store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(lambda: keys.ECKey.generate_key(keys.CURVE), None)
    # An "h" in it asked for help.
    dashed = next(key for key in drawn if key.thumbprint().startswith("-") and "h" in key.thumbprint())
    monkeypatch.setattr(keys.ECKey, "generate_key", lambda _curve: dashed)
    kid = make(environment)
    assert kid.startswith("-")
    assert run(environment, "retire", kid).exit_code == 0
    with store.read() as session:
        assert fetch_public_key(session, "2027") is None
    assert run(environment, "retire", "--unheard-of").exit_code != 0


def test_a_key_of_another_wave_is_not_given(environment: Mapping[str, str], store: Database) -> None:
    with store.write() as session:
        record_public_key(session, "2031", {"kid": "other", "kty": "EC", "crv": "P-256", "x": "x", "y": "y"})
        assert fetch_public_key(session, "2027") is None
    assert run(environment, "make", "--wave", "2023").exit_code == 2


def test_a_private_part_that_is_not_here_is_named(
    environment: Mapping[str, str], store: Database, path: Path
) -> None:
    kid = make(environment)
    path.unlink()
    assert f"{kid}  2027" in run(environment, "list").output
    assert "PRIVATE PART MISSING" in run(environment, "list").output
    with store.write() as session:
        # Tablets would seal to what nobody here can open: another one is made.
        other = ensure_key(session, path, "2027")
        assert ensure_key(session, path, "2027") == other
    assert other != kid
    assert read_public(store)["kid"] == other


def test_a_file_that_others_can_read_is_refused_and_left_alone(
    environment: Mapping[str, str], store: Database, path: Path, tmp_path: Path
) -> None:
    make(environment)
    before = path.read_bytes()
    path.chmod(0o640)
    for arguments in (["make", "--wave", "2027"], ["copy", str(tmp_path / "copy.jwe")]):
        refused = run(environment, *arguments)
        assert refused.exit_code == 1
        assert f"chmod 600 {path}" in refused.output
    assert path.read_bytes() == before
    with store.read() as session:
        assert len(fetch_public_keys(session)) == 1


@pytest.mark.parametrize("content", ["", "{}", '{"keys": [{"kid": "k"}]}', "[]", '{"keys": "none"}'])
def test_a_damaged_file_is_never_written_over(
    environment: Mapping[str, str], path: Path, content: str
) -> None:
    path.write_text(content, encoding="utf-8")
    path.chmod(0o600)
    refused = run(environment, "make", "--wave", "2027")
    assert refused.exit_code == 1
    assert "keys restore" in refused.output
    assert path.read_text(encoding="utf-8") == content


def test_a_kid_that_is_not_its_key_s_thumbprint_is_no_key(environment: Mapping[str, str], path: Path) -> None:
    make(environment)
    held = json.loads(path.read_text(encoding="utf-8"))
    held["keys"][0]["kid"] = "another"
    path.write_text(json.dumps(held), encoding="utf-8")
    with pytest.raises(UnusableKeyFile):
        read_keys(path)


def test_without_the_setting_or_the_folder_nothing_is_made(
    environment: Mapping[str, str], store: Database, tmp_path: Path
) -> None:
    unset = run({**environment, "SEALING_KEYS": ""}, "make", "--wave", "2027")
    assert (unset.exit_code, "SEALING_KEYS is not set" in unset.output) == (2, True)
    nowhere = run({**environment, "SEALING_KEYS": str(tmp_path / "no" / "keys")}, "make", "--wave", "2027")
    assert (nowhere.exit_code, str(tmp_path / "no") in nowhere.output) == (1, True)
    with store.read() as session:
        assert fetch_public_keys(session) == []


def test_keys_made_at_the_same_time_are_all_kept(store: Database, path: Path) -> None:
    def make_one(_number: int) -> str:
        with store.write() as session:
            return make_key(session, path, "2027")

    with ThreadPoolExecutor(4) as pool:
        kids = set(pool.map(make_one, range(6)))
    assert set(read_keys(path)) == kids
    assert len(kids) == 6


def test_a_machine_that_stops_while_a_key_is_added_leaves_the_old_file(
    environment: Mapping[str, str], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kid = make(environment)

    def stop(_descriptor: int) -> None:
        raise OSError("stopped")

    monkeypatch.setattr(keys.os, "fsync", stop)
    assert run(environment, "make", "--wave", "2027").exit_code == 1
    monkeypatch.undo()
    assert set(read_keys(path)) == {kid}
    assert len({kid, make(environment)} & set(read_keys(path))) == 2, (
        "what was left half-written is no hindrance"
    )


def test_a_copy_opens_with_its_passphrase_alone_and_puts_missing_keys_back(
    environment: Mapping[str, str], path: Path, tmp_path: Path
) -> None:
    first, copy = make(environment), tmp_path / "copy.jwe"
    typed = f"{PASSPHRASE}\n"
    made = run(environment, "copy", str(copy), "--passphrase-stdin", typed=typed)
    assert made.exit_code == 0, made.output
    assert copy.stat().st_mode & 0o077 == 0
    private = read_keys(path)[first]["d"]
    assert private not in copy.read_text(encoding="ascii")
    assert list(read_copy(copy, PASSPHRASE)) == [first]

    path.unlink()
    second = make(environment)
    wrong = run(environment, "restore", str(copy), "--passphrase-stdin", typed="another passphrase\n")
    assert (wrong.exit_code, "does not open" in wrong.output) == (1, True)
    assert set(read_keys(path)) == {second}
    back = run(environment, "restore", str(copy), "--passphrase-stdin", typed=typed)
    assert (back.exit_code, f"{first} is back" in back.output) == (0, True)
    assert "interviews judge" in back.output
    assert set(read_keys(path)) == {first, second}
    again = run(environment, "restore", str(copy), "--passphrase-stdin", typed=typed)
    assert (again.exit_code, "1 of 1 were there already" in again.output) == (0, True)


def test_a_copy_is_what_rfc_7518_says_with_many_rounds(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    make(environment)
    copy = tmp_path / "copy.jwe"
    run(environment, "copy", str(copy), "--passphrase-stdin", typed=f"{PASSPHRASE}\n")
    opened = jwe.decrypt_compact(
        copy.read_bytes().strip(), keys._derive_from(PASSPHRASE), algorithms=list(keys.ESCROW)
    )
    assert opened.protected["alg"] == "PBES2-HS512+A256KW"
    assert opened.protected["enc"] == "A256GCM"
    assert opened.protected["p2c"] >= 210_000


def test_a_short_passphrase_or_a_name_that_is_taken_makes_no_copy(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    copy = tmp_path / "copy.jwe"
    empty = run(environment, "copy", str(copy), "--passphrase-stdin", typed=f"{PASSPHRASE}\n")
    assert (empty.exit_code, "There is no key" in empty.output) == (1, True)
    make(environment)
    short = run(environment, "copy", str(copy), "--passphrase-stdin", typed="too short\n")
    assert (short.exit_code, "12 characters" in short.output) == (2, True)
    assert not copy.exists()
    copy.write_text("something else", encoding="ascii")
    taken = run(environment, "copy", str(copy), "--passphrase-stdin", typed=f"{PASSPHRASE}\n")
    assert (taken.exit_code, "exists already" in taken.output) == (1, True)
    assert copy.read_text(encoding="ascii") == "something else"


def test_adding_a_key_that_is_there_changes_nothing(environment: Mapping[str, str], path: Path) -> None:
    make(environment)
    before = path.stat().st_ino
    assert add_keys(path, read_keys(path).values()) == []
    assert path.stat().st_ino == before
