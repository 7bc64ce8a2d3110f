"""Files of interviews: every bad line is named, all lines enter or none does, and none enters twice."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import click
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select

from barometre.intake import files
from barometre.intake.commands import interviews
from barometre.intake.file_format import simplify
from barometre.intake.sheets import read_sheet
from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.town import Town
from barometre.storage.counts import fetch_counts, recount
from barometre.storage.engine import Database
from barometre.storage.interviews import fetch_interview_totals
from barometre.storage.models import Envelope, Interview
from tests.intake.conftest import answer_key_items
from tests.office import convert
from tests.support import SECOND_TOWN, make_app

BAD_LINES = 37


@pytest.fixture
def asked(town: Town) -> Questionnaire:
    """The questionnaire of the current wave."""
    return town.current_wave.questionnaire


@pytest.fixture
def columns(asked: Questionnaire) -> list[str]:
    """Columns of a short file."""
    return ["interview_id", "language", *answer_key_items(asked), "apprecie_1"]


@pytest.fixture
def row(asked: Questionnaire) -> dict[str, str]:
    """A line that holds, in codes."""
    answers = {item: str(code) for item, code in answer_key_items(asked).items()}
    return {"interview_id": "a1", "language": "fr", **answers, "apprecie_1": "le calme"}


def run(app: Flask, *words: object) -> Result:
    """`barometre interviews …`."""
    found = CliRunner().invoke(interviews, [str(word) for word in words], obj=lambda: app)
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exc_info
    return found


def import_file(app: Flask, path: Path, *options: str, wave: str = "2027") -> Result:
    """`barometre interviews import`."""
    return run(app, "import", path, "--wave", wave, *options)


def write_file(
    path: Path, columns: list[str], rows: list[dict[str, str]], delimiter: str = ";", encoding: str = "utf-8"
) -> Path:
    """A CSV file."""
    with path.open("w", encoding=encoding, newline="") as opened:
        writer = csv.DictWriter(opened, columns, delimiter=delimiter, extrasaction="raise")
        writer.writeheader()
        writer.writerows(rows)
    return path


def read_file(path: Path) -> list[dict[str, str]]:
    """The lines of a file of refused lines."""
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=";"))


def count(app: Flask, wave: str = "2027") -> int:
    """Interviews in the kept counts, which always equal a recount."""
    with app.extensions["database"].read() as session:
        kept, again = fetch_counts(session, wave), recount(session, wave)
        stored = session.scalar(select(func.count()).select_from(Interview))
    if kept is None or again is None:
        assert stored == 0
        return 0
    assert kept.same_as(again)
    return kept.total


def words_of(result: Result) -> str:
    """What the command said, with plain spaces."""
    return " ".join(result.output.split())


# The whole promise


def test_ten_thousand_lines_with_37_bad_ones_are_refused_kept_and_mended(
    sqlite_url: str, tmp_path: Path
) -> None:
    app = make_app(sqlite_url, surveys_dir=SECOND_TOWN, town="bourg-fictif")
    columns = ["interview_id", "quartier", "age", "plaisir", "trajets_bus", "trajets_velo", "partir", "idee"]
    good = dict(zip(columns, ("", "VERGER", "2", "Beaucoup", "3", "Ne sait pas", "", "Un banc"), strict=True))
    rows = [good | {"interview_id": f"papier-{number}"} for number in range(10_000)]
    bad = [101 + 263 * place for place in range(BAD_LINES)]
    spoils = [{"plaisir": "Bof"}, {"quartier": ""}, {"trajets_bus": "12"}, {"idee": "banc " * 20}]
    for place, number in enumerate(bad):
        rows[number] |= spoils[place % len(spoils)]
    path = write_file(tmp_path / "all.csv", columns, rows)

    refused = import_file(app, path, wave="2030")
    assert refused.exit_code == 1
    assert "37 lignes refusées." in refused.output
    named = [int(line.split()[0]) for line in refused.output.splitlines() if line.strip()[:1].isdigit()]
    assert named[:BAD_LINES] == [number + 2 for number in bad], (
        "lines as in the file, its header being the first"
    )
    assert count(app, "2030") == 0

    kept = import_file(app, path, "--keep-valid", wave="2030")
    assert kept.exit_code == 0
    assert "9963 entretiens enregistrés." in kept.output
    assert count(app, "2030") == 9_963
    left = tmp_path / "all-refused.csv"
    assert left.name in kept.output
    lines = read_file(left)
    assert [int(line["ligne"]) for line in lines] == [number + 2 for number in bad]
    assert all(line["raison"] for line in lines)
    untouched = [{name: line[name] for name in columns} for line in lines]
    assert untouched == [rows[number] for number in bad]

    mended = [line | {name: good[name] for name in columns[1:]} for line in lines]
    write_file(left, ["ligne", "raison", *columns], mended)
    for expected in ("37 entretiens enregistrés.", "37 déjà reçus."):
        assert expected in import_file(app, left, wave="2030").output
        assert count(app, "2030") == 10_000
    app.extensions["database"].engine.dispose()


def test_importing_a_file_again_changes_nothing(
    app: Flask, tmp_path: Path, columns: list[str], row: dict[str, str]
) -> None:
    rows = [row | {"interview_id": f"a{number}", "quartier": str(number % 3 + 1)} for number in range(40)]
    path = write_file(tmp_path / "twice.csv", columns, rows)
    first, second = import_file(app, path), import_file(app, path)
    assert "40 entretiens enregistrés." in first.output
    assert (second.exit_code, "40 déjà reçus." in second.output) == (0, True)
    assert count(app) == 40
    longer = write_file(tmp_path / "longer.csv", columns, [*rows, row | {"interview_id": "new"}])
    third = import_file(app, longer)
    assert "1 entretien enregistré." in third.output
    assert count(app) == 41


def test_one_bad_line_keeps_all_the_others_out(
    app: Flask, database: Database, tmp_path: Path, columns: list[str], row: dict[str, str]
) -> None:
    path = write_file(tmp_path / "one.csv", columns, [row, row | {"interview_id": "a2", "satisfaction": "5"}])
    result = import_file(app, path)
    assert result.exit_code == 1
    assert "Rien n’a été enregistré." in result.output
    with database.read() as session:
        assert session.scalar(select(Envelope.seq)) is None
    assert not list(tmp_path.glob("*-refused*"))


# What is told of a bad line


BAD_CELLS = [
    (
        {"satisfaction": "7"},
        "satisfaction",
        "« 7 » n’est pas une réponse proposée ici. Choisissez : 4 Très sat",
    ),
    ({"lieu": "1", "habite": "1"}, "habite", "Cette question n’est pas posée après ces réponses"),
    ({"satisfaction": "Moyen"}, "satisfaction", "« Moyen » n’est pas une réponse proposée"),
    ({"satisfaction": "99"}, "satisfaction", "« 99 » n’est pas une réponse proposée"),
    ({"satisfaction": "4,5"}, "satisfaction", "« 4,5 » n’est pas une réponse proposée"),
    ({"quartier": ""}, "quartier", "un entretien ne compte pas sans elle. Choisissez : 1 Clou Bouchet"),
    ({"apprecie_1": "x" * 141}, "apprecie_1", "résumez-la en 140 caractères au plus"),
    ({"language": "xx"}, "language", "« xx » n’est pas une langue de l’enquête. Choisissez : fr, en, ar"),
    ({"interview_id": ""}, "interview_id", "L’identifiant de l’entretien manque"),
    (
        {"disposition": "fini"},
        "disposition",
        "« fini » n’est pas une issue connue. Choisissez : Entretien complet",
    ),
    (
        {"started_at": "hier"},
        "started_at",
        "« hier » n’est pas une date. Écrivez-la ainsi : 2027-11-15 10:30",
    ),
    (
        {"started_at": "0001-01-01T00:00:00+14:00"},
        "started_at",
        "« 0001-01-01T00:00:00+14:00 » n’est pas une date",
    ),
]


def test_a_bad_cell_is_told_by_line_column_reason_and_mend(
    app: Flask, tmp_path: Path, columns: list[str], row: dict[str, str]
) -> None:
    rows = [
        row | {"interview_id": f"b{number}"} | typed
        for number, (typed, _column, _words) in enumerate(BAD_CELLS)
    ]
    path = write_file(
        tmp_path / "bad.csv", [*columns, "lieu", "habite", "disposition", "started_at"], [row, *rows]
    )
    result = import_file(app, path)
    assert result.exit_code == 1
    told = [" ".join(line.split()) for line in result.output.splitlines()]
    for number, (_typed, column, words) in enumerate(BAD_CELLS, start=3):
        (line,) = [line for line in told if line.startswith(f"{number} ") and "refusées" not in line]
        assert line.startswith(f"{number} {column} ")
        assert words in line


def test_every_problem_of_a_line_is_told_at_once(
    app: Flask, tmp_path: Path, columns: list[str], row: dict[str, str]
) -> None:
    bad = row | {"satisfaction": "7", "quartier": "Ailleurs", "language": "xx"}
    result = import_file(app, write_file(tmp_path / "three.csv", columns, [bad]))
    assert [line.split()[1] for line in result.output.splitlines() if line.startswith("    2 ")] == [
        "language",
        "quartier",
        "satisfaction",
    ]


def test_the_line_of_an_answer_written_on_two_lines_is_where_it_begins(
    app: Flask, tmp_path: Path, columns: list[str], row: dict[str, str]
) -> None:
    rows = [
        row | {"apprecie_1": "le calme\net les voisins"},
        row | {"interview_id": "a2", "satisfaction": "7"},
    ]
    result = import_file(app, write_file(tmp_path / "lines.csv", columns, rows))
    assert "4 satisfaction" in words_of(result)


def test_an_identifier_given_twice_names_its_first_line(
    app: Flask, tmp_path: Path, columns: list[str], row: dict[str, str]
) -> None:
    uuid = str(uuid4())
    rows = [
        row | {"interview_id": uuid},
        row | {"interview_id": "a2"},
        row | {"interview_id": uuid.upper()},
    ]
    result = import_file(app, write_file(tmp_path / "same.csv", columns, rows))
    assert f"4 interview_id « {uuid.upper()} » est déjà à la ligne 2" in words_of(result)


def test_an_interview_already_stored_with_other_answers_is_a_bad_line(
    app: Flask, tmp_path: Path, columns: list[str], row: dict[str, str]
) -> None:
    import_file(app, write_file(tmp_path / "first.csv", columns, [row]))
    other = write_file(
        tmp_path / "other.csv", columns, [row | {"satisfaction": "1"}, row | {"interview_id": "a2"}]
    )
    result = import_file(app, other)
    assert result.exit_code == 1
    assert "2 interview_id Déjà reçu avec un autre contenu" in words_of(result)
    assert count(app) == 1
    assert "1 entretien enregistré." in import_file(app, other, "--keep-valid").output
    assert count(app) == 2


def test_a_wrong_header_lets_nothing_in(
    app: Flask, tmp_path: Path, columns: list[str], row: dict[str, str]
) -> None:
    path = write_file(tmp_path / "more.csv", [*columns, "humeur"], [row | {"humeur": "bonne"}])
    for options in ((), ("--keep-valid",)):
        result = import_file(app, path, *options)
        assert result.exit_code == 1
        assert "1 humeur Cette colonne n’est pas dans le questionnaire" in words_of(result)
    without = {name: value for name, value in row.items() if name != "interview_id"}
    result = import_file(app, write_file(tmp_path / "less.csv", columns[1:], [without]))
    assert "1 interview_id Cette colonne manque" in words_of(result)
    path = tmp_path / "double.csv"
    path.write_text("interview_id;age;age\na1;3;3\n", encoding="utf-8")
    assert "1 age Cette colonne est là deux fois" in words_of(import_file(app, path))
    assert count(app) == 0


def test_a_line_with_more_cells_than_columns_is_refused(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "shifted.csv"
    path.write_text("interview_id;quartier\na1;1;3\n", encoding="utf-8")
    assert "1 cases de trop" in words_of(import_file(app, path))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Le fichier est vide"),
        ("interview_id;idée\n".encode("latin-1"), "n’est pas en UTF-8"),
        (b'interview_id;age\na1;"3\n', "Un guillemet est mal placé dans ce qui commence à la ligne 2"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(
    app: Flask, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    result = import_file(app, path)
    assert result.exit_code == 1
    assert words in words_of(result)
    fake = tmp_path / "fake.xlsx"
    fake.write_bytes(content)
    assert "ne se lit pas comme un classeur" in words_of(import_file(app, fake))
    other = tmp_path / "file.pdf"
    other.write_bytes(content)
    assert "ni un .csv ni un .xlsx" in words_of(import_file(app, other))


def test_a_wave_that_is_neither_collected_nor_the_first_takes_no_file(
    app: Flask, tmp_path: Path, columns: list[str], row: dict[str, str]
) -> None:
    path = write_file(tmp_path / "past.csv", columns, [row])
    result = import_file(app, path, wave="2031")
    assert result.exit_code == 2
    assert "2023, 2027" in result.output


def test_refused_lines_never_overwrite_a_file_being_mended(
    app: Flask, tmp_path: Path, columns: list[str], row: dict[str, str]
) -> None:
    path = write_file(tmp_path / "mine.csv", columns, [row, row | {"interview_id": "a2", "age": "12"}])
    import_file(app, path, "--keep-valid")
    (tmp_path / "mine-refused.csv").write_text("half mended", encoding="utf-8")
    import_file(app, path, "--keep-valid")
    assert (tmp_path / "mine-refused.csv").read_text("utf-8") == "half mended"
    assert [line["interview_id"] for line in read_file(tmp_path / "mine-refused-2.csv")] == ["a2"]


def test_a_file_of_refused_lines_is_written_only_once_the_others_are_stored(
    app: Flask,
    tmp_path: Path,
    columns: list[str],
    row: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_given: object) -> None:
        raise click.ClickException("the database went away")

    monkeypatch.setattr(files, "store", fail)
    path = write_file(tmp_path / "mine.csv", columns, [row, row | {"interview_id": "a2", "age": "12"}])
    assert import_file(app, path, "--keep-valid").exit_code == 1
    assert not list(tmp_path.glob("*-refused*"))


def test_an_interview_set_aside_at_the_last_moment_is_told_and_the_command_fails(
    app: Flask,
    tmp_path: Path,
    columns: list[str],
    row: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import_file(app, write_file(tmp_path / "first.csv", columns, [row]))
    # The other import is committed between the comparison and the storing.
    monkeypatch.setattr(files, "refuse_other_contents", lambda _session, _findings: None)
    other = write_file(
        tmp_path / "other.csv", columns, [row | {"satisfaction": "1"}, row | {"interview_id": "a2"}]
    )
    result = import_file(app, other)
    assert "1 entretien enregistré." in result.output
    assert "1 entretien mis de côté : il n’est pas compté." in words_of(result)
    assert result.exit_code == 1
    assert count(app) == 2


def test_an_excluded_interview_is_kept_with_its_reason_and_no_longer_counted(
    app: Flask, database: Database, tmp_path: Path, columns: list[str], row: dict[str, str]
) -> None:
    uuid = uuid4()
    import_file(app, write_file(tmp_path / "one.csv", columns, [row | {"interview_id": str(uuid)}, row]))
    for wrong in (("not-a-uuid", "--reason", "made up"), (uuid,), (uuid, "--reason", " ")):
        assert run(app, "exclude", *wrong).exit_code == 2
    assert count(app) == 2
    done = run(app, "exclude", uuid, "--reason", "made up")
    assert (done.exit_code, words_of(done)) == (0, f"{uuid} est gardé et n’est plus compté.")
    assert count(app) == 1
    with database.read() as session:
        assert session.get_one(Interview, uuid).excluded_reason == "made up"
    for unknown in (uuid, uuid4()):
        again = run(app, "exclude", unknown, "--reason", "made up")
        assert again.exit_code == 1
        assert f"{unknown} n’est pas compté" in words_of(again)
    assert count(app) == 1


# What a cell may hold


CELLS = [
    ("satisfaction", "4", 4),
    ("satisfaction", "4.0", 4),
    ("satisfaction", "4,0", 4),
    ("satisfaction", " Très satisfait ", 4),
    ("satisfaction", "TRES SATISFAIT", 4),
    ("satisfaction", "ne sait pas", 97),
    ("satisfaction", "Ne veut pas\u00a0répondre", 98),
    ("satisfaction", "97", 97),
    ("satisfaction", "", 0),
    ("lieu", "Dans l’espace public", 3),
    ("lieu", "dans l'espace public", 3),
    ("habite", "non concerné", 99),
    ("age", "40–59 ans", 4),
    ("quartier", "CB", 1),
    ("quartier", "tour chabot", 2),
    ("quartier", "Pontreau Colline Saint-Andre", 3),
]


def test_a_cell_is_a_code_or_words(
    app: Flask,
    database: Database,
    asked: Questionnaire,
    tmp_path: Path,
    columns: list[str],
    row: dict[str, str],
) -> None:
    uuids = [uuid4() for _ in CELLS]
    rows = [
        row | {"interview_id": str(uuid), item: cell}
        for uuid, (item, cell, _) in zip(uuids, CELLS, strict=True)
    ]
    path = write_file(tmp_path / "cell.csv", [*columns, "habite"], rows, encoding="utf-8-sig")
    result = import_file(app, path)
    assert result.exit_code == 0, result.output
    with database.read() as session:
        codes = {interview.uuid: interview.codes for interview in session.scalars(select(Interview))}
    read = [codes[uuid][asked.position[item]] for uuid, (item, _, _) in zip(uuids, CELLS, strict=True)]
    assert read == [code for _, _, code in CELLS]


def test_words_are_kept_as_they_were_written(
    app: Flask, database: Database, tmp_path: Path, columns: list[str], row: dict[str, str]
) -> None:
    rows = [
        row | {"interview_id": "a1", "apprecie_1": "24"},
        row | {"interview_id": "a2", "apprecie_1": "97"},
        row | {"interview_id": "a3", "apprecie_1": 'L’« arbre », "le grand"; à côté', "language": "ar"},
    ]
    assert import_file(app, write_file(tmp_path / "words.csv", columns, rows)).exit_code == 0
    with database.read() as session:
        texts = [interview.texts for interview in session.scalars(select(Interview))]
    assert sorted(texts, key=str) == sorted(
        [{"apprecie_1": ["fr", "24"]}, {}, {"apprecie_1": ["ar", 'L’« arbre », "le grand"; à côté']}], key=str
    )


def test_commas_and_semicolons_codes_and_labels_make_the_same_interviews(
    app: Flask, tmp_path: Path, columns: list[str], row: dict[str, str], asked: Questionnaire
) -> None:
    labels = {
        name: asked.by_id[name].scale.by_code[int(value)].label  # type: ignore[union-attr]
        for name, value in row.items()
        if name in asked.by_id and asked.by_id[name].closed
    }
    import_file(app, write_file(tmp_path / "codes.csv", columns, [row], ";"))
    again = import_file(
        app, write_file(tmp_path / "labels.csv", columns, [row | labels], ",", encoding="utf-8-sig")
    )
    assert "1 déjà reçu." in again.output
    assert count(app) == 1


def test_a_spreadsheet_makes_the_same_interviews(
    app: Flask, database: Database, tmp_path: Path, columns: list[str], row: dict[str, str]
) -> None:
    import_file(
        app,
        write_file(
            tmp_path / "codes.csv",
            [*columns, "started_at"],
            [row | {"interview_id": "12", "started_at": "15/11/2027 10:30"}],
        ),
    )
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append([*columns, "started_at"])
    sheet.append([])
    typed = {name: float(value) if value.isdigit() else value for name, value in row.items()}
    moment = datetime.fromisoformat("2027-11-15T10:30")
    sheet.append([*(typed | {"interview_id": 12.0}).values(), moment])
    sheet.append([*(typed | {"interview_id": "a13", "satisfaction": 7}).values(), None])
    workbook.save(tmp_path / "typed.xlsx")
    result = import_file(app, tmp_path / "typed.xlsx", "--keep-valid")
    assert "1 déjà reçu." in result.output
    assert "4 satisfaction" in words_of(result)
    assert [line["ligne"] for line in read_file(tmp_path / "typed-refused.csv")] == ["4"]
    with database.read() as session:
        started_at = session.scalars(select(Interview.started_at)).one()
    assert started_at
    assert started_at.isoformat().startswith("2027-11-15T10:30")


def test_the_disposition_is_given_or_follows_from_the_key_items(
    app: Flask,
    database: Database,
    asked: Questionnaire,
    tmp_path: Path,
    columns: list[str],
    row: dict[str, str],
) -> None:
    # How many key items are answered, the cell, what is stored.
    cases = [
        (9, "", "complete"),
        (8, "", "partial"),
        (8, "Abandon en cours d'entretien", "break_off"),
        (9, "COMPLETE", "complete"),
        (1, "refus", "refusal"),
    ]
    uuids = [uuid4() for _ in cases]
    rows = [
        row | {"interview_id": str(uuid), "disposition": cell} | dict.fromkeys(asked.key_items[answered:], "")
        for uuid, (answered, cell, _) in zip(uuids, cases, strict=True)
    ]
    assert import_file(app, write_file(tmp_path / "end.csv", [*columns, "disposition"], rows)).exit_code == 0
    with database.read() as session:
        stored = {interview.uuid: interview.disposition for interview in session.scalars(select(Interview))}
    assert [stored[uuid] for uuid in uuids] == [disposition for _, _, disposition in cases]


def test_a_sheet_of_doors_is_imported_and_not_counted(app: Flask, database: Database, tmp_path: Path) -> None:
    rows = [
        {"interview_id": "d1", "quartier": "1", "disposition": "Pas de contact"},
        {"interview_id": "d2", "quartier": "2", "disposition": "vacant"},
    ]
    columns = ["interview_id", "quartier", "disposition"]
    assert import_file(app, write_file(tmp_path / "doors.csv", columns, rows)).exit_code == 0
    with database.read() as session:
        assert fetch_interview_totals(session, "2027") == {"no_contact": 1, "vacant": 1}
        counts = fetch_counts(session, "2027")
    assert counts is not None
    assert counts.total == 0
    answered = [row | {"interview_id": f"{row['interview_id']}-a", "satisfaction": "1"} for row in rows]
    refused = import_file(app, write_file(tmp_path / "answered.csv", [*columns, "satisfaction"], answered))
    assert refused.exit_code == 1
    assert "ne peut pas terminer un entretien" in refused.output


def test_a_uuid_is_kept_and_any_other_identifier_gets_one_of_its_wave(
    app: Flask, database: Database, tmp_path: Path, columns: list[str], row: dict[str, str]
) -> None:
    own = uuid4()
    rows = [row | {"interview_id": str(own).upper()}, row | {"interview_id": "a1"}]
    import_file(app, write_file(tmp_path / "ids.csv", columns, rows))
    with database.read() as session:
        stored = set(session.scalars(select(Interview.uuid)))
    # The second is a promise: an interview imported last year has the same one today.
    assert stored == {own, UUID("2d273437-3c24-5ebb-8cd5-2f8ba9e0700e")}


# The empty file


def test_the_template_is_a_file_that_can_be_filled_in_and_imported(
    app: Flask, tmp_path: Path, row: dict[str, str]
) -> None:
    printed = run(app, "template", "--wave", "2027")
    columns = printed.output.strip().split(";")
    assert columns[:8] == [
        *("interview_id", "quartier", "secteur", "lieu"),
        *("interviewer", "language", "disposition", "started_at"),
    ]
    path = write_file(tmp_path / "filled.csv", columns, [row])
    assert "1 entretien enregistré." in import_file(app, path).output

    target = tmp_path / "template.csv"
    run(app, "template", "--wave", "2027", "--output", target)
    assert target.read_text("utf-8-sig").strip() == printed.output.strip()


def test_the_spreadsheet_template_lists_every_code(
    app: Flask, asked: Questionnaire, tmp_path: Path, row: dict[str, str]
) -> None:
    path = tmp_path / "template.xlsx"
    run(app, "template", "--wave", "2027", "--xlsx", "--output", path)
    workbook = load_workbook(path)
    assert workbook.sheetnames == ["Entretiens", "Codes"]
    listed = {(line[0], line[2]): str(line[3]) for line in workbook["Codes"].iter_rows(values_only=True)}
    for item in asked.closed_items:
        for option in item.scale.options if item.scale else ():
            assert simplify(listed[item.id, option.code]) == simplify(option.label)
    assert ("apprecie_1", None) in listed
    assert ("habite", 99) in listed
    assert ("quartier", 98) not in listed
    header = [cell.value for cell in workbook["Entretiens"][1]]
    workbook["Entretiens"].append([row.get(str(name)) for name in header])
    workbook.save(path)
    assert "1 entretien enregistré." in import_file(app, path).output


def test_a_template_that_libreoffice_saved_is_imported(sqlite_url: str, tmp_path: Path) -> None:
    app = make_app(sqlite_url)
    path = tmp_path / "template.xlsx"
    run(app, "template", "--wave", "2027", "--xlsx", "--output", path)
    workbook = load_workbook(path)
    header = [str(cell.value) for cell in workbook["Entretiens"][1]]
    # As people fill it in: codes as numbers, a moment as one, accents and signs in the words.
    typed: dict[str, object] = {
        "interview_id": "a1",
        "language": "fr",
        "started_at": datetime(2027, 5, 3, 14, 30),  # noqa: DTZ001
        **answer_key_items(app.extensions["town"].current_wave.questionnaire),
        "apprecie_1": "l’école ; « le café », ça",
    }
    workbook["Entretiens"].append([typed.get(name) for name in header])
    workbook.save(path)
    folder = tmp_path / "saved"
    folder.mkdir()
    saved = [
        convert(folder, [path], writing="xlsx")[path.name],
        # Semicolons, quotes, UTF-8: what « Text CSV » writes in French, its usual encoding chosen.
        convert(folder, [path], writing="csv:Text - txt - csv (StarCalc):59,34,76")[path.name],
    ]
    (own,) = read_sheet(path).lines
    for file in saved:
        sheet = read_sheet(file)
        assert list(sheet.header.cells) == header
        # A line may end where nothing more was filled in.
        (line,) = sheet.lines
        assert line.cells[: len(own.cells)] == own.cells, file.suffix
        assert not any(line.cells[len(own.cells) :]), file.suffix
    assert "1 entretien enregistré." in import_file(app, saved[0]).output


@pytest.fixture
def second_town(sqlite_url: str) -> Iterator[Flask]:
    """An invented town."""
    app = make_app(sqlite_url, surveys_dir=SECOND_TOWN, town="bourg-fictif")
    yield app
    app.extensions["database"].engine.dispose()


def test_another_town_has_its_own_template(second_town: Flask) -> None:
    printed = run(second_town, "template", "--wave", "2030").output.strip().split(";")
    assert printed[:2] == ["interview_id", "quartier"]
    assert printed[-6:] == ["age", "plaisir", "trajets_bus", "trajets_velo", "partir", "idee"]
