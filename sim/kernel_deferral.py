"""Which connections put post events off until a row of their synapses is read.

A post spike changes the synapses of a column, each in a cache line of its own. Nobody
needs what it changed before the row of a synapse is read again, which is when its pre
neuron spikes. Until then it is enough to know when post neurons spiked: the trace of
the pre neuron only decays in between, and its random numbers are counted by their step,
so that both can be had again (docs/decisions/0080).

    history of a post neuron   WORDS words of WORD_STEPS bits, a bit for each step
    visited                    the step up to which a row is settled
    <trace>_visited            the pre trace after that step

A row whose trace is 0 waits for nothing. The others are settled after 2 * PERIOD steps
at the latest, before the words are used anew.
"""

from __future__ import annotations

from ..hardware.learning import GradedSpikes, Learning, Product
from ..hardware.profile import Profile
from ..hardware.program import Connection
from .interpreter_learning import EXPONENT_BASE
from .kernel_storage import adds_weights, sums_narrowly
from .stored_form import stored_form

WORD_STEPS, WORDS = 64, 4
PERIOD = 96
"""Every row is looked at once in so many steps, and settled if it waited for longer."""

LONGEST_WAIT = 2 * PERIOD
assert LONGEST_WAIT <= WORD_STEPS * (WORDS - 1)

HELD = ("x0", "y0", "x1", "x2", "w", "c")
"""What a post event may read: what is the same when it is had again."""


def defers(connection: Connection, profile: Profile) -> bool:
    """Tell whether post events of a connection are put off."""
    learning = connection.learning
    if learning is None or connection.pairs is None:
        return False
    return (
        profile.randomness == "element"
        and learning.epoch_steps == 1
        and learning.graded_spikes == GradedSpikes.REGULAR
        and adds_weights(connection)
        and sums_narrowly(connection)
        and all(p.target == "w" and p.gate != "u" for p in learning.products)
        and any(p.gate == "y0" for p in learning.products)
        and all(_can_wait(p, learning) for p in learning.products if p.gate == "y0")
        and _stays_settled(connection, profile)
    )


def replayed_traces(learning: Learning) -> tuple[str, ...]:
    """List the pre traces that post events read."""
    factors = (f for p in learning.products if p.gate == "y0" for f in p.factors)
    read = {f.variable for f in factors} & {"x1", "x2"} & {*learning.traces}
    return tuple(sorted(read))


def _can_wait(product: Product, learning: Learning) -> bool:
    """Tell whether a product is 0 where the pre trace is, and reads only what holds."""
    fades = any(
        f.variable in ("x1", "x2") and f.variable in learning.traces and not f.constant
        for f in product.factors
    )
    return fades and all(f.variable in HELD for f in product.factors)


def _stays_settled(connection: Connection, profile: Profile) -> bool:
    """Tell whether no weight that is stored needs another visit by itself."""
    form = stored_form("w", connection, profile)
    lowest = form.low << EXPONENT_BASE
    return not profile.accumulator_clips or lowest >= profile.accumulator_low
