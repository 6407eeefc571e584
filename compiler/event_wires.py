"""Bring events of a post neuron to the learning engines that hear them as y0.

In: a draft whose rules say which kind of event their engine hears. Out: one output of
the neuron and one wire for each kind, however many connections hear it. What a neuron
sends needs neither: an engine hears that of its target by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..hardware.learning import Learning
from ..hardware.wires import Tap, Wire
from ..rules.neuron import SPIKE
from .draft import Draft, SynapseDraft


def heard_events(draft: Draft, group: str) -> tuple[str, ...]:
    """List the events of a group's neurons that engines hear, each once."""
    onto = draft.synapses_onto(group)
    kinds = (s.event for s in onto if not _is_sent(draft, group, s.event))
    return tuple(dict.fromkeys(kinds))


def _is_sent(draft: Draft, group: str, event: str) -> bool:
    """Tell whether what the neuron sends is the event: engines hear that by itself."""
    neuron = draft.network.group(group).neuron
    both = neuron is not None and neuron.spike is not None and neuron.send is not None
    return event == SPIKE and not both


def event_wires(draft: Draft) -> Iterator[Wire]:
    """Give the wires from neurons to learning engines."""
    for group in draft.network.groups:
        for event in heard_events(draft, group.name):
            name = _wire_name(draft, group.name, event)
            yield Wire(name, (group.size,), (Tap(f"{group.name}.{event}"),))


def event_feedback(
    draft: Draft, synapse: SynapseDraft, learning: Learning | None
) -> dict[str, str]:
    """Say which wire an engine hears instead of its target's spikes."""
    target = draft.network.projection(synapse.projection).target
    sent = _is_sent(draft, target, synapse.event)
    if sent or learning is None or not learning.uses_post_event:
        return {}
    return {"event": _wire_name(draft, target, synapse.event)}


def _wire_name(draft: Draft, group: str, event: str) -> str:
    """Name a wire as no group, projection or split rule is named."""
    network, name = draft.network, f"{group}_{event}"
    taken = {g.name for g in network.groups} | {p.name for p in network.projections}
    taken |= {s.whole.name for s in draft.splits}
    while name in taken:
        name += "_"
    return name
