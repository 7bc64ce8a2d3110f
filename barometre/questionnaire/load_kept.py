"""A questionnaire of the past, from the text of its files: its interviews are judged by it for ever."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from barometre.questionnaire.defects import Files
from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.load_quartiers import QUARTIERS, load_quartiers, make_quartier_scale
from barometre.questionnaire.load_questionnaire import QUESTIONNAIRE, hash_sources, load_questionnaire


class KeptFiles(Files):
    """Files that are no longer in a folder."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        """Read from `sources`, by name."""
        super().__init__(Path())
        self._sources = sources

    def read_bytes(self, file: str) -> bytes:
        """Raw content."""
        return self._sources[file].encode()


def load_kept_questionnaire(wave: str, version: str, sources: Mapping[str, str]) -> Questionnaire | None:
    """The questionnaire that these files defined; None when they are not those of this version.

    It had no defect when it was made: rules that came later do not take its interviews from it.
    """
    if not {QUESTIONNAIRE, QUARTIERS} <= sources.keys() or hash_sources(sources) != version:
        return None
    files = KeptFiles(sources)
    quartiers, _councils, _totals = load_quartiers(files)
    return load_questionnaire(files.read_toml(QUESTIONNAIRE), wave, make_quartier_scale(quartiers), sources)
