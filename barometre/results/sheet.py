"""A drawing sheet for our pictures: places in per cent along the bars, pixels down, tones and textures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache

from markupsafe import Markup, escape

INK = "#1b1b1b"
SOFT = "#474b50"
PAPER = "#ffffff"
#: characters of a label that fit above a bar in the narrowest column we serve
LABEL_WIDTH = 45
#: attributes whose own spelling has no hyphen
CAMEL = ("patternUnits", "patternTransform", "viewBox")


@dataclass(frozen=True)
class Tone:
    """How one kind of answer is filled."""

    fill: str
    #: colour of the words written on it
    text: str
    #: "", "lines", "dots" or "bars", drawn over the fill so that it survives black and white
    texture: str = ""


TONES = {
    "very_favourable": Tone("#12436d", PAPER),
    "favourable": Tone("#6bace6", INK),
    "unfavourable": Tone("#f4a582", INK, "lines"),
    "very_unfavourable": Tone("#8c3b0c", PAPER, "lines"),
    "dont_know": Tone("#bfbfbf", INK),
    "nominal_1": Tone("#12436d", PAPER),
    "nominal_2": Tone("#6bace6", INK, "bars"),
    "nominal_3": Tone("#d7e7f6", INK),
    "nominal_4": Tone("#28a197", INK, "dots"),
    "nominal_5": Tone("#801650", PAPER),
    "nominal_6": Tone("#f0dfe8", INK, "bars"),
    # A past wave published sums only: neither the colour of "very" nor that of "rather".
    "past": Tone("#3f78a9", PAPER),
    "past_unfavourable": Tone("#c0704a", INK, "lines"),
    "past_other": Tone("#e6ebf0", INK, "dots"),
}


@dataclass
class Sheet:
    """A picture being drawn: its parts so far, how far down it goes, which way it reads."""

    key: str
    rtl: bool
    #: heights of the bars of this wave and of a past one
    bar: float = 40
    past_bar: float = 26
    #: characters of a label before it takes another line
    label_width: int = LABEL_WIDTH
    parts: list[Markup] = field(default_factory=list)
    textures: dict[str, Markup] = field(default_factory=dict)
    #: pixels from the top
    y: float = 0

    def add(self, name: str, content: object = "", **attributes: object) -> None:
        """Draw one element."""
        self.parts.append(element(name, content, **attributes))

    def place(self, share: float) -> str:
        """Where a share ends on the axis: mirrored when the language reads from the right."""
        return _percent(1 - share if self.rtl else share)

    def rectangle(
        self, start: float, length: float, y: float, height: float, fill: str, **attributes: object
    ) -> None:
        """A filled rectangle along the axis."""
        left = 1 - start - length if self.rtl else start
        place = {"x": _percent(left), "width": _percent(length)}
        self.add("rect", y=y, height=height, fill=fill, **place, **attributes)

    def fill(self, tone: str) -> Iterable[str]:
        """Paints of one tone, from below to above."""
        look = TONES[tone]
        yield look.fill
        if look.texture:
            name = f"{self.key}-{tone.replace('_', '-')}"
            self.textures.setdefault(name, _texture(name, look))
            yield f"url(#{name})"

    def close(self, title: str, description: str) -> Markup:
        """The whole picture, with its name and its description in words."""
        named = f"{self.key}-t {self.key}-d"
        head = element("title", title, id=f"{self.key}-t") + element("desc", description, id=f"{self.key}-d")
        return element(
            "svg",
            head + self.content(),
            class_="picture__bars",
            role="img",
            aria_labelledby=named,
            width="100%",
            height=round(self.y, 1),
            focusable="false",
        )

    def content(self) -> Markup:
        """What has been drawn so far, after the textures it needs."""
        textures = Markup("".join(self.textures.values()))
        return (element("defs", textures) if textures else textures) + Markup("".join(self.parts))


def element(name: str, content: object = "", **attributes: object) -> Markup:
    """One element; attribute names are written with underscores."""
    # Plain strings with everything escaped: Markup's own format is ten times slower, a thousand times a page.
    shown = "".join([_write(key, value) for key, value in attributes.items()])
    return Markup(f"<{name}{shown}>{escape(content)}</{name}>")


@lru_cache(maxsize=8192, typed=True)
def _write(key: str, value: object) -> str:
    """One attribute; a page repeats most of them."""
    return f' {_spell(key)}="{escape(value)}"'


@cache
def _spell(key: str) -> str:
    return key if key in CAMEL else key.rstrip("_").replace("_", "-")


def _texture(name: str, look: Tone) -> Markup:
    """Lines, bars or dots over a fill, in the colour of its words."""
    if look.texture == "dots":
        drawn = element("circle", cx=3, cy=3, r=1.2, fill=look.text)
        turn: dict[str, object] = {}
    else:
        drawn = element("line", x1=0, y1=0, x2=0, y2=7, stroke=look.text, stroke_width=1.4)
        turn = {"patternTransform": "rotate(45)"} if look.texture == "lines" else {}
    return element("pattern", drawn, id=name, width=7, height=7, patternUnits="userSpaceOnUse", **turn)


def _percent(share: float) -> str:
    return f"{round(share * 100, 2):g}%"
