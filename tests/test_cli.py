"""The commands, run as a person runs them."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import update

from barometre.access import verify_password
from barometre.cli import main
from barometre.config import CHECKOUT
from barometre.questionnaire.load import load_town
from barometre.storage.counts import fold_counts
from barometre.storage.engine import Database
from barometre.storage.models import CellCount
from barometre.storage.people import fetch_password_hash, fetch_person
from barometre.storage.versions import register_version
from tests.support import choose_first, store_interview

PASSWORD = "quatre chevaux sous la pluie"


@pytest.fixture
def environment(sqlite_url: str) -> Mapping[str, str]:
    """Settings of an instance whose tables are made."""
    settings = {"SECRET_KEY": "tests only", "DATABASE_URL": sqlite_url}
    assert run(settings, "database", "upgrade").exit_code == 0
    return settings


def run(environment: Mapping[str, str], *arguments: str, typed: str = "") -> Result:
    """One command."""
    unset = dict.fromkeys(["SECRET_KEY", "DATABASE_URL", "SURVEYS_DIR", "TOWN"])
    return CliRunner().invoke(main, list(arguments), input=typed, env={**unset, **environment})


def add(environment: Mapping[str, str], *arguments: str, password: str = PASSWORD) -> Result:
    """`users add` with a password on the standard input."""
    return run(environment, "users", "add", *arguments, "--password-stdin", typed=f"{password}\n")


def test_a_missing_setting_is_one_sentence() -> None:
    result = run({}, "users", "list")
    assert result.exit_code == 2
    assert result.output == "Error: Missing setting: give SECRET_KEY and DATABASE_URL in the environment.\n"


def test_somebody_added_can_sign_in(environment: Mapping[str, str]) -> None:
    result = add(environment, "Membre-1", "--role", "council", "--role", "interviewer", "--council", "CC1")
    assert (result.exit_code, result.output) == (0, "membre-1 can sign in: council, interviewer.\n")
    assert run(environment, "users", "list").output == "membre-1: council, interviewer (CC1)\n"
    database = Database(environment["DATABASE_URL"])
    with database.read() as session:
        person = fetch_person(session, "membre-1")
        assert person
        assert verify_password(fetch_password_hash(session, person.id), PASSWORD)
    database.engine.dispose()


@pytest.mark.parametrize(
    ("arguments", "password"),
    [
        (["a-name", "--role", "analyst"], "short"),
        (["a-name", "--role", "analyst"], "a-name is in it"),
        (["a-name", "--role", "analyst", "--council", "CC1"], PASSWORD),
        (["a-name", "--role", "council"], PASSWORD),
        (["a-name", "--role", "council", "--council", "CC9"], PASSWORD),
        (["a-name", "--role", "emperor"], PASSWORD),
        (["a-name"], PASSWORD),
    ],
)
def test_nobody_is_added_with_a_weak_password_or_roles_that_mean_nothing(
    environment: Mapping[str, str], arguments: list[str], password: str
) -> None:
    assert add(environment, *arguments, password=password).exit_code == 2
    assert run(environment, "users", "list").output == ""


def test_a_name_is_taken_once(environment: Mapping[str, str]) -> None:
    add(environment, "analyste", "--role", "analyst")
    result = add(environment, "Analyste", "--role", "analyst")
    assert (result.exit_code, result.output) == (2, "Error: analyste is taken.\n")


def test_a_password_is_changed_from_the_command_line(environment: Mapping[str, str]) -> None:
    add(environment, "analyste", "--role", "analyst")
    changed = run(
        environment, "users", "password", "analyste", "--password-stdin", typed="cinq chevaux sans pluie\n"
    )
    assert changed.exit_code == 0
    unknown = run(environment, "users", "password", "nobody", "--password-stdin", typed=f"{PASSWORD}\n")
    assert (unknown.exit_code, unknown.output) == (2, "Error: Nobody is called nobody.\n")


def test_sound_survey_files_are_said_to_be_sound() -> None:
    result = run({}, "surveys", "check")
    assert result.exit_code == 0
    assert "Niort 2027" in result.output


def test_the_files_of_the_environment_s_town_are_checked(tmp_path: Path) -> None:
    shutil.copytree(CHECKOUT / "tests" / "surveys" / "bourg-fictif", tmp_path / "bourg")
    result = run({"SURVEYS_DIR": str(tmp_path), "TOWN": "bourg"}, "surveys", "check")
    assert (result.exit_code, "Bourg-Fictif 2030" in result.output) == (0, True)


def test_every_defect_of_the_survey_files_is_named_at_once(tmp_path: Path) -> None:
    town = tmp_path / "niort"
    shutil.copytree(CHECKOUT / "surveys" / "niort", town)
    (town / "indicators.toml").unlink()
    questionnaire = town / "2027" / "questionnaire.toml"
    text = questionnaire.read_text(encoding="utf-8")
    questionnaire.write_text(text.replace('scale = "attachement4"', 'scale = "nowhere"'), encoding="utf-8")
    result = run({}, "surveys", "check", str(town))
    assert result.exit_code == 1
    assert "indicators.toml: the file is missing" in result.output
    assert "2027/questionnaire.toml [attachement]: no scale is called “nowhere”" in result.output
    assert "→" in result.output


def test_a_release_needs_a_wave_that_is_collected(environment: Mapping[str, str]) -> None:
    wrong = run(environment, "editions", "make", "--wave", "2023")
    assert wrong.exit_code == 2
    assert "2027" in wrong.output


def test_a_release_freezes_the_interviews_there_are(environment: Mapping[str, str]) -> None:
    empty = run(environment, "editions", "make", "--wave", "2027")
    assert (empty.exit_code, empty.output) == (1, "Error: 2027 has no interview yet.\n")
    database, town = Database(environment["DATABASE_URL"]), load_town(CHECKOUT / "surveys" / "niort")
    store_interview(database, town, choose_first(town.current_wave.questionnaire))
    database.engine.dispose()
    made = run(environment, "editions", "make", "--wave", "2027")
    said = "An edition of 2027 is prepared: check and publish it at /desk/editions/1.\n"
    assert (made.exit_code, made.output) == (0, said)


def test_counts_are_checked_against_the_interviews_and_made_again(database_url: str) -> None:
    settings = {"SECRET_KEY": "tests only", "DATABASE_URL": database_url}
    run(settings, "database", "upgrade")
    database, town = Database(database_url), load_town(CHECKOUT / "surveys" / "niort")
    assert run(settings, "counts", "check", "--wave", "2027").exit_code == 0, "no interview yet"
    store_interview(database, town, choose_first(town.current_wave.questionnaire))
    sound = run(settings, "counts", "check", "--wave", "2027")
    assert (sound.exit_code, sound.output) == (0, "The counts of 2027 are those of its interviews.\n")
    with database.write() as session:
        fold_counts(session.connection(), register_version(session, town.current_wave.questionnaire))
        session.execute(update(CellCount).values(interviews=CellCount.interviews + 1))
    damaged = run(settings, "counts", "check", "--wave", "2027")
    assert damaged.exit_code == 1
    assert "counts rebuild --wave 2027" in damaged.output
    assert run(settings, "counts", "rebuild", "--wave", "2027").exit_code == 0
    assert run(settings, "counts", "check", "--wave", "2027").exit_code == 0
    assert run(settings, "counts", "check", "--wave", "2023").exit_code == 0, "its interviews may turn up"
    assert run(settings, "counts", "check", "--wave", "2031").exit_code == 2


def test_a_server_is_not_started_on_broken_survey_files(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "bourg").mkdir()
    settings = {**environment, "SURVEYS_DIR": str(tmp_path), "TOWN": "bourg"}
    result = run(settings, "serve")
    assert result.exit_code == 1
    assert "town.toml" in result.output


def test_the_commands_for_files_know_the_town(environment: Mapping[str, str]) -> None:
    result = run(environment, "interviews", "template", "--wave", "2027")
    assert result.exit_code == 0
    assert result.output.startswith("interview_id;quartier;")
    without_settings = run({}, "interviews", "template", "--wave", "2027")
    assert without_settings.exit_code == 2
