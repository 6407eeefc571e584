"""Source text of what graded pre spikes do to a compiled learning engine.

A mode and a profile go in, a function comes out that goes through the neurons once:
x1 takes the payload, and where the spike counts, x2 and the spike time take it
(graded_spikes.py is the definition).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..hardware.learning import GradedSpikes
from ..hardware.profile import Profile
from .graded_spikes import BYTE
from .kernel_loops import PLAIN
from .operations import TRACE_MAX

_X1 = {
    GradedSpikes.OVERWRITE: ("if counts: x1[i] = half",),
    GradedSpikes.ADD_WITH_SATURATION: (
        f"x1[i] = saturate((np.int64(x1[i]) + half) & {BYTE}, 0, {TRACE_MAX})",
    ),
    GradedSpikes.ADD_WITHOUT_SATURATION: (
        f"total = (np.int64(x1[i]) + half) & {BYTE}",
        f"counts = counts and total > {TRACE_MAX}",
        f"x1[i] = total - {TRACE_MAX} if total > {TRACE_MAX} else total",
    ),
}


@dataclass(frozen=True)
class GradedSource:
    """Writes the function for one mode.

    payloads
        False: whatever is not 0 counts as a spike of 1.
    repeats_x2
        Whether x2 takes the impulse of a spike that is not the first of its epoch.
    """

    mode: GradedSpikes
    profile: Profile
    payloads: bool
    repeats_x2: bool

    def function(self) -> str:
        """Write the whole function."""
        return "\n".join(self._lines())

    def arguments(self, c: int, constants: int, number: int, kind: int) -> str:
        """Write what it is called with in connection c."""
        arrays = [f"c{c}_pre_times", f"c{c}_x1"]
        if self.repeats_x2:
            arrays += [f"c{c}_x2", f"constants[{constants}]"]
            arrays += [f"constants[{constants + 1}]"]
        if self.repeats_x2 and self._draws_for_each():
            arrays += [f"random[{number}, {kind}, 0]", "step"]
        return ", ".join([*arrays, "moment"])

    def _draws_for_each(self) -> bool:
        return self.profile.randomness == "element"

    def _lines(self) -> Iterator[str]:
        parameters = ["spikes", "times", "x1"]
        if self.repeats_x2:
            parameters += ["x2", "impulse", "fraction"]
        if self.repeats_x2 and self._draws_for_each():
            parameters += ["key", "step"]
        sent = "np.int64(spikes[i])" if self.payloads else "1 if spikes[i] != 0 else 0"
        yield PLAIN.decorator
        yield f"def FUNCTION({', '.join(parameters)}, moment):"
        yield "    for i in range(spikes.size):"
        yield f"        p = {sent}"
        yield "        half = half_payload(p)"
        yield "        counts = p != 0"
        yield from (f"        {line}" for line in _X1[self.mode])
        yield "        if counts:"
        if self.repeats_x2:
            yield "            if times[i] > 0:"
            yield f"                r = {self._number()}"
            yield "                v = np.int64(x2[i])"
            yield "                x2[i] = add_impulse(v, impulse, fraction, r)"
        yield "            times[i] = moment"

    def _number(self) -> str:
        bits = self.profile.impulse_random_bits
        return f"element_bits(key, step, i, {bits})" if self._draws_for_each() else "0"
