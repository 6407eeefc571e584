"""Compute equal parts of several expressions of a neuron once.

In: the operations of a neuron program in order. Out: the same without those that
compute again, from the same values, what a temporary holds already.

    t_1 = mul a, b          t_1 = mul a, b
    t_2 = add t_1, c        t_2 = add t_1, c
    t_3 = mul a, b     ->
    t_4 = sub t_3, d        t_4 = sub t_1, d
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..hardware.program import Op

Key = tuple[str, tuple[object, ...]]


def without_repeats(ops: Iterable[Op], named: Iterable[str]) -> tuple[Op, ...]:
    """Drop repeated operations; ``named`` are not temporaries: all that is read later.

    A temporary that is written twice keeps all its operations.
    """
    ops = tuple(ops)
    targets = [op.target for op in ops]
    once = {name for name in targets if targets.count(name) == 1} - set(named)
    version: dict[str, int] = {}
    holders: dict[Key, str] = {}
    instead: dict[str, str] = {}
    kept = []
    for op in ops:
        args = tuple(instead.get(a, a) if isinstance(a, str) else a for a in op.args)
        key = op.code, tuple((a, version.get(str(a), 0)) for a in args)
        if op.target in once and key in holders:
            instead[op.target] = holders[key]
            continue
        kept.append(replace(op, args=args))
        version[op.target] = version.get(op.target, 0) + 1
        if op.target in once:
            holders[key] = op.target
    return tuple(kept)
