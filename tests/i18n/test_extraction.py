"""From the French sources to the catalogues: what is extracted, and what counts as drift."""

from io import BytesIO
from pathlib import Path

import pytest

from barometre.config import CHECKOUT
from barometre.i18n import extraction
from barometre.i18n.catalogues import DOMAINS
from barometre.i18n.extraction import Drift, extract_messages, find_drift, update_catalogues
from barometre.questionnaire.definition import Questionnaire
from barometre.questionnaire.dispositions import DISPOSITIONS
from barometre.questionnaire.extract import extract
from barometre.questionnaire.load import load_town


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A tiny checkout: one question, one page, one language."""
    survey = tmp_path / "surveys" / "bourg" / "2027"
    survey.mkdir(parents=True)
    (survey / "questionnaire.toml").write_text(
        '[[section]]\nid = "s"\ntitle = "Le quartier"\n'
        '[[section.item]]\nid = "calme"\ntext = "Est-ce calme ?"\n',
        encoding="utf-8",
    )
    page = tmp_path / "barometre" / "results" / "templates"
    page.mkdir(parents=True)
    (page / "page.html").write_text('{{ _("Il y a %(n)s habitants.", n=3) }}', encoding="utf-8")
    (tmp_path / "barometre" / "labels.py").write_text('A = _l("Suivant")\n', encoding="utf-8")
    language = tmp_path / "translations" / "en"
    language.mkdir(parents=True)
    (language / "status.toml").write_text('interface = "offert"\nsurvey = "en cours"\n', encoding="utf-8")
    for domain in DOMAINS:
        mapping = (CHECKOUT / "translations" / f"{domain}.cfg").read_text(encoding="utf-8")
        (tmp_path / "translations" / f"{domain}.cfg").write_text(mapping, encoding="utf-8")
    return tmp_path


def write_translation(checkout: Path, source: str, translation: str) -> None:
    """Translate one message of the interface."""
    path = checkout / "translations" / "en" / "LC_MESSAGES" / "interface.po"
    text = path.read_text(encoding="utf-8")
    assert f'msgid "{source}"\nmsgstr ""' in text
    path.write_text(
        text.replace(f'msgid "{source}"\nmsgstr ""', f'msgid "{source}"\nmsgstr "{translation}"'),
        encoding="utf-8",
    )


def kinds(checkout: Path) -> list[tuple[str, str, str]]:
    """Every drift as (domain, kind, text)."""
    return sorted((drift.domain, drift.kind, drift.text) for drift in find_drift(checkout))


def test_each_text_of_a_questionnaire_has_its_context() -> None:
    source = b"""
    [[scale]]
    id = "oui_non"
    options = [{ code = 1, label = "Oui" }]
    [[battery]]
    id = "equip"
    stem = "Le quartier est-il..."
    [[section]]
    id = "fin"
    title = "Pour finir"
    [[section.item]]
    id = "calme"
    text = "Est-ce calme ?"
    note = "Laisser le temps."
    """
    found = [entry[2] for entry in extract(BytesIO(source), [], [], {})]
    assert found == [
        ("oui_non:1", "Oui"),
        ("battery:equip", "Le quartier est-il..."),
        ("section:fin", "Pour finir"),
        ("calme", "Est-ce calme ?"),
        ("calme:note", "Laisser le temps."),
    ]


def test_everything_read_aloud_in_niort_is_extracted() -> None:
    extracted = {(message.context, message.id) for message in extract_messages(CHECKOUT, "survey")}
    for wave in load_town(CHECKOUT / "surveys" / "niort").waves.values():
        assert wanted_of(wave.questionnaire) <= extracted


def wanted_of(questionnaire: Questionnaire) -> set[tuple[str, str]]:
    """Context and text of all that an interviewer reads aloud; quartiers are proper nouns."""
    wanted = {(item.id, item.text) for item in questionnaire.items}
    wanted |= {(f"battery:{battery.id}", battery.stem) for battery in questionnaire.batteries.values()}
    return wanted | {
        (f"{scale.id}:{option.code}", option.label)
        for scale in questionnaire.scales.values()
        if scale.id != "quartier"
        for option in scale.options
    }


def test_dispositions_are_messages_although_their_room_imports_nothing() -> None:
    extracted = {message.id for message in extract_messages(CHECKOUT, "interface")}
    assert {disposition.label for disposition in DISPOSITIONS} <= extracted


def test_lazy_labels_and_pages_are_messages(checkout: Path) -> None:
    extracted = {message.id for message in extract_messages(checkout, "interface")}
    assert {"Suivant", "Il y a %(n)s habitants."} <= extracted


def test_new_messages_wait_for_their_translator(checkout: Path) -> None:
    waiting = update_catalogues(checkout)
    assert {path.name: number for path, number in waiting.items()} == {
        "interface.po": 2,
        "town.po": 0,
        "survey.po": 2,
    }
    assert kinds(checkout) == [
        ("interface", "untranslated", "Il y a %(n)s habitants."),
        ("interface", "untranslated", "Suivant"),
    ]


def test_extracting_again_changes_nothing(checkout: Path) -> None:
    update_catalogues(checkout)
    write_translation(checkout, "Suivant", "Next")
    path = checkout / "translations" / "en" / "LC_MESSAGES" / "interface.po"
    update_catalogues(checkout)
    first = path.read_bytes()
    update_catalogues(checkout)
    assert path.read_bytes() == first
    assert b'msgstr "Next"' in first


def test_a_changed_french_text_is_missing_and_the_old_one_obsolete(checkout: Path) -> None:
    update_catalogues(checkout)
    write_translation(checkout, "Suivant", "Next")
    (checkout / "barometre" / "labels.py").write_text('A = _l("Question suivante")\n', encoding="utf-8")
    assert ("interface", "missing", "Question suivante") in kinds(checkout)
    assert ("interface", "obsolete", "Suivant") in kinds(checkout)
    update_catalogues(checkout)
    assert ("interface", "untranslated", "Question suivante") in kinds(checkout)


def test_a_translation_that_loses_a_placeholder_is_named(checkout: Path) -> None:
    update_catalogues(checkout)
    write_translation(checkout, "Suivant", "Next")
    write_translation(checkout, "Il y a %(n)s habitants.", "There are residents.")
    assert kinds(checkout) == [("interface", "placeholders", "Il y a %(n)s habitants.")]


def test_a_language_not_offered_may_be_incomplete(checkout: Path) -> None:
    status = checkout / "translations" / "en" / "status.toml"
    status.write_text('interface = "en cours"\ntown = "en cours"\nsurvey = "en cours"\n', encoding="utf-8")
    update_catalogues(checkout)
    assert kinds(checkout) == []


def test_arabic_plurals_are_in_the_order_translators_expect(checkout: Path) -> None:
    arabic = checkout / "translations" / "ar"
    arabic.mkdir()
    (arabic / "status.toml").write_text('interface = "en cours"\n', encoding="utf-8")
    update_catalogues(checkout)
    text = (arabic / "LC_MESSAGES" / "interface.po").read_text(encoding="utf-8")
    assert "n%100>=11 ? 4 : 5" in text.replace('"\n"', "")


def test_a_drift_is_told_in_one_line() -> None:
    drift = Drift("en", "survey", "missing", "calme", "Est-ce calme ?")
    assert str(drift) == "en/survey.po [calme]: missing: Est-ce calme ?"


def test_the_catalogues_of_this_repository_follow_its_sources() -> None:
    assert extraction.find_drift(CHECKOUT) == []
