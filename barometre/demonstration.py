"""The demonstration: a town with simulated interviews, accounts and one release, on an embedded database."""

from __future__ import annotations

import secrets
import socket
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

import click
from sqlalchemy import select

from barometre.access import hash_password
from barometre.cli import Refused, read_town, start_server
from barometre.config import CHECKOUT, Config
from barometre.i18n.catalogues import SOURCE_LANGUAGE, load_languages
from barometre.intake.keys import UnusableKeyFile, ensure_key
from barometre.intake.receive import Gate
from barometre.questionnaire.town import Town
from barometre.results.between import undo_each_other
from barometre.results.publishing import publish_edition
from barometre.simulation import SimulationError, read_plan, simulate
from barometre.storage import councils
from barometre.storage.arrivals import ALREADY_RECEIVED, STORED
from barometre.storage.engine import Database, Session
from barometre.storage.models import QuestionnaireVersion
from barometre.storage.people import add_person
from barometre.storage.releases import make_release
from barometre.storage.schema import upgrade

#: printed at every start: it protects nothing but invented answers
PASSWORD = "quartiers-2027"
INSTANCE = CHECKOUT / "instance"


@dataclass(frozen=True)
class DemoAccount:
    """Somebody who can sign in to the demonstration."""

    username: str
    roles: tuple[str, ...]
    #: what they do, in French then in English
    told: str


MEMBER = "conseil"

ACCOUNTS = (
    DemoAccount("mediation", ("interviewer",), "fait les entretiens · interviewer"),
    DemoAccount("terrain", ("interviewer", "supervisor"), "suit le terrain · supervisor"),
    DemoAccount("analyse", ("analyst",), "croise les réponses · analyst"),
    DemoAccount(MEMBER, ("council",), "membre d’un conseil citoyen · council member"),
    DemoAccount("administration", ("administrator",), "comptes et publications · administrator"),
)


def run(host: str, port: int, reset: bool, folder: Path = INSTANCE) -> NoReturn:
    """Prepare the demonstration in `folder`, say where it is, and serve it."""
    town = read_town(Config.surveys_dir / Config.town)
    check_port(host, port)
    path = folder / "demonstration.sqlite"
    try:
        news = prepare(path, town, reset=reset)
    except (SimulationError, UnusableKeyFile) as error:
        raise Refused(str(error)) from error
    shown_host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    for line in tell(news, f"http://{shown_host}:{port}"):
        click.echo(line)
    start_server(
        host,
        port,
        settings={
            "SECRET_KEY": read_secret(folder / "demonstration.key"),
            "DATABASE_URL": f"sqlite:///{path.resolve()}",
            "SEALING_KEYS": str(key_file(path).resolve()),
            "SURVEYS_DIR": str(Config.surveys_dir),
            "TOWN": Config.town,
            "INSECURE_COOKIES": "1",
            "DEMONSTRATION": "1",
        },
    )


