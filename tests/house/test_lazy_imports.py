"""A process that only serves the tablet stays small."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
START = """
import sys
from barometre.app import create_app
from barometre.config import Config

create_app(Config.from_env())
heavy = {"alembic", "pandas", "plotly", "openpyxl", "pyreadstat", "scipy", "typst", "fontTools", "xlsxwriter"}
print(*sorted(heavy & sys.modules.keys()))
"""


def test_a_started_application_has_not_loaded_the_heavy_packages(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "SECRET_KEY": "only for this test, and long enough to be accepted",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'barometre.sqlite'}",
    }
    done = subprocess.run(
        [sys.executable, "-c", START], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
