"""From values to a paper: Typst with fixed templates; what a town or a person wrote is data, never markup."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from barometre.i18n import direction, locale

FOLDER = Path(__file__).parent
FONTS = FOLDER / "fonts"
#: stands for signs that no font of ours has: PDF/UA refuses a page with one, and people type emoji
UNPRINTABLE = "[?]"


def set_pdf(template: str, content: Mapping[str, Any], made_at: datetime) -> bytes:
    """A tagged PDF (PDF/UA-1), the same bytes for the same content and moment.

    `content` is plain JSON; the language and direction of the request are added. Raises `TypstError`, for
    instance when a picture has no alternative text.
    """
    import typst

    return typst.compile(
        FOLDER / template,
        format="pdf",
        pdf_standards=["ua-1"],
        timestamp=_date(made_at),
        **_settings(content),
    )


def set_images(template: str, content: Mapping[str, Any], ppi: float) -> list[bytes]:
    """One PNG for each page."""
    import typst

    # The stub of the package promises bytes; it is a list as soon as there are two pages.
    pages: Any = typst.compile(FOLDER / template, format="png", ppi=ppi, **_settings(content))
    return [pages] if isinstance(pages, bytes) else list(pages)


def _settings(content: Mapping[str, Any]) -> dict[str, Any]:
    import typst

    told = {"lang": locale().partition("@")[0], "dir": direction(), **_make_printable(content)}
    return {
        "root": FOLDER,
        "font_paths": typst.Fonts(include_system_fonts=False, font_paths=[FONTS]),
        "sys_inputs": {"data": json.dumps(told, ensure_ascii=False)},
    }


def _make_printable(value: Any) -> Any:
    """The same values; what cannot be printed of their words is replaced, signs side by side by one mark."""
    if isinstance(value, str):
        return value if value.isascii() else _replace_unknown(value)
    if isinstance(value, Mapping):
        return {name: _make_printable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_make_printable(inner) for inner in value]
    return value


def _replace_unknown(text: str) -> str:
    known = _list_signs()
    kept, last = [], True
    for sign in text:
        # Spaces and marks of direction need no shape.
        if ord(sign) in known or unicodedata.category(sign) in ("Zs", "Cc", "Cf"):
            kept.append(sign)
            last = True
        elif last:
            kept.append(UNPRINTABLE)
            last = False
    return "".join(kept)


@cache
def _list_signs() -> frozenset[int]:
    """Code points that the fonts of the papers have a shape for."""
    from fontTools.ttLib import TTFont

    known: set[int] = set()
    for path in FONTS.glob("*.ttf"):
        with TTFont(path, lazy=True) as font:
            known.update(font.getBestCmap())
    return frozenset(known)


def _date(moment: datetime) -> datetime:
    """To the second, with its zone: what Typst takes."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=0)
