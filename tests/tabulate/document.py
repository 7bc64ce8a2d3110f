"""The document of `barometre tabulate --json` from the numbers of `tests.tabulate.rows`."""

import json
import math
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from tests.tabulate import limits
from tests.tabulate.rows import (
    SILENT,
    UNKNOWN,
    NoSolution,
    Record,
    Wave,
    indicators,
    merge,
    put,
    rake,
    root,
    spread,
    student,
    targets,
    text,
    with_limits,
)

Column = "np.ndarray[Any, Any]"
#: weighting, base, finite population
PRINTED = [
    ("unweighted", "expressed", False),
    ("unweighted", "asked", False),
    ("quartier", "expressed", False),
    ("quartier", "expressed", True),
    ("poststratified", "expressed", False),
    ("poststratified", "expressed", True),
    ("raked", "expressed", False),
    ("raked", "expressed", True),
    ("raked", "asked", False),
    ("bounded", "expressed", False),
]


class Folder:
    """Two waves, their items, and every section about them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.design = json.loads((folder / "design.json").read_text(encoding="utf-8"))
        self.items = text(folder / "items.csv").set_index("item")
        rows, cells = text(folder / "interviews.csv"), text(folder / "population_cells.csv")
        self.waves = {
            name: Wave(rows[rows["wave"] == name], cells[cells["wave"] == name], self.design)
            for name in self.design["waves"]
        }
        self.first, self.second = (self.waves[name] for name in self.design["waves"])
        self.kept: dict[Any, Any] = {}
        self.domains = [*self.design["quartiers"], "ALL"]

    def codes(self, wave: Wave, item: str) -> "np.ndarray[Any, Any]":
        """The substantive codes; the others do not exist."""
        low, high = (float(self.items.loc[item, name]) for name in ("scale_min", "scale_max"))
        codes = np.array([float(code or "nan") for code in wave.rows[item]])
        return np.where((codes >= low) & (codes <= high), codes, np.nan)

    def answers(self, wave: Wave, item: str, kind: str = "expressed") -> "np.ndarray[Any, Any]":
        """1 favourable, 0 not, nothing outside the base."""
        if (key := (id(wave), item, kind)) in self.kept:
            return self.kept[key]
        codes = self.codes(wave, item)
        good = np.isin(codes, [float(code) for code in self.items.loc[item, "favourable"].split()])
        silent = wave.rows[item].isin(["97", "98"]).to_numpy()
        base = np.isfinite(codes) | (silent if kind == "asked" else False)
        self.kept[key] = np.where(base, good.astype(float), np.nan)
        return self.kept[key]

    def share(self, wave: Wave, *of: Any) -> Record:
        """One record of `proportions`, worked out once."""
        if (id(wave), *of) not in self.kept:
            self.kept[id(wave), *of] = self.work_out(wave, *of)
        return self.kept[id(wave), *of]

    def work_out(self, wave: Wave, item: str, domain: str, weighting: str, kind: str, fpc: bool) -> Record:
        """The same, without what tells the record apart."""
        y, at = self.answers(wave, item, kind), wave.where[domain]
        x, m = int(np.nansum(y[at])), int(np.isfinite(y[at]).sum())
        if weighting == "unweighted":
            plain = limits.one_sample(x, m) | {"se": math.sqrt(x * (m - x) / m**3)} if m else {}
            return {"base": m, "favourable": x, **plain}
        n = int(at.sum())
        persons = sum(wave.persons[name] for name in (wave.quartiers if domain == "ALL" else [domain]))
        return with_limits(
            wave.mean(y, weighting, domain, fpc) | {"favourable": x}, n, n / persons if n else 0, fpc
        )

    def counts(self, wave: Wave, item: str, domain: str) -> Record:
        """How many answered what."""
        at = wave.where[domain]
        raw = wave.rows.loc[at, item]
        silent = {label: int((raw == code).sum()) for code, label in SILENT.items()}
        y = self.answers(wave, item)[at]
        x, m = int(np.nansum(y)), int(np.isfinite(y).sum())
        quiet = silent["dont_know"] + silent["refused"]
        display = "masked" if m < 11 else "no_percentage" if m < 30 else "caution" if m < 50 else "plain"
        found = {
            "interviews": int(at.sum()),
            "asked": m + quiet,
            "expressed": m,
            "favourable": x,
            **silent,
            "display": display,
        }
        return put(found, bounds=(x / (m + quiet), (x + quiet) / (m + quiet)) if m + quiet else None)

    def score(self, wave: Wave) -> "np.ndarray[Any, Any]":
        """0-100 over the composite items, for whoever answered enough of them."""
        codes = np.array([self.codes(wave, item) for item in self.design["composite_items"]])
        answered = np.isfinite(codes).sum(axis=0)
        total = np.nansum((codes - 1) / 3 * 100, axis=0)
        enough = answered >= max(1, self.design["composite_minimum_answered"])
        return np.where(enough, total / np.maximum(answered, 1), np.nan)

    def means(self, wave: Wave, domain: str) -> list[Record]:
        """Means of scales, of the score, and of the four shares."""
        found = []
        columns = {item: self.codes(wave, item) for item in self.design["mean_items"]}
        for item, y in {**columns, "composite_score": self.score(wave)}.items():
            for weighting in ("quartier", "raked"):
                all_ = wave.mean(y, weighting, domain)
                one = {"item": item, "weighting": weighting}
                one |= {key: all_[key] for key in ("base", "df", "estimate", "se") if key in all_}
                found.append(with_t(one, "estimate"))
        shares = [
            self.share(wave, item, domain, "raked", "expressed", False)
            for item in self.design["composite_items"]
        ]
        last: Record = {"item": "mean_of_proportions", "weighting": "raked"}
        for key, name in (("estimate", "estimate"), ("se", "se_upper_bound")):
            values = [one.get(key, math.nan) for one in shares]
            put(last, **{name: float(np.mean(values))})
        return [*found, last]

    def weights(self, wave: Wave) -> Record:
        """The weight of each cell with interviews, and what each scheme costs."""
        schemes = {"quartier_weight": "quartier", "poststratified": "poststratified", "raked": "raked"}
        if wave.bounded_feasible:
            schemes["bounded"] = "bounded"
        cells = []
        for (quartier, age, sex), rows in wave.rows.groupby(["quartier", "age_class", "sex"]):
            cell = {"quartier": quartier, "age_class": age or UNKNOWN, "sex": sex or UNKNOWN, "n": len(rows)}
            cells.append(cell | {k: wave.weights.loc[rows.index[0], v] for k, v in schemes.items()})
        summary = {}
        for key, name in schemes.items():
            w = wave.weights[name]
            by_quartier = {one: kish(w[wave.where[one]]) for one in wave.quartiers}
            summary[key] = {
                "sum": w.sum(),
                "min": w.min(),
                "max": w.max(),
                **kish(w),
                "by_quartier": by_quartier,
            }
            del summary[key]["n"]
        return {"by_cell": cells, "bounded_feasible": wave.bounded_feasible, "summary": summary}

    def structure(self) -> Record:
        """The second wave brought to the first one's sample."""
        old, rows = self.first.rows, self.second.rows
        total = len(old)
        ages = merge(self.design["age_classes_youngest_first"], set(rows["age_class"]))
        labels = {
            "quartier": (rows["quartier"], old["quartier"]),
            "age": (rows["age_class"].map(ages).fillna(UNKNOWN), old["age_class"].map(ages)),
            "sex": (rows["sex"].replace("", UNKNOWN), old["sex"].replace("", np.nan)),
        }
        # What nobody told the first time asks for nothing.
        labels = {name: pair for name, pair in labels.items() if pair[1].notna().any()}
        try:
            goals = {
                name: targets(new, past.dropna().value_counts(), total)
                for name, (new, past) in labels.items()
            }
            used = [name for name, goal in goals.items() if len(set(goal) - {UNKNOWN}) > 1]
            margins = [(labels[name][0], goals[name]) for name in used]
            w = rake(pd.Series(1.0, rows.index), margins).to_numpy()
        except NoSolution:
            return {}
        for name in set(goals) - set(used):
            goals[name] = labels[name][1].value_counts().to_dict()
        x = indicators(*(labels[name][0].to_numpy() for name in {"quartier", *used}))
        found = []
        for item in self.items.index:
            y = self.answers(self.second, item)
            base = np.isfinite(y)
            one: Record = {
                "wave": self.design["waves"][1],
                "item": item,
                "domain": "ALL",
                "base_kind": "expressed",
                "weighting": "sample_structure_of_first_wave",
                "fpc": False,
                "base": int(base.sum()),
                "favourable": int(np.nansum(y)),
            }
            if base.any():
                one["df"] = len(rows) - rows["quartier"].nunique()
                size = w[base].sum()
                mean = (w[base] * y[base]).sum() / size
                z = np.where(base, np.nan_to_num(y) - mean, 0) / size
                u = w * (z - x @ np.linalg.lstsq(x, z, rcond=None)[0])
                se = root(
                    sum(spread(u[(rows["quartier"] == name).to_numpy()]) for name in set(rows["quartier"]))
                )
                n_eff = size**2 / (w[base] ** 2).sum()
                put(
                    one,
                    weighted_base=size,
                    estimate=mean,
                    se=se,
                    n_eff_kish=n_eff,
                    deff_kish=base.sum() / n_eff,
                )
            found.append(with_limits(one, len(rows), 0, False))
        return {"targets": goals, "n_eff_kish": w.sum() ** 2 / (w**2).sum(), "proportions": found}

    def difference(self, item: str, domain: str) -> Record:
        """One item between both waves."""
        both = [
            [self.share(wave, item, domain, name, "expressed", False) for wave in (self.first, self.second)]
            for name in ("unweighted", "raked")
        ]
        (a, b), (c, d) = both
        found: Record = {
            "item": item,
            "domain": domain,
            "x": [a["favourable"], b["favourable"]],
            "base": [a["base"], b["base"]],
        }
        if a["base"] and b["base"]:
            found["unweighted"] = limits.two_by_two(a["favourable"], a["base"], b["favourable"], b["base"])
            pair = c["estimate"], c["n_eff_kish"], d["estimate"], d["n_eff_kish"]
            raked: Record = {
                "difference": pair[2] - pair[0],
                "newcombe": limits.newcombe(*pair),
                "miettinen_nurminen": limits.miettinen_nurminen(*pair),
                "p_miettinen_nurminen": limits.p_score(*pair),
            }
            if "se" in c and "se" in d:
                raked |= {"se": math.hypot(c["se"], d["se"]), "df": c["df"] + d["df"]}
            found["raked"] = with_t(raked, "difference")
            if "wald_t" in raked:
                ratio = abs(raked["difference"]) / raked["se"]
                raked["p_wald_t"] = float(2 * special.stdtr(raked["df"], -ratio))
        return found

    def contrasts(self) -> list[Record]:
        """Quartier against quartier, in the second wave."""
        found = []
        for item in self.items.index:
            shares = {
                name: self.share(self.second, item, name, "raked", "expressed", False)
                for name in self.design["quartiers"]
            }
            for one, other in combinations(shares, 2):
                record: Record = {"item": item, "first": one, "second": other}
                if "estimate" in shares[one] and "estimate" in shares[other]:
                    pair = [shares[name][key] for name in (one, other) for key in ("estimate", "n_eff_kish")]
                    record |= {
                        "difference": pair[2] - pair[0],
                        "newcombe": limits.newcombe(*pair),
                        "p_miettinen_nurminen": limits.p_score(*pair),
                    }
                found.append(record)
        return found

    def published(self) -> list[Record]:
        """What is certain of a change from a rounded percentage."""
        found = []
        for line in text(self.folder / "published.csv").to_dict("records"):
            percent, n, least = (int(line[key]) for key in ("percent", "interviews", "base_min"))
            pairs = limits.feasible(percent, n, least)
            new = self.share(self.second, line["item"], line["quartier"], "raked", "expressed", False)
            record: Record = {
                "item": line["item"],
                "domain": line["quartier"],
                "percent": percent,
                "interviews": n,
                "base_min": least,
                "feasible": pairs,
                "pairs": len(pairs),
                "possible_with_full_base": any(m == n for _, m in pairs),
            }
            if "estimate" in new:
                p, n_eff = new["estimate"], new["n_eff_kish"]
                record["second_wave"] = {"estimate": p, "n_eff": n_eff}
                around = [limits.newcombe(x / m, m, p, n_eff) for x, m in pairs]
                tests = [limits.p_score(x / m, m, p, n_eff) for x, m in pairs]
                off = [low > 0 or high < 0 for low, high in around]
                if pairs:
                    record["difference_range"] = ends([p - x / m for x, m in pairs])
                    record["newcombe_envelope"] = ends([one for pair in around for one in pair])
                    record["p_range"] = ends(tests)
                    record["verdict"] = "change" if all(off) else "no_change_shown"
                    if any(off) and not all(off):
                        record["verdict"] = "depends_on_rounding"
            if pairs:
                record["estimate_range"] = ends([x / m for x, m in pairs])
            else:
                record["verdict"] = "impossible_figure"
            found.append(record)
        return found


