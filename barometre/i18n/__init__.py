"""Languages: which one a request speaks, its catalogues, numbers, dates and text direction."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from babel import Locale, dates, numbers
from flask import Flask, current_app, has_request_context, request

from barometre.i18n.catalogues import SOURCE_LANGUAGE as SOURCE_LANGUAGE
from barometre.i18n.catalogues import Language, load_languages
from barometre.i18n.typography import NARROW_SPACE, NO_BREAK_SPACE, set_french

#: where the middleware leaves the language of a request, and the root before its segment was taken
LANGUAGE_KEY = "barometre.language"
ROOT_KEY = "barometre.root"

#: the language spoken: of the request that is served, or one that was chosen for a while
_SPOKEN: ContextVar[Language | None] = ContextVar("language", default=None)

MINUS = "\N{MINUS SIGN}"
#: between a number and its percent sign
BEFORE_PERCENT = re.compile(r"(?<=\d)[ \u00a0\u202f]+%")
#: keeps a sign in front of its number inside right-to-left text
LEFT_TO_RIGHT = "\N{LEFT-TO-RIGHT MARK}"


class LanguagePrefix:
    """WSGI middleware: moves a leading language segment from the path to the script name.

    The routes never see the language and `url_for` keeps it by itself. An unknown or incomplete
    language is left in the path, where no route matches it: 404.
    """

    def __init__(
        self, application: Callable[..., Iterable[bytes]], languages: Mapping[str, Language]
    ) -> None:
        """Wrap `application`; those of the `languages` that are offered have a prefix, but French."""
        self.application = application
        self.french = languages[SOURCE_LANGUAGE]
        self.prefixed = {
            code: language
            for code, language in languages.items()
            if language.offered and code != SOURCE_LANGUAGE
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serve one request."""
        root = environ.get("SCRIPT_NAME", "")
        environ[ROOT_KEY] = root
        _, _, rest = environ.get("PATH_INFO", "").partition("/")
        code, _, path = rest.partition("/")
        language = self.prefixed.get(code, self.french)
        if language is not self.french:
            environ[LANGUAGE_KEY] = code
            environ["SCRIPT_NAME"] = f"{root}/{code}"
            environ["PATH_INFO"] = f"/{path}"
        token = _SPOKEN.set(language)
        try:
            return self.application(environ, start_response)
        finally:
            _SPOKEN.reset(token)


def install(app: Flask, translations_dir: Path) -> None:
    """Load the catalogues and give the templates the words, numbers and dates of this module."""
    languages_found = load_languages(translations_dir)
    app.extensions["languages"] = languages_found
    app.wsgi_app = LanguagePrefix(app.wsgi_app, languages_found)  # type: ignore[method-assign]
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _spoken().interface.gettext(text),
        lambda one, many, n: _spoken().interface.ngettext(one, many, n),
        newstyle=True,
        pgettext=lambda context, text: _spoken().interface.pgettext(context, text),
    )
    shown = [locale, direction, languages, say, say_in, tell, tell_printed, language_direction, language_name]
    shown += [format_number, format_percent, format_points, format_date, format_moment]
    app.jinja_env.globals.update({function.__name__: function for function in shown})


def known_languages() -> dict[str, Language]:
    """Every language with a folder, whether it is offered or not."""
    return cast(dict[str, Language], current_app.extensions["languages"])


def locale() -> str:
    """Code of the language this request speaks, or that was chosen for a while."""
    return _spoken().code


@contextmanager
def speak(language: str) -> Iterator[None]:
    """Write in one language whatever the request speaks: a file is the same for everybody."""
    token = _SPOKEN.set(known_languages()[language])
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def direction() -> str:
    """Text direction of this request: "ltr" or "rtl"."""
    return _spoken().direction


def language_direction(code: str) -> str:
    """Text direction of one language."""
    return known_languages()[code].direction


def language_name(code: str) -> str:
    """Name of a language in itself; its code when it is not one of ours."""
    language = known_languages().get(code)
    return language.name if language else code


def languages() -> list[tuple[str, str, str]]:
    """The interface languages offered: code, own name, address of this page in that language."""
    query = f"?{request.query_string.decode('ascii', 'replace')}" if request.query_string else ""
    place = quote(request.path, safe="/:@!$&'()*+,;=-._~") + query
    root = request.environ.get(ROOT_KEY, "")
    return [
        (code, language.name, root + ("" if code == SOURCE_LANGUAGE else f"/{code}") + place)
        for code, language in known_languages().items()
        if language.offered
    ]


def without_language(address: str) -> str:
    """The same address without the language of this request: a file is the same in all of them."""
    if not has_request_context() or LANGUAGE_KEY not in request.environ:
        return address
    return request.environ[ROOT_KEY] + address.removeprefix(request.script_root)


