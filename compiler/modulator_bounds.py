"""The bounds of modulators, which a network's neurons and rules have in common.

In: a network. Out: for each modulator the interval that all its readers allow.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..rules.network import Network
from ..rules.rule import ModulatorDecl


def modulator_bounds(network: Network) -> dict[str, tuple[float, float]]:
    """Bound every modulator of a network: by all its readers, as the reference does."""
    bounds: dict[str, tuple[float, float]] = {}
    for m in modulators_of(network):
        low, high = bounds.get(m.name, (m.low, m.high))
        bounds[m.name] = max(low, m.low), min(high, m.high)
    return bounds


def modulators_of(network: Network) -> Iterator[ModulatorDecl]:
    """List what neurons and rules declare, as often as they do."""
    for group in network.groups:
        yield from group.neuron.modulators if group.neuron is not None else ()
    for projection in network.projections:
        yield from projection.rule.modulators if projection.rule is not None else ()
