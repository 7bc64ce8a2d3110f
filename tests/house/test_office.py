"""LibreOffice is waited for while it is installed; without it a test fails and says what to do."""

import sys
import threading
import time
from pathlib import Path

import pytest

from tests.office import ENDED, LOG, find_office


def test_without_libreoffice_the_reader_says_what_to_install_and_what_apt_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SOFFICE", str(tmp_path / "nowhere"))
    monkeypatch.delenv(LOG, raising=False)
    with pytest.raises(RuntimeError, match="libreoffice-calc-nogui"):
        find_office()
    log = tmp_path / "office.log"
    log.write_text(f"E: Unable to fetch some archives\n{ENDED}\n", encoding="utf-8")
    monkeypatch.setenv(LOG, str(log))
    with pytest.raises(RuntimeError, match="Unable to fetch"):
        find_office()


def test_the_end_of_the_installation_is_waited_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = tmp_path / "office.log"
    monkeypatch.setenv(LOG, str(log))
    # A program that is there before the end is not taken: its package may be half unpacked.
    monkeypatch.setenv("SOFFICE", sys.executable)
    end = threading.Timer(1, lambda: log.write_text(f"{ENDED}\n", encoding="utf-8"))
    start = time.monotonic()
    end.start()
    assert find_office() == sys.executable
    assert time.monotonic() - start >= 1
    end.join()
