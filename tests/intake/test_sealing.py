"""Sealed envelopes: what a tablet seals opens here, and what does not open is kept all the same."""

from __future__ import annotations

import hashlib
import json
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwe
from joserfc.jwk import ECKey
from sqlalchemy import func, select

from barometre.intake.envelope import MAX_BYTES
from barometre.intake.keys import add_keys, generate_key, publish
from barometre.intake.receive import Gate
from barometre.intake.sealing import BrokenSeal, KeyMissing, Keyring, is_sealed
from barometre.questionnaire.town import Town
from barometre.storage.arrivals import QUARANTINED, STORED, Kept
from barometre.storage.counts import fetch_counts
from barometre.storage.engine import Database
from barometre.storage.models import Envelope, Interview
from barometre.storage.sealing_keys import fetch_public_key
from tests.intake.conftest import answer_key_items, put, seal
from tests.support import key_file
from tests.support import public_key as public_jwk
from tests.support import seal as seal_bytes

Jwk = Mapping[str, str]


@pytest.fixture
def public_key(app: Flask, database: Database) -> Jwk:
    """What the application gives its tablets."""
    with database.read() as session:
        found = fetch_public_key(session, app.extensions["town"].current_wave.id)
    assert found
    return found


def make_interview(town: Town, uuid: UUID, disposition: str = "complete", **others: Any) -> dict[str, Any]:
    """The JSON of an interview that holds; `others` are added to it."""
    asked = town.current_wave.questionnaire
    content: dict[str, Any] = json.loads(seal(asked, uuid, answer_key_items(asked), disposition))
    return content | others


def write(content: Any) -> bytes:
    """JSON, as a tablet writes it before sealing."""
    return json.dumps(content).encode()


def receive(database: Database, town: Town, uuid: UUID, body: bytes, keyring: Keyring | None = None) -> Kept:
    """One envelope through the gate of an application that has the tests' key, unless told."""
    with database.write() as session:
        gate = Gate(town, keyring or Keyring(key_file()))
        return gate.receive(session, uuid, body, channel="tablet")


def to_base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def read_number(text: str) -> int:
    return int.from_bytes(from_base64url(text), "big")


def seal_by_hand(plaintext: bytes, public_jwk: Jwk) -> bytes:
    """RFC 7516 and 7518 step by step from a curve, a hash and AES, as a browser does: no JOSE library."""
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    numbers = ephemeral.public_key().public_numbers()
    header = {
        "alg": "ECDH-ES",
        "enc": "A256GCM",
        "kid": public_jwk["kid"],
        "epk": {
            "kty": "EC",
            "crv": "P-256",
            "x": to_base64url(numbers.x.to_bytes(32, "big")),
            "y": to_base64url(numbers.y.to_bytes(32, "big")),
        },
    }
    static = ec.EllipticCurvePublicNumbers(
        read_number(public_jwk["x"]), read_number(public_jwk["y"]), ec.SECP256R1()
    ).public_key()
    agreed = ephemeral.exchange(ec.ECDH(), static)
    # Section 4.6.2: one round of SHA-256 over counter, secret and who it is for (nobody is named).
    info = struct.pack(">I", 7) + b"A256GCM" + struct.pack(">III", 0, 0, 256)
    key = hashlib.sha256(struct.pack(">I", 1) + agreed + info).digest()
    protected = to_base64url(json.dumps(header, separators=(",", ":")).encode())
    iv = b"twelve bytes"
    return write_compact(protected, iv, AESGCM(key).encrypt(iv, plaintext, protected.encode()))


def write_compact(protected: str, iv: bytes, sealed: bytes) -> bytes:
    """Five segments, the second one empty: the key is agreed on, not sent."""
    content, tag = to_base64url(sealed[:-16]), to_base64url(sealed[-16:])
    return f"{protected}..{to_base64url(iv)}.{content}.{tag}".encode()


