"""Interviews of 2023 turn up: imported, decided on item by item, logged, frozen with each release."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient

from barometre.i18n import known_languages
from barometre.intake.commands import interviews
from barometre.results.baseline_commands import baseline
from barometre.storage.baseline import fetch_log, fetch_replaced
from barometre.storage.counts import fetch_counts, recount
from barometre.storage.releases import ReleaseTooClose
from tests.data import publish_now
from tests.results.test_pages import read_text, released
from tests.support import give_account, make_app, sign_in

#: quartier → item → code → people; what is left over does not know
ANSWERS: dict[str, dict[str, dict[int, int]]] = {
    "CB": {"satisfaction": {3: 30, 2: 16}, "ambiance": {3: 34, 2: 12}, "attachement": {4: 24, 1: 22}},
    "TCG": {"satisfaction": {3: 27, 2: 7}, "ambiance": {3: 20, 2: 15}, "attachement": {4: 27, 1: 8}},
    "PCSA": {"satisfaction": {3: 27, 2: 12}, "ambiance": {3: 26, 2: 13}, "attachement": {4: 23, 1: 16}},
}
#: the other key questions of 2023, answered alike by everybody
CONSTANT = {
    "securite": 3, "liens": 1, "sorties": 3, "equip_commerces_alim": 3,
    "equip_transports": 3, "equip_services_publics": 3, "equip_jeunes": 2,
}  # fmt: skip
INTERVIEWS = {"CB": 46, "TCG": 35, "PCSA": 39}


@pytest.fixture
def app(database_url: str) -> Iterator[Flask]:
    """Niort on either database, released once, with an analyst."""
    app = released(make_app(database_url), 90)
    give_account(app, "analyse", "analyst")
    yield app
    app.extensions["database"].engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """The analyst, signed in."""
    return sign_in(app.test_client(), "analyse")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The hundred and twenty interviews of 2023."""
    return write_file(tmp_path / "2023.csv", INTERVIEWS)


def write_file(path: Path, number: Mapping[str, int], prefix: str = "") -> Path:
    """A file of 2023: no tablet, no sector, no sex."""
    columns = ["interview_id", "quartier", *ANSWERS["CB"], *CONSTANT]
    with path.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, columns)
        writer.writeheader()
        for quartier, people in number.items():
            given = {
                item: [code for code, times in codes.items() for _ in range(times)]
                for item, codes in ANSWERS[quartier].items()
            }
            for place in range(people):
                answers = {item: codes[place] if place < len(codes) else 97 for item, codes in given.items()}
                writer.writerow(
                    {
                        "interview_id": f"{prefix}{quartier}-{place}",
                        "quartier": quartier,
                        **answers,
                        **CONSTANT,
                    }
                )
    return path


def run(app: Flask, *words: object) -> Result:
    """`barometre interviews …` or `barometre baseline …`."""
    group = {"interviews": interviews, "baseline": baseline}[str(words[0])]
    found = CliRunner().invoke(group, [str(word) for word in words[1:]], obj=lambda: app)
    assert found.exception is None or isinstance(found.exception, SystemExit), found.exc_info
    return found


def import_2023(app: Flask, path: Path) -> Result:
    """`barometre interviews import --wave 2023`."""
    return run(app, "interviews", "import", path, "--wave", "2023")


def release(app: Flask) -> None:
    """One more release of 2027."""
    with app.extensions["database"].write() as session:
        publish_now(session, app.extensions["town"])


def read_token(client: FlaskClient) -> str:
    page = client.get("/desk/baseline").get_data(as_text=True)
    return page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]


def decide(
    client: FlaskClient, item: str, source: str = "microdata", reason: str = "fichier retrouvé"
) -> tuple[int, str]:
    """Send the form of one item; status and words of what comes back."""
    sent = {"csrf_token": read_token(client), "item": item, "source": source, "reason": reason}
    answer = client.post("/desk/baseline", data=sent, follow_redirects=True)
    return answer.status_code, write_plainly(answer.get_data(as_text=True))


