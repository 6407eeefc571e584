"""The synapses of one projection in float64: docs/semantics.md sections 1 and 2.

A Projection in, its rule compiled once; each step takes the spikes of both sides,
post quantities and modulators, and leaves new traces, tags and weights. Arrays are
(post, pre); what one side has alone is a row or a column, which numpy broadcasts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np

from ..rules.evaluate import evaluate
from ..rules.expr import PRE_VALUE, Side, Spike
from ..rules.network import Projection
from ..rules.rule import LearningRule, TraceDecl
from .reference_delays import on_the_way
from .reference_expressions import STEP, Compiled, Floats, Values, compile_expr
from .reference_gates import NEVER, compile_gates, gates_of
from .reference_names import quantities_read, reads_values
from .reference_stillness import compile_is_zero
from .reference_updates import UpdatesEverywhere
from .synapse_blocks import EVERYTHING, Block, blocks_of_spikes

PRE, POST = "spike pre", "spike post"
WEIGHT, DELAY = "the weight", "the delay"
EXISTS = "whether the synapse exists"

# What a block costs, measured in synapses that are computed where they stand: so many,
# and those of the block so many times.
BLOCK_COST, PICKED_COST = 1 << 13, 2


@dataclass(frozen=True)
class TraceUpdate:
    """A trace: whose spikes or events it follows and how it decays."""

    name: str
    side: Side
    spike_key: str
    decay: float
    nearest: bool


@dataclass(frozen=True, eq=False)
class WeightChange:
    """What a step did to the weights of a block."""

    block: Block
    before: Floats
    after: Floats


class ReferenceRule:
    """A learning rule with its expressions compiled."""

    def __init__(self, rule: LearningRule, dt_seconds: float) -> None:
        params = rule.values_at(dt_seconds)
        self.params = params
        self.low, self.high = (np.array(evaluate(b, params)) for b in rule.bounds)
        self.traces = [_trace_update(t, params, dt_seconds) for t in rule.traces]
        self.tag_decays = {
            t.name: 1.0
            if t.tau is None
            else math.exp(-dt_seconds / evaluate(t.tau, params))
            for t in rule.tags
        }
        self.exprs = {u.target: u.expr for u in rule.updates}
        self.updates: dict[str, Compiled] = {
            u.target: compile_expr(u.expr, params) for u in rule.updates
        }
        shared = frozenset(d.name for d in (*rule.traces, *rule.modulators)) | {
            PRE_VALUE
        }
        self.is_zero = {
            u.target: compile_is_zero(u.expr, params, shared) for u in rule.updates
        }
        gates = {u.target: gates_of(u.expr, params) for u in rule.updates}
        everywhere = reduce(frozenset.union, gates.values(), NEVER)
        gating = [{f.side for f in gate if isinstance(f, Spike)} for gate in everywhere]
        self.acts_on_spikes = all(gating)
        # Sides that every term needs a spike of; of none where one side is enough.
        self.needed_spikes = set.intersection(*gating) if gating else set[Side]()
        counted = (g for target, g in gates.items() if target != "delay")
        self.open_gates = compile_gates(reduce(frozenset.union, counted, NEVER))

    def written(
        self, old: Values, changes: Mapping[str, Floats]
    ) -> Iterator[tuple[str, Floats]]:
        """Give the new tags, weights and delays of some synapses."""
        for tag, decay in self.tag_decays.items():
            if tag in changes:
                written = old[tag] * decay + changes[tag]
                yield tag, written * old[EXISTS] if EXISTS in old else written
            elif decay != 1.0:
                yield tag, old[tag] * decay
        if "w" in changes:
            wanted = old[WEIGHT] + changes["w"]
            np.maximum(wanted, self.low, out=wanted)
            np.minimum(wanted, self.high, out=wanted)
            yield WEIGHT, wanted * old[EXISTS] if EXISTS in old else wanted
        if "delay" in changes:
            yield DELAY, np.maximum(old[DELAY] + changes["delay"], 0.0)

    def write(self, values: Values, changes: Mapping[str, Floats]) -> None:
        """Change all tags, weights and delays where they stand."""
        exists = values.get(EXISTS)
        for tag, decay in self.tag_decays.items():
            if decay != 1.0:
                np.multiply(values[tag], decay, out=values[tag])
            if tag in changes:
                _add(values[tag], changes[tag], exists)
        if "w" in changes:
            weight = values[WEIGHT]
            np.add(weight, changes["w"], out=weight)
            np.maximum(weight, self.low, out=weight)
            np.minimum(weight, self.high, out=weight)
            if exists is not None:
                np.multiply(weight, exists, out=weight)
        if "delay" in changes:
            delay = values[DELAY]
            np.maximum(delay + changes["delay"], 0.0, out=delay)


class ReferenceSynapses:
    """The weights of a projection and, where it learns, its traces and tags."""

    def __init__(self, projection: Projection, dt_seconds: float) -> None:
        self.projection = projection
        self.rule: ReferenceRule | None = None
        self.modulators: tuple[str, ...] = ()
        self.reads_values = False
        self.sign = 1.0
        post, pre = projection.weights.shape
        self.values: Values = {WEIGHT: projection.weights.astype(np.float64)}
        self.arrived: Floats = np.zeros(post)
        self._on_the_way = on_the_way(projection)
        if projection.rule is not None:
            self.sign = -1.0 if projection.rule.polarity == "inhibitory" else 1.0
            self.rule = ReferenceRule(projection.rule, dt_seconds)
            self.modulators = tuple(m.name for m in projection.rule.modulators)
            self.reads_values = reads_values(projection.rule)
            for trace in self.rule.traces:
                shape = (1, pre) if trace.side == "pre" else (post, 1)
                self.values[trace.name] = np.zeros(shape)
                self.values[f"before {trace.name}"] = np.zeros(shape)
            for name in quantities_read(projection.rule):
                self.values[f"post {name}"] = np.zeros((post, 1))
            for name in (POST, *self.modulators):
                self.values[name] = np.zeros((post, 1))
            for name in (PRE, PRE_VALUE):
                self.values[name] = np.zeros((1, pre))
            for name in (DELAY, *self.rule.tag_decays):
                self.values[name] = np.zeros((post, pre))
            if projection.connected is not None:
                self.values[EXISTS] = projection.connected.astype(np.float64)
            self._everywhere: UpdatesEverywhere | None = None

    def deliver(self) -> Floats:
        """Event 1: what was sent a step ago arrives."""
        self.arrived = self._on_the_way.next()
        return self.arrived

    def propagate(self, pre: Floats) -> None:
        """Send spikes on their way through the weights as they stand."""
        self._on_the_way.send(self.values[WEIGHT], self.sign * pre)

    def hear(self, step: int, pre: Floats, post: Floats, signals: Values) -> None:
        """Event 3: traces decay, then add this step's spikes.

        ``signals`` holds post quantities as columns and modulators.
        """
        assert self.rule is not None
        for name, signal in signals.items():
            self.values[name][...] = signal
        self.values[STEP] = step
        self.values[PRE][0] = pre
        self.values[POST][:, 0] = post
        for trace in self.rule.traces:
            spikes = self.values[trace.spike_key]
            now, before = self.values[trace.name], self.values[f"before {trace.name}"]
            np.multiply(now, trace.decay, out=before)
            if trace.nearest:
                now[...] = np.where(spikes != 0, spikes, before)
            else:
                np.add(before, spikes, out=now)

    def learn(self) -> None:
        """Event 4: all updates read old values, then all are written."""
        assert self.rule is not None
        rule, moving = self.rule, self._moving(self.rule)
        blocks = self._blocks(rule) if moving else EVERYTHING
        if blocks is EVERYTHING:
            rule.write(self.values, self._all_updates(rule).changes(moving))
        else:
            self._change(rule, moving, blocks)

    def change(self) -> list[WeightChange]:
        """Do the same, and say what became of the weights of each block."""
        assert self.rule is not None
        return self._change(self.rule, self.rule.updates, self._blocks(self.rule))

    def _all_updates(self, rule: ReferenceRule) -> UpdatesEverywhere:
        if self._everywhere is None:
            made = UpdatesEverywhere(rule.exprs, rule.params, self.values)
            self._everywhere = made
        return self._everywhere

    def _change(
        self, rule: ReferenceRule, targets: Iterable[str], blocks: tuple[Block, ...]
    ) -> list[WeightChange]:
        new = [self._changed(rule, targets, block) for block in blocks]
        if blocks is not EVERYTHING:
            rule.write(self.values, {})
        return [self._write(b, values) for b, values in zip(blocks, new, strict=True)]

    def _moving(self, rule: ReferenceRule) -> tuple[str, ...]:
        """Leave out targets whose updates are 0 everywhere."""
        if self.values[STEP] == 1:  # clips initial weights, whatever updates are
            return tuple(rule.updates)
        return tuple(
            t for t, is_zero in rule.is_zero.items() if not is_zero(self.values)
        )

    def _blocks(self, rule: ReferenceRule) -> tuple[Block, ...]:
        """Choose the synapses that may change, where that is cheaper than all."""
        first = self.values[STEP] == 1  # initial weights are clipped wherever they are
        if first or not rule.acts_on_spikes:
            return EVERYTHING
        pre, post = self.values[PRE], self.values[POST]
        blocks = blocks_of_spikes(pre, post, rule.needed_spikes)
        shape = self.projection.weights.shape
        cost = sum(BLOCK_COST + PICKED_COST * b.size_in(shape) for b in blocks)
        return blocks if cost < self.projection.weights.size else EVERYTHING

    def _changed(
        self, rule: ReferenceRule, targets: Iterable[str], block: Block
    ) -> dict[str, Floats]:
        old = self.values if block in EVERYTHING else block.cut(self.values)
        changes = {target: rule.updates[target](old) for target in targets}
        return dict(rule.written(old, changes))

    def _write(self, block: Block, new: Mapping[str, Floats]) -> WeightChange:
        if block in EVERYTHING:
            before = self.values[WEIGHT]
            self.values.update(new)
            return WeightChange(block, before, self.values[WEIGHT])
        before = self.values[WEIGHT][block.place]
        for name, values in new.items():
            self.values[name][block.place] = values
        return WeightChange(block, before, new.get(WEIGHT, before))


class Travel:
    """How often each synapse was updated in an open loop, and how far it went."""

    def __init__(self, synapses: ReferenceSynapses) -> None:
        self.synapses = synapses
        shape = synapses.projection.weights.shape
        self.updates: Floats = np.zeros(shape)
        self.travel: Floats = np.zeros(shape)

    def learn(self) -> None:
        """Let the synapses learn, and count open gates, also of updates by 0."""
        rule = self.synapses.rule
        assert rule is not None
        for change in self.synapses.change():
            # Gates are made of this step's spikes, which learning leaves alone.
            values = change.block.cut(self.synapses.values)
            self.updates[change.block.place] += rule.open_gates(values)
            self.travel[change.block.place] += np.abs(change.after - change.before)


def _add(values: Floats, change: Floats, exists: Floats | None) -> None:
    np.add(values, change, out=values)
    if exists is not None:
        np.multiply(values, exists, out=values)


def _trace_update(
    trace: TraceDecl, params: Mapping[str, float], dt_seconds: float
) -> TraceUpdate:
    decay = math.exp(-dt_seconds / evaluate(trace.tau, params))
    key = PRE if trace.source == "pre" else POST
    if trace.source == "pre" and trace.quantity:
        key = trace.follows
    elif trace.quantity:
        key = f"{trace.source} {trace.quantity}"
    nearest = trace.pairing == "nearest"
    return TraceUpdate(trace.name, trace.source, key, decay, nearest)
