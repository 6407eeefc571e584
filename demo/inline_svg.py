"""Draw with matplotlib, and give SVG that sits well inside a page.

Axes and text take the page's own colour, so that a page reads in light and dark; names
inside a picture are made its own, so that several share one page.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

INK = "#010203"
"""Drawn in this, a line takes the colour of the page's text."""

_STYLE = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "lahar",  # the same picture gives the same bytes
    "font.size": 11,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "savefig.transparent": True,
}


def draw(
    name: str, size_inches: tuple[float, float], paint: Callable[[Any], None]
) -> str:
    """Let ``paint`` fill a matplotlib figure; give it as an SVG element."""
    import matplotlib as mpl
    from matplotlib.figure import Figure  # without pyplot: no display, no global state

    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=size_inches, layout="constrained")
        paint(figure)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None})
    return _inline(name, stream.getvalue())


def _inline(name: str, text: str) -> str:
    svg = text[text.index("<svg") :].replace(INK, "currentColor")
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    used = set(re.findall(r'(?:url\(#|href="#)([^)"]+)', svg))

    def own(match: re.Match[str]) -> str:
        return f' id="{name}-{match[1]}"' if match[1] in used else ""

    svg = re.sub(r' id="([^"]+)"', own, svg)
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", svg)
    return re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", _without_height(svg), count=1)


def _without_height(svg: str) -> str:
    return re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
