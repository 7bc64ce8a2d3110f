"""Folders of survey files, and the command that reads them."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from barometre.cli import main

REFERENCE = Path(__file__).parent / "reference"
#: what the command reads; `expected.json` is not among them
INPUTS = ("design.json", "items.csv", "interviews.csv", "counts.csv", "population_cells.csv", "margins.csv",
          "published.csv", "cases.json")  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """What `--json` printed."""
        return json.loads(self.out)


def run_tabulate(folder: Path, *options: str) -> Ran:
    """`barometre tabulate FOLDER`."""
    result = CliRunner().invoke(main, ["tabulate", str(folder), *options], catch_exceptions=False)
    return Ran(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def copy_reference(tmp_path: Path) -> Callable[..., Path]:
    """Copy the reference set's inputs, without some of them."""

    def copy(*without: str) -> Path:
        folder = tmp_path / "folder"
        folder.mkdir()
        for name in INPUTS:
            if name not in without:
                shutil.copy(REFERENCE / name, folder / name)
        return folder

    return copy


@pytest.fixture(scope="session")
def expected() -> dict[str, Any]:
    """What R says."""
    found: dict[str, Any] = json.loads((REFERENCE / "expected.json").read_text(encoding="utf-8"))
    return found
