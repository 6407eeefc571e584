"""Source text of the compiled learning engine: trace histories of an epoch.

A profile goes in. The functions that come out serve every trace of every connection;
what differs between traces (impulse, time constant, random stream) are arguments.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..hardware.profile import Profile
from .kernel_loops import PLAIN, Loop
from .operations import TRACE_MAX
from .trace_decay import (
    BinaryDecay,
    FloatDecay,
    decay_bits,
    decays_by_table,
    third_factor_decay,
)

POPULATION_ROWS = {"x decay": 0, "x impulse": 1, "y decay": 2, "y impulse": 3}
REPEATED_IMPULSE_ROW = 4
ROUNDING_ROW = 5
POPULATION_ROW_COUNT = 6

FACTOR = 2
"""Place among the constants of a trace: impulse, its fraction, q16 factor."""

_TRACE_STEP = """\
{decorator}
def trace_step(
    trace, marked, count, constants, base, factors, row, step,
    numbers, decay_row, impulse_row, s,
):
    impulse, fraction = constants[base], constants[base + 1]
    moment = step
{before}
{decays}
    for n in range(count):
        i = np.int64(marked[n])
        trace[i] = add_impulse(np.int64(trace[i]), impulse, fraction, {number})
"""

_EACH = """\
    for i in {over}(trace.size):
        v = np.int64(trace[i])
        trace[i] = {decayed}"""

_ALIKE = """\
    alike = trace.size >= MANY
    multiplier, offset = whole_decay(factor, decay_number)
    if alike:
        alike = is_whole_decay(multiplier, offset, factor, decay_number)
    if alike:
        by, more = np.int32(multiplier), np.int32(offset)
        for i in {over}(trace.size):
            trace[i] = decay_whole(trace[i], by, more)
    else:
        for i in {over}(trace.size):
            v = np.int64(trace[i])
            trace[i] = {decayed}"""
"""Where all neurons share the random number (kernel_decay.py)."""

_TRACE_HISTORY = """\
{decorator}
def trace_history(
    trace, times, marked, count, history, constants, base, tables, factors, row, epoch,
    step, numbers, decay_row, impulse_row, s,
):
    size = trace.size
    impulse, fraction = constants[base], constants[base + 1]
{before}
    copy_cells(trace, history[:size])
    for k in range(1, {epoch} + 1):
        moment = step - {epoch} + k
        old, new = history[(k - 1) * size:k * size], history[k * size:(k + 1) * size]
        for i in {over}(size):
            v = np.int64(old[i])
            new[i] = {decayed}
        for n in range(count):
            i = np.int64(marked[n])
            if {spiked}:
{impulse}
{last}
"""

_THIRD_FACTOR_HISTORY = """\
{decorator}
def third_factor_history(
    trace, times, history, factor, epoch, step, numbers, decay_row, s,
):
    size = trace.size
{before}
    copy_cells(trace, history[:size])
    for k in range(1, {epoch} + 1):
        moment = step - {epoch} + k
        old, new = history[(k - 1) * size:k * size], history[k * size:(k + 1) * size]
        for i in {over}(size):
            v = np.int64(old[i])
{moment}
            new[i] = v
{last}
"""

_LAST = """\
    for k in range(2, epoch + 1):
        copy_cells(history[size:2 * size], history[k * size:(k + 1) * size])"""


def trace_functions(profile: Profile, loop: Loop = PLAIN) -> str:
    """Write the functions that follow traces and third factors through an epoch."""
    found = [_trace_history(profile, loop), _third_factor_history(profile, loop)]
    if steps_in_place(profile):
        found.append(_trace_step(profile, loop))
    return "\n\n".join(found)


def steps_in_place(profile: Profile) -> bool:
    """Tell whether a trace needs nothing of the step before where epochs have one."""
    return profile.impulse_rounding == "apart"


@dataclass(frozen=True)
class RandomNumber:
    """A stream in the text: what prepares it, and the expression of a number."""

    before: str
    number: str


def random_number(profile: Profile, what: str, bits: int) -> RandomNumber:
    """Write how a function reads decay or impulse numbers of neuron i at a moment."""
    if profile.randomness == "population":
        before = f"{what}_number = np.int64(numbers[{what}_row, s])"
        return RandomNumber(before, f"{what}_number")
    draw = f"element_bits({what}_key, moment, i, {bits})"
    return RandomNumber(f"{what}_key = numbers[{what}_row, 0]", draw)


def factor_of_decay(profile: Profile, base: str, row: str) -> str:
    """Write where the factor of a trace's decay is found."""
    if decays_by_table(profile):
        return f"factors[{row}]"
    return f"constants[{base} + {FACTOR}]"


