"""Units of the public interface: plain floats in seconds and hertz.

``20 * ms`` is 0.02. Inside the compiler times become steps, and names say so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .diagnostics import Diagnostic, LaharError

s = 1.0
ms = 1e-3
us = 1e-6
Hz = 1.0
kHz = 1e3  # noqa: N816  # the unit's own spelling

UNITS: dict[str, float] = {"s": s, "ms": ms, "us": us, "Hz": Hz, "kHz": kHz}
_TIMES = ("s", "ms", "us")
_QUANTITY = re.compile(r"\s*([0-9.eE+-]+)\s*([A-Za-z]+)\s*")


@dataclass(frozen=True)
class NotADuration(Diagnostic):
    """A time was expected, such as ``1ms`` or ``0.5 ms``.

    Times are never guessed: a bare number could be steps, milliseconds or seconds.
    Write the unit: s, ms or us.
    """

    code = "R101"
    title = "`{text}` is not a duration"
    note = "a duration is a positive number and one of the units s, ms, us"
    help = "write for example `1ms`"

    text: str


def parse_duration(text: str) -> float:
    """Read ``1ms`` as 0.001 (seconds).

    Raises
    ------
    LaharError
        If there is no unit, or the number is not positive and finite.

    """
    match = _QUANTITY.fullmatch(text)
    if match is None or match[2] not in _TIMES:
        raise LaharError(NotADuration(text))
    try:
        value = float(match[1])
    except ValueError:
        raise LaharError(NotADuration(text)) from None
    if not 0 < value < float("inf"):
        raise LaharError(NotADuration(text))
    return value * UNITS[match[2]]


def format_duration(seconds: float) -> str:
    """Write 0.02 as ``20 ms``; reading it back gives the same float."""
    for unit in ("ms", "s", "us"):
        number = f"{seconds / UNITS[unit]:.15g}"
        if float(number) * UNITS[unit] == seconds:
            return f"{number} {unit}"
    return f"{seconds!r} s"