def test_what_a_tablet_seals_is_stored_and_kept_sealed(
    app: Flask, database: Database, town: Town, token: str, public_key: Jwk
) -> None:
    uuid = uuid4()
    body = seal_by_hand(write(make_interview(town, uuid)), public_key)
    first, second = (put(app, token, uuid, body, content_type="application/jose") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json
    assert first.json["status"] == "stored"
    assert first.json["sha256"] == hashlib.sha256(body).hexdigest(), "of the bytes as they were received"
    with database.read() as session:
        assert session.scalars(select(Envelope.body)).one() == body
        counts = fetch_counts(session, town.current_wave.id)
    assert counts is not None
    assert counts.total == 1


def test_five_copies_of_a_sealed_interview_at_the_same_time_leave_one_row(
    app: Flask, database: Database, town: Town, token: str, public_key: Jwk
) -> None:
    uuid = uuid4()
    body = seal_bytes(write(make_interview(town, uuid)), public_key)
    with ThreadPoolExecutor(5) as pool:
        answers = list(
            pool.map(lambda _: put(app, token, uuid, body, content_type="application/jose"), range(5))
        )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Envelope)) == 1
        assert session.scalar(select(func.count()).select_from(Interview)) == 1


def test_an_interview_that_was_not_sealed_is_still_received(
    app: Flask, town: Town, token: str, public_key: Jwk
) -> None:
    uuid = uuid4()
    answer = put(app, token, uuid, write(make_interview(town, uuid)))
    assert answer.json
    assert answer.json["status"] == "stored"


def test_without_its_key_an_envelope_waits_and_is_never_refused(
    database: Database, town: Town, public_key: Jwk, tmp_path: Path
) -> None:
    other = generate_key()
    add_keys(tmp_path / "other.json", [other])
    (tmp_path / "damaged.json").write_text("{", encoding="ascii")
    uuid = uuid4()
    content = write(make_interview(town, uuid))
    bodies = []
    for keyring, key in (
        (Keyring(), public_key),
        (Keyring(tmp_path / "nowhere.json"), public_key),
        (Keyring(tmp_path / "damaged.json"), public_key),
        (Keyring(tmp_path / "other.json"), public_key),
        (Keyring(key_file()), publish(other)),
    ):
        bodies.append(seal_bytes(content, key))
        kept = receive(database, town, uuid, bodies[-1], keyring)
        assert (kept.status, kept.reason) == (QUARANTINED, "key_missing")
    with database.read() as session:
        assert session.scalars(select(Envelope.body).order_by(Envelope.seq)).all() == bodies


def test_a_key_that_comes_later_is_found_without_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keyring = Keyring(path)
    key = generate_key()
    sealed = seal_bytes(b"an interview", publish(key))
    with pytest.raises(KeyMissing):
        keyring.open(sealed)
    add_keys(path, [key])
    assert keyring.open(sealed) == b"an interview"


