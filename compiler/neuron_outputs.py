"""A neuron's traces of its own spikes and its declared outputs, as integer operations.

In: a model, the emitter of its program, and the symbols known so far, to which these
are added. Out: operations.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..hardware.formats import DECAY_ONE
from ..rules.evaluate import evaluate
from ..rules.neuron import SPIKE, Neuron
from .neuron_expr import ExprEmitter, Scaled
from .neuron_registers import STATE_BITS, Emitter
from .neuron_sends import add_event, output_fraction_bits
from .scale_candidates import signed_range

STATE_MAX = 2**STATE_BITS - 1


@dataclass
class SpikeTraces:
    """Traces of own spikes: drives may read them, so they are declared first."""

    neuron: Neuron
    emitter: Emitter
    values: Mapping[str, float]
    symbols: dict[str, Scaled]
    scales: dict[str, float]
    decays: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for trace in self.neuron.traces:
            tau = evaluate(trace.tau, self.values)
            with self.emitter.at(trace.span):
                factor = self.emitter.exact_decay(f"{trace.name}.tau", tau)
            # Spikes in every step add up to 1 / (decay in a step).
            largest = DECAY_ONE / factor
            scale = 2.0 ** (STATE_BITS - 1 - math.ceil(math.log2(largest)))
            self.emitter.keep(trace.name)
            self.symbols[trace.name] = Scaled(trace.name, scale, STATE_BITS)
            self.scales[trace.name] = scale
            self.decays[trace.name] = factor

    def follow(self, spike: str) -> None:
        """Emit the traces, with all bits a state has."""
        for trace in self.neuron.traces:
            name = trace.name
            self.emitter.op("decay", name, name, self.decays[name])
            impulse = int(self.scales[name])
            event = spike if trace.source == SPIKE else trace.source
            add_event(self.emitter, event, name, impulse, STATE_MAX)


def emit_outputs(
    neuron: Neuron,
    emitter: Emitter,
    expressions: Callable[[], ExprEmitter],
    symbols: dict[str, Scaled],
    awake: str | None,
) -> None:
    """Emit the declared outputs, clipped to their bounds; 0 while a neuron waits."""
    chip, e = emitter.chip, emitter
    for output in neuron.outputs:
        largest = max(abs(output.low), abs(output.high))
        whole = signed_range(chip) / largest
        scale = whole * 2.0 ** output_fraction_bits(chip)
        value = expressions().emit_at(output.expr, scale)
        low, high = math.floor(output.low * scale), math.ceil(output.high * scale)
        if awake is None:
            e.op("saturate", output.name, value, low, high)
        else:
            clipped = e.op("saturate", e.temporary(), value, low, high)
            e.op("select", output.name, awake, clipped, 0)
        bits = chip.trace_bits.value + output_fraction_bits(chip)
        symbols[output.name] = Scaled(output.name, scale, bits)
