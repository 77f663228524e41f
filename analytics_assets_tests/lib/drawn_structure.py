"""What a drawing shows, without where its pixels are: axes, legends, and marks with their colours."""

from __future__ import annotations

import io
import re
from collections import Counter
from typing import Any
from xml.etree import ElementTree as ET

from PIL import Image

Colour = tuple[int, int, int]
SVG = "{http://www.w3.org/2000/svg}"


def structure_of(svg: str) -> dict[str, Any]:
    """Titles, the scale, labels and title of each axis, the words of legends, and how many marks have which colour."""
    root = ET.fromstring(svg)  # noqa: S314 -- drawn by ourselves
    axes = [
        {
            "scale": group.get("aria-label"),
            "labels": _texts(group, "role-axis-label"),
            "title": _texts(group, "role-axis-title"),
        }
        for group in _groups(root, "role-axis")
        if group.get("aria-label")
    ]
    return {
        "title": _texts(root, "role-title-text"),
        "subtitle": _texts(root, "role-title-subtitle"),
        "axes": axes,
        "legend": _texts(root, "role-legend-label"),
        "marks": dict(sorted(_marks(root).items())),
    }


def colours_of(structure: dict[str, Any]) -> set[Colour]:
    """The colours of the marks, white and other named ones left out."""
    said = " ".join(structure["marks"])
    hexes = {(int(r, 16), int(g, 16), int(b, 16)) for r, g, b in re.findall(r"#(\w\w)(\w\w)(\w\w)", said)}
    return hexes | {(int(r), int(g), int(b)) for r, g, b in re.findall(r"rgb\((\d+), (\d+), (\d+)\)", said)}


def colours_in(png: bytes) -> set[Colour]:
    """Every colour that a picture has."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    return {colour for _, colour in picture.getcolors(picture.width * picture.height) or []}  # type: ignore[misc]


def _groups(root: ET.Element, role: str) -> list[ET.Element]:
    return [group for group in root.iter(f"{SVG}g") if role in group.get("class", "").split()]


def _texts(root: ET.Element, role: str) -> list[str]:
    return ["\n".join(text.itertext()) for group in _groups(root, role) for text in group.iter(f"{SVG}text")]


def _marks(root: ET.Element) -> Counter[str]:
    """Like ``rect fill #d1495b``: how often."""
    counted: Counter[str] = Counter()
    for group in _groups(root, "role-mark"):
        kind = next(word for word in group.get("class", "").split() if word.startswith("mark-"))
        for shape in group:
            colours = [f"{what} {shape.get(what)}" for what in ("fill", "stroke") if _is_colour(shape.get(what))]
            counted[" ".join([kind.removeprefix("mark-"), *colours])] += 1
    return counted


def _is_colour(word: str | None) -> bool:
    return word is not None and word not in ("none", "transparent")
