"""The application factory: one town, one database, the rooms and what guards them."""

from __future__ import annotations

import hashlib
from functools import cache, partial
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from barometre import access, context, errors, i18n
from barometre.config import Config
from barometre.councils import answers, hiding
from barometre.councils import pages as council_pages
from barometre.fieldwork import work
from barometre.intake import aside, enrolment, paper, sync
from barometre.interview import help_sheet, offline
from barometre.interview import pages as interview_pages
from barometre.people import devices
from barometre.people import pages as people_pages
from barometre.questionnaire.load import load_town
from barometre.results import (
    baseline,
    changed,
    compare,
    desk,
    editions,
    expert,
    figures,
    microdata,
    people_groups,
    planning,
    preparing,
    proposals,
    sample,
    understand,
)
from barometre.results import pages as results_pages
from barometre.results.files import api, downloads, routes
from barometre.results.frozen import FrozenPages
from barometre.results.papers import pages as paper_pages
from barometre.storage.editions import fetch_version
from barometre.storage.engine import Database
from barometre.typed import TypedRequest

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
    changed.blueprint,
    people_groups.blueprint,
    proposals.blueprint,
    understand.blueprint,
    figures.blueprint,
    desk.blueprint,
    editions.blueprint,
    expert.blueprint,
    compare.blueprint,
    microdata.blueprint,
    sample.blueprint,
    planning.blueprint,
    baseline.blueprint,
    downloads.blueprint,
    routes.blueprint,
    api.blueprint,
    preparing.blueprint,
    council_pages.blueprint,
    answers.blueprint,
    hiding.blueprint,
    paper_pages.blueprint,
)
#: rooms whose addresses are the same in every language
ONE_ADDRESS = ("interview", "offline", "help", "files", "api")
#: largest request accepted, in bytes; an interview weighs about 3,000
LARGEST_REQUEST = 2 * 1024 * 1024


class SmallInteger(IntegerConverter):
    """A number that the databases hold: a larger one is no address of ours."""

    def __init__(self, url_map: Map, **options: Any) -> None:
        """As Werkzeug's own, with their largest integer."""
        super().__init__(url_map, **{"max": 2**31 - 1, **options})


class Application(Flask):
    """Flask, with one address per static file whatever the language, and cleaned forms."""

    request_class = TypedRequest

    def url_for(self, endpoint: str, **values: Any) -> str:
        """The address of a page in the language of this request; files and the tablet's pages have one."""
        address = super().url_for(endpoint, **values)
        alone = endpoint.endswith("static") or endpoint.partition(".")[0] in ONE_ADDRESS
        return i18n.without_language(address) if alone else address


def create_app(config: Config) -> Flask:
    """Build the application; raises `DefinitionError` when the town's files have defects."""
    town = load_town(config.surveys_dir / config.town)
    build = hash_static_files()
    app = Application(__name__, static_url_path=f"/static/{build}")
    app.url_map.converters["int"] = SmallInteger
    app.config.update(SECRET_KEY=config.secret_key, MAX_CONTENT_LENGTH=LARGEST_REQUEST)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(town=context.town, simulated=context.simulated)
    app.extensions.update(config=config, town=town, database=Database(config.database_url), build=build)
    i18n.install(app, config.translations_dir)
    access.install(app, secure=config.secure_cookies, without_csrf=[sync.blueprint, enrolment.blueprint])
    errors.install(app)
    for blueprint in ROOMS:
        if blueprint.has_static_folder:
            blueprint.static_url_path = f"/static/{build}/{blueprint.name}"
        app.register_blueprint(blueprint)
    access.check_routes(app)
    frozen = FrozenPages(app.wsgi_app, app.config["SESSION_COOKIE_NAME"], partial(read_public_version, app))
    app.extensions["frozen"] = app.wsgi_app = frozen  # type: ignore[method-assign]
    if config.trusted_proxies:
        hops = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def read_public_version(app: Flask) -> int:
    """A number that grows with every change of what the public sees."""
    with app.extensions["database"].read() as session:
        return fetch_version(session)


@cache
def hash_static_files() -> str:
    """A short hash of every static file of every room: it changes when one of them does."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(package.glob("**/static/**/*")):
        if path.is_file():
            digest.update(f"{path.relative_to(package)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]
