"""Where each recorded variable is in the Lava network, and whose code computed it."""

from __future__ import annotations

from collections.abc import Iterator

from ...hardware.lava_bundle import Probe
from ...hardware.variables import Y_SLOTS
from .connection_text import DELAY_DENSE, DENSE, LEARNING_DENSE
from .neuron_text import NeuronText
from .plans import ConnectionPlan, PopulationPlan, WirePlan
from .sparse_text import PROCESS as LEARNING_SPARSE

_RING_BUFFER = "lava.proc.io.source.RingBuffer"
_SINK = "lava.proc.io.sink.RingBuffer"
_LEARNING_LIF = "lava.proc.lif.LearningLIF"
_CONNECTIONS = {
    name: f"lava.proc.dense.{name}" for name in (DENSE, DELAY_DENSE, LEARNING_DENSE)
} | {LEARNING_SPARSE: "lava.proc.sparse.LearningSparse"}
_MATRICES = ("weights", "tag_1", "tag_2")
_TRACES = ("x1", "x2", *Y_SLOTS)


def population_probes(plan: PopulationPlan) -> Iterator[Probe]:
    """Find spikes, registers and outputs of a population."""
    name, variable = plan.population.name, plan.variable
    if plan.generated is not None:
        yield from _generated(plan, plan.generated)
        return
    by = _RING_BUFFER if plan.core is None else f"lava.proc.lif.{plan.core.process}"
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
    """Find everything that a connection's process holds.

    With third factors the y slots hold what the neuron sent, so they are its work.
    """
    name, variable = plan.connection.name, plan.variable
    learning = plan.connection.learning
    by = _CONNECTIONS.get(plan.process, f"generated {plan.process}")
    lava = plan.process in _CONNECTIONS
    yield Probe(f"{name}.a_out", f"{variable}.a_out", "port", lava, by)
    if learning is None:
        return
    copied = "dense_" if plan.process == LEARNING_SPARSE else ""
    for member in (*_MATRICES, *_TRACES):
        place = f"{variable}.{copied if member in _MATRICES else ''}{member}"
        if learning.third_factors.get(member) and plan.target and plan.target.generated:
            ours = f"generated {plan.target.generated.process}"
            yield Probe(f"{name}.{member}", place, "variable", False, ours)
        else:
            yield Probe(f"{name}.{member}", place, "variable", True, by)


def wire_probes(plan: WirePlan, *, taps_are_lavas: bool) -> Iterator[Probe]:
    """Find what a sink heard: in this step, and in its ring buffer."""
    if not plan.wire.listens:
        return
    name, lava = plan.wire.name, plan.process is None and taps_are_lavas
    by = _SINK if plan.process is None else f"generated {plan.process}"
    if plan.senders:
        place = ", ".join(plan.senders)
        yield Probe(f"{name}.a_in", place, "port", lava, by)
    if plan.sink:
        yield Probe(f"{name}.data", f"{plan.sink}.data", "variable", lava, by)
