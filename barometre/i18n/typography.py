"""French typography, for text typed on a plain keyboard."""

from __future__ import annotations

import re
from functools import lru_cache

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
#: a plain space before a high mark; "%(" begins a placeholder, not a percentage
_HIGH_MARK = re.compile(r" (?=[?!;]|%(?!\())")
_WIDE_MARK = re.compile(r"(?<=«) | (?=[:»])")


@lru_cache(maxsize=4096)
def set_french(text: str) -> str:
    """The same words with typographic apostrophes and no-break spaces."""
    text = _HIGH_MARK.sub(NARROW_SPACE, text.replace("'", "’"))
    return _WIDE_MARK.sub(NO_BREAK_SPACE, text)
