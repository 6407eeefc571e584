"""Compile a neuron model to a neuron program.

In: a Neuron, the unit of its input (stored = value * scale) and what its synapses want
to be sent. Out: integer operations. A model whose membrane is that of Lava's LIF gets
exactly the LIF core of docs/semantics.md section 4, found by its shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..diagnostics import LaharError, require_no_errors
from ..hardware.chip import Chip
from ..hardware.formats import clamp
from ..hardware.program import NeuronOutput, NeuronPort, NeuronProgram, Op
from ..rules.evaluate import evaluate
from ..rules.expr import Compare, Const, Name, Where
from ..rules.neuron import NOISE_BITS, Neuron, StateDecl
from ..rules.per_neuron import is_constant_state
from .common_operations import without_repeats
from .compiled_neuron import CompiledNeuron, SentValue
from .constants import constant_value
from .differing_neurons import constant_scale
from .draft import Payload
from .intervals import Interval
from .leaks import leak_of, leaks_last_a_step
from .lif_shape import LifShape, lif_fits, lif_shape
from .neuron_bounds import NeuronBounds
from .neuron_expr import ExprEmitter, Scaled
from .neuron_names import declared_names, without_unread_copies
from .neuron_outputs import SpikeTraces, emit_outputs
from .neuron_registers import STATE_BITS, Emitter
from .neuron_sends import Sender, emit_payload
from .scale_candidates import signed_range
from .spike_condition import SpikeMustCompare
from .state_range import numbers_fit_registers, outputs_reach_their_bounds

STATE_MAX = 2**STATE_BITS - 1
WRAPPED_BITS = STATE_BITS + 1  # a current wraps within 24 bits, -2**23 included
PORT_MAX = 2**31  # sums of arrivals are 32-bit signed


def compile_neuron(
    neuron: Neuron,
    *,
    chip: Chip,
    dt_seconds: float,
    owner: str,
    input_scale: float,
    arrivals: Mapping[str, int] | None = None,
    sent: tuple[SentValue, ...] = (),
    heard_events: Iterable[str] = (),
    modulator_ranges: Mapping[str, tuple[float, float]] | None = None,
    payload: Payload | None = None,
    first: Mapping[str, Interval] | None = None,
    waits: int = 0,
    decays: Mapping[str, int] | None = None,
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
    arrivals
        The most that can arrive at a port in a step; 32 bits where nobody says.
    sent
        Values for the synapses, in the order of their outputs.
    heard_events
        Events that learning engines hear.
    modulator_ranges
        Bounds of all modulators: the model's own, and those that rules read through it.
    payload
        How a model that sends values stores them.
    first
        Bounds of first values that the group gives its neurons one by one.
    waits, decays
        Steps before the neurons' first one; decays in 4096ths that data have chosen.

    Raises
    ------
    LaharError
        R240 to R246 if the model needs what a neuron program cannot do.

    """
    require_no_errors(leaks_last_a_step(neuron, dt_seconds))
    emitter = Emitter(chip, dt_seconds, owner, neuron.span, decays=decays or {})
    emitter.taken |= {*declared_names(neuron), *(s.output for s in sent)}
    work = _NeuronCompiler(neuron, emitter, input_scale, arrivals or {}, first or {})
    work.wait(waits)
    found = [*numbers_fit_registers(neuron, work.state_scale, work.values)]
    require_no_errors([*found, *outputs_reach_their_bounds(neuron, work.bounds)])
    work.modulators(modulator_ranges or {})
    work.declare_events()
    traces = SpikeTraces(neuron, emitter, work.values, work.symbols, work.scales)
    work.membrane()
    traces.follow(work.spike)
    emit_outputs(neuron, emitter, work.expressions, work.symbols, work.awake)
    if payload is not None:
        work.send(payload)
    sender = work.sender()
    sender.keep_for_replay(sent)
    outputs = [sender.send(s) for s in sent]
    outputs += [NeuronOutput(event, event) for event in dict.fromkeys(heard_events)]
    return work.finish(tuple(outputs))