def ends(values: list[float]) -> list[float]:
    """Lowest and highest."""
    return [min(values), max(values)]


def with_t(record: Record, key: str) -> Record:
    """The t interval, unless nothing varies."""
    se, df = record.get("se", 0), record.get("df", 0)
    if se > 0 and df > 0:
        t = student(df)
        record["wald_t"] = [record[key] - t * se, record[key] + t * se]
    return record


def kish(w: "pd.Series[float]") -> Record:
    """Effective size of some interviews."""
    n_eff = w.sum() ** 2 / (w**2).sum()
    return {"n": len(w), "n_eff_kish": n_eff, "deff_kish": len(w) / n_eff}


def multiplicity(differences: list[Record]) -> Record:
    """Adjusted p-values and verdicts, of the whole and of the quartiers."""
    found = {}
    for name, whole in (("overall", True), ("quartiers", False)):
        listed = [one for one in differences if (one["domain"] == "ALL") == whole]
        family = [one for one in listed if "raked" in one]
        tested = limits.adjusted([one["raked"]["p_miettinen_nurminen"] for one in family])
        found[name] = [
            {"item": one["item"], "domain": one["domain"], "verdict": "no_change_shown"}
            for one in listed
            if "raked" not in one
        ]
        for one, (holm, bh) in zip(family, tested, strict=True):
            low, high = one["raked"]["newcombe"]
            shown = (low > 0 or high < 0) and (holm if whole else bh) < 0.05
            verdict = "no_change_shown" if not shown else "up" if low > 0 else "down"
            found[name].append(
                {
                    "item": one["item"],
                    "domain": one["domain"],
                    "holm": holm,
                    "bh": bh,
                    "p": one["raked"]["p_miettinen_nurminen"],
                    "verdict": verdict,
                }
            )
    return found


