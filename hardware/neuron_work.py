"""Count what the neurons of a Program do in a step.

In: a Program. Out: a row of the report for each population with a neuron program. A
neuron core runs the whole program for every neuron in every step.
"""

from __future__ import annotations

from .program import NeuronProgram, Program
from .report import NeuronWork


def neuron_work(program: Program) -> tuple[NeuronWork, ...]:
    """Count operations, look-ups, random numbers and table entries."""
    return tuple(
        _row(population.name, population.neuron)
        for population in program.populations
        if population.neuron is not None
    )


def _row(name: str, neuron: NeuronProgram) -> NeuronWork:
    codes = [op.code for op in neuron.ops]
    return NeuronWork(
        population=name,
        operations=len(codes),
        lookups=codes.count("lookup"),
        draws=codes.count("random"),
        table_entries=sum(map(len, neuron.tables)),
    )
