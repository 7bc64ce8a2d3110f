"""Formulas: TeX as we write it becomes MathML that says the same."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from barometre.results.formulas import FORMULAS, SYMBOLS
from barometre.results.mathml import FormulaError, write_formula

EVERY_FORMULA = [line for lines in FORMULAS.values() for line in lines] + [tex for tex, _ in SYMBOLS.values()]
#: elements of MathML Core, and how many parts those have that want an exact number
PARTS = {
    "mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3,
    "mi": 0, "mn": 0, "mo": 0, "mspace": 0,
}  # fmt: skip


def words(tex: str) -> str:
    """The signs of a formula, in order."""
    return "".join(ElementTree.fromstring(write_formula(tex)).itertext())


@pytest.mark.parametrize("tex", EVERY_FORMULA)
def test_every_formula_is_well_formed_and_reads_from_left_to_right(tex: str) -> None:
    root = ElementTree.fromstring(write_formula(tex, block=True))
    assert root.get("dir") == "ltr"
    assert root.get("alttext") == tex
    for part in root.iter():
        assert part.tag in {"math", "mrow", *PARTS}, part.tag
        assert not set(part.attrib) & {"style", "onclick"}
        if part.tag in PARTS:
            assert len(part) == PARTS[part.tag], (part.tag, tex)


def test_what_stands_below_and_above_goes_with_its_letter() -> None:
    (letter,) = ElementTree.fromstring(write_formula("w_c^2"))
    assert letter.tag == "msubsup"
    assert [part.text for part in letter] == ["w", "c", "2"]
    (total,) = ElementTree.fromstring(write_formula(r"\sum_c"))
    assert total.tag == "munder"


def test_signs_and_decimals_are_those_of_a_french_page() -> None:
    assert words(r"B_{0{,}025}(x, n - x)") == "B0,025(x,n−x)"


def test_no_root_sign_which_a_telephone_may_leave_out() -> None:
    assert not [tex for tex in EVERY_FORMULA if "sqrt" in tex]
    with pytest.raises(FormulaError):
        write_formula(r"\sqrt{2}")


@pytest.mark.parametrize("tex", [r"\unknown", r"\frac{1}", "{x", "x_"])
def test_a_formula_that_is_not_understood_is_refused(tex: str) -> None:
    with pytest.raises(FormulaError):
        write_formula(tex)
