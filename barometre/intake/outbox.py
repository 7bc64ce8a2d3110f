"""The file that a tablet without network leaves: its outbox, each interview sealed, with its own hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from barometre.i18n import gettext as _
from barometre.intake.sheets import UnusableFile
from barometre.storage.arrivals import Arrival

MARK = "outbox"
VERSION = 1
#: of a tablet, on every database
LARGEST_NUMBER = 2**31 - 1
#: as a tablet writes one; no CSV file or workbook begins so
FIRST_BYTE = b"{"


@dataclass(frozen=True)
class Outbox:
    """What a tablet exported, not judged yet."""

    #: number of the tablet, when it was enrolled
    device_id: int | None
    records: list[Any]


@dataclass(frozen=True)
class Damaged:
    """A record that cannot be received; the others are."""

    #: place in the file, the first one being 1
    place: int
    #: its uuid as it is written, shortened
    uuid: str
    words: str


def is_outbox(path: Path) -> bool:
    """Whether a file is to be read as an export of a tablet, whatever its name."""
    try:
        with path.open("rb") as opened:
            return opened.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(FIRST_BYTE)
    except OSError as error:
        raise UnusableFile(_("Le fichier ne peut pas être lu.")) from error


def read_outbox(path: Path) -> Outbox:
    """Read an export as a whole, or raise `UnusableFile`."""
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnusableFile(
            _("L’export de la tablette est abîmé ou incomplet : exportez-le de nouveau depuis la tablette.")
        ) from error
    records = content.get("records")
    if content.get("barometre") != MARK or not isinstance(records, list):
        raise UnusableFile(_("Ce fichier JSON n’est pas l’export d’une tablette."))
    if content.get("version") != VERSION:
        raise UnusableFile(
            _("Cet export vient d’une version plus récente de l’application : mettez le serveur à jour.")
        )
    device_id = content.get("device_id")
    possible = type(device_id) is int and 0 < device_id <= LARGEST_NUMBER
    return Outbox(device_id if possible else None, records)


def read_records(outbox: Outbox, device_id: int | None) -> Iterator[Arrival | Damaged]:
    """Each record as an envelope for the gate, or what is wrong with it."""
    for place, record in enumerate(outbox.records, start=1):
        found = _read_record(record, device_id)
        if isinstance(found, str):
            named = str(record.get("uuid", "")) if isinstance(record, dict) else ""
            yield Damaged(place, named[:40], found)
        else:
            yield found


def _read_record(record: Any, device_id: int | None) -> Arrival | str:
    """An envelope, or what is wrong with it in words."""
    if not isinstance(record, dict) or not isinstance(record.get("bytes"), str):
        return _("Cet entretien n’a pas de contenu.")
    try:
        uuid = UUID(record.get("uuid"))
    except (ValueError, TypeError, AttributeError):
        return _("L’identifiant de cet entretien ne se lit pas.")
    # Half a character is damage like any other: the hash says so.
    body = record["bytes"].encode(errors="replace")
    digest = hashlib.sha256(body)
    if str(record.get("sha256")).lower() != digest.hexdigest():
        return _("Son contenu n’est plus celui que la tablette a scellé : exportez-le de nouveau.")
    return Arrival(uuid, digest.digest(), body, "file", device_id)
