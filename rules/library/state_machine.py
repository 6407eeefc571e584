"""A sequence of states learned by Hebb's rule at spikes, in a soft winner-take-all.

Cells compete by a softmax. It takes the sum of all their exponentials, which one
inhibitory neuron has; so a cell is two neurons: a dendrite that sends the exponential
of its potential, and a soma that spikes two steps later, by its share in that sum.
"""

from __future__ import annotations

from ...units import ms
from ..expr import clip, exp, log, post, pre, w, where
from ..language import NeuronModel, Rule
from ..symbols import Graded, Noise, Param, Port, State, Tag, Trace


class StateMachineHebb(Rule):
    """Hebb's rule at post spikes, with a soft bound and a cost for every synapse.

    Sun et al. 2025, Nature 640:165-175: at a spike of the cell w <- max(0, w + beta *
    (exp(-w) * x - cost)). A chip multiplies and has no exp(-w); here it is the fourth
    power of 1 - w/w_max. A product has no room for that many factors, so the tag
    ``room`` holds the square as of the cell's last spike (docs/decisions/0090).
    """

    tau = Param(20 * ms)
    beta = Param(0.1)
    cost = Param(0.1)
    w_max = Param(4.0)
    x = Trace(pre, tau=tau)
    room = Tag()
    droom = post * ((1 - w / w_max) ** 2 - room)
    dw = beta * post * (room**2 * x - cost)
    bounds = (0.0, w_max)


class CompetingDendrite(NeuronModel):
    """Dendrite of a cell in a soft winner-take-all; it sends exp(potential).

    Sun et al. 2025: inputs and recurrent spikes decay with ``tau``, and a spike of the
    cell's soma takes 10 from the potential, which decays with 5 ms. ``pool`` is what
    inhibition takes from all cells alike, so that the exponentials sum to about 1:
    ``inhibition`` says by how much that of two steps ago was wrong. Recurrent spikes
    come three steps late, where the paper's take one, and count ``history`` times
    (docs/decisions/0090).
    """

    tau = Param(20.5 * ms)  # Euler: exp(-1/20) of it is left after a step
    tau_tired = Param(5.5 * ms)
    tired_by = Param(10.0)
    lowest = Param(-12.0)
    highest = Param(2.0)
    history = Param(2.0)
    observed = Port()
    recurrent = Port()
    soma = Port()
    inhibition = Port()
    u = State(leak=tau)
    du = observed + history * recurrent
    tired = State(leak=tau_tired)
    dtired = soma
    second = State(leak=0.0)
    first = State(leak=0.0)
    pool = State(leak=0.0)
    dsecond = first
    dfirst = pool
    dpool = second + inhibition
    excess = State(leak=0.0)
    dexcess = exp(clip(u - tired_by * tired - pool, lowest, highest))
    spike = 4.0 * soma > 2.0
    send = Graded(excess, low=0.0, high=7.4)


class Pool(NeuronModel):
    """The neuron that inhibits all others: it sends the log of what it receives."""

    active = Port()
    total = State(leak=0.0)
    dtotal = log(clip(active, 0.03, 740.0))
    send = Graded(total, low=-3.51, high=6.61)


class CompetingSoma(NeuronModel):
    """Soma of such a cell: it spikes by its share in the sum of all exponentials.

    Sun et al. 2025: 500 Hz for all cells together, and 10 ms hard refractoriness.
    The threshold is 0 but for ``fine``, which luck has too: ports of a neuron with a
    small threshold have a fine unit.
    """

    rate = Param(0.5)  # spikes a step
    silent = Param(10.0)  # steps
    fine = Param(0.05)
    own = Port()
    inhibition = Port()
    luck = Noise(low=-0.05, high=0.95)
    rest = State(reset=silent)
    drest = where(rest > 0.5, -1.0, 0.0)
    chance = State(leak=0.0)
    dchance = where(
        rest > 0.5,
        0.0,
        clip(rate * own * exp(-clip(inhibition, -3.51, 6.61)), 0.0, 1.0),
    )
    drawn = State(leak=0.0)
    ddrawn = chance - luck
    spike = drawn > fine
