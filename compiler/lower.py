"""Lower: emit the Program, and say for every term what became of it.

In: a draft with scales and fitted terms. Out: populations with integer neuron
programs, connections with integer weights and products, and the views that read them
back in the rule's units.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, final

import numpy as np

from ..diagnostics import Diagnostic, span_at
from ..hardware.formats import clamp, round_half_even
from ..hardware.graded_input import GRADED_INPUT, VALUE
from ..hardware.neuron_lints import DecayIsCoarse
from ..hardware.program import (
    Connection,
    IntArray,
    Modulator,
    Population,
    Program,
    Source,
    WeightSum,
)
from ..hardware.report import Rounding, TermReport
from ..rules.network import FloatArray, Group
from ..rules.neuron import Neuron
from ..rules.printer import print_network
from .budget import budgets_of, forecasts_of
from .calibration import with_threshold_times
from .compiled_neuron import CompiledNeuron, SentValue
from .connections import lower_projection, store_weights
from .differing_neurons import must_wait
from .draft import Draft, SynapseDraft
from .event_wires import event_wires, heard_events
from .host_terms import hosts_of
from .lint_scale import COARSE
from .modulator_bounds import modulator_bounds
from .neuron_program import compile_neuron
from .neuron_registers import REGISTER
from .onto_neurons import most_sources, sums_onto
from .passes import AbstractPass
from .payloads import PLAIN
from .scale_candidates import signed_offset, signed_range
from .shared_outputs import outputs_of
from .term_report import learning_roundings, term_reports, worst_weight
from .views import views_of
from .weights import sign_mode_of, threshold_of


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
        connections = tuple(
            lower_projection(draft, p, index)
            for index, p in enumerate(draft.network.projections)
        )
        text, arrays = print_network(
            replace(draft.written_network, dt_seconds=draft.dt_seconds)
        )
        samples = forecasts_of(draft)
        program = Program(
            name=draft.network.name,
            chip=draft.chip.name,
            profile=draft.chip.profile,
            dt_seconds=draft.dt_seconds,
            populations=tuple(
                _population(draft, g, neurons.get(g.name)) for g in draft.network.groups
            ),
            connections=connections,
            modulators=tuple(_modulators(draft, neurons)),
            wires=tuple(event_wires(draft)),
            views=tuple(views_of(draft, neurons)),
            budgets=budgets_of(draft, samples),
            sums=tuple(WeightSum(s.whole.name, s.parts) for s in draft.splits),
            product_shift_base=draft.chip.product_shift_base.value,
            source=Source(text, arrays),
        )
        roundings = tuple(_roundings(draft, connections, neurons))
        terms = tuple(t for s in draft.synapses for t in _terms(draft, s))
        terms += tuple(f for neuron in neurons.values() for f in neuron.functions)
        draft = draft.logging(terms=terms, roundings=roundings)
        floors = {name: sample.floors for name, sample in samples.items()}
        return replace(draft, program=program, floors=floors)

    def ensures(self, draft: Draft) -> Iterable[Diagnostic]:
        for r in draft.log.roundings:
            is_decay = r.parameter.endswith((".leak", ".tau"))
            if is_decay and abs(r.relative_error) > COARSE:
                args = (r.parameter, r.wanted, r.got, draft.chip.name)
                yield DecayIsCoarse(*args, span=span_at(r.where))


def _terms(draft: Draft, synapse: SynapseDraft) -> Iterator[TermReport]:
    """Say where each term went, and of a split rule to which connection."""
    is_part = draft.written(synapse.projection).name != synapse.projection
    constants, bits = draft.chip.factor_constant.value, draft.chip.trace_bits.value
    for report in term_reports(synapse, constants, hosts_of(draft, synapse), bits):
        where = f", on {synapse.projection}" if is_part else ""
        yield replace(report, how=report.how + where)


def _roundings(
    draft: Draft,
    connections: tuple[Connection, ...],
    neurons: Mapping[str, CompiledNeuron],
) -> Iterator[Rounding]:
    """Log every number that is stored as another one."""
    for connection in connections:
        projection = draft.network.projection(connection.name)
        scale = draft.weights[connection.name].scale
        found = [worst_weight(projection, connection.weights, scale)]
        synapse = draft.synapse(connection.name)
        if synapse is not None:
            constants = draft.chip.factor_constant.value
            found += learning_roundings(synapse, constants)
        yield from (r for r in found if r.wanted != r.got)
    for neuron in neurons.values():
        yield from neuron.roundings


# --- neurons ----------------------------------------------------------------------


def _population(
    draft: Draft, group: Group, neuron: CompiledNeuron | None
) -> Population:
    """Put the integers of a group down: its program, and what its states start from."""
    if neuron is None:
        graded = GRADED_INPUT if group.name in draft.payloads else None
        return Population(group.name, group.size, graded)
    initial = {
        state: _first_values(values * neuron.scales[state])
        for state, values in group.initial.items()
    }
    return Population(group.name, group.size, neuron.program, initial=initial)


def _first_values(wanted: FloatArray) -> IntArray:
    """Round; what no register can hold is for the check of the chip's limits."""
    return np.clip(np.rint(wanted), *REGISTER).astype(np.int32)