def test_what_was_sealed_to_an_older_key_still_opens(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    older, newer = generate_key(), generate_key()
    add_keys(path, [older])
    keyring = Keyring(path)
    assert keyring.open(seal_bytes(b"one", publish(older))) == b"one"
    add_keys(path, [newer])
    assert keyring.open(seal_bytes(b"two", publish(newer))) == b"two"
    assert keyring.open(seal_bytes(b"three", publish(older))) == b"three"


@pytest.mark.parametrize("place", range(5))
def test_a_sealed_envelope_that_was_damaged_is_kept_as_unreadable(
    database: Database, town: Town, public_key: Jwk, place: int
) -> None:
    uuid = uuid4()
    segments = seal_bytes(write(make_interview(town, uuid)), public_key).split(b".")
    segments[place] = b"AAAA" + segments[place][4:] if place else segments[0][:40]
    kept = receive(database, town, uuid, b".".join(segments))
    assert kept.status == QUARANTINED
    assert kept.reason
    assert kept.reason.startswith("unreadable: ")


def test_an_algorithm_that_is_not_ours_opens_nothing(public_key: Jwk) -> None:
    key = ECKey.import_key({**public_key})
    keyring = Keyring(key_file())
    for changed in ({"enc": "A128GCM"}, {"alg": "ECDH-ES+A256KW"}):
        header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": public_key["kid"]} | changed
        sealed = jwe.encrypt_compact(header, b"{}", key, algorithms=[*header.values()])
        with pytest.raises(BrokenSeal):
            keyring.open(sealed.encode())


def test_what_is_sealed_and_no_interview_is_kept_as_unreadable(
    database: Database, town: Town, public_key: Jwk
) -> None:
    for content in (b"", b"not JSON", b"[]", seal_bytes(b"{}", public_key)):
        kept = receive(database, town, uuid4(), seal_bytes(content, public_key))
        assert kept.status == QUARANTINED
        assert kept.reason
        assert kept.reason.startswith("unreadable: ")


def test_the_longest_envelope_that_is_received_opens(public_key: Jwk) -> None:
    content = b"x" * (MAX_BYTES * 3 // 4 - 1000)
    sealed = seal_bytes(content, public_key)
    assert len(sealed) < MAX_BYTES
    assert Keyring(key_file()).open(sealed) == content


def test_what_would_inflate_without_end_is_not_opened(public_key: Jwk) -> None:
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "zip": "DEF", "kid": public_key["kid"]}
    key = ECKey.import_key({**public_key})
    sealed = jwe.encrypt_compact(header, bytes(20_000_000), key, algorithms=["ECDH-ES", "A256GCM", "DEF"])
    assert len(sealed) < MAX_BYTES
    with pytest.raises(BrokenSeal):
        Keyring(key_file()).open(sealed.encode())


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=80).map(str.encode)))
def test_no_bytes_are_refused_for_what_they_hold(noise: bytes) -> None:
    keyring = Keyring(key_file())
    protected = to_base64url(noise).encode()
    for body in (b"eyJ" + noise + b"....", protected + b"....", b"eyJ" + protected + b".a.b.c.d"):
        with pytest.raises((BrokenSeal, KeyMissing)):
            keyring.open(body)
    assert not is_sealed(b'{"uuid": "...."}')


