"""One figure to take away: the picture of a page as a file that explains itself, and its rows as CSV."""

from __future__ import annotations

from textwrap import wrap

from markupsafe import Markup

from barometre.estimates.disclosure import ALL
from barometre.i18n import format_date, format_percent, ngettext, speak, tell
from barometre.i18n import gettext as _
from barometre.questionnaire.town import Town
from barometre.results.files.rows import LANGUAGE, list_rows, name_question
from barometre.results.files.tables import write_rows
from barometre.results.notices import tell_erratum, tell_preview
from barometre.results.said import counts_from_end, say_base, say_verdict
from barometre.results.sheet import INK, PAPER, SOFT, element
from barometre.results.sources import Published
from barometre.results.svg import draw_row, draw_swatch
from barometre.results.tables import Cell, DomainRow, ItemBlock, write_blocks

#: pixels
WIDTH, EDGE = 760, 30
#: generic names: the file brings no font
FONTS = "'Liberation Sans', Arial, Helvetica, sans-serif"
WHOLE = "ensemble"


class NoFigure(Exception):
    """The pages show no such question in this domain."""


def list_figures(town: Town, published: Published) -> list[tuple[ItemBlock, list[tuple[str, str]]]]:
    """Every question with (name in the address, label) of the domains that the pages show."""
    return [
        (block, [(_name_domain(town, row.cell.domain), row.cell.domain_label) for row in block.rows])
        for block in write_blocks(town, published.findings, town.indicators)
    ]


def write_figure_csv(
    town: Town, published: Published, item: str, domain_name: str, *, simulated: bool
) -> bytes:
    """The rows of one question and domain, both waves; raises `NoFigure`."""
    block, found = _find(town, published, item, domain_name)
    domain = found.cell.domain
    return write_rows(
        row
        for row in list_rows(town, published, simulated=simulated, item=block.item)
        # What the first wave printed for two quartiers together stands beside each of them.
        if domain in (row.quartier, *row.quartier.split("+"))
    )


def write_figure_svg(
    town: Town, published: Published, item: str, domain_name: str, *, simulated: bool
) -> bytes:
    """The picture of one question and domain with all it takes to read it; raises `NoFigure`."""
    with speak(LANGUAGE):
        block, row = _find(town, published, item, domain_name)
        return _Drawing(town, published, block, row, simulated).write()


def _find(town: Town, published: Published, item: str, domain_name: str) -> tuple[ItemBlock, DomainRow]:
    indicators = [indicator for indicator in town.indicators if indicator.item == item]
    for block in write_blocks(town, published.findings, indicators):
        for row in block.rows:
            if _name_domain(town, row.cell.domain) == domain_name:
                return block, row
    raise NoFigure(f"{item}, {domain_name}")


def _name_domain(town: Town, domain: str) -> str:
    return WHOLE if domain == ALL else town.quartier_by_id[domain].slug


class _Drawing:
    """A picture being composed from top to bottom."""

    def __init__(
        self, town: Town, published: Published, block: ItemBlock, row: DomainRow, simulated: bool
    ) -> None:
        self.town, self.published, self.block, self.row = town, published, block, row
        self.simulated = simulated
        self.parts: list[Markup] = []
        self.y: float = EDGE

    def write(self) -> bytes:
        """The whole file."""
        cell = self.row.cell
        if self.simulated:
            self._say(_("Données simulées : elles ne disent rien des habitants."), size=16, weight=700)
            self.y += 6
        for notice in (tell_preview(self.published), tell_erratum(self.published)):
            if notice:
                self._say(notice, size=14, weight=700)
                self.y += 6
        self._say(f"{self.block.label} – {cell.domain_label}", size=22, weight=700)
        self._say(name_question(self.block), size=16)
        self.y += 4
        # Above the bars stands a share without its answers: the sentence says which.
        self._say(cell.sentence, size=16, weight=700)
        self.y += 8
        self._draw_bars()
        self._draw_legend(cell)
        self._say(say_base(cell), size=15)
        first = self.town.first_wave
        for line in say_verdict(self.row, first.id if first and not self.block.new else ""):
            self._say(line, size=15)
        self.y += 4
        for line in self._list_sources():
            self._say(line, size=13, colour=SOFT)
        height = round(self.y + EDGE / 2)
        ground = element("rect", width=WIDTH, height=height, fill=PAPER)
        picture = element(
            "svg",
            ground + Markup("".join(self.parts)),
            xmlns="http://www.w3.org/2000/svg",
            width=WIDTH,
            height=height,
            viewBox=f"0 0 {WIDTH} {height}",
            font_family=FONTS,
        )
        language = Markup(f'<svg xml:lang="{LANGUAGE}" ')
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{language}{picture[5:]}\n'.encode()

    def _draw_bars(self) -> None:
        town = self.town
        first = town.first_wave.id if town.first_wave and not self.block.new else ""
        bars = draw_row(
            self.row, town.current_wave.id, first, key="figure", from_end=counts_from_end(town, self.block)
        )
        height = float(bars.partition(' height="')[2].partition('"')[0])
        # A frame of its own gives the percentages of the picture something to be parts of.
        self._place(EDGE, bars, WIDTH - 2 * EDGE, height)
        self.y += height + 6

    def _draw_legend(self, cell: Cell) -> None:
        for place, segment in enumerate(cell.segments):
            swatch = draw_swatch(segment.tone, f"figure-{place}")
            self._place(EDGE, swatch, 18, 18)
            words = f"{segment.label} {format_percent(segment.share)}"
            self.parts.append(element("text", words, x=EDGE + 26, y=self.y + 15, font_size=15, fill=INK))
            self.y += 25
        self.y += 4

    def _place(self, x: float, drawn: Markup, width: float, height: float) -> None:
        self.parts.append(
            element("svg", drawn, x=x, y=round(self.y, 1), width=width, height=height, overflow="visible")
        )

    def _say(self, text: str, *, size: int, weight: int = 400, colour: str = INK) -> None:
        """Words on as many lines as they need."""
        for line in wrap(text, int((WIDTH - 2 * EDGE) / (size * 0.52)), break_long_words=False):
            self.y += round(size * 1.35)
            self.parts.append(
                element("text", line, x=EDGE, y=self.y - 4, font_size=size, font_weight=weight, fill=colour)
            )

    def _list_sources(self) -> list[str]:
        town = self.town
        source = {
            "organisation": tell(town.organisation),
            "name": tell(town.barometer_name),
            "wave": town.current_wave.id,
        }
        if self.published.published_at:
            day = format_date(self.published.day)
            lines = [
                _(
                    "Source : %(organisation)s, %(name)s, enquête %(wave)s, publiée le %(date)s.",
                    date=day,
                    **source,
                )
            ]
        else:
            lines = [_("Source : %(organisation)s, %(name)s, enquête %(wave)s.", **source)]
        first = town.first_wave
        if first and not self.block.new and self.row.past:
            numbers = list(dict.fromkeys(figure.source_line for figure in self.row.past))
            listed = ", ".join(str(number) for number in numbers)
            document = tell(first.published.source) if first.published else ""
            lines.append(
                ngettext(
                    "Enquête %(wave)s : %(source)s, ligne %(list)s.",
                    "Enquête %(wave)s : %(source)s, lignes %(list)s.",
                    len(numbers),
                    wave=first.id,
                    source=document,
                    list=listed,
                )
            )
        return lines
