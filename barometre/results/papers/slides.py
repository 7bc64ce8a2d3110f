"""Pictures for slides: one PNG a question, 16:9, with its finding, its question, its base and its wave."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from barometre.i18n import gettext as _
from barometre.i18n import speak, tell
from barometre.questionnaire.town import Town
from barometre.results.papers.pictures import fix_picture
from barometre.results.papers.speech import list_notices
from barometre.results.papers.typeset import set_images
from barometre.results.said import counts_from_end, say_base, say_verdict
from barometre.results.sources import Published
from barometre.results.svg import describe_row, draw_row, draw_swatch
from barometre.results.tables import ItemBlock, write_blocks

#: 1,920 × 1,080 pixels
PPI = 144.0
#: what says every picture in words
WORDS = "textes.txt"
#: what it says of each
TOLD = ("title", "question", "where", "alt", "base", "verdict", "cautions")


def write_slides(town: Town, published: Published, language: str) -> bytes:
    """A zip: `01-satisfaction.png`…, the quartiers together, and `textes.txt`, the same in words."""
    with speak(language):
        content = write_content(town, published)
        slides: list[dict[str, Any]] = content["slides"]
        images = set_images("slides.typ", content, PPI) if slides else []
        named = [
            (f"{number:02}-{slide['item']}.png", image)
            for number, (slide, image) in enumerate(zip(slides, images, strict=True), 1)
        ]
        words = [
            "\n".join([name, *(slide[key] for key in TOLD if slide[key]), ""])
            for (name, _image), slide in zip(named, slides, strict=True)
        ]
        told = "\n".join([*(f"{notice}\n" for notice in content["notices"]), *words])
        return _pack([*named, (WORDS, told.encode())], published.dated)


def write_content(town: Town, published: Published) -> dict[str, Any]:
    """What the slides say, in the language of the request."""
    wave, first = town.current_wave.id, town.first_wave
    blocks = write_blocks(town, published.findings, town.indicators)
    shown = [block for block in blocks if block.rows[0].cell.state != "not_asked"]
    return {
        "title": tell(town.barometer_name),
        "notices": list_notices(published),
        "foot": f"{tell(town.barometer_name)}, {town.name} – {tell(town.organisation)} – {wave}",
        "question_label": _("Question posée :"),
        "slides": [
            _write_slide(town, block, wave, "" if block.new or not first else first.id) for block in shown
        ],
    }


def _write_slide(town: Town, block: ItemBlock, wave: str, past_wave: str) -> dict[str, Any]:
    row = block.rows[0]
    verdict, cautions = say_verdict(row, past_wave) or ("", "")
    drawn = draw_row(row, wave, past_wave, block.item, from_end=counts_from_end(town, block), label_width=75)
    return {
        "item": block.item.replace("_", "-"),
        "title": block.headline,
        "question": f"{block.stem} {block.question}".strip(),
        "where": row.cell.domain_label,
        "drawing": fix_picture(drawn, 680),
        "alt": describe_row(row, wave, past_wave),
        "legend": [
            {"picture": fix_picture(draw_swatch(segment.tone, block.item), 18), "label": segment.label}
            for segment in row.cell.segments
        ],
        "base": say_base(row.cell),
        "verdict": verdict,
        "cautions": cautions,
    }


def _pack(files: Iterable[tuple[str, bytes]], made_at: datetime) -> bytes:
    """A zip whose bytes depend on its files and on the moment of the release alone."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, body in files:
            archive.writestr(ZipInfo(name, made_at.timetuple()[:6]), body, ZIP_DEFLATED)
    return packed.getvalue()
