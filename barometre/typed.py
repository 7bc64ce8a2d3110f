"""What somebody typed, as it arrives: without what no keyboard writes and what databases and files refuse."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict, iter_multi_items

#: control characters other than a tab and a line end, which XML and PostgreSQL do not take
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
#: every other way to end a line; browsers count each as one character, as Python then does
LINE_ENDS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def clean(typed: str) -> str:
    """The same words with one kind of line end and no control character."""
    return CONTROLS.sub("", LINE_ENDS.sub("\n", typed))


class Typed(ImmutableMultiDict[str, str]):
    """Values of a form or of an address, cleaned."""

    def __init__(self, mapping: Iterable[Any] | None = None) -> None:
        """As the class above."""
        super().__init__([(name, clean(value)) for name, value in iter_multi_items(mapping or ())])


class TypedRequest(Request):
    """A request whose forms and addresses hold nothing that cannot be kept."""

    parameter_storage_class = Typed
