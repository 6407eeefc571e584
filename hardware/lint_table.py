"""The 26 checks of a rule and its Program, and the diagnostics that carry each.

A check that ends the work has a code of its kind (R: compiling, P: a Program's limit);
one that warns has the check's own. ``lahar explain L05`` finds either here, and
docs/lints.md says the same at length.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Check:
    """One check: what is wrong, from when on, what to do, and which codes say so."""

    code: str
    what: str
    threshold: str
    remedy: str
    carriers: tuple[str, ...]


CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        c.code: c
        for c in (
            Check(
                "L01",
                "weights outside their sign mode, or off the stored grid",
                "beyond the range of the mode; no multiple of 2^(8 - bits + mixed)",
                "rescale the weights, choose the mode `mixed`, round to the grid",
                ("P340", "P341", "R230", "R233"),
            ),
            Check(
                "L02",
                "arrivals of a step wrap in the dendritic accumulator",
                "error: the mean is beyond 16 bits; warning: mean + 4 sd, or all inputs"
                " at once",
                "lower weights, their exponent, or the inputs of a step",
                ("L02",),
            ),
            Check(
                "L03",
                "a synaptic current wraps",
                "beyond 24 bits; error: even if arrivals stay at their mean",
                "lower the weights, or let the current leak faster",
                ("L03",),
            ),
            Check(
                "L04",
                "a membrane saturates, or is clipped by the profile",
                "reaches 2^23 - 1, or goes below the profile's membrane_low",
                "lower threshold and weights, or choose another profile",
                ("L04",),
            ),
            Check(
                "L05",
                "a threshold does not fit its mantissa",
                "0, or beyond 131071 times 2^6, after scaling",
                "scale weights and threshold together",
                ("R231", "P351"),
            ),
            Check(
                "L06",
                "a constant drive is too small beside the rounding of the leak",
                "less than 20 units a step: 1/20 too low",
                "larger weights and threshold, or a faster leak",
                ("L06",),
            ),
            Check(
                "L07",
                "single spikes decay in a line, not exponentially",
                "a spike below 4096/d that no others raise; d/4096 leaks in a step",
                "larger weights and threshold, or a faster leak",
                ("L07",),
            ),
            Check(
                "L08",
                "a time constant is rounded",
                "by more than 5 %; more than 4096 steps do not exist",
                "use the value that it got, or a larger dt",
                ("L08", "P352", "R242"),
            ),
            Check(
                "L09",
                "a negative weight exponent loses bits of arrivals",
                "the floor of a sum is more than 2 % of the largest weight",
                "raise the weights, lower the threshold",
                ("L09", "R233"),
            ),
            Check(
                "L10",
                "an impulse does not fit, or has a fraction",
                "error: not 0 to 127; warning: not whole",
                "use a whole number within the register",
                ("L10", "P330"),
            ),
            Check(
                "L11",
                "a trace saturates",
                "its peak at the assumed rate, mean + 4 sd, is beyond 127",
                "use a shorter tau, or a lower rate",
                ("L11",),
            ),
            Check(
                "L12",
                "a trace is 0 long before its time constant has passed",
                "impulse below 4; or, without stochastic rounding, sooner than"
                " tau * ln(impulse)",
                "use a larger impulse",
                ("L12",),
            ),
            Check(
                "L13",
                "a trace's time constant is extreme",
                "below 4 or above 256 steps",
                "use another dt or time constant",
                ("L13",),
            ),
            Check(
                "L14",
                "a learning epoch is too long",
                "error: not 1 to 63; warning: more than 1, with the share of spikes"
                " that is lost and the traces shorter than two epochs",
                "compile with epoch=1",
                ("L14", "R201", "P333"),
            ),
            Check(
                "L15",
                "the engine's grammar or numbers cannot say a term",
                "error: mantissa, exponent, gate, factor or function that does not"
                " exist; warning: a coefficient that is 5 % off",
                "rescale, or use the nearest legal form that the message gives",
                (
                    *("L15", "R202", "R204", "R207", "R211", "R232"),
                    *("P331", "P332", "P336", "P337", "P338"),
                ),
            ),
            Check(
                "L16",
                "the product shift leaves few bits of a term",
                "usually less than 5 units of it; beyond the exponent's range an error",
                "fewer factors, larger traces",
                ("L16", "R232"),
            ),
            Check(
                "L17",
                "an update never moves a weight",
                "error: below half of the smallest product; warning: usually floored"
                " away, or less than 1 LSB in 1000 updates",
                "a larger rate, tighter bounds, every(n)",
                ("L17",),
            ),
            Check(
                "L18",
                "floor shifts pull a variable down",
                "all products of a target: more than 1 LSB in 1000 steps; the note says"
                " if that is more than 10 % of the range",
                "fewer factors, larger traces",
                ("L18",),
            ),
            Check(
                "L19",
                "rounding noise is larger than what is learned",
                "signal to noise below 3 in 1000 updates; or a walk of 64 LSB",
                "a shorter tau, every(n), means over synapses",
                ("L19",),
            ),
            Check(
                "L20",
                "one update moves a weight by a quarter of its range",
                "more than 64 LSB with all factors at their largest",
                "a smaller rate, wider bounds",
                ("L20",),
            ),
            Check(
                "L21",
                "a bound is not where the chip clips",
                "off by more than 2 % of the largest bound",
                "bounds (0, w_max), or symmetric ones with mixed signs",
                ("L21",),
            ),
            Check(
                "L22",
                "a tag or delay variable is asked for more than it is",
                "a tag collects more than it holds, within its decay or 1000 steps; a"
                " delay is learned",
                "give the tag a time constant; leave the delay out",
                ("L22", "R205"),
            ),
            Check(
                "L23",
                "a network does not fit its cores",
                "error: cores, neurons, axons, synapse memory, delays; warning: tables"
                " of configurations whose size is uncertain",
                "share settings, use fewer neurons or synapses, or a larger board",
                ("L23", "P344", "P360", "P361", "P362"),
            ),
            Check(
                "L24",
                "a third factor or graded spike that the chip does not have",
                "more graded factors than the chip sends; payloads on Loihi 1; reward"
                " factors on Loihi 2",
                "choose a chip with graded third factors, such as loihi2",
                ("R210", "R220", "P335", "P336", "P345"),
            ),
            Check(
                "L25",
                "the result depends on a point that sources disagree on",
                "product shift; traces shorter than 10 steps",
                "check on the chip; run under a variant of the profile",
                ("L25",),
            ),
            Check(
                "L26",
                "an energy would leave out what is unpublished",
                "dynamic energy alone, or any energy of Loihi 2",
                "measure a board, or describe the chip with numbers of your own",
                ("L26",),
            ),
        )
    }
)
