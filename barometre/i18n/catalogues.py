"""Catalogues: read from .po files, judged complete or not, and compiled in memory."""

from __future__ import annotations

import gettext
import tomllib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from barometre.i18n.typography import set_french

#: the language of every msgid; served without a prefix in the address
SOURCE_LANGUAGE = "fr"
DOMAINS = ("interface", "town", "survey")
#: whose dates a language follows, where Babel would choose another country
CONVENTIONS = {"en": "en_GB"}


class French(gettext.NullTranslations):
    """The source language: every message is its own translation, typeset; zero is singular."""

    def gettext(self, message: str) -> str:
        """The message itself."""
        return set_french(message)

    def pgettext(self, context: str, message: str) -> str:
        """The message itself."""
        return set_french(message)

    def ngettext(self, msgid1: str, msgid2: str, n: float) -> str:
        """The singular below two."""
        return set_french(msgid1 if abs(n) < 2 else msgid2)


@dataclass(frozen=True)
class Language:
    """One language and what is translated into it."""

    #: name of its folder, and first segment of its addresses
    code: str
    interface: gettext.NullTranslations
    town: gettext.NullTranslations
    survey: gettext.NullTranslations
    #: whether the site speaks it: meant to, and every message of the interface and of the town translated
    offered: bool
    #: whether every message of the survey is translated, none of them fuzzy
    survey_complete: bool
    #: "validé" once a person has checked the survey's words, else "brouillon"
    survey_status: str

    @cached_property
    def babel(self) -> Locale:
        """How it writes numbers and dates."""
        return Locale.parse(CONVENTIONS.get(self.code, self.code))

    @property
    def name(self) -> str:
        """Its name in itself."""
        own = Locale.parse(self.code).get_display_name() or self.code
        return own[:1].upper() + own[1:]

    @property
    def direction(self) -> str:
        """ "ltr" or "rtl"."""
        return self.babel.text_direction


def read_catalogue(path: Path, language: str) -> Catalog:
    """Read one .po file; a missing one is an empty catalogue."""
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as source:
        return read_po(source, locale=language)


def is_complete(catalogue: Catalog) -> bool:
    """Whether it has messages and each of them is translated and confirmed."""
    messages = [message for message in catalogue if message.id]
    return bool(messages) and not any(map(is_untranslated, messages))


def is_untranslated(message: Message) -> bool:
    """Whether a message, or one of its plural forms, still waits for its translator."""
    forms = message.string if isinstance(message.string, list | tuple) else [message.string]
    return message.fuzzy or not all(forms)


def load_languages(directory: Path) -> dict[str, Language]:
    """Read every catalogue below `directory`; French, the source, comes first and needs none."""
    source = French()
    found = {SOURCE_LANGUAGE: Language(SOURCE_LANGUAGE, source, source, source, True, True, "validé")}
    for folder in sorted(path.parent for path in directory.glob("*/status.toml")):
        (interface, interface_done), (town, town_done), (survey, survey_done) = (
            _read_compiled(path, folder.name, path.stat().st_mtime_ns if path.exists() else 0)
            for path in (folder / "LC_MESSAGES" / f"{domain}.po" for domain in DOMAINS)
        )
        status = read_status(folder)
        found[folder.name] = Language(
            code=folder.name,
            interface=interface,
            town=town,
            survey=survey,
            offered=status["interface"] == "offert" and interface_done and town_done,
            survey_complete=survey_done,
            survey_status=status["survey"],
        )
    return found


def read_status(folder: Path) -> dict[str, str]:
    """What its people say of a language's catalogues, by domain."""
    stated = tomllib.loads((folder / "status.toml").read_text(encoding="utf-8"))
    return {domain: str(stated.get(domain, "en cours")) for domain in DOMAINS}


@lru_cache(maxsize=32)
def _read_compiled(path: Path, language: str, written: int) -> tuple[gettext.GNUTranslations, bool]:
    """One catalogue, and whether it is complete; `written` makes a changed file a new one."""
    catalogue = read_catalogue(path, language)
    # Compiled in memory: a .mo file beside the .po would be a second truth to keep fresh.
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled), is_complete(catalogue)
