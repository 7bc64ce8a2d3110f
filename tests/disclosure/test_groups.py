"""The page by age and sex tells nothing that the analysis, which is attacked as a whole, does not tell."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from barometre.estimates.disclosure import BAND, MASKED
from tests.disclosure.analyst import read_analyses
from tests.disclosure.population import KINDS, draw, settle, tally
from tests.disclosure.reading import Told, read_cells, read_number, read_rows, read_words
from tests.disclosure.sizes import SEEDS
from tests.support import sign_in

#: what each table is called
CAPTIONS = {"Selon l’âge": "age", "Selon le sexe": "sexe"}
#: questions of each population that are compared
ITEMS = ("satisfaction", "equip_sante", "attachement")


def read_groups(html: str) -> dict[tuple[str, str], dict[str, tuple[str, str]]]:
    """(item, what makes the groups) → the group's name → its share and base, as they are written."""
    found = {}
    sections = re.split(r'<section class="block" id="([a-z0-9_]+)">', html)
    for item, section in zip(sections[1::2], sections[2::2], strict=True):
        for table in re.findall(r"<table.*?</table>", section, re.S):
            caption = re.search(r"<caption>(.*?)</caption>", table)
            assert caption
            rows = [read_cells(row) for row in read_rows(table)]
            found[item, CAPTIONS[read_words(caption[1])]] = {
                name.removesuffix(" petit effectif"): (share, base) for name, share, base in rows
            }
    return found


def is_told(share: str, base: str, told: Told, headline: frozenset[int]) -> bool:
    """Whether a row of the analysis tells as much of its group."""
    if read_number(base) != told.base:
        return False
    if told.state in (MASKED, BAND) or not told.parts:
        # A band names a limit that follows from the base alone.
        return told.state == BAND or read_number(share) is None
    whole = sum(part for codes, part in told.parts if set(codes) <= headline)
    written = read_number(share)
    return written is not None and abs(written - whole) <= 0.51 + 0.05 * len(told.parts)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_public_groups_are_part_of_the_analysis(app: Flask, kind: str, seed: int) -> None:
    asked = app.extensions["town"].current_wave.questionnaire
    settle(app, tally(asked, draw(asked, KINDS[kind], seed)))
    public = read_groups(app.test_client().get("/jeunes-aines-femmes").get_data(as_text=True))
    analyst = read_analyses(app, sign_in(app.test_client(), "analyst"), ITEMS)
    compared = 0
    for item in ITEMS:
        headline = app.extensions["town"].indicator_of[item].codes
        for by in CAPTIONS.values():
            told = {row.group: row for row in analyst.told[item, by] if row.place >= 0}
            rows = public.get((item, by), {})
            for group, (share, base) in rows.items():
                assert is_told(share, base, told[group], headline), (item, by, group, share, base)
                compared += 1
            if by == "age" and rows:
                # All of them or none: the published total is weighted by age.
                assert all(read_number(share) is not None for share, _base in rows.values())
    # Where nobody is few, there is something to compare.
    assert compared or kind not in ("one man", "nobody silent")
