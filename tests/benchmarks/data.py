"""Valid interviews of Niort's current wave, as many as it takes, and databases filled with them."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import insert, text

from barometre.access import HASHER
from barometre.config import Config
from barometre.intake.envelope import read_envelope
from barometre.questionnaire.answers import AnswerSheet, judge
from barometre.questionnaire.definition import DONT_KNOW, Item, Questionnaire
from barometre.questionnaire.load import load_town
from barometre.questionnaire.routing import on_route
from barometre.storage.counts import fetch_counts, rebuild_counts, recount
from barometre.storage.engine import Database
from barometre.storage.models import Envelope, Interview
from barometre.storage.people import add_person, enrol_device
from barometre.storage.schema import upgrade
from barometre.storage.versions import register_version
from tests.data import niort, publish_now
from tests.support import PASSWORD

#: different interviews; a database of a million holds each of them many times under other uuids
SAMPLE = 2000
ANALYST = "analyst"
WORDS = ("un square", "des bancs à l’ombre", "le marché", "plus de bus le soir", "les voisins", "le calme")
LANGUAGES = ("fr", "fr", "fr", "fr", "en", "ar")
MOMENT = datetime(2027, 11, 15, 10, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Sample:
    """One interview without its uuid."""

    #: JSON with `UUID_PLACE` where the uuid goes
    envelope: bytes
    sheet: AnswerSheet

    def write(self, uuid: UUID) -> bytes:
        """The envelope of an interview that answers like this one."""
        return self.envelope.replace(UUID_PLACE, str(uuid).encode(), 1)


UUID_PLACE = b"00000000-0000-4000-8000-000000000000"


def load_questionnaire() -> Questionnaire:
    """What is asked in Niort now."""
    return load_town(Config.surveys_dir / Config.town).current_wave.questionnaire


def make_samples(questionnaire: Questionnaire, number: int = SAMPLE, seed: int = 2027) -> list[Sample]:
    """Complete interviews as a tablet writes them, judged; the same seed gives the same ones."""
    chance = random.Random(seed)
    samples: list[Sample] = []
    while len(samples) < number:
        body = _write_envelope(questionnaire, chance)
        envelope = read_envelope(body)
        sheet = judge(questionnaire, envelope.answers, envelope.disposition)
        if isinstance(sheet, AnswerSheet):  # chance may also draw somebody who is not to be interviewed
            samples.append(Sample(body, sheet))
    return samples


def _write_envelope(questionnaire: Questionnaire, chance: random.Random) -> bytes:
    answers: dict[str, dict[str, object]] = {}
    codes: dict[str, int] = {}
    reached: set[str] = set()
    language = chance.choice(LANGUAGES)
    for item in questionnaire.items:
        if not on_route(item, codes, reached):
            continue
        reached.add(item.id)
        answers[item.id] = _answer(item, chance) | {"language": language}
        if item.closed:
            codes[item.id] = answers[item.id]["code"]  # type: ignore[assignment]
    content = {
        "uuid": UUID_PLACE.decode(),
        "wave": questionnaire.wave,
        "version": questionnaire.version,
        "interviewer": "interviewer",
        "disposition": "complete",
        "started_at": MOMENT.isoformat(),
        "finished_at": MOMENT.isoformat(),
        "language": language,
        "answers": answers,
        "skipped": {},
        "paradata": {"seconds": {item: chance.randint(2, 40) for item in answers}, "back": 1, "switches": 0},
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _answer(item: Item, chance: random.Random) -> dict[str, object]:
    if item.scale is None:
        return {"text": chance.choice(WORDS)}
    if not item.recorded and chance.random() < 0.04:
        return {"code": DONT_KNOW}
    return {"code": chance.choice(item.scale.options).code}


def prepare(database: Database) -> str:
    """Bring an empty database to the current schema, with an analyst and a tablet; gives its token."""
    upgrade(database)
    with database.write() as session:
        person = add_person(session, ANALYST, HASHER.hash(PASSWORD), ["analyst", "interviewer"])
        return enrol_device(session, person.id, "bench")


def fill(database: Database, questionnaire: Questionnaire, samples: Sequence[Sample], number: int) -> None:
    """Store `number` interviews in bulk, count them, and release them to the public pages."""
    stored = min(number, len(samples))
    with database.write() as session:
        version = register_version(session, questionnaire)
        envelopes = [_envelope(seq, sample) for seq, sample in enumerate(samples[:stored], start=1)]
        interviews = [
            _interview(version.id, envelope, sample)
            for envelope, sample in zip(envelopes, samples, strict=False)
        ]
        session.execute(insert(Envelope), envelopes)
        session.execute(insert(Interview), interviews)
    while stored < number:
        stored = _double(database, stored, number)
    with database.write() as session:
        if not database.is_sqlite:
            session.execute(text(f"select setval(pg_get_serial_sequence('envelope', 'seq'), {stored})"))
        rebuild_counts(session, questionnaire.wave)
        publish_now(session, niort(), ANALYST)
    settle(database)


def _double(database: Database, stored: int, number: int) -> int:
    """Store the first interviews again under new uuids, inside the database; how many there are then."""
    uuid = "lower(hex(randomblob(16)))" if database.is_sqlite else "gen_random_uuid()"
    added = min(stored, number - stored)
    kept = ("version_id", "codes", "languages", "language_of", "texts", "disposition", "interviewer")
    kept += ("started_at", "counted")
    same = "sha256, body, channel, status, received_at"
    with database.write() as session:
        session.execute(
            text(
                f"insert into envelope (seq, uuid, {same}) "
                f"select seq + {stored}, {uuid}, {same} from envelope where seq <= {added}"
            )
        )
        session.execute(
            text(
                f"insert into interview (uuid, envelope_seq, {', '.join(kept)}) "
                f"select copy.uuid, copy.seq, {', '.join(f'model.{name}' for name in kept)} "
                # By primary keys: nothing else of an interview is indexed.
                f"from envelope as copy join envelope as first on first.seq = copy.seq - {stored} "
                f"join interview as model on model.uuid = first.uuid where copy.seq > {stored}"
            )
        )
    return stored + added


def settle(database: Database) -> None:
    """Leave no maintenance of the filling for the measures to pay."""
    commands = ("pragma wal_checkpoint(truncate)", "analyze") if database.is_sqlite else ("vacuum analyze",)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for command in commands:
            connection.execute(text(command))


def compare_counts(database: Database, wave: str) -> tuple[int, int]:
    """Interviews in the kept counts and in a recount; 0 and 1 when they agree in number and differ inside."""
    with database.read() as session:  # nothing arrives in the meantime
        kept, found = fetch_counts(session, wave), recount(session, wave)
    assert kept
    assert found
    same = kept.same_as(found) or kept.total != found.total
    return (kept.total, found.total) if same else (0, 1)


def _envelope(seq: int, sample: Sample) -> dict[str, object]:
    uuid = uuid4()
    body = sample.write(uuid)
    return {
        "seq": seq,
        "uuid": uuid,
        "sha256": hashlib.sha256(body).digest(),
        "body": body,
        "channel": "tablet",
        "status": "stored",
        "received_at": MOMENT,
    }


def _interview(version_id: int, envelope: dict[str, object], sample: Sample) -> dict[str, object]:
    sheet = sample.sheet
    return {
        "uuid": envelope["uuid"],
        "envelope_seq": envelope["seq"],
        "version_id": version_id,
        "codes": sheet.codes,
        "languages": " ".join(sheet.languages),
        "language_of": sheet.language_of,
        "texts": sheet.texts,
        "disposition": sheet.disposition,
        "interviewer": "interviewer",
        "started_at": MOMENT,
        "counted": sheet.counted,
    }
