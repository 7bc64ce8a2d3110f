"""« Devinez d’abord »: a guess beside the figure, in plain words. Nothing is kept of it."""

from __future__ import annotations

from dataclasses import dataclass

from barometre.i18n import format_number, format_percent, ngettext, round_percent
from barometre.i18n import gettext as _
from barometre.results.tables import Cell


class BadGuess(Exception):
    """What was typed is no whole number from 0 to 100."""

    def __init__(self, told: str) -> None:
        """`told` names the field and says what to write."""
        super().__init__(told)
        self.told = told


@dataclass(frozen=True)
class GuessResult:
    """A guess beside a figure."""

    #: both out of 100 residents
    guess: int
    figure: int
    #: « Vous étiez 12 au-dessus »
    difference: str
    #: how sure the figure is, and what that makes of the guess
    certainty: str


def read_guess(typed: str) -> int:
    """A whole number of residents out of 100; `BadGuess` otherwise."""
    # Some keyboards put a per cent sign or a blank with it.
    text = typed.strip().removesuffix("%").strip()
    if not text:
        raise BadGuess(_("Votre réponse : écrivez un nombre de 0 à 100."))
    digits = text.lstrip("0") or text[-1:]
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 3 or int(digits) > 100:
        raise BadGuess(
            _(
                "Votre réponse : « %(typed)s » n’est pas un nombre entier de 0 à 100.",
                typed=typed.strip()[:20],
            )
        )
    return int(digits)


def compare_guess(guess: int, cell: Cell) -> GuessResult:
    """A guess beside a share that is shown."""
    assert cell.share is not None
    assert cell.low is not None
    assert cell.high is not None
    figure = round_percent(cell.share)
    return GuessResult(guess, figure, _write_difference(guess - figure), _write_certainty(guess, cell))


def _write_difference(points: int) -> str:
    if points == 0:
        return _("C’est exactement le chiffre de l’enquête.")
    if points > 0:
        return ngettext(
            "Vous avez dit %(num)s habitant sur 100 de plus que l’enquête.",
            "Vous avez dit %(num)s habitants sur 100 de plus que l’enquête.",
            points,
        )
    return ngettext(
        "Vous avez dit %(num)s habitant sur 100 de moins que l’enquête.",
        "Vous avez dit %(num)s habitants sur 100 de moins que l’enquête.",
        -points,
    )


def _write_certainty(guess: int, cell: Cell) -> str:
    assert cell.low is not None
    assert cell.high is not None
    told = _(
        "L’enquête repose sur %(base)s réponses : la vraie part est sans doute entre %(low)s et %(high)s, à "
        "titre indicatif.",
        base=format_number(cell.base or 0),
        low=format_percent(cell.low),
        high=format_percent(cell.high),
    )
    if round_percent(cell.low) <= guess <= round_percent(cell.high):
        inside = _(
            "Votre réponse est entre les deux : l’enquête ne permet pas de dire que vous vous trompez."
        )
        return f"{told} {inside}"
    return told
