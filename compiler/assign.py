"""Assign: give every trace, tag and graded value a register of the engine.

In: terms over the rule's names. Out: the same with a slot for each name: x1, x2 for
pre traces, y1 to y3 for what comes from the post side, t for the tag. With a third
factor the post traces are the neuron's work too, since it then writes all y values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, final

from ..diagnostics import Diagnostic
from ..rules.expr import Const, Expr, Name
from .draft import Draft, NeuronValue, SynapseDraft, TagSteps, Term, TraceSteps
from .passes import AbstractPass
from .place import SMALLEST_NATIVE_DECAY

HOLD = "hold"
"""Symbol of the constant that a neuron sends to slow a tag's decay down."""


@dataclass(frozen=True)
class TooManyRegisters(Diagnostic):
    """A synapse has two pre traces and three values from the post side.

    Post traces, graded quantities and modulators share the three y registers.
    """

    code = "R220"
    title = "`{rule}` needs {needed} {side}-side registers; {chip} has {limit}"
    note = "used for: {names} ({source})"
    help = "share time constants, or let the neuron combine quantities in one Output"

    rule: str
    side: str
    needed: int
    chip: str
    limit: int
    names: str
    source: str


@dataclass(frozen=True)
class DecayTooSlow(Diagnostic):
    """The tag decays by less than the engine's smallest step in an epoch.

    The smallest product is tag * 2**-7; slower decays need a constant that the neuron
    sends as a third factor (down to 2**-12), and a free y register for it.
    """

    code = "R221"
    title = "the decay of `{tag}` (tau {tau:.6g} steps) is too slow for {chip}"
    note = "smallest rate: 1/128 an epoch alone, 1/4096 with a constant from the neuron"
    help = "use a tau below {longest} steps, a longer epoch, or a larger dt"

    tag: str
    tau: float
    chip: str
    longest: int


@final
@dataclass(frozen=True)
class Assign(AbstractPass):
    """Number the registers in the order of declaration."""

    name: ClassVar[str] = "assign"

    def apply(self, draft: Draft) -> Draft:
        return replace(
            draft, synapses=tuple(_assign(s, draft.epoch_steps) for s in draft.synapses)
        )

    def ensures(self, draft: Draft) -> Iterable[Diagnostic]:
        chip = draft.chip
        for synapse in draft.synapses:
            for side, letter, limit in (
                ("pre", "x", chip.pre_traces),
                ("post", "y", chip.post_traces),
            ):
                names = [n for n, s in synapse.slots.items() if s[0] == letter]
                if len(names) > limit.value:
                    args = (synapse.rule.name, side, len(names), chip.name)
                    listed = ", ".join(names)
                    span = synapse.rule.span
                    yield TooManyRegisters(
                        *args, limit.value, listed, limit.source, span=span
                    )
            yield from _decays_fit(draft, synapse)


def _decays_fit(draft: Draft, synapse: SynapseDraft) -> Iterable[Diagnostic]:
    for tag in synapse.tags:
        if tag.tau_steps is None:
            continue
        rate = draft.epoch_steps / tag.tau_steps
        held = HOLD in synapse.slots
        smallest = 2.0**-12 if held else SMALLEST_NATIVE_DECAY
        if rate < smallest * 0.75:
            longest = int(draft.epoch_steps / smallest)
            span = synapse.rule.span
            yield DecayTooSlow(
                tag.name, tag.tau_steps, draft.chip.name, longest, span=span
            )


def _assign(synapse: SynapseDraft, epoch: int) -> SynapseDraft:
    used = {a.name for t in synapse.terms for a in t.atoms if isinstance(a, Name)}
    pre = [t.name for t in synapse.traces if t.source == "pre" and t.name in used]
    post = [t for t in synapse.traces if t.source == "post" and t.name in used]
    values = synapse.values
    terms = synapse.terms
    if synapse.third_factor:
        values = (*(_sent_trace(t) for t in post), *values)
        if any(_needs_hold(t, epoch) for t in synapse.tags):
            values = (*values, NeuronValue(HOLD, "constant", Const(1.0), level=1))
            terms = tuple(_held(t, synapse) for t in terms)
    sent = [v.symbol for v in values] if synapse.third_factor else [t.name for t in post]
    slots = {name: f"x{k}" for k, name in enumerate(pre, 1)}
    slots |= {name: f"y{k}" for k, name in enumerate(sent, 1)}
    slots |= {tag.name: "t" for tag in synapse.tags}
    return replace(synapse, values=values, terms=terms, slots=slots)


def _sent_trace(trace: TraceSteps) -> NeuronValue:
    return NeuronValue(trace.name, "trace", trace=trace)


def _needs_hold(tag: TagSteps, epoch: int) -> bool:
    return tag.tau_steps is not None and epoch / tag.tau_steps < SMALLEST_NATIVE_DECAY


def _held(term: Term, synapse: SynapseDraft) -> Term:
    """Multiply a tag's decay by the constant: the product shift makes it finer."""
    decay: tuple[Expr, ...] = (Name(term.target),)
    if term.target in {t.name for t in synapse.tags} and term.atoms == decay:
        return replace(term, atoms=(*term.atoms, Name(HOLD)))
    return term
