"""Opening what a tablet sealed: JWE compact serialization, ECDH-ES, A256GCM, DEFLATE (RFC 7516, 7518)."""

from __future__ import annotations

import logging
from pathlib import Path

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, GuestProtocol

from barometre.intake.envelope import MAX_BYTES
from barometre.intake.keys import UnusableKeyFile, import_key, read_keys

ALGORITHMS = ("ECDH-ES", "A256GCM", "DEF")
#: no JSON begins so: it is what `{"` becomes in base64url
FIRST_BYTES = b"eyJ"
SEGMENTS = 5

logger = logging.getLogger(__name__)


class KeyMissing(Exception):
    """The key that it was sealed to is not here."""


class BrokenSeal(Exception):
    """It does not open with the key that it names: it was damaged, or never was one of ours."""


def _make_registry() -> jwe.JWERegistry:
    registry = jwe.JWERegistry(algorithms=ALGORITHMS)
    # What the gate lets in must open, however long the interview.
    registry.max_ciphertext_length = MAX_BYTES
    return registry


REGISTRY = _make_registry()


class Keyring:
    """The private keys of one process: imported once, and again when one is missing and the file changed."""

    def __init__(self, path: Path | None = None) -> None:
        """Of a file that need not be there yet; without a file every key is missing."""
        self._path = path
        self._keys: dict[str, ECKey] = {}
        self._seen: tuple[int, ...] = ()

    def open(self, sealed: bytes) -> bytes:
        """What was sealed, or `KeyMissing`, or `BrokenSeal`."""
        try:
            opened = jwe.decrypt_compact(sealed, self._find_key, registry=REGISTRY)
        except (JoseError, ValueError, TypeError, LookupError, AssertionError, RecursionError) as error:
            raise BrokenSeal(f"{type(error).__name__} when it was opened") from error
        if opened.plaintext is None:
            raise BrokenSeal("nothing was sealed")
        return opened.plaintext

    def _find_key(self, sealed: GuestProtocol) -> ECKey:
        kid = sealed.headers().get("kid")
        if not isinstance(kid, str):
            raise BrokenSeal("it names no key")
        if kid not in self._keys:
            self._read_again()
        try:
            return self._keys[kid]
        except KeyError as error:
            raise KeyMissing(kid) from error

    def _read_again(self) -> None:
        if self._path is None:
            return
        try:
            state = self._path.stat()
            seen = (state.st_ino, state.st_size, state.st_mtime_ns)
            if seen != self._seen:
                self._keys = {kid: import_key(jwk) for kid, jwk in read_keys(self._path).items()}
                self._seen = seen
        except (OSError, UnusableKeyFile) as error:
            # No interview is refused for it: they wait for the key.
            logger.error("sealed interviews cannot be opened: %s", error)


def is_sealed(body: bytes) -> bool:
    """Whether it has the shape of a sealed envelope."""
    return body.startswith(FIRST_BYTES) and body.count(b".") == SEGMENTS - 1
