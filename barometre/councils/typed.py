"""What somebody typed in a form: cleaned, measured, and refused with a sentence that names the field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from barometre.i18n import format_date, format_number
from barometre.i18n import gettext as _

#: characters
LONGEST_TEXT = 4000
LONGEST_PROPOSAL = 200
LONGEST_PLAN = 1000
LONGEST_SERVICE = 120
LONGEST_REASON = 300
MOST_PROPOSALS = 10
#: the last year that somebody may be promised something for
LAST_YEAR = 2100


@dataclass
class Problems:
    """Field id → sentence, in the order of the form."""

    found: dict[str, str] = field(default_factory=dict)

    def add(self, place: str, told: str) -> None:
        """Note one; the first of a field stays."""
        self.found.setdefault(place, told)


def read_text(
    problems: Problems, place: str, name: str, typed: str, longest: int, required: bool = True
) -> str:
    """A text of at most `longest` characters."""
    text = typed.strip()
    if required and not text:
        problems.add(place, _("%(field)s : ce champ est à remplir.", field=name))
    if len(text) > longest:
        problems.add(
            place,
            _(
                "%(field)s : %(number)s caractères, %(longest)s au plus. Raccourcissez le texte.",
                field=name,
                number=format_number(len(text)),
                longest=format_number(longest),
            ),
        )
    return text


def read_proposals(problems: Problems, typed: Sequence[str]) -> tuple[str, ...]:
    """Proposals on one line each, without the empty ones; each of them once."""
    found: list[str] = []
    for number, line in enumerate(typed, 1):
        name, place = _("Proposition %(number)s", number=number), f"proposal-{number}"
        # One line each: a list of short sentences is what gets answered.
        text = read_text(problems, place, name, " ".join(line.split()), LONGEST_PROPOSAL, required=False)
        if text and text in found:
            problems.add(place, _("%(field)s : elle est déjà plus haut.", field=name))
        if text:
            found.append(text)
    if len(found) > MOST_PROPOSALS:
        problems.add(
            f"proposal-{MOST_PROPOSALS + 1}", _("Propositions : %(number)s au plus.", number=MOST_PROPOSALS)
        )
    return tuple(found)


def read_due(problems: Problems, place: str, name: str, typed: str, today: date) -> date:
    """A day from today on."""
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        problems.add(place, _("%(field)s : écrivez une date, comme 2028-06-30.", field=name))
        return today
    if day < today:
        problems.add(place, _("%(field)s : le %(day)s est déjà passé.", field=name, day=format_date(day)))
    if day.year > LAST_YEAR:
        problems.add(place, _("%(field)s : l’année %(year)s est trop loin.", field=name, year=day.year))
    return day


def read_number(typed: str | None) -> int:
    """A number that our own page put into its form; -1, which nothing has, for anything else."""
    text = typed or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
