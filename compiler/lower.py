"""Lower: emit the Program, and say for every term what became of it.

In: a draft with scales and fitted terms. Out: populations with integer neuron
programs, connections with integer weights and products, and the views that read them
back in the rule's units.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, final

import numpy as np

from ..diagnostics import Diagnostic
from ..hardware.formats import clamp, round_half_even, round_weights, tau_256
from ..hardware.program import (
    Connection,
    Factor,
    IntArray,
    Learning,
    Modulator,
    Population,
    Product,
    Program,
    SignMode,
    Source,
    TraceProgram,
    Variable,
    View,
)
from ..hardware.report import Rounding, TermReport, TermStatus
from ..rules.expr import Expr, Name
from ..rules.network import FloatArray, Group, Projection
from ..rules.printer import print_network
from .assign import output_name
from .budget import budget_of
from .draft import Draft, FittedTerm, SynapseDraft
from .legalise import modulator_bounds
from .neuron_program import CompiledNeuron, SentValue, compile_neuron
from .passes import AbstractPass
from .place import POST
from .quantise import SIGNED_RANGE, factor_variable
from .ranges import COARSE
from .weights import sign_mode_of

SIGNED_OFFSET = SIGNED_RANGE + 1
LONGEST_TAU_256 = 2**31 - 1  # Programs hold 32-bit integers
SEED_STRIDE = 16  # streams of one connection use seed .. seed + 3


@dataclass(frozen=True)
class DecayIsCoarse(Diagnostic):
    """A time constant is rounded by more than 5 %.

    Neurons decay by a multiple of 1/4096 in a step, traces of the engine have a time
    constant in 1/256 steps. Beyond 4096 steps a neuron cannot forget slowly enough.
    """

    code = "L08"
    severity = "warning"
    title = "`{parameter}` is {got:.4g} instead of {wanted:.4g} on {chip}"
    note = "a neuron loses a multiple of 1/4096 in a step, at least one"
    help = "use {got:.4g}, a larger dt, or no leak at all"

    parameter: str
    wanted: float
    got: float
    chip: str


@final
@dataclass(frozen=True)
class Lower(AbstractPass):
    """Write the integers down.

    1. group with a neuron model   ->  population with a neuron program
    2. projection                  ->  connection with stored weights
    3. fitted term                 ->  one or two products
    4. value + 64 on a y register  ->  factor (y - 64)
    """

    name: ClassVar[str] = "lower"

    def apply(self, draft: Draft) -> Draft:
        neurons = {g.name: _neuron(draft, g) for g in draft.network.groups if g.neuron}
        connections, roundings = [], []
        for index, projection in enumerate(draft.network.projections):
            connection, rounded = _connection(draft, projection, neurons, index)
            connections.append(connection)
            roundings += rounded
        text, arrays = print_network(
            replace(draft.network, dt_seconds=draft.dt_seconds)
        )
        program = Program(
            name=draft.network.name,
            chip=draft.chip.name,
            profile=COMPILED_PROFILE,
            dt_seconds=draft.dt_seconds,
            populations=tuple(
                Population(
                    g.name, g.size, neurons[g.name].program if g.neuron else None
                )
                for g in draft.network.groups
            ),
            connections=tuple(connections),
            modulators=tuple(_modulators(draft, neurons)),
            views=tuple(_views(draft, neurons)),
            budgets=tuple(budget_of(draft, s) for s in draft.synapses),
            product_shift_base=draft.chip.product_shift_base.value,
            source=Source(text, arrays),
        )
        for neuron in neurons.values():
            roundings += neuron.roundings
        terms = tuple(t for s in draft.synapses for t in _term_reports(s))
        draft = draft.logging(terms=terms, roundings=tuple(roundings))
        return replace(draft, program=program)

    def ensures(self, draft: Draft) -> Iterable[Diagnostic]:
        for r in draft.log.roundings:
            is_decay = r.parameter.endswith((".leak", ".tau"))
            if is_decay and abs(r.relative_error) > COARSE:
                yield DecayIsCoarse(r.parameter, r.wanted, r.got, draft.chip.name)


COMPILED_PROFILE = "loihi2"
"""Both chips share the published arithmetic; what Lava does differently is a run's."""


# --- neurons ----------------------------------------------------------------------


def _synapses_onto(draft: Draft, group: str) -> list[SynapseDraft]:
    return [
        s
        for s in draft.synapses
        if draft.network.projection(s.projection).target == group
    ]


def _neuron(draft: Draft, group: Group) -> CompiledNeuron:
    assert group.neuron is not None
    sent: list[SentValue] = []
    read = {m.name for m in group.neuron.modulators}
    for synapse in _synapses_onto(draft, group.name):
        read |= {m.name for m in synapse.rule.modulators}
        sent += [
            SentValue(
                output_name(synapse.projection, value.symbol),
                value,
                synapse.scales[value.symbol],
            )
            for value in synapse.values
        ]
    bounds = modulator_bounds(draft.network)
    ports = group.neuron.ports
    return compile_neuron(
        group.neuron,
        chip=draft.chip,
        dt_seconds=draft.dt_seconds,
        owner=group.name,
        input_scale=draft.arrival_scale[group.name],
        arrivals={p.name: most_arrives(draft, group, p.name) for p in ports},
        sent=tuple(sent),
        modulator_ranges={n: bounds[n] for n in bounds if n in read},
    )