def document(folder: Path) -> Record:
    """Every section that interviews give."""
    f = Folder(folder)
    places = [
        (name, wave, domain, item)
        for name, wave in f.waves.items()
        for domain in f.domains
        for item in f.items.index
    ]
    differences = [f.difference(item, domain) for domain in f.domains for item in f.items.index]
    return {
        "counts": [{"wave": n, "item": i, "domain": d} | f.counts(w, i, d) for n, w, d, i in places],
        "weights": {name: f.weights(wave) for name, wave in f.waves.items()},
        "proportions": [
            {"wave": n, "item": i, "domain": d, "weighting": weighting, "base_kind": kind, "fpc": fpc}
            | f.share(w, i, d, weighting, kind, fpc)
            for n, w, d, i in places
            for weighting, kind, fpc in PRINTED
            if weighting != "bounded" or w.bounded_feasible
        ],
        "means": [
            {"wave": n, "domain": d} | one
            for n, w in f.waves.items()
            for d in f.domains
            for one in f.means(w, d)
        ],
        "structure_of_first_wave": f.structure(),
        "differences": differences,
        "multiplicity": multiplicity(differences),
        "quartier_contrasts": [{"wave": f.design["waves"][1]} | one for one in f.contrasts()],
        "published_first_wave": f.published(),
    }
