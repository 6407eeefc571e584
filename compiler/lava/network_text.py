"""The statements that make and connect the Lava processes of a Program.

Inputs and modulators are ring buffers, connections Lava's Dense and LearningDense,
neurons Lava's LIF or a generated process (neuron_text.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...hardware.program import Connection, Learning, Population, TraceProgram
from .lif_core import LavaLif
from .neuron_text import NeuronText
from .rule_text import RuleText, rule_texts

_LAVA_NAMES = {"w": "dw", "d": "dd", "t": "dt"}


@dataclass(frozen=True)
class PopulationPlan:
    """How a population is made: as ring buffer, as Lava's LIF, or generated.

    ``variable`` is its name in the script. Without ``core`` and ``generated`` it is an
    input; with ``core`` alone it is Lava's LIF.
    """

    population: Population
    variable: str
    core: LavaLif | None = None
    generated: NeuronText | None = None

    def port(self, name: str) -> str | None:
        """Give the InPort of a port of the neuron; None if nothing is there."""
        if self.generated is not None:
            return f"{self.variable}.{self.generated.ports[name]}"
        if self.core is not None and name == self.core.port:
            return f"{self.variable}.a_in"
        return None


@dataclass(frozen=True)
class ConnectionPlan:
    """A connection, its name in the script, and both its ends."""

    connection: Connection
    variable: str
    source: PopulationPlan
    target: PopulationPlan


def population_text(plan: PopulationPlan, spikes: str) -> Iterator[str]:
    """Make a population; ``spikes`` names the array of an input."""
    if plan.population.neuron is None:
        yield f'{plan.variable} = RingBuffer(data=arrays["{spikes}"])'
        return
    process = "LIF" if plan.generated is None else plan.generated.process
    yield f"{plan.variable} = {process}("
    yield f"    shape=({plan.population.size},),"
    if plan.core is not None:
        yield from (f"    {line}," for line in _lif_arguments(plan, plan.core))
    yield ")"


def _lif_arguments(plan: PopulationPlan, core: LavaLif) -> Iterator[str]:
    assert plan.population.neuron is not None
    initial = {r.name: r.initial for r in plan.population.neuron.registers}
    for name in ("du", "dv", "vth", "bias_mant", "bias_exp"):
        yield f"{name}={getattr(core, name)}"
    yield f"u={initial[core.u]}"
    yield f"v={initial[core.v]}"


def modulator_text(plan: PopulationPlan, port: str, array: str) -> Iterator[str]:
    """Present a modulator's values to a port, without a step of delay."""
    buffer = f'RingBuffer(data=arrays["{array}"])'
    member = plan.port(port)
    if member is not None:
        yield f"{buffer}.s_out.connect({member})"


def connection_text(plan: ConnectionPlan, weights: str) -> Iterator[str]:
    """Make a connection and connect it to both ends."""
    connection = plan.connection
    learning = connection.learning
    yield f"{plan.variable} = {'Dense' if learning is None else 'LearningDense'}("
    yield f'    weights=arrays["{weights}"],'
    yield f"    weight_exp={connection.weight_exponent},"
    yield f"    num_weight_bits={connection.weight_bits},"
    yield f"    sign_mode=SignMode.{connection.sign_mode.name},"
    if learning is not None:
        yield from (f"    {line}" for line in _rule_text(learning))
    yield ")"
    yield f"{plan.source.variable}.s_out.connect({plan.variable}.s_in)"
    port = plan.target.port(connection.port)
    if port is not None:
        yield f"{plan.variable}.a_out.connect({port})"
    if learning is not None:
        yield from _feedback_text(plan, learning)


def _rule_text(learning: Learning) -> Iterator[str]:
    texts = rule_texts(learning)
    factors = 3 if learning.third_factors else 2
    yield "learning_rule=check("
    yield f"    Loihi{factors}FLearningRule("
    for target, rule in texts.items():
        yield f'        {_LAVA_NAMES[target]}="{rule.text}",'
    for name, trace in learning.traces.items():
        yield from (f"        {line}," for line in _trace_arguments(name, trace))
    yield f"        t_epoch={learning.epoch_steps},"
    yield f"        rng_seed=seed + {learning.seed_offset},"
    yield "    ),"
    yield from (f"    {_LAVA_NAMES[t]}={_parsed_text(r)}," for t, r in texts.items())
    yield "),"


def _trace_arguments(name: str, trace: TraceProgram) -> Iterator[str]:
    # Both are exact in a float: 8 bits after the point.
    yield f"{name}_impulse={trace.impulse + trace.impulse_fraction_256 / 256!r}"
    yield f"{name}_tau={trace.tau_256 / 256!r}"


def _parsed_text(rule: RuleText) -> str:
    return repr(rule.parsed)


def _feedback_text(plan: ConnectionPlan, learning: Learning) -> Iterator[str]:
    """Send post events and graded values back to the learning engine."""
    generated = plan.target.generated
    if learning.uses_post_event:
        three = learning.third_factors and generated is not None
        member = "s_out_bap" if three else "s_out"
        yield f"{plan.target.variable}.{member}.connect({plan.variable}.s_in_bap)"
    for slot, output in learning.third_factors.items():
        assert generated is not None, "an input sends no graded values"
        sender = f"{plan.target.variable}.{generated.senders[output]}"
        yield f"{sender}.connect({plan.variable}.s_in_{slot})"