def prepare(path: Path, town: Town, *, reset: bool = False) -> str:
    """The demonstration's database and its sealing key, made when there is none; returns what was done.

    One that exists is kept, with the interviews that visitors made, unless it was made with another
    questionnaire than the present one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if reset:
        forget(path)
    database = Database(f"sqlite:///{path.resolve()}")
    upgrade(database)
    with database.read() as session:
        versions = set(session.scalars(select(QuestionnaireVersion.version)))
    current = town.current_wave.questionnaire.version
    if current in versions:
        with database.write() as session:
            ensure_key(session, key_file(path), town.current_wave.id)
        database.engine.dispose()
        return "Base conservée, avec les entretiens d’essai · database kept, with the trial interviews"
    news = ""
    if versions:
        news = "Le questionnaire a changé : la base repart de zéro · new questionnaire, new database. "
        database.engine.dispose()
        forget(path)
        upgrade(database)
    with database.write() as session:
        met = fill(session, town)
        ensure_key(session, key_file(path), town.current_wave.id)
    database.engine.dispose()
    return f"{news}{met} rencontres simulées · {met} simulated encounters"


def fill(session: Session, town: Town) -> int:
    """Simulated encounters, accounts and a first release, all or nothing; returns how many were met."""
    met = store_simulation(session, town)
    hashed = hash_password(PASSWORD)
    for account in ACCOUNTS:
        council = town.councils[0].id if "council" in account.roles and town.councils else None
        add_person(session, account.username, hashed, account.roles, council)
    publish_first(session, town)
    store_opinions(session, town, Config.surveys_dir / town.slug / town.current_wave.id / "opinions.toml")
    return met


def publish_first(session: Session, town: Town) -> None:
    """A first edition: the visitor of a demonstration finds it published."""
    made = make_release(session, town.current_wave.id, "demonstration", partial(undo_each_other, town))
    publish_edition(session, town, made.id, "demonstration")


def store_opinions(session: Session, town: Town, file: Path) -> None:
    """What the councils say in the demonstration, in every state, when the wave has a file of it."""
    if not file.exists():
        return
    for told in tomllib.loads(file.read_text(encoding="utf-8"))["opinion"]:
        subject = councils.Subject(town.current_wave.id, told["council"], told["theme"])
        member, versions = MEMBER, told.get("version", [])
        opinion = None
        for revision, version in enumerate(versions):
            councils.save_draft(session, subject, revision, version["text"], version["proposals"], member)
            opinion = councils.adopt(session, subject, revision + 1, member)
        if "draft_text" in told:
            draft = told["draft_text"], told["draft_proposals"]
            councils.save_draft(session, subject, len(versions), *draft, member)
        if opinion is None:
            continue
        last: dict[int, int] = {}
        for given in told.get("answer", []):
            proposal = opinion.proposals[given["proposal"] - 1].id
            details = given["plan"], given["due"], given["service"], "analyse"
            last[proposal] = councils.answer(session, subject.wave, proposal, last.get(proposal, 0), *details)
        if "hidden" in told:
            councils.hide(session, opinion.id, told["hidden"], "administration")
        if told.get("withdrawn"):
            councils.withdraw(session, subject, member)


def store_simulation(session: Session, town: Town) -> int:
    """Hand the simulated envelopes to the gate; a second time changes nothing."""
    gate = Gate(town)
    gate.remember_versions(session)
    envelopes = simulate(town, read_plan(town, Config.surveys_dir))
    for uuid, body in envelopes:
        kept = gate.receive(session, uuid, body, channel="file")
        if kept.status not in (STORED, ALREADY_RECEIVED):
            raise SimulationError(f"A simulated interview is {kept.status}: {kept.reason}.")
    return len(envelopes)


def key_file(path: Path) -> Path:
    """Where the private keys are that open what is sealed for the demonstration's database."""
    return path.with_name("sealing-keys.json")


def forget(path: Path) -> None:
    """Remove an embedded database and the two files that SQLite keeps beside it."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def read_secret(path: Path) -> str:
    """The key that signs the cookies, made once, so that sign-ins survive a restart."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii")


def check_port(host: str, port: int) -> None:
    """Refuse before anything is touched when something else already answers there."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(
                f"{host}:{port} n’est pas libre : essayez --port {port + 1} · is not free, try another one."
            ) from error


def tell(news: str, address: str) -> Iterator[str]:
    """What the visitor needs to know, French first."""
    languages = load_languages(Config.translations_dir)
    offered = [found for found in languages.values() if found.offered and found.code != SOURCE_LANGUAGE]
    pages = [
        ("Le site · the site", "/"),
        *((f"Le site · the site, {language.name}", f"/{language.code}/") for language in offered),
        ("Se connecter · sign in", "/sign-in"),
        ("Un entretien · an interview", "/interview/"),
        ("Le bureau · the desk", "/desk"),
    ]
    yield "Baromètre des quartiers : démonstration, réponses inventées · demonstration, invented answers"
    yield news
    yield ""
    for label, page in pages:
        yield f"  {label:<32}{address}{page}"
    yield ""
    yield f"  Comptes · accounts              mot de passe · password : {PASSWORD}"
    for account in ACCOUNTS:
        yield f"    {account.username:<30}{account.told}"
    yield ""
    yield "Ctrl+C pour arrêter, --reset pour repartir de zéro · to stop, to start again"
