"""Which room may import what: the allow-list, read from the source with `ast`."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "barometre"

FLASK = {"flask", "werkzeug", "markupsafe", "click"}
FORMS = FLASK | {"flask_wtf", "wtforms"}
#: what a page may lean on, beside what its room needs
EDGE = {"barometre.storage", "barometre.access", "barometre.i18n", "barometre.context"}
DESK = FORMS | EDGE | {"barometre.questionnaire", "barometre.estimates"}
ANYTHING: None = None

#: room → packages and rooms it may import beside the standard library and itself
ALLOWED: dict[str, set[str] | None] = {
    "questionnaire": set(),
    "estimates": {"numpy", "pandas", "scipy"},
    "storage": {
        "sqlalchemy",
        "alembic",
        "msgspec",
        "numpy",
        "pandas",
        "barometre.questionnaire",
        "barometre.estimates.counts",
    },
    "config": set(),
    "typed": FLASK,
    "i18n": FLASK | {"babel", "jinja2", "barometre.context"},
    "context": FLASK | {"barometre.config", "barometre.questionnaire", "barometre.storage"},
    "access": FORMS | {"argon2", "barometre.storage", "barometre.i18n", "barometre.context"},
    "people": FORMS | EDGE | {"segno"},
    "problems": {"barometre.i18n", "barometre.questionnaire", "barometre.estimates.margins"},
    "intake": FORMS
    | EDGE
    | {"cryptography", "msgspec", "openpyxl", "joserfc", "barometre.questionnaire", "barometre.problems"},
    "interview": FORMS | EDGE | {"barometre.questionnaire", "barometre.problems"},
    "tabulate": FLASK | {"numpy", "barometre.estimates", "barometre.i18n", "barometre.problems"},
    "fieldwork": DESK,
    "coding": DESK,
    "results": FLASK
    | EDGE
    | {
        "numpy",
        "pandas",
        "plotly",
        "pyreadstat",
        "babel",
        "msgspec",
        "xlsxwriter",
        "segno",
        "typst",
        "fontTools",
        "barometre.questionnaire",
        "barometre.estimates",
        "barometre.problems",
    },
    "councils": FLASK
    | EDGE
    | {"babel", "barometre.questionnaire", "barometre.estimates", "barometre.problems"},
    "__init__": ANYTHING,
    "__main__": ANYTHING,
    "app": ANYTHING,
    "simulation": ANYTHING,
    "errors": ANYTHING,
    "cli": ANYTHING,
    "demonstration": ANYTHING,
}
#: loaded in the function that needs them, so that a process that serves the tablet stays small
HEAVY = {"pandas", "plotly", "openpyxl", "pyreadstat", "scipy", "typst", "fontTools", "xlsxwriter"}
#: rooms that run once and may load anything late
LATE = {"cli", "__main__", "demonstration"}


@dataclass(frozen=True)
class Import:
    """One imported name and where it stands."""

    room: str
    #: file and line, for the message
    place: str
    #: full dotted name: "flask.Blueprint", "barometre.storage.engine.Database"
    name: str
    inside_function: bool
    #: only for the type checker: nothing is loaded
    typing_only: bool
    relative: bool

    @property
    def package(self) -> str:
        return self.name.partition(".")[0]


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def read_imports(path: Path) -> Iterator[Import]:
    def walk(node: ast.AST, inside_function: bool, typing_only: bool) -> Iterator[Import]:
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module or ''}.{alias.name}" for alias in node.names]
        for name in names:
            yield Import(
                room=room_of(path),
                place=f"{path.relative_to(PACKAGE.parent)}:{getattr(node, 'lineno', 0)}",
                name=name,
                inside_function=inside_function,
                typing_only=typing_only,
                relative=bool(getattr(node, "level", 0)),
            )
        inside_function |= isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        typing_only |= isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for child in ast.iter_child_nodes(node):
            yield from walk(child, inside_function, typing_only)

    yield from walk(ast.parse(path.read_text(encoding="utf-8")), False, False)


FILES = sorted(PACKAGE.rglob("*.py"))
IMPORTS = [found for path in FILES for found in read_imports(path)]


def is_allowed(found: Import) -> bool:
    allowed = ALLOWED[found.room]
    if allowed is ANYTHING or found.package in sys.stdlib_module_names:
        return True
    if found.package != "barometre":
        return found.package in allowed
    return any(
        found.name == name or found.name.startswith(f"{name}.")
        for name in (*allowed, f"barometre.{found.room}")
    )


def test_every_file_is_in_a_known_room() -> None:
    strays = [str(path.relative_to(PACKAGE)) for path in FILES if room_of(path) not in ALLOWED]
    assert not strays, "a new room enters the table above by a decision page"


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_what_the_table_allows(room: str) -> None:
    wrong = [
        f"{found.place} imports {found.name}"
        for found in IMPORTS
        if found.room == room and not is_allowed(found)
    ]
    assert not wrong, "\n".join(wrong)


def test_imports_are_absolute() -> None:
    assert not [found.place for found in IMPORTS if found.relative]


def test_no_import_hides_in_a_function_but_the_heavy_ones() -> None:
    hidden = [
        f"{found.place} imports {found.name} inside a function"
        for found in IMPORTS
        if found.inside_function and found.package not in HEAVY and found.room not in LATE
    ]
    assert not hidden, "\n".join(hidden)


def test_heavy_packages_load_where_they_are_used() -> None:
    early = [
        f"{found.place} imports {found.name} as soon as the application starts"
        for found in IMPORTS
        if found.package in HEAVY
        and not (found.inside_function or found.typing_only)
        and found.room not in LATE
    ]
    assert not early, "\n".join(early)


def test_alembic_is_known_to_one_file_of_storage() -> None:
    files = {found.place.partition(":")[0] for found in IMPORTS if found.package == "alembic"}
    assert files <= {"barometre/storage/schema.py", "barometre/cli.py"}, sorted(files)


def test_one_file_draws_with_plotly() -> None:
    files = {found.place.partition(":")[0] for found in IMPORTS if found.package == "plotly"}
    assert len(files) <= 1, sorted(files)


def test_the_outer_rooms_never_import_one_another() -> None:
    outer = {"interview", "intake", "fieldwork", "coding", "results", "people", "councils"}
    crossing = [
        f"{found.place} imports {found.name}"
        for found in IMPORTS
        if found.room in outer
        for other in outer - {found.room}
        if f"{found.name}.".startswith(f"barometre.{other}.")
    ]
    assert not crossing, "\n".join(crossing)
