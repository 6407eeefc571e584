"""Compile a neuron model to a neuron program.

In: a Neuron, the unit of its input (stored = value * scale) and what its synapses want
to be sent. Out: integer operations. A model whose membrane is that of Lava's LIF gets
exactly the LIF core of docs/semantics.md section 4, found by its shape.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ..diagnostics import Diagnostic, LaharError
from ..hardware.chip import Chip
from ..hardware.program import NeuronOutput, NeuronPort, NeuronProgram, Op
from ..hardware.report import Rounding
from ..rules.evaluate import evaluate
from ..rules.expr import Binary, Compare, Const, Expr, Name
from ..rules.neuron import Neuron, StateDecl
from .draft import NeuronValue
from .neuron_expr import ExprEmitter, Scaled
from .neuron_registers import STATE_BITS, Emitter
from .quantise import SIGNED_RANGE

STATE_MAX = 2**STATE_BITS - 1
OUTPUT_FRACTION_BITS = 6


@dataclass(frozen=True)
class CompiledNeuron:
    """A neuron program, the scales of its registers, and what was rounded.

    ``offsets`` holds the outputs that travel as value + 64.
    """

    program: NeuronProgram
    scales: Mapping[str, float]
    offsets: Mapping[str, int]
    modulator_scales: Mapping[str, float]
    roundings: tuple[Rounding, ...]


@dataclass(frozen=True)
class SentValue:
    """A value for one projection: its output name, what it is, its stored scale."""

    output: str
    value: NeuronValue
    scale: float


@dataclass(frozen=True)
class SpikeMustCompare(Diagnostic):
    """A neuron's spike condition has to be a comparison of a state with a threshold."""

    code = "R241"
    title = "the spike condition of `{neuron}` is not a comparison"
    note = "a neuron program sets its spike by `>` or `>=`"
    help = "write for example `spike = v > threshold`"

    neuron: str


@dataclass(frozen=True)
class LifShape:
    """The parts of a model that is current-based or plain LIF."""

    current: StateDecl | None
    membrane: StateDecl
    port: str
    bias: float
    threshold: float


def lif_shape(neuron: Neuron) -> LifShape | None:
    """Recognise LIF by structure: states, drives, strict threshold, reset to 0."""
    states = neuron.states
    if len(neuron.ports) != 1 or not 1 <= len(states) <= 2:
        return None
    port, membrane = neuron.ports[0].name, states[-1]
    current = states[0] if len(states) == 2 else None
    if current is not None and (
        current.drive != Name(port) or current.reset is not None
    ):
        return None
    source = port if current is None else current.name
    bias = _bias(membrane.drive, source, neuron.param_values)
    threshold = _threshold(neuron, membrane.name)
    if bias is None or threshold is None or membrane.reset != Const(0.0):
        return None
    return LifShape(current, membrane, port, bias, threshold)


def _bias(drive: Expr, source: str, values: Mapping[str, float]) -> float | None:
    match drive:
        case Name(name=name) if name == source:
            return 0.0
        case Binary(operator="+", left=Name(name=name), right=right) if name == source:
            return _value(right, values)
        case _:
            return None


def _threshold(neuron: Neuron, state: str) -> float | None:
    match neuron.spike:
        case Compare(relation=">", left=Name(name=name), right=right) if name == state:
            return _value(right, neuron.param_values)
        case _:
            return None


def _value(expr: Expr, values: Mapping[str, float]) -> float | None:
    match expr:
        case Const(value=value):
            return value
        case Name(name=name):
            return values.get(name)
        case _:
            return None


def compile_neuron(
    neuron: Neuron,
    *,
    chip: Chip,
    dt_seconds: float,
    owner: str,
    input_scale: float,
    sent: tuple[SentValue, ...] = (),
    modulator_ranges: Mapping[str, tuple[float, float]] | None = None,
) -> CompiledNeuron:
    """Compile one model for one group.

    Parameters
    ----------
    neuron
        The model.
    chip, dt_seconds, owner
        Target, length of a step, and the group's name for the log.
    input_scale
        What a port receives for an arriving weight of 1.
    sent
        Values for the synapses, in the order of their outputs.
    modulator_ranges
        Modulators that rules read through this neuron, besides its own.

    Raises
    ------
    LaharError
        R240, R241 if the model needs what a neuron program cannot do.

    """
    work = _NeuronCompiler(neuron, Emitter(chip, dt_seconds, owner), input_scale)
    work.modulators(modulator_ranges or {})
    work.membrane()
    work.spike_traces()
    work.own_outputs()
    outputs = tuple(work.send(s) for s in sent)
    return work.finish(outputs)


