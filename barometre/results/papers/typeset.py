"""From values to a paper: Typst with fixed templates; what a town or a person wrote is data, never markup."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from barometre.i18n import direction, locale

FOLDER = Path(__file__).parent


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

    told = {"lang": locale().partition("@")[0], "dir": direction(), **content}
    return {
        "root": FOLDER,
        "font_paths": typst.Fonts(include_system_fonts=False, font_paths=[FOLDER / "fonts"]),
        "sys_inputs": {"data": json.dumps(told, ensure_ascii=False)},
    }


def _date(moment: datetime) -> datetime:
    """To the second, with its zone: what Typst takes."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(microsecond=0)
