"""Loihi 2, as far as public sources describe it. Much of it is unpublished.

Where Lava 0.10's models stand in for the chip the source says so. A stand-in that
nobody has published has trust "unverified": the compiler uses it, and says so.
"""

from __future__ import annotations

from types import MappingProxyType

from ..chip import Chip, Value, unpublished
from ..program import SignMode
from .loihi2_costs import VENDOR_RATIOS

_BRIEF = "Intel Loihi 2 technology brief 2021 (via public notes)"
_RUNTIME_MODEL = "Timcheck et al., arXiv 2601.10035 (via public notes)"
_AS_LOIHI_1 = "Loihi 1's layout (nengo-loihi bits_per_axon); Loihi 2's is unpublished"

_WEIGHT_RANGES = {
    SignMode.MIXED: (-256, 254),  # Lava SignMode: even values only
    SignMode.EXCITATORY: (0, 255),  # Lava SignMode
    SignMode.INHIBITORY: (-255, 0),  # Lava SignMode
}

# Lava learning/constants.py FACTOR_TO_WIDTH_DICT
_FACTOR_WIDTHS = {
    "x0": 1, "x1": 7, "x2": 7,
    "y0": 1, "y1": 7, "y2": 7, "y3": 7,
    "w": 9, "d": 9, "t": 9, "c": 8,
}  # fmt: skip

