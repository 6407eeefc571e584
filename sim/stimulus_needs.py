"""A stimulus, and what a network or Program asks of one.

Spikes of the inputs and values of the modulators in; a list of all that does not fit
out. The backends may then index without asking again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from ..diagnostics import Diagnostic
from ..hardware.graded_input import graded_inputs
from ..hardware.program import Program
from ..rules.network import Network

NOTHING: Mapping[str, Any] = MappingProxyType({})
Model = Program | Network


@dataclass(frozen=True, eq=False)
class Stimulus:
    """What comes from outside, a row for each step.

    spikes
        Input population to array (steps, n): zeros and ones, or of a graded input
        values in the rule's units, clipped to its bounds; 0 sends nothing.
    modulators
        Name to array (steps,), the same for all neurons, or (steps, n), in the
        rule's units.
    """

    spikes: Mapping[str, npt.ArrayLike] = field(default_factory=lambda: NOTHING)
    modulators: Mapping[str, npt.ArrayLike] = field(default_factory=lambda: NOTHING)

    @property
    def checksum(self) -> str:
        """The SHA-256 of all values; equal stimuli have equal ones."""
        digest = hashlib.sha256()
        for kind, arrays in (("spikes", self.spikes), ("modulators", self.modulators)):
            for name in sorted(arrays):
                binary = kind == "spikes" and is_binary(arrays[name])
                values = np.ascontiguousarray(arrays[name], "u1" if binary else "<f8")
                digest.update(f"{kind} {name!r} {values.shape}".encode())
                digest.update(values.data)
        return digest.hexdigest()


def is_binary(values: npt.ArrayLike) -> bool:
    """Tell whether there is nothing but zeros and ones."""
    array = np.asarray(values)
    return bool(((array == 0) | (array == 1)).all())


@dataclass(frozen=True)
class ModulatorNeed:
    """A modulator's bounds, and the populations that receive it with their sizes."""

    low: float
    high: float
    populations: Mapping[str, int]


@dataclass(frozen=True)
class GradedNeed:
    """An input that sends values: how many neurons it has, and their bounds."""

    size: int
    low: float
    high: float


@dataclass(frozen=True)
class Needs:
    """Every signal from outside that a network or Program waits for."""

    owner: str
    inputs: Mapping[str, int]
    modulators: Mapping[str, ModulatorNeed]
    graded: Mapping[str, GradedNeed] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True)
class SignalIsMissing(Diagnostic):
    """The stimulus lacks a signal that the network waits for.

    Silence is never assumed: give an array of zeros for an input that stays quiet.
    """

    code = "S401"
    title = "the stimulus has no {kind} `{name}`"
    note = "`{owner}` waits for {wanted}; the stimulus has: {given}"
    help = "add `{name}` to the {kind}s of the stimulus"

    kind: str
    name: str
    owner: str
    wanted: str
    given: str


@dataclass(frozen=True)
class UnknownSignal(Diagnostic):
    """The stimulus names something that the network does not have.

    Names are those of input groups and of modulators in the network. A misspelt
    name is the usual cause.
    """

    code = "S402"
    title = "the stimulus names the {kind} `{name}`, which `{owner}` does not have"
    note = "`{owner}` has: {known}"
    help = "{advice}"

    kind: str
    name: str
    owner: str
    known: str
    advice: str


@dataclass(frozen=True)
class WrongSignalShape(Diagnostic):
    """A signal has the wrong number of axes or of neurons.

    Rows are steps and columns are neurons or elements. A transposed array is the
    usual cause.
    """

    code = "S403"
    title = "{kind} `{name}` has shape {shape}, not {wanted}"
    note = "there is one row for each step and one column for each neuron"
    help = "transpose or cut the array"

    kind: str
    name: str
    shape: str
    wanted: str


