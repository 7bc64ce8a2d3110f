"""A town's folder: it loads, or every defect is told at once."""

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from barometre.questionnaire.defects import Defect, DefinitionError
from barometre.questionnaire.load import load_town
from tests.data import BOURG_FICTIF, NIORT, bourg_fictif, niort

Q2026, Q2030 = "2026/questionnaire.toml", "2030/questionnaire.toml"
MARGINS, PUBLISHED = "2030/margins.csv", "2026/published.json"


def copy_town(source: Path, target: Path, changes: Mapping[str, list[tuple[str, str]]]) -> Path:
    """A copy where each first occurrence of some words is replaced."""
    folder = target / source.name
    shutil.copytree(source, folder)
    for file, replacements in changes.items():
        text = (folder / file).read_text(encoding="utf-8")
        for old, new in replacements:
            assert old in text, (file, old)
            text = text.replace(old, new, 1)
        (folder / file).write_text(text, encoding="utf-8")
    return folder


def find_defects(folder: Path) -> tuple[Defect, ...]:
    """What the loader objects to."""
    with pytest.raises(DefinitionError) as caught:
        load_town(folder)
    return caught.value.defects


def find_defects_of(tmp_path: Path, file: str, old: str, new: str, source: Path = BOURG_FICTIF) -> set[str]:
    """Files, places and reasons after one change."""
    defects = find_defects(copy_town(source, tmp_path, {file: [(old, new)]}))
    return {f"{defect.file} [{defect.place}] {defect.reason}" for defect in defects}


def test_niort_loads() -> None:
    town = niort()
    assert [quartier.id for quartier in town.quartiers] == ["CB", "TCG", "PCSA"]
    assert list(town.waves) == ["2023", "2027"]
    assert town.current_wave.id == "2027"
    assert town.first_wave is town.waves["2023"]
    asked = town.current_wave.questionnaire
    assert asked.cell == ("quartier", "secteur", "age", "sexe")
    assert asked.position["quartier"] == 0


def test_an_invented_town_loads_by_the_same_code() -> None:
    town = bourg_fictif()
    assert [quartier.id for quartier in town.quartiers] == ["MOULIN", "VERGER"]
    assert town.current_wave.design is not None
    assert town.current_wave.design.margins["VERGER"]["age"] == {"jeune": 180, "milieu": 240, "ancien": 180}
    assert town.current_wave.design.contour is None


def test_a_trend_item_of_niort_is_worded_as_in_2023() -> None:
    first, current = (niort().waves[wave].questionnaire for wave in ("2023", "2027"))
    trend = [item for item in current.items if item.since == "2023"]
    assert len(trend) > 20
    for item in trend:
        assert (item.text, item.scale) == (first.by_id[item.id].text, first.by_id[item.id].scale)


def test_every_defect_is_told_at_once_with_its_place_and_its_mend(tmp_path: Path) -> None:
    folder = copy_town(
        BOURG_FICTIF,
        tmp_path,
        {
            "town.toml": [('name = "Bourg-Fictif"\n', "")],
            "quartiers.toml": [("code = 2", "code = 5"), ('council = "CV"', 'council = "CX"')],
            Q2030: [
                ('scale = "oui_non"', 'scale = "oui_nom"'),
                ("codes = [1] }", "codes = [7] }"),
                ('{ code = 2, label = "35-64 ans"', '{ code = 3, label = "35-64 ans"'),
                ("Vous plaisez-vous", "Vous plaisez-vous encore"),
                ('battery = "trajets"', 'battery = "trajet"'),
            ],
            "2030/design.toml": [
                ('use = "demonstration"', 'use = "test"'),
                ('key_family = ["plaisir"', 'key_family = ["joie"'),
            ],
            MARGINS: [("MOULIN,age,jeune,300", "MOULIN,age,jeune,200"), ("ancien,180", "ancien,beaucoup")],
            "indicators.toml": [
                ('theme = "services"', 'theme = "servis"'),
                ("codes = [1]\n", "codes = [1, 2]\n"),
            ],
            PUBLISHED: [('"lower": 63.5', '"lower": 65'), ('"text_only":', '"words_only":')],
            "context.toml": [('["trajets_bus"]', '["trajets_train"]')],
            "councils-2026.toml": [('kind = "proposal"', 'kind = "wish"')],
            "codeframes.toml": [("[[frame]]", "[[frame]")],
        },
    )
    defects = find_defects(folder)
    told = {(defect.file, defect.place) for defect in defects}
    assert told == {
        ("town.toml", ""),
        ("quartiers.toml", "VERGER"),
        (Q2030, "partir"),
        (Q2030, "age3"),
        (Q2030, "age"),
        (Q2030, "plaisir"),
        (Q2030, "trajets_bus"),
        ("2030/design.toml", ""),
        (MARGINS, "MOULIN age"),
        (MARGINS, "line 9"),
        (MARGINS, "VERGER age"),
        ("indicators.toml", "trajets_bus"),
        ("indicators.toml", "partir"),
        (PUBLISHED, "PLAISIR-ALL"),
        (PUBLISHED, "BUS-NEG-VERGER"),
        ("context.toml", "pont-ferme"),
        ("councils-2026.toml", "plus-de-bus"),
        ("codeframes.toml", ""),
    }
    assert len(defects) >= 20
    for defect in defects:
        assert len(defect.reason) > 5, defect
        assert len(defect.mend) > 5, defect
        assert re.match(rf"{re.escape(defect.file)}.*: .+ → .+", str(defect)), defect


