"""Which language a page speaks, and how it writes words, numbers and dates."""

from datetime import date
from pathlib import Path

import pytest
from babel import Locale
from flask import Flask, url_for

from barometre import i18n
from barometre.i18n import catalogues, typography
from barometre.i18n.typography import NARROW_SPACE as NARROW
from barometre.i18n.typography import NO_BREAK_SPACE as NO_BREAK

MINUS = i18n.MINUS


def speaking(app: Flask, language: str):  # type: ignore[no-untyped-def]
    """A request in one language."""
    environment = {} if language == "fr" else {i18n.LANGUAGE_KEY: language, i18n.ROOT_KEY: ""}
    return app.test_request_context("/sign-in", environ_overrides=environment)


def read(app: Flask, address: str) -> str:
    """The page at an address."""
    answer = app.test_client().get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_french_has_no_prefix(app: Flask) -> None:
    page = read(app, "/sign-in")
    assert '<html lang="fr" dir="ltr">' in page
    assert "<h1>Se connecter</h1>" in page


def test_another_language_is_the_first_segment_of_the_address(app: Flask) -> None:
    page = read(app, "/en/sign-in")
    assert '<html lang="en" dir="ltr">' in page
    assert "<h1>Sign in</h1>" in page


def test_arabic_runs_from_right_to_left(app: Flask) -> None:
    page = read(app, "/ar/sign-in")
    assert '<html lang="ar" dir="rtl">' in page
    assert "<h1>تسجيل الدخول</h1>" in page


@pytest.mark.parametrize("address", ["/tr/sign-in", "/fr/sign-in", "/xx/sign-in", "/e/sign-in"])
def test_a_language_that_is_not_offered_is_not_found(app: Flask, address: str) -> None:
    assert app.test_client().get(address).status_code == 404


def test_links_keep_the_language_and_files_do_not(app: Flask) -> None:
    page = read(app, "/en/sign-in")
    assert 'href="/en/accessibilite"' in page
    assert "/en/static/" not in page
    with app.test_request_context("/en/sign-in"):
        assert url_for("people.account") == "/account"


def test_files_and_links_stay_below_the_place_where_the_site_is_mounted(app: Flask) -> None:
    answer = app.test_client().get("/en/sign-in", environ_overrides={"SCRIPT_NAME": "/barometre"})
    page = answer.get_data(as_text=True)
    assert 'href="/barometre/en/accessibilite"' in page
    assert 'href="/barometre/static/' in page


def test_each_page_links_to_itself_in_every_language_offered(app: Flask) -> None:
    with app.test_request_context("/sign-in?next=/account"):
        assert i18n.languages() == [
            ("fr", "Français", "/sign-in?next=/account"),
            ("ar", "العربية", "/ar/sign-in?next=/account"),
            ("en", "English", "/en/sign-in?next=/account"),
        ]


def test_a_wave_in_the_field_is_asked_in_validated_languages_only(app: Flask, translations: Path) -> None:
    with app.app_context():
        assert i18n.survey_languages("demonstration") == ("fr", "en")
        assert i18n.survey_languages("field") == ("fr",)


def test_the_survey_is_said_by_its_context_and_in_french_when_it_is_not_translated(app: Flask) -> None:
    text = "Êtes-vous d'accord ?"
    with speaking(app, "en"):
        assert i18n.say("secu", text) == "Do you agree?"
        assert i18n.say("another place", text) == f"Êtes-vous d’accord{NARROW}?"
        assert i18n.say_in("ar", "secu", text) == f"Êtes-vous d’accord{NARROW}?"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("C'est « bien » : oui", f"C’est «{NO_BREAK}bien{NO_BREAK}»{NO_BREAK}: oui"),
        ("12 % ; vraiment ? Oui !", f"12{NARROW}%{NARROW}; vraiment{NARROW}? Oui{NARROW}!"),
        ("Question %(n)s sur %(total)s", "Question %(n)s sur %(total)s"),
        ("%(n)s %% des réponses", f"%(n)s{NARROW}%% des réponses"),
        ("https://exemple.fr", "https://exemple.fr"),
    ],
)
def test_french_typography_is_set_when_the_words_are_shown(typed: str, shown: str) -> None:
    assert typography.set_french(typed) == shown


def test_french_messages_are_typeset_like_the_rest(app: Flask) -> None:
    with speaking(app, "fr"):
        assert i18n.gettext("Est-ce l'accueil ?") == f"Est-ce l’accueil{NARROW}?"


def test_numbers_and_percentages_follow_the_language(app: Flask) -> None:
    with speaking(app, "fr"):
        assert i18n.format_percent(0.575) == f"58{NARROW}%"
        assert i18n.format_percent(0.575, digits=1) == f"57,5{NARROW}%"
        assert i18n.format_number(12345) == f"12{NARROW}345"
        assert i18n.format_number(1.5, digits=1) == "1,5"
        assert i18n.format_date(date(2027, 3, 1)) == "1er mars 2027"
        assert i18n.format_date(date(2027, 3, 11)) == "11 mars 2027"
        assert i18n.tell_printed("60 %") == f"60{NARROW}%"
    with speaking(app, "en"):
        assert i18n.format_percent(0.575) == "58%"
        assert i18n.format_number(12345) == "12,345"


@pytest.mark.parametrize(
    ("difference", "shown"),
    [
        (0.14, "+14 points"),
        (-0.03, f"{MINUS}3 points"),
        (0.01, "+1 point"),
        (0.0, "0 point"),
        (-0.004, "0 point"),
    ],
)
def test_a_difference_carries_its_sign_and_its_noun(app: Flask, difference: float, shown: str) -> None:
    with speaking(app, "fr"):
        assert i18n.format_points(difference) == shown


def test_a_sign_stays_before_its_number_in_arabic(app: Flask) -> None:
    with speaking(app, "ar"):
        assert i18n.format_points(0.14).startswith(f"{i18n.LEFT_TO_RIGHT}+")


def test_a_catalogue_with_a_fuzzy_or_an_empty_message_is_not_complete(tmp_path: Path) -> None:
    good = 'msgid "a"\nmsgstr "b"\n\n'
    for body, complete in (
        (good, True),
        (good + '#, fuzzy\nmsgid "c"\nmsgstr "d"\n', False),
        (good + 'msgid "c"\nmsgstr ""\n', False),
        (good + 'msgid "c"\nmsgid_plural "cs"\nmsgstr[0] "d"\nmsgstr[1] ""\n', False),
        ("", False),
    ):
        path = tmp_path / "interface.po"
        path.write_text(body, encoding="utf-8")
        assert catalogues.is_complete(catalogues.read_catalogue(path, "en")) is complete, body


def test_every_language_of_the_repository_is_one_that_babel_keeps(app: Flask) -> None:
    folders = [path.parent.name for path in Path("translations").glob("*/status.toml")]
    assert {"ar", "en"} <= set(folders)
    for code in folders:
        assert str(Locale.parse(code)) == code, "Babel would read another catalogue"


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_printed_percentage_keeps_its_sign_beside_its_number(app: Flask, language: str) -> None:
    with speaking(app, language):
        assert i18n.tell_printed("60 %") == "60%"
        assert i18n.tell_printed("la moitié") == i18n.tell("la moitié")
