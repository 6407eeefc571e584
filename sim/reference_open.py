"""The open loop of the float reference: only traces, tags and weights are computed.

docs/semantics.md section 2. A recording in, whose spikes, graded values and modulators
are replayed in the rule's units; what is left is the arithmetic of the synapses alone,
counted as the error budget needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..diagnostics import Diagnostic, require_no_errors
from ..hardware.program import View
from ..rules.expr import PRE_VALUE
from ..rules.network import Network, Projection
from ..rules.rule import LearningRule
from .recording import Recording, in_rule_units
from .reference_closed import Reader, as_column, bounded_modulators, synapse_readers
from .reference_expressions import Floats
from .reference_names import (
    quantities_read,
    reads_values,
    signals_of,
    synapse_variables,
)
from .reference_synapses import ReferenceSynapses, Travel
from .stimulus_needs import Stimulus

Rows = npt.NDArray[Any]


@dataclass(frozen=True)
class RecordingLacks(Diagnostic):
    """An open loop replays signals that were not recorded.

    It needs the spikes of both sides of every projection that learns, each post
    quantity that a rule reads, and the modulators (from the recording or a stimulus).
    """

    code = "S453"
    title = "the recording lacks `{symbol}`, which projection `{projection}` reads"
    note = "an open loop replays spikes, post quantities and modulators"
    help = "{advice}"

    symbol: str
    projection: str
    advice: str


@dataclass(frozen=True)
class RecordingDoesNotFit(Diagnostic):
    """A recorded signal is shorter than the run, or of another size.

    An open loop replays what was recorded, element by element; what is missing is
    not made up.
    """

    code = "S454"
    title = "recorded `{name}` has shape {shape}, not {wanted}"
    note = "an open loop runs as many steps as were recorded, or fewer"
    help = "give the recording of this network, and no more steps than it has"

    name: str
    shape: str
    wanted: str


class Replay:
    """Finds the signals of an open loop in a recording."""

    def __init__(
        self, recording: Recording, network: Network, stimulus: Stimulus, steps: int
    ) -> None:
        self.recording = recording
        self.network = network
        self.stimulus = stimulus
        self.steps = steps
        self.modulators = bounded_modulators(network, stimulus)
        self.problems: list[Diagnostic] = []

    def post_events(self, projection: Projection) -> Rows:
        """Give what a rule hears as ``post``: spikes, also of who sends values."""
        neuron = self.network.group(projection.target).neuron
        if neuron is not None and neuron.spike is not None and neuron.send is not None:
            return self._named(projection, projection.target, "spike")
        return self.spikes(projection, projection.target)

    def spikes(self, projection: Projection, group: str) -> Rows:
        """Give whether a group sent anything, from the recording or the stimulus."""
        return self._named(projection, group, "s_out")

    def _named(self, projection: Projection, group: str, signal: str) -> Rows:
        name = f"{group}.{signal}"
        if name in self.recording:
            rows: Rows = np.asarray(self.recording[name])
        elif group in self.stimulus.spikes:
            rows = np.asarray(self.stimulus.spikes[group])
        else:
            return self._lacking(projection, name, f"record=[{name!r}]")
        return self._fitting(name, rows != 0, self.network.group(group).size)

    def sent_values(self, projection: Projection) -> Rows:
        """Give what the source sent, in the rule's units."""
        name = f"{projection.source}.s_out"
        if name not in self.recording:
            return self._lacking(projection, name, f"record=[{name!r}]")
        values = in_rule_units(self.recording[name], self.recording.view(name))
        size = self.network.group(projection.source).size
        return self._fitting(name, values, size)

    def quantity(self, projection: Projection, quantity: str) -> Rows:
        """Give a post quantity in the rule's units."""
        found = self._through_views(projection, quantity)
        if found is None:
            symbol = f"{projection.target}.{quantity}"
            return self._lacking(projection, symbol, self._advice(projection, quantity))
        return found

    def modulator(self, projection: Projection, name: str) -> Rows:
        """Give a modulator as the neuron sent it, else as the stimulus has it."""
        found = self._through_views(projection, name)
        if found is not None:
            return found
        if name not in self.modulators:
            symbol = f"{projection.target}.{name}"
            advice = "give the stimulus of the recorded run as well"
            return self._lacking(projection, symbol, advice)
        rows = self.modulators[name]
        return self._fitting(name, rows, rows.shape[1] if rows.ndim == 2 else None)

    def _through_views(self, projection: Projection, quantity: str) -> Rows | None:
        size = self.network.group(projection.target).size
        candidates = list(self._views(projection, quantity))
        recorded = [v for v in candidates if v.variable in self.recording]
        if not recorded:
            return None
        # What travels to the synapse has fewer bits than the neuron's own register.
        name = min(recorded, key=lambda v: abs(v.scale)).variable
        values = in_rule_units(self.recording[name], self.recording.view(name))
        return self._fitting(name, values, size)

    def _views(self, projection: Projection, quantity: str) -> Iterator[View]:
        symbols = [f"{projection.target}.{quantity}"]
        if quantity in signals_of(projection):
            symbols.append(f"{projection.name}.{quantity}")
        yield from (v for v in self.recording.views if v.symbol in symbols)
        if self.recording.provenance.units == "rule":
            yield View(symbols[0], symbols[0], 1.0)

    def _advice(self, projection: Projection, quantity: str) -> str:
        names = [v.variable for v in self._views(projection, quantity)]
        if not names:
            return "the program keeps no such value; only a closed loop can run"
        return f"record it: record=[{names[0]!r}]"

    def _lacking(self, projection: Projection, symbol: str, advice: str) -> Rows:
        self.problems.append(RecordingLacks(symbol, projection.name, advice))
        return np.zeros(self.steps)

    def _fitting(self, name: str, rows: Rows, size: int | None) -> Rows:
        wanted: tuple[int, ...] = () if size is None else (size,)
        if rows.shape[1:] != wanted or len(rows) < self.steps:
            asked = str((self.steps, *wanted))
            self.problems.append(RecordingDoesNotFit(name, str(rows.shape), asked))
        return rows


