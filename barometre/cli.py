"""The commands: `python -m barometre` lists them."""

from __future__ import annotations

import json
import os
import runpy
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import NoReturn

import click
from flask import Flask

from barometre.access import ROLES, SHORTEST_PASSWORD, hash_password, is_strong
from barometre.app import create_app
from barometre.config import CHECKOUT, Config, ConfigError, find_town_dir
from barometre.estimates.planning import INTERVIEWER_EFFECT
from barometre.estimates.quotas import QuotaError
from barometre.i18n import extraction
from barometre.intake.commands import interviews
from barometre.intake.key_commands import keys
from barometre.questionnaire.defects import DefinitionError
from barometre.questionnaire.load import load_town
from barometre.questionnaire.town import Town
from barometre.results import plan, plan_text
from barometre.results.baseline_commands import baseline
from barometre.results.between import undo_each_other
from barometre.results.papers.commands import papers
from barometre.storage import people
from barometre.storage.counts import check_counts, rebuild_counts
from barometre.storage.engine import Database
from barometre.storage.releases import (
    FEW_INTERVIEWS,
    OPENS_HIDDEN,
    PAST_CHANGED,
    NothingToRelease,
    ReleaseTooClose,
    make_release,
)
from barometre.tabulate.commands import tabulate


class Refused(click.ClickException):
    """A setting or an argument that cannot work, told in one sentence."""

    exit_code = 2


def read_config() -> Config:
    """The settings of the environment."""
    try:
        return Config.from_env()
    except ConfigError as error:
        raise Refused(str(error)) from error


def open_database() -> Database:
    """The database of the environment."""
    return Database(read_config().database_url)


def read_town(folder: Path) -> Town:
    """The town of a folder; prints every defect and stops when it has some."""
    try:
        return load_town(folder)
    except DefinitionError as error:
        raise _tell_defects(error) from error


def open_application() -> Flask:
    """The application of the environment, for commands that need its languages too."""
    try:
        return create_app(read_config())
    except DefinitionError as error:
        raise _tell_defects(error) from error


def check_wave(town: Town, wave: str) -> str:
    """A wave that is collected here."""
    collected = [name for name, known in town.waves.items() if known.design]
    if wave not in collected:
        raise Refused(f"{wave} is not collected here; waves: {', '.join(collected)}.")
    return wave


def start_server(
    host: str, port: int, *, workers: int = 2, threads: int = 8, settings: Mapping[str, str] | None = None
) -> NoReturn:
    """Become gunicorn, with `settings` added to the environment; what is loaded already stays loaded."""
    os.environ.update(settings or {})
    # Loaded once before the workers start: a defect stops the server instead of restarting workers for ever.
    sys.argv = ["gunicorn", "--chdir", str(CHECKOUT), "--preload", "--no-control-socket"]
    sys.argv += ["--worker-class", "gthread", "--workers", str(workers), "--threads", str(threads)]
    sys.argv += ["--bind", f"[{host}]:{port}" if ":" in host else f"{host}:{port}", "wsgi:app"]
    sys.stdout.flush()
    runpy.run_module("gunicorn", run_name="__main__")
    sys.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """The Baromètre des quartiers."""
    context.obj = open_application


main.add_command(interviews)
main.add_command(keys)
main.add_command(tabulate)
main.add_command(baseline)
main.add_command(papers)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True, help="Processes.")
@click.option("--threads", default=8, show_default=True, help="Threads of each process.")
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Serve the application with gunicorn."""
    config = read_config()
    read_town(config.surveys_dir / config.town)
    start_server(host, port, workers=workers, threads=threads)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--reset", is_flag=True, help="Forget the demonstration's database and make it again.")
@click.option("--instance", type=click.Path(file_okay=False, path_type=Path), help="Folder of its database.")
def demo(host: str, port: int, reset: bool, instance: Path | None) -> None:
    """Serve Niort with the figures published in 2023 and simulated interviews of 2027."""
    from barometre import demonstration

    demonstration.run(host=host, port=port, reset=reset, folder=instance or demonstration.INSTANCE)


@main.group()
def database() -> None:
    """The database's tables."""


