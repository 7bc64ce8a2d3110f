"""What a page tells, read from its HTML: nothing here looks at the counts behind it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape

from barometre.estimates.disclosure import ALL, BAND, CAUTION, MASKED, NO_PERCENTAGE, NOT_ASKED, PLAIN
from barometre.questionnaire.town import Town

NUMBER = r"\d[\d\s]*"
STATES = {
    "Masqué": MASKED,
    "masqué": MASKED,
    "Trop peu": NO_PERCENTAGE,
    "trop peu": NO_PERCENTAGE,
    "Moins de 5": BAND,
    "moins de": BAND,
    "plus de": BAND,
    "Personne n’a": NOT_ASKED,
    "pas de réponse": NOT_ASKED,
    "Petit effectif": CAUTION,
}


@dataclass(frozen=True)
class Told:
    """What one row of a page tells of one item in one group."""

    page: str
    item: str
    #: item whose options make the groups; the quartier on a public page
    by: str
    #: name of the group, as it is written
    group: str
    #: which row of its table, -1 for everybody
    place: int
    state: str
    base: int | None
    #: people without opinion as the page rounds them, None when nothing is said
    silent: int | None
    #: "below" or "above" and per cent, for a public band
    band: tuple[str, int] | None
    #: (options shown together, per cent, as it is printed)
    parts: tuple[tuple[tuple[int, ...], float], ...]
    #: per cent
    interval: tuple[int, int] | None = None
    #: digits beside the name of this wave where the state promises none
    stray: tuple[str, ...] = ()
    #: options whose share is told, be it by a change, without those of the other options beside it
    alone: tuple[tuple[int, ...], ...] = ()


def read_words(html: str) -> str:
    """The words of a piece of HTML, one space between them."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


def read_number(words: str) -> int | None:
    """The first whole number in some words."""
    found = re.search(NUMBER, words)
    return int(re.sub(r"\s", "", found[0])) if found else None


def read_cells(row: str) -> list[str]:
    """The words of the cells of a row of a table."""
    return [read_words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]


def read_rows(table: str) -> list[str]:
    """The rows of the body of a table."""
    return re.findall(r"<tr>.*?</tr>", table.split("<tbody>")[1].split("</tbody>")[0], re.S)


def read_state(words: str) -> str:
    """The state that a cell or a remark announces."""
    return next((state for start, state in STATES.items() if words.startswith(start)), PLAIN)


def read_analysis(html: str, page: str, item: str, by: str, order: Sequence[int]) -> list[Told]:
    """The rows of an analysis, checked against the figures that its picture is drawn from."""
    table = html.split('<table class="dense">')[1].split("</table>")[0]
    rows = read_rows(table)
    found = []
    for place, row in enumerate(rows):
        cells = read_cells(row)
        spans = [
            (int(span or 1), words)
            for span, words in re.findall(r'<td class="number[^"]*"(?: colspan="(\d+)")?>([^<]*)</td>', row)
        ]
        base, silent, note = cells[-3:]
        parts, start = [], 0
        for span, words in spans[:-2]:
            if (share := read_number(words)) is not None:
                parts.append((tuple(order[start : start + span]), float(share)))
            start += span
        assert start == len(order)
        found.append(
            Told(
                page,
                item,
                by,
                cells[0],
                place if place < len(rows) - 1 else -1,
                read_state(note),
                read_number(base),
                None if silent == "–" else 0 if "au plus" in silent else read_number(silent),
                None,
                tuple(parts),
            )
        )
    figure = json.loads(html.split('id="figure">')[1].split("</script>")[0])
    for place, told in enumerate(found):
        drawn = [bar["x"][place] for bar in figure["data"] if bar["x"][place] is not None]
        # The picture has the shares of the table in the same order, with a decimal more.
        assert all(abs(sharp - share) <= 0.51 for sharp, (_, share) in zip(drawn, told.parts, strict=True))
        parts = tuple((codes, sharp) for sharp, (codes, _) in zip(drawn, told.parts, strict=True))
        found[place] = replace(told, parts=parts)
    return found


def read_public(
    html: str, page: str, town: Town, labels: Mapping[str, Mapping[str, tuple[int, ...]]]
) -> Iterator[Told]:
    """Every row of every question on a public page; `labels` names the codes behind the words of an item."""
    domains = {quartier.name: quartier.id for quartier in town.quartiers}
    for article in re.findall(r"<article.*?</article>", html, re.S):
        item = re.search(r'id="([a-z0-9_]+)"', article)
        assert item
        tables = re.findall(r"<table>.*?</table>", article, re.S)
        shares = _read_shares(tables[1], labels[item[1]]) if len(tables) > 1 else {}
        for row in read_rows(tables[0]):
            cells = read_cells(row)
            past = "publié" in read_words(tables[0].split("<tbody>")[0])
            share, precision, base = cells[2:5] if past else cells[1:4]
            state = read_state(share)
            domain = domains.get(cells[0], ALL)
            limits = [read_number(end) for end in precision.split("–")]
            yield Told(
                page,
                item[1],
                town.current_wave.questionnaire.cell[0],
                domain,
                -1 if domain == ALL else list(domains.values()).index(domain),
                state,
                None if state == NOT_ASKED else read_number(base),
                read_silent(article, item[1], domain),
                _read_band(share) if state == BAND else None,
                tuple(sorted(shares.get(cells[0], ()))),
                (limits[0], limits[1]) if len(limits) > 1 and None not in limits else None,  # type: ignore[arg-type]
                _find_stray(article, item[1], domain, town.current_wave.id) if state == MASKED else (),
            )


def _read_shares(
    table: str, codes: Mapping[str, tuple[int, ...]]
) -> dict[str, list[tuple[tuple[int, ...], float]]]:
    head = read_cells(table.split("<tbody>")[0])[1:]
    found = {}
    for row in read_rows(table):
        name, *cells = read_cells(row)
        shares = [(codes[label], read_number(words)) for label, words in zip(head, cells, strict=True)]
        found[name] = [(block, float(share)) for block, share in shares if share is not None]
    return found


def _read_band(words: str) -> tuple[str, int]:
    number = read_number(words)
    assert number is not None
    return ("below" if words.startswith("moins") else "above"), number


def read_body(article: str, item: str, domain: str) -> str:
    """The part of a question's article that is about one group: its picture and what follows."""
    start = article.find(f'id="pic-{item}-{domain.lower()}-t"')
    end = article.find("<svg class=", start)
    return article[start : end if end > 0 else article.find("<table", start)]


def read_silent(article: str, item: str, domain: str) -> int | None:
    """People without opinion, as the page rounds them."""
    body = read_words(read_body(article, item, domain))
    if found := re.search(rf"Environ ({NUMBER})personnes n’ont pas d’avis", body):
        return read_number(found[1])
    return 0 if "personnes au plus n’ont pas d’avis" in body else None


def _find_stray(article: str, item: str, domain: str, wave: str) -> tuple[str, ...]:
    """Numbers beside the name of this wave in a picture that must hold none."""
    body = read_body(article, item, domain)
    said = re.findall(r"<desc[^>]*>(.*?)</desc>", body, re.S)[:1]
    said = [read_words(words).rpartition(f"{wave} :")[2] for words in said]
    drawn = re.findall(r"<text[^>]*>(.*?)</text>", body, re.S)
    said += [read_words(words).partition(wave)[2] for words in drawn if wave in words]
    return tuple(words for words in said if re.search(r"\d", words))
