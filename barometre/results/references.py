"""Where each method comes from: authors, year, title in its own language, where it was published."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """One article or book; nothing of it is translated."""

    authors: str
    year: int
    title: str
    where: str


_ANNALS = "The Annals of Mathematical Statistics"
_JASA = "Journal of the American Statistical Association"
_JRSS = "Journal of the Royal Statistical Society"
_MEDICINE = "Statistics in Medicine"
_METHODOLOGY = "Survey Methodology"

REFERENCES = {
    "deming": Reference(
        "W. E. Deming, F. F. Stephan",
        1940,
        "On a least squares adjustment of a sampled frequency table when the expected marginal totals are "
        "known",
        f"{_ANNALS} 11, 427-444",
    ),
    "calibration": Reference(
        "J.-C. Deville, C.-E. Särndal",
        1992,
        "Calibration estimators in survey sampling",
        f"{_JASA} 87, 376-382",
    ),
    "raking": Reference(
        "J.-C. Deville, C.-E. Särndal, O. Sautory",
        1993,
        "Generalized raking procedures in survey sampling",
        f"{_JASA} 88, 1013-1020",
    ),
    "poststrata": Reference("D. Holt, T. M. F. Smith", 1979, "Post stratification", f"{_JRSS} A 142, 33-46"),
    "quota": Reference("J.-C. Deville", 1991, "A theory of quota surveys", f"{_METHODOLOGY} 17, 163-181"),
    "kish": Reference("L. Kish", 1965, "Survey Sampling", "Wiley"),
    "unequal": Reference(
        "L. Kish", 1992, "Weighting for unequal Pi", "Journal of Official Statistics 8, 183-200"
    ),
    "wilson": Reference(
        "E. B. Wilson",
        1927,
        "Probable inference, the law of succession, and statistical inference",
        f"{_JASA} 22, 209-212",
    ),
    "brown": Reference(
        "L. D. Brown, T. T. Cai, A. DasGupta",
        2001,
        "Interval estimation for a binomial proportion",
        "Statistical Science 16, 101-133",
    ),
    "franco": Reference(
        "C. Franco, R. J. A. Little, T. A. Louis, E. V. Slud",
        2019,
        "Comparative study of confidence intervals for proportions in complex sample surveys",
        "Journal of Survey Statistics and Methodology 7, 334-364",
    ),
    "cochran": Reference("W. G. Cochran", 1977, "Sampling Techniques, 3rd edition", "Wiley"),
    "linearised": Reference(
        "J.-C. Deville",
        1999,
        "Variance estimation for complex statistics and estimators: linearization and residual techniques",
        f"{_METHODOLOGY} 25, 193-203",
    ),
    "korn": Reference(
        "E. L. Korn, B. I. Graubard",
        1998,
        "Confidence intervals for proportions with small expected number of positive counts estimated from "
        "survey data",
        f"{_METHODOLOGY} 24, 193-201",
    ),
    "nchs": Reference(
        "J. D. Parker et al.",
        2017,
        "National Center for Health Statistics data presentation standards for proportions",
        "Vital and Health Statistics 2 (175)",
    ),
    "clopper": Reference(
        "C. J. Clopper, E. S. Pearson",
        1934,
        "The use of confidence or fiducial limits illustrated in the case of the binomial",
        "Biometrika 26, 404-413",
    ),
    "manski": Reference(
        "C. F. Manski", 1989, "Anatomy of the selection problem", "The Journal of Human Resources 24, 343-360"
    ),
    "newcombe": Reference(
        "R. G. Newcombe",
        1998,
        "Interval estimation for the difference between independent proportions: comparison of eleven "
        "methods",
        f"{_MEDICINE} 17, 873-890",
    ),
    "zou": Reference(
        "G. Y. Zou, A. Donner",
        2008,
        "Construction of confidence limits about effect measures: a general approach",
        f"{_MEDICINE} 27, 1693-1702",
    ),
    "miettinen": Reference(
        "O. Miettinen, M. Nurminen", 1985, "Comparative analysis of two rates", f"{_MEDICINE} 4, 213-226"
    ),
    "fagerland": Reference(
        "M. W. Fagerland, S. Lydersen, P. Laake",
        2015,
        "Recommended confidence intervals for two independent binomial proportions",
        "Statistical Methods in Medical Research 24, 224-254",
    ),
    "fisher": Reference("R. A. Fisher", 1935, "The logic of inductive inference", f"{_JRSS} 98, 39-82"),
    "holm": Reference(
        "S. Holm",
        1979,
        "A simple sequentially rejective multiple test procedure",
        "Scandinavian Journal of Statistics 6, 65-70",
    ),
    "discovery": Reference(
        "Y. Benjamini, Y. Hochberg",
        1995,
        "Controlling the false discovery rate: a practical and powerful approach to multiple testing",
        f"{_JRSS} B 57, 289-300",
    ),
    "fleiss": Reference(
        "J. L. Fleiss, B. Levin, M. C. Paik",
        2003,
        "Statistical Methods for Rates and Proportions, 3rd edition",
        "Wiley",
    ),
    "disclosure": Reference("A. Hundepool et al.", 2012, "Statistical Disclosure Control", "Wiley"),
}
