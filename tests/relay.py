"""What stands between a browser and a server of this machine, and reads requests whole."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Self, cast


class Relay(ThreadingTCPServer):
    """Listens on a free port and passes requests on to `target`, another one."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, target: int, passage: type[Passage]) -> None:
        """`passage` is what becomes of each connection."""
        super().__init__(("127.0.0.1", 0), passage)
        self.target = target

    @property
    def port(self) -> int:
        """Where browsers connect."""
        return cast(int, self.server_address[1])

    @contextmanager
    def run(self) -> Iterator[Self]:
        """Listen until the end of the block."""
        with self:
            thread = threading.Thread(target=self.serve_forever, daemon=True)
            thread.start()
            try:
                yield self
            finally:
                self.shutdown()
                thread.join()

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        """Close without a polite half-close, which would come before a reset."""
        self.close_request(request)


class Passage(StreamRequestHandler):
    """One connection of the browser, which stays open for several requests."""

    def handle(self) -> None:
        """Requests one after the other, until one is not answered whole or the browser leaves."""
        try:
            while request := self._read_request():
                if not self.pass_on(request):
                    break
        except OSError:
            return  # the browser left first

    def pass_on(self, request: bytes) -> bool:
        """Answer one request; False when the connection is to be closed."""
        raise NotImplementedError

    def connect(self) -> socket.socket:
        """A new connection to the server: its end is the end of the answer."""
        return socket.create_connection(("127.0.0.1", cast(Relay, self.server).target))

    def _read_request(self) -> bytes:
        head, length = b"", 0
        while line := self.rfile.readline():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            head += b"Connection: close\r\n" if name.lower() == b"connection" else line
            if line == b"\r\n":
                body = self.rfile.read(length)
                return head + body if len(body) == length else b""
        return b""


def read_answer(server: socket.socket) -> bytes:
    """A whole answer, as if its connection stayed open; what there is of it when the server died."""
    answer = b""
    try:
        while chunk := server.recv(65536):
            answer += chunk
    except ConnectionResetError:
        pass
    return answer.replace(b"\r\nConnection: close\r\n", b"\r\n", 1)
