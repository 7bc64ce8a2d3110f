"""The files that anybody may download, and what each of them is in plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from barometre.context import simulated, town
from barometre.i18n import lazy_gettext as _l
from barometre.questionnaire.town import Town
from barometre.results.files.codebook import write_codebook
from barometre.results.files.kept import keep
from barometre.results.files.tables import write_csv, write_dictionary, write_schema
from barometre.results.files.workbook import write_workbook
from barometre.results.sources import Published

Writer = Callable[..., bytes]


@dataclass(frozen=True)
class DataFile:
    """One file, in plain words."""

    #: end of its name: "resultats.csv"
    suffix: str
    mimetype: str
    write: Writer
    #: what it is, for whoever downloads it
    title: Any
    format: Any

    def name(self, town: Town) -> str:
        """File name: "barometre-<town>-2027-resultats.csv"."""
        return f"barometre-{town.slug}-{town.current_wave.id}-{self.suffix}"


SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILES = (
    DataFile(
        "resultats.xlsx",
        SHEET,
        write_workbook,
        _l("Tous les résultats, pour un tableur"),
        _l("Classeur à ouvrir avec Excel ou LibreOffice"),
    ),
    DataFile(
        "resultats.csv",
        "text/csv",
        write_csv,
        _l("Tous les résultats, pour un programme"),
        _l("CSV : du texte en UTF-8, des virgules, une ligne par chiffre"),
    ),
    DataFile(
        "dictionnaire.csv",
        "text/csv",
        write_dictionary,
        _l("Ce que veut dire chaque colonne, chaque mot et chaque question"),
        _l("CSV : du texte en UTF-8, des virgules, une ligne par mot expliqué"),
    ),
    DataFile(
        "tableschema.json",
        "application/json",
        write_schema,
        _l("Schéma des résultats, pour vérifier le fichier CSV"),
        _l("Table Schema, en JSON"),
    ),
    DataFile(
        "ddi.xml",
        "application/xml",
        write_codebook,
        _l("Description de l’enquête et de ses questions, pour les archives"),
        _l("DDI-Codebook 2.5, en XML"),
    ),
)


def write_files(town: Town, published: Published, *, simulated: bool) -> dict[str, bytes]:
    """Every file by name; the same release gives the same bytes."""
    return {file.name(town): file.write(town, published, simulated=simulated) for file in FILES}


def fetch_file(published: Published, file: DataFile) -> bytes:
    """One file for the town of this request."""
    return keep(published, file.suffix, lambda: file.write(town(), published, simulated=simulated()))
