"""Reads who answered what: `interviews.csv`, or `counts.csv` of the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from barometre.estimates.margins import UNKNOWN, WeightingCells
from barometre.i18n import gettext as _
from barometre.tabulate.lines import Line, read_lines
from barometre.tabulate.survey import AGE, MISSING, SEX, Design, Scale, Score, Wave

#: quartier, age class, sex
Cell = tuple[str, str, str]


class People:
    """Counts of every wave while they are read."""

    def __init__(
        self,
        design: Design,
        scales: Mapping[str, Scale],
        margins: Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]],
    ) -> None:
        self.design, self.scales, self.margins = design, scales, margins
        #: (wave, cell) → item → code → interviews
        self.answers: dict[tuple[str, Cell], dict[str, Counter[int | None]]] = defaultdict(
            lambda: defaultdict(Counter)
        )
        self.interviews: Counter[tuple[str, Cell]] = Counter()
        #: (wave, cell) → scores of the composite; None when only counts are known
        self.scores: dict[tuple[str, Cell], list[float]] | None = None

    def find_cell(self, line: Line) -> tuple[str, Cell]:
        """Wave and cell of a line; raises where nobody lives there."""
        line.check("wave", self.design.waves)
        line.check("quartier", self.design.quartiers, quartier=line["quartier"])
        tables = self.margins.get(line["wave"], {}).get(line["quartier"])
        if tables is None:
            raise line.error(
                "quartier", _("La population de ce quartier n’est pas donnée."), line["quartier"]
            )
        for variable in (AGE, SEX):
            known = tables.get(variable)
            if line[variable] in ("", UNKNOWN) or known is None:
                continue
            if line[variable] not in known:
                reason = _("La population de cette classe n’est pas donnée : ajoutez-la.")
                raise line.error(variable, reason, line["quartier"], line[variable])
        return line["wave"], (line["quartier"], line[AGE] or UNKNOWN, line[SEX] or UNKNOWN)

    def read_code(self, line: Line, column: str, item: str) -> int | None:
        """One answer; None when it was not asked."""
        if line[column] == "":
            return None
        code = line.number(column)
        if code not in self.scales[item].substantive and code not in MISSING:
            raise line.error(column, _("%(code)s n’est pas un code de cette question.", code=code))
        return code

    def build(self, wave: str, population: Mapping[str, Mapping[tuple[str, str], float]] | None) -> Wave:
        """The counts of one wave, cells in the order of the design."""

        def rank(cell: Cell) -> tuple[int, int, str]:
            quartier, age, sex = cell
            ages = self.design.ages
            return self.design.quartiers.index(quartier), ages.index(age) if age in ages else len(ages), sex

        cells = sorted((cell for named, cell in self.interviews if named == wave), key=rank)
        columns: Sequence[Sequence[str]] = list(zip(*cells, strict=True)) or [(), (), ()]
        given = {}
        for item in self.scales:
            counters = [self.answers[wave, cell][item] for cell in cells]
            codes = {code for counter in counters for code in counter}
            given[item] = {
                code: np.array([counter[code] for counter in counters], dtype=np.int64) for code in codes
            }
        quartier, age, sex = (np.array(column, dtype=str) for column in columns)
        n = np.array([self.interviews[wave, cell] for cell in cells], dtype=np.int64)
        return Wave(
            cells=WeightingCells(quartier, {AGE: age, SEX: sex}, n),
            given=given,
            composite=self._add_scores([self.scores[wave, cell] for cell in cells])
            if self.scores is not None
            else None,
            margins=self.margins.get(wave, {}),
            population=population,
        )

    def score(self, answers: Mapping[str, int | None]) -> float | None:
        """Mean of the answered items of the composite, each from 0 to 100; None when too few are answered."""
        scales = {item: self.scales[item] for item in self.design.composite_items}
        found = [
            100 * (code - scale.lowest) / (scale.highest - scale.lowest)
            for item, scale in scales.items()
            if (code := answers[item]) is not None and code in scale.substantive
        ]
        return sum(found) / len(found) if found and len(found) >= self.design.composite_minimum else None

    @staticmethod
    def _add_scores(scores: Sequence[Sequence[float]]) -> Score:
        return Score(
            np.array([len(found) for found in scores], dtype=np.int64),
            np.array([sum(found) for found in scores], dtype=float),
            np.array([sum(value * value for value in found) for found in scores], dtype=float),
        )


def read_interviews(path: Path, people: People) -> None:
    seen: dict[str, int] = {}
    people.scores = defaultdict(list)
    for line in read_lines(path, ("interview_id", "wave", "quartier", AGE, SEX, *people.scales)):
        key = people.find_cell(line)
        identifier = line["interview_id"]
        if not identifier:
            raise line.error("interview_id", _("Cet entretien n’a pas d’identifiant : donnez-en un."))
        if identifier in seen:
            reason = _("Cet entretien est déjà à la ligne %(line)s.", line=seen[identifier])
            raise line.error("interview_id", reason)
        seen[identifier] = line.row
        answers = {item: people.read_code(line, item, item) for item in people.scales}
        people.interviews[key] += 1
        for item, code in answers.items():
            people.answers[key][item][code] += 1
        score = people.score(answers) if people.design.composite_items else None
        if score is not None:
            people.scores[key].append(score)


def read_counts(path: Path, people: People) -> None:
    """Add the counts of every line; all items of a cell must count the same interviews."""
    last: dict[tuple[str, Cell], dict[str, Line]] = defaultdict(dict)
    for line in read_lines(path, ("wave", "quartier", AGE, SEX, "item", "code", "n")):
        key = people.find_cell(line)
        line.check("item", people.scales)
        code = people.read_code(line, "code", line["item"])
        counted = people.answers[key][line["item"]]
        if code in counted:
            raise line.error("n", _("Ce nombre est déjà donné plus haut : gardez une seule ligne."))
        counted[code] = line.number("n")
        last[key][line["item"]] = line
    for key, lines in last.items():
        totals = {item: people.answers[key][item].total() for item in people.scales}
        usual = Counter(totals.values()).most_common(1)[0][0]
        for item, total in totals.items():
            if total != usual:
                line = lines.get(item) or next(iter(lines.values()))
                reason = _("« %(item)s » n’a pas autant d’entretiens que les autres questions.", item=item)
                raise line.error("n", reason, line["quartier"], line[AGE])
        people.interviews[key] = usual
