"""Numbers as a page shows them: grouped, rounded, with their unit."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import PurePath

_THIN = "\u202f"  # a narrow space that does not break a line
_MINUS = "\u2212"
_NONE = "\u2013"


def count(value: float) -> str:
    """Group digits by three: 6 150 400."""
    return f"{value:,.0f}".replace(",", _THIN)


def share(value: float) -> str:
    """Show a share as a percentage: 94.5 %."""
    return f"{100 * value:.1f}{_THIN}%"


def change(value: float) -> str:
    """Show a relative change with its sign; a dash for none."""
    if value == 0:
        return _NONE
    if not math.isfinite(value):
        return "from zero"
    percent = 100 * value
    text = f"{percent:+.0f}" if abs(percent) >= 10 else f"{percent:+.2g}"
    return f"{text}{_THIN}%".replace("-", _MINUS)


def error(value: float) -> str:
    """Show the size of a relative error; a dash for none."""
    return change(abs(value)).lstrip("+")


def number(value: float) -> str:
    """Show six digits at most."""
    return f"{value:.6g}".replace("-", _MINUS)


def place(where: str) -> str:
    """Show a line of code without the folders before it."""
    return PurePath(where).name


FILTERS: Mapping[str, Callable[..., str]] = {
    "count": count,
    "share": share,
    "change": change,
    "error": error,
    "number": number,
    "place": place,
}