def read_figures(app: Flask, path: str) -> str:
    """The words of a page, but for the number of its edition."""
    return re.sub(r"Édition n° \d+, publiée le [^.]*? \d{4}", "", read_text(app, path))


def write_plainly(page: str) -> str:
    """The words of a page, one space between them."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_interviews_of_2023_are_imported_and_change_no_page(app: Flask, file: Path) -> None:
    pages = ["/", "/quartiers/clou-bouchet", "/chiffres-publies"]
    before = [read_figures(app, page) for page in pages]
    assert "120 entretiens enregistrés." in import_2023(app, file).output
    assert "120 déjà reçus." in import_2023(app, file).output
    with app.extensions["database"].read() as session:
        kept, again, now = (
            fetch_counts(session, "2023"), recount(session, "2023"), fetch_counts(session, "2027")
        )  # fmt: skip
    assert kept is not None
    assert again is not None
    assert now is not None
    assert kept.same_as(again)
    assert (kept.total, now.total) == (120, 90)
    release(app)
    assert [read_figures(app, page) for page in pages] == before


def test_a_column_that_2023_did_not_ask_is_refused_by_name(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("interview_id,quartier,secteur,satisfaction\n1,CB,1,3\n", encoding="utf-8")
    refused = import_2023(app, path)
    assert refused.exit_code == 1
    assert "secteur" in refused.output
    assert "n’est pas dans le questionnaire" in refused.output


def test_the_desk_shows_what_goes_together_and_what_does_not(
    app: Flask, client: FlaskClient, file: Path
) -> None:
    page = client.get("/desk/baseline").get_data(as_text=True)
    assert "Aucune réponse de 2023 n’est enregistrée" in write_plainly(page)
    assert 'name="reason"' not in page
    import_2023(app, file)
    page = client.get("/desk/baseline").get_data(as_text=True)
    assert "120 entretiens de 2023 sont enregistrés" in write_plainly(page)
    parts = {
        part.split('"')[0]: write_plainly(part.split("</section>")[0])
        for part in page.split('<h2 class="block__title" id="')[1:]
    }
    satisfaction = parts["satisfaction"]
    assert re.search(r"71 % 285 84 sur 119, soit 71 % concorde avec le chiffre imprimé", satisfaction)
    assert re.search(r"79 % 285 27 sur 34, soit 79 % concorde avec le chiffre imprimé", satisfaction)
    assert re.search(r"Pontreau Colline Saint-André .*? non publié – 69 % de 39 réponses", satisfaction)
    assert "ne concorde pas" not in satisfaction
    assert re.search(r"97 % 292 20 sur 35, soit 57 % ne concorde pas", parts["ambiance"])
    # A figure for two questions belongs to neither; what was not asked in the file cannot be decided on.
    assert "concorde" not in parts["equip_animation"]
    assert "Remplacer" not in parts["equip_animation"]


def test_three_interviews_are_told_to_nobody(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    import_2023(app, write_file(tmp_path / "three.csv", {"PCSA": 3}))
    decide(client, "securite")
    release(app)
    for address in ("/", "/quartiers/pontreau-colline-saint-andre"):
        assert "recalculé" not in read_text(app, address)
    page = write_plainly(client.get("/desk/baseline").get_data(as_text=True))
    assert "sur 3, soit" not in page
    assert "de 3 réponses" not in page


def test_no_count_of_several_quartiers_is_told(app: Flask, client: FlaskClient, file: Path) -> None:
    import_2023(app, file)
    page = write_plainly(client.get("/desk/baseline").get_data(as_text=True))
    # Frequency of going out was printed for two quartiers at once.
    assert "sur 81, soit" not in page
    assert "juste 50 %" in page


def test_a_decision_is_logged_and_shown_from_the_next_release_on(
    app: Flask, client: FlaskClient, file: Path
) -> None:
    import_2023(app, file)
    address = "/quartiers/pontreau-colline-saint-andre"
    before = read_figures(app, address)
    status, page = decide(client, "satisfaction")
    assert status == 200
    assert "c’est noté" in page
    assert re.search(r"analyse .*? chiffres imprimés réponses de 2023 fichier retrouvé", page)
    assert read_figures(app, address) == before
    releases = client.get("/desk/editions").get_data(as_text=True)
    assert "Les chiffres de départ ont été changés" in write_plainly(releases)

    release(app)
    after = read_figures(app, address)
    assert "69 % (39 réponses), recalculé sur les réponses de 2023" in after
    theme = read_text(app, "/themes/bien-vivre")
    assert "71 % (119 réponses), recalculé sur les réponses de 2023" in theme
    # The printed figure stands beside it, with its line.
    assert re.search(r"71 % \(\s*contrat de ville, ligne 285", theme)
    assert "quelle que soit la façon de compter" in theme
    assert (
        "Satisfaction d’habiter le quartier"
        in read_text(app, "/chiffres-publies").split("comptent de nouveau")[1][:60]
    )
    assert "Pour une question, les réponses de 2023 ont été retrouvées" in read_text(
        app, "/comment-l-enquete-a-ete-faite"
    )

    decide(client, "satisfaction", "published", "erreur de fichier")
    assert read_figures(app, address) == after
    release(app)
    assert read_figures(app, address) == before
    with app.extensions["database"].read() as session:
        log = fetch_log(session, "2023")
        assert fetch_replaced(session, "2023") == frozenset()
    assert [(line.item, line.previous, line.source, line.reason, line.by) for line in log] == [
        ("satisfaction", "microdata", "published", "erreur de fichier", "analyse"),
        ("satisfaction", "published", "microdata", "fichier retrouvé", "analyse"),
    ]


def test_the_deduced_interval_gives_way_to_the_answers(app: Flask, client: FlaskClient, file: Path) -> None:
    import_2023(app, file)
    address = "/quartiers/pontreau-colline-saint-andre"
    assert "déduit : entre 55" in read_text(app, address)
    decide(client, "attachement")
    release(app)
    text = read_text(app, address)
    assert "déduit :" not in text
    assert "59 % (39 réponses), recalculé sur les réponses de 2023" in text
    # What was printed from other answers is still deduced elsewhere.
    assert "déduit : entre 66" in read_text(app, "/")


def test_a_printed_figure_that_the_answers_deny_is_said_on_the_page(
    app: Flask, client: FlaskClient, file: Path
) -> None:
    import_2023(app, file)
    decide(client, "ambiance")
    release(app)
    assert "Le chiffre imprimé ne concorde pas avec les réponses de 2023" in read_text(
        app, "/quartiers/tour-chabot-gavacherie"
    )


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_a_decision_needs_a_short_reason(app: Flask, client: FlaskClient, file: Path, reason: str) -> None:
    import_2023(app, file)
    status, page = decide(client, "satisfaction", reason=reason)
    assert status == 422
    assert "Dites en quelques mots pourquoi" in page or "trop longue" in page
    assert "Pourquoi, pour « Satisfaction" in page.replace("\xa0", " ")
    with app.extensions["database"].read() as session:
        assert fetch_log(session, "2023") == []


def test_a_decision_is_taken_once(app: Flask, client: FlaskClient, file: Path) -> None:
    import_2023(app, file)
    decide(client, "satisfaction")
    token = {"csrf_token": read_token(client), "item": "satisfaction", "source": "microdata"}
    again = client.post("/desk/baseline", data=token | {"reason": "vu\0 au bureau"})
    page = again.get_data(as_text=True)
    assert again.status_code == 409
    assert "C’est déjà décidé" in page
    assert 'value="vu au bureau"' in page
    with app.extensions["database"].read() as session:
        assert len(fetch_log(session, "2023")) == 1


def test_nothing_replaces_a_figure_without_answers(app: Flask, client: FlaskClient, file: Path) -> None:
    import_2023(app, file)
    status, page = decide(client, "equip_sport")
    assert status == 422
    assert "aucune réponse de 2023" in page.replace("\xa0", " ")
    assert decide(client, "proprete")[0] == 400
    assert decide(client, "satisfaction", "elsewhere")[0] == 400
    with app.extensions["database"].read() as session:
        assert fetch_log(session, "2023") == []


def test_a_forged_form_decides_nothing(app: Flask, client: FlaskClient, file: Path) -> None:
    import_2023(app, file)
    sent = {"item": "satisfaction", "source": "microdata", "reason": "forged"}
    assert client.post("/desk/baseline", data=sent).status_code == 400
    with app.extensions["database"].read() as session:
        assert fetch_replaced(session, "2023") == frozenset()


def use(app: Flask, item: str, reason: str) -> Result:
    """`barometre baseline use --source microdata`."""
    return run(app, "baseline", "use", "--item", item, "--source", "microdata", "--reason", reason)


def test_the_command_does_the_same_and_names_the_mend(app: Flask, file: Path) -> None:
    nothing = use(app, "satisfaction", "x")
    assert nothing.exit_code == 1
    assert "importez-les d’abord" in nothing.output
    import_2023(app, file)
    empty = use(app, "satisfaction", " ")
    assert (empty.exit_code, "--reason est vide" in empty.output) == (2, True)
    long = use(app, "satisfaction", "x" * 201)
    assert (long.exit_code, "200 caractères au plus" in long.output) == (2, True)
    unknown = use(app, "bonheur", "x")
    assert (unknown.exit_code, "satisfaction" in unknown.output) == (2, True)
    done = run(
        app, "baseline", "use", "--item", "satisfaction", "--source", "microdata", "--reason", "trouvé"
    )
    assert done.exit_code == 0, done.output
    again = use(app, "satisfaction", "x")
    assert (again.exit_code, "rien n’a changé" in again.output) == (1, True)
    listed = run(app, "baseline", "list").output
    assert re.search(r"satisfaction\s+microdata", listed)
    assert re.search(r"ambiance\s+published", listed)
    assert re.search(r"command  satisfaction  published → microdata  trouvé", listed)


def test_a_few_more_answers_of_2023_cannot_be_read_from_two_releases(
    app: Flask, client: FlaskClient, file: Path, tmp_path: Path
) -> None:
    import_2023(app, file)
    decide(client, "satisfaction")
    release(app)
    import_2023(app, write_file(tmp_path / "more.csv", {"PCSA": 3}, "more-"))
    with pytest.raises(ReleaseTooClose, match="past_changed"):
        release(app)
    decide(client, "satisfaction", "published", "retour")
    release(app)


def test_the_pages_read_in_every_language(app: Flask, client: FlaskClient, file: Path) -> None:
    import_2023(app, file)
    decide(client, "satisfaction")
    release(app)
    with app.app_context():
        offered = {code: found.direction for code, found in known_languages().items() if found.offered}
    for code, direction in offered.items():
        for address in ("/desk/baseline", "/", "/chiffres-publies"):
            answer = client.get(address if code == "fr" else f"/{code}{address}")
            assert answer.status_code == 200, (code, address)
            assert f'dir="{direction}"' in answer.get_data(as_text=True)


def test_the_page_of_precision_compares_as_the_next_release_will(
    app: Flask, client: FlaskClient, file: Path
) -> None:
    def read_verdicts() -> list[str]:
        page = client.get("/desk/precision?item=satisfaction").get_data(as_text=True)
        row = page.split(">Verdict</th>")[1].split("</tr>")[0]
        return [write_plainly(cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]

    import_2023(app, file)
    before = read_verdicts()
    assert decide(client, "satisfaction")[0] == 200
    # Printed for one quartier and the three together; its interviews tell the two others.
    assert before.count("Comparaison impossible") == 2
    assert read_verdicts().count("Comparaison impossible") < 2