def _neuron(draft: Draft, group: Group) -> CompiledNeuron:
    assert group.neuron is not None
    sent: dict[str, SentValue] = {}
    outputs = outputs_of(draft)
    read = {m.name for m in group.neuron.modulators}
    for synapse in draft.synapses_onto(group.name):
        read |= {m.name for m in synapse.rule.modulators}
        for value in synapse.values:
            name = outputs[synapse.projection, value.symbol]
            scale = synapse.scales[value.symbol]
            sent.setdefault(name, SentValue(name, value, scale))
    bounds = modulator_bounds(draft.network)
    ports = group.neuron.ports
    neuron = compile_neuron(
        _calibrated(draft, group, group.neuron),
        chip=draft.chip,
        dt_seconds=draft.dt_seconds,
        owner=group.name,
        input_scale=draft.arrival_scale[group.name],
        arrivals={p.name: most_arrives(draft, group, p.name) for p in ports},
        sent=tuple(sent.values()),
        heard_events=heard_events(draft, group.name),
        modulator_ranges={n: bounds[n] for n in bounds if n in read},
        payload=draft.payloads.get(group.name),
        first={n: (float(v.min()), float(v.max())) for n, v in group.initial.items()},
        waits=group.latency if must_wait(group, draft.dt_seconds) else 0,
        decays=draft.calibration.decays_of(group.name),
    )
    moved = _moved_threshold(draft, group)
    return replace(neuron, roundings=(*neuron.roundings, *moved))


def _calibrated(draft: Draft, group: Group, neuron: Neuron) -> Neuron:
    """Put the threshold where sample data want it."""
    factor = draft.calibration.thresholds.get(group.name)
    return neuron if factor is None else with_threshold_times(neuron, factor)


def _moved_threshold(draft: Draft, group: Group) -> Iterator[Rounding]:
    """Log it like a number that was rounded: the model says another."""
    factor, threshold = (
        draft.calibration.thresholds.get(group.name),
        threshold_of(group),
    )
    if factor is not None and threshold is not None:
        name = f"{group.name}.threshold (calibrated)"
        yield Rounding(name, threshold, threshold * factor)


def most_arrives(draft: Draft, group: Group, port: str) -> int:
    """Bound what arrives at a port in a step, whatever is learned."""
    total = 0
    for p in draft.network.projections:
        if (p.target, p.port) != (group.name, port):
            continue
        scale, mode = draft.weights[p.name], sign_mode_of(p)
        bits = draft.payloads.get(p.source, PLAIN).bits
        limit = max(map(abs, draft.chip.weight_ranges.value[mode]))
        most = limit * most_sources(p)
        if p.rule is None:
            stored = store_weights(p.weights, scale.scale, mode, draft)
            most = int(sums_onto(p, np.abs(stored)).max())
        # A floor shift may take a negative sum one further.
        total += math.ceil(most * 2.0 ** (scale.exponent + bits)) + 1
    return total


def _modulators(
    draft: Draft, neurons: dict[str, CompiledNeuron]
) -> Iterator[Modulator]:
    """Join the ports of one name: all have the same bounds, so the same scale."""
    for name, bounds in modulator_bounds(draft.network).items():
        readers = {g: n for g, n in neurons.items() if name in n.modulator_ports}
        scale = next(iter(readers.values())).modulator_scales[name]
        low, high = (
            clamp(
                round_half_even(b * scale),
                (-signed_offset(draft.chip), signed_range(draft.chip)),
            )
            for b in bounds
        )
        ports = tuple((g, n.modulator_ports[name]) for g, n in readers.items())
        yield Modulator(name, scale, low, high, ports)
    for group in draft.network.groups:
        if group.neuron is None and group.name in draft.payloads:
            sent = draft.payloads[group.name]
            port = ((group.name, VALUE),)
            yield Modulator(group.name, sent.scale, sent.low, sent.high, port)
