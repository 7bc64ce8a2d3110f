"""CPU seconds that a server and its database burn: a number that other load on the machine moves little."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def read_cpu(roots: Iterable[int]) -> float:
    """Seconds used so far by these processes and everything they started, ended children included."""
    parents, seconds = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                # The name of the program, in brackets, may hold spaces: what follows it is regular.
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # it ended while we looked
            pid = int(folder.name)
            parents[pid] = int(fields[1])
            seconds[pid] = sum(map(int, fields[11:15])) / TICKS
    tree = set(roots)
    while grown := {pid for pid, parent in parents.items() if parent in tree} - tree:
        tree |= grown
    return sum(seconds.get(pid, 0.0) for pid in tree)
