"""The proxy that every deployment has in front: it compresses, and here it counts what goes over the wire."""

from __future__ import annotations

import gzip
import re
import time

from tests.relay import Passage, Relay, read_answer

LEVEL = 6
#: what nginx is told to compress; fonts and pictures are compressed already
COMPRESSED = re.compile(rb"\r\ncontent-type: *(text/|application/(json|javascript|manifest)|image/svg)", re.I)
LENGTH = re.compile(rb"\r\ncontent-length: *\d+", re.I)


class Wire(Relay):
    """Passes everything on, answers compressed."""

    def __init__(self, target: int) -> None:
        """Count from nothing."""
        super().__init__(target, _Connection)
        #: moment and bytes of every answer, headers included
        self.answers: list[tuple[float, int]] = []

    def weigh(self, since: float, until: float) -> tuple[int, int]:
        """Bytes and answers between two moments."""
        sizes = [size for moment, size in self.answers if since <= moment <= until]
        return sum(sizes), len(sizes)


class _Connection(Passage):
    """One connection, kept alive."""

    server: Wire

    def pass_on(self, request: bytes) -> bool:
        """The whole answer, smaller."""
        with self.connect() as server:
            server.sendall(request)
            answer = compress(read_answer(server)) if b"gzip" in request else read_answer(server)
        self.server.answers.append((time.time(), len(answer)))
        self.connection.sendall(answer)
        return True


def compress(answer: bytes) -> bytes:
    """An answer as a browser that takes gzip gets it."""
    head, _, body = answer.partition(b"\r\n\r\n")
    if not body or not COMPRESSED.search(head):
        return answer
    packed = gzip.compress(body, LEVEL)
    head = LENGTH.sub(b"\r\nContent-Length: %d\r\nContent-Encoding: gzip" % len(packed), head)
    return head + b"\r\n\r\n" + packed
