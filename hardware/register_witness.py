"""Show that a register can leave its range: a run on constant arrivals that does so.

In: a neuron program, and what its ports receive in every step. Out: the extremes of
what each ``wrap`` and ``saturate`` is given. Intervals bound what might happen, such as
a spike in every step; a witness happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from .interval import INT32, Interval, looked_up, point, union
from .program import NeuronProgram, Op

STEPS = 200
"""Ten time constants of a usual membrane."""

Values = dict[str, int]


@lru_cache(maxsize=512)
def extremes(
    neuron: NeuronProgram, given: tuple[tuple[str, int], ...]
) -> Mapping[str, Interval]:
    """Run on constant inputs; give what each guarded register was asked to hold."""
    found: dict[str, Interval] = {}
    state = {r.name: r.initial for r in neuron.registers}
    for step in range(1, STEPS + 1):
        values = {**state, **dict(given)}
        for op in neuron.ops:
            if op.code in ("wrap", "saturate"):
                asked = _value(op.args[0], values)
                found[op.target] = union(
                    found.get(op.target, (asked,) * 2), (asked,) * 2
                )
            values[op.target] = _result(op, values, step, neuron)
        new = {name: _word(values[name]) for name in state}
        if new == state:
            break  # it rests
        state = new
    return found


def _result(op: Op, values: Values, step: int, neuron: NeuronProgram) -> int:
    args = [_value(a, values) for a in op.args]
    if op.code == "every":
        return int(step % args[0] == args[1])
    if op.code == "lookup":
        return looked_up(neuron.tables[args[1]], (args[0], args[0]))[0]
    return point(op.code, args)


def _value(arg: str | int, values: Values) -> int:
    return arg if isinstance(arg, int) else values[arg]


def _word(value: int) -> int:
    return (value - INT32[0]) % 2**32 + INT32[0]
