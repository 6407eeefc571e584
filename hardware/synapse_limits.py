"""What a chip's synapses can hold: each limit is a function of its name.

In: a Program and a chip. Out: a diagnostic for every connection beyond a limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from .chip import Chip
from .formats import weight_step
from .learning import GradedSpikes
from .limit import LimitExceeded, exceeded, holds
from .program import Connection, Program

Problems = Iterator[Diagnostic]


@dataclass(frozen=True)
class WeightOutsideItsSignMode(LimitExceeded):
    """A weight is larger than its bits hold, or has a sign that its mode excludes.

    An excitatory weight is never below 0, an inhibitory one never above. In the
    mode `mixed` one bit is spent on the sign.
    """

    code = "P340"
    title = "{where}: weight {value} does not fit its sign mode"
    help = "choose a larger weight exponent, or the mode `mixed`"


@dataclass(frozen=True)
class WeightOffItsGrid(LimitExceeded):
    """A weight has low bits that the chip does not store.

    With n weight bits only multiples of 2**(8 - n) are stored, and with mixed signs
    of twice that. Public emulators disagree about how the low bits are lost, so
    compiled weights never have any.
    """

    code = "P341"
    title = "{where}: weight {value}"
    help = "round the weights as `round_weights` of hardware/formats.py does"


@dataclass(frozen=True)
class WeightBitsDoNotExist(LimitExceeded):
    """The chip has no synapse format with this number of weight bits.

    Fewer bits save synapse memory, and only some numbers of them exist. A weight of
    n bits is kept in the upper n bits of a byte.
    """

    code = "P342"
    title = "{where}: weights of {value} bits do not exist"
    help = "use the next larger number of bits"


@dataclass(frozen=True)
class WeightExponentDoesNotFit(LimitExceeded):
    """All weights of a connection share a power of two, and its field is too small.

    The exponent shifts all that a connection delivers. Moving the factor to the
    threshold gives the same spikes.
    """

    code = "P343"
    title = "{where}: weight exponent {value} does not fit"
    help = "move the factor into the thresholds of the target neurons"


@dataclass(frozen=True)
class DelayDoesNotFit(LimitExceeded):
    """A synapse waits longer than the chip can keep what arrives.

    What arrives later is kept in slots of the target neuron, one for each step to come,
    so the longest delay is a limit of the hardware and not of its numbers.
    """

    code = "P344"
    title = "{where}: a delay of {value} steps does not fit"
    help = "shorten the delay, or use longer steps"


@dataclass(frozen=True)
class SpikesCannotBeGraded(LimitExceeded):
    """A spike is to carry a value, and the chip's spikes carry none or fewer bits.

    Loihi 1 sends that a neuron spiked; Loihi 2 can send an integer with it.
    """

    code = "P345"
    title = "{where}: there is no {value}"
    help = "send plain spikes, or choose a chip with graded spikes, such as loihi2"


def weights_fit_their_sign_mode(program: Program, chip: Chip) -> Problems:
    for c in _with_weights(program):
        limits = chip.weight_ranges.value[c.sign_mode]
        for extreme in (int(c.weights.min()), int(c.weights.max())):
            if not holds(limits, extreme):
                where = f"connection `{c.name}` ({c.sign_mode.name.lower()})"
                yield WeightOutsideItsSignMode(
                    where=where,
                    value=str(extreme),
                    limit=f"{limits[0]} to {limits[1]}",
                    chip=chip.name,
                    source=chip.weight_ranges.source,
                    trust=chip.weight_ranges.trust,
                )


def weights_lie_on_the_stored_grid(program: Program, chip: Chip) -> Problems:
    for c in _with_weights(program):
        step = weight_step(c.weight_bits, c.sign_mode)
        off = c.weights[c.weights % step != 0]
        if off.size:
            value = f"{int(off[0])} is not a multiple of {step}"
            yield exceeded(WeightOffItsGrid, _where(c), value, chip, chip.weight_bits)


def weight_bits_exist_as_a_format(program: Program, chip: Chip) -> Problems:
    limit = chip.weight_bit_choices
    for c in program.connections:
        if c.weight_bits not in limit.value:
            yield exceeded(WeightBitsDoNotExist, _where(c), c.weight_bits, chip, limit)


def weight_exponents_fit_their_field(program: Program, chip: Chip) -> Problems:
    limit = chip.weight_exponent
    for c in program.connections:
        if not holds(limit.value, c.weight_exponent):
            value = c.weight_exponent
            yield exceeded(WeightExponentDoesNotFit, _where(c), value, chip, limit)


def delays_fit_the_slots_of_a_neuron(program: Program, chip: Chip) -> Problems:
    limit = chip.delay_steps
    for c in program.connections:
        longest = 0 if c.delays is None else int(c.delays.max(initial=0))
        if longest > limit.value[1]:
            yield exceeded(DelayDoesNotFit, _where(c), longest, chip, limit)


def graded_spikes_exist(program: Program, chip: Chip) -> Problems:
    limit = chip.graded_spike_bits
    for c in program.connections:
        if c.message_bits > limit.value:
            value = f"spike of {c.message_bits} bit"
            yield exceeded(SpikesCannotBeGraded, _where(c), value, chip, limit)
        elif _reads_payloads(c) and limit.value == 0:
            value = "spike that sets x1 to what it carries"
            yield exceeded(SpikesCannotBeGraded, _where(c), value, chip, limit)


SYNAPSE_LIMITS = (
    weights_fit_their_sign_mode,
    weights_lie_on_the_stored_grid,
    weight_bits_exist_as_a_format,
    weight_exponents_fit_their_field,
    delays_fit_the_slots_of_a_neuron,
    graded_spikes_exist,
)


def _where(connection: Connection) -> str:
    return f"connection `{connection.name}`"


def _reads_payloads(connection: Connection) -> bool:
    learning = connection.learning
    regular = GradedSpikes.REGULAR
    return learning is not None and learning.graded_spikes is not regular


def _with_weights(program: Program) -> Iterator[Connection]:
    yield from (c for c in program.connections if c.weights.size)
