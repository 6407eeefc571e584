"""Expressions and names of a network as Brian2 writes them.

An Expr in, text for one of Brian2's code strings out. Names that Brian2 keeps for
itself get another ending; docs/semantics.md section 2 says what each operation means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ..rules.expr import (
    Binary,
    Call,
    Compare,
    Const,
    Every,
    Expr,
    Name,
    Negative,
    Power,
    Where,
    children,
)

Leaf = Callable[[Expr], str]

FUNCTIONS: Mapping[str, str] = {"min": "minimum", "max": "maximum"}
"""What the script defines because Brian2 has no function of that name."""

RESERVED = frozenset(
    [
        *("t", "dt", "i", "j", "N", "xi", "rand", "randn", "poisson", "timestep"),
        *("lastspike", "not_refractory", "t_in_timesteps", "delay", "pi", "e", "inf"),
        *("int", "clip", "sign", "abs", "exp", "log", "sqrt", "tanh", "sin", "cos"),
        *("where", "minimum", "maximum", "w_before", "updates_of_w", "travel_of_w"),
    ]
)
"""What means something to Brian2, or to the script."""


def safe_name(name: str) -> str:
    """Give a name that is a variable to Brian2 and nothing else."""
    safe = re.sub(r"\W", "_", name).strip("_") or "x"
    taken = safe in RESERVED or safe.endswith(("_pre", "_post")) or safe[0].isdigit()
    return f"v_{safe}_own" if taken else safe


def brian2_text(expr: Expr, params: Mapping[str, float], leaf: Leaf) -> str:
    """Write an expression; parameters become numbers, ``leaf`` names the rest."""
    match expr:
        case Const(value=value):
            return number(value)
        case Name(name=name) if name in params:
            return number(params[name])
        case Every(steps=steps):
            return f"int((t_in_timesteps + 1) % {steps} == 0)"
        case _ if not children(expr):
            return leaf(expr)
    inner = [brian2_text(child, params, leaf) for child in children(expr)]
    return _joined(expr, inner)


def _joined(expr: Expr, inner: list[str]) -> str:
    match expr:
        case Negative():
            return f"(-{inner[0]})"
        case Binary(operator=symbol):
            return f"({inner[0]} {symbol} {inner[1]})"
        case Power():
            return f"({inner[0]})**({inner[1]})"
        case Compare(relation=relation):
            return f"int({inner[0]} {relation} {inner[1]})"
        case Where():
            return f"where(int({inner[0]} != 0), {inner[1]}, {inner[2]})"
        case Call(function="sigmoid"):
            return f"(1.0 / (1.0 + exp(-{inner[0]})))"
        case Call(function=name):
            return f"{FUNCTIONS.get(name, name)}({', '.join(inner)})"
    raise AssertionError(f"{expr!r} has no text")  # ours: a new node kind


def number(value: float) -> str:
    """Write a float64 so that it reads as the same float64."""
    return repr(value) if value >= 0 else f"({value!r})"