def decayed(profile: Profile, value: str, factor: str, number: str) -> str:
    """Write a decay by a step, rounded by a random number."""
    name = "decay_float" if decays_by_table(profile) else "decay_q16"
    return f"{name}({value}, {factor}, {number})"


def _trace_step(profile: Profile, loop: Loop) -> str:
    decay = random_number(profile, "decay", decay_bits(profile))
    impulse = random_number(profile, "impulse", profile.impulse_random_bits)
    factor = f"factor = {factor_of_decay(profile, 'base', 'row')}"
    shared = profile.randomness == "population" and decays_by_table(profile)
    value = decayed(profile, "v", "factor", decay.number)
    return _TRACE_STEP.format(
        decorator=loop.decorator,
        before=_indented("    ", [decay.before, impulse.before, factor]),
        decays=(_ALIKE if shared else _EACH).format(over=loop.over, decayed=value),
        number=impulse.number,
    )


def _trace_history(profile: Profile, loop: Loop) -> str:
    decay = random_number(profile, "decay", decay_bits(profile))
    impulse = random_number(profile, "impulse", profile.impulse_random_bits)
    before = [decay.before, impulse.before]
    before.append(f"factor = {factor_of_decay(profile, 'base', 'row')}")
    if profile.impulse_rounding == "apart":
        raised = f"add_impulse(np.int64(new[i]), impulse, fraction, {impulse.number})"
        lines = [f"new[i] = {raised}"]
    else:
        prepared, raised = _raised(profile, decay.number)
        before.append(prepared)
        lines = ["v = np.int64(old[i])", f"new[i] = saturate({raised}, 0, {TRACE_MAX})"]
    return _TRACE_HISTORY.format(
        **vars(loop),
        before=_indented("    ", before),
        decayed=decayed(profile, "v", "factor", decay.number),
        impulse=_indented(" " * 16, lines),
        **_period(profile),
    )


def _raised(profile: Profile, number: str) -> tuple[str, str]:
    """Write the decay that adds the impulse before it rounds, and what it needs."""
    if decays_by_table(profile):
        prepared = "raised, beyond = tables[row, 0], tables[row, 1]"
        return prepared, f"decay_by_table(v, raised, beyond, {number})"
    prepared = "added = (impulse << 16) + (fraction << 8)"
    return prepared, f"decay_q16(v, factor, {number} + added)"


def _third_factor_history(profile: Profile, loop: Loop) -> str:
    before, moment = [], []
    match third_factor_decay(profile):
        case FloatDecay():
            number = random_number(profile, "decay", decay_bits(profile))
            before.append(number.before)
            moment.append(f"v = decay_float(v, factor, {number.number})")
        case BinaryDecay():
            number = random_number(profile, "decay", decay_bits(profile))
            before.append(number.before)
            moment.append(f"v = decay_q16(v, np.int64(factor), {number.number})")
    period = _period(profile)
    spiked = period.pop("spiked")
    if profile.clip_third_factor_on_event:
        moment.append(f"v = add_impulse(v, 0, 0, 0) if {spiked} else v")
    return _THIRD_FACTOR_HISTORY.format(
        **vars(loop),
        before=_indented("    ", before),
        moment=_indented(" " * 12, moment),
        **period,
    )


def _period(profile: Profile) -> dict[str, str]:
    """Write which moments are computed, and which take the same values."""
    if profile.trace_decay_period == "epoch":
        return {"epoch": "1", "spiked": "times[i] > 0", "last": _LAST}
    return {"epoch": "epoch", "spiked": "times[i] == k", "last": ""}


def third_factor_constant(profile: Profile, steps: int) -> float:
    """Give the factor that third_factor_history takes; 1 where nothing decays."""
    match third_factor_decay(profile, steps):
        case FloatDecay(factor=factor):
            return factor
        case BinaryDecay(factor=whole):
            return float(whole)
    return 1.0


def _indented(space: str, lines: Iterable[str]) -> str:
    return "\n".join(space + line for line in lines)