@dataclass(frozen=True)
class SpikeIsNotBinary(Diagnostic):
    """A spike is 0 or 1, unless the input is declared to send values.

    A rate or a probability is no spike: draw spikes from it first.
    """

    code = "S404"
    title = "input `{name}`: {value} at step {step}, neuron {neuron} is no spike"
    note = "{count} of {total} values are neither 0 nor 1"
    help = "use zeros and ones, or declare `graded=(low, high)` of the group"

    name: str
    value: str
    step: int
    neuron: int
    count: int
    total: int


@dataclass(frozen=True)
class TooFewSteps(Diagnostic):
    """A signal ends before the run does.

    What the inputs do after the end is not guessed; silence would be an assumption.
    """

    code = "S405"
    title = "{kind} `{name}` has {given} steps, the run needs {wanted}"
    note = "a stimulus may be longer than the run, never shorter"
    help = "run {given} steps, or give a longer stimulus"

    kind: str
    name: str
    given: int
    wanted: int


@dataclass(frozen=True)
class SignalIsNotFinite(Diagnostic):
    """A modulator or graded input is NaN or infinite.

    It would spread to every weight that it reaches. A division by zero where it was
    computed is the usual cause.
    """

    code = "S406"
    title = "{kind} `{name}` is {value} at step {step}"
    note = "{count} of {total} values are not finite"
    help = "mend the array before the run"

    kind: str
    name: str
    value: str
    step: int
    count: int
    total: int


@dataclass(frozen=True)
class NotNumbers(Diagnostic):
    """A signal is not an array of numbers.

    It holds text, objects or lists of different lengths. Booleans count as numbers.
    """

    code = "S407"
    title = "{kind} `{name}` is not an array of numbers"
    note = "spikes are zeros and ones, modulators real numbers"
    help = "give a numpy array of numbers"

    kind: str
    name: str


@dataclass(frozen=True)
class NoSteps(Diagnostic):
    """A run needs at least one step.

    Zero steps would give empty recordings, negative ones mean nothing.
    """

    code = "S408"
    title = "a run of {steps} steps computes nothing"
    note = "steps count from 1"
    help = "ask for one step or more"

    steps: int


def needs_of(model: Model) -> Needs:
    """List the inputs and modulators of a network or Program."""
    if isinstance(model, Program):
        return _needs_of_program(model)
    return _needs_of_network(model)


def _needs_of_program(program: Program) -> Needs:
    sizes = {p.name: p.size for p in program.populations}
    graded = graded_inputs(program)
    bounds = {m.name: (m.low / m.scale, m.high / m.scale) for m in program.modulators}
    modulators = {
        m.name: ModulatorNeed(*bounds[m.name], {p: sizes[p] for p, _ in m.ports})
        for m in program.modulators
        if m.name not in graded
    }
    return Needs(
        program.name,
        {p.name: p.size for p in program.inputs},
        modulators,
        {name: GradedNeed(sizes[name], *bounds[name]) for name in graded},
    )


def _needs_of_network(network: Network) -> Needs:
    inputs = [g for g in network.groups if g.neuron is None]
    modulators: dict[str, ModulatorNeed] = {}
    for name, group, low, high in _modulator_readers(network):
        known = modulators.get(name, ModulatorNeed(low, high, {}))
        modulators[name] = ModulatorNeed(
            max(low, known.low),
            min(high, known.high),
            {**known.populations, group: network.group(group).size},
        )
    return Needs(
        network.name,
        {g.name: g.size for g in inputs if g.graded is None},
        modulators,
        {g.name: GradedNeed(g.size, *g.graded) for g in inputs if g.graded},
    )


def _modulator_readers(network: Network) -> Iterator[tuple[str, str, float, float]]:
    """Give name, group and bounds of all readers; a rule reads at its target."""
    for group in network.groups:
        for m in group.neuron.modulators if group.neuron is not None else ():
            yield m.name, group.name, m.low, m.high
    for projection in network.projections:
        for m in projection.rule.modulators if projection.rule is not None else ():
            yield m.name, projection.target, m.low, m.high