@database.command("upgrade")
def upgrade_database() -> None:
    """Bring the tables to the newest revision."""
    from barometre.storage import schema

    schema.upgrade(open_database())
    click.echo("The tables are up to date.")


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def backup(folder: Path) -> None:
    """Copy the database into a new file of FOLDER, restore the copy and count it.

    Tablets let go of the interviews that a copy holds: run it every day, and keep FOLDER on another disk.
    """
    from barometre.storage.backup import BackupFailed, back_up

    try:
        copy = back_up(open_database(), folder)
    except BackupFailed as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{copy.path} holds {copy.envelopes} envelopes, up to number {copy.seq}.")


@main.group()
def users() -> None:
    """People who sign in."""


@users.command("add")
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES))
@click.option("--council", help="Conseil citoyen of a council member, by its id.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the standard input.")
def add_user(name: str, roles: tuple[str, ...], council: str | None, password_stdin: bool) -> None:
    """Let NAME sign in."""
    config = read_config()
    if council or "council" in roles:
        known = [found.id for found in read_town(config.surveys_dir / config.town).councils]
        if "council" not in roles or council not in known:
            raise Refused(f"A council member, and nobody else, takes --council, one of {', '.join(known)}.")
    hashed = hash_password(_ask_password(name, password_stdin))
    try:
        with Database(config.database_url).write() as writing:
            person = people.add_person(writing, name, hashed, roles, council)
    except people.UsernameTaken as error:
        raise Refused(f"{error} is taken.") from error
    click.echo(f"{person.username} can sign in: {', '.join(sorted(person.roles))}.")


@users.command("password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from the standard input.")
def change_user_password(name: str, password_stdin: bool) -> None:
    """Give NAME another password and end their open sign-ins."""
    store = open_database()
    with store.read() as reading:
        person = people.fetch_person(reading, name)
    if person is None:
        raise Refused(f"Nobody is called {name}.")
    hashed = hash_password(_ask_password(name, password_stdin))
    with store.write() as writing:
        people.set_password(writing, person.id, hashed)
    click.echo(f"The password of {person.username} is changed.")


@users.command("list")
def list_users() -> None:
    """Everybody who signs in, with their roles."""
    with open_database().read() as reading:
        for person in people.fetch_people(reading):
            council = f" ({person.council})" if person.council else ""
            state = "" if person.active else " – closed"
            click.echo(f"{person.username}: {', '.join(sorted(person.roles))}{council}{state}")


@main.group()
def surveys() -> None:
    """The survey files of a town."""


@surveys.command("check")
@click.argument("town_dir", type=click.Path(path_type=Path), required=False)
def check_surveys(town_dir: Path | None) -> None:
    """Name every defect of TOWN_DIR (else the environment's town): file, item, reason and mend."""
    town = read_town(town_dir or find_town_dir(os.environ))
    for wave in town.waves.values():
        items = len(wave.questionnaire.items)
        figures = len(wave.published.figures) if wave.published else 0
        click.echo(f"{town.name} {wave.id}: {items} items, {figures} published figures. No defect.")


@main.command("plan")
@click.option("--town", "town_name", help="Folder in the surveys; else the environment's town.")
@click.option("--wave", help="Wave to plan; else the newest one.")
@click.option("--per-quartier", type=click.IntRange(min=1), help="Interviews in each quartier.")
@click.option("--item", default="", help="Item whose published shares are the starting point; else 50%.")
@click.option(
    "--deff",
    default=INTERVIEWER_EFFECT,
    show_default=True,
    type=click.FloatRange(1, 5),
    help="Design effect.",
)
@click.option("--power", default=0.8, show_default=True, type=click.FloatRange(0.5, 0.99))
@click.option("--json", "as_json", is_flag=True, help="Numbers for programs.")
def plan_wave(
    town_name: str | None,
    wave: str | None,
    per_quartier: int | None,
    item: str,
    deff: float,
    power: float,
    as_json: bool,
) -> None:
    """What a number of interviews could show, how many a rise needs, and the quotas."""
    town = read_town(find_town_dir({**os.environ, **({"TOWN": town_name} if town_name else {})}))
    planned = town.waves[check_wave(town, wave)] if wave else town.current_wave
    assert planned.design is not None
    starting = [indicator.item for indicator in plan.list_starting_points(town, planned)]
    if item and item not in starting:
        raise Refused(f"No published share of {item} to start from; items: {', '.join(starting)}.")
    interviews = plan.default_interviews(planned.design)
    if per_quartier:
        interviews = dict.fromkeys(interviews, per_quartier)
    try:
        found = plan.make_plan(town, planned, plan.Settings(interviews, item, power, deff))
    except QuotaError as error:
        raise Refused(f"{error}: ask for fewer interviews.") from error
    if as_json:
        click.echo(json.dumps(plan.to_document(found), indent=2))
    else:
        click.echo(plan_text.write_tables(town, found))


