"""How generated functions go through neurons: one after the other, or in threads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Loop:
    """What stands before a function, and over what its loop goes."""

    decorator: str
    over: str


PLAIN = Loop("@inner", "range")
SHARED = Loop("@inner_shared", "prange")

NOT_FROM_PYTHON = "no_cpython_wrapper=True, no_cfunc_wrapper=True"
DECORATORS = (
    f"inner = njit({NOT_FROM_PYTHON})",
    f"inner_shared = njit(parallel=True, {NOT_FROM_PYTHON})",
)
"""Lines that define them: only ``advance`` is called from Python.

What makes a function callable from there takes long to compile (decisions/0091).
"""


def loop_of(threads: bool) -> Loop:
    """Choose by whether threads share the work."""
    return SHARED if threads else PLAIN
