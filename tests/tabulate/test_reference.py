"""Every number of the reference set, through `barometre tabulate`."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tabulate.conftest import REFERENCE, run_tabulate

#: what tells the records of one list apart
IDENTITY = ("wave", "item", "domain", "weighting", "base_kind", "fpc", "quartier", "age_class", "sex",
            "first", "second")  # fmt: skip
INTERVALS = {
    *("wilson", "wilson_kish", "wilson_linearised_t", "wald_t", "logit_t", "jeffreys", "clopper_pearson"),
    *("korn_graubard", "korn_graubard_truncated", "newcombe", "miettinen_nurminen", "newcombe_envelope"),
    *("p_range", "p", "holm", "bh", "p_miettinen_nurminen", "p_chi2_pooled", "p_fisher", "p_wald_t"),
}
DETECTABLE = {"increase", "decrease"}
#: not numbers of the set: where it comes from, and errors that other tests make
APART = {"meta", "errors"}


@pytest.fixture(scope="module")
def found() -> Any:
    ran = run_tabulate(REFERENCE, "--json")
    assert ran.code == 0, ran.err
    return ran.document


def pair_up(expected: Any, found: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every leaf of the expected document with its place and what was found there."""
    if isinstance(expected, dict):
        assert isinstance(found, dict), path
        assert found.keys() == expected.keys(), path
        for key, value in expected.items():
            yield from pair_up(value, found[key], f"{path}/{key}")
    elif isinstance(expected, list) and expected and isinstance(expected[0], dict):
        assert len(found) == len(expected), path
        ours, theirs = ({identify(record): record for record in listed} for listed in (found, expected))
        if len(theirs) < len(expected):
            ours, theirs = (dict(enumerate(listed)) for listed in (found, expected))
        assert ours.keys() == theirs.keys(), path
        for key, record in theirs.items():
            yield from pair_up(record, ours[key], f"{path}{key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), path
        for place, (theirs_at, ours_at) in enumerate(zip(expected, found, strict=True)):
            yield from pair_up(theirs_at, ours_at, f"{path}/{place}")
    else:
        yield path, expected, found


def identify(record: dict[str, Any]) -> tuple[Any, ...]:
    """What makes this record another one than its neighbours."""
    return tuple(record[key] for key in IDENTITY if key in record)


def is_close(path: str, expected: float, found: float) -> bool:
    """Within the tolerance that the set gives for this kind of number."""
    names = path.split("/")
    if names[1] == "weights":
        return found == pytest.approx(expected, rel=1e-9)
    if DETECTABLE & set(names):
        return found == pytest.approx(expected, abs=1e-6)
    if INTERVALS & set(names):
        return found == pytest.approx(expected, abs=1e-8)
    if names[-1] in ("se", "se_upper_bound"):
        return found == pytest.approx(expected, abs=1e-7 if expected < 1e-7 else 1e-9)
    # Bases and effects are as large as the population: relative, as the weights they come from.
    return found == pytest.approx(expected, abs=1e-9, rel=1e-9 if expected > 1 else 0)


def test_every_number_is_that_of_r(expected: dict[str, Any], found: Any) -> None:
    assert found.keys() == expected.keys() - APART
    wrong, compared = [], 0
    for section in found:
        for path, theirs, ours in pair_up(expected[section], found[section], f"/{section}"):
            compared += 1
            exact = isinstance(theirs, bool | str | int)
            right = ours == theirs if exact and not isinstance(ours, float) else is_close(path, theirs, ours)
            if not right:
                wrong.append((path, theirs, ours))
    assert wrong == []
    assert compared > 25_000


def drop(document: Any, forget: Callable[[dict[str, Any]], bool]) -> Any:
    """The same document without the records that `forget` names."""
    if isinstance(document, dict):
        return {key: drop(value, forget) for key, value in document.items()}
    if isinstance(document, list):
        kept = [one for one in document if not (isinstance(one, dict) and forget(one))]
        return [drop(one, forget) for one in kept]
    return document


def test_counts_and_cells_alone_give_the_same_numbers(
    found: Any, copy_reference: Callable[..., Path]
) -> None:
    ran = run_tabulate(copy_reference("interviews.csv", "margins.csv"), "--json")
    # Only a score that mixes several items of one interview needs the interview.
    wanted = drop(found, lambda record: record.get("item") == "composite_score")
    for path, theirs, ours in pair_up(wanted, ran.document):
        assert ours == (pytest.approx(theirs, rel=1e-12) if isinstance(theirs, float) else theirs), path


def test_margins_alone_leave_out_post_stratification_and_nothing_else(
    found: Any, copy_reference: Callable[..., Path]
) -> None:
    ran = run_tabulate(copy_reference("population_cells.csv"), "--json")
    wanted = drop(found, lambda record: record.get("weighting") == "poststratified")
    for wave in wanted["weights"].values():
        del wave["summary"]["poststratified"]
        for cell in wave["by_cell"]:
            del cell["poststratified"]
    assert ran.document == wanted


def test_without_a_printed_past_and_questions_the_rest_stands(
    found: Any, copy_reference: Callable[..., Path]
) -> None:
    ran = run_tabulate(copy_reference("published.csv", "cases.json"), "--json")
    assert ran.document == {
        section: found[section]
        for section in ("counts", "weights", "proportions", "means", "structure_of_first_wave", "differences",
                        "multiplicity", "quartier_contrasts")
    }  # fmt: skip


def test_the_order_of_the_rows_changes_nothing(found: Any, copy_reference: Callable[..., Path]) -> None:
    folder = copy_reference()
    for name in ("interviews.csv", "population_cells.csv", "margins.csv", "items.csv"):
        header, *rows = (folder / name).read_text(encoding="utf-8").splitlines()
        (folder / name).write_text("\n".join([header, *reversed(rows)]) + "\n", encoding="utf-8")
    for path, theirs, ours in pair_up(found, run_tabulate(folder, "--json").document):
        wanted = pytest.approx(theirs, rel=1e-11, abs=1e-13) if isinstance(theirs, float) else theirs
        assert ours == wanted, path


def test_semicolons_a_byte_order_mark_and_windows_lines_are_read(
    found: Any, copy_reference: Callable[..., Path]
) -> None:
    folder = copy_reference()
    for name in ("interviews.csv", "margins.csv"):
        text = (folder / name).read_text(encoding="utf-8").replace(",", ";").replace("\n", "\r\n")
        (folder / name).write_bytes(("\N{ZERO WIDTH NO-BREAK SPACE}" + text).encode())
    assert run_tabulate(folder, "--json").document == found


def test_the_tables_say_the_same_in_french(found: Any) -> None:
    ran = run_tabulate(REFERENCE)
    assert ran.code == 0
    lines = [" ".join(line.split()) for line in ran.out.splitlines()]
    (share,) = (
        record
        for record in found["proportions"]
        if (record["wave"], record["item"], record["domain"]) == ("2027", "q11", "ALL")
        and (record["weighting"], record["base_kind"], record["fpc"]) == ("raked", "expressed", False)
    )
    numbers = share["estimate"], *share["wilson_kish"]
    shown = [f"{100 * number:.1f} %".replace(".", ",") for number in numbers]
    assert " ".join(["q11 2027 ALL", str(share["base"]), *shown]) in lines
    (change,) = (line for line in lines if line.startswith("q11 ALL") and line.endswith("en baisse"))
    assert "−29,7 points" in change
    assert any("référence au tirage au sort" in line for line in lines)
