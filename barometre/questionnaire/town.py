"""A town as text files describe it: quartiers, themes, waves, indicators, published figures, context."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from barometre.questionnaire.definition import Condition, Questionnaire


@dataclass(frozen=True)
class Population:
    """One printed figure for the population of a quartier; several may contradict each other."""

    value: int
    vintage: str
    source: str
    source_line: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Quartier:
    """A priority neighbourhood."""

    #: stored code, 1…k
    code: int
    #: short id used in files ("CB")
    id: str
    name: str
    short_name: str
    #: last part of its address, in French
    slug: str
    council: str
    #: whether its perimeter grew between the first wave and now
    enlarged: bool = False
    qpv_code_2015: str = ""
    qpv_code_2024: str = ""
    qpv_code_note: str = ""
    perimeter_change: str = ""
    source_line: int | None = None
    populations: tuple[Population, ...] = ()


@dataclass(frozen=True)
class Council:
    """A conseil citoyen and the quartiers it speaks for."""

    id: str
    name: str
    quartiers: tuple[str, ...]
    source_line: int | None = None


@dataclass(frozen=True)
class Theme:
    """A chapter of the results."""

    id: str
    number: int
    title: str
    slug: str


@dataclass(frozen=True)
class Indicator:
    """The headline share of an item and the words that carry it."""

    item: str
    #: codes the share adds up
    codes: frozenset[int]
    theme: str
    #: short noun title (French)
    label: str
    #: completes « 71 habitants sur 100 … »
    phrase: str
    #: named before fieldwork: tested overall with Holm's correction
    key: bool = False
    #: one of the first figures of the overview
    headline: bool = False


@dataclass(frozen=True)
class PublishedFigure:
    """A share as a past wave printed it, with all that may lie behind the rounding."""

    id: str
    #: item it belongs to; None when it covers several
    item: str | None
    #: items it covers (one, or several when it cannot be told apart)
    items: tuple[str, ...]
    #: codes it adds up
    codes: frozenset[int]
    #: quartier id, "ALL" or a sum of two ids ("A+B")
    domain: str
    #: digits or words, as printed
    printed: str
    #: "rounded", "text" or "bound"
    kind: str
    #: per cent
    value: float
    #: lowest and highest share that could have been printed so, per cent
    lower: float
    upper: float
    #: smallest and largest number of answers it may rest on
    base_min: int
    base_max: int
    source_line: int
    #: "ok", "caution" or "no"
    comparability: str
    #: ids of the sentences that explain it
    reasons: tuple[str, ...] = ()
    note: str = ""
    #: whether two shares may have been rounded first and added up afterwards
    may_be_sum: bool = False

    @property
    def drawn(self) -> float | None:
        """Share to draw, 0-1; a figure printed as words or as a bound is not drawn."""
        return self.value / 100 if self.kind == "rounded" else None


@dataclass(frozen=True)
class PublishedTheme:
    """A rank in the printed table of an open question."""

    id: str
    item: str
    domain: str
    rank: int
    rank_printed: str
    theme: str
    printed: str
    #: "rounded" to a whole per cent, or "text"
    kind: str
    #: per cent, and the lowest and highest that could have been printed so
    value: float
    lower: float
    upper: float
    source_line: int
    note: str = ""


@dataclass(frozen=True)
class SampleFigure:
    """A printed figure about the people interviewed or the population."""

    id: str
    label: str
    domain: str
    printed: str
    #: "count" of people, or a share "rounded" to a whole per cent or printed as "text"
    kind: str
    #: people or per cent, and the lowest and highest that could have been printed so
    value: float
    lower: float
    upper: float
    source_line: int
    note: str = ""


@dataclass(frozen=True)
class Statement:
    """What a past wave said without a figure."""

    item: str | None
    domain: str
    text: str
    source_line: int


@dataclass(frozen=True)
class NotPublished:
    """What a past wave did not print."""

    item: str | None
    domains: tuple[str, ...]
    what: str
    source_line: int


@dataclass(frozen=True)
class PublishedWave:
    """All that survives of a wave known only by its publication."""

    wave: str
    title: str
    source: str
    #: the same in two or three words, beside the number of a line
    short_source: str
    fieldwork: str
    #: interviews by domain, "ALL" included
    interviews: dict[str, int]
    #: printed composition: item → class → interviews or per cent
    composition: dict[str, dict[str, float]]
    figures: tuple[PublishedFigure, ...]
    open_themes: tuple[PublishedTheme, ...]
    sample: tuple[SampleFigure, ...]
    statements: tuple[Statement, ...]
    not_published: tuple[NotPublished, ...]
    inconsistencies: tuple[tuple[str, tuple[int, ...]], ...]
    #: reason id → French sentence
    reasons: dict[str, str]

    def find(self, item: str, domain: str) -> tuple[PublishedFigure, ...]:
        """Figures printed for one item and domain."""
        return self._by_place.get((item, domain), ())

    @cached_property
    def _by_place(self) -> dict[tuple[str, str], tuple[PublishedFigure, ...]]:
        found: dict[tuple[str, str], tuple[PublishedFigure, ...]] = {}
        for figure in self.figures:
            for item in figure.items:
                place = item, figure.domain
                found[place] = (*found.get(place, ()), figure)
        return found

    def find_joint(self, item: str, domain: str) -> tuple[PublishedFigure, ...]:
        """Figures printed for several quartiers at once, `domain` being one of them."""
        return tuple(
            f
            for f in self.figures
            if item in f.items and f.domain != domain and domain in f.domain.split("+")
        )


@dataclass(frozen=True)
class ContextNote:
    """Something dated that stood around the answers."""

    id: str
    quartiers: tuple[str, ...]
    items: tuple[str, ...]
    date: str
    text: str
    source_line: int


@dataclass(frozen=True)
class CouncilSaying:
    """What a conseil citoyen said: a strength, a challenge or a proposal."""

    id: str
    kind: str
    theme: str
    quartiers: tuple[str, ...]
    text: str
    source_line: int


@dataclass(frozen=True)
class CodeFrameTheme:
    """A theme open answers are coded to."""

    code: int
    label: str
    source_line: int | None = None


@dataclass(frozen=True)
class CodeFrame:
    """The themes of one open question, and the chapter of the results it belongs to."""

    #: prefix of the items it codes (`apprecie` for `apprecie_1`, `apprecie_2`…)
    id: str
    title: str
    #: id of a theme of the results
    chapter: str
    themes: tuple[CodeFrameTheme, ...]


@dataclass(frozen=True)
class MethodHeading:
    """One of the eleven things a published survey must disclose (AAPOR)."""

    id: str
    number: int
    title: str
    #: wave → text
    texts: dict[str, str]


@dataclass(frozen=True)
class Assumption:
    """Something nobody has confirmed yet."""

    id: str
    text: str
    default: str
    why: str
    confirmed: bool = False


@dataclass(frozen=True)
class Contact:
    """Whom residents can turn to; what is not known yet is empty."""

    service: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True)
class Licence:
    """Under what terms the published results may be used again; what is not known yet is empty."""

    name: str = ""
    address: str = ""


@dataclass(frozen=True)
class Help:
    """Where to direct somebody who needs help."""

    id: str
    #: in the words of whoever needs it (French)
    need: str
    #: service or association
    who: str
    #: where this is known from
    source: str
    #: line of the source document that names it
    source_line: int | None = None
    #: address and hours; what is not known yet is empty
    where: str = ""
    phone: str = ""
    #: a number for the whole country
    national: bool = False
    #: quartiers it serves; empty for everybody
    quartiers: tuple[str, ...] = ()
    confirmed: bool = False
    #: why it is not confirmed (French)
    reason: str = ""


@dataclass(frozen=True)
class Orientation:
    """One of the things that the town has bound itself to work at."""

    id: str
    #: as it is printed (French)
    title: str
    source_line: int
    #: the document that prints it
    source: str
    #: items that speak of it; none for what no question asks about
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quota:
    """How many interviews are hoped for in one class of a quartier."""

    quartier: str
    age_class: str
    target: int


@dataclass(frozen=True)
class Design:
    """How a wave is sampled, weighted and shown; declared before any estimate."""

    #: "demonstration" or "field"
    use: str
    #: "quota" or "probability"
    sampling: str
    description: str
    #: wave it is compared with
    first_wave: str | None
    #: items tested with Holm's correction for the quartiers together
    key_family: tuple[str, ...]
    #: hoped-for interviews by quartier id
    target: dict[str, int]
    quotas: tuple[Quota, ...]
    margin_choice: str
    #: persons: quartier id → variable → class → number
    margins: dict[str, dict[str, dict[str, float]]] = field(repr=False)
    fieldwork: str = ""
    #: interviews inside the perimeter of the first wave; None when it did not change
    contour: Condition | None = None
    minimum_interviews_for_weighting: int = 20
    #: unweighted bases below these are masked, shown without percentage, shown with caution
    threshold_mask: int = 11
    threshold_percentage: int = 30
    threshold_caution: int = 50


@dataclass(frozen=True)
class Wave:
    """One round of the survey."""

    id: str
    questionnaire: Questionnaire
    #: None for a wave that survives only as published figures
    design: Design | None
    published: PublishedWave | None


@dataclass(frozen=True)
class Town:
    """Everything local, read from one folder."""

    slug: str
    name: str
    barometer_name: str
    organisation: str
    languages: tuple[str, ...]
    quartiers: tuple[Quartier, ...]
    councils: tuple[Council, ...]
    themes: tuple[Theme, ...]
    indicators: tuple[Indicator, ...]
    waves: dict[str, Wave]
    context: tuple[ContextNote, ...] = ()
    sayings: tuple[CouncilSaying, ...] = ()
    code_frames: tuple[CodeFrame, ...] = ()
    method: tuple[MethodHeading, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    total_populations: tuple[Population, ...] = ()
    contact: Contact = Contact()
    licence: Licence = Licence()
    help: tuple[Help, ...] = ()
    orientations: tuple[Orientation, ...] = ()

    @cached_property
    def current_wave(self) -> Wave:
        """The newest wave that is collected here."""
        return [wave for wave in self.waves.values() if wave.design][-1]

    @cached_property
    def first_wave(self) -> Wave | None:
        """The wave the current one is compared with."""
        assert self.current_wave.design
        first = self.current_wave.design.first_wave
        return self.waves[first] if first else None

    @cached_property
    def interviewed_waves(self) -> tuple[str, ...]:
        """Waves whose interviews can be stored: those collected here, and the first one's if they turn up."""
        return tuple(
            wave.id for wave in self.waves.values() if wave.design is not None or wave is self.first_wave
        )

    @cached_property
    def quartier_by_id(self) -> dict[str, Quartier]:
        """Quartiers by id."""
        return {quartier.id: quartier for quartier in self.quartiers}

    @cached_property
    def indicator_of(self) -> dict[str, Indicator]:
        """Indicators by item."""
        return {indicator.item: indicator for indicator in self.indicators}


def parse_month(text: str) -> date:
    """First day of a "2023-07" or "2023" or full ISO date; used to sort context notes."""
    parts = [int(part) for part in text.split("-")]
    return date(parts[0], parts[1] if len(parts) > 1 else 1, parts[2] if len(parts) > 2 else 1)
