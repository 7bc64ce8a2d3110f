"""The application factory: one town, one database, the rooms and what guards them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from barometre import access, context, errors, i18n
from barometre.config import Config
from barometre.fieldwork import work
from barometre.intake import aside, enrolment, paper, sync
from barometre.interview import help_sheet, offline
from barometre.interview import pages as interview_pages
from barometre.people import devices
from barometre.people import pages as people_pages
from barometre.questionnaire.load import load_town
from barometre.results import baseline, desk, expert, planning
from barometre.results import pages as results_pages
from barometre.results.papers import pages as paper_pages
from barometre.storage.engine import Database

ROOMS = (
    people_pages.blueprint,
    devices.blueprint,
    interview_pages.blueprint,
    offline.blueprint,
    help_sheet.blueprint,
    sync.blueprint,
    enrolment.blueprint,
    work.blueprint,
    paper.blueprint,
    aside.blueprint,
    results_pages.blueprint,
    desk.blueprint,
    expert.blueprint,
    planning.blueprint,
    baseline.blueprint,
    paper_pages.blueprint,
)
#: largest request accepted, in bytes; an interview weighs about 3,000
LARGEST_REQUEST = 2 * 1024 * 1024


class Application(Flask):
    """Flask, with one address per static file whatever the language."""

    def url_for(self, endpoint: str, **values: Any) -> str:
        """The address of a page in the language of this request; files and the tablet's pages have one."""
        address = super().url_for(endpoint, **values)
        alone = endpoint.endswith("static") or endpoint.partition(".")[0] in ("interview", "offline", "help")
        return i18n.without_language(address) if alone else address


def create_app(config: Config) -> Flask:
    """Build the application; raises `DefinitionError` when the town's files have defects."""
    town = load_town(config.surveys_dir / config.town)
    build = hash_static_files()
    app = Application(__name__, static_url_path=f"/static/{build}")
    app.config.update(SECRET_KEY=config.secret_key, MAX_CONTENT_LENGTH=LARGEST_REQUEST)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(town=context.town, simulated=simulated)
    app.extensions.update(config=config, town=town, database=Database(config.database_url), build=build)
    i18n.install(app, config.translations_dir)
    access.install(app, secure=config.secure_cookies, without_csrf=[sync.blueprint, enrolment.blueprint])
    errors.install(app)
    for blueprint in ROOMS:
        if blueprint.has_static_folder:
            blueprint.static_url_path = f"/static/{build}/{blueprint.name}"
        app.register_blueprint(blueprint)
    access.check_routes(app)
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def simulated() -> bool:
    """Whether every page must say that its answers are invented."""
    design = context.town().current_wave.design
    return context.config().demonstration or (design is not None and design.use == "demonstration")


@cache
def hash_static_files() -> str:
    """A short hash of every static file of every room: it changes when one of them does."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(package.glob("**/static/**/*")):
        if path.is_file():
            digest.update(f"{path.relative_to(package)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]
