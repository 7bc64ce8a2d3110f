"""An application that speaks French, and two small languages made for the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.support import make_app

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {plural}\\n"\n\n'
ENGLISH_PLURAL = "nplurals=2; plural=(n != 1);"
ARABIC_PLURAL = (
    "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"
)


def write_language(
    folder: Path,
    code: str,
    interface: str,
    survey: str = "",
    plural: str = ENGLISH_PLURAL,
    status: str = "brouillon",
) -> None:
    """A language's folder, with the messages given as the body of .po files."""
    catalogues = folder / code / "LC_MESSAGES"
    catalogues.mkdir(parents=True)
    (folder / code / "status.toml").write_text(
        f'interface = "offert"\nsurvey = "{status}"\n', encoding="utf-8"
    )
    town = 'msgid "Niort Agglo"\nmsgstr "Niort Agglo"\n'
    for domain, body in (("interface", interface), ("town", town), ("survey", survey)):
        (catalogues / f"{domain}.po").write_text(HEADER.format(plural=plural) + body, encoding="utf-8")


@pytest.fixture
def translations(tmp_path: Path) -> Path:
    """English is complete, Arabic's survey is not, Turkish's interface is not."""
    folder = tmp_path / "translations"
    write_language(
        folder,
        "en",
        'msgid "Se connecter"\nmsgstr "Sign in"\n\n'
        'msgid "%(number)s point"\nmsgid_plural "%(number)s points"\n'
        'msgstr[0] "%(number)s point"\nmsgstr[1] "%(number)s points"\n',
        'msgctxt "secu"\nmsgid "Êtes-vous d\'accord ?"\nmsgstr "Do you agree?"\n',
    )
    write_language(
        folder,
        "ar",
        'msgid "Se connecter"\nmsgstr "تسجيل الدخول"\n',
        'msgctxt "secu"\nmsgid "Êtes-vous d\'accord ?"\nmsgstr ""\n',
        plural=ARABIC_PLURAL,
    )
    write_language(folder, "tr", 'msgid "Se connecter"\nmsgstr ""\n')
    return folder


@pytest.fixture
def app(sqlite_url: str, translations: Path) -> Iterator[Flask]:
    """The application with these catalogues."""
    app = make_app(sqlite_url, translations_dir=translations)
    yield app
    app.extensions["database"].engine.dispose()
