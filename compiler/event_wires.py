"""Bring events of a post neuron to the learning engines that hear them as y0.

In: a draft whose rules say which kind of event their engine hears. Out: one output of
the neuron and one wire for each kind, however many connections hear it. Spikes need
neither: an engine hears those of its target by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..hardware.learning import Learning
from ..hardware.wires import Tap, Wire
from ..rules.neuron import SPIKE
from .draft import Draft, SynapseDraft


def heard_events(draft: Draft, group: str) -> tuple[str, ...]:
    """List the events of a group's neurons that engines hear, each once."""
    kinds = (s.event for s in draft.synapses_onto(group) if s.event != SPIKE)
    return tuple(dict.fromkeys(kinds))


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
    if synapse.event == SPIKE or learning is None or not learning.uses_post_event:
        return {}
    target = draft.network.projection(synapse.projection).target
    return {"event": _wire_name(draft, target, synapse.event)}


def _wire_name(draft: Draft, group: str, event: str) -> str:
    """Name a wire as no group, projection or split rule is named."""
    network, name = draft.network, f"{group}_{event}"
    taken = {g.name for g in network.groups} | {p.name for p in network.projections}
    taken |= {s.whole.name for s in draft.splits}
    while name in taken:
        name += "_"
    return name
