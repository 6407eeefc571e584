"""A whole network as a Brian2 script: every group, every projection, every step.

A Network and a stimulus in, a script out. What the exporter has no words for is
refused by name before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ..diagnostics import Diagnostic, require_no_errors
from ..rules.network import Group, Network, Projection
from .brian2_script import (
    Brian2Script,
    ScriptWriter,
    arrived_name,
    group_name,
    neuron_block,
    sent_name,
)
from .brian2_synapses import Brian2Synapses
from .brian2_text import safe_name
from .reference_closed import bounded_modulators
from .reference_names import modulators_of, signals_of, uses_delay
from .reference_neurons import stated_values
from .reference_noise import GroupNoises
from .stimulus_needs import Stimulus


@dataclass(frozen=True)
class NotForBrian2(Diagnostic):
    """A network holds something that lahar does not write as Brian2 code.

    The export covers rules with traces, tags, modulators and post quantities, and
    neuron models of states, events, spike traces, outputs and noise. Learned delays are
    left out because Brian2's own delays cannot change during a run; delays of weights
    that learn, because Brian2 reads the weight when the spike arrives, not when it is
    sent. Graded spikes and the latency of a group are not written yet.
    """

    code = "S470"
    title = "projection `{projection}`: {what} cannot be exported to Brian2"
    help = "leave it out, or use the backend `reference`"

    projection: str
    what: str


def closed_script(
    network: Network,
    stimulus: Stimulus,
    steps: int,
    record: frozenset[str],
    seed: int,
) -> Brian2Script:
    """Write a network that computes its own spikes.

    Raises
    ------
    LaharError
        S470 for what cannot be exported.

    """
    require_no_errors(check_exportable(network))
    assert network.dt_seconds is not None  # the caller asked for it
    return _ClosedScript(network, stimulus, steps, record, seed).script()


def check_exportable(network: Network) -> Iterator[Diagnostic]:
    """Find what Brian2 code cannot say."""
    for projection in network.projections:
        rule = projection.rule
        if network.group(projection.source).sends is not None:
            what = "a source of graded spikes"
            yield NotForBrian2(projection.name, what, span=projection.span)
        if network.group(projection.target).latency:
            # Neurons that wait for their first step: Brian2 starts all at once.
            what = "a target with a latency"
            yield NotForBrian2(projection.name, what, span=projection.span)
        if rule is None:
            continue
        if uses_delay(rule):
            yield NotForBrian2(projection.name, "a learned delay", span=rule.span)
        if np.any(projection.delay):
            what = "a delay of weights that learn"
            yield NotForBrian2(projection.name, what, span=projection.span)


class _ClosedScript:
    def __init__(
        self,
        network: Network,
        stimulus: Stimulus,
        steps: int,
        record: frozenset[str],
        seed: int,
    ) -> None:
        assert network.dt_seconds is not None
        self.network = network
        self.stimulus = stimulus
        self.steps = steps
        self.record = record
        self.seed = seed
        self.dt = network.dt_seconds
        self.writer = ScriptWriter(self.dt)
        self.modulators = bounded_modulators(network, stimulus)

    def script(self) -> Brian2Script:
        for name, rows in self.modulators.items():
            self.writer.rows(_modulator_rows(name), rows[: self.steps])
        for position, group in enumerate(self.network.groups):
            self._group(position, group)
        for projection in self.network.projections:
            self._projection(projection)
        title = f"Network `{self.network.name}` as a Brian2 script."
        return self.writer.script(title, self.steps)

    def _group(self, position: int, group: Group) -> None:
        traces = list(self._trace_variables(group))
        if group.neuron is None:
            rows = np.asarray(self.stimulus.spikes[group.name])[: self.steps]
            identifier = self.writer.input(group, rows, traces)
        else:
            identifier = self._neurons(position, group, traces)
        self._show(group, identifier)

    def _neurons(self, position: int, group: Group, traces: list[str]) -> str:
        assert group.neuron is not None
        block = neuron_block(group, self.dt)
        read = modulators_of(self.network, group)
        arriving = [p for p in self.network.projections if p.target == group.name]
        held = [*block.variables(), *(safe_name(m) for m in read), *traces]
        held += [n for p in arriving for n in (sent_name(p), arrived_name(p))]
        noises = list(self._noise_rows(position, group))
        identifier = self.writer.group(group.name, group.size, held)
        self.writer.every_step(
            identifier, "start", self._arrivals(group, arriving, noises)
        )
        self.writer.every_step(identifier, "groups", block.code())
        for state, values in stated_values(group, group.neuron).items():
            self.writer.set(identifier, safe_name(state), values)
        return identifier

    def _noise_rows(self, position: int, group: Group) -> Iterator[tuple[str, str]]:
        """Give the noises of a group the numbers that the reference draws."""
        assert group.neuron is not None
        noises = GroupNoises(group, position, self.seed)
        drawn = [noises.draw(t) for t in range(1, self.steps + 1)]
        for noise in group.neuron.noises:
            name = safe_name(noise.name)
            rows = f"{safe_name(group.name)}_{name}_rows"
            self.writer.rows(rows, np.array([values[noise.name] for values in drawn]))
            yield name, rows

    def _arrivals(
        self, group: Group, arriving: list[Projection], noises: list[tuple[str, str]]
    ) -> Iterator[str]:
        assert group.neuron is not None
        for p in arriving:
            yield f"{arrived_name(p)} = {sent_name(p)}"
            yield f"{sent_name(p)} = 0"
        for port in group.neuron.ports:
            sums = [arrived_name(p) for p in arriving if p.port == port.name]
            yield f"{safe_name(port.name)} = {' + '.join(sums) or '0'}"
        for name in modulators_of(self.network, group):
            index = "" if self.modulators[name].ndim == 1 else ", i"
            yield f"{safe_name(name)} = {_modulator_rows(name)}(t{index})"
        for name, rows in noises:
            yield f"{name} = {rows}(t, i)"

    def _trace_variables(self, group: Group) -> Iterator[str]:
        for p in self.network.projections:
            if p.rule is None:
                continue
            code = Brian2Synapses(p, p.rule, self.dt)
            for side, name in (("pre", p.source), ("post", p.target)):
                if name == group.name:
                    yield from code.trace_variables(side)

    def _show(self, group: Group, identifier: str) -> None:
        names = ["s_out"]
        if group.neuron is not None:
            names += [*group.neuron.quantities, *modulators_of(self.network, group)]
        for name in names:
            variable = name if name == "s_out" else safe_name(name)
            self._named(f"{group.name}.{name}", identifier, variable, (group.size,))

    def _projection(self, p: Projection) -> None:
        ends = group_name(p.source), group_name(p.target)
        sign = "-" if p.rule is not None and p.rule.polarity == "inhibitory" else "+"
        on_pre = f"{sent_name(p)}_post {sign}= w"
        code = None if p.rule is None else Brian2Synapses(p, p.rule, self.dt)
        held = ["w"] if code is None else list(code.variables())
        identifier = self.writer.synapses(p, ends, held, on_pre)
        if np.any(p.delay):
            steps = np.broadcast_to(p.delay, p.weights.shape)[p.is_connected]
            self.writer.set(identifier, "delay", steps * self.dt, unit=" * second")
        post = p.weights.shape[:1]
        self._named(f"{p.name}.a_out", ends[1], arrived_name(p), post)
        for signal in signals_of(p):
            self._named(f"{p.name}.{signal}", ends[1], safe_name(signal), post)
        if code is not None:
            sides = dict(zip(("pre", "post"), ends, strict=True))
            self.writer.traces(code, sides)
            self.writer.every_step(identifier, "after_synapses", code.code())
            show_synapses(self.writer, code, sides, identifier, self.record)

    def _named(
        self, name: str, identifier: str, variable: str, shape: tuple[int, ...]
    ) -> None:
        every_step = name in self.record
        self.writer.show(name, identifier, variable, shape, every_step)


def show_synapses(
    writer: ScriptWriter,
    code: Brian2Synapses,
    sides: Mapping[str, str],
    identifier: str,
    record: frozenset[str],
) -> None:
    """Save traces, tags and weights under the names of the reference."""
    projection, rule = code.projection, code.rule
    for trace in rule.traces:
        name = f"{projection.name}.{trace.name}"
        size = projection.weights.shape[1 if trace.source == "pre" else 0]
        symbol = code.symbol(trace.name)
        writer.show(name, sides[trace.source], symbol, (size,), name in record)
    synapses = (int(projection.is_connected.sum()),)
    for variable in ("weights", *(tag.name for tag in rule.tags)):
        name = f"{projection.name}.{variable}"
        symbol = code.symbol(variable)
        writer.show(name, identifier, symbol, synapses, name in record)


def _modulator_rows(name: str) -> str:
    return f"{safe_name(name)}_values"
