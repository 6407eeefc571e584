"""Make stimuli and bring them to a Program's ports.

A rate, a file or a text of the command line in; a Stimulus out, and from it the
integers that every backend starts from. Units: docs/semantics.md section 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..diagnostics import Diagnostic, LaharError, require_no_errors
from ..hardware.graded_input import graded_inputs
from ..hardware.program import Modulator, Program
from ..units import UNITS
from .array_file import ArraysUnreadableError, read_arrays
from .backend import Inputs
from .stimulus_needs import (
    GradedNeed,
    Model,
    ModulatorNeed,
    Stimulus,
    check_stimulus,
    needs_of,
)

__all__ = [
    "Stimulus",
    "after",
    "parse_stimulus",
    "poisson",
    "prepare",
    "read_stimulus",
    "silence",
    "to_port",
]

HOLD_STEPS = 10  # a random modulator keeps its value this long
_BLOCK = 1 << 20  # random numbers drawn at a time
_FREQUENCIES = ("Hz", "kHz")


@dataclass(frozen=True)
class RateIsImpossible(Diagnostic):
    """A spike probability of a step lies outside [0, 1].

    A neuron spikes at most once in a step, so the rate is at most one over the time
    step.
    """

    code = "S409"
    title = "a rate of {rate_hz:g} Hz is {probability:g} spikes in a step"
    note = "a neuron spikes at most once in a step of {dt_seconds:g} s"
    help = "use a rate from 0 to {limit_hz:g} Hz, or a shorter dt"

    rate_hz: float
    dt_seconds: float
    probability: float
    limit_hz: float


@dataclass(frozen=True)
class NotAStimulus(Diagnostic):
    """The text after ``--stimulus`` was not understood.

    ``poisson:rate=20Hz`` draws random spikes, ``silent`` gives zeros, and a path that
    ends in ``.npz`` reads arrays named ``spikes.<input>`` and ``modulator.<name>``.
    """

    code = "S410"
    title = "`{text}` is not a stimulus: {reason}"
    note = "known are `poisson:rate=20Hz`, `silent` and `file.npz`"
    help = "write for example `poisson:rate=20Hz`"

    text: str
    reason: str


@dataclass(frozen=True)
class StimulusFileUnreadable(Diagnostic):
    """A stimulus file is missing, damaged, or holds something else than arrays.

    The file is an ``.npz`` as ``numpy.savez`` writes it, without pickled objects, with
    arrays named ``spikes.<input>`` and ``modulator.<name>``.
    """

    code = "S411"
    title = "cannot read the stimulus `{path}`: {reason}"
    note = "it is a .npz with arrays `spikes.<input>` and `modulator.<name>`"
    help = "write it with numpy.savez"

    path: str
    reason: str


def poisson(
    model: Model,
    rate_hz: float,
    steps: int,
    dt_seconds: float,
    seed: int,
    *,
    steps_before: int = 0,
) -> Stimulus:
    """Draw independent spikes for every input, and random values for modulators.

    Each input neuron spikes with probability rate * dt in a step, one of a graded input
    with a random value within its bounds; each modulator takes a new value within its
    bounds every ten steps. A signal depends on the seed and on its name, not on what
    else there is; after ``steps_before`` steps it goes on as if these had been drawn
    with it.

    Raises
    ------
    LaharError
        S409 if rate * dt is no probability.

    """
    probability = rate_hz * dt_seconds
    if not 0 <= probability <= 1:
        limit = 1 / dt_seconds
        raise LaharError(RateIsImpossible(rate_hz, dt_seconds, probability, limit))
    needs = needs_of(model)
    return Stimulus(
        {
            name: _random_spikes(
                probability,
                steps,
                size,
                _generator(seed, name, skip=steps_before * size),
            )
            for name, size in needs.inputs.items()
        }
        | {
            name: _random_values(need, probability, steps, seed, name, steps_before)
            for name, need in needs.graded.items()
        },
        {
            name: _random_levels(need, steps, seed, name, steps_before)
            for name, need in needs.modulators.items()
        },
    )


def _generator(seed: int, name: str, skip: int) -> np.random.Generator:
    """Give a signal's generator, past the numbers of steps that were drawn before."""
    bits = np.random.PCG64([seed % 2**64, *name.encode()])
    return np.random.Generator(bits.advance(skip))