@main.group()
def translations() -> None:
    """The catalogues of the other languages."""


@translations.command("extract")
def extract_translations() -> None:
    """Bring every catalogue in line with the French sources."""
    for path, waiting in extraction.update_catalogues(CHECKOUT).items():
        click.echo(f"{path.relative_to(CHECKOUT)}: {waiting} to translate")


@translations.command("check")
def check_translations() -> None:
    """Name every message that is missing, obsolete or untranslated in a language that is offered."""
    drifts = extraction.find_drift(CHECKOUT)
    for drift in drifts:
        click.echo(drift, err=True)
    if drifts:
        raise click.ClickException(
            f"{len(drifts)} messages: run “barometre translations extract”, translate."
        )
    click.echo("The catalogues follow the sources.")


@main.group()
def counts() -> None:
    """The counts kept with the interviews, which every figure is made of."""


@counts.command("check")
@click.option("--wave", required=True)
def check_kept_counts(wave: str) -> None:
    """Compare the kept counts of a wave with a recount of its interviews."""
    with _open_database_for(wave).read() as reading:
        same = check_counts(reading, wave)
    if not same:
        raise click.ClickException(
            f"The counts of {wave} are not those of its interviews: run “counts rebuild --wave {wave}”."
        )
    click.echo(f"The counts of {wave} are those of its interviews.")


@counts.command("rebuild")
@click.option("--wave", required=True)
def rebuild_kept_counts(wave: str) -> None:
    """Replace the kept counts of a wave by a recount of its interviews; others may arrive meanwhile."""
    with _open_database_for(wave).write() as writing:
        rebuild_counts(writing, wave)
    click.echo(f"The counts of {wave} are made again from its interviews.")


@main.group()
def editions() -> None:
    """Editions: the frozen counts that the public pages are made of."""


@editions.command("make")
@click.option("--wave", required=True)
def make_new_edition(wave: str) -> None:
    """Prepare an edition: freeze the counts of a wave as they are now. It is published on the staff page."""
    config = read_config()
    town = read_town(config.surveys_dir / config.town)
    design = town.waves[check_wave(town, wave)].design
    assert design is not None
    smallest = design.threshold_mask
    try:
        with Database(config.database_url).write() as writing:
            release = make_release(writing, wave, "command", partial(undo_each_other, town), smallest)
    except NothingToRelease as error:
        raise click.ClickException(f"{wave} has no interview yet.") from error
    except ReleaseTooClose as error:
        why = {
            PAST_CHANGED: "the interviews of a past wave changed by a few answers. Finish their import, or "
            "put these items back to the printed figures (baseline use --source published).",
            FEW_INTERVIEWS: f"a quartier changed by fewer than {smallest} interviews. Wait until each one "
            f"that changed has {smallest} new ones.",
            OPENS_HIDDEN: "a quartier that has not changed, or a few new answers to one question, would open "
            f"what an earlier edition hid. Wait for {smallest} new interviews in each quartier.",
        }[error.why]
        raise click.ClickException(
            f"Compared with an earlier edition, it would tell answers: {why}"
        ) from error
    click.echo(f"An edition of {wave} is prepared: check and publish it at /desk/editions/{release.id}.")


def _open_database_for(wave: str) -> Database:
    config = read_config()
    known = read_town(config.surveys_dir / config.town).interviewed_waves
    if wave not in known:
        raise Refused(f"{wave} has no interviews here; waves: {', '.join(known)}.")
    return Database(config.database_url)


def _tell_defects(error: DefinitionError) -> click.ClickException:
    for defect in error.defects:
        click.echo(defect, err=True)
    number = len(error.defects)
    return click.ClickException(f"{number} defect{'s' if number > 1 else ''} in the survey files.")


def _ask_password(name: str, from_stdin: bool) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if not is_strong(password, name):
        raise Refused(f"A password has {SHORTEST_PASSWORD} characters or more and does not hold the name.")
    return password
