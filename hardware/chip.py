"""A chip as data: every number with its unit, its source and how far to trust it.

In: nothing. Out: the type that chips/ fills and that limits, compiler and report read.
Chips differ in data only; nobody asks for a chip's name to decide what to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Generic, Literal, TypeVar

from .program import SignMode

Trust = Literal["high", "medium", "low", "unverified"]
Range = tuple[int, int]

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Value(Generic[T_co]):
    """A published number, or the statement that nobody has published it.

    value
        None means unpublished; the trust is then ``unverified``.
    trust
        ``high``: several public sources agree, or it follows from the definition;
        ``medium``: one source; ``low``: one source that others contradict or that is
        known only at second hand; ``unverified``: unpublished. An unverified value
        that is not None is our stand-in, and nothing checked against it is "ok".
    """

    value: T_co
    unit: str
    source: str
    trust: Trust

    @property
    def is_verified(self) -> bool:
        """Tell whether someone has published the number."""
        return self.trust != "unverified"


def unpublished(unit: str, reason: str) -> Value[None]:
    """Say that a value is not public, and why that matters or where it was sought."""
    return Value(None, unit, reason, "unverified")


EVENTS = (
    "synaptic operation",
    "pairwise learning update",
    "active neuron update",
    "inactive neuron update",
    "spike within a tile",
    "tile hop east-west",
    "tile hop north-south",
)
"""What energies and times are given for (the rows of Davies et al. 2018, table 2)."""


@dataclass(frozen=True)
class Chip:
    """What one chip of a kind can hold and compute. Ranges are (low, high), inclusive.

    Size
        cores, neurons_per_core (compartments), synapse_bits_per_core,
        in_axons_per_core (lists of synapses that arriving spikes start),
        out_axons_per_core (one per neuron and destination core), learning_axon_slots
        (input axons that one learning axon takes).
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
        mode, weight_exponent, delay_steps.
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
        energies and times by event (see EVENTS), idle_power.
    """

    name: str
    title: str

    cores: Value[int]
    neurons_per_core: Value[int]
    synapse_bits_per_core: Value[int]
    in_axons_per_core: Value[int | None]
    out_axons_per_core: Value[int | None]
    learning_axon_slots: Value[int]

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

    energies: Mapping[str, Value[float | None]]
    times: Mapping[str, Value[float | None]]
    idle_power: Value[float | None]

    def values(self) -> dict[str, Value[object]]:
        """List every value by name; entries of tables as ``energies[event]``."""
        found: dict[str, Value[object]] = {}
        for field in fields(self):
            content = getattr(self, field.name)
            if isinstance(content, Value):
                found[field.name] = content
            elif isinstance(content, Mapping):
                found |= {f"{field.name}[{k}]": v for k, v in content.items()}
        return found
