"""Private keys that open what tablets seal: one file of this server (a JWK Set), and copies for escrow."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey

from barometre.storage.engine import Session
from barometre.storage.sealing_keys import fetch_public_key, record_public_key

CURVE = "P-256"
PRIVATE = ("kty", "crv", "x", "y", "d")
PUBLIC = ("kty", "crv", "x", "y")
#: RFC 7518, section 4.8: an escrow copy opens with a passphrase alone
ESCROW = ("PBES2-HS512+A256KW", "A256GCM")
#: rounds of PBKDF2: the most that joserfc takes, above OWASP's 210,000 for SHA-512
ROUNDS = 300_000
#: bits that let others than the owner at a file
OTHERS = 0o077

#: members of a JWK
Jwk = Mapping[str, str]


class UnusableKeyFile(Exception):
    """The keys cannot be read or must not be kept there; says why and what to do, in one or two sentences."""


def ensure_key(session: Session, path: Path, wave: str) -> str:
    """The kid of the key that tablets of a wave seal to, made when there is none that opens here."""
    known = fetch_public_key(session, wave)
    if known is not None and known["kid"] in read_keys(path):
        return str(known["kid"])
    return make_key(session, path, wave)


def make_key(session: Session, path: Path, wave: str) -> str:
    """Make a key, keep its private part in the file, then record its public part; returns its kid.

    In this order: no tablet ever seals to a key whose private part is nowhere.
    """
    jwk = generate_key()
    add_keys(path, [jwk])
    record_public_key(session, wave, publish(jwk))
    return jwk["kid"]


def generate_key() -> Jwk:
    """A new private key, kept nowhere yet."""
    key = ECKey.generate_key(CURVE)
    jwk = {name: str(value) for name, value in key.as_dict(private=True).items() if name in PRIVATE}
    return jwk | {"kid": key.thumbprint()}


def publish(jwk: Jwk) -> dict[str, str]:
    """The part of a key that everybody may know."""
    return {name: jwk[name] for name in (*PUBLIC, "kid")}


def import_key(jwk: Jwk) -> ECKey:
    """A key as joserfc takes it."""
    return ECKey.import_key({**jwk})


def read_keys(path: Path) -> dict[str, Jwk]:
    """The private keys of a file, by kid; none when there is no file. Raises `UnusableKeyFile`."""
    try:
        return _read_set(path.read_bytes())
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UnusableKeyFile(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, JoseError) as error:
        raise UnusableKeyFile(
            f"{path} is not a file of keys: restore it from a copy (barometre keys restore)."
        ) from error


def add_keys(path: Path, jwks: Iterable[Jwk]) -> list[str]:
    """Add the keys that the file does not hold yet, all or none; returns their kids.

    What it holds is never changed, and a machine that stops meanwhile leaves the old file.
    """
    with _alone_in(path.parent):
        check_rights(path)
        known = read_keys(path)
        added = {jwk["kid"]: jwk for jwk in jwks if jwk["kid"] not in known}
        if added:
            _replace(path, _write_set({**known, **added}.values()))
    return list(added)


def check_rights(path: Path) -> None:
    """Raise `UnusableKeyFile` when others than its owner may read the file."""
    if path.exists() and path.stat().st_mode & OTHERS:
        raise UnusableKeyFile(
            f"Others can read {path}: make it yours alone (chmod 600 {path}), and think of its keys as known "
            "to whoever could read it (docs/keys.md)."
        )


def write_copy(path: Path, keys: Iterable[Jwk], passphrase: str) -> None:
    """Write keys into a new file that only the passphrase opens; never over another file."""
    header = {"alg": ESCROW[0], "enc": ESCROW[1], "p2c": ROUNDS}
    sealed = jwe.encrypt_compact(header, _write_set(keys), _derive_from(passphrase), algorithms=ESCROW)
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as copy:
            copy.write(f"{sealed}\n")
            copy.flush()
            os.fsync(copy.fileno())
    except FileExistsError as error:
        raise UnusableKeyFile(f"{path} exists already: give another name.") from error
    except OSError as error:
        raise UnusableKeyFile(f"{path} cannot be written: {error.strerror}.") from error


def read_copy(path: Path, passphrase: str) -> dict[str, Jwk]:
    """The keys of a copy, by kid. Raises `UnusableKeyFile`."""
    try:
        opened = jwe.decrypt_compact(path.read_bytes().strip(), _derive_from(passphrase), algorithms=ESCROW)
        return _read_set(opened.plaintext or b"")
    except OSError as error:
        raise UnusableKeyFile(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, JoseError) as error:
        raise UnusableKeyFile(
            f"{path} does not open: the passphrase is another one, or the file is damaged."
        ) from error


def _derive_from(passphrase: str) -> OctKey:
    return OctKey.import_key(passphrase.encode())


def _read_set(document: bytes) -> dict[str, Jwk]:
    """Keys by kid; a key that cannot open anything is an error now, not when an interview arrives."""
    keys: dict[str, Jwk] = {}
    for found in json.loads(document)["keys"]:
        jwk = {name: str(found[name]) for name in (*PRIVATE, "kid")}
        if import_key(jwk).thumbprint() != jwk["kid"]:
            raise ValueError("a kid is not the thumbprint of its key")
        keys[jwk["kid"]] = jwk
    return keys


def _write_set(keys: Iterable[Jwk]) -> bytes:
    return json.dumps({"keys": [dict(jwk) for jwk in keys]}, indent=2).encode() + b"\n"


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Nobody else adds keys to a file of this folder meanwhile."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise UnusableKeyFile(f"{folder} is no folder that can be opened: {error.strerror}.") from error
    try:
        flock(descriptor, LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(path: Path, document: bytes) -> None:
    """Put a whole new file in the place of the old one, on the disk when it returns."""
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as opened:
            if path.exists() and os.geteuid() == 0:
                # Written by root, it stays the server's own.
                os.fchown(opened.fileno(), path.stat().st_uid, path.stat().st_gid)
            opened.write(document)
            opened.flush()
            os.fsync(opened.fileno())
        unfinished.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise UnusableKeyFile(f"{path} cannot be written: {error.strerror}.") from error