def test_a_missing_file_is_a_defect(tmp_path: Path) -> None:
    folder = copy_town(BOURG_FICTIF, tmp_path, {})
    (folder / "indicators.toml").unlink()
    assert [(defect.file, defect.reason) for defect in find_defects(folder)] == [
        ("indicators.toml", "the file is missing or cannot be read")
    ]


def test_an_empty_folder_is_told_what_to_write(tmp_path: Path) -> None:
    told = {defect.file for defect in find_defects(tmp_path)}
    assert {"town.toml", "quartiers.toml", "indicators.toml", ""} <= told


@pytest.mark.parametrize("value", ['"many"', "true", "[1]", "null", '{"CB": {}}'])
def test_a_value_of_another_kind_is_a_defect_and_not_a_crash(tmp_path: Path, value: str) -> None:
    folder = copy_town(BOURG_FICTIF, tmp_path, {})
    published = json.loads((folder / PUBLISHED).read_text(encoding="utf-8"))
    published["interviews"]["ALL"] = json.loads(value)
    published["composition"]["age"]["jeune"] = json.loads(value)
    published["figures"][0]["base_min"] = json.loads(value)
    published["figures"][0]["codes"] = json.loads(value)
    (folder / PUBLISHED).write_text(json.dumps(published), encoding="utf-8")
    places = {defect.place for defect in find_defects(folder)}
    assert {"interviews", "composition age", "PLAISIR-ALL"} <= places


@pytest.mark.parametrize(
    ("old", "new", "item"),
    [
        ("Êtes-vous satisfait d'habiter le quartier ?", "Êtes-vous content du quartier ?", "satisfaction"),
        ("Plutôt pas satisfait", "Peu satisfait", "satisfaction"),
        ('code = 3, label = "Plutôt bonne"', 'code = 3, label = "Assez bonne"', "ambiance"),
        ("Pour chaque thème, votre quartier", "Selon vous, votre quartier", "equip_sante"),
    ],
)
def test_a_wording_of_2023_is_frozen(tmp_path: Path, old: str, new: str, item: str) -> None:
    told = find_defects_of(tmp_path, "2027/questionnaire.toml", old, new, NIORT)
    assert f"2027/questionnaire.toml [{item}] wording, codes or options differ from 2023" in told


def test_a_frozen_item_cannot_pass_for_a_new_one(tmp_path: Path) -> None:
    folder = copy_town(
        BOURG_FICTIF,
        tmp_path,
        {Q2030: [('text = "Vous plaisez-vous dans votre quartier ?"\nscale = "plaisir3"\nsince = "2026"',
                  'text = "Aimez-vous votre quartier ?"\nscale = "plaisir3"\nsince = "2030"')]},
    )  # fmt: skip
    reasons = [defect.reason for defect in find_defects(folder) if defect.place == "plaisir"]
    assert reasons == [
        "since = “2030”, but the first wave that asks it is 2026",
        "wording, codes or options differ from 2026",
    ]


def test_a_wave_that_is_not_there_cannot_be_the_origin_of_an_item(tmp_path: Path) -> None:
    told = find_defects_of(tmp_path, Q2030, 'since = "2030"', 'since = "2O26"')
    assert told == {f"{Q2030} [partir] since = “2O26”, but the first wave that asks it is 2030"}


def test_a_condition_looks_at_an_earlier_item(tmp_path: Path) -> None:
    told = find_defects_of(tmp_path, Q2030, 'when = { item = "plaisir"', 'when = { item = "idee"')
    assert told == {f"{Q2030} [partir] its condition looks at “idee”"}


def test_an_ordinal_scale_runs_from_the_most_positive_down(tmp_path: Path) -> None:
    told = find_defects_of(tmp_path, Q2030, 'type = "ordinal"', 'type = "nominal"')
    assert any(found.startswith(f"{Q2030} [plaisir3] codes [3, 2, 1]") for found in told)