def survey_languages(use: str) -> tuple[str, ...]:
    """Languages a wave can be asked in: complete ones in a demonstration, validated ones in the field."""
    return tuple(
        code
        for code, language in known_languages().items()
        if language.offered
        and language.survey_complete
        and (use == "demonstration" or language.survey_status == "validé")
    )


def gettext(text: str, **values: object) -> str:
    """The interface's words for `text`; a literal per cent sign is doubled, as in the templates."""
    return _spoken().interface.gettext(text) % values


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The same with a number, available as %(num)s."""
    return _spoken().interface.ngettext(one, many, num) % {"num": num, **values}


def pgettext(context: str, text: str, **values: object) -> str:
    """The same where equal French words need different translations."""
    return _spoken().interface.pgettext(context, text) % values


class LazyText:
    """Words looked up when they are shown: for labels written before any request."""

    def __init__(self, text: str) -> None:
        """Keep the French words."""
        self.text = text

    def __str__(self) -> str:
        """The words in the language of this request."""
        return gettext(self.text)

    def __mod__(self, values: Any) -> str:
        """Fill in a message, as WTForms does with its limits."""
        return cast(str, _spoken().interface.gettext(self.text) % values)


def lazy_gettext(text: str) -> Any:
    """Words for a label or a message defined in a class body."""
    return LazyText(text)


def tell(text: str) -> str:
    """A local text of the results pages in the language of this request, or French."""
    return tell_in(locale(), text)


def tell_printed(text: str) -> str:
    """A figure as it was printed, its sign set as the language sets it: in Arabic a space would part them."""
    told = tell(text)
    return told if locale() == SOURCE_LANGUAGE else BEFORE_PERCENT.sub("%", told)


def tell_in(language: str, text: str) -> str:
    """A local text in one language."""
    told = known_languages()[language].town.gettext(text) if text else text
    return set_french(told) if told == text else told


def say(context: str, text: str) -> str:
    """The instrument's words in the language of this request; French where they are not translated."""
    return say_in(locale(), context, text)


def say_in(language: str, context: str, text: str) -> str:
    """The instrument's words in one language."""
    said = known_languages()[language].survey.pgettext(context, text)
    return set_french(said) if said == text else said


def format_number(value: float, digits: int = 0) -> str:
    """A number with `digits` decimals."""
    return _write_number(value, digits, _spoken().babel)


@lru_cache(maxsize=4096, typed=True)
def _write_number(value: float, digits: int, language: Locale) -> str:
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return numbers.format_decimal(value, format=pattern, locale=language)


def round_percent(share: float) -> int:
    """A share from 0 to 1 in whole per cent, as `format_percent` rounds it.

    In decimals, half to even: 100 times a binary number may fall on the other side of the half.
    """
    return int((Decimal(str(share)) * 100).quantize(Decimal(1), ROUND_HALF_EVEN))


def format_percent(share: float, digits: int = 0) -> str:
    """A share from 0 to 1 as a percentage."""
    return _write_percent(share, digits, _spoken().babel)


@lru_cache(maxsize=4096, typed=True)
def _write_percent(share: float, digits: int, language: Locale) -> str:
    pattern = language.percent_formats[None].pattern
    if digits:
        pattern = pattern.replace("##0", "##0." + "0" * digits)
    shown = numbers.format_percent(share, format=pattern, locale=language)
    return shown.replace(NO_BREAK_SPACE, NARROW_SPACE)


def format_points(difference: float, digits: int = 0) -> str:
    """A difference of two shares, signed, in percentage points."""
    points = round(difference * 100, digits)
    sign = "+" if points > 0 else MINUS if points < 0 else ""
    mark = LEFT_TO_RIGHT if sign and direction() == "rtl" else ""
    # French: from -1.99 to 1.99 the noun is singular; the catalogue decides for the other languages.
    number = f"{mark}{sign}{format_number(abs(points), digits)}"
    return ngettext("%(number)s point", "%(number)s points", int(abs(points)), number=number)


def format_date(day: date, style: str = "long") -> str:
    """A day; of a moment, the one in the server's own time zone."""
    if isinstance(day, datetime):
        day = day.astimezone().date()
    written = dates.format_date(day, format=cast(Any, style), locale=_spoken().babel)
    # The French first of a month is an ordinal, which the common data do not know.
    return f"1er{written[1:]}" if locale() == "fr" and written.startswith("1 ") else written


def format_moment(moment: datetime, style: str = "short") -> str:
    """A day and an hour, in the server's own time zone."""
    return dates.format_datetime(
        moment.astimezone(),
        tzinfo=moment.astimezone().tzinfo,
        format=cast(Any, style),
        locale=_spoken().babel,
    )


def _spoken() -> Language:
    if (spoken := _SPOKEN.get()) is not None:
        return spoken
    # A command, what is sent after the request was served, or a request made by hand.
    asked = request.environ.get(LANGUAGE_KEY) if has_request_context() else None
    return known_languages()[asked or SOURCE_LANGUAGE]
