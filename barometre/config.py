"""The settings an instance is started with; the only reader of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent


class ConfigError(Exception):
    """A setting is missing or unusable; says which one, in one sentence."""


@dataclass(frozen=True)
class Config:
    """What differs between two instances of the application."""

    #: signs the cookies; keep it secret, changing it signs everybody out
    secret_key: str = field(repr=False)
    #: SQLAlchemy address of the database, `sqlite:///…` or `postgresql+psycopg://…`
    database_url: str = field(repr=False)
    #: folder that holds one folder per town
    surveys_dir: Path = CHECKOUT / "surveys"
    #: the town's folder in `surveys_dir`
    town: str = "niort"
    #: folder that holds one folder per language
    translations_dir: Path = CHECKOUT / "translations"
    #: cookies travel over https only; off for a demonstration on http://127.0.0.1
    secure_cookies: bool = True
    #: every page says that its data are simulated
    demonstration: bool = False
    #: how many proxies stand in front and set X-Forwarded-For and X-Forwarded-Proto
    trusted_proxies: int = 0
    #: file of the private keys that open sealed interviews; without it they wait in quarantine
    sealing_keys: Path | None = None

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> Config:
        """Read the settings, or raise `ConfigError` naming every one that is missing or unusable."""
        env = os.environ if environment is None else environment
        missing = [name for name in ("SECRET_KEY", "DATABASE_URL") if not env.get(name)]
        if missing:
            raise ConfigError(f"Missing setting: give {' and '.join(missing)} in the environment.")
        town_dir = find_town_dir(env)
        return cls(
            secret_key=env["SECRET_KEY"],
            database_url=env["DATABASE_URL"],
            surveys_dir=town_dir.parent,
            town=town_dir.name,
            translations_dir=Path(env.get("TRANSLATIONS_DIR") or cls.translations_dir),
            secure_cookies=not _switch(env, "INSECURE_COOKIES"),
            demonstration=_switch(env, "DEMONSTRATION"),
            trusted_proxies=_number(env, "TRUSTED_PROXIES"),
            sealing_keys=Path(env["SEALING_KEYS"]) if env.get("SEALING_KEYS") else None,
        )


def find_town_dir(environment: Mapping[str, str]) -> Path:
    """The folder of the town that the environment names: it can be checked before the rest is set."""
    return Path(environment.get("SURVEYS_DIR") or Config.surveys_dir) / (
        environment.get("TOWN") or Config.town
    )


def _switch(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "")
    if value not in ("", "0", "1"):
        raise ConfigError(f"Unusable setting: {name} is 1 or 0, not {value!r}.")
    return value == "1"


def _number(env: Mapping[str, str], name: str) -> int:
    value = env.get(name) or "0"
    if not value.isdecimal():
        raise ConfigError(f"Unusable setting: {name} is a whole number, not {value!r}.")
    return int(value)