def test_what_is_not_confirmed_says_why(tmp_path: Path) -> None:
    told = find_defects_of(
        tmp_path, Q2030, 'reason = "Le bulletin cite le bus', 'note = "Le bulletin cite le bus'
    )
    assert f"{Q2030} [trajets_bus] not confirmed, and no reason" in told


def test_a_printed_wording_has_its_line(tmp_path: Path) -> None:
    told = find_defects_of(tmp_path, Q2030, "source_line = 20\n", "")
    assert told == {f"{Q2030} [plaisir] wording is printed, and no source_line"}


def test_the_version_changes_with_the_files(tmp_path: Path) -> None:
    version = bourg_fictif().current_wave.questionnaire.version
    folder = copy_town(BOURG_FICTIF, tmp_path, {Q2030: [("Une idée", "Une seule idée")]})
    changed = load_town(folder)
    assert changed.current_wave.questionnaire.version != version
    assert changed.waves["2026"].questionnaire.version == bourg_fictif().waves["2026"].questionnaire.version


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ('item = "humeur"\ncodes = [1]\ndisposition = "minor_alone"', "no closed item “humeur”"),
        ('item = "age"\ncodes = [7]\ndisposition = "minor_alone"', "with codes [7]"),
        ('item = "age"\ncodes = [1]\ndisposition = "vacant"', "“vacant” does not end an interview"),
    ],
)
def test_a_rule_of_eligibility_that_cannot_hold_is_told(tmp_path: Path, rule: str, reason: str) -> None:
    first = "[[scale]]"
    (found,) = find_defects_of(tmp_path, Q2030, first, f"[[not_eligible]]\n{rule}\n\n{first}")
    assert reason in found


@pytest.mark.parametrize(
    "place",
    ['{ item = "humeur", home = [1] }', '{ item = "age", home = [1] }', '{ item = "quartier", home = [9] }'],
)
def test_a_place_of_encounters_that_nobody_notes_is_told(tmp_path: Path, place: str) -> None:
    first = "[[scale]]"
    (found,) = find_defects_of(tmp_path, Q2030, first, f"place = {place}\n\n{first}")
    assert "no recorded closed item" in found


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "reason"),
    [
        ("context.toml", 'date = "', 'date = "juillet ', "pont-ferme", "date is “juillet "),
        ("town.toml", 'slug = "les-services"', 'slug = "Les services"', "services", "slug is “Les services”"),
        (
            "town.toml",
            'slug = "les-services"',
            'slug = "vivre-ici"',
            "services",
            "slug “vivre-ici” is there twice",
        ),
        (
            "quartiers.toml",
            'slug = "le-verger"',
            'slug = "le-moulin"',
            "VERGER",
            "slug “le-moulin” is there twice",
        ),
        ("quartiers.toml", "value = ", "value = -", "Recensement inventé", "“value” is -"),
        (PUBLISHED, '"printed": "64', '"printed": "46', "PLAISIR-ALL", "value is 64"),
        (PUBLISHED, '"printed": "les deux tiers"', '"printed": ""', "BUS-NEG-VERGER", "“printed” is empty"),
        (
            PUBLISHED,
            '"printed": "90 personnes"',
            '"printed": "95"',
            "SAMPLE-N-ALL",
            "printed is “95”, value is 90",
        ),
        (PUBLISHED, '"source_line": 21', '"source_line": 0', "PLAISIR-ALL", "“source_line” is 0"),
        (PUBLISHED, '"wave": "2026"', '"wave": "2025"', "", "wave is “2025”"),
        ("2030/design.toml", 'wave = "2030"', 'wave = "2026"', "", "wave is “2026”"),
        (
            Q2030,
            'text = "Vous plaisez-vous dans votre quartier ?"',
            'text = " "',
            "plaisir",
            "“text” is empty",
        ),
        (Q2030, 'label = "35-64 ans"', 'label = ""', "", "“label” is empty"),
        (Q2030, "max_length = ", "maxlength = ", "idee", "nothing is called “maxlength” here"),
        ("indicators.toml", "headline = ", "headlin = ", "plaisir", "nothing is called “headlin” here"),
    ],
)
def test_a_slip_of_the_pen_is_told_where_it_is(
    tmp_path: Path, file: str, old: str, new: str, place: str, reason: str
) -> None:
    defects = find_defects(copy_town(BOURG_FICTIF, tmp_path, {file: [(old, new)]}))
    assert any(
        defect.file == file and defect.place in (place or defect.place) and reason in defect.reason
        for defect in defects
    ), defects