@dataclass(frozen=True)
class ReplayedSynapses:
    """A projection that learns, and the rows it replays."""

    synapses: ReferenceSynapses
    counter: Travel
    pre: Rows
    post: Rows
    signals: Mapping[str, Rows]

    def step(self, t: int) -> None:
        """Let the recorded signals of step t act on the synapses."""
        pre, post = (rows[t - 1].astype(np.float64) for rows in (self.pre, self.post))
        now = {key: as_column(rows[t - 1]) for key, rows in self.signals.items()}
        if PRE_VALUE in now:
            now[PRE_VALUE] = now[PRE_VALUE].T
        self.synapses.hear(t, pre, post, now)
        self.counter.learn()


class OpenLoop:
    """All projections of a network that learn, driven by a recording."""

    def __init__(
        self,
        network: Network,
        stimulus: Stimulus,
        steps: int,
        given: Recording,
        dt_seconds: float,
    ) -> None:
        self.network = network
        replay = Replay(given, network, stimulus, steps)
        self.parts = [
            _replayed(p, p.rule, replay, dt_seconds)
            for p in network.projections
            if p.rule is not None
        ]
        require_no_errors(_each_once(replay.problems))

    def step(self, t: int) -> None:
        """Replay step t, counted from 1."""
        for part in self.parts:
            part.step(t)

    def readers(self) -> dict[str, Reader]:
        """Give a function for each variable that reads its value of this step."""
        found: dict[str, Reader] = {}
        for part in self.parts:
            found.update(synapse_readers(part.synapses))
        return {name: found[name] for name in synapse_variables(self.network)}

    def extra_final(self) -> Mapping[str, Floats]:
        """Give the number of gated updates of each synapse, and the way it went."""
        final: dict[str, Floats] = {}
        for part in self.parts:
            name = part.synapses.projection.name
            final[f"{name}.updates"] = part.counter.updates
            final[f"{name}.travel"] = part.counter.travel
        return final


def _replayed(
    projection: Projection, rule: LearningRule, replay: Replay, dt_seconds: float
) -> ReplayedSynapses:
    synapses = ReferenceSynapses(projection, dt_seconds)
    signals = {m.name: replay.modulator(projection, m.name) for m in rule.modulators}
    for name in quantities_read(rule):
        signals[f"post {name}"] = replay.quantity(projection, name)
    if reads_values(rule):
        signals[PRE_VALUE] = replay.sent_values(projection)
    return ReplayedSynapses(
        synapses,
        Travel(synapses),
        replay.spikes(projection, projection.source),
        replay.post_events(projection),
        signals,
    )


def _each_once(problems: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(dict.fromkeys(problems))
