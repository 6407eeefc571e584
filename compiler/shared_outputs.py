"""Let rules that want the same of a neuron share what it sends.

In: a draft whose values have scales. Out: the output of each value. Two projections
onto one group whose rules send the same expression, or the same trace, at the same
scale read one output; the neuron computes and sends it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .assign import output_name
from .draft import Draft, NeuronValue, SynapseDraft

Meaning = tuple[str, NeuronValue]
"""A group and what its neurons send, whatever a rule calls it."""


def meaning_of(draft: Draft, synapse: SynapseDraft, value: NeuronValue) -> Meaning:
    """Say what a value is, so that equal ones of several rules are equal."""
    trace = None if value.trace is None else replace(value.trace, name="")
    target = draft.network.projection(synapse.projection).target
    return target, replace(value, symbol="", trace=trace)


def outputs_of(draft: Draft) -> Mapping[tuple[str, str], str]:
    """Map projection and symbol to the output that carries it."""
    found: dict[tuple[str, str], str] = {}
    first: dict[tuple[Meaning, float], str] = {}
    for synapse in draft.synapses:
        for value in synapse.values:
            key = meaning_of(draft, synapse, value), synapse.scales[value.symbol]
            name = output_name(synapse.projection, value.symbol)
            found[synapse.projection, value.symbol] = first.setdefault(key, name)
    return found


def known_scales(
    draft: Draft, synapse: SynapseDraft, done: list[SynapseDraft]
) -> dict[str, float]:
    """Give the scales at which neurons send these values to other synapses already."""
    known: dict[Meaning, float] = {}
    for other in done:
        for value in other.values:
            scale = other.scales[value.symbol]
            known.setdefault(meaning_of(draft, other, value), scale)
    meanings = {v.symbol: meaning_of(draft, synapse, v) for v in synapse.values}
    return {symbol: known[m] for symbol, m in meanings.items() if m in known}