def _random_spikes(
    probability: float, steps: int, size: int, random: np.random.Generator
) -> npt.NDArray[np.uint8]:
    spikes = np.zeros((steps, size), np.uint8)
    rows = max(1, _BLOCK // max(1, size))
    for start in range(0, steps, rows):
        block = spikes[start : start + rows]
        block[:] = random.random(block.shape) < probability
    return spikes


def _random_values(
    need: GradedNeed,
    probability: float,
    steps: int,
    seed: int,
    name: str,
    steps_before: int,
) -> npt.NDArray[np.float64]:
    skip = steps_before * need.size
    sent = _random_spikes(probability, steps, need.size, _generator(seed, name, skip))
    random = _generator(seed, f"value of {name}", skip)
    return sent * random.uniform(need.low, need.high, sent.shape)


def _random_levels(
    need: ModulatorNeed, steps: int, seed: int, name: str, steps_before: int
) -> npt.NDArray[np.float64]:
    held, since = divmod(steps_before, HOLD_STEPS)
    random = _generator(seed, name, skip=held)
    levels = random.uniform(need.low, need.high, -(-(since + steps) // HOLD_STEPS))
    return np.repeat(levels, HOLD_STEPS)[since : since + steps]


def silence(model: Model, steps: int) -> Stimulus:
    """Give no spikes, and modulators of 0 (or the nearest value within bounds)."""
    needs = needs_of(model)
    return Stimulus(
        {name: np.zeros((steps, n), np.uint8) for name, n in needs.inputs.items()}
        | {n: np.zeros((steps, need.size)) for n, need in needs.graded.items()},
        {
            name: np.full(steps, min(max(0.0, need.low), need.high))
            for name, need in needs.modulators.items()
        },
    )


# --- from the command line --------------------------------------------------------


def parse_stimulus(
    text: str,
    model: Model,
    steps: int,
    dt_seconds: float,
    seed: int,
    *,
    steps_before: int = 0,
) -> Stimulus:
    """Make what ``poisson:rate=20Hz``, ``silent`` or the path of a .npz file asks for.

    What is made is the part after ``steps_before`` steps.

    Raises
    ------
    LaharError
        S410 for anything else, S409 for an impossible rate, S411 for a bad file.

    """
    if text.endswith(".npz"):
        return after(read_stimulus(Path(text)), steps_before)
    kind, _, arguments = text.partition(":")
    if kind == "silent" and not arguments:
        return silence(model, steps)
    if kind == "poisson":
        rate = _parse_rate(text, arguments)
        before = steps_before
        return poisson(model, rate, steps, dt_seconds, seed, steps_before=before)
    raise LaharError(NotAStimulus(text, f"nothing is called `{kind}`"))


def after(stimulus: Stimulus, steps_before: int, steps: int | None = None) -> Stimulus:
    """Give what is left of a stimulus after so many steps, or some steps of it."""
    part = slice(steps_before, None if steps is None else steps_before + steps)
    return Stimulus(
        {name: np.asarray(rows)[part] for name, rows in stimulus.spikes.items()},
        {name: np.asarray(rows)[part] for name, rows in stimulus.modulators.items()},
    )


def _parse_rate(text: str, arguments: str) -> float:
    key, _, value = arguments.partition("=")
    unit = next((u for u in reversed(_FREQUENCIES) if value.endswith(u)), None)
    if key.strip() != "rate" or unit is None:
        raise LaharError(NotAStimulus(text, "it needs rate=<number>Hz or kHz"))
    try:
        rate_hz = float(value.removesuffix(unit)) * UNITS[unit]
    except ValueError:
        reason = f"`{value.removesuffix(unit)}` is no number"
        raise LaharError(NotAStimulus(text, reason)) from None
    if not 0 <= rate_hz < float("inf"):
        raise LaharError(NotAStimulus(text, "a rate is 0 or more, and finite"))
    return rate_hz


def read_stimulus(path: Path) -> Stimulus:
    """Read the arrays ``spikes.<input>`` and ``modulator.<name>`` of a .npz file.

    Raises
    ------
    LaharError
        S411 if the file is missing or damaged, or has other arrays.

    """
    arrays = _read_arrays(path)
    parts: dict[str, dict[str, npt.NDArray[Any]]] = {"spikes": {}, "modulator": {}}
    for key, array in arrays.items():
        kind, _, name = key.partition(".")
        if kind not in parts or not name:
            reason = f"it has an array `{key}`, which is neither"
            raise LaharError(StimulusFileUnreadable(str(path), reason))
        parts[kind][name] = array
    return Stimulus(parts["spikes"], parts["modulator"])


def _read_arrays(path: Path) -> Mapping[str, npt.NDArray[Any]]:
    try:
        return read_arrays(path)
    except ArraysUnreadableError as error:
        raise LaharError(StimulusFileUnreadable(str(path), str(error))) from None


# --- for a Program ----------------------------------------------------------------


def prepare(program: Program, stimulus: Stimulus, steps: int) -> Inputs:
    """Check a stimulus against a Program and turn it into integers.

    Raises
    ------
    LaharError
        S401 to S408, all at once, for what is missing, unknown, of the wrong shape,
        not binary, not finite or too short.

    """
    require_no_errors(check_stimulus(needs_of(program), stimulus, steps))
    sizes = {p.name: p.size for p in program.populations}
    spikes = {
        p.name: np.asarray(stimulus.spikes[p.name])[:steps].astype(np.uint8)
        for p in program.inputs
    }
    graded = {name: stimulus.spikes[name] for name in graded_inputs(program)}
    given = {**stimulus.modulators, **graded}
    ports = {
        (population, port): _at_port(
            m, np.asarray(given[m.name])[:steps], sizes[population]
        )
        for m in program.modulators
        for population, port in m.ports
    }
    return Inputs(spikes, ports)


def _at_port(
    modulator: Modulator, values: npt.NDArray[Any], size: int
) -> npt.NDArray[np.int32]:
    stored = to_port(modulator, values)
    columns = stored if stored.ndim == 2 else stored[:, None]
    return np.ascontiguousarray(np.broadcast_to(columns, (len(stored), size)))


def to_port(modulator: Modulator, values: npt.NDArray[Any]) -> npt.NDArray[np.int32]:
    """Quantise a modulator as a port receives it: docs/semantics.md section 9."""
    rounded = np.rint(values.astype(np.float64) * modulator.scale)
    stored: npt.NDArray[np.int32] = np.clip(
        rounded, modulator.low, modulator.high
    ).astype(np.int32)
    return stored
