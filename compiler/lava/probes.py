"""Where each recorded variable is in the Lava network, and whose code computed it."""

from __future__ import annotations

from collections.abc import Iterator

from ...hardware.lava_bundle import Probe
from ...hardware.variables import Y_SLOTS
from .network_text import ConnectionPlan, PopulationPlan
from .neuron_text import NeuronText

_RING_BUFFER = "lava.proc.io.source.RingBuffer"
_LIF = "lava.proc.lif.LIF"
_LEARNING_LIF = "lava.proc.lif.LearningLIF"
_DENSE = "lava.proc.dense.Dense"
_LEARNING_DENSE = "lava.proc.dense.LearningDense"
_SYNAPSE_VARIABLES = ("weights", "tag_1", "tag_2", "x1", "x2", *Y_SLOTS)


def population_probes(plan: PopulationPlan) -> Iterator[Probe]:
    """Find spikes, registers and outputs of a population."""
    name, variable = plan.population.name, plan.variable
    if plan.generated is not None:
        yield from _generated(plan, plan.generated)
        return
    by = _LIF if plan.core is not None else _RING_BUFFER
    yield Probe(f"{name}.s_out", f"{variable}.s_out", "port", True, by)
    if plan.core is not None:
        for register, member in ((plan.core.u, "u"), (plan.core.v, "v")):
            place = f"{variable}.{member}"
            yield Probe(f"{name}.{register}", place, "variable", True, by)


def _generated(plan: PopulationPlan, text: NeuronText) -> Iterator[Probe]:
    name, variable = plan.population.name, plan.variable
    ours = f"generated {text.process}"
    lava = plan.core is not None
    by = _LEARNING_LIF if lava else ours
    yield Probe(f"{name}.s_out", f"{variable}.s_out", "port", lava, by)
    for register, member in {**text.registers, **text.outputs}.items():
        theirs = plan.core is not None and register in (plan.core.u, plan.core.v)
        by = _LEARNING_LIF if theirs else ours
        place = f"{variable}.{member}"
        yield Probe(f"{name}.{register}", place, "variable", theirs, by)


def connection_probes(plan: ConnectionPlan) -> Iterator[Probe]:
    """Find everything that a Dense or LearningDense holds.

    With third factors the y slots hold what the neuron sent, so they are its work.
    """
    name, variable = plan.connection.name, plan.variable
    learning = plan.connection.learning
    by = _DENSE if learning is None else _LEARNING_DENSE
    yield Probe(f"{name}.a_out", f"{variable}.a_out", "port", True, by)
    if learning is None:
        return
    for member in _SYNAPSE_VARIABLES:
        place = f"{variable}.{member}"
        if member in learning.third_factors and plan.target.generated is not None:
            ours = f"generated {plan.target.generated.process}"
            yield Probe(f"{name}.{member}", place, "variable", False, ours)
        else:
            yield Probe(f"{name}.{member}", place, "variable", True, by)
