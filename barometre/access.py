"""Who may do what: sign-in, roles, `@allow` on every route, safe cookies and security headers."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TypeVar, cast

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Blueprint, Flask, Request, Response, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf import CSRFProtect
from werkzeug.exceptions import Forbidden, Unauthorized

from barometre.context import config, database
from barometre.storage import people
from barometre.storage.models import utc_now
from barometre.storage.people import Account, Tablet

ROLES = ("interviewer", "supervisor", "analyst", "council", "administrator")
#: marks of routes that need no person: anybody, or a tablet with its token and no cookie
PUBLIC = "public"
DEVICE = "device"

SIGN_IN_LASTS = timedelta(hours=12)
#: seconds
TABLET_KNOWN_FOR = 10
FAILURE_WINDOW = timedelta(minutes=15)
FAILURES_PER_USERNAME = 5
FAILURES_PER_ADDRESS = 20
#: with the throttle above, CNIL asks for 50 bits: twelve characters of any kind hold more
SHORTEST_PASSWORD = 12

# OWASP's minimum for argon2id: eight threads at work hold 152 MiB, where the library's default takes 512.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: verified when the name is unknown, so that the answer takes as long
DUMMY_HASH = HASHER.hash("nobody signs in with this")

CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Flask-WTF checks the referrer over https: "no-referrer" would refuse every form.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
#: what a file needs of them; one that a browser opens like a page takes them all
FILE_HEADERS = {"X-Content-Type-Options", "Strict-Transport-Security"}
DRAWINGS = {"image/svg+xml"}
#: once a browser came over https it never comes without
SECURE_HEADERS = HEADERS | {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}

View = TypeVar("View", bound=Callable[..., object])


class CookieSessions(SecureCookieSessionInterface):
    """Flask's sessions; tablets and most visitors bring no cookie, and pay nothing for those who do."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """What the cookie holds, or an empty session."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


class RouteWithoutRoles(Exception):
    """A route does not say who may open it: the application refuses to start."""


class SignInRefused(Exception):
    """The name or the password is wrong; which of the two is nobody's business."""


class SignInThrottled(SignInRefused):
    """Too many failures: wait."""


def allow(*roles: str) -> Callable[[View], View]:
    """Say who may open a route: some of `ROLES`, or "public", or "device" alone."""
    unknown = set(roles) - {*ROLES, PUBLIC, DEVICE}
    if unknown or not roles or (len(roles) > 1 and {PUBLIC, DEVICE} & set(roles)):
        raise ValueError(f"@allow({', '.join(roles)}) names no set of roles")

    def mark(view: View) -> View:
        view.allowed = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return mark


def allowed_roles(app: Flask, endpoint: str) -> frozenset[str] | None:
    """Who may open an endpoint; files of the site itself are public."""
    if endpoint == "static" or endpoint.endswith(".static"):
        return frozenset({PUBLIC})
    return getattr(app.view_functions[endpoint], "allowed", None)


def check_routes(app: Flask) -> None:
    """Raise `RouteWithoutRoles` when a route wears no `@allow`."""
    bare = sorted(rule for rule in app.view_functions if allowed_roles(app, rule) is None)
    if bare:
        raise RouteWithoutRoles(f"routes without @allow: {', '.join(bare)}")


