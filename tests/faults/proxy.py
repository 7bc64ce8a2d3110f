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

from tests.relay import Passage, Relay, read_answer

PASSED, REQUEST_CUT, RESPONSE_CUT = "passed whole", "request cut", "answer cut"
RESPONSE_LOST, SERVER_KILLED, SERVER_AWAY = "answer lost whole", "server killed meanwhile", "server away"

#: how often each fate befalls a request of a storm
STORM = {PASSED: 50, REQUEST_CUT: 18, RESPONSE_CUT: 16, RESPONSE_LOST: 16}
#: seconds after the last byte of an envelope within which its server is killed: it commits in about three
#: thousandths
KILLED_WITHIN = 0.008
#: closing with this sends a reset instead of a farewell
RESET = struct.pack("ii", 1, 0)


class Proxy(Relay):
    """Passes every request on, unless there is a storm."""

    def __init__(self, target: int, seed: int, strike: Callable[[], None]) -> None:
        """`strike` kills the server, which starts again by itself."""
        super().__init__(target, _Connection)
        self.strike = strike
        #: what befell the requests of storms
        self.fates: Counter[str] = Counter()
        self.chance = random.Random(seed)
        self._lock = threading.Lock()
        self._stormy = False
        self._kill_after = 0
        self._until_kill = 0.0

    @contextmanager
    def storm(self, kill_after: int) -> Iterator[None]:
        """Let requests fail; the server dies about every `kill_after` envelopes."""
        if kill_after != self._kill_after:
            self._kill_after = kill_after
            self._until_kill = self._draw_gap()
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
            if method == "PUT":
                self._until_kill -= 1
                if self._until_kill <= 0:
                    self._until_kill = self._draw_gap()
                    return SERVER_KILLED
            return self.chance.choices(list(STORM), weights=list(STORM.values()))[0]

    def note(self, fate: str) -> None:
        """Count what happened in a storm."""
        with self._lock:
            if self._stormy:
                self.fates[fate] += 1

    def _draw_gap(self) -> float:
        return self.chance.uniform(0.5, 1.5) * self._kill_after


class _Connection(Passage):
    """One connection through the storm."""

    server: Proxy

    def pass_on(self, request: bytes) -> bool:
        """Give the server what gets through, and the browser what comes back."""
        proxy = self.server
        try:
            server = self.connect()
        except ConnectionRefusedError:
            fate, answer = SERVER_AWAY, b""
        else:
            method, path = request.split(b" ", 2)[:2]
            # Only these tests fetch modules one by one: a tablet has them in the script that it keeps.
            fate = PASSED if path.startswith(b"/static/") else proxy.draw_fate(method.decode())
            with server:
                answer = self._ask(server, request, fate)
        proxy.note(fate)
        if fate != RESPONSE_LOST:
            self.connection.sendall(answer)
        if fate == PASSED:
            return bool(answer)
        if proxy.chance.random() < 0.5:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        return False

    def _ask(self, server: socket.socket, request: bytes, fate: str) -> bytes:
        """Send what the fate lets through; gives as much of the answer as it lets through too."""
        chance = self.server.chance
        if fate == REQUEST_CUT:
            server.sendall(request[: chance.randrange(len(request))])
            return b""
        server.sendall(request)
        if fate == SERVER_KILLED:
            time.sleep(chance.uniform(0, KILLED_WITHIN))
            self.server.strike()
        answer = read_answer(server)
        return answer[: chance.randrange(1, max(2, len(answer)))] if fate == RESPONSE_CUT else answer
