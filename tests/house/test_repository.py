"""What the repository may hold: nothing of one machine, nothing that our content policy refuses."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

TOP_LEVEL = {
    ".ci",
    ".editorconfig",
    ".gitattributes",
    ".gitignore",
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "barometre",
    "docs",
    "migrations",
    "pyproject.toml",
    "requirements",
    "run",
    "surveys",
    "tests",
    "translations",
    "wsgi.py",
}
REGISTRY = re.compile(
    r"\b(?:pypi|pythonhosted|npmjs|yarnpkg|jsdelivr|unpkg|cdnjs|debian|ubuntu|proxy\.golang|crates)\.(?:org|com|net|io)\b"
)
MACHINE_PATH = re.compile(r"(?<![\w./:-])/(?:work|root|home|tmp|Users)/\w")
INLINE = {
    "an inline script": re.compile(
        r"<script\b(?![^>]*\bsrc\s*=)(?![^>]*\btype\s*=\s*[\"']application/(?:ld\+)?json)", re.IGNORECASE
    ),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
}
JINJA = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)
PHYSICAL = re.compile(
    r"\b(?:(?:margin|padding|border)-(?:left|right)|(?:text-align|float)\s*:\s*(?:left|right))\b",
    re.IGNORECASE,
)


def list_files() -> list[Path]:
    """Every file that git keeps or would keep."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in sorted(set(listed.split("\0")) - {""}) if (ROOT / name).is_file()]


def read(path: Path) -> str:
    """The text of a file; a picture or a font has none."""
    content = path.read_bytes()
    return "" if b"\0" in content else content.decode("utf-8")


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def find(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line_of(text, match.start())}: {match[0]}"
        for path in files
        for text in [read(path)]
        for match in pattern.finditer(text)
    ]


@pytest.fixture(scope="module")
def files() -> list[Path]:
    return list_files()


@pytest.fixture(scope="module")
def own_files(files: list[Path]) -> list[Path]:
    """All but what others published and we ship as it is."""
    return [path for path in files if "vendor" not in path.parts]


def test_the_top_level_holds_only_what_is_named(files: list[Path]) -> None:
    assert {path.relative_to(ROOT).parts[0] for path in files} <= TOP_LEVEL


def test_no_package_registry_is_named(files: list[Path]) -> None:
    assert not find(REGISTRY, files)


def test_no_path_of_a_machine_is_written(own_files: list[Path]) -> None:
    assert not find(MACHINE_PATH, own_files)


def test_a_lock_holds_no_address(files: list[Path]) -> None:
    locks = [path for path in files if path.parent == ROOT / "requirements"]
    assert locks
    assert not find(re.compile("://|--index-url|--find-links"), locks)


def test_every_locked_package_has_its_hashes() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        text = lock.read_text(encoding="utf-8")
        packages = re.findall(r"^[a-z0-9].*==.*$", text, re.MULTILINE)
        assert packages, lock.name
        assert all(line.endswith("\\") for line in packages), lock.name


def test_the_scripts_can_be_executed() -> None:
    assert all(os.access(ROOT / name, os.X_OK) for name in ("run", ".ci/run"))


@pytest.mark.parametrize("what", INLINE)
def test_no_page_holds_anything_inline(what: str, own_files: list[Path]) -> None:
    wrong = []
    for path in own_files:
        if path.suffix == ".html" and ROOT / "barometre" in path.parents:
            # Expressions may compare with > or name a variable "one": only the markup is judged.
            text = JINJA.sub(lambda match: re.sub(r"[^\n]", "_", match[0]), read(path))
            wrong += [
                f"{path.relative_to(ROOT)}:{line_of(text, match.start())}: {what}"
                for match in INLINE[what].finditer(text)
            ]
    assert not wrong, "\n".join(wrong)


def test_style_sheets_say_start_and_end_not_left_and_right(own_files: list[Path]) -> None:
    wrong = []
    for path in own_files:
        if path.suffix == ".css":
            text = read(path)
            for match in PHYSICAL.finditer(text):
                # A rule for one direction of writing may name a side: it knows which one it means.
                if "[dir=" not in text[: match.start()].rpartition("}")[2]:
                    wrong.append(f"{path.relative_to(ROOT)}:{line_of(text, match.start())}: {match[0]}")
    assert not wrong, "\n".join(wrong)