def most_arrives(draft: Draft, group: Group, port: str) -> int:
    """Bound what arrives at a port in a step, whatever is learned."""
    total = 0
    for p in draft.network.projections:
        if (p.target, p.port) != (group.name, port):
            continue
        scale, mode = draft.weights[p.name], sign_mode_of(p)
        limit = max(map(abs, draft.chip.weight_ranges.value[mode]))
        sums = np.full(group.size, limit * p.weights.shape[1])
        if p.rule is None:
            stored = store_weights(p.weights, scale.scale, mode, draft)
            sums = np.abs(stored).sum(axis=1)
        # A floor shift may take a negative sum one further.
        total += int(sums.max()) * 2 ** max(scale.exponent, 0) + 1
    return total


def _modulators(
    draft: Draft, neurons: dict[str, CompiledNeuron]
) -> Iterator[Modulator]:
    """Join the ports of one name: all have the same bounds, so the same scale."""
    for name, bounds in modulator_bounds(draft.network).items():
        readers = {g: n for g, n in neurons.items() if name in n.modulator_ports}
        scale = next(iter(readers.values())).modulator_scales[name]
        low, high = (
            clamp(round_half_even(b * scale), (-SIGNED_OFFSET, SIGNED_RANGE))
            for b in bounds
        )
        ports = tuple((g, n.modulator_ports[name]) for g, n in readers.items())
        yield Modulator(name, scale, low, high, ports)


# --- connections ------------------------------------------------------------------


def _connection(
    draft: Draft,
    projection: Projection,
    neurons: dict[str, CompiledNeuron],
    index: int,
) -> tuple[Connection, list[Rounding]]:
    scale = draft.weights[projection.name]
    mode = sign_mode_of(projection)
    stored = store_weights(projection.weights, scale.scale, mode, draft)
    synapse = draft.synapse(projection.name)
    learning = None if synapse is None else _learning(draft, synapse, index)
    connection = Connection(
        name=projection.name,
        source=projection.source,
        target=projection.target,
        port=projection.port,
        weights=stored,
        weight_exponent=scale.exponent,
        weight_bits=draft.chip.weight_bits.value,
        sign_mode=mode,
        learning=learning,
    )
    roundings = [_worst_weight(projection, stored, scale.scale)]
    if synapse is not None:
        roundings += _learning_roundings(synapse)
    return connection, [r for r in roundings if r.wanted != r.got]


def store_weights(
    weights: FloatArray, scale: float, mode: SignMode, draft: Draft
) -> IntArray:
    """Round weights to what the chip stores: even numbers if signs are mixed."""
    limits = draft.chip.weight_ranges.value[mode]
    return round_weights(weights * scale, draft.chip.weight_bits.value, mode, limits)


def _worst_weight(projection: Projection, stored: IntArray, scale: float) -> Rounding:
    """Log the weight that rounding moved most; the others moved less."""
    got = stored / scale
    error = np.abs(got - projection.weights)
    worst = np.unravel_index(int(error.argmax()), error.shape)
    where = "[" + ", ".join(str(int(k)) for k in worst) + "]"
    name = f"{projection.name}.weights{where} (the largest of {error.size})"
    return Rounding(name, float(projection.weights[worst]), float(got[worst]))


def _learning(draft: Draft, synapse: SynapseDraft, index: int) -> Learning:
    products = tuple(
        _product(synapse, fitted, fit_index, number)
        for number, fitted in enumerate(synapse.fitted)
        for fit_index in range(len(fitted.fits))
    )
    every = max((t.every for t in synapse.terms if t.gate == "u"), default=0)
    has_u = any(t.gate == "u" for t in synapse.terms)
    exponent = round(math.log2(every / draft.epoch_steps)) if every else 0
    return Learning(
        epoch_steps=draft.epoch_steps,
        products=tuple(sorted(products, key=_order_of(synapse))),
        traces=_engine_traces(synapse),
        third_factors=_third_factors(synapse),
        decimate_exponent=exponent if has_u else None,
        seed_offset=SEED_STRIDE * index,
    )


def _order_of(synapse: SynapseDraft) -> Callable[[Product], tuple[int, bool]]:
    """Sort products by target, and those first that take a weight toward zero.

    The accumulator clips after every product. Below a weight of one sign it has room
    for the other, above the largest weight it has none.
    """
    order = {"w": 0, "t": 1, "d": 2}
    outward = math.copysign(1.0, synapse.scales["w"])

    def key(product: Product) -> tuple[int, bool]:
        is_outward = product.mantissa * outward > 0
        return order[product.target], product.target == "w" and is_outward

    return key