@pytest.mark.parametrize(
    "header",
    [
        ["alg", "enc"],
        "alg enc",
        12,
        {"alg": [], "enc": {}},
        {"alg": "ECDH-ES", "enc": None},
        {"kid": []},
        {"kid": None},
        {"epk": None},
        {"epk": "x"},
        {"epk": {}},
        {"epk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}},
        {"epk": {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}},
        {"epk": {"kty": "oct", "k": "AA"}},
        {"apu": 12},
        {"crit": ["exp"]},
        {"zip": 1},
    ],
)
def test_a_header_that_no_tablet_writes_opens_nothing(header: Any) -> None:
    ours = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": public_jwk()["kid"]}
    written = {**ours, **header} if isinstance(header, dict) else header
    iv, tag = to_base64url(b"i" * 12), to_base64url(b"t" * 16)
    body = f"{to_base64url(write(written))}..{iv}.AAAA.{tag}".encode()
    with pytest.raises(BrokenSeal):
        Keyring(key_file()).open(body)


def test_the_key_of_rfc_7518_appendix_c_is_the_one_that_is_derived() -> None:
    bob = {
        "kty": "EC",
        "crv": "P-256",
        "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
        "d": "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw",
    }
    header = {
        "alg": "ECDH-ES",
        "enc": "A128GCM",
        "apu": "QWxpY2U",
        "apv": "Qm9i",
        "epk": {
            "kty": "EC",
            "crv": "P-256",
            "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
            "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps",
        },
    }
    derived = from_base64url("VqqN6vgjbSBcIijNcacQGg")
    protected, iv = to_base64url(json.dumps(header).encode()), b"twelve bytes"
    compact = write_compact(protected, iv, AESGCM(derived).encrypt(iv, b"for Bob", protected.encode()))
    opened = jwe.decrypt_compact(compact, ECKey.import_key(bob), algorithms=["ECDH-ES", "A128GCM"])
    assert opened.plaintext == b"for Bob"


def hand_over(uuid: UUID, public_key: Jwk, **answers: int | str) -> str:
    """What a resident answered alone, sealed on the tablet."""
    given_answers = {
        item: {"code" if isinstance(value, int) else "text": value, "language": "ar", "at": "2027-11-15"}
        for item, value in answers.items()
    }
    return seal_bytes(write({"uuid": str(uuid), "answers": given_answers}), public_key).decode()


def read_sheet(database: Database, town: Town, uuid: UUID) -> dict[str, int]:
    """The stored codes of an interview."""
    with database.read() as session:
        codes = session.get_one(Interview, uuid).codes
    return dict(zip(town.current_wave.questionnaire.position, codes, strict=True))


def test_answers_that_were_handed_over_sealed_join_the_others(
    database: Database, town: Town, public_key: Jwk
) -> None:
    asked = town.current_wave.questionnaire
    closed = [item for item in asked.closed_items if item.when is None and item.scale]
    alone, noted = closed[-1], asked.by_id[asked.key_items[0]]
    assert alone.scale
    assert noted.scale
    uuid = uuid4()
    content = make_interview(town, uuid)
    content["answers"].pop(alone.id, None)
    content["answers"][noted.id]["code"] = noted.scale.options[0].code
    last = {item.id: item.scale.options[-1].code for item in (alone, noted) if item.scale}
    content["sealed_answers"] = hand_over(uuid, public_key, **last)
    kept = receive(database, town, uuid, seal_bytes(write(content), public_key))
    assert (kept.status, kept.reason) == (STORED, None)
    stored = read_sheet(database, town, uuid)
    assert stored[alone.id] == last[alone.id]
    assert stored[noted.id] == noted.scale.options[0].code, "what the interviewer noted is never overwritten"
    with database.read() as session:
        assert session.get_one(Interview, uuid).languages == "fr ar"


def test_sealed_answers_fill_what_was_left_open(database: Database, town: Town, public_key: Jwk) -> None:
    asked = town.current_wave.questionnaire
    item = asked.key_items[-1]
    for empty in ({}, {"code": 0}, {"code": None, "text": ""}):
        uuid = uuid4()
        content = make_interview(town, uuid, sealed_answers=hand_over(uuid, public_key, **{item: 97}))
        content["answers"][item] = empty
        assert receive(database, town, uuid, write(content)).status == STORED
        assert read_sheet(database, town, uuid)[item] == 97


def test_sealed_answers_are_judged_like_the_others(database: Database, town: Town, public_key: Jwk) -> None:
    uuid = uuid4()
    content = make_interview(town, uuid, sealed_answers=hand_over(uuid, public_key, humeur=1))
    kept = receive(database, town, uuid, seal_bytes(write(content), public_key))
    assert kept.reason == 'invalid: [["humeur", "unknown_item"]]'


def test_sealed_answers_that_cannot_join_set_the_interview_aside(
    database: Database, town: Town, public_key: Jwk
) -> None:
    uuid, stranger = uuid4(), publish(generate_key())
    for sealed, reason in (
        (hand_over(uuid4(), public_key, satisfaction=1), "other_answers"),
        (hand_over(uuid, stranger, satisfaction=1), "key_missing"),
        (hand_over(uuid, public_key, satisfaction=1)[:-4] + "AAAA", "unreadable"),
        ("not sealed", "unreadable"),
        ("\ud800", "unreadable"),
        (seal_bytes(b"[]", public_key).decode(), "unreadable"),
    ):
        content = make_interview(town, uuid, sealed_answers=sealed)
        kept = receive(database, town, uuid, seal_bytes(write(content), public_key))
        assert kept.status == QUARANTINED
        assert (kept.reason or "").partition(":")[0] == reason
