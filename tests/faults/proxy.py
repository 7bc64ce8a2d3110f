"""A bad network between browser and server: it cuts requests and answers at random bytes."""

from __future__ import annotations

import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import cast

PASSED, REQUEST_CUT, RESPONSE_CUT = "passed whole", "request cut", "answer cut"
RESPONSE_LOST, SERVER_KILLED, SERVER_AWAY = "answer lost whole", "server killed meanwhile", "server away"

#: how often each fate befalls a request of a storm
STORM = {PASSED: 50, REQUEST_CUT: 18, RESPONSE_CUT: 16, RESPONSE_LOST: 16}
#: seconds after the last byte of an envelope within which its server is killed: it commits in about three
KILLED_WITHIN = 0.008
#: closing with this sends a reset instead of a farewell
RESET = struct.pack("ii", 1, 0)


class Proxy(ThreadingTCPServer):
    """Passes every request on to a port of this machine, unless there is a storm."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, target: int, seed: int, strike: Callable[[], None]) -> None:
        """`strike` kills the server and starts it again."""
        super().__init__(("127.0.0.1", 0), _Connection)
        self.target = target
        self.strike = strike
        #: what befell the requests of storms
        self.fates: Counter[str] = Counter()
        self.chance = random.Random(seed)
        self._lock = threading.Lock()
        self._stormy = False
        self._kill_after: float | None = None
        self._until_kill = 0.0

    @property
    def port(self) -> int:
        """Where browsers connect."""
        return cast(int, self.server_address[1])

    @contextmanager
    def storm(self, kill_after: int | None = None) -> Iterator[None]:
        """Let requests fail; the server dies about every `kill_after` envelopes."""
        if kill_after != self._kill_after:
            self._kill_after, self._until_kill = kill_after, self._draw_gap(kill_after)
        self._stormy = True
        try:
            yield
        finally:
            self._stormy = False

    def draw_fate(self, method: str) -> str:
        """What happens to the next request."""
        with self._lock:
            if not self._stormy:
                return PASSED
            fate = self.chance.choices(list(STORM), weights=list(STORM.values()))[0]
            if method == "PUT" and self._kill_after:
                self._until_kill -= 1
                if self._until_kill <= 0:
                    self._until_kill = self._draw_gap(self._kill_after)
                    fate = SERVER_KILLED
            return fate

    def note(self, fate: str) -> None:
        """Count what happened in a storm."""
        with self._lock:
            if self._stormy:
                self.fates[fate] += 1

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Close without the polite half-close that would come before a reset."""
        self.close_request(request)

    def _draw_gap(self, mean: float | None) -> float:
        return self.chance.uniform(0.5, 1.5) * (mean or 0)


@contextmanager
def run_proxy(target: int, seed: int, strike: Callable[[], None]) -> Iterator[Proxy]:
    """A proxy on a free port."""
    with Proxy(target, seed, strike) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()


class _Connection(StreamRequestHandler):
    """One connection of the browser, which stays open for several requests."""

    server: Proxy

    def handle(self) -> None:
        """Requests one after the other, until one of them is cut or the browser leaves."""
        try:
            while request := self._read_request():
                if not self._pass_on(request):
                    break
        except OSError:
            return  # the browser left first

    def _read_request(self) -> bytes:
        head, length = b"", 0
        while line := self.rfile.readline():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            # One connection to the server for each request: its end is the end of the answer.
            head += b"Connection: close\r\n" if name.lower() == b"connection" else line
            if line == b"\r\n":
                return head + self.rfile.read(length)
        return b""

    def _pass_on(self, request: bytes) -> bool:
        """Give the server what gets through, and the browser what comes back; False when it was cut."""
        proxy = self.server
        try:
            server = socket.create_connection(("127.0.0.1", proxy.target))
        except ConnectionRefusedError:
            fate, answer = SERVER_AWAY, b""
        else:
            fate = proxy.draw_fate(request.partition(b" ")[0].decode())
            with server:
                answer = self._ask(server, request, fate)
        if fate == RESPONSE_CUT:
            answer = answer[: proxy.chance.randrange(1, max(2, len(answer)))]
        proxy.note(fate)
        if fate == PASSED and answer:
            self.connection.sendall(answer.replace(b"\r\nConnection: close\r\n", b"\r\n", 1))
            return True
        if fate in (RESPONSE_CUT, SERVER_KILLED):
            self.connection.sendall(answer)
        if proxy.chance.random() < 0.5:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        return False

    def _ask(self, server: socket.socket, request: bytes, fate: str) -> bytes:
        """Send what the fate lets through; gives the whole answer, or what there is of it."""
        proxy = self.server
        if fate == REQUEST_CUT:
            server.sendall(request[: proxy.chance.randrange(len(request))])
            return b""
        server.sendall(request)
        if fate == SERVER_KILLED:
            time.sleep(proxy.chance.uniform(0, KILLED_WITHIN))
            proxy.strike()
        return _read_all(server)


def _read_all(server: socket.socket) -> bytes:
    answer = b""
    try:
        while chunk := server.recv(65536):
            answer += chunk
    except ConnectionResetError:
        pass  # the server died: what came before is all there is
    return answer
