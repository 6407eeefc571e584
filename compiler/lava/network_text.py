"""The statements that make and connect the populations and wires of a Program.

Inputs and modulators are ring buffers, neurons Lava's LIF or a generated process
(neuron_text.py). Connections are connection_text.py's.
"""

from __future__ import annotations

from collections.abc import Iterator

from .lif_core import LavaLif
from .neuron_text import draws
from .operation_text import RANDOM_SEED, RANDOM_STREAM
from .plans import PopulationPlan, WirePlan

# docs/semantics.md section 8; written here anew, since Lava is an independent judge
FIRST_STREAM, STREAMS = 2**40, 256


def population_text(plan: PopulationPlan) -> Iterator[str]:
    """Make a population."""
    if plan.population.neuron is None:
        yield f'{plan.variable} = RingBuffer(data=arrays["{plan.data}"])'
        return
    yield f"{plan.variable} = {plan.process}("
    yield f"    shape=({plan.population.size},),"
    if plan.core is not None:
        yield from (f"    {line}," for line in _lif_arguments(plan, plan.core))
    if plan.generated is not None:
        yield from (f"    {line}," for line in _first_values(plan))
        yield from (f"    {line}," for line in _randomness(plan))
    yield ")"


def _lif_arguments(plan: PopulationPlan, core: LavaLif) -> Iterator[str]:
    for name, parameter in core.parameters.items():
        value = _array(plan, name) or str(parameter)
        yield f"{name}={value}"
    assert plan.population.neuron is not None
    initial = {r.name: r.initial for r in plan.population.neuron.registers}
    for name, register in (("u", core.u), ("v", core.v)):
        value = _array(plan, register) or str(initial[register])
        yield f"{name}={value}"


def _first_values(plan: PopulationPlan) -> Iterator[str]:
    """Give the first values of registers that the process itself declares."""
    assert plan.generated is not None
    taken = () if plan.core is None else (plan.core.u, plan.core.v)
    for register, member in plan.generated.registers.items():
        if register not in taken and register in plan.arrays:
            yield f"{member}={_array(plan, register)}"


def _randomness(plan: PopulationPlan) -> Iterator[str]:
    """Give the seed, and the first stream of the population, where it draws any."""
    if plan.population.neuron is not None and draws(plan.population.neuron):
        yield f"{RANDOM_SEED}=seed"
        yield f"{RANDOM_STREAM}={FIRST_STREAM + STREAMS * plan.position}"


def _array(plan: PopulationPlan, name: str) -> str:
    return f'arrays["{plan.arrays[name]}"]' if name in plan.arrays else ""


def modulator_text(plan: PopulationPlan, port: str, array: str) -> Iterator[str]:
    """Present a modulator's values to a port, without a step of delay."""
    buffer = f'RingBuffer(data=arrays["{array}"])'
    member = plan.port(port)
    if member is not None:
        yield f"{buffer}.s_out.connect({member})"


def wire_text(plan: WirePlan) -> Iterator[str]:
    """Make the generated process of a wire, and the ring buffer of a sink."""
    if plan.process is not None:
        yield f"{plan.variable} = {plan.process}("
        yield f'    places=arrays["{plan.places}"], size={plan.wire.size}'
        yield ")"
        for k, tap in enumerate(plan.taps):
            yield f"{tap}.connect({plan.variable}.tap_{k})"
    if plan.sink:
        shape, buffer = f"({plan.wire.size},)", plan.wire.buffer_steps
        yield f"{plan.sink} = Sink(shape={shape}, buffer={buffer})"
        yield from connect(plan.senders, f"{plan.sink}.a_in")


def heard_wires(plan: PopulationPlan, wires: dict[str, WirePlan]) -> Iterator[str]:
    """Connect the wires that a population hears to its ports."""
    for port, name in plan.population.wires.items():
        member = plan.port(port)
        if member is not None:
            yield from connect(wires[name].senders, member)


def connect(senders: tuple[str, ...], receiver: str) -> Iterator[str]:
    """Connect OutPorts to an InPort, which sums them."""
    yield from (f"{sender}.connect({receiver})" for sender in senders)
