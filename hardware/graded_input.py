"""Inputs that send values: a population that hands on what its port is presented.

A chip gets such values from outside as it gets modulators; a Program holds them as a
modulator of the population's name. So every backend that knows neurons, ports and
graded spikes knows graded inputs as well.
"""

from __future__ import annotations

from .program import NeuronPort, NeuronProgram, Op, Program

VALUE = "value"
"""Names the port of a graded input."""

GRADED_INPUT = NeuronProgram(
    ports=(NeuronPort(VALUE, "modulator"),),
    registers=(),
    ops=(Op("copy", "sent", (VALUE,)),),
    spike="sent",
    graded=True,
)


def graded_inputs(program: Program) -> tuple[str, ...]:
    """List the populations that send what a stimulus gives, as values."""
    presented = {m.name: m.ports for m in program.modulators}
    return tuple(
        p.name
        for p in program.populations
        if p.neuron == GRADED_INPUT and presented.get(p.name) == ((p.name, VALUE),)
    )