def install(app: Flask, secure: bool, without_csrf: Iterable[Blueprint] = ()) -> None:
    """Guard every request of an application; `without_csrf` are the rooms that accept no cookie."""
    app.config.update(
        SESSION_COOKIE_NAME="__Host-barometre" if secure else "barometre",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=SIGN_IN_LASTS,
        # Tokens die with the session: a paper form left open over lunch must not be lost.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.session_interface = CookieSessions()
    # Registered before the check for forged requests: a visitor is asked to sign in, not told of a token.
    app.before_request(check_request)
    csrf = CSRFProtect(app)
    for blueprint in without_csrf:
        csrf.exempt(blueprint)
    app.after_request(add_headers)
    app.jinja_env.globals.update(current_person=current_person)


def check_request() -> None:
    """Refuse a request whose sender may not open the route."""
    if request.endpoint is None:
        return
    allowed = request_roles()
    if PUBLIC in allowed:
        return
    if DEVICE in allowed:
        if current_device() is None:
            raise Unauthorized
        return
    person = current_person()
    if person is None:
        raise Unauthorized
    if not person.roles & allowed:
        raise Forbidden


def request_roles() -> frozenset[str]:
    """Who may open the route of this request; nobody when there is no such route."""
    if request.endpoint is None:
        return frozenset()
    return allowed_roles(current_app, request.endpoint) or frozenset()


def current_person() -> Account | None:
    """Whoever is signed in on this request."""
    if "person" not in g:
        g.person = _read_person()
    return cast(Account | None, g.person)


def current_device() -> Tablet | None:
    """The tablet whose token this request carries; a revoked one is returned with its state.

    The state may be `TABLET_KNOWN_FOR` old: whatever stores what a tablet sends looks again while it does.
    """
    if "device" not in g:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        g.device = _find_tablet(token.strip()) if scheme.lower() == "bearer" and token.strip() else None
    return cast(Tablet | None, g.device)


def _find_tablet(token: str) -> Tablet | None:
    # Only tokens that exist are remembered: guesses cannot fill the memory.
    known: dict[str, tuple[float, Tablet]] = current_app.extensions.setdefault("tablets", {})
    until, tablet = known.get(token, (0.0, None))
    if time.monotonic() < until:
        return tablet
    with database().read() as reading:
        tablet = people.fetch_device_by_token(reading, token)
    if tablet is not None:
        known[token] = time.monotonic() + TABLET_KNOWN_FOR, tablet
    return tablet


def _read_person() -> Account | None:
    if "person" not in session or time.time() - session["since"] > SIGN_IN_LASTS.total_seconds():
        return None
    with database().read() as reading:
        person = people.fetch_person_by_id(reading, session["person"])
    return person if person and person.active and person.session_epoch == session["epoch"] else None


def sign_in(username: str, password: str) -> Account:
    """Open a sign-in for whoever gives the right password, or raise `SignInRefused`."""
    name = username.strip().lower()
    by_name, by_address = hash_with_key(f"user:{name}"), name_sender("address")
    since = utc_now() - FAILURE_WINDOW
    # An attempt counts as a failure until it succeeds, and attempts made at the same time are counted one
    # after the other: none slips through.
    with database().write() as writing:
        people.lock_failures(writing)
        people.purge_failures(writing, since)
        if (
            people.count_failures(writing, by_name, since) >= FAILURES_PER_USERNAME
            or people.count_failures(writing, by_address, since) >= FAILURES_PER_ADDRESS
        ):
            raise SignInThrottled
        people.record_failure(writing, by_name)
        attempt = people.record_failure(writing, by_address)
        person = people.fetch_person(writing, name)
        stored = people.fetch_password_hash(writing, person.id) if person and person.active else DUMMY_HASH
    if not verify_password(stored, password) or person is None or not person.active:
        raise SignInRefused
    with database().write() as writing:
        people.forget_failures(writing, by_name)
        people.take_back_failure(writing, attempt)
        if HASHER.check_needs_rehash(stored):
            people.renew_password_hash(writing, person.id, hash_password(password))
    open_session(person)
    return person


def open_session(person: Account) -> None:
    """Sign somebody in on this browser, forgetting whatever its cookie held before."""
    session.clear()
    session.permanent = True
    session.update(person=person.id, epoch=person.session_epoch, since=int(time.time()))
    g.person = person


def change_password(person: Account, current: str, new: str) -> None:
    """Give somebody a new password, ending their other sign-ins; `SignInRefused` if the old one is wrong."""
    sign_in(person.username, current)
    with database().write() as writing:
        people.set_password(writing, person.id, hash_password(new))
        renewed = people.fetch_person_by_id(writing, person.id)
    assert renewed
    open_session(renewed)


def sign_out() -> None:
    """Forget who is signed in on this browser."""
    session.clear()
    g.person = None


def hash_password(password: str) -> str:
    """What is stored of a password."""
    return HASHER.hash(password)


def verify_password(stored: str, password: str) -> bool:
    """Whether a password is the stored one."""
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def is_strong(password: str, username: str) -> bool:
    """Whether a password is long enough and not made of the name."""
    return len(password) >= SHORTEST_PASSWORD and username.lower() not in password.lower()


def hash_with_key(text: str) -> str:
    """What is stored of something short: without our key nobody can try them all."""
    return hmac.new(config().secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()


def name_sender(purpose: str) -> str:
    """Where this request comes from, as the throttle of one purpose counts it."""
    return hash_with_key(f"{purpose}:{_network(request.remote_addr)}")


def add_headers(response: Response) -> Response:
    """Security headers everywhere, and how long each kind of page may be kept."""
    given = {name.lower() for name, _ in response.headers}
    file = bool(request.endpoint) and str(request.endpoint).endswith("static")
    wanted = SECURE_HEADERS if current_app.config["SESSION_COOKIE_SECURE"] else HEADERS
    for name, value in wanted.items():
        # A script, a style sheet or a font is no page: a policy would only weigh on a tablet's first load.
        if name.lower() not in given and (not file or name in FILE_HEADERS or response.mimetype in DRAWINGS):
            response.headers.add(name, value)
    if file:
        # The address holds a hash of every file: what it names never changes.
        if response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
    if "Cache-Control" not in response.headers:
        # A public page shows the name of whoever is signed in: only without a session is it everybody's.
        shared = PUBLIC in request_roles() and not session
        response.headers["Cache-Control"] = "no-cache" if shared else "no-store"
    if request.method in ("GET", "HEAD") and response.status_code == 200 and response.cache_control.no_cache:
        response.add_etag()
        response.make_conditional(request)
    return response


def _network(address: str | None) -> str:
    # One household holds a whole /64 of IPv6: counting single addresses would stop nobody.
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network(f"{parsed}/64", strict=False)) if parsed.version == 6 else str(parsed)
