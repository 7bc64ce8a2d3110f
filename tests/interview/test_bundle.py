"""One script for each page, joined from its modules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from barometre.interview import bundle as bundling
from barometre.interview.bundle import UnknownForm, bundle, list_modules


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of modules of our own."""
    monkeypatch.setattr(bundling, "STATIC", tmp_path)
    bundle.cache_clear()
    yield tmp_path
    bundle.cache_clear()


def write(folder: Path, **modules: str) -> None:
    for name, source in modules.items():
        (folder / f"{name}.js").write_text(source, encoding="utf-8")


@pytest.mark.parametrize("entry", ["boot.js", "tour.js"])
def test_a_page_holds_each_module_once_and_nothing_is_left_to_fetch(entry: str) -> None:
    script, modules = bundle(entry), list_modules(entry)
    assert len(modules) == len(set(modules)) > 10
    assert modules[-1] == entry
    assert script.count("let copying = canCopy;") == 1
    assert not any(line.startswith(("import ", "export ")) for line in script.splitlines())


def test_a_module_runs_after_what_it_imports_and_gives_what_it_exports(static: Path) -> None:
    write(
        static,
        page='import { twice as double } from "./sum.js";\n'
        'import * as words from "./words.js";\ndouble(words);\n',
        sum='import { one } from "./words.js";\n/** Why. */\nexport function twice(it) {\n  return one;\n}\n',
        words="// What is said.\nconst two = 2;\nexport const one = 1;\nexport { two as other };\n",
    )
    assert list_modules("page.js") == ["words.js", "sum.js", "page.js"]
    assert bundle("page.js").splitlines() == [
        *("const $_0 = (() => {", "const two = 2;", "const one = 1;", "return { one, other: two };", "})();"),
        *("const $_1 = (() => {", "const { one } = $_0;"),
        *("function twice(it) {", "  return one;", "}", "return { twice };", "})();"),
        *("const { twice: double } = $_1;", "const words = $_0;", "double(words);"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        'import def from "./words.js";',
        'import "./words.js";',
        "export default 1;",
        "export let one = 1;",
        'export * from "./words.js";',
    ],
)
def test_a_form_that_is_not_known_is_named(static: Path, line: str) -> None:
    write(static, page=f"{line}\n", words="export const one = 1;\n")
    with pytest.raises(UnknownForm, match=r"page\.js: "):
        bundle("page.js")
