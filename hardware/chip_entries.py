"""One value of a user's chip file: number, unit, source and trust, checked.

In: an entry `{ value = 64, unit = "core", source = "...", trust = "high" }` or
`{ unpublished = true, unit = ..., source = ... }`. Out: a Value and what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, get_args, get_origin, get_type_hints

from ..diagnostics import Diagnostic, SourceSpan
from .chip import Chip
from .chip_content import WrongContentError, may_be_unknown, structure
from .limit import describe
from .value import Trust, Value

TRUSTS: tuple[Trust, ...] = ("high", "medium", "low")
ENTRY = ("value", "unpublished", "unit", "source", "trust")

CHIP_FIELDS = {
    name: get_args(kind)[0]
    for name, kind in get_type_hints(Chip).items()
    if get_origin(kind) is Value
}
"""What `[values]` may name, with the type of each value."""

ARITHMETIC = frozenset(
    {
        *("trace_bits", "trace_max", "trace_impulse_fraction_bits", "factor_widths"),
        *("weight_ranges", "tag", "delay_variable", "stochastic_rounding"),
        *("accumulator_bits", "accumulator_fraction_bits", "state_bits"),
        *("decay_bits", "current_decay_offset", "voltage_decay_offset"),
        *("threshold_shift", "synapse_shift"),
    }
)
"""What runs compute with (docs/semantics.md), so that no file may change it."""

WIDEST: dict[str, object] = {
    "pre_traces": 2,
    "post_traces": 3,
    "graded_post_factors": 3,
    "weight_bits": 8,
    "weight_bit_choices": (1, 2, 3, 4, 5, 6, 7, 8),
    "weight_exponent": (-8, 7),
    "delay_steps": (0, 63),
    "epoch_steps": (1, 63),
    "trace_impulse": (0, 127),
    "mantissa": (-8, 7),
    "exponent": (-7, 8),
    "decimate_exponent": (0, 30),
    "factor_constant": (-256, 255),
    "threshold_mantissa_max": 2**17 - 1,
    "bias_mantissa": (-(2**12), 2**12 - 1),
    "bias_exponent": (0, 7),
    "product_shift_base": 15,
    "dendrite_bits": 32,
    "graded_spike_bits": 32,
    "axon_entry_synapses": 4096,
    "learning_targets": ("w", "t", "d"),
    "learning_factors": (
        *("x0", "x1", "x2", "y0", "y1", "y2", "y3", "w", "d", "t", "c"),
    ),
    "sign_factors": ("w", "t", "d"),
}
"""The widest that a Program can say, and that runs and counts can compute."""

LARGEST = 2**31 - 1
"""Of any count; beyond every chip, and numpy's own limits would come as a surprise."""

MAY_BE_ZERO = frozenset(
    {
        *("axon_header_bits", "stored_tag_bits", "stored_delay_bits", "pre_traces"),
        *("post_traces", "graded_post_factors", "neuron_program_operations"),
        *("product_shift_base", "in_axons_per_core", "out_axons_per_core"),
        *("current_decay_offset", "voltage_decay_offset", "graded_spike_bits"),
    }
)


@dataclass(frozen=True)
class ChipValueIsWrong(Diagnostic):
    """A value of a chip file has another type, unit or size than the chip's field.

    The chip's value shows what is expected: its type, its unit and how many numbers
    there are. Nothing is converted.
    """

    code = "P376"
    title = "`{name}`: {problem}"
    label = "here"
    note = "`{name}` of {base} is {content} ({unit}; {source})"
    help = "write {wanted}"

    name: str
    problem: str
    wanted: str
    base: str
    content: str
    unit: str
    source: str


@dataclass(frozen=True)
class ChipValueLacksItsSource(Diagnostic):
    """Every value of a chip says where it is from and how far that is to be trusted.

    Reports repeat both, and a limit that nobody has published is "unverified" in them,
    never "ok".
    """

    code = "P377"
    title = "`{name}`: {problem}"
    label = "here"
    note = 'an entry is {{ value = 64, unit = "core", source = "...", trust = "high" }}'
    help = "{advice}"

    name: str
    problem: str
    advice: str


@dataclass(frozen=True)
class ArithmeticIsFixed(Diagnostic):
    """A chip file cannot change what runs compute with.

    Widths of traces, weights, tags and accumulators, decays and roundings are those of
    docs/semantics.md and of the run's profile. A chip may have fewer resources than
    that, not another arithmetic.
    """

    code = "P378"
    title = "`{name}` cannot be {content}"
    label = "here"
    note = "runs compute with {engine} (docs/semantics.md)"
    help = "{advice}"

    name: str
    content: str
    engine: str
    advice: str


@dataclass(frozen=True)
class Place:
    """Where an entry stands in a file, to point at its line."""

    file: str
    text: str = field(repr=False)
    path: tuple[str, ...] = ()

    def under(self, *keys: str) -> Place:
        """Give the place of a table below this one."""
        return replace(self, path=(*self.path, *keys))

    def of(self, key: str) -> Place:
        """Give the place of an entry."""
        return self.under(key)

    @property
    def name(self) -> str:
        """The last key, as messages call it."""
        return self.path[-1]

    @property
    def span(self) -> SourceSpan | None:
        """The line whose header or key names the entry; None if none does."""
        key = rf"(?P<key>[\"']?{re.escape(self.name)}[\"']?)"
        header = re.compile(rf"\s*\[(.*\.)?\s*{key}\s*\]")
        entry = re.compile(rf"\s*([\w\"'.-]*\.\s*)?{key}\s*=")
        for number, line in enumerate(self.text.splitlines(), 1):
            found = header.match(line) or entry.match(line)
            if found is not None:
                start, end = found.span("key")
                return SourceSpan(self.file, number, start + 1, end + 1, line)
        return None


