"""The application as it is deployed, in processes of its own that can be killed and started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections import deque
from typing import IO

from tests.support import ROOT, key_file

#: signs the cookies of the server and of the tests' own application on the same database
SECRET_KEY = "faults"
READY = "Listening at"


class Server:
    """`barometre serve` on one port of this machine, over one database."""

    def __init__(self, database_url: str) -> None:
        """Choose a port; nothing runs yet."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.kills = 0
        self._environment = {
            **os.environ,
            "SECRET_KEY": SECRET_KEY,
            "DATABASE_URL": database_url,
            "INSECURE_COOKIES": "1",
            "SEALING_KEYS": str(key_file()),
        }
        self._process: subprocess.Popen[str] | None = None
        #: held while it is away
        self._returning = threading.Lock()

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "barometre", "serve", "--port", str(self.port)],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self._process.stderr
        log = _Log(self._process.stderr)
        log.wait_until_ready()

    def stop(self) -> None:
        """SIGKILL for its whole group of processes, wherever they are."""
        assert self._process
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def strike(self) -> None:
        """Kill it wherever it is; it starts again meanwhile. Nothing happens to one that is not back yet."""
        if self._returning.acquire(blocking=False):
            self.stop()
            self.kills += 1
            threading.Thread(target=self._return).start()

    def wait_until_back(self) -> None:
        """Wait until a server that was struck takes connections again."""
        with self._returning:
            return

    def _return(self) -> None:
        try:
            self.start()
        finally:
            self._returning.release()


class _Log(threading.Thread):
    """Reads what a server says, so that it never waits for a reader."""

    def __init__(self, stream: IO[str]) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self._last: deque[str] = deque(maxlen=40)
        self._told = threading.Event()
        self._ready = False
        self.start()

    def run(self) -> None:
        with self._stream:
            for line in self._stream:
                self._last.append(line)
                if READY in line:
                    self._ready = True
                    self._told.set()
        self._told.set()

    def wait_until_ready(self) -> None:
        self._told.wait()
        if not self._ready:
            raise RuntimeError("the server did not start:\n" + "".join(self._last))
