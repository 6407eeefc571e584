"""Where public sources about the chip disagree, and which switch says it.

One row for each topic on which Lava 0.10, the nengo-loihi emulator and Brian2Loihi
compute differently. A topic without a switch says why it has none.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Disagreement:
    """A topic, and the switches that cover it or the reason why none does."""

    topic: str
    switches: tuple[str, ...] = ()
    why_none: str = ""


DISAGREEMENTS = (
    Disagreement(
        "decay registers",
        why_none="the same thing in other words: Brian2Loihi takes effective values,"
        " the others registers plus an offset; programs hold effective values",
    ),
    Disagreement("overflow of the current u", ("u_wrap",)),
    Disagreement("overflow of the voltage v", ("membrane_low",)),
    Disagreement("v in the step of a spike", ("v_after_spike",)),
    Disagreement("overflow of what arrives in a step", ("arrival_bits",)),
    Disagreement(
        "bias",
        why_none="a neuron program adds it or does not",
    ),
    Disagreement(
        "noise",
        why_none="no operation draws random numbers yet",
    ),
    Disagreement(
        "refractory period",
        why_none="a neuron program counts it; its longest is a limit of the chip",
    ),
    Disagreement(
        "longest synaptic delay, 62 or 63",
        why_none="a limit of the chip, checked against its description",
    ),
    Disagreement(
        "low bits of stored weights",
        ("weight_truncation", "dense_drops_low_bits", "learning_drops_low_bits"),
    ),
    Disagreement("weights beyond their range", ("learning_clips_initial_weights",)),
    Disagreement("grid of learned weights", ("learned_weight_grid",)),
    Disagreement("decay of traces", ("trace_decay", "trace_decay_period")),
    Disagreement("fractional impulses", ("impulse_random_bits", "impulse_rounding")),
    Disagreement("random numbers", ("randomness",)),
    Disagreement(
        "rounding of an update",
        ("update_rounding", "accumulator_clips", "product_shift_base"),
    ),
    Disagreement("shift of products", ("product_shift_base",)),
    Disagreement("negative products", ("product_rounding",)),
    Disagreement(
        "saturation of sums", ("accumulator_clips", "accumulator_low", "tag_low")
    ),
    Disagreement("two spikes in an epoch", ("repeated_spike",)),
    Disagreement(
        "third factors", ("third_factor_tau_256", "clip_third_factor_on_event")
    ),
)
