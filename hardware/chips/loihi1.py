"""Loihi (the first), as far as public sources describe it.

"Via public notes" marks quotations with page numbers in public notes on a paper that
was not read itself. nengo-loihi is the version of 2023-02, which was tuned against
boards; Lava is lava-nc 0.10.0; Brian2Loihi is the package of Michaelis et al. 2022.
"""

from __future__ import annotations

from types import MappingProxyType

from ..chip import Chip, Value, unpublished
from ..program import SignMode
from .loihi1_costs import DAVIES_2018, SANA_FE

_WEIGHT_RANGES = {
    SignMode.MIXED: (-256, 254),  # Lava SignMode, nengo-loihi: even values only
    SignMode.EXCITATORY: (0, 255),  # Lava SignMode, nengo-loihi fanout_type 2
    SignMode.INHIBITORY: (-255, 0),  # Lava SignMode; Brian2Loihi also has -256
}

# Lava learning/constants.py; Davies et al. 2018, table 1 has the same for traces.
_FACTOR_WIDTHS = {
    "x0": 1, "x1": 7, "x2": 7,
    "y0": 1, "y1": 7, "y2": 7, "y3": 7,
    "w": 9, "d": 9, "t": 9, "c": 8,
}  # fmt: skip

LOIHI1 = Chip(
    name="loihi1",
    title="Intel Loihi (2018)",
    cores=Value(
        128, "core", "Davies et al. 2018, p. 86 (via public notes); nengo-loihi", "high"
    ),
    chips=Value(1, "chip", "one chip; boards have more (boards.py)", "high"),
    neurons_per_core=Value(
        1024,
        "compartment",
        "Davies et al. 2018, p. 89 (via public notes); nengo-loihi MAX_COMPARTMENTS",
        "high",
    ),
    synapse_bits_per_core=Value(
        16384 * 64,
        "bit",
        "Davies et al. 2018, p. 89 (via public notes); nengo-loihi MAX_SYNAPSE_BITS",
        "high",
    ),
    in_axons_per_core=Value(
        4096,
        "axon",
        "Davies et al. 2018, p. 89 (via public notes); nengo-loihi MAX_IN_AXONS",
        "high",
    ),
    out_axons_per_core=Value(
        4096,
        "axon",
        "Davies et al. 2018, p. 89 (via public notes); nengo-loihi MAX_OUT_AXONS",
        "high",
    ),
    learning_axon_slots=Value(
        2, "axon", "nengo-loihi idxs_per_synapse (its validator counts 1)", "medium"
    ),
    delay_slots_per_core=Value(
        8192,
        "slot",
        "Davies et al. 2018, p. 92: 8 for each of 1024 neurons (via public notes)",
        "medium",
    ),
    neuron_profiles_per_core=Value(
        32, "profile", "nengo-loihi, which asks to check the number", "low"
    ),
    threshold_profiles_per_core=Value(
        16, "profile", "nengo-loihi's validator; its builder stops at 8", "low"
    ),
    synapse_formats_per_core=Value(
        15, "format", "nengo-loihi: 16, of which it leaves one unused", "low"
    ),
    cores_per_tile=Value(
        4,
        "core",
        "Davies et al. 2018: 32 tiles for 128 cores (via public notes)",
        "low",
    ),
    mesh_columns=Value(8, "tile", "SANA-FE assumes 8 x 4 tiles", "low"),
    axon_word_bits=Value(64, "bit", "nengo-loihi bits_per_axon", "medium"),
    axon_entry_synapses=Value(64, "synapse", "nengo-loihi bits_per_axon", "medium"),
    axon_header_bits=Value(10, "bit", "nengo-loihi bits_per_axon (4 + 6)", "medium"),
    axon_index_bits=Value(
        (0, 6, 7, 8, 9, 10, 11, 12), "bit", "nengo-loihi INDEX_BITS_MAP", "medium"
    ),
    stored_tag_bits=Value(
        8, "bit", "nengo-loihi bits_per_axon at its widest tag", "medium"
    ),
    stored_delay_bits=Value(
        6, "bit", "Davies et al. 2018, table 1 (via public notes)", "medium"
    ),
    state_bits=Value(
        24, "bit", "nengo-loihi U_BITS and sign; Lava; Dey & Dimitrov 2021", "high"
    ),
    decay_bits=Value(12, "bit", "nengo-loihi; Lava; Dey & Dimitrov 2021", "high"),
    current_decay_offset=Value(1, "1/4096", "Lava ds_offset; nengo-loihi", "high"),
    voltage_decay_offset=Value(0, "1/4096", "Lava dm_offset; nengo-loihi", "high"),
    threshold_mantissa_max=Value(
        2**17 - 1, "integer", "nengo-loihi VTH_MAN_MAX; Lava; Brian2Loihi", "high"
    ),
    threshold_shift=Value(6, "bit", "nengo-loihi VTH_EXP; Lava; Brian2Loihi", "high"),
    bias_mantissa=Value(
        (-4096, 4095), "integer", "Lava; nengo-loihi stays within 4095", "medium"
    ),
    bias_exponent=Value((0, 7), "bit", "Lava; nengo-loihi", "high"),
    refractory_steps=Value(
        (1, 63), "step", "nengo-loihi; Brian2Loihi also has 64", "medium"
    ),
    dendrite_bits=Value(
        16, "bit", "nengo-loihi Q_BITS; Lava a_in; Brian2Loihi", "high"
    ),
    synapse_shift=Value(6, "bit", "nengo-loihi; Lava; Brian2Loihi", "high"),
    programmable_neurons=Value(
        False, "", "Davies et al. 2018, p. 86 (via public notes)", "high"
    ),
    neuron_state_bytes=Value(
        24, "byte", "Intel Loihi 2 technology brief 2021 (via public notes)", "medium"
    ),
    neuron_program_operations=Value(
        0, "operation", "follows from programmable_neurons", "high"
    ),
    weight_bits=Value(
        8, "bit", "nengo-loihi WEIGHT_BITS_MAP; Davies 2018 p. 87 has 9", "medium"
    ),
    weight_bit_choices=Value(
        (1, 2, 3, 4, 5, 6, 8), "bit", "nengo-loihi WEIGHT_BITS_MAP (no 7)", "medium"
    ),
    weight_ranges=Value(
        MappingProxyType(_WEIGHT_RANGES),
        "integer",
        "Lava SignMode; nengo-loihi; Brian2Loihi",
        "high",
    ),
    weight_exponent=Value(
        (-7, 7), "bit", "nengo-loihi; Brian2Loihi also has -8", "medium"
    ),
    delay_steps=Value(
        (0, 62), "step", "Davies et al. 2018, p. 92 (via public notes)", "medium"
    ),
    graded_spike_bits=Value(
        0, "bit", "Intel Loihi 2 technology brief 2021: new there", "medium"
    ),
    epoch_steps=Value(
        (1, 63), "step", "Davies et al. 2018, p. 91 (via public notes)", "medium"
    ),
    epoch_is_core_wide=Value(
        True, "", "Davies et al. 2018, p. 91 (via public notes)", "medium"
    ),
    pre_traces=Value(2, "trace", "Lava; Brian2Loihi", "high"),
    post_traces=Value(3, "trace", "Lava; Brian2Loihi", "high"),
    pre_trace_profiles=Value(
        3, "profile", "nengo-loihi, which asks to check the number", "low"
    ),
    trace_bits=Value(7, "bit", "Davies et al. 2018, table 1; Lava W_TRACE", "high"),
    trace_max=Value(127, "integer", "follows from trace_bits", "high"),
    trace_impulse=Value((0, 127), "integer", "nengo-loihi; Brian2Loihi", "high"),
    trace_impulse_fraction_bits=Value(
        8, "bit", "Lava W_TRACE_FRACTIONAL_PART; nengo-loihi has 7", "low"
    ),
    trace_tau_steps=unpublished("step", "no public source gives the register's range"),
    mantissa=Value((-8, 7), "integer", "Lava W_S_MANT", "medium"),
    exponent=Value((-7, 8), "bit", "Lava; Brian2Loihi's text goes to 9", "medium"),
    decimate_exponent=Value((0, 9), "bit", "Lava and Brian2Loihi accept u0..u9", "low"),
    learning_targets=Value(("w", "t", "d"), "", "Davies et al. 2018; Lava", "high"),
    learning_factors=Value(tuple(_FACTOR_WIDTHS), "", "Davies 2018; Lava", "high"),
    factor_widths=Value(
        MappingProxyType(_FACTOR_WIDTHS), "bit", "Lava FACTOR_TO_WIDTH_DICT", "medium"
    ),
    factor_constant=Value(
        (-256, 255), "integer", "Lava W_CONST; the sign is not published", "low"
    ),
    sign_factors=Value(("w", "t", "d"), "", "Davies et al. 2018, table 1", "medium"),
    products_per_rule=unpublished("product", "no public source"),
    learning_profiles_per_core=unpublished("profile", "no public source"),
    graded_post_factors=Value(
        0, "factor", "Intel Loihi 2 technology brief 2021: new there", "medium"
    ),
    reward_factors=Value(("r0", "r1"), "", "rules in public NxNet code", "low"),
    tag=Value((-256, 255), "integer", "9 bit signed: Davies et al. 2018", "medium"),
    delay_variable=Value(
        (0, 62), "step", "Davies et al. 2018, p. 92 (via public notes)", "medium"
    ),
    accumulator_bits=Value(16, "bit", "nengo-loihi LEARN_BITS and sign; Lava", "high"),
    accumulator_fraction_bits=Value(7, "bit", "nengo-loihi LEARN_FRAC; Lava", "high"),
    product_shift_base=Value(
        4, "bit", "Lava W_S_MANT; nengo-loihi fitted 3 to boards: unresolved", "low"
    ),
    stochastic_rounding=Value(
        True, "", "Davies et al. 2018, p. 91 (via public notes); nengo-loihi", "high"
    ),
    cost_tables=(DAVIES_2018, SANA_FE),
    idle_power=Value(
        (29.0, 104.0),
        "mW",
        "measured: Blouw et al. 2018, a small board; Frady et al. 2020, 3.34 W for 32 "
        "chips (both via public notes)",
        "low",
    ),
    chip_barrier=Value(
        (14300.0, 16200.0),
        "ns",
        "Frady et al. 2020: a column of 4 x 64 cores, and 768 chips (via public notes)",
        "low",
    ),
)
