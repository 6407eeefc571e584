"""How generated functions go through neurons: one after the other, or in threads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Loop:
    """What stands before a function, and over what its loop goes."""

    decorator: str
    over: str


PLAIN = Loop("@njit", "range")
SHARED = Loop("@njit(parallel=True)", "prange")


def loop_of(threads: bool) -> Loop:
    """Choose by whether threads share the work."""
    return SHARED if threads else PLAIN
