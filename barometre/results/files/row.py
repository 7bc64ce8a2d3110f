"""One row of the published results, and what its status can be."""

from __future__ import annotations

from dataclasses import dataclass

from barometre.estimates.disclosure import BAND, CAUTION, MASKED, NO_PERCENTAGE, NOT_ASKED, PLAIN
from barometre.i18n.typography import NARROW_SPACE, NO_BREAK_SPACE

#: kinds of rows
HEADLINE, ANSWER, FIRST_WAVE, OPEN_THEME = "headline", "answer", "first_wave", "open_theme"
#: statuses of a figure of the first wave
PRINTED, WORDS, BOUND, JOINT, DEDUCED, RECOUNTED, NOT_PUBLISHED = (
    "printed", "words", "bound", "joint", "deduced", "recounted", "not_published",
)  # fmt: skip

KINDS = {
    HEADLINE: "la part principale d’une question, avec sa fourchette et son évolution",
    ANSWER: "la part d’une réponse, ou de plusieurs réponses réunies",
    FIRST_WAVE: "un chiffre de la première enquête",
    OPEN_THEME: "une ligne des tableaux imprimés sur les réponses libres de la première enquête",
}
STATUSES = {
    PLAIN: "publié",
    CAUTION: "publié, petit effectif : à lire avec prudence",
    NO_PERCENTAGE: "trop peu de réponses pour donner un pourcentage",
    MASKED: "masqué pour protéger les personnes",
    BAND: "trop peu de personnes d’un côté : seule une limite est dite, dans en_mots",
    NOT_ASKED: "la question n’a pas eu de réponse ici",
    PRINTED: "imprimé par la première enquête, repris tel quel",
    WORDS: "imprimé en toutes lettres : voir imprime",
    BOUND: "imprimé comme une limite : voir imprime",
    JOINT: "imprimé pour plusieurs questions à la fois : voir imprime",
    DEDUCED: "non publié ; l’intervalle est déduit des chiffres imprimés",
    RECOUNTED: "recalculé sur les réponses de la première enquête",
    NOT_PUBLISHED: "non publié par la première enquête",
}
VERDICTS = {
    "up": "en hausse",
    "down": "en baisse",
    "no_change_shown": "pas de changement démontré",
    "not_comparable": "comparaison impossible",
}


@dataclass(frozen=True)
class Row:
    """One share of one item in one domain and wave, as the public may see it."""

    wave: str
    #: id of a quartier, "ALL", or a sum of ids ("A+B") that the first wave printed together
    quartier: str
    item: str
    #: the answers that the share adds up, in words
    option: str
    #: people who gave an opinion; None when masked or unknown
    base: int | None = None
    #: whole per cent
    per_cent: int | None = None
    status: str = ""
    kind: str = FIRST_WAVE
    quartier_name: str = ""
    title: str = ""
    question: str = ""
    #: codes of these answers, "3+4"
    codes: str = ""
    #: limits of the 95 % interval, whole per cent; of what is deduced where the status says so
    low: int | None = None
    high: int | None = None
    #: "moins de 9 %"
    words: str = ""
    #: "environ 10", "10 au plus"
    silent: str = ""
    #: a key of `VERDICTS`
    verdict: str = ""
    #: wave that the verdict compares with
    compared_with: str = ""
    #: points
    difference: int | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    #: digits or words as the first wave printed them
    printed: str = ""
    #: line of the source document
    source_line: int | None = None
    remarks: str = ""
    simulated: bool = False
    #: ISO date of the release
    released_on: str = ""
    #: ISO date of its last erratum
    corrected_on: str = ""


def flatten(text: str) -> str:
    """The same words with plain spaces: typography is for reading, not for comparing."""
    return text.replace(NARROW_SPACE, " ").replace(NO_BREAK_SPACE, " ")
