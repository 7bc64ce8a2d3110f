"""Every table of counts that fits what an attacker was told, searched with whole numbers.

A table says how many people of each cell (quartier × sector × age × sex, as far as the attacker is told
of them) gave each answer to one item, or none. What is shown makes linear equations. A number that is not
shown is safe when tables that fit disagree on it enough (`safe.py`); each table found serves for all the
numbers at once, and one that no table makes safe is reported with all that it can be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from barometre.estimates.disclosure import SMALL

Vector = npt.NDArray[np.float64]


@dataclass
class Secret:
    """A number that must not be known."""

    name: str
    #: one coefficient a variable
    of: Vector
    is_safe: Callable[[set[int]], bool]
    #: numbers that some fitting table has
    fitting: set[int]

    @property
    def safe(self) -> bool:
        """Whether the numbers found so far disagree enough."""
        return self.is_safe(self.fitting)


@dataclass
class System:
    """Equations and inequalities over whole numbers from 0 to `people`."""

    size: int
    people: int
    rows: list[Vector] = field(default_factory=list)
    least: list[float] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    #: programs solved
    solved: int = 0

    def tell(self, of: Vector, least: float, most: float | None = None) -> None:
        """The sum lies between `least` and `most`, or is `least`."""
        self.rows.append(of)
        self.least.append(least)
        self.most.append(least if most is None else most)

    def fits(self, table: Vector) -> bool:
        """Whether a table is all that was told."""
        sums = np.array(self.rows) @ table
        return bool(
            np.all(sums >= np.array(self.least) - 1e-6) and np.all(sums <= np.array(self.most) + 1e-6)
        )

    def search(self, target: Vector, fixed: tuple[Vector, int] | None = None) -> Vector | None:
        """A fitting table where `target` is largest, with one more sum fixed; None when there is none."""
        rows, least, most = list(self.rows), list(self.least), list(self.most)
        if fixed:
            rows.append(fixed[0])
            least.append(fixed[1])
            most.append(fixed[1])
        self.solved += 1
        found = milp(
            -target,
            constraints=LinearConstraint(csr_array(np.array(rows)), least, most),
            integrality=np.ones(self.size),
            bounds=Bounds(0, self.people),
            options={"mip_rel_gap": 0.5, "time_limit": 20},
        )
        if found.x is None:
            assert found.status == 2, found.message
            return None
        table: Vector = np.round(found.x)
        assert self.fits(table)
        return table


def find_disclosures(
    system: System, secrets: Sequence[Secret], random: np.random.Generator, attempts: int = 6
) -> list[Secret]:
    """The secrets that no fitting tables hide, with every number that fits them."""

    def learn(table: Vector | None) -> None:
        if table is not None:
            for secret in secrets:
                secret.fitting.add(round(float(secret.of @ table)))

    for _ in range(attempts):
        pending = [secret for secret in secrets if not secret.safe]
        if not pending:
            return []
        signs = random.choice((-1.0, 1.0, 1.0), size=len(pending)) * random.random(len(pending))
        learn(system.search(np.sum([s * p.of for s, p in zip(signs, pending, strict=True)], axis=0)))
    disclosed = []
    for secret in secrets:
        for number in _list_decisive(secret):
            if secret.safe:
                break
            if number not in secret.fitting:
                learn(system.search(np.zeros(system.size), (secret.of, number)))
        if not secret.safe:
            learn(system.search(secret.of))
            learn(system.search(-secret.of))
        if not secret.safe:
            disclosed.append(secret)
    return disclosed


def _list_decisive(secret: Secret) -> Iterable[int]:
    """The numbers that could make it safe, the most telling ones first; bases are at most a little more."""
    return (
        SMALL,
        0,
        *range(SMALL - 1, 0, -1),
        *(n + step for n in sorted(secret.fitting) for step in (1, -1)),
    )
