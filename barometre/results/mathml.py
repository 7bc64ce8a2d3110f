"""Formulas: the few TeX commands we write → MathML Core, readable without a script or a style.

A formula always reads from left to right, also on an Arabic page. Its TeX stays with it as `alttext`, for
programs that read no MathML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from markupsafe import Markup

from barometre.results.sheet import element

TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\{,\}\d+)?|[^\s]")
LETTERS = {
    "alpha": "α", "delta": "δ", "lambda": "λ", "Phi": "Φ", "ell": "ℓ",
}  # fmt: skip
OPERATORS = {
    "times": "×", "cdot": "·", "pm": "±", "mp": "∓", "le": "≤", "ge": "≥", "lt": "<", "gt": ">", "ne": "≠",
    "in": "∈", "sum": "∑", "mid": "|", "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉",
    "prod": "∏", "prime": "′", "quad": "\u2003", "ldots": "…", "min": "min", "max": "max",
    "log": "ln", "top": "⊤",
}  # fmt: skip
ACCENTS = {"bar": "¯", "hat": "^"}
#: operators whose limits stand below and above them
TALL = {"∑", "∏", "min", "max"}


class FormulaError(Exception):
    """A command that is not known, or an open brace."""


def write_formula(tex: str, *, block: bool = False) -> Markup:
    """One formula, inside a sentence or in a block of its own."""
    tokens = _Tokens(tex)
    content = _write_run(tokens, None)
    attributes: dict[str, object] = {"display": "block"} if block else {}
    return element("math", content, dir="ltr", alttext=tex, **attributes)


class _Tokens:
    def __init__(self, tex: str) -> None:
        self._left: Iterator[str] = iter(TOKEN.findall(tex))
        self.next: str | None = next(self._left, None)

    def take(self) -> str:
        if self.next is None:
            raise FormulaError("a formula ends too early")
        token, self.next = self.next, next(self._left, None)
        return token


def _write_run(tokens: _Tokens, end: str | None) -> Markup:
    parts = []
    while tokens.next != end:
        parts.append(_write_term(tokens))
    if end is not None:
        tokens.take()
    return parts[0] if len(parts) == 1 else element("mrow", Markup("").join(parts))


def _write_term(tokens: _Tokens) -> Markup:
    """An atom with what stands below and above it."""
    atom, tall = _write_atom(tokens)
    marks: dict[str, Markup] = {}
    while tokens.next in ("_", "^"):
        mark = tokens.take()
        marks[mark] = _write_atom(tokens)[0]
    if not marks:
        return atom
    name = {("_",): "sub", ("^",): "sup", ("^", "_"): "subsup"}[tuple(sorted(marks))]
    if tall:
        name = {"sub": "under", "sup": "over", "subsup": "underover"}[name]
    return element(f"m{name}", Markup("").join([atom, *(marks[m] for m in "_^" if m in marks)]))


def _write_atom(tokens: _Tokens) -> tuple[Markup, bool]:
    """One element, and whether its limits stand below and above it."""
    token = tokens.take()
    if token == "{":
        return _write_run(tokens, "}"), False
    if token.startswith("\\"):
        return _write_command(token[1:], tokens)
    if token[0].isdigit():
        return element("mn", token.replace("{,}", ",")), False
    if token.isalpha():
        return element("mi", token), False
    return _write_operator({"-": "−", "*": "∗"}.get(token, token)), False


def _write_command(name: str, tokens: _Tokens) -> tuple[Markup, bool]:
    if name == "frac":
        above, below = _write_atom(tokens)[0], _write_atom(tokens)[0]
        return element("mfrac", above + below), False
    if name in ACCENTS:
        inside = _write_atom(tokens)[0]
        return element("mover", inside + element("mo", ACCENTS[name], stretchy="false"), accent="true"), False
    if name == "mathrm":
        return element("mi", _read_word(tokens), mathvariant="normal"), False
    if name in LETTERS:
        return element("mi", LETTERS[name]), False
    if name in ("{", "}"):
        return _write_operator(name), False
    if name not in OPERATORS:
        raise FormulaError(f"unknown command: {name}")
    return _write_operator(OPERATORS[name]), OPERATORS[name] in TALL


def _write_operator(sign: str) -> Markup:
    if sign.strip() == "":
        return element("mspace", width="1em")
    # Alone, a bar is an operator between two things, with a space on each side.
    return element("mo", sign, lspace="0", rspace="0") if sign == "|" else element("mo", sign)


def _read_word(tokens: _Tokens) -> str:
    """The letters between the next braces."""
    if tokens.take() != "{":
        raise FormulaError("a word stands between braces")
    word = ""
    while tokens.next != "}":
        word += tokens.take()
    tokens.take()
    return word
