"""Choose by sample data: clips of weights, ranges of membranes, decays, thresholds.

A network and samples in, a Calibration out. Everything is judged in float64, with
the numbers rounded that the chip rounds; the integers are run afterwards, once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from ..compiler.calibration import Calibration, with_threshold_times
from ..compiler.compile import compile_network
from ..compiler.leaks import leak_of
from ..compiler.weights import largest_stored, sign_mode_of, threshold_of
from ..hardware.chip import Chip
from ..hardware.formats import DECAY_ONE, effective_decay, round_weights
from ..rules.expr import Const
from ..rules.network import FloatArray, Group, Network, Projection
from ..rules.neuron import Neuron, StateDecl
from ..sim.reference_samples import SampleRun, run_samples
from .samples import Samples
from .stages import with_stored_weights

MARGIN = 1.5
"""Room above the largest magnitude that the samples show."""
CLIPS = (1.0, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5)
"""Shares of the largest weight that are tried as the largest stored one."""
FACTORS = (1.0, 0.999, 1.001, 0.9975, 1.0025, 0.995, 1.005, 0.99, 1.01, 0.98, 1.02)
"""Factors on a threshold that are tried, the nearest to 1 first."""
WORTH = 0.95
"""A choice is moved only where at most this share of its errors is left."""
SEARCHED = 64
"""Samples that decays and thresholds are chosen by; all show ranges and clips."""


@dataclass(frozen=True)
class Floats:
    """What the float network did on the samples: the aim of every choice."""

    network: Network
    samples: Samples
    run: SampleRun
    steps: int


def float_run(network: Network, samples: Samples, dt_seconds: float) -> Floats:
    """Run the float network with all that choosing and judging reads."""
    longest = max(g.latency for g in network.groups)
    steps = samples.steps + longest
    record = [f"{g.name}.s_out" for g in network.groups]
    record += [
        f"{g.name}.{g.neuron.states[-1].name}"
        for g in network.groups
        if g.neuron is not None and g.neuron.states
    ]
    run = run_samples(
        network, samples.inputs, steps, dt_seconds=dt_seconds, record=record
    )
    return Floats(network, samples, run, steps)


def calibrate(floats: Floats, chip: Chip, dt_seconds: float) -> Calibration:
    """Choose everything, in the order in which one choice depends on another."""
    ranges = Calibration(
        clips=dict(_clips(floats, chip)),
        peaks=dict(_peaks(floats)),
    )
    program = compile_network(
        floats.network, chip=chip, dt_seconds=dt_seconds, calibration=ranges
    )
    stored = with_stored_weights(floats.network, program)
    decays: dict[str, int] = {}
    thresholds: dict[str, float] = {}
    for group in stored.groups:
        if group.neuron is not None:
            found = _Layer(floats, stored, group, dt_seconds).choose()
            decays |= {f"{group.name}.{n}": d for n, d in found.decays.items()}
            if found.factor != 1.0:
                thresholds[group.name] = found.factor
    return replace(ranges, decays=decays, thresholds=thresholds)


def _peaks(floats: Floats) -> Iterator[tuple[str, float]]:
    for group in floats.network.groups:
        prefix = f"{group.name}."
        found = [v for n, v in floats.run.peaks.items() if n.startswith(prefix)]
        if found and max(found) > 0:
            yield group.name, MARGIN * max(found)


# --- weights ----------------------------------------------------------------------


def _clips(floats: Floats, chip: Chip) -> Iterator[tuple[str, float]]:
    for projection in floats.network.projections:
        sent = floats.run.variables[f"{projection.source}.s_out"]
        largest = float(np.abs(projection.weights).max(initial=0.0))
        if largest > 0 and projection.rule is None:
            share = best_clip(projection, sent.sum(axis=1), chip)
            if share < 1.0:
                yield projection.name, share * largest


def best_clip(projection: Projection, counts: FloatArray, chip: Chip) -> float:
    """Choose the largest stored weight, as a share of the largest there is.

    ``counts`` (samples, pre) is what arrived during a sample. The best clip has the
    least mean square error of what it adds to the membranes; a rough grid costs every
    weight something, a clip the few that are largest.
    """
    second = counts.T @ counts / len(counts)
    largest = float(np.abs(projection.weights).max())
    mode = sign_mode_of(projection)
    stored, limits = largest_stored(chip, mode), chip.weight_ranges.value[mode]
    errors = []
    for share in CLIPS:
        scale = stored / (share * largest)
        got = round_weights(
            projection.weights * scale, chip.weight_bits.value, mode, limits
        )
        error = got / scale - projection.weights
        errors.append(float(((error @ second) * error).sum()))
    best = int(np.argmin(errors))
    return CLIPS[best] if errors[best] < WORTH * errors[0] else 1.0


# --- decays and thresholds --------------------------------------------------------


@dataclass(frozen=True)
class LayerChoice:
    """What was chosen for a group."""

    decays: Mapping[str, int]
    factor: float


class _Layer:
    """A group alone, hearing what its sources sent in float."""

    def __init__(
        self, floats: Floats, stored: Network, group: Group, dt_seconds: float
    ) -> None:
        self.group, self.dt_seconds = group, dt_seconds
        self.steps = floats.steps
        which = floats.samples.first(min(SEARCHED, floats.samples.count))
        every = np.linspace(0, floats.samples.count - 1, which.count).round()
        chosen = np.unique(every.astype(int))
        incoming = [p for p in stored.projections if p.target == group.name]
        sources = dict.fromkeys(p.source for p in incoming)
        sent = floats.run.variables
        self.inputs = {f"sent {n}": sent[f"{n}.s_out"][chosen] for n in sources}
        self.alone = Network(
            group.name,
            (*(_replayed(stored.group(n)) for n in sources), group),
            tuple(replace(p, source=f"sent {p.source}") for p in incoming),
            dt_seconds,
        )
        assert group.neuron is not None
        spikes = group.neuron.can_send
        what = "s_out" if spikes else group.neuron.states[-1].name
        self.wanted = f"{group.name}.{what}"
        self.aim = sent[self.wanted][chosen]

    def choose(self) -> LayerChoice:
        """Try all roundings of decays, and thresholds nearby."""
        plain = LayerChoice({}, 1.0)
        if not self.inputs or not self.group.neuron:
            return plain
        factors = FACTORS if threshold_of(self.group) is not None else (1.0,)
        options = [
            LayerChoice(decays, factor)
            for decays in self._decays()
            for factor in factors
        ]
        least = self._errors(plain)
        best = plain
        for option in options:
            errors = self._errors(option)
            if errors < WORTH * least:
                best, least = option, errors
        return best

    def _decays(self) -> Iterator[dict[str, int]]:
        """Both neighbours of each decay that is no whole number of 4096ths."""
        assert self.group.neuron is not None
        between: dict[str, tuple[int, int]] = {}
        for state in self.group.neuron.states:
            leak = leak_of(state, self.group.neuron)
            if leak:
                exact = self.dt_seconds / leak * DECAY_ONE
                nearest = max(effective_decay(self.dt_seconds / leak), 1)
                other = math.floor(exact) if nearest > exact else math.ceil(exact)
                if 1 <= other <= DECAY_ONE and other != nearest:
                    between[state.name] = (nearest, other)
        for values in product(*between.values()):
            yield dict(zip(between, values, strict=True))

    def _errors(self, choice: LayerChoice) -> float:
        """Sum up what differs from float: spikes, or squares of values."""
        neuron = self.group.neuron
        assert neuron is not None
        states = tuple(self._rounded(s, choice, neuron) for s in neuron.states)
        neuron = with_threshold_times(replace(neuron, states=states), choice.factor)
        group = replace(self.group, neuron=neuron)
        alone = replace(self.alone, groups=(*self.alone.groups[:-1], group))
        run = run_samples(
            alone,
            self.inputs,
            self.steps,
            dt_seconds=self.dt_seconds,
            record=[self.wanted],
        )
        return float(((run.variables[self.wanted] - self.aim) ** 2).sum())

    def _rounded(
        self, state: StateDecl, choice: LayerChoice, neuron: Neuron
    ) -> StateDecl:
        """Let a state leak as its decay register makes it."""
        leak = leak_of(state, neuron)
        if not leak:
            return state
        nearest = max(effective_decay(self.dt_seconds / leak), 1)
        decay = choice.decays.get(state.name, nearest)
        return replace(state, leak=Const(self.dt_seconds * DECAY_ONE / decay))


def _replayed(group: Group) -> Group:
    """Turn a group into an input that sends what it sent."""
    return Group(f"sent {group.name}", group.size, graded=group.sends)
