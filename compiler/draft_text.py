"""A draft as text: what --print-after shows and golden tests compare."""

from __future__ import annotations

from collections.abc import Iterator

from ..hardware.program_text import print_program
from ..rules.printer import print_expr
from .draft import Draft, SynapseDraft


def print_draft(draft: Draft) -> str:
    """Print the most compiled form that the draft has."""
    if draft.program is not None:
        return print_program(draft.program)
    lines = [f"chip {draft.chip.name}, epoch {draft.epoch_steps}"]
    for group, scale in draft.arrival_scale.items():
        lines.append(f"group {group}: input scale {scale:.9g}")
    for name, weight in draft.weights.items():
        shift = f" * 2^{weight.exponent}" if weight.exponent else ""
        lines.append(f"projection {name}: stored = weight * {weight.scale:.9g}{shift}")
    for split in draft.splits:
        lines.append(f"projection {split.whole.name} = {' + '.join(split.parts)}")
    for synapse in draft.synapses:
        lines += _synapse(synapse)
    return "\n".join(lines)


def _synapse(synapse: SynapseDraft) -> Iterator[str]:
    yield f"projection {synapse.projection}: rule {synapse.rule.name}"
    for trace in synapse.traces:
        slot = synapse.slots.get(trace.name, "-")
        scale = synapse.scales.get(trace.name)
        impulse = "" if scale is None else f", impulse {scale:.9g}"
        yield (
            f"  trace {trace.name} [{slot}]: {trace.source}, {trace.pairing}, "
            f"tau {trace.tau_steps:.9g} steps{impulse}"
        )
    for value in synapse.values:
        slot = synapse.slots.get(value.symbol, "-")
        what = value.kind if value.expr is None else print_expr(value.expr)
        yield f"  sent by the neuron {value.symbol} [{slot}]: {what}"
    if not synapse.terms:
        for update in synapse.rule.updates:
            yield f"  d{update.target} = {print_expr(update.expr)}"
    elif not synapse.fitted:
        for term in synapse.terms:
            yield f"  d{term.target} += {term.gate}: {term.text}"
    for fitted in synapse.fitted:
        fits = " + ".join(f"{f.mantissa} * 2^{f.exponent}" for f in fitted.fits)
        yield (
            f"  d{fitted.term.target} += {fitted.term.gate}: {fitted.term.text}"
            f"  ->  {fits or 'nothing'} (wanted {fitted.wanted:.6g})"
        )
    for lost in synapse.left_out:
        share = f"left out ({lost.share:.2%})"
        yield f"  d{lost.term.target} += {lost.term.text}  ->  {share}"
