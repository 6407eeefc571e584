"""How many synapses a learning engine looks at: what learning costs.

In: a connection that learns, its lists on a core, how often its sources spike. Out: the
learning updates of a mean step. The engine visits a list at the end of an epoch if a
spike of its source or a trace of it still stands, and all lists where a product waits
for nothing but time or post spikes.
"""

from __future__ import annotations

import math

import numpy as np

from .learning import Factor, Learning, Product
from .program import Connection, FloatArray
from .synapse_lists import SynapseLists

PAIRWISE_PRODUCTS = 2
"""The products of pairwise STDP, which is what was published for learning."""


def visited_synapses(
    connection: Connection, lists: SynapseLists, rates: FloatArray
) -> float:
    """Count the learning updates of a mean step: those of an epoch over its steps."""
    learning = connection.learning
    if learning is None:
        return 0.0
    rates = rates[lists.sources]
    chance = np.ones_like(rates)
    if not any(_needs_every_list(p) for p in learning.products):
        steps = learning.epoch_steps + _memory_steps(learning)
        chance = 1 - (1 - rates) ** steps
    return float(chance @ lists.listed) / learning.epoch_steps


def is_pairwise_stdp(learning: Learning) -> bool:
    """Tell whether a rule is what the published learning energy was simulated for."""
    if len(learning.products) > PAIRWISE_PRODUCTS:
        return False
    pairs = {("y0", "x1"), ("y0", "x2"), ("x0", "y1"), ("x0", "y2"), ("x0", "y3")}
    return not learning.third_factors and all(
        p.target == "w"
        and len(p.factors) == 1
        and (p.gate, p.factors[0].variable) in pairs
        and p.factors[0] == Factor(p.factors[0].variable)
        for p in learning.products
    )


def pairwise_updates(connection: Connection) -> float:
    """Give how many updates of pairwise STDP one of this rule is: by its products."""
    learning = connection.learning
    if learning is None or is_pairwise_stdp(learning):
        return 1.0
    return len(learning.products) / PAIRWISE_PRODUCTS


def _needs_every_list(product: Product) -> bool:
    """Tell whether nothing of the pre side decides if a product is zero."""
    if product.gate == "x0":
        return False
    bare = {f.variable for f in product.factors if not f.constant and not f.sign}
    return not bare & {"x0", "x1", "x2"}


def _memory_steps(learning: Learning) -> float:
    """Give how long a pre trace stands: until its decay and rounding leave 0.

    Half of the traces that start at an impulse are 0 after tau * (ln impulse + 0.5)
    steps, because a stochastic rounding ends them at about half a unit.
    """
    read = {f.variable for p in learning.products for f in p.factors}
    return max(
        (
            trace.tau_steps * (math.log(trace.impulse) + 0.5)
            for name, trace in learning.traces.items()
            if name in read and name in ("x1", "x2") and trace.impulse > 0
        ),
        default=0.0,
    )
