"""`barometre tabulate FOLDER`: every number of a folder of survey files, without the website."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NoReturn

import click
from flask import Flask

from barometre.i18n import install
from barometre.tabulate.folder import read_folder
from barometre.tabulate.lines import FolderError
from barometre.tabulate.sections import tabulate as tabulate_folder
from barometre.tabulate.tables import print_tables

TRANSLATIONS = Path(__file__).parents[2] / "translations"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object with every number, instead of tables.")
def tabulate(folder: Path, as_json: bool) -> None:
    """Weights, estimates, changes and suppression of the survey in FOLDER.

    FOLDER holds design.json, items.csv, interviews.csv or counts.csv, population_cells.csv or margins.csv,
    and may hold published.csv and cases.json. Nothing is written, no database is needed. A file that cannot
    be used ends with 2 and says where.
    """
    with _words().app_context():
        try:
            read = read_folder(folder)
            sections = tabulate_folder(read)
        except FolderError as error:
            _refuse(error, as_json)
        if as_json:
            click.echo(json.dumps(sections, ensure_ascii=False, allow_nan=False))
        else:
            print_tables(read, sections, click.echo)


def _words() -> Flask:
    """The languages alone: this command needs no site."""
    app = Flask("barometre")
    install(app, TRANSLATIONS)
    return app


def _refuse(error: FolderError, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(json.dumps(error.as_record(), ensure_ascii=False))
    else:
        click.echo(error.as_sentence(), err=True)
    sys.exit(2)
