"""Names within a neuron program: those of the model, and copies that nobody reads.

A Neuron in, the names that no temporary may take; operations in, those that count out.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..hardware.program import Op
from ..rules.neuron import Neuron


def declared_names(neuron: Neuron) -> Iterator[str]:
    """Give the names that no temporary may take."""
    yield from (port.name for port in neuron.ports)
    yield from (m.name for m in neuron.modulators)
    yield from (n.name for n in neuron.noises)
    yield from neuron.quantities


def without_unread_copies(ops: list[Op], neuron: Neuron) -> tuple[Op, ...]:
    """Drop the copies of states before their reset that no operation reads."""
    copies = {f"{s.name}_pre_reset" for s in neuron.states}
    read = {arg for op in ops for arg in op.args}
    return tuple(op for op in ops if op.target not in copies - read)