LOIHI2 = Chip(
    name="loihi2",
    title="Intel Loihi 2 (2021)",
    cores=Value(128, "core", f"{_BRIEF}: up to 128; boards have 120-122", "medium"),
    chips=Value(1, "chip", "one chip; boards have more (boards.py)", "high"),
    neurons_per_core=Value(8192, "neuron", f"{_BRIEF}: up to 8192", "medium"),
    synapse_bits_per_core=Value(128 * 1024 * 8, "bit", f"{_BRIEF}: 128 KB", "medium"),
    in_axons_per_core=unpublished("axon", "no public source"),
    out_axons_per_core=unpublished("axon", "no public source"),
    learning_axon_slots=Value(2, "axon", "as on Loihi 1 (nengo-loihi)", "unverified"),
    delay_slots_per_core=unpublished("slot", "no public source"),
    neuron_profiles_per_core=unpublished("profile", "no public source"),
    threshold_profiles_per_core=unpublished("profile", "part of a neuron's program"),
    synapse_formats_per_core=unpublished("format", "no public source"),
    cores_per_tile=Value(4, "core", f"{_RUNTIME_MODEL}: 4 at each router", "low"),
    mesh_columns=Value(8, "tile", f"{_RUNTIME_MODEL}: 8 x 4 routers", "low"),
    axon_word_bits=Value(64, "bit", _AS_LOIHI_1, "unverified"),
    axon_entry_synapses=Value(64, "synapse", _AS_LOIHI_1, "unverified"),
    axon_header_bits=Value(10, "bit", _AS_LOIHI_1, "unverified"),
    axon_index_bits=Value(
        (0, 6, 7, 8, 9, 10, 11, 12), "bit", _AS_LOIHI_1, "unverified"
    ),
    stored_tag_bits=Value(8, "bit", "Q-learning, arXiv 2609.32317: signed 8", "low"),
    stored_delay_bits=Value(6, "bit", "Lava PyDelayDenseModelBitAcc", "medium"),
    state_bits=Value(24, "bit", "Lava proc/lif/models.py", "medium"),
    decay_bits=Value(12, "bit", "Lava proc/lif/models.py", "medium"),
    current_decay_offset=Value(1, "1/4096", "Lava ds_offset", "medium"),
    voltage_decay_offset=Value(0, "1/4096", "Lava dm_offset", "medium"),
    threshold_mantissa_max=Value(2**17 - 1, "integer", "Lava LIF vth", "medium"),
    threshold_shift=Value(6, "bit", "Lava LIF vth", "medium"),
    bias_mantissa=Value((-4096, 4095), "integer", "Lava LIF bias_mant", "medium"),
    bias_exponent=Value((0, 7), "bit", "Lava LIF bias_exp", "medium"),
    refractory_steps=unpublished("step", "part of a neuron's own program"),
    dendrite_bits=Value(16, "bit", "Lava LIF a_in precision", "medium"),
    synapse_shift=Value(6, "bit", "Lava LIF", "medium"),
    programmable_neurons=Value(True, "", _BRIEF, "high"),
    neuron_state_bytes=Value(4096, "byte", f"{_BRIEF}: 0 to 4096", "medium"),
    neuron_program_operations=unpublished(
        "operation", "instruction set and program length are not public"
    ),
    weight_bits=Value(8, "bit", f"{_BRIEF}; arXiv 2503.18002", "high"),
    weight_bit_choices=Value(
        (1, 2, 3, 4, 5, 6, 7, 8), "bit", "Lava optimize_weight_bits", "medium"
    ),
    weight_ranges=Value(
        MappingProxyType(_WEIGHT_RANGES), "integer", "Lava SignMode", "medium"
    ),
    weight_exponent=Value((-7, 7), "bit", "as on Loihi 1 (nengo-loihi)", "unverified"),
    delay_steps=Value((0, 63), "step", "Lava PyDelayDenseModelBitAcc", "medium"),
    graded_spike_bits=Value(32, "bit", f"{_BRIEF}; Lava sends 24", "medium"),
    epoch_steps=Value((1, 63), "step", "Lava W_EPOCH_TIME (6 bit)", "medium"),
    epoch_is_core_wide=unpublished("", "Lava gives every connection its own epoch"),
    pre_traces=Value(2, "trace", "Lava Loihi2FLearningRule", "medium"),
    post_traces=Value(3, "trace", "Lava Loihi2FLearningRule", "medium"),
    pre_trace_profiles=unpublished("profile", "no public source"),
    trace_bits=Value(7, "bit", "Lava W_TRACE", "medium"),
    trace_max=Value(127, "integer", "follows from trace_bits", "medium"),
    trace_impulse=Value((0, 127), "integer", "follows from trace_bits", "medium"),
    trace_impulse_fraction_bits=Value(
        8, "bit", "Lava W_TRACE_FRACTIONAL_PART", "medium"
    ),
    trace_tau_steps=unpublished("step", "no public source gives the register's range"),
    mantissa=Value((-8, 7), "integer", "Lava W_S_MANT", "medium"),
    exponent=Value((-7, 8), "bit", "Lava product_series.py", "medium"),
    decimate_exponent=Value((0, 9), "bit", "Lava's parser accepts u0..u9", "low"),
    learning_targets=Value(("w", "t", "d"), "", "Lava learning rules", "medium"),
    learning_factors=Value(tuple(_FACTOR_WIDTHS), "", "Lava learning rules", "medium"),
    factor_widths=Value(
        MappingProxyType(_FACTOR_WIDTHS), "bit", "Lava FACTOR_TO_WIDTH_DICT", "medium"
    ),
    factor_constant=Value(
        (-256, 255), "integer", "Lava W_CONST, clipped at 2^8", "low"
    ),
    sign_factors=Value(("w", "t", "d"), "", "Lava's grammar of products", "medium"),
    products_per_rule=unpublished("product", "no public source"),
    learning_profiles_per_core=unpublished("profile", "no public source"),
    graded_post_factors=Value(
        3, "factor", "Lava Loihi3FLearningRule (y1, y2, y3); Intel brief 2021", "high"
    ),
    reward_factors=Value((), "", "Lava Loihi3FLearningRule has none", "medium"),
    tag=Value((-256, 255), "integer", "Lava W_TAG_1_S (9 bit)", "medium"),
    delay_variable=Value((0, 63), "step", "Lava PyDelayDenseModelBitAcc", "medium"),
    accumulator_bits=Value(16, "bit", "Lava W_ACCUMULATOR_S", "medium"),
    accumulator_fraction_bits=Value(7, "bit", "Lava connection.py", "medium"),
    product_shift_base=Value(
        4, "bit", "Lava W_S_MANT; nengo-loihi fitted 3 on Loihi 1: unresolved", "low"
    ),
    stochastic_rounding=Value(True, "", "Lava connection.py", "medium"),
    cost_tables=(VENDOR_RATIOS,),
    idle_power=unpublished("mW", "published for boards only, none for a chip"),
    chip_barrier=unpublished("ns", "no public source"),
)
