"""`barometre keys`: make the keys that tablets seal to, list them, and keep copies of the private parts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from barometre.access import SHORTEST_PASSWORD
from barometre.context import config, database, town
from barometre.intake.keys import (
    UnusableKeyFile,
    add_keys,
    check_rights,
    make_key,
    read_copy,
    read_keys,
    write_copy,
)
from barometre.storage.sealing_keys import fetch_public_key, fetch_public_keys, retire_public_key

FROM_STDIN = click.option(
    "--passphrase-stdin", is_flag=True, help="Read the passphrase from the standard input."
)


@click.group()
def keys() -> None:
    """Keys that tablets seal interviews to: see docs/keys.md."""


@keys.command("make")
@click.option("--wave", required=True)
def make(wave: str) -> None:
    """Make a key: its private part goes into the file of SEALING_KEYS, its public part to the tablets."""
    with _key_file() as path:
        known = town().waves.get(wave)
        if known is None or known.design is None:
            collected = [name for name, found in town().waves.items() if found.design]
            raise click.UsageError(f"{wave} is not collected here; waves: {', '.join(collected)}.")
        with database().write() as session:
            kid = make_key(session, path, wave)
    click.echo(f"Key {kid} of wave {wave} is in {path}. Tablets seal with it from their next visit on.")
    click.echo("Now make two copies for two people: barometre keys copy FILE. Why and how: docs/keys.md.")


@keys.command("list")
def list_keys() -> None:
    """Every key, whether tablets use it, and whether its private part is here."""
    with _told():
        path = config().sealing_keys
        here = set(read_keys(path)) if path else set()
        with database().read() as session:
            recorded = fetch_public_keys(session)
            used = {wave: fetch_public_key(session, wave) for wave in {key.wave for key in recorded}}
    for key in recorded:
        state = "replaced by a newer one"
        if key.retired_at:
            state = f"retired on {key.retired_at:%Y-%m-%d}"
        elif key.kid == (used[key.wave] or {}).get("kid"):
            state = "tablets seal with it"
        private = "private part here" if key.kid in here else "PRIVATE PART MISSING"
        click.echo(f"{key.kid}  {key.wave}  made on {key.made_at:%Y-%m-%d}  {state}  {private}")
    for kid in sorted(here - {key.kid for key in recorded}):
        click.echo(f"{kid}  in the file, and given to no tablet")


#: one kid in sixty-four begins with a dash, and then any of its letters would name an option of one letter
@keys.command("retire", context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]})
@click.argument("kid")
def retire(kid: str) -> None:
    """Give KID to no tablet any more; what was sealed to it still opens."""
    with _told(), database().write() as session:
        retired = retire_public_key(session, kid)
    if not retired:
        raise click.ClickException(f"{kid} is unknown here, or retired already.")
    click.echo(f"{kid} is retired. Keep its private part: interviews sealed to it may still arrive.")


@keys.command("copy")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@FROM_STDIN
def copy(file: Path, passphrase_stdin: bool) -> None:
    """Write every private key into FILE, which only a passphrase opens, for escrow."""
    with _key_file() as path:
        check_rights(path)
        found = read_keys(path)
        if not found:
            raise click.ClickException(f"There is no key in {path}: make one (barometre keys make).")
        passphrase = _ask_passphrase(passphrase_stdin, new=True)
        write_copy(file, found.values(), passphrase)
        # A copy that does not open is none.
        if read_copy(file, passphrase) != found:
            raise click.ClickException(f"{file} does not hold what it should: make another copy.")
    number = len(found)
    click.echo(f"{file} holds {number} key{'s' if number > 1 else ''} and was opened once to be sure.")


@keys.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@FROM_STDIN
def restore(file: Path, passphrase_stdin: bool) -> None:
    """Put the keys of FILE, a copy, back into the file of SEALING_KEYS; those that are there stay."""
    with _key_file() as path:
        check_rights(path)
        found = read_copy(file, _ask_passphrase(passphrase_stdin, new=False))
        added = add_keys(path, found.values())
    for kid in added:
        click.echo(f"{kid} is back.")
    click.echo(f"{len(found) - len(added)} of {len(found)} were there already.")
    if added:
        click.echo("Interviews that waited for them: barometre interviews judge.")


@contextmanager
def _key_file() -> Iterator[Path]:
    """The file of SEALING_KEYS, within the application."""
    with _told():
        path = config().sealing_keys
        if path is None:
            raise click.UsageError(
                "SEALING_KEYS is not set: give the path of the file that holds the private keys "
                "(docs/keys.md)."
            )
        yield path


@contextmanager
def _told() -> Iterator[None]:
    """Within the application; what is wrong with a file is told in one sentence."""
    context = click.get_current_context()
    context.with_resource(context.obj().app_context())
    try:
        yield
    except UnusableKeyFile as error:
        raise click.ClickException(str(error)) from error


def _ask_passphrase(from_stdin: bool, *, new: bool) -> str:
    if from_stdin:
        passphrase = sys.stdin.readline().rstrip("\n")
    else:
        passphrase = click.prompt("Passphrase", hide_input=True, confirmation_prompt=new)
    if new and len(passphrase) < SHORTEST_PASSWORD:
        raise click.UsageError(f"A passphrase has {SHORTEST_PASSWORD} characters or more.")
    return passphrase
