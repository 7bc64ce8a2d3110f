"""What a request needs from the application it runs in, with types."""

from __future__ import annotations

from typing import cast

from flask import current_app

from barometre.config import Config
from barometre.questionnaire.town import Town
from barometre.storage.engine import Database


def database() -> Database:
    """The application's database."""
    return cast(Database, current_app.extensions["database"])


def town() -> Town:
    """The town this instance serves."""
    return cast(Town, current_app.extensions["town"])


def config() -> Config:
    """The settings this instance was started with."""
    return cast(Config, current_app.extensions["config"])


def simulated() -> bool:
    """Whether every page and file must say that its answers are invented."""
    design = town().current_wave.design
    return config().demonstration or (design is not None and design.use == "demonstration")
