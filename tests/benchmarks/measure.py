"""One line of the bench: a value, what it is held against, and whether the bar is met."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """A value beside its floor, measured in the same run."""

    name: str
    value: float
    floor: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None

    @property
    def ratio(self) -> float:
        """How many times the floor."""
        return self.value / self.floor if self.floor else float("inf")

    @property
    def passed(self) -> bool:
        """Whether the ratio is on the right side of the bar."""
        low = self.at_least if self.at_least is not None else 0.0
        high = self.at_most if self.at_most is not None else float("inf")
        return low <= self.ratio <= high

    def write(self) -> str:
        """The line that is printed."""
        bar, verdict = "", ""
        if self.at_least is not None:
            bar = f">= {self.at_least:g}"
        if self.at_most is not None:
            bar = f"<= {self.at_most:g}"
        if bar:
            verdict = "PASS" if self.passed else "MISS"
        return (
            f"{self.name:<58} {self.value:>10,.2f} {self.floor:>10,.2f} {self.unit:<6} "
            f"{self.ratio:>7.2f} {bar:>7} {verdict}"
        ).rstrip()


HEAD = f"{'measure':<58} {'value':>10} {'floor':>10} {'':<6} {'ratio':>7} {'bar':>7}"
