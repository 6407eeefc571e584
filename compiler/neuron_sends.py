"""Emit what a neuron sends to its synapses: traces, signed values, constants.

In: a neuron program with all its states, and values that rules want of it. Out: its
operations and one output for each, in as many bits as travel.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..hardware.chip import Chip
from ..hardware.program import NeuronOutput
from ..rules.expr import Expr, Quantity, walk
from ..rules.neuron import SPIKE
from .compiled_neuron import SentValue
from .draft import Payload
from .neuron_expr import ExprEmitter, Scaled
from .neuron_registers import STATE_BITS, Emitter
from .scale_candidates import signed_offset

FINER = 6  # bits that a value has more before it is rounded to what travels
OUTPUT_BITS = 13  # of a declared output, where what travels has fewer


def output_fraction_bits(chip: Chip) -> int:
    """Give the bits that an output is finer than what travels."""
    return max(0, OUTPUT_BITS - chip.trace_bits.value)


def add_event(
    e: Emitter,
    event: str,
    name: str,
    impulse: int,
    limit: int,
    *,
    nearest: bool = False,
) -> None:
    """Let an event act on a trace that has decayed."""
    if nearest:
        e.op("select", name, event, impulse, name)
        return
    added = e.op("mul", e.temporary(), event, impulse)
    e.op("add", name, name, added)
    e.op("saturate", name, name, 0, limit)


def emit_payload(
    e: Emitter, expressions: ExprEmitter, expr: Expr, payload: Payload
) -> str:
    """Emit what a graded spike carries: rounded to nearest, within its bounds."""
    fine = expressions.emit_at(expr, payload.scale * 2.0**FINER)
    coarse = rounded(e, e.temporary(), fine, FINER)
    return e.op("saturate", e.unused("sent"), coarse, payload.low, payload.high)


def rounded(e: Emitter, target: str, value: str | int, bits: int) -> str:
    """Drop low bits; half an LSB first makes the floor round to nearest."""
    if bits == 0:
        return e.op("copy", target, value)
    half = e.op("add", e.temporary(), value, 1 << (bits - 1))
    return e.op("shr", target, half, bits)


@dataclass
class Sender:
    """Writes values for the synapses at the end of a neuron program.

    ``presented`` are modulators by name, ``symbols`` what else has one; scales and
    offsets of what is sent are added to those that are known.
    """

    emitter: Emitter
    spike: str
    presented: dict[str, Scaled]
    symbols: dict[str, Scaled]
    scales: dict[str, float]
    offsets: dict[str, int]

    def keep_for_replay(self, sent: tuple[SentValue, ...]) -> None:
        """Keep the quantities that functions for synapses read.

        What is sent is then computed from them, and the reference, which replays a
        recording, computes the functions anew.
        """
        kept = {register.name for register in self.emitter.registers}
        for value in (s.value for s in sent):
            if value.expr is None or value.is_leaf:
                continue
            for node in walk(value.expr):
                if isinstance(node, Quantity) and node.name not in kept:
                    self.emitter.keep(node.name)
                    self.scales[node.name] = self.symbols[node.name].scale
                    kept.add(node.name)

    def send(self, sent: SentValue) -> NeuronOutput:
        """Emit one value for the synapses, in 7 bits."""
        match sent.value.kind:
            case "trace":
                self._send_trace(sent)
            case "constant":
                self.emitter.op("copy", sent.output, sent.value.level)
            case "signed":
                self._send_signed(sent)
        self.scales[sent.output] = sent.scale
        return NeuronOutput(sent.output, sent.output)

    def _send_trace(self, sent: SentValue) -> None:
        """Keep a trace with as many fraction bits as its state has room for."""
        e, trace = self.emitter, sent.value.trace
        assert trace is not None
        top = e.chip.trace_max.value
        fraction_bits = max(0, STATE_BITS - e.chip.trace_bits.value)
        name = e.keep(e.unused(f"{sent.output}_trace"))
        tau_seconds = trace.tau_steps * e.dt_seconds
        impulse = int(sent.scale) << fraction_bits
        nearest = trace.pairing == "nearest"
        with e.at(trace.span):
            e.forget(name, tau_seconds)
        event = self.spike if trace.event == SPIKE else trace.event
        limit = top << fraction_bits
        add_event(e, event, name, impulse, limit, nearest=nearest)
        self.scales[name] = sent.scale * 2.0**fraction_bits
        rounded(e, sent.output, name, fraction_bits)

    def _send_signed(self, sent: SentValue) -> None:
        e = self.emitter
        assert sent.value.expr is not None
        expressions = ExprEmitter(e, self.presented, {}, self.symbols)
        bits, offset = output_fraction_bits(e.chip), signed_offset(e.chip)
        fine = expressions.emit_at(sent.value.expr, sent.scale * 2.0**bits)
        coarse = rounded(e, e.temporary(), fine, bits)
        limited = e.op("saturate", e.temporary(), coarse, -offset, offset - 1)
        e.op("add", sent.output, limited, offset)
        self.offsets[sent.output] = offset