def check_stimulus(needs: Needs, stimulus: Stimulus, steps: int) -> list[Diagnostic]:
    """Compare a stimulus with what a network or Program needs; all problems at once."""
    found: list[Diagnostic] = [NoSteps(steps)] if steps < 1 else []
    inputs = {**needs.inputs, **needs.graded}
    found += _check_names("input", needs, inputs, stimulus.spikes)
    found += _check_names("modulator", needs, needs.modulators, stimulus.modulators)
    for name, size in needs.inputs.items():
        if name in stimulus.spikes:
            found += _check_spikes(name, stimulus.spikes[name], size, steps)
    for name, values in needs.graded.items():
        if name in stimulus.spikes:
            given = stimulus.spikes[name]
            found += _check_graded(name, given, values.size, steps)
    for name, need in needs.modulators.items():
        if name in stimulus.modulators:
            found += _check_modulator(name, stimulus.modulators[name], need, steps)
    return found


def _check_names(
    kind: str, needs: Needs, wanted: Mapping[str, object], given: Mapping[str, object]
) -> Iterator[Diagnostic]:
    listed = ", ".join(f"`{n}`" for n in wanted) or "none"
    for name in wanted:
        if name not in given:
            has = ", ".join(f"`{n}`" for n in given) or "none"
            yield SignalIsMissing(kind, name, needs.owner, listed, has)
    for name in given:
        if name not in wanted:
            near = get_close_matches(name, list(wanted), n=1)
            advice = f"did you mean `{near[0]}`?" if near else "leave it out"
            yield UnknownSignal(kind, name, needs.owner, listed, advice)


def as_numbers(value: npt.ArrayLike) -> npt.NDArray[Any] | None:
    """Give an array of real numbers or truth values; None if it is none."""
    try:
        array = np.asarray(value)
    except ValueError:  # rows of different lengths
        return None
    return array if array.dtype.kind in "biuf" else None


def _check_spikes(
    name: str, value: npt.ArrayLike, size: int, steps: int
) -> Iterator[Diagnostic]:
    array = as_numbers(value)
    if array is None:
        yield NotNumbers("input", name)
        return
    if array.ndim != 2 or array.shape[1] != size:
        yield WrongSignalShape("input", name, str(array.shape), f"(steps, {size})")
        return
    if len(array) < steps:
        yield TooFewSteps("input", name, len(array), steps)
    wrong = (array != 0) & (array != 1)
    if wrong.any():
        t, i = (int(k) for k in np.argwhere(wrong)[0])
        shown = str(array[t, i])
        yield SpikeIsNotBinary(name, shown, t + 1, i, int(wrong.sum()), wrong.size)


def _check_graded(
    name: str, value: npt.ArrayLike, size: int, steps: int
) -> Iterator[Diagnostic]:
    array = as_numbers(value)
    if array is None:
        yield NotNumbers("input", name)
    elif array.ndim != 2 or array.shape[1] != size:
        yield WrongSignalShape("input", name, str(array.shape), f"(steps, {size})")
    else:
        yield from _check_rows("input", name, array, steps)


def _check_modulator(
    name: str, value: npt.ArrayLike, need: ModulatorNeed, steps: int
) -> Iterator[Diagnostic]:
    array = as_numbers(value)
    if array is None:
        yield NotNumbers("modulator", name)
        return
    sizes = set(need.populations.values())
    fits = array.ndim == 1 or (array.ndim == 2 and sizes == {array.shape[1]})
    if not fits:
        per_neuron = f" or (steps, {sizes.pop()})" if len(sizes) == 1 else ""
        shape = str(array.shape)
        yield WrongSignalShape("modulator", name, shape, f"(steps,){per_neuron}")
        return
    yield from _check_rows("modulator", name, array, steps)


def _check_rows(
    kind: str, name: str, array: npt.NDArray[Any], steps: int
) -> Iterator[Diagnostic]:
    if len(array) < steps:
        yield TooFewSteps(kind, name, len(array), steps)
    bad = ~np.isfinite(array)
    if bad.any():
        where = tuple(int(k) for k in np.argwhere(bad)[0])
        shown, step = str(array[where]), where[0] + 1
        count = int(bad.sum())
        yield SignalIsNotFinite(kind, name, shown, step, count, bad.size)
