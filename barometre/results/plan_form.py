"""The form of a plan: a plain GET form, read from its address and given back as it was filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import floor

from barometre.estimates.planning import INTERVIEWER_EFFECT
from barometre.i18n import format_number, tell
from barometre.i18n import gettext as _
from barometre.questionnaire.town import Town
from barometre.results.plan import Settings, count_residents, default_interviews, list_starting_points

#: per cent; below one half a plan would rather miss a change than show it
LOWEST_POWER, HIGHEST_POWER = 50, 99
HIGHEST_DEFF = 5


@dataclass
class Box:
    """One field: what stands in it, and what is wrong with that."""

    name: str
    label: str
    value: str
    help: str = ""
    error: str = ""
    #: (value, words) of a list to choose from
    choices: list[tuple[str, str]] = field(default_factory=list)

    def whole(self, low: int, high: int, error: str) -> int:
        """The number in it; notes the error where it is none, or outside."""
        text = _close_up(self.value)
        number = int(text) if text.isdecimal() and len(text) < 10 else low - 1
        if not low <= number <= high:
            self.error = error
        return number

    def decimal(self, low: float, high: float, error: str) -> float:
        """The number in it, with a comma or a point."""
        text = _close_up(self.value).replace(",", ".")
        try:
            # Python reads 1_1 as eleven.
            number = low - 1 if "_" in text else float(text)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            self.error = error
        return number


def _close_up(text: str) -> str:
    """A number without the blanks that part its thousands, no-break ones included."""
    return "".join(text.split())


@dataclass(frozen=True)
class PlanForm:
    """Every field, and the settings they make when none is in error."""

    quartiers: list[Box]
    others: list[Box]
    settings: Settings | None

    @property
    def boxes(self) -> list[Box]:
        """All fields, in the order of the page."""
        return [*self.quartiers, *self.others]


def read_form(town: Town, given: Mapping[str, str]) -> PlanForm:
    """The fields as they are in the address; those it does not name hold what we propose."""
    wave = town.current_wave
    assert wave.design is not None
    persons = count_residents(wave.design)
    interviews: dict[str, int] = {}
    quartiers = []
    for quartier, proposed in default_interviews(wave.design).items():
        name = f"interviews-{quartier}"
        box = Box(name, town.quartier_by_id[quartier].name, given.get(name, str(proposed)))
        most = floor(persons[quartier])
        interviews[quartier] = box.whole(
            1,
            most,
            _(
                "Écrivez un nombre entier, de 1 à %(most)s : c’est la population du quartier.",
                most=format_number(most),
            ),
        )
        quartiers.append(box)
    item = _item_box(town, given)
    power = Box(
        "power",
        _("Chances de montrer un vrai changement, en %%"),
        given.get("power", "80"),
        _("80 : si le changement est bien là, l’enquête le montre 8 fois sur 10."),
    )
    chance = power.whole(
        LOWEST_POWER,
        HIGHEST_POWER,
        _(
            "Écrivez un nombre entier de %(low)s à %(high)s, par exemple 80.",
            low=LOWEST_POWER,
            high=HIGHEST_POWER,
        ),
    )
    deff = Box(
        "deff",
        _("Effet des enquêteurs"),
        given.get("deff", f"{INTERVIEWER_EFFECT:g}".replace(".", ",")),
        _(
            "Les réponses recueillies par une même personne se ressemblent : elles apprennent un peu moins. "
            "1 : aucun effet. 1,3 : 13 entretiens en valent 10."
        ),
    )
    effect = deff.decimal(
        1, HIGHEST_DEFF, _("Écrivez un nombre de 1 à %(high)s, par exemple 1,3.", high=HIGHEST_DEFF)
    )
    others = [item, power, deff]
    wrong = any(box.error for box in (*quartiers, *others))
    settings = None if wrong else Settings(interviews, item.value, chance / 100, effect)
    return PlanForm(quartiers, others, settings)


def _item_box(town: Town, given: Mapping[str, str]) -> Box:
    first = town.first_wave.id if town.first_wave else ""
    box = Box(
        "item",
        _("Point de départ en %(wave)s", wave=first) if first else _("Point de départ"),
        given.get("item", ""),
        _("Le chiffre publié d’où partirait le changement. Là où il n’y en a pas : 50 sur 100."),
        choices=[("", _("50 sur 100 partout : le cas le plus difficile"))],
    )
    box.choices += [
        (indicator.item, tell(indicator.label)) for indicator in list_starting_points(town, town.current_wave)
    ]
    if box.value not in dict(box.choices):
        box.error = _("Choisissez un point de départ dans la liste.")
    return box
