"""Opening what a tablet sealed: JWE compact serialization, ECDH-ES, A256GCM, DEFLATE (RFC 7516, 7518).

The frame is read here and the cryptography is the library's: joserfc, which reads any JWE, takes twice as
long (docs/decisions/0008-tablet.md). It makes the keys, and opens the same envelopes in the tests.
"""

from __future__ import annotations

import logging
import zlib
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash

from barometre.intake.envelope import MAX_BYTES
from barometre.intake.keys import UnusableKeyFile, import_key, read_keys

#: no JSON begins so: it is what `{"` becomes in base64url
FIRST_BYTES = b"eyJ"
SEGMENTS = 5

logger = logging.getLogger(__name__)


class KeyMissing(Exception):
    """The key that it was sealed to is not here."""


class BrokenSeal(Exception):
    """It does not open with the key that it names: it was damaged, or never was one of ours."""


class _Point(msgspec.Struct, forbid_unknown_fields=True):
    """The tablet's half of the agreement: a public key made for this envelope alone."""

    kty: Literal["EC"]
    crv: Literal["P-256"]
    x: str
    y: str


class _Head(msgspec.Struct, forbid_unknown_fields=True):
    """How it was sealed: in one way only, so that nothing can be talked down."""

    alg: Literal["ECDH-ES"]
    enc: Literal["A256GCM"]
    kid: str
    epk: _Point
    zip: Literal["DEF"] | None = None


_HEAD = msgspec.json.Decoder(_Head)
CURVE = ec.SECP256R1()
KEY_BYTES = 32
COORDINATE_BYTES = 32
#: what the key is derived for (RFC 7518, 4.6.2): the algorithm, no party named, 256 bits
OTHER_INFO = b"\0\0\0\7A256GCM" + bytes(8) + (8 * KEY_BYTES).to_bytes(4, "big")


class Keyring:
    """The private keys of one process: imported once, and again when one is missing and the file changed."""

    def __init__(self, path: Path | None = None) -> None:
        """Of a file that need not be there yet; without a file every key is missing."""
        self._path = path
        self._keys: dict[str, ec.EllipticCurvePrivateKey] = {}
        self._seen: tuple[int, ...] = ()

    def open(self, sealed: bytes) -> bytes:
        """What was sealed, or `KeyMissing`, or `BrokenSeal`."""
        try:
            protected, wrapped, iv, ciphertext, tag = sealed.split(b".")
            head = _HEAD.decode(_decode(protected))
            if wrapped:
                raise BrokenSeal("it wraps a key")
            key = derive_key(self._find_key(head.kid), head.epk.x, head.epk.y)
            plain = AESGCM(key).decrypt(_decode(iv), _decode(ciphertext) + _decode(tag), protected)
            return _inflate(plain) if head.zip else plain
        except (InvalidTag, msgspec.MsgspecError, ValueError, zlib.error) as error:
            raise BrokenSeal(f"{type(error).__name__} when it was opened") from error

    def _find_key(self, kid: str) -> ec.EllipticCurvePrivateKey:
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
                imported = {kid: import_key(jwk).private_key for kid, jwk in read_keys(self._path).items()}
                self._keys = {kid: key for kid, key in imported.items() if key}
                self._seen = seen
        except (OSError, UnusableKeyFile) as error:
            # No interview is refused for it: they wait for the key.
            logger.error("sealed interviews cannot be opened: %s", error)


def derive_key(
    private: ec.EllipticCurvePrivateKey,
    x: str,
    y: str,
    other_info: bytes = OTHER_INFO,
    length: int = KEY_BYTES,
) -> bytes:
    """The content key agreed on with the public point (x, y), base64url: ECDH, then Concat KDF."""
    coordinates = [_decode(value.encode()) for value in (x, y)]
    if any(len(value) != COORDINATE_BYTES for value in coordinates):
        raise BrokenSeal("its key is no point of the curve")
    point = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, b"\4" + b"".join(coordinates))
    secret = private.exchange(ec.ECDH(), point)
    return ConcatKDFHash(SHA256(), length, other_info).derive(secret)


def _decode(text: bytes) -> bytes:
    return urlsafe_b64decode(text + b"=" * (-len(text) % 4))


def _inflate(smaller: bytes) -> bytes:
    """What was deflated, if it is no longer than what the gate lets in."""
    inflating = zlib.decompressobj(-zlib.MAX_WBITS)
    plain = inflating.decompress(smaller, MAX_BYTES)
    if not inflating.eof:
        raise BrokenSeal("it is cut, or longer than an interview")
    return plain


def is_sealed(body: bytes) -> bool:
    """Whether it has the shape of a sealed envelope."""
    return body.startswith(FIRST_BYTES) and body.count(b".") == SEGMENTS - 1
