"""Source text of the compiled learning engine: trace histories of an epoch.

A profile goes in. The functions that come out serve every trace of every connection;
what differs between traces (impulse, time constant, random stream) are arguments.
"""

from __future__ import annotations

from ..hardware.profile import Profile
from .trace_decay import FloatDecay, Q16Decay, third_factor_decay

POPULATION_ROWS = {"x decay": 0, "x impulse": 1, "y decay": 2, "y impulse": 3}
REPEATED_IMPULSE_ROW = 4
ROUNDING_ROW = 5
POPULATION_ROW_COUNT = 6

TRACE_CONSTANTS = 3  # impulse, impulse fraction, q16 factor

_TRACE_HISTORY = """\
@njit
def trace_history(
    trace, times, history, constants, base, floors, thresholds, epoch, step, numbers,
    decay_row, impulse_row, s,
):
    impulse, fraction = constants[base], constants[base + 1]
    factor = constants[base + 2]
    {decay_source}
    {impulse_source}
    for i in range(trace.size):
        v = np.int64(trace[i])
        history[i] = v
        for k in range(1, epoch + 1):
            moment = step - epoch + k
            if v != 0:
                r = {decay_number}
                v = {decayed}
            if times[i] == k:
                r = {impulse_number}
                v = add_impulse(v, impulse, fraction, r)
            history[k * trace.size + i] = v
        trace[i] = v
"""

_THIRD_FACTOR_HISTORY = """\
@njit
def third_factor_history(
    trace, times, history, epoch, step, numbers, decay_row, s,
):
    {decay_source}
    for i in range(trace.size):
        v = np.int64(trace[i])
        history[i] = v
        for k in range(1, epoch + 1):
            moment = step - epoch + k
            {decay_statement}
            {clip_statement}
            history[k * trace.size + i] = v
"""


def trace_functions(profile: Profile) -> str:
    """Write the functions that follow traces and third factors through an epoch."""
    return f"{_trace_history(profile)}\n\n{_third_factor_history(profile)}"


def _trace_history(profile: Profile) -> str:
    bits = 16 if profile.trace_decay == "q16" else 53
    decay_source, decay_number = _numbers(profile, "decay", bits)
    impulse_bits = profile.impulse_random_bits
    impulse_source, impulse_number = _numbers(profile, "impulse", impulse_bits)
    by_table = "decay_by_table(v, floors, thresholds, r)"
    decayed = "decay_q16(v, factor, r)" if profile.trace_decay == "q16" else by_table
    return _TRACE_HISTORY.format(
        decay_source=decay_source,
        decay_number=decay_number,
        impulse_source=impulse_source,
        impulse_number=impulse_number,
        decayed=decayed,
    )


def _third_factor_history(profile: Profile) -> str:
    decay = third_factor_decay(profile)
    source = number = ""
    statement = "# read as sent"
    if decay is not None:
        source, number = _numbers(profile, "decay", decay.bits)
    if isinstance(decay, FloatDecay):
        statement = f"v = decay_float(v, {decay.factor!r}, {number})"
    if isinstance(decay, Q16Decay):
        statement = f"v = decay_q16(v, {decay.factor}, {number})"
    clipped = "if times[i] == k: v = add_impulse(v, 0, 0, 0)"
    clips = profile.clip_third_factor_on_event
    return _THIRD_FACTOR_HISTORY.format(
        decay_source=source or "# no random numbers",
        decay_statement=statement,
        clip_statement=clipped if clips else "# an event leaves it alone",
    )


def _numbers(profile: Profile, what: str, bits: int) -> tuple[str, str]:
    """Give the statement before the loop and the expression inside it."""
    if profile.randomness == "population":
        return f"{what}_number = np.int64(numbers[{what}_row, s])", f"{what}_number"
    draw = f"element_bits({what}_key, moment, i, {bits})"
    return f"{what}_key = numbers[{what}_row, 0]", draw
