"""A closed loop of keep-alive clients over raw sockets: each sends again when its answer is read."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

#: seconds without any answer after which a run is given up
PATIENCE = 60


@dataclass(frozen=True)
class Run:
    """What a number of clients got done together."""

    #: answers read
    requests: int
    seconds: float
    #: milliseconds from request to answer
    median: float
    worst_percent: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.requests / self.seconds


class UnexpectedAnswer(Exception):
    """The server answered something else: the run measures nothing."""


def write_request(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """A request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Loader:
    """The clients' own process, so that they never wait for what measures them."""

    def __enter__(self) -> Loader:
        """Start the process."""
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._pool.shutdown()

    def drive(self, port: int, requests: Sequence[bytes], clients: int, expect: int = 201) -> Run:
        """Send every request once, over `clients` connections."""
        return self._pool.submit(_drive, port, requests, clients, expect).result()


def _drive(port: int, requests: Sequence[bytes], clients: int, expect: int) -> Run:
    waiting = iter(requests)
    times: list[float] = []
    with selectors.DefaultSelector() as selector:
        for _ in range(clients):
            connection = socket.create_connection(("127.0.0.1", port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ, _Client(connection))
        start = time.perf_counter()
        busy = sum(key.data.send(waiting) for key in list(selector.get_map().values()))
        while busy:
            ready = selector.select(PATIENCE)
            if not ready:
                raise UnexpectedAnswer(f"no answer for {PATIENCE} seconds")
            for key, _ in ready:
                taken = key.data.read(expect)
                if taken is not None:
                    times.append(taken)
                    busy -= not key.data.send(waiting)
        seconds = time.perf_counter() - start
        for key in list(selector.get_map().values()):
            key.data.connection.close()
    times.sort()
    middle, worst = times[len(times) // 2], times[len(times) * 99 // 100]
    return Run(len(times), seconds, 1000 * middle, 1000 * worst)


class _Client:
    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._sent = 0.0
        self._answer = b""

    def send(self, waiting: Iterator[bytes]) -> bool:
        """Send the next request; False when none is left."""
        request = next(waiting, None)
        if request is None:
            return False
        self._answer, self._sent = b"", time.perf_counter()
        self.connection.sendall(request)
        return True

    def read(self, expect: int) -> float | None:
        """Seconds that the answer took, None while it is not all here."""
        chunk = self.connection.recv(65536)
        self._answer += chunk
        head, end, body = self._answer.partition(b"\r\n\r\n")
        if not chunk or (end and int(head[9:12]) != expect):
            raise UnexpectedAnswer(self._answer[:600].decode(errors="replace"))
        if not end or len(body) < _content_length(head):
            return None
        return time.perf_counter() - self._sent


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise UnexpectedAnswer(f"an answer without its length: {head!r}")
