"""Assign: give every trace, tag and graded value a register of the engine.

In: terms over the rule's names. Out: the same with a slot for each name: x1, x2 for
pre traces, y1 to y3 for what comes from the post side, t for the tag. With a third
factor the post traces are the neuron's work too, since it then writes all y values.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, final

from ..diagnostics import Diagnostic
from ..hardware.chip import Chip
from ..rules.expr import Expr, Name
from ..rules.neuron import Neuron
from .coefficients import fit_coefficient, product_shift
from .draft import Draft, NeuronValue, SynapseDraft, Term, TraceSteps
from .passes import AbstractPass
from .sent_values import POST

HOLD = "hold"
"""Output that a neuron sends as a constant, to slow a tag's decay down."""

COARSE_DECAY = 0.03
"""Relative error of a decay above which a free y register makes it finer."""


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


@dataclass(frozen=True)
class NameOfOutputIsTaken(Diagnostic):
    """The neuron program would have two things of one name.

    What a neuron sends is called ``<projection>_<quantity>``, and so may be a state of
    the neuron, or what it sends to another projection.
    """

    code = "R213"
    title = "`{neuron}` would send `{name}` under a name that it uses already"
    note = "values for synapses are called <projection>_<quantity>"
    help = "rename projection `{projection}`, or what is called `{name}`"

    neuron: str
    name: str
    projection: str


@final
@dataclass(frozen=True)
class Assign(AbstractPass):
    """Number the registers in the order of declaration."""

    name: ClassVar[str] = "assign"

    def apply(self, draft: Draft) -> Draft:
        return replace(draft, synapses=tuple(_assign(draft, s) for s in draft.synapses))

    def ensures(self, draft: Draft) -> Iterable[Diagnostic]:
        for synapse in draft.synapses:
            yield from _decays_fit(draft, synapse)
        for group in draft.network.groups:
            if group.neuron is not None:
                yield from _outputs_have_own_names(draft, group.name, group.neuron)


def _outputs_have_own_names(
    draft: Draft, group: str, neuron: Neuron
) -> Iterable[Diagnostic]:
    taken = {p.name for p in neuron.ports} | set(neuron.quantities)
    for synapse in draft.synapses:
        if draft.network.projection(synapse.projection).target != group:
            continue
        for value in synapse.values:
            name = output_name(synapse.projection, value.symbol)
            if name in taken:
                args = (neuron.name, name, synapse.projection)
                yield NameOfOutputIsTaken(*args, span=synapse.rule.span)
            taken.add(name)


def output_name(projection: str, symbol: str) -> str:
    """Name what a neuron sends: two rules may read the same quantity."""
    return f"{projection}_{symbol.removeprefix(POST)}".replace(".", "_")


def _decays_fit(draft: Draft, synapse: SynapseDraft) -> Iterable[Diagnostic]:
    for tag in synapse.tags:
        if tag.tau_steps is None:
            continue
        rate = draft.epoch_steps / tag.tau_steps
        held = POST + HOLD in synapse.slots
        smallest = 2.0**-12 if held else smallest_decay(draft.chip)
        if rate < smallest * 0.75:
            longest = int(draft.epoch_steps / smallest)
            span = next(t.span for t in synapse.rule.tags if t.name == tag.name)
            yield DecayTooSlow(
                tag.name, tag.tau_steps, draft.chip.name, longest, span=span
            )


def _assign(draft: Draft, synapse: SynapseDraft) -> SynapseDraft:
    used = {a.name for t in synapse.terms for a in t.atoms if isinstance(a, Name)}
    of_pre = [t for t in synapse.traces if t.source == "pre" and t.name in used]
    # Payloads reach x1 alone.
    pre = [t.name for t in sorted(of_pre, key=lambda t: t.carries is None)]
    post = [t for t in synapse.traces if t.source == "post" and t.name in used]
    values = tuple(v for v in synapse.values if v.symbol in used)
    terms = synapse.terms
    free = draft.chip.graded_post_factors.value - len(values) - len(post)
    level = _hold_level(draft, synapse, free)
    unheard = any(not synapse.engine_hears(t) for t in post)
    third = bool(values) or bool(level) or unheard
    if third:
        # A third factor takes all y registers: the neuron computes the traces too.
        values = (*(_sent_trace(t) for t in post), *values)
    if level:
        values = (*values, NeuronValue(POST + HOLD, "constant", level=level))
        terms = tuple(_held(t, synapse) for t in terms)
    sent = [v.symbol for v in values] if third else [t.name for t in post]
    slots = {name: f"x{k}" for k, name in enumerate(pre, 1)}
    slots |= {name: f"y{k}" for k, name in enumerate(sent, 1)}
    slots |= {tag.name: "t" for tag in synapse.tags}
    return replace(synapse, values=values, third_factor=third, terms=terms, slots=slots)


def _sent_trace(trace: TraceSteps) -> NeuronValue:
    return NeuronValue(trace.name, "trace", trace=trace)


def _hold_level(draft: Draft, synapse: SynapseDraft, free: int) -> int:
    """Choose the constant that makes a tag's decay finer; 0 where none is needed.

    Alone a decay is mantissa * 2**exponent. Times a constant from the neuron it is
    shifted right, and so a multiple of 1/4096 that the floor rounds least.
    """
    chip, level = draft.chip, 0
    for tag in synapse.tags:
        if tag.tau_steps is None or not chip.graded_post_factors.value:
            continue
        rate = -math.expm1(-draft.epoch_steps / tag.tau_steps)
        widths = chip.factor_widths.value
        alone = 2.0 ** product_shift(chip, [widths["t"]])
        fits = fit_coefficient(rate * alone, chip.mantissa.value, chip.exponent.value)
        got = sum(f.mantissa * 2.0**f.exponent for f in fits) / alone
        possible = rate >= smallest_decay(chip)
        if abs(got - rate) <= COARSE_DECAY * rate or (possible and free < 1):
            continue
        shift = product_shift(chip, [widths["t"], widths["y1"]])
        level = _nearest_level(rate * 2.0 ** (shift - chip.exponent.value[0]), chip)
    return level


def smallest_decay(chip: Chip) -> float:
    """Give the smallest rate that a decay has without a constant from the neuron."""
    shift = product_shift(chip, [chip.factor_widths.value["t"]])
    return float(2.0 ** (chip.exponent.value[0] - shift))


def _nearest_level(wanted: float, chip: Chip) -> int:
    """Split a multiple of the smallest product into a mantissa and a 7-bit constant."""
    largest = chip.trace_max.value
    levels = {m: round(wanted / m) for m in range(1, chip.mantissa.value[1] + 1)}
    fitting = {m: level for m, level in levels.items() if 1 <= level <= largest}
    if not fitting:
        return 1
    return fitting[min(fitting, key=lambda m: (abs(m * fitting[m] - wanted), m))]


def _held(term: Term, synapse: SynapseDraft) -> Term:
    """Multiply a tag's decay by the constant: the product shift makes it finer."""
    decay: tuple[Expr, ...] = (Name(term.target),)
    if term.target in {t.name for t in synapse.tags} and term.atoms == decay:
        return replace(term, atoms=(*term.atoms, Name(POST + HOLD)))
    return term