def _engine_traces(synapse: SynapseDraft) -> dict[str, TraceProgram]:
    """List the engine's traces; with third factors the neuron has the post side."""
    found = {}
    for trace in synapse.traces:
        slot = synapse.slots.get(trace.name)
        if slot is None or (slot[0] == "y" and synapse.third_factor):
            continue
        impulse = int(synapse.scales[trace.name])
        tau = min(tau_256(trace.tau_steps), LONGEST_TAU_256)
        found[slot] = TraceProgram(impulse, tau)
    return found


def _third_factors(synapse: SynapseDraft) -> dict[str, str]:
    if not synapse.third_factor:
        return {}
    return {
        synapse.slots[v.symbol]: output_name(synapse.projection, v.symbol)
        for v in synapse.values
    }


def _product(
    synapse: SynapseDraft, fitted: FittedTerm, fit_index: int, number: int
) -> Product:
    fit = fitted.fits[fit_index]
    return Product(
        target=fitted.target,
        gate=fitted.term.gate,
        factors=tuple(_factor(a, synapse) for a in fitted.term.atoms),
        mantissa=fit.mantissa,
        exponent=fit.exponent,
        origin=number,
    )


def _factor(atom: Expr, synapse: SynapseDraft) -> Factor:
    variable: Variable = factor_variable(atom, synapse)  # type: ignore[assignment]
    return Factor(variable, -SIGNED_OFFSET if synapse.sends_signed(atom) else 0)


# --- the report -------------------------------------------------------------------


def _learning_roundings(synapse: SynapseDraft) -> list[Rounding]:
    found = []
    engine = _engine_traces(synapse)
    for trace in synapse.traces:
        kept = engine.get(synapse.slots.get(trace.name, ""))
        if kept is not None:  # else nobody reads it, or the neuron keeps it
            name = f"{synapse.projection}.{trace.name}.tau"
            found.append(Rounding(name, trace.tau_steps, kept.tau_256 / 256))
    for fitted in synapse.fitted:
        term = fitted.term
        got = term.coefficient * fitted.got / fitted.wanted
        name = f"{synapse.projection}.d{term.target}: {term.text}"
        found.append(Rounding(name, term.coefficient, got, term.where))
    return found


def _term_reports(synapse: SynapseDraft) -> Iterator[TermReport]:
    sent = {v.symbol for v in synapse.values}
    for fitted in synapse.fitted:
        term = fitted.term
        names = {a.name for a in term.atoms if isinstance(a, Name)}
        exact = fitted.relative_error < 1e-12
        status: TermStatus = "exact" if exact else "approximated"
        if names & sent:
            status = "neuron-side"
        yield TermReport(
            connection=synapse.projection,
            target=f"d{term.target}",
            term=term.text,
            status=status,
            how=_how(synapse, fitted),
            relative_error=fitted.relative_error,
            where=term.where,
        )


def _how(synapse: SynapseDraft, fitted: FittedTerm) -> str:
    factors: list[str] = [fitted.term.gate]
    for atom in fitted.term.atoms:
        factor = _factor(atom, synapse)
        name = factor.variable
        factors.append(f"({name}-{-factor.constant})" if factor.constant else name)
    scale = " + ".join(f"{f.mantissa}*2^{f.exponent}" for f in fitted.fits)
    if len(fitted.fits) > 1:
        scale = f"({scale})"
    note = f", shifted right by {fitted.shift}" if fitted.shift else ""
    return " * ".join([*factors, scale]) + note


# --- views ------------------------------------------------------------------------


def _views(draft: Draft, neurons: dict[str, CompiledNeuron]) -> Iterator[View]:
    for group, neuron in neurons.items():
        sent = {
            output_name(s.projection, v.symbol): rule_name(draft, s, v.symbol)
            for s in _synapses_onto(draft, group)
            for v in s.values
        }
        for name, scale in neuron.scales.items():
            symbol = sent.get(name, f"{group}.{name}")
            offset = neuron.offsets.get(name, 0)
            yield View(f"{group}.{name}", symbol, scale, offset)
    for projection in draft.network.projections:
        yield from _connection_views(draft, projection)


def _connection_views(draft: Draft, projection: Projection) -> Iterator[View]:
    name = projection.name
    scale = draft.weights[name]
    yield View(f"{name}.weights", f"{name}.weights", scale.scale)
    arrival = draft.arrival_scale[projection.target]
    yield View(f"{name}.a_out", f"{name}.a_out", arrival)
    synapse = draft.synapse(name)
    if synapse is None:
        return
    registers = {"t": "tag_1", "d": "tag_2"}
    for symbol, slot in synapse.slots.items():
        signed = synapse.sends_signed(Name(symbol))
        yield View(
            f"{name}.{registers.get(slot, slot)}",
            rule_name(draft, synapse, symbol),
            synapse.scales[symbol],
            SIGNED_OFFSET if signed else 0,
        )


def rule_name(draft: Draft, synapse: SynapseDraft, symbol: str) -> str:
    """Name a value as the reference does: a quantity may be called like a trace."""
    own = {d.name for d in (*synapse.rule.traces, *synapse.rule.tags)}
    short = symbol.removeprefix(POST)
    owner = synapse.projection
    if symbol != short and short in own:
        owner = draft.network.projection(synapse.projection).target
    return f"{owner}.{short}"