def test_a_file_that_is_not_in_utf_8_has_one_defect_of_its_own(tmp_path: Path) -> None:
    folder = copy_town(BOURG_FICTIF, tmp_path, {})
    text = (folder / "town.toml").read_text(encoding="utf-8")
    (folder / "town.toml").write_bytes(text.replace("\u202f", " ").encode("cp1252"))
    (found,) = (defect for defect in find_defects(folder) if defect.file == "town.toml")
    assert (found.reason, found.mend) == ("not written in UTF-8", "save the file again as UTF-8")
    assert re.fullmatch(r"line \d+", found.place)


def test_a_file_may_begin_with_the_mark_of_utf_8(tmp_path: Path) -> None:
    folder = copy_town(BOURG_FICTIF, tmp_path, {})
    text = (folder / "town.toml").read_text(encoding="utf-8")
    (folder / "town.toml").write_text(text, encoding="utf-8-sig")
    assert load_town(folder).name == bourg_fictif().name


def test_niort_hands_over_a_few_new_questions_in_a_row() -> None:
    handed_over = [item.id for item in niort().current_wave.questionnaire.items if item.self_completed]
    assert handed_over == ["proprete", "securite_soir", "services_connus", "conseil_connu"]


def hand_over(tmp_path: Path, *items: str, old: str = "", new: str = "") -> set[str]:
    """Places, reasons and mends when these items of Niort are handed over too, after another change."""
    marks = [(f'id = "{item}"\ntype', f'id = "{item}"\nself_completed = true\ntype') for item in items]
    folder = copy_town(NIORT, tmp_path, {"2027/questionnaire.toml": [(old, new), *marks]})
    return {f"[{defect.place}] {defect.reason} → {defect.mend}" for defect in find_defects(folder)}


BETWEEN = (
    "[{item}] self_completed, but another item stands before it, after the first self_completed ones "
    "→ put the self_completed items one after the other"
)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("proposition", "it is open → choose a closed item"),
        ("demenager", "an earlier wave asked it → leave a trend item to the interviewer"),
    ],
)
def test_an_item_that_cannot_be_answered_alone_is_told_why(tmp_path: Path, item: str, reason: str) -> None:
    assert hand_over(tmp_path, item) == {f"[{item}] self_completed, but {reason}"}


def test_a_condition_cannot_be_followed_alone(tmp_path: Path) -> None:
    assert hand_over(tmp_path, "conseil_cc1") == {
        "[conseil_cc1] self_completed, but it has a condition → choose an item that everybody is asked",
        BETWEEN.format(item="conseil_cc1"),
    }


def test_what_is_answered_alone_leads_nowhere(tmp_path: Path) -> None:
    told = hand_over(
        tmp_path,
        old='when = { item = "quartier", codes = [1, 2]',
        new='when = { item = "proprete", codes = [1, 2]',
    )
    assert told == {
        "[proprete] self_completed, but the condition of another item looks at it "
        "→ choose an item that leads nowhere: what is asked next would tell its answer"
    }


def test_a_key_item_is_asked(tmp_path: Path) -> None:
    told = hand_over(tmp_path, old='  "equip_jeunes",\n]', new='  "equip_jeunes",\n  "proprete",\n]')
    assert told == {"[proprete] self_completed, but it is a key item → take it out of key_items, or ask it"}


def test_what_the_interviewer_records_is_not_handed_over(tmp_path: Path) -> None:
    told = hand_over(tmp_path, old='id = "proprete"\ntype', new='id = "proprete"\nrecorded = true\ntype')
    assert told == {
        "[proprete] self_completed, but it is recorded by the interviewer → choose an item that is read aloud"
    }


def test_the_tablet_is_handed_over_once(tmp_path: Path) -> None:
    # The second of four is asked by the interviewer: the tablet would change hands twice.
    item = 'id = "securite_soir"'
    text = (NIORT / "2027" / "questionnaire.toml").read_text(encoding="utf-8")
    block = text[text.index(item) :].partition("\n\n")[0]
    asked = block.replace("self_completed = true\n", "")
    assert hand_over(tmp_path, old=block, new=asked) == {BETWEEN.format(item="services_connus")}


def test_five_questions_at_most_are_answered_alone(tmp_path: Path) -> None:
    more = """[[section.item]]
id = "{name}"
type = "closed"
self_completed = true
text = "Encore une question ?"
scale = "yes_no"
since = "2027"

"""
    before = '[[section.item]]\nid = "proprete"'
    added = "".join(more.format(name=name) for name in ("encore_1", "encore_2"))
    assert hand_over(tmp_path, old=before, new=added + before) == {
        "[] 6 items are self_completed → keep 5 at most: the tablet comes back after a moment"
    }
