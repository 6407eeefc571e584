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


_ENERGIES = ((1e12, "J"), (1e9, "mJ"), (1e6, "\u00b5J"), (1e3, "nJ"), (1.0, "pJ"))
_SMALLEST = 0.01
_TIMES = ((1e9, "s"), (1e6, "ms"), (1e3, "\u00b5s"), (1.0, "ns"))


def energy(picojoules: float) -> str:
    """Show an energy in the unit that suits it."""
    return _in_unit(picojoules, _ENERGIES)


def time(nanoseconds: float) -> str:
    """Show a time in the unit that suits it."""
    return _in_unit(nanoseconds, _TIMES)


def _in_unit(value: float, units: tuple[tuple[float, str], ...]) -> str:
    size, unit = next((u for u in units if abs(value) >= u[0]), units[-1])
    if 0 < value / size < _SMALLEST:
        return f"under {_SMALLEST}{_THIN}{unit}"
    return f"{value / size:.3g}{_THIN}{unit}"


def place(where: str) -> str:
    """Show a line of code without the folders before it."""
    return PurePath(where).name


FILTERS: Mapping[str, Callable[..., str]] = {
    "count": count,
    "share": share,
    "change": change,
    "error": error,
    "energy": energy,
    "time": time,
    "number": number,
    "place": place,
}
