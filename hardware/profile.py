"""Numerics profiles: which silicon or model the arithmetic of a run is that of.

Quirks live here as named data; the engine reads the fields and never asks for a
profile's name. profile_switches.py says of each field what its values mean, who
computes so, and why a profile has the value it has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, Literal

from ..diagnostics import Diagnostic, LaharError
from .profile_switches import SWITCHES
from .switch import SwitchValue, value_text
from .widths import IDEAL_WIDTHS, LOIHI_WIDTHS, MORE_BITS, Widths


@dataclass(frozen=True)
class Profile:
    """Named switches of the arithmetic. Integers unless the source itself is float.

    docs/profiles.md lists them all; docs/semantics.md says what they do. ``widths`` is
    no switch: all that computes beside the interpreter has those of a Loihi.
    """

    name: str
    summary: str
    randomness: Literal["population", "element"]
    trace_decay: Literal["float exp", "q16", "q16 first order"]
    trace_decay_period: Literal["step", "epoch"]
    impulse_random_bits: int
    impulse_rounding: Literal["apart", "with decay"]
    repeated_spike: Literal["impulse", "time only"]
    u_wrap: Literal["single", "twos complement", "none"]
    arrival_bits: int
    membrane_low: int | None
    v_after_spike: int | None
    third_factor_tau_256: int | None
    clip_third_factor_on_event: bool
    product_shift_base: int | None
    product_rounding: Literal["floor", "toward zero"]
    accumulator_clips: bool
    accumulator_low: int
    tag_low: int
    update_rounding: Literal["stochastic", "away from zero"]
    learned_weight_grid: Literal["unit", "stored bits"]
    weight_truncation: Literal["floor", "toward zero", "nearest"]
    dense_drops_low_bits: bool
    learning_drops_low_bits: bool
    learning_clips_initial_weights: bool
    widths: Widths = LOIHI_WIDTHS

    def switches(self) -> dict[str, SwitchValue]:
        """Give the value of every switch."""
        return {name: getattr(self, name) for name in SWITCHES}


LAVA_0_10 = Profile(
    name="lava-0.10",
    summary="Lava 0.10's fixed-point CPU models, bit for bit",
    randomness="population",
    trace_decay="float exp",
    trace_decay_period="step",
    impulse_random_bits=7,
    impulse_rounding="apart",
    repeated_spike="impulse",
    u_wrap="single",
    arrival_bits=32,
    membrane_low=None,
    v_after_spike=None,
    third_factor_tau_256=65535 * 256,
    clip_third_factor_on_event=True,
    product_shift_base=4,
    product_rounding="floor",
    accumulator_clips=True,
    accumulator_low=-32769,
    tag_low=-257,
    update_rounding="stochastic",
    learned_weight_grid="unit",
    weight_truncation="floor",
    dense_drops_low_bits=True,
    learning_drops_low_bits=True,
    learning_clips_initial_weights=False,
)

LOIHI2 = Profile(
    name="loihi2",
    summary="the chip where something is published, our documented choice elsewhere",
    randomness="element",
    trace_decay="q16",
    trace_decay_period="step",
    impulse_random_bits=8,
    impulse_rounding="apart",
    repeated_spike="impulse",
    u_wrap="twos complement",
    arrival_bits=16,
    membrane_low=None,
    v_after_spike=128,
    third_factor_tau_256=None,
    clip_third_factor_on_event=False,
    product_shift_base=4,
    product_rounding="floor",
    accumulator_clips=True,
    accumulator_low=-32768,
    tag_low=-256,
    update_rounding="stochastic",
    learned_weight_grid="stored bits",
    weight_truncation="floor",
    dense_drops_low_bits=True,
    learning_drops_low_bits=True,
    learning_clips_initial_weights=True,
)

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {p.name: p for p in (LAVA_0_10, LOIHI2)}
)

IDEAL = replace(
    LOIHI2,
    name="ideal",
    summary="loihi2 with 24 more fraction bits; for tests, by the interpreter alone",
    widths=IDEAL_WIDTHS,
    arrival_bits=32,
    u_wrap="none",
    v_after_spike=None,
    product_shift_base=4 + MORE_BITS,
    accumulator_low=-(1 << IDEAL_WIDTHS.accumulator_bits),
    tag_low=-(1 << IDEAL_WIDTHS.tag_bits),
    learned_weight_grid="unit",
    dense_drops_low_bits=False,
    learning_drops_low_bits=False,
)

FOR_TESTS: Mapping[str, Profile] = MappingProxyType({IDEAL.name: IDEAL})
"""Profiles of no silicon and no model: where rounding vanishes, mistakes show."""


@dataclass(frozen=True)
class UnknownProfile(Diagnostic):
    """There is no numerics profile of that name.

    A profile says whose arithmetic a run computes. `lahar list profiles` prints the
    profiles and all their switches; a variant of one names the switches that differ,
    as in `loihi2:product_shift_base=3`.
    """

    code = "P380"
    title = "there is no profile `{profile}`"
    note = "profiles: {known}"
    help = "use {near}"

    profile: str
    known: str
    near: str


@dataclass(frozen=True)
class UnknownSwitch(Diagnostic):
    """A variant of a profile names a switch that profiles do not have.

    `lahar list profiles` prints all switches with the values that they can have.
    """

    code = "P381"
    title = "profile `{variant}`: there is no switch `{switch}`"
    note = (
        "`lahar list profiles` prints the switches, hardware/profile.py declares them"
    )
    help = "write {near}"

    variant: str
    switch: str
    near: str


@dataclass(frozen=True)
class SwitchValueNotPossible(Diagnostic):
    """A variant of a profile gives a switch a value that it cannot have.

    A switch is one of few words, or a number within a range; the profile was not
    changed.
    """

    code = "P382"
    title = "profile `{variant}`: `{switch}` cannot be `{value}`"
    note = "it is {possible}"
    help = "write {near}"

    variant: str
    switch: str
    value: str
    possible: str
    near: str


@dataclass(frozen=True)
class VariantIsMalformed(Diagnostic):
    """A variant of a profile is not written as `profile:switch=value,switch=value`.

    Each switch stands there once, with one `=` between its name and its value.
    """

    code = "P383"
    title = "profile `{variant}`: {problem}"
    help = "write it as in `loihi2:u_wrap=single,trace_decay=float exp`"

    variant: str
    problem: str


@dataclass(frozen=True)
class FormatsAreTooWide(Diagnostic):
    """Kernels and Lava have the formats of a Loihi built in.

    The profile `ideal` has 24 more fraction bits in them, so that a test sees the
    compiler without rounding. The interpreter reads its widths from the profile.
    """

    code = "P384"
    title = "the backend {backend} cannot compute the wide formats of `{profile}`"
    note = "its traces have {bits} bits; a Loihi's have {usual} (hardware/widths.py)"
    help = "use the backend interpreter"

    backend: str
    profile: str
    bits: int
    usual: int


def too_wide(backend: str, profiles: Iterable[str]) -> Iterator[Diagnostic]:
    """Refuse the formats of a run, or of its Program, that only few backends have."""
    usual = LOIHI_WIDTHS.trace_bits
    for name in dict.fromkeys(profiles):
        found = FOR_TESTS.get(name.partition(":")[0])
        if found is not None and found.widths != LOIHI_WIDTHS:
            yield FormatsAreTooWide(backend, name, found.widths.trace_bits, usual)


def find_profile(text: str) -> Profile:
    """Find a profile, or make the variant of one that a text describes.

    ``loihi2:product_shift_base=3,trace_decay=q16 first order`` is loihi2 but for those
    two switches. The variant's name is its canonical text: switches in their order,
    those that differ from the profile alone.

    Raises
    ------
    LaharError
        P380 to P383 for everything in the text that leads nowhere.

    """
    name, _, changes = text.partition(":")
    problems: list[Diagnostic] = []
    profiles = {**PROFILES, **FOR_TESTS}
    if name not in profiles:
        known = ", ".join(PROFILES)
        problems.append(UnknownProfile(name, known, _near(name, PROFILES)))
    values = dict(_changes(text, changes, problems))
    if problems:
        raise LaharError(problems)
    return _variant(profiles[name], values)


def _changes(
    text: str, changes: str, problems: list[Diagnostic]
) -> Iterator[tuple[str, SwitchValue]]:
    """Read what differs, and note what cannot be read."""
    seen: set[str] = set()
    for part in filter(None, (p.strip() for p in changes.split(","))):
        name, equals, value = (word.strip() for word in part.partition("="))
        if not equals:
            problems.append(VariantIsMalformed(text, f"`{part}` has no `=`"))
        elif name not in SWITCHES:
            near = _near(name, SWITCHES, "one that it prints")
            problems.append(UnknownSwitch(text, name, near))
        elif name in seen:
            problems.append(VariantIsMalformed(text, f"`{name}` is there twice"))
        else:
            yield from _change(text, name, value, problems)
        seen.add(name)


def _change(
    text: str, name: str, value: str, problems: list[Diagnostic]
) -> Iterator[tuple[str, SwitchValue]]:
    switch = SWITCHES[name]
    try:
        yield name, switch.parse(value)
    except ValueError:
        near = _near(value, [value_text(m.value) for m in switch.meanings])
        possible = switch.possible()
        problems.append(SwitchValueNotPossible(text, name, value, possible, near))


def _near(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Name what was probably meant; otherwise all there is, unless told differently."""
    names = list(known)
    close = get_close_matches(word, names, n=3)
    if not close and otherwise:
        return otherwise
    return " or ".join(f"`{name}`" for name in close or names)


def _variant(base: Profile, values: Mapping[str, SwitchValue]) -> Profile:
    changes: dict[str, Any] = {
        name: values[name]
        for name in SWITCHES
        if name in values and values[name] != getattr(base, name)
    }
    if not changes:
        return base
    said = ",".join(f"{n}={value_text(v)}" for n, v in changes.items())
    return replace(
        base,
        name=f"{base.name}:{said}",
        summary=f"{base.summary}; but {said}",
        **changes,
    )
