"""The browser of the tests: where it is, and how it is started."""

import os
import shutil

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
#: quietly: it talks to the tests' server and to nobody else
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
#: the tablets are French
PLACE = {"locale": "fr-FR", "timezone_id": "Europe/Paris"}


def find_chromium() -> str | None:
    """The browser's program: $CHROMIUM, the system's, or None for the one that Playwright installed."""
    for candidate in (os.environ.get("CHROMIUM"), *BROWSERS):
        found = shutil.which(candidate) if candidate else None
        if found:
            return found
    return None
