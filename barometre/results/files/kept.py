"""What was written of the edition shown, kept by the process: only its steps change it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from flask import current_app

from barometre.context import simulated
from barometre.results.sources import Published


@dataclass
class Kept:
    """The bytes of one release, by name."""

    of: Hashable
    bodies: dict[str, bytes] = field(default_factory=dict)


def keep(published: Published, name: str, write: Callable[[], bytes]) -> bytes:
    """What was written under `name`; `write` is called once per release and process.

    Threads that ask at the same time may each write it: the bytes are the same.
    """
    of = published.key, simulated()
    kept: Kept | None = current_app.extensions.get("data_files")
    if kept is None or kept.of != of:
        # Only the last release is read: what an older one told makes room.
        kept = current_app.extensions["data_files"] = Kept(of)
    if name not in kept.bodies:
        kept.bodies[name] = write()
    return kept.bodies[name]
