"""A chip as data: every number with its unit, its source and how far to trust it.

In: nothing. Out: the type that chips/ fills and that limits, compiler and report read.
Chips differ in data only; nobody asks for a chip's name to decide what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from .cost_tables import CostTable
from .program import SignMode
from .value import Range, Trust, Value, unpublished

__all__ = ["Chip", "Range", "Trust", "Value", "unpublished"]


@dataclass(frozen=True)
class Chip:
    """What one chip of a kind can hold and compute. Ranges are (low, high), inclusive.

    Size
        cores (of one chip), chips (1, or those of a board), neurons_per_core
        (compartments), synapse_bits_per_core, in_axons_per_core (lists of synapses
        that arriving spikes start), out_axons_per_core (one per neuron and list that
        its spikes start), learning_axon_slots (input axons that one learning axon
        takes), delay_slots_per_core (arrival times to come, for all neurons of a core
        together), neuron_profiles_per_core (different decays and refractory periods),
        threshold_profiles_per_core, synapse_formats_per_core (different kinds of
        lists), cores_per_tile and mesh_columns (where a core lies).
    Layout of a list of synapses
        axon_word_bits, axon_entry_synapses (most synapses of an entry),
        axon_header_bits (per entry), axon_index_bits (choices of a sparse list's
        index width), stored_tag_bits, stored_delay_bits (per learning synapse).
    Neuron
        state_bits (of u and v), decay_bits (of the registers), current_decay_offset
        and voltage_decay_offset (effective decay minus register),
        threshold_mantissa_max, threshold_shift, bias_mantissa, bias_exponent,
        refractory_steps, dendrite_bits (accumulator before the shift),
        synapse_shift (left shift of arriving sums), programmable_neurons,
        neuron_state_bytes (most per neuron), neuron_program_operations.
    Synapse
        weight_bits (of the widest weight), weight_bit_choices, weight_ranges by sign
        mode, weight_exponent, delay_steps, graded_spike_bits (of what a spike
        carries; 0: nothing).
    Learning
        epoch_steps, epoch_is_core_wide (one epoch for all synapses of a core),
        pre_traces and post_traces (per synapse), pre_trace_profiles
        (different configurations on one core), trace_bits, trace_max, trace_impulse,
        trace_impulse_fraction_bits, trace_tau_steps, mantissa, exponent,
        decimate_exponent, learning_targets, learning_factors, factor_widths (bits
        that count for the product shift), factor_constant, sign_factors (variables
        whose sign may be a factor), products_per_rule, learning_profiles_per_core,
        graded_post_factors (third factors that a neuron can send each synapse),
        reward_factors (core-wide third factors), tag, delay_variable,
        accumulator_bits, accumulator_fraction_bits, product_shift_base,
        stochastic_rounding.
    Cost
        cost_tables (all that are published), idle_power (lowest and highest that was
        measured of a chip that does nothing), chip_barrier (of a step on several
        chips).
    """

    name: str
    title: str

    cores: Value[int]
    chips: Value[int]
    neurons_per_core: Value[int]
    synapse_bits_per_core: Value[int]
    in_axons_per_core: Value[int | None]
    out_axons_per_core: Value[int | None]
    learning_axon_slots: Value[int]
    delay_slots_per_core: Value[int | None]
    neuron_profiles_per_core: Value[int | None]
    threshold_profiles_per_core: Value[int | None]
    synapse_formats_per_core: Value[int | None]
    cores_per_tile: Value[int]
    mesh_columns: Value[int]

    axon_word_bits: Value[int]
    axon_entry_synapses: Value[int]
    axon_header_bits: Value[int]
    axon_index_bits: Value[tuple[int, ...]]
    stored_tag_bits: Value[int]
    stored_delay_bits: Value[int]

    state_bits: Value[int]
    decay_bits: Value[int]
    current_decay_offset: Value[int]
    voltage_decay_offset: Value[int]
    threshold_mantissa_max: Value[int]
    threshold_shift: Value[int]
    bias_mantissa: Value[Range]
    bias_exponent: Value[Range]
    refractory_steps: Value[Range | None]
    dendrite_bits: Value[int]
    synapse_shift: Value[int]
    programmable_neurons: Value[bool]
    neuron_state_bytes: Value[int]
    neuron_program_operations: Value[int | None]

    weight_bits: Value[int]
    weight_bit_choices: Value[tuple[int, ...]]
    weight_ranges: Value[Mapping[SignMode, Range]]
    weight_exponent: Value[Range]
    delay_steps: Value[Range]
    graded_spike_bits: Value[int]

    epoch_steps: Value[Range]
    epoch_is_core_wide: Value[bool | None]
    pre_traces: Value[int]
    post_traces: Value[int]
    pre_trace_profiles: Value[int | None]
    trace_bits: Value[int]
    trace_max: Value[int]
    trace_impulse: Value[Range]
    trace_impulse_fraction_bits: Value[int]
    trace_tau_steps: Value[Range | None]
    mantissa: Value[Range]
    exponent: Value[Range]
    decimate_exponent: Value[Range]
    learning_targets: Value[tuple[str, ...]]
    learning_factors: Value[tuple[str, ...]]
    factor_widths: Value[Mapping[str, int]]
    factor_constant: Value[Range]
    sign_factors: Value[tuple[str, ...]]
    products_per_rule: Value[int | None]
    learning_profiles_per_core: Value[int | None]
    graded_post_factors: Value[int]
    reward_factors: Value[tuple[str, ...]]
    tag: Value[Range]
    delay_variable: Value[Range]
    accumulator_bits: Value[int]
    accumulator_fraction_bits: Value[int]
    product_shift_base: Value[int]
    stochastic_rounding: Value[bool]

    cost_tables: tuple[CostTable, ...]
    idle_power: Value[tuple[float, float] | None]
    chip_barrier: Value[tuple[float, float] | None]

    profile: str = "loihi2"  # both Loihis share the published arithmetic

    @property
    def all_cores(self) -> int:
        """The cores of all its chips."""
        return self.cores.value * self.chips.value

    @property
    def core_limit(self) -> Value[int]:
        """How many cores there are, and who says so."""
        if self.chips.value == 1:
            return self.cores
        source = f"{self.cores.source}; times {self.chips.value}: {self.chips.source}"
        trusts: list[Trust] = ["high", "medium", "low", "unverified"]
        trust = max(self.cores.trust, self.chips.trust, key=trusts.index)
        return Value(self.all_cores, self.cores.unit, source, trust)

    def values(self) -> dict[str, Value[object]]:
        """List every value by name; those of cost tables as ``A.energies[event]``."""
        found: dict[str, Value[object]] = {}
        for field in fields(self):
            content = getattr(self, field.name)
            if isinstance(content, Value):
                found[field.name] = content
        for table in self.cost_tables:
            found |= table.values()
        return found
