"""A browser that keeps its memory on the disk, and that can be killed like a battery that dies."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from playwright.sync_api import BrowserContext, BrowserType, Page

from tests.chromium import ARGUMENTS, PLACE


class Browser:
    """Chromium over one profile."""

    def __init__(self, browser_type: BrowserType, program: str | None, profile: Path) -> None:
        """`program` is the one that was found; nothing runs yet."""
        self.kills = 0
        self._type = browser_type
        self._program = program
        self.profile = profile
        self._context: BrowserContext | None = None

    def open(self) -> Page:
        """Start it; gives its first page."""
        self._context = self._type.launch_persistent_context(
            self.profile, executable_path=self._program, args=ARGUMENTS, **PLACE
        )
        self._context.set_default_timeout(60_000)
        return self._context.pages[0]

    def close(self) -> None:
        """End it as a person would."""
        if self._context:
            self._context.close()
            self._context = None

    def kill(self) -> None:
        """SIGKILL for all of its processes, wherever they are."""
        assert self._context
        with self._context.expect_event("close"):
            # Playwright gives the browser a group of its own.
            os.killpg(os.getpgid(self._find_process()), signal.SIGKILL)
        self._context = None
        self.kills += 1

    def _find_process(self) -> int:
        """The browser's first process: the others are of some type."""
        profile = f"--user-data-dir={self.profile}".encode()
        for folder in Path("/proc").iterdir():
            if folder.name.isdigit():
                try:
                    words = (folder / "cmdline").read_bytes().split(b"\0")
                except OSError:
                    continue  # it ended while we looked
                if profile in words and not any(word.startswith(b"--type=") for word in words):
                    return int(folder.name)
        raise ProcessLookupError(f"no browser over {self.profile}")
