"""Forecast the error of a rule's weights against the float reference.

In: a quantised rule and mean rates. Out: what a sample of synapses differs by after a
number of steps. Beside the float value of every trace, tag and weight the sample
carries the value with the errors that the compiler knows of: coefficients that were
fitted, floors of shifted products, registers rounded at random, values sent in 7 bits.
It is computed from the compiler's own log and never from the Program, so that a mistake
in lowering does not widen the error that it is judged by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..rules.expr import Binary, Const, Every, Expr, Name, Spike, walk
from .array_expressions import Floats, Stepwise, over_steps, reader
from .assign import HOLD
from .constants import with_numbers
from .draft import Draft, FittedTerm, SynapseDraft, Term
from .forecast_bits import Bits, Truths
from .forecast_moments import Moments
from .forecast_products import FloorLoss, sums_of_products, target_of
from .forecast_registers import Registers, is_decay
from .forecast_signals import Signals, draw_signals
from .forecast_traces import exact_leaves, stored_values
from .sent_values import POST

STEPS = 1000
SYNAPSES = 256
SEED = 1  # any: the same for all programs
LOOKS = (0.125, 0.25, 0.5, 1.0)
"""Parts of the way after which a sample is looked at: later, weights may saturate."""


@dataclass(frozen=True, eq=False)
class Forecast:
    """A sample of synapses, looked at several times; arrays (times, synapses).

    The last time is after all steps. ``errors`` are stored less wanted weights, in
    LSB; ``updates`` counts the steps until then in which a gate of the rule was open;
    ``travel`` adds up the absolute changes of the wanted weight, in LSB. ``floors`` is
    what the product shift took from a mean synapse: LSB of the target of each fitted
    term, after all steps.
    """

    steps: int
    errors: Floats
    updates: Floats
    travel: Floats
    post_rate_per_step: float
    floors: tuple[float, ...] = ()

    @property
    def error(self) -> Floats:
        """The errors after all steps (synapses,)."""
        return np.asarray(self.errors[-1])

    def times(self, unit: float) -> Forecast:
        """Give the same in LSB of which so many are one of these."""
        return replace(self, errors=self.errors * unit, travel=self.travel * unit)

    def plus(self, other: Forecast) -> Forecast:
        """Add the error of another part of the rule, of the same synapses."""
        return Forecast(
            self.steps,
            self.errors + other.errors,
            np.maximum(self.updates, other.updates),
            self.travel + other.travel,
            self.post_rate_per_step,
            self.floors + other.floors,
        )


def forecast(
    draft: Draft, synapse: SynapseDraft, weights: Floats, part: int | None = None
) -> Forecast:
    """Follow a sample of synapses, each with neurons of its own.

    They start with some of the ``weights``, in the rule's units. The parts of a rule,
    numbered from 0, hear the same spikes and are rounded by other random numbers.
    """
    with np.errstate(all="ignore"):  # a branch that is not chosen may be no number
        signals = draw_signals(draft, synapse, Bits(SEED), (STEPS, SYNAPSES))
        bits = Bits(SEED + 1 + (part or 0))
        gates = [_gate(fitted, signals, draft.epoch_steps) for fitted in synapse.fitted]
        opened = _opened(synapse, gates, signals)
        always = part is not None or _changes_always(draft, synapse)
        moments = Moments.of(opened, every_step=always)
        changes = _exact_changes(draft, synapse, signals, moments)
        losses = [FloorLoss() for _ in synapse.fitted]
        sums = _stored_changes(draft, synapse, signals, gates, moments, bits, losses)
        registers = Registers(draft, synapse, weights, bits, moments)
        updates = moments.updates(opened)
        followed = _followed(registers, changes, sums, updates, signals)
        return replace(followed, floors=tuple(loss.mean for loss in losses))


def _followed(
    registers: Registers,
    changes: dict[Expr, Stepwise],
    sums: dict[Expr, Stepwise],
    updates: Floats,
    signals: Signals,
) -> Forecast:
    """Let the sample learn, and look at it after every part of the way."""
    rows, start, count = [], 0, len(updates)
    for share in LOOKS:
        stop = count if share == 1 else int(count * share)
        stop -= 0 if share == 1 else stop % registers.epoch
        if stop > start:
            registers.follow(changes, sums, range(start, stop))
            rows.append((registers.error(), updates[stop - 1], registers.travel()))
            start = stop
    if not rows:  # nothing ever acts
        nothing = np.zeros(updates.shape[1])
        rows.append((registers.error(), nothing, nothing))
    errors, counts, ways = (np.stack(column) for column in zip(*rows, strict=True))
    return Forecast(STEPS, errors, counts, ways, signals.post_rate_per_step)


def _stored_changes(
    draft: Draft,
    synapse: SynapseDraft,
    signals: Signals,
    gates: list[Truths],
    moments: Moments,
    bits: Bits,
    losses: list[FloorLoss],
) -> dict[Expr, Stepwise]:
    stored = stored_values(draft, synapse, signals, bits)
    read = {name: moments.pick(values) for name, values in stored.items()}
    read |= {"pre": moments.pick(signals.pre), "post": moments.pick(signals.post)}
    opened = [moments.pick(gate) * moments.real for gate in gates]
    return sums_of_products(draft, synapse, read, opened, losses)


def _exact_changes(
    draft: Draft, synapse: SynapseDraft, signals: Signals, moments: Moments
) -> dict[Expr, Stepwise]:
    """Compile the rule as its author wrote it."""
    leaves = exact_leaves(synapse, signals)
    exprs = _updates(draft, synapse)
    read = {node for expr in exprs.values() for node in walk(expr)}
    known = {n: moments.pick(leaves[n]) for n in read if n in leaves}
    for node in read:
        if isinstance(node, Every):
            known[node] = moments.pick(_every(node.steps, signals))
    return {
        target_of(target): moments.only_real(reader(over_steps(expr, known)))
        for target, expr in exprs.items()
    }


def _updates(draft: Draft, synapse: SynapseDraft) -> dict[str, Expr]:
    """Give the updates as written; of a part of a rule, the terms that it has."""
    rule = draft.network.projection(synapse.projection).rule
    assert rule is not None  # it has a SynapseDraft
    if draft.written(synapse.projection).name == synapse.projection:
        values = rule.values_at(draft.dt_seconds)
        return {u.target: with_numbers(u.expr, values) for u in rule.updates}
    found: dict[str, Expr] = {}
    for term in (t for t in synapse.terms if not is_decay(t)):
        expr = _as_written(term)
        known = found.get(term.target)
        found[term.target] = expr if known is None else Binary("+", known, expr)
    return found


def _as_written(term: Term) -> Expr:
    """Write a term as an expression, gate included."""
    held = Name(POST + HOLD)  # what makes a decay finer is worth 1
    factors = [atom for atom in term.atoms if atom != held]
    if term.gate != "u":
        factors.append(Spike("pre" if term.gate == "x0" else "post"))
    elif term.every:
        factors.append(Every(term.every))
    expr: Expr = Const(term.coefficient)
    for factor in factors:
        expr = Binary("*", expr, factor)
    return expr


# --- when a synapse changes -------------------------------------------------------


def _gate(fitted: FittedTerm, signals: Signals, epoch: int) -> Truths:
    """Tell when the engine evaluates a term: at the last spike of an epoch."""
    term = fitted.term
    if term.gate == "u":
        return _every(term.every or epoch, signals)
    spikes = signals.pre if term.gate == "x0" else signals.post
    return spikes if epoch == 1 else _last_of_epoch(spikes, epoch)


def _every(period: int, signals: Signals) -> Truths:
    steps, synapses = signals.shape
    opened = np.arange(1, steps + 1) % period == 0
    return np.broadcast_to(opened[:, None], (steps, synapses))


def _last_of_epoch(spikes: Truths, epoch: int) -> Truths:
    """Keep the last spike of every epoch."""
    steps, synapses = spikes.shape
    whole = -(-steps // epoch) * epoch
    padded = np.zeros((whole, synapses), np.bool_)
    padded[:steps] = spikes
    cut = padded.reshape(-1, epoch, synapses)
    later = np.cumsum(cut[:, ::-1], axis=1)[:, ::-1]
    last: Truths = cut & (later == 1)
    return last.reshape(whole, synapses)[:steps]


def _opened(synapse: SynapseDraft, gates: list[Truths], signals: Signals) -> Truths:
    """Tell when a term that the user wrote acts; decays of tags are not counted."""
    opened = np.zeros(signals.shape, np.bool_)
    for fitted, gate in zip(synapse.fitted, gates, strict=True):
        if is_decay(fitted.term):
            continue
        for atom in fitted.term.atoms:
            if isinstance(atom, Spike):
                gate = gate & (signals.pre if atom.side == "pre" else signals.post)
        opened |= gate
    return opened


def _changes_always(draft: Draft, synapse: SynapseDraft) -> bool:
    decays = any(tag.tau_steps is not None for tag in synapse.tags)
    return decays or synapse.collects or draft.epoch_steps > 1
