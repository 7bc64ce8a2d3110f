"""Public pages as bytes: each is made once in a process, and served so until something public changes."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Environ = dict[str, Any]
#: as in PEP 3333
StartResponse = Callable[..., Callable[[bytes], object]]
Application = Callable[[Environ, Any], Iterable[bytes]]

#: where a view finds the `Mark` of its request
MARK_KEY = "barometre.mark"
VARY = "Cookie, Accept-Encoding"
#: seconds until a change of what is public is seen by every process
NOTICED_AFTER = 1.0
#: bytes kept at most: whoever invents host names cannot fill the memory
LARGEST_SIZE = 40_000_000
#: headers of one answer only
ABOUT_BODY = {"content-type", "content-length"}
OWN_HEADERS = {"content-length", "date", "etag", "cache-control", "vary"}


@dataclass
class Mark:
    """What a view says of its answer: whether it depends on nothing but the address and what is public."""

    may_keep: bool = False


@dataclass(frozen=True)
class Page:
    """One answer, plain and compressed, with the headers of each."""

    plain: bytes
    packed: bytes
    plain_headers: list[tuple[str, str]]
    packed_headers: list[tuple[str, str]]
    etag: str

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.plain) + len(self.packed)


class FrozenPages:
    """WSGI middleware: answers what it has answered before, to visitors without a cookie.

    Anything else goes through: other methods, query strings, whoever has a session, errors, files.
    """

    def __init__(self, app: Application, cookie: str, read_version: Callable[[], int]) -> None:
        """`cookie` is the session's name; `read_version` tells when what is public has changed."""
        self._app = app
        self._cookie = cookie
        self._read_version = read_version
        self.noticed_after = NOTICED_AFTER
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._version = -1
        self._until = 0.0
        self._lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer from memory, or let the application answer and keep it where that is allowed."""
        if environ["REQUEST_METHOD"] != "GET" or environ.get("QUERY_STRING") or self._has_session(environ):
            return self._app(environ, start_response)
        # The page holds addresses: those of its own host and root.
        key = "\0".join(
            environ.get(name, "") for name in ("wsgi.url_scheme", "HTTP_HOST", "SCRIPT_NAME", "PATH_INFO")
        )
        try:
            version = self._find_version()
        except Exception:
            # Whatever the database says: the application knows the words for it.
            return self._app(environ, start_response)
        page = self._pages.get(key)
        if page is not None:
            return _answer(page, environ, start_response)
        return self._ask(environ, start_response, key, version)

    def forget(self) -> None:
        """Forget every page."""
        with self._lock:
            self._pages.clear()

    def weigh(self) -> int:
        """Bytes kept."""
        return sum(page.size for page in self._pages.values())

    def _has_session(self, environ: Environ) -> bool:
        """Whether somebody may be signed in: what they see is theirs."""
        return self._cookie in environ.get("HTTP_COOKIE", "")

    def _find_version(self) -> int:
        """The version of what is public, looked up once a second; pages of an older one are forgotten."""
        now = time.monotonic()
        if now < self._until:
            return self._version
        version = self._read_version()
        with self._lock:
            if version != self._version:
                self._pages.clear()
            self._version, self._until = version, now + self.noticed_after
        return version

    def _ask(
        self, environ: Environ, start_response: StartResponse, key: str, version: int
    ) -> Iterable[bytes]:
        """What the application answers, kept where it says that it may be."""
        said: list[list[tuple[str, str]]] = []
        mark = environ[MARK_KEY] = Mark()

        def hear(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> Callable[[bytes], object]:
            own = any(name.lower() == "set-cookie" for name, _ in headers)
            if not mark.may_keep or own or not status.startswith("200"):
                return start_response(status, headers, exc_info)
            said.append(headers)
            return lambda data: None

        answer = self._app(environ, hear)
        if not said:
            return answer
        try:
            body = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        page = _make_page(body, said[0])
        with self._lock:
            # What was made while something changed may be of either state.
            if version == self._version:
                self._pages[key] = page
                kept = self.weigh()
                while kept > LARGEST_SIZE:
                    kept -= self._pages.popitem(last=False)[1].size
        return _answer(page, environ, start_response)


def _answer(page: Page, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    if page.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
        shown = [header for header in page.plain_headers if header[0].lower() not in ABOUT_BODY]
        start_response("304 Not Modified", shown)
        return []
    packed = "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
    start_response("200 OK", page.packed_headers if packed else page.plain_headers)
    return [page.packed if packed else page.plain]


def _make_page(body: bytes, headers: list[tuple[str, str]]) -> Page:
    given = {name.lower(): value for name, value in headers}
    etag = given.get("etag") or f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    kept = [(name, value) for name, value in headers if name.lower() not in OWN_HEADERS]
    kept += [
        ("ETag", etag),
        # Asked again each time: an edition that is withdrawn is gone at once.
        ("Cache-Control", given.get("cache-control", "no-cache")),
        ("Vary", VARY),
    ]
    # No date inside: the same page gives the same bytes.
    packed = gzip.compress(body, 9, mtime=0)
    # A strong tag names these very bytes: what is compressed has the weak one, which asks again as well.
    weak = [(name, f"W/{value}" if name == "ETag" else value) for name, value in kept]
    return Page(
        plain=body,
        packed=packed,
        plain_headers=[*kept, ("Content-Length", str(len(body)))],
        packed_headers=[*weak, ("Content-Encoding", "gzip"), ("Content-Length", str(len(packed)))],
        etag=etag,
    )