class _NeuronCompiler:
    """Builds one neuron program, part by part in the order of a step."""

    def __init__(self, neuron: Neuron, emitter: Emitter, input_scale: float) -> None:
        self.neuron = neuron
        self.emitter = emitter
        self.values = neuron.param_values
        self.state_scale = input_scale * 2.0**emitter.chip.synapse_shift.value
        self.symbols: dict[str, Scaled] = {}
        self.ports = [NeuronPort(p.name, "synaptic") for p in neuron.ports]
        self.modulator_scales: dict[str, float] = {}
        self.offsets: dict[str, int] = {}
        self.scales: dict[str, float] = {}
        self.spike = "spike"
        self.core: LifShape | None = None

    def modulators(self, more: Mapping[str, tuple[float, float]]) -> None:
        """Give every modulator a port of 7 bits."""
        ranges = {m.name: (m.low, m.high) for m in self.neuron.modulators}
        for name, (low, high) in {**ranges, **more}.items():
            scale = SIGNED_RANGE / max(abs(low), abs(high), 1e-12)
            self.ports.append(NeuronPort(name, "modulator"))
            self.modulator_scales[name] = scale
            self.symbols[name] = Scaled(name, scale)

    def membrane(self) -> None:
        """Emit the states, the spike condition and the resets."""
        self.core = lif_shape(self.neuron)
        if self.core is not None:
            self._lif_core(self.core)
        else:
            self._general_states()

    def _lif_core(self, shape: LifShape) -> None:
        e = self.emitter
        shift = e.chip.synapse_shift.value
        v = shape.membrane.name
        plain = "u" if v != "u" else "input_u"
        u = e.keep(plain if shape.current is None else shape.current.name)
        e.keep(v)
        tau_u = 0.0 if shape.current is None else self._leak(shape.current)
        e.op("shl", "input", shape.port, shift)
        e.op("decay", u, u, max(1, e.euler_decay(f"{u}.leak", tau_u)))
        e.op("add", u, u, "input")
        e.op("wrap", u, u)
        e.op("decay", v, v, e.euler_decay(f"{v}.leak", self._leak(shape.membrane)))
        e.op("add", v, v, u)
        e.op("add", v, v, e.bias(shape.bias, self.state_scale))
        e.op("saturate", v, v, -STATE_MAX, STATE_MAX)
        e.op("copy", f"{v}_pre_reset", v)
        mantissa = e.stored(
            "threshold", shape.threshold, self.state_scale / 2.0**shift
        )
        e.op("gt", self.spike, v, mantissa << shift)
        e.op("select", v, self.spike, 0, v)
        for name in (u, v):
            self._state_symbol(name)
        self.symbols[f"{v}_pre_reset"] = Scaled(f"{v}_pre_reset", self.state_scale)

    def _leak(self, state: StateDecl) -> float | None:
        return None if state.leak is None else evaluate(state.leak, self.values)

    def _state_symbol(self, name: str) -> None:
        self.symbols[name] = Scaled(name, self.state_scale)
        self.scales[name] = self.state_scale

    def _general_states(self) -> None:
        e = self.emitter
        shift = e.chip.synapse_shift.value
        for port in self.neuron.ports:
            arrived = e.op("shl", f"{port.name}_input", port.name, shift)
            self.symbols[port.name] = Scaled(arrived, self.state_scale)
        for state in self.neuron.states:
            e.keep(state.name)
            self._state_symbol(state.name)
        for state in self.neuron.states:
            self._update(state)
        self._spike_condition()
        for state in self.neuron.states:
            self._reset(state)

    def _update(self, state: StateDecl) -> None:
        e, name = self.emitter, state.name
        expressions = ExprEmitter(e, self.symbols, self.values)
        # The drive reads old values of this state, so it is computed before the leak.
        drive = expressions.at_scale(expressions.emit(state.drive), self.state_scale)
        factor = e.euler_decay(f"{name}.leak", self._leak(state))
        if factor:
            e.op("decay", name, name, factor)
        e.op("add", name, name, drive)
        e.op("saturate", name, name, -STATE_MAX, STATE_MAX)
        if state.reset is not None:
            before = e.op("copy", f"{name}_pre_reset", name)
            self.symbols[before] = Scaled(before, self.state_scale)

    def _spike_condition(self) -> None:
        e = self.emitter
        condition = self.neuron.spike
        if condition is None:
            e.op("copy", self.spike, 0)
            return
        if not isinstance(condition, Compare):
            raise LaharError(SpikeMustCompare(self.neuron.name, span=condition.span))
        value = ExprEmitter(e, self.symbols, self.values).emit(condition)
        e.op("copy", self.spike, value.operand)

    def _reset(self, state: StateDecl) -> None:
        if state.reset is None:
            return
        e = self.emitter
        expressions = ExprEmitter(e, self.symbols, self.values)
        value = expressions.at_scale(expressions.emit(state.reset), self.state_scale)
        e.op("select", state.name, self.spike, value, state.name)

    def spike_traces(self) -> None:
        """Emit the model's traces of its own spikes, with all bits a state has."""
        for trace in self.neuron.traces:
            tau = evaluate(trace.tau, self.values)
            largest = 1.0 / -math.expm1(-self.emitter.dt_seconds / tau)
            scale = 2.0 ** (STATE_BITS - 1 - math.ceil(math.log2(largest)))
            self._trace(trace.name, tau, round(scale), STATE_MAX, nearest=False)
            self.symbols[trace.name] = Scaled(trace.name, scale)
            self.scales[trace.name] = scale

    def _trace(
        self, name: str, tau: float, impulse: int, limit: int, *, nearest: bool
    ) -> None:
        e = self.emitter
        e.keep(name)
        e.op("decay", name, name, e.exact_decay(f"{name}.tau", tau))
        if nearest:
            e.op("select", name, self.spike, impulse, name)
            return
        added = e.op("mul", e.temporary(), self.spike, impulse)
        e.op("add", name, name, added)
        e.op("saturate", name, name, 0, limit)

    def own_outputs(self) -> None:
        """Emit the model's declared outputs, clipped to their bounds."""
        for output in self.neuron.outputs:
            largest = max(abs(output.low), abs(output.high), 1e-12)
            scale = SIGNED_RANGE / largest * 2.0**OUTPUT_FRACTION_BITS
            expressions = ExprEmitter(self.emitter, self.symbols, self.values)
            value = expressions.at_scale(expressions.emit(output.expr), scale)
            low, high = math.floor(output.low * scale), math.ceil(output.high * scale)
            self.emitter.op("saturate", output.name, value, low, high)
            self.symbols[output.name] = Scaled(output.name, scale)

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
        fraction_bits = STATE_BITS - e.chip.trace_bits.value
        name = f"{sent.output}_trace"
        nearest = trace.pairing == "nearest"
        impulse = int(sent.scale) << fraction_bits
        limit = ((top + 1) << fraction_bits) - 1
        self._trace(
            name, trace.tau_steps * e.dt_seconds, impulse, limit, nearest=nearest
        )
        self.scales[name] = sent.scale * 2.0**fraction_bits
        e.op("shr", sent.output, name, fraction_bits)

    def _send_signed(self, sent: SentValue) -> None:
        e = self.emitter
        assert sent.value.expr is not None
        expressions = ExprEmitter(e, self.symbols, self.values)
        value = expressions.emit(sent.value.expr)
        fine = expressions.at_scale(value, sent.scale * 2.0**OUTPUT_FRACTION_BITS)
        # Half an LSB first, so that the floor of the shift rounds to nearest.
        half = e.op("add", e.temporary(), fine, 1 << (OUTPUT_FRACTION_BITS - 1))
        coarse = e.op("shr", e.temporary(), half, OUTPUT_FRACTION_BITS)
        limited = e.op("saturate", e.temporary(), coarse, -64, 63)
        e.op("add", sent.output, limited, 64)
        self.offsets[sent.output] = 64

    def finish(self, outputs: tuple[NeuronOutput, ...]) -> CompiledNeuron:
        """Put the program together; drop what nobody reads."""
        e = self.emitter
        membrane = self.core.membrane.name if self.core is not None else None
        program = NeuronProgram(
            ports=tuple(self.ports),
            registers=tuple(e.registers),
            ops=_without_unread_copy(e, membrane),
            spike=self.spike,
            outputs=outputs,
            membrane=membrane,
        )
        return CompiledNeuron(
            program,
            self.scales,
            self.offsets,
            self.modulator_scales,
            tuple(e.roundings),
        )


def _without_unread_copy(e: Emitter, membrane: str | None) -> tuple[Op, ...]:
    """Drop the copy of v before the reset where no output reads it."""
    name = f"{membrane}_pre_reset"
    if any(name in op.args for op in e.ops):
        return tuple(e.ops)
    return tuple(op for op in e.ops if op.target != name)
