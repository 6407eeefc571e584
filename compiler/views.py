"""Say how stored integers read in the rule's units, and what the reference calls them.

In: a draft with scales and its compiled neurons. Out: the Program's views.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..hardware.program import View
from ..rules.expr import Name
from ..rules.network import Projection
from .compiled_neuron import CompiledNeuron
from .draft import Draft, SplitRule, SynapseDraft
from .sent_values import POST
from .shared_outputs import outputs_of


def views_of(draft: Draft, neurons: Mapping[str, CompiledNeuron]) -> Iterator[View]:
    """Give the view of every register, output, trace, tag and weight."""
    outputs = outputs_of(draft)
    for group, neuron in neurons.items():
        sent: dict[str, str] = {}
        for s in draft.synapses_onto(group):
            for v in s.values:
                # Of an output that rules share, the first one's name for it.
                output = outputs[s.projection, v.symbol]
                sent.setdefault(output, rule_name(draft, s, v.symbol))
        for name, scale in neuron.scales.items():
            symbol = sent.get(name, f"{group}.{name}")
            offset = neuron.offsets.get(name, 0)
            yield View(f"{group}.{name}", symbol, scale, offset)
    for group, payload in draft.payloads.items():
        yield View(f"{group}.s_out", f"{group}.s_out", payload.scale)
    for projection in draft.network.projections:
        yield from _connection_views(draft, projection)
    for split in draft.splits:
        yield _view_of_sum(draft, split)


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
            synapse.signed_offset if signed else 0,
        )


def _view_of_sum(draft: Draft, split: SplitRule) -> View:
    """Give the view of a split rule's weight: a sum in the unit of its finest part."""
    finest = min((draft.weights[p] for p in split.parts), key=lambda w: w.exponent)
    name = f"{split.whole.name}.weights"
    return View(name, name, finest.scale)


def rule_name(draft: Draft, synapse: SynapseDraft, symbol: str) -> str:
    """Name a value as the reference does: a quantity may be called like a trace."""
    own = {d.name for d in (*synapse.rule.traces, *synapse.rule.tags)}
    short = symbol.removeprefix(POST)
    written = draft.written(synapse.projection)
    owner = written.target if symbol != short and short in own else written.name
    return f"{owner}.{short}"
