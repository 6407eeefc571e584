"""Every switch of a profile: its values, who computes so, and why ours are ours.

In: nothing. Out: the table behind ``lahar list profiles``, docs/profiles.md and the
variants of a profile. Facts about Lava are of lava-nc 0.10.0, about nengo-loihi of its
emulator (commit e564f66), about Brian2Loihi of its code (commit 9ac5842).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .switch import Meaning, Reason, Switch, Trust

CODE = "lava-nc 0.10.0 "
DAVIES = "Davies et al. 2018, via public notes"
UNPUBLISHED = "ours; the chip's form is unpublished"


def _switch(
    name: str,
    what: str,
    meanings: tuple[Meaning, ...],
    lava: str,
    loihi2: tuple[str, Trust],
    others: tuple[int, int] | None = None,
) -> Switch:
    reasons = {"lava-0.10": Reason(CODE + lava, "high"), "loihi2": Reason(*loihi2)}
    return Switch(name, what, meanings, MappingProxyType(reasons), others)


_ALL = (
    _switch(
        "randomness",
        "which random numbers round",
        (
            Meaning(
                "population",
                "one draw for all elements of a side or connection and epoch, from"
                " PCG64 streams in Lava's order",
                "Lava",
            ),
            Meaning(
                "element",
                "one draw for each element, from a hash of seed, stream, step and"
                " index",
                "lahar; nengo-loihi and Brian2Loihi draw for each element too",
            ),
        ),
        "magma/core/learning/random.py",
        ("ours; the chip's generators are unpublished", "ours"),
    ),
    _switch(
        "trace_decay",
        "the factor by which a trace decays in a step",
        (
            Meaning("float exp", "exp(-1/tau) in float64", "Lava, nengo-loihi"),
            Meaning("q16", "exp(-1/tau) with 16 fraction bits", "lahar"),
            Meaning(
                "q16 first order",
                "1 - 1/tau with 16 fraction bits",
                "lahar; Brian2Loihi has 1 - 1/tau in float64",
            ),
        ),
        "magma/core/model/py/connection.py _decay_trace",
        (UNPUBLISHED, "ours"),
    ),
    _switch(
        "trace_decay_period",
        "when traces decay",
        (
            Meaning("step", "once for each step of the epoch", "Lava, Brian2Loihi"),
            Meaning(
                "epoch",
                "once for each epoch; the whole epoch reads one value",
                "nengo-loihi",
            ),
        ),
        "magma/core/model/py/connection.py _compute_trace_histories",
        ("ours; Lava and nengo-loihi differ", "ours"),
    ),
    _switch(
        "impulse_random_bits",
        "width of the random number that the 8-bit fraction of an impulse is compared"
        " with",
        (
            Meaning(7, "a fraction f counts with probability min(1, 2 f)", "Lava"),
            Meaning(8, "unbiased", "lahar"),
        ),
        "magma/core/learning/random.py",
        ("ours; unbiased", "ours"),
    ),
    _switch(
        "impulse_rounding",
        "whether decay and impulse are rounded together",
        (
            Meaning("apart", "each on its own", "Lava, Brian2Loihi"),
            Meaning("with decay", "their sum, once", "nengo-loihi"),
        ),
        "magma/core/model/py/connection.py _add_impulse",
        (UNPUBLISHED, "ours"),
    ),
    _switch(
        "repeated_spike",
        "what a second spike of an epoch does",
        (
            Meaning(
                "impulse",
                "adds its impulse at once; the last spike time is kept",
                "Lava",
            ),
            Meaning(
                "time only",
                "moves the spike time and adds nothing",
                "nengo-loihi, with a warning that trace spikes are lost",
            ),
        ),
        "magma/core/model/py/connection.py _process_pre_spikes",
        (
            f"ours; the chip wants at most one spike an epoch ({DAVIES})",
            "ours",
        ),
    ),
    _switch(
        "u_wrap",
        "how the synaptic current overflows",
        (
            Meaning(
                "single",
                "one addition or subtraction of 2^24, range (-2^23, 2^23]",
                "Lava",
            ),
            Meaning(
                "twos complement",
                "modulo 2^24, range [-2^23, 2^23)",
                "nengo-loihi",
            ),
            Meaning("none", "not at all", "Brian2Loihi"),
        ),
        "proc/lif/models.py",
        ("nengo-loihi emulator, test_uv_overflow (checked on a board)", "medium"),
    ),
    _switch(
        "arrival_bits",
        "what arrives at a port in a step is taken modulo 2^bits, signed",
        (
            Meaning(16, "the dendritic accumulator wraps", "nengo-loihi"),
            Meaning(32, "the sum is not checked", "Lava"),
        ),
        "magma/core/model/py/ports.py: int16 is declared and not kept",
        ("nengo-loihi Q_BITS, Lava's declared precision, Brian2Loihi's limit", "high"),
        (8, 32),
    ),
    _switch(
        "membrane_low",
        "the membrane saturates no lower than this",
        (
            Meaning(None, "where the program says, -2^23 + 1", "Lava"),
            Meaning(0, "membranes are never negative", "nengo-loihi by default"),
        ),
        "proc/lif/models.py",
        ("ours; on the chip it is a setting of a core", "ours"),
        (-(2**23) + 1, 0),
    ),
    _switch(
        "v_after_spike",
        "what the membrane reads in the step of its spike",
        (
            Meaning(None, "its own value, which the reset gave it", "Lava"),
            Meaning(128, "128; the dynamics go on from the reset value", "Loihi 2"),
        ),
        "proc/lif/models.py",
        ("recorded on a Loihi 2 (NIR paper data, paper/01_lif)", "high"),
    ),
    _switch(
        "third_factor_tau_256",
        "time constant (1/256 steps) of y values that the neuron sent, when products"
        " read them",
        (
            Meaning(65535 * 256, "65535 steps", "Lava"),
            Meaning(None, "they are read as sent", "lahar"),
        ),
        "magma/core/learning/learning_rule.py Loihi3FLearningRule",
        (UNPUBLISHED, "ours"),
    ),
    _switch(
        "clip_third_factor_on_event",
        "whether a post event clips y values that the neuron sent to [0, 127]",
        (
            Meaning(True, "an impulse of 0 is added, and that clips", "Lava"),
            Meaning(False, "they are left alone", "lahar"),
        ),
        "magma/core/model/py/connection.py _add_impulse",
        (UNPUBLISHED, "ours"),
    ),
    _switch(
        "product_shift_base",
        "products are shifted right by max(0, sum of widths + base - 15)",
        (
            Meaning(4, "two traces lose 3 bits", "Lava"),
            Meaning(3, "two traces lose 2 bits", "nengo-loihi"),
            Meaning(None, "products are not shifted", "Brian2Loihi"),
        ),
        "magma/core/learning/constants.py W_S_MANT",
        ("Lava has 4, nengo-loihi 3: unresolved", "low"),
        (0, 15),
    ),
    _switch(
        "product_rounding",
        "how that shift rounds negative products",
        (
            Meaning("floor", "an arithmetic shift", "Lava, nengo-loihi"),
            Meaning("toward zero", "as positive ones", "lahar"),
        ),
        "magma/core/learning/learning_rule_applier.py",
        ("Lava and nengo-loihi", "medium"),
    ),
    _switch(
        "accumulator_clips",
        "whether products and their sum saturate at 16 bit",
        (
            Meaning(True, "they do", "Lava"),
            Meaning(False, "they do not", "nengo-loihi, Brian2Loihi"),
        ),
        "magma/core/learning/learning_rule_applier.py",
        (
            f"16-bit accumulator registers ({DAVIES})",
            "medium",
        ),
    ),
    _switch(
        "accumulator_low",
        "lowest value of the accumulator",
        (
            Meaning(-32769, "one below 16 bit", "Lava"),
            Meaning(-32768, "16 bit", "lahar"),
        ),
        "magma/core/learning/learning_rule_applier.py",
        (
            f"16-bit accumulator registers ({DAVIES})",
            "medium",
        ),
    ),
    _switch(
        "tag_low",
        "lowest value of a tag",
        (
            Meaning(-257, "one below 9 bit", "Lava"),
            Meaning(-256, "9 bit", "lahar"),
        ),
        "magma/core/model/py/connection.py _saturate_synaptic_variable",
        (f"9-bit signed tags ({DAVIES})", "medium"),
    ),
    _switch(
        "update_rounding",
        "how a learned variable is rounded to what is stored",
        (
            Meaning("stochastic", "by a random number", "Lava, nengo-loihi"),
            Meaning(
                "away from zero",
                "the change is rounded up in absolute value: any change is at least 1",
                "Brian2Loihi",
            ),
        ),
        "magma/core/model/py/connection.py _stochastic_round_synaptic_variable",
        (
            f"stochastic rounding ({DAVIES}), Lava, nengo-loihi",
            "high",
        ),
    ),
    _switch(
        "learned_weight_grid",
        "which values learned weights take",
        (
            Meaning("unit", "any integer", "Lava"),
            Meaning(
                "stored bits",
                "multiples of 2^(8 - bits + mixed), as they are stored",
                "nengo-loihi, Brian2Loihi",
            ),
        ),
        "magma/core/model/py/connection.py _saturate_synaptic_variable",
        ("nengo-loihi and Brian2Loihi", "medium"),
    ),
    _switch(
        "weight_truncation",
        "how mixed weights lose low bits",
        (
            Meaning("floor", "down", "Lava, the notebook of Brian2Loihi's authors"),
            Meaning("toward zero", "in absolute value", "Brian2Loihi"),
            Meaning("nearest", "to the nearest multiple", "nengo-loihi"),
        ),
        "utils/weightutils.py truncate_weights",
        ("Lava; three sources, three answers", "low"),
    ),
    _switch(
        "dense_drops_low_bits",
        "whether weights that do not learn lose 8 - bits + mixed low bits",
        (
            Meaning(True, "they do", "Lava, nengo-loihi, Brian2Loihi"),
            Meaning(False, "they are used as given", "lahar"),
        ),
        "proc/dense/models.py",
        ("three implementations agree", "high"),
    ),
    _switch(
        "learning_drops_low_bits",
        "the same for the first weights of a connection that learns",
        (
            Meaning(True, "they do", "Lava, nengo-loihi, Brian2Loihi"),
            Meaning(False, "they are used as given", "lahar"),
        ),
        "proc/dense/models.py",
        ("three implementations agree", "high"),
    ),
    _switch(
        "learning_clips_initial_weights",
        "whether first weights of a connection that learns are clipped to the range",
        (
            Meaning(False, "the first learning phase clips them", "Lava"),
            Meaning(True, "before the first step", "lahar"),
        ),
        "proc/dense/models.py",
        ("ours; a register holds nothing else", "ours"),
    ),
)

SWITCHES: Mapping[str, Switch] = MappingProxyType({s.name: s for s in _ALL})