class _NeuronCompiler:
    """Builds one neuron program, part by part in the order of a step."""

    def __init__(
        self,
        neuron: Neuron,
        emitter: Emitter,
        input_scale: float,
        arrivals: Mapping[str, int],
        first: Mapping[str, Interval],
    ) -> None:
        self.neuron = neuron
        self.arrivals = arrivals
        self.emitter = emitter
        self.values = neuron.values_at(emitter.dt_seconds)
        self.bounds = NeuronBounds(neuron, emitter.dt_seconds, first)
        self.state_scale = input_scale * 2.0**emitter.chip.synapse_shift.value
        self.symbols: dict[str, Scaled] = {}
        self.ports = [NeuronPort(p.name, "synaptic") for p in neuron.ports]
        self.modulator_scales: dict[str, float] = {}
        self.modulator_ports: dict[str, str] = {}
        self.presented: dict[str, Scaled] = {}
        self.offsets: dict[str, int] = {}
        self.scales: dict[str, float] = {}
        self.spike = "spike"
        self.sent = ""  # what goes out instead of spikes
        self.core: LifShape | None = None
        self.core_length = 0
        self.awake: str | None = None  # 1 once the neurons may take steps

    def wait(self, steps: int) -> None:
        """Let the neurons wait for their first step."""
        self.awake = self.emitter.after(steps) if steps else None

    def _once_awake(self, name: str, value: str | int, before: str | int) -> None:
        """Write a value; a neuron that still waits keeps what was before."""
        if self.awake is None:
            self.emitter.op("copy", name, value)
        else:
            self.emitter.op("select", name, self.awake, value, before)

    def modulators(self, ranges: Mapping[str, tuple[float, float]]) -> None:
        """Give every modulator a port of 7 bits."""
        own = {m.name: (m.low, m.high) for m in self.neuron.modulators}
        for name, (low, high) in {**own, **ranges}.items():
            # A rule's modulator may be called like one of the neuron's own states.
            port = name if name in own else self.emitter.unused(name)
            scale = signed_range(self.emitter.chip) / max(abs(low), abs(high))
            self.ports.append(NeuronPort(port, "modulator"))
            self.modulator_ports[name] = port
            self.modulator_scales[name] = scale
            bits = self.emitter.chip.trace_bits.value
            self.presented[name] = Scaled(port, scale, bits)
        self.symbols |= {n: s for n, s in self.presented.items() if n in own}

    def membrane(self) -> None:
        """Emit the states, the spike condition and the resets."""
        e = self.emitter
        shape = lif_shape(self.neuron)
        plain = self.neuron.send is None and self.awake is None
        if (
            plain
            and shape is not None
            and lif_fits(shape, self.neuron, e.chip, e.dt_seconds, self.state_scale)
        ):
            self.core = shape
            self._lif_core(shape)
        else:
            self._general_states()

    def _lif_core(self, shape: LifShape) -> None:
        e = self.emitter
        shift = e.chip.synapse_shift.value
        v = shape.membrane.name
        current = shape.current
        u = "u" if current is None else current.name
        u = e.unused(u) if current is None else u
        for register in (u, v):
            self.scales[register] = self.state_scale
        _ = e.keep(u) if current is None else self._keep(current)
        self._keep(shape.membrane)
        arrived = e.unused("input")
        tau_u = 0.0 if current is None else leak_of(current, self.neuron)
        tau_v = leak_of(shape.membrane, self.neuron)
        e.op("shl", arrived, shape.port, shift)
        with e.at(None if current is None else current.span):
            e.op("decay", u, u, e.euler_decay(f"{u}.leak", tau_u))
        e.op("add", u, u, arrived)
        e.op("wrap", u, u)
        with e.at(shape.membrane.span):
            e.op("decay", v, v, e.euler_decay(f"{v}.leak", tau_v))
        e.op("add", v, v, u)
        with e.at(shape.membrane.drive.span):
            e.op("add", v, v, e.bias(shape.bias, self.state_scale))
        e.op("saturate", v, v, -STATE_MAX, STATE_MAX)
        e.op("copy", f"{v}_pre_reset", v)
        unit = self.state_scale / 2.0**shift
        with e.at(None if self.neuron.spike is None else self.neuron.spike.span):
            mantissa = e.stored("threshold", shape.threshold, unit)
        e.op("gt", self.spike, v, mantissa << shift)
        e.op("select", v, self.spike, 0, v)
        self.core_length = len(e.ops)
        self._state_symbol(u, WRAPPED_BITS)
        self._state_symbol(v, STATE_BITS)
        self._before_reset(v)
        self._noises()
        before = self.symbols[f"{v}_pre_reset"]
        self._events({**self.symbols, v: before})

    def _keep(self, state: StateDecl) -> str:
        """Declare the register of a state, with what it starts from."""
        first = state.initial
        value = 0.0 if first is None else evaluate(first, self.values)
        with self.emitter.at(state.span):
            return self.emitter.keep_from(state.name, value, self.scales[state.name])

    def _scale_of(self, state: StateDecl) -> float:
        if not is_constant_state(state):
            return self.state_scale
        bounds = self.bounds.of(Name(state.name))
        return constant_scale(self.neuron, state.name, bounds, self.state_scale)

    def _noises(self) -> None:
        """Draw all random numbers of the step: wherever one is read, it is the same."""
        e = self.emitter
        for number, noise in enumerate(self.neuron.noises):
            scale = 2.0**NOISE_BITS / (noise.high - noise.low)
            with e.at(noise.span):
                lowest = e.stored(f"{noise.name}.low", noise.low, scale)
            drawn = e.unused(f"{noise.name}_drawn") if lowest else noise.name
            e.op("random", drawn, number, NOISE_BITS)
            if lowest:
                e.op("add", noise.name, drawn, lowest)
            largest = max(abs(lowest), abs(lowest + (1 << NOISE_BITS)))
            bits = largest.bit_length()
            self.symbols[noise.name] = Scaled(noise.name, scale, bits)

    def _state_symbol(self, name: str, bits: int) -> None:
        self.symbols[name] = Scaled(name, self.scales[name], bits)

    def _before_reset(self, state: str) -> None:
        name = f"{state}_pre_reset"
        self.symbols[name] = Scaled(name, self.state_scale, STATE_BITS)

    def _general_states(self) -> None:
        e = self.emitter
        shift = e.chip.synapse_shift.value
        for port in self.neuron.ports:
            arrived = e.op("shl", e.unused(f"{port.name}_input"), port.name, shift)
            most = self.arrivals.get(port.name, PORT_MAX)
            bits = min(most, PORT_MAX).bit_length() + shift
            self.symbols[port.name] = Scaled(arrived, self.state_scale, bits)
        self._noises()
        for state in self.neuron.states:
            self.scales[state.name] = self._scale_of(state)
            self._keep(state)
            self._state_symbol(state.name, STATE_BITS)
        for state in self.neuron.states:
            if not is_constant_state(state):
                self._update(state)
        self._spike_condition()
        self._events(self.symbols)
        self._resets()

    def expressions(self) -> ExprEmitter:
        """Give what emits expressions of all symbols that are known now."""
        return ExprEmitter(
            self.emitter, self.symbols, self.values, bounds=self.bounds.of
        )

    def _update(self, state: StateDecl) -> None:
        e, name = self.emitter, state.name
        # The drive reads old values of this state, so it is computed before the leak.
        drive = self.expressions().emit_at(state.drive, self.state_scale)
        with e.at(state.span):
            factor = e.euler_decay(f"{name}.leak", leak_of(state, self.neuron))
        kept = e.op("decay", e.temporary(), name, factor) if factor else name
        # A register wraps at 32 bits; a temporary holds the sum until it is limited.
        total = e.op("add", e.temporary(), kept, drive)
        if self.awake is None:
            e.op("saturate", name, total, -STATE_MAX, STATE_MAX)
        else:
            held = e.op("saturate", e.temporary(), total, -STATE_MAX, STATE_MAX)
            self._once_awake(name, held, name)
        if state.reset is not None:
            e.op("copy", f"{name}_pre_reset", name)
            self._before_reset(name)

    def _spike_condition(self) -> None:
        e = self.emitter
        condition = self.neuron.spike
        if condition is None:
            if self.neuron.send is None:
                e.op("copy", self.spike, 0)
            return
        if not isinstance(condition, Compare):
            raise LaharError(SpikeMustCompare(self.neuron.name, span=condition.span))
        self._once_awake(self.spike, self.expressions().emit_at(condition, 1.0), 0)

    def declare_events(self) -> None:
        """Keep the model's events: drives read those of the step before."""
        for event in self.neuron.events:
            self.emitter.keep(event.name)
            self.symbols[event.name] = Scaled(event.name, 1.0, 1)
            self.scales[event.name] = 1.0

    def _events(self, symbols: Mapping[str, Scaled]) -> None:
        """Evaluate the conditions of events on states as they are before resets."""
        expressions = ExprEmitter(self.emitter, symbols, self.values)
        for event in self.neuron.events:
            condition = event.condition
            if not isinstance(condition, Compare):
                condition = Where(condition, Const(1.0), Const(0.0))
            with self.emitter.at(event.span):
                holds = expressions.emit_at(condition, 1.0)
            self._once_awake(event.name, holds, 0)

    def _resets(self) -> None:
        """Compute what states are reset to before one of them changes."""
        resetting = [s for s in self.neuron.states if s.reset is not None]
        found = {s.name: self._reset_value(s) for s in resetting}
        for name, value in found.items():
            self.emitter.op("select", name, self.spike, value, name)

    def _reset_value(self, state: StateDecl) -> str | int:
        e = self.emitter
        assert state.reset is not None
        value = constant_value(state.reset, self.values)
        with e.at(state.span):
            if value is not None:
                stored = e.stored(f"{state.name}.reset", value, self.state_scale)
                return clamp(stored, (-STATE_MAX, STATE_MAX))
            found = self.expressions().emit_at(state.reset, self.state_scale)
            return e.op("saturate", e.temporary(), found, -STATE_MAX, STATE_MAX)

    def send(self, payload: Payload) -> None:
        """Emit the value that is sent; without a spike condition, it is the event."""
        sent = self.neuron.send
        assert sent is not None, "only a model that sends values has a payload"
        expressions = self.expressions()
        self.sent = emit_payload(self.emitter, expressions, sent.expr, payload)
        if self.awake is not None:
            e = self.emitter
            self.sent = e.op("select", e.temporary(), self.awake, self.sent, 0)
        if self.neuron.spike is None:
            square = self.emitter.op("mul", self.emitter.temporary(), *[self.sent] * 2)
            self.emitter.op("gt", self.spike, square, 0)

    def sender(self) -> Sender:
        """Give what writes values for synapses, now that all symbols are known."""
        return Sender(
            self.emitter,
            self.spike,
            self.presented,
            self.symbols,
            self.scales,
            self.offsets,
        )

    def _operations(self, outputs: tuple[NeuronOutput, ...]) -> list[Op]:
        """Give all operations; those of a LIF core as they have to stand."""
        e = self.emitter
        named = {r.name for r in e.registers} | {o.register for o in outputs}
        core, rest = e.ops[: self.core_length], e.ops[self.core_length :]
        return [*core, *without_repeats(rest, {*named, self.sent or self.spike})]

    def finish(self, outputs: tuple[NeuronOutput, ...]) -> CompiledNeuron:
        """Put the program together; drop what nobody reads."""
        e = self.emitter
        program = NeuronProgram(
            ports=tuple(self.ports),
            registers=tuple(e.registers),
            ops=without_unread_copies(self._operations(outputs), self.neuron),
            spike=self.sent or self.spike,
            graded=bool(self.sent),
            outputs=outputs,
            membrane=self.core.membrane.name if self.core is not None else None,
            tables=tuple(e.tables),
        )
        return CompiledNeuron(
            program,
            self.scales,
            self.offsets,
            self.modulator_scales,
            self.modulator_ports,
            tuple(e.roundings),
            tuple(e.functions),
        )