def read_entry(
    entry: object, kind: Any, base: Value[Any], place: Place
) -> tuple[Value[Any], list[Diagnostic]]:
    """Give the value an entry stands for, else the base's with what is wrong."""
    if not isinstance(entry, dict):
        problem = f"{entry!r:.40} stands alone"
        advice = "give it a unit, a source and a trust beside the value"
        return base, [_lacks(place, problem, advice)]
    problems = list(_form(entry, base, place))
    if problems:
        return base, problems
    if entry.get("unpublished"):
        return _unknown(entry, kind, base), []
    try:
        content: Any = structure(entry["value"], kind)
    except WrongContentError as wanted:
        problem = f"{entry['value']!r:.40} is not {wanted}"
        return base, [_wrong(place, problem, str(wanted), base)]
    problems = list(_size(content, base, place))
    return Value(content, entry["unit"], entry["source"], entry["trust"]), problems


def _unknown(entry: dict[str, Any], kind: Any, base: Value[Any]) -> Value[Any]:
    """Say that a number is unpublished; where one is needed the base's stands in."""
    if may_be_unknown(kind):
        return Value(None, entry["unit"], entry["source"], "unverified")
    source = f"{entry['source']}; stands in: {base.source}"
    return Value(base.value, entry["unit"], source, "unverified")


def _form(
    entry: dict[str, Any], base: Value[Any], place: Place
) -> Iterator[Diagnostic]:
    for key in entry:
        if key not in ENTRY:
            yield _lacks(place, f"there is no `{key}`", f"use {', '.join(ENTRY)}")
    if entry.get("unpublished", False) not in (True, False):
        yield _lacks(place, "`unpublished` is true or false", "write true or false")
    unknown = entry.get("unpublished") is True
    if unknown == ("value" in entry):
        advice = "write one of `value = ...` and `unpublished = true`"
        yield _lacks(place, "it has both" if unknown else "it has no value", advice)
    for key in ("unit", "source"):
        if not isinstance(entry.get(key), str):
            yield _lacks(place, f"it has no {key}", f'add {key} = "..."')
    if isinstance(entry.get("source"), str) and not entry["source"].strip():
        yield _lacks(place, "its source is empty", "say where the number is from")
    if not unknown and entry.get("trust") not in TRUSTS:
        given = entry.get("trust", "missing")
        wanted = " or ".join(f'"{t}"' for t in TRUSTS)
        yield _lacks(place, f"its trust is {given!r:.40}", f"write trust = {wanted}")
    if unknown and entry.get("trust", "unverified") != "unverified":
        advice = "leave `trust` out"
        yield _lacks(place, "what is unpublished cannot be trusted", advice)
    unit = entry.get("unit")
    if isinstance(unit, str) and unit != base.unit:
        wanted = f'unit = "{base.unit}"'
        yield _wrong(place, f'the unit is "{base.unit}", not "{unit}"', wanted, base)


def _size(content: Any, base: Value[Any], place: Place) -> Iterator[Diagnostic]:
    name = place.name
    if type(content) is int and content < (0 if name in MAY_BE_ZERO else 1):
        yield _wrong(place, f"{content} is too small", "a larger number", base)
    elif type(content) is int and content > LARGEST:
        yield _wrong(place, f"{content} is too large", f"at most {LARGEST}", base)
    elif name in ARITHMETIC and content != base.value:
        advice = "leave it out: it is that of the chip this one is based on"
        yield _fixed(place, content, base.value, advice)
    elif name in WIDEST and not within(content, WIDEST[name]):
        limit = describe(WIDEST[name])
        yield _fixed(place, content, WIDEST[name], f"stay within {limit}")


def within(content: Any, widest: Any) -> bool:
    """Tell whether a number, range or choice is no wider than another."""
    if isinstance(widest, int):
        return bool(content <= widest)
    if isinstance(widest[0], str) or len(widest) != 2:
        return set(content) <= set(widest)
    return bool(widest[0] <= content[0] and content[1] <= widest[1])


def _lacks(place: Place, problem: str, advice: str) -> Diagnostic:
    return ChipValueLacksItsSource(place.name, problem, advice, span=place.span)


def _wrong(place: Place, problem: str, wanted: str, base: Value[Any]) -> Diagnostic:
    content = "unpublished" if base.value is None else describe(base.value)
    said = ("the chip it builds on", content, base.unit or "no unit", base.source)
    return ChipValueIsWrong(place.name, problem, wanted, *said, span=place.span)


def _fixed(place: Place, content: Any, engine: Any, advice: str) -> Diagnostic:
    said = (describe(content), describe(engine), advice)
    return ArithmeticIsFixed(place.name, *said, span=place.span)
