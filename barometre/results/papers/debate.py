"""« À débattre »: one or two questions a theme, made by a rule from what the pages show; never a cause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from barometre.estimates.change import DOWN, NO_CHANGE_SHOWN, UP
from barometre.i18n import gettext as _
from barometre.i18n import ngettext
from barometre.questionnaire.town import Town
from barometre.results.papers.choice import has_past_share, is_told, split_favourable
from barometre.results.papers.pieces import Piece
from barometre.results.tables import ItemBlock


def write_debate(town: Town, blocks: Sequence[ItemBlock], first_wave: str) -> list[Piece]:
    """The box of one theme, from its blocks; empty where nothing of it may be told.

    First what is said of the change: a demonstrated one before the others, then an indicator that was named
    beforehand. Then the least favourable share of the quartiers together; where that is the one already told,
    the most favourable.
    """
    # A question put to some quartiers only is not for the committee of all.
    told = [block for block in blocks if not block.only_in and is_told(block.rows[0].cell)]
    change = _find_change(town, told) if first_wave else None
    items = [f"{_tell(change)} {_ask_of_change(change, first_wave)}"] if change else []
    low, high = _find_ends(town, told)
    if low is not None and low is not change:
        items.append(f"{_tell(low)} {_('Que faut-il changer en premier ?')}")
    elif high is not None and high is not change:
        items.append(f"{_tell(high)} {_('Que faut-il garder ?')}")
    if not items:
        return []
    rule = _(
        "Une règle choisit ces questions, pas une personne : ce qui est dit du changement, puis la part "
        "favorable la plus basse du thème, sinon la plus haute, les quartiers ensemble."
    )
    return [{"kind": "debate", "title": _("À débattre"), "items": items, "rule": rule}]


def _find_change(town: Town, blocks: Iterable[ItemBlock]) -> ItemBlock | None:
    def rank(block: ItemBlock) -> tuple[bool, bool]:
        verdict = block.rows[0].verdict
        shown = verdict is not None and verdict.word in (UP, DOWN)
        return not shown, not town.indicator_of[block.item].key

    return min((block for block in blocks if _can_be_asked(block)), key=rank, default=None)


def _can_be_asked(block: ItemBlock) -> bool:
    """Whether the verdict is about the share that is told here, beside the one of the first wave."""
    verdict = block.rows[0].verdict
    if block.new or verdict is None:
        return False
    if verdict.word == NO_CHANGE_SHOWN:
        return True
    return verdict.word in (UP, DOWN) and has_past_share(block.rows[0])


def _find_ends(town: Town, blocks: Sequence[ItemBlock]) -> tuple[ItemBlock | None, ItemBlock | None]:
    """The least and the most favourable share, of two questions at least."""
    high, low = split_favourable(town, blocks, len(blocks))
    if not high or not low:
        return None, None
    by_item = {block.item: block for block in blocks}
    return by_item[low[0].item], by_item[high[0].item]


def _tell(block: ItemBlock) -> str:
    """The finding, and on how many answers it rests."""
    base = block.rows[0].cell.base or 0
    return _(
        "« %(label)s » : %(finding)s %(base)s",
        label=block.label,
        finding=block.headline,
        base=ngettext("(%(num)s réponse.)", "(%(num)s réponses.)", base),
    )


def _ask_of_change(block: ItemBlock, first_wave: str) -> str:
    verdict = block.rows[0].verdict
    assert verdict is not None
    if verdict.word == NO_CHANGE_SHOWN:
        return _(
            "Depuis %(wave)s, aucun changement n’est démontré. Et vous, voyez-vous un changement ?",
            wave=first_wave,
        )
    return _("Ce changement est démontré. Le voyez-vous autour de vous ? Que faut-il faire maintenant ?")
