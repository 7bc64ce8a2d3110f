"""Our pictures on paper: the same SVG as on the pages, at a fixed size; its words are set by Typst.

The renderer of SVG inside Typst takes one font for a run of words and cannot shape Arabic for PDF/UA. Typst
itself can: the drawing keeps its bars and textures, and its words are handed over with their places.
"""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

NAMESPACE = "http://www.w3.org/2000/svg"
#: attributes that the pages give in per cent of the width
ALONG = ("x", "x1", "x2", "width")
TURNED = {"start": "end", "end": "start"}


def fix_picture(drawn: str, width: float) -> dict[str, Any]:
    """A picture of `draw_row` or `draw_swatch`, `width` pixels wide.

    Gives `svg` (a whole document without words), `width` and `height` in pixels, and `words`: for each line
    its `strong` beginning and its `plain` end, its place (`x`, `y` of its base line), which part of it stands
    at `x` ("start" is left, "end" right), its size in pixels, colour, and `halo` around it ("" for none).
    """
    root = ElementTree.fromstring(drawn)
    height = float(root.attrib["height"])
    words: list[dict[str, Any]] = []
    for child in list(root):
        if child.tag in ("title", "desc"):
            root.remove(child)
        elif child.tag == "text":
            root.remove(child)
            words.append(_take_words(child, width))
    for element in root.iter():
        element.attrib.pop("class", None)
        for name in ALONG:
            if element is not root and (value := element.get(name)) is not None:
                element.set(name, f"{_place(value, width):.2f}")
    root.attrib.clear()
    root.attrib.update({"xmlns": NAMESPACE, "width": f"{width:g}", "height": f"{height:g}"})
    root.set("viewBox", f"0 0 {width:g} {height:g}")
    svg = ElementTree.tostring(root, encoding="unicode")
    return {"svg": svg, "width": width, "height": height, "words": words}


def _take_words(text: ElementTree.Element, width: float) -> dict[str, Any]:
    heavy = text.get("font-weight") == "700"
    strong = "".join("".join(part.itertext()) for part in text)
    plain = (text.text or "") + "".join(part.tail or "" for part in text)
    anchor = text.get("text-anchor", "start")
    # In a line that reads from the right, its start is its right edge.
    if text.get("direction") == "rtl":
        anchor = TURNED.get(anchor, anchor)
    return {
        "strong": plain if heavy else strong,
        "plain": "" if heavy else plain,
        "x": round(_place(text.attrib["x"], width), 2),
        "y": float(text.attrib["y"]),
        "anchor": anchor,
        "size": float(text.attrib["font-size"]),
        "fill": text.get("fill", ""),
        "halo": text.get("stroke", ""),
    }


def _place(value: str, width: float) -> float:
    """Pixels; the pages say per cent of the width, or pixels."""
    return float(value[:-1]) / 100 * width if value.endswith("%") else float(value)
