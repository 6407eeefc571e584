"""What the command line says of a NIR file that the file does not: resets, bounds, who.

Texts of options in, what read_nir takes out. A file of lahar's own says it all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from ..diagnostics import Diagnostic, LaharError

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class NotBounds(Diagnostic):
    """--bounds wants the name of a node and two numbers, the lower one first.

    They bound what an input or an integrator of a NIR file sends, when it sends values
    and no spikes.
    """

    code = "U918"
    title = "`{text}` gives no bounds"
    help = "write NODE=LOW:HIGH, such as li=-3:4"

    text: str


@dataclass(frozen=True)
class OptionIsForNir(Diagnostic):
    """An option speaks of what a NIR file leaves open, and this is no NIR file.

    A rule, a text or a Python file says itself how a spike resets a membrane and what
    a neuron sends.
    """

    code = "U919"
    title = "{option} is for .nir files; `{spec}` is none"
    help = "leave it out, or change the neuron model itself"

    option: str
    spec: str


def nir_options(function: Function) -> Function:
    """Add the options."""
    resets = "hard, subtract or subtract-late"
    function = click.option(
        "--bounds", multiple=True, metavar="NODE=LOW:HIGH", help="A .nir node's values."
    )(function)
    function = click.option(
        "--exporter", help="Undo what it lost in a .nir file: snntorch, norse."
    )(function)
    return click.option("--reset", help=f"Of a .nir file: {resets}.")(function)


def read_options(
    spec: str,
    reset: str | None = None,
    bounds: tuple[str, ...] = (),
    exporter: str | None = None,
) -> dict[str, Any]:
    """Give the arguments of read_nir.

    Raises
    ------
    LaharError
        U918, U919.

    """
    given = {"--reset": reset, "--bounds": bounds, "--exporter": exporter}
    names = [name for name, value in given.items() if value not in (None, ())]
    if names and not spec.endswith(".nir"):
        raise LaharError(OptionIsForNir(name, spec) for name in names)
    found: dict[str, Any] = {} if reset is None else {"reset": reset}
    if exporter is not None:
        found["exporter"] = exporter
    if bounds:
        found["bounds"] = dict(_bounds(text) for text in bounds)
    return found


def _bounds(text: str) -> tuple[str, tuple[float, float]]:
    name, _, ends = text.rpartition("=")
    low, _, high = ends.partition(":")
    try:
        numbers = float(low), float(high)
    except ValueError:
        raise LaharError(NotBounds(text)) from None
    if not name or not numbers[0] < numbers[1]:
        raise LaharError(NotBounds(text))
    return name, numbers
