"""A run in pieces: the verb ``start``, and what it gives.

A Program in; a Live out, whose every call of ``run`` goes on where the last one ended.
So a host can read spikes and choose the next stimulus: a loop through an environment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, final

import numpy as np
import numpy.typing as npt

from .diagnostics import Diagnostic, LaharError
from .hardware.profile import Profile
from .hardware.program import Program, View
from .hardware.weight_sums import sums_of, variable_of, variables_summed
from .running import (
    BACKENDS,
    StepsOutOfRange,
    StimulusLike,
    UnknownBackend,
    choose_profile,
    make_stimulus,
    origin_of,
)
from .sim.backend import Machine, Progress, silent, variables_at_the_end
from .sim.recording import (
    Array,
    Provenance,
    Recording,
    in_rule_units,
    resolve_record,
    unknown_variable,
    wanted_record,
)
from .sim.stimulus import Stimulus, prepare

Record = str | Sequence[str] | None

LIVE_BACKENDS = ("sim", "interpreter", "reference")


@dataclass(frozen=True)
class RunsInOnePiece(Diagnostic):
    """A backend that computes a run as a whole cannot be stopped and gone on with.

    Lava runs in a process of its own that ends with the run. All other backends keep
    their state between calls.
    """

    code = "U930"
    title = "backend `{backend}` cannot run in pieces"
    note = "backends that can: {possible}"
    help = "start it on one of those, or run it in one piece: lahar.run(...)"

    backend: str
    possible: str


@dataclass(frozen=True)
class RunHasGoneOn(Diagnostic):
    """Values at the end of a piece were asked for after the run had gone on.

    They are read from the running state when they are first asked for, so that a call
    of one step does not copy every weight of the network.
    """

    code = "U931"
    title = "the values after step {then} are gone: the run is at step {now}"
    note = "`recording.final` of a piece is read when it is first asked for"
    help = "ask before the next call of run, or record the variable"

    then: int
    now: int


class Engine(Protocol):
    """What computes the pieces: stored integers, or the rule in float64."""

    program: Program

    @property
    def origin(self) -> Provenance:
        """Where recordings come from."""

    @property
    def steps_done(self) -> int:
        """How many steps lie behind it."""

    @property
    def names(self) -> tuple[str, ...]:
        """The variables that can be read."""

    def run(
        self, stimulus: Stimulus, steps: int, record: Record, progress: Progress
    ) -> Mapping[str, Array]:
        """Go ``steps`` further."""

    def read(self, name: str) -> Array:
        """Copy what a variable holds now."""


@final
class IntegerEngine:
    """A machine of the integer engine, under a profile."""

    def __init__(self, program: Program, machine: Machine, origin: Provenance) -> None:
        self.program = program
        self.origin = origin
        self._machine = machine
        self._variables = {v.name: v for v in variables_at_the_end(program)}
        self._resolved: dict[object, frozenset[str]] = {}

    @property
    def steps_done(self) -> int:
        """How many steps lie behind it."""
        return self._machine.steps_done

    @property
    def names(self) -> tuple[str, ...]:
        """All state, and the weights of rules that were split."""
        return (*self._variables, *(variable_of(s) for s in self.program.sums))

    def run(
        self, stimulus: Stimulus, steps: int, record: Record, progress: Progress
    ) -> Mapping[str, Array]:
        """Go ``steps`` further."""
        inputs = prepare(self.program, stimulus, steps)
        return self._machine.run(inputs, steps, self._names(record), progress)

    def read(self, name: str) -> Array:
        """Copy what a variable holds now, in stored integers."""
        for weight_sum in self.program.sums:
            if variable_of(weight_sum) == name:
                parts = {n: self.read(n) for n in variables_summed(weight_sum)}
                return dict(sums_of(self.program, parts))[name]
        return self._machine.read(self._variables[name])

    def _names(self, record: Record) -> frozenset[str]:
        """Resolve what is to be recorded, once for all calls that ask for the same."""
        key = record if record is None or isinstance(record, str) else tuple(record)
        if key not in self._resolved:
            wanted = wanted_record(self.program, record)
            self._resolved[key] = resolve_record(self.program, wanted)
        return self._resolved[key]


@final
class ReferenceEngine:
    """The rule in float64; variables read in its units."""

    def __init__(self, program: Program, seed: int) -> None:
        from .sim.reference_machine import ReferenceOfProgram

        self.program = program
        self.origin = replace(origin_of("reference", program, seed), units="rule")
        self._machine = ReferenceOfProgram(program, seed)

    @property
    def steps_done(self) -> int:
        """How many steps lie behind it."""
        return self._machine.steps_done

    @property
    def names(self) -> tuple[str, ...]:
        """What the rule has a counterpart of."""
        return self._machine.names

    def run(
        self, stimulus: Stimulus, steps: int, record: Record, progress: Progress
    ) -> Mapping[str, Array]:
        """Go ``steps`` further."""
        wanted = wanted_record(self.program, record)
        return self._machine.run(stimulus, steps, wanted, progress)

    def read(self, name: str) -> Array:
        """Copy what a variable holds now."""
        return self._machine.read(name)


@final
class FinalValues(Mapping[str, Array]):
    """Values after a piece, read when first asked for and kept from then on."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._step = engine.steps_done
        self._read: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        if name not in self._read:
            if name not in self._engine.names:
                raise KeyError(name)
            now = self._engine.steps_done
            if now != self._step:
                raise LaharError(RunHasGoneOn(self._step, now))
            self._read[name] = self._engine.read(name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._engine.names)

    def __len__(self) -> int:
        return len(self._engine.names)


class Live:
    """A run that is under way; made by `start`.

    However a run is cut into calls, it computes what it would have computed in one,
    bit for bit: traces, delays, epochs, random numbers and cycles all go on.
    """

    def __init__(self, engine: Engine, seed: int) -> None:
        self._engine = engine
        self._seed = seed

    @property
    def program(self) -> Program:
        """What runs."""
        return self._engine.program

    @property
    def steps_done(self) -> int:
        """How many steps lie behind it."""
        return self._engine.steps_done

    @property
    def final(self) -> Mapping[str, Array]:
        """What every variable holds after the last step, by name.

        Stored integers as a recording has them; the rule's units on the reference.
        """
        return FinalValues(self._engine)

    def run(
        self,
        stimulus: StimulusLike = None,
        steps: int = 1,
        record: Record = "default",
        *,
        progress: Progress = silent,
    ) -> Recording:
        """Go on for a number of steps.

        Parameters
        ----------
        stimulus
            Of these steps: its row 0 is the next step. A text or None is a stimulus
            of the whole run, of which these steps get their part.
        steps
            Number of steps.
        record, progress
            As for `lahar.run`.

        Returns
        -------
        Recording
            Of these steps; its ``final`` can be read until the next call.

        Raises
        ------
        LaharError
            As `lahar.run`, for names and shapes that do not fit.

        """
        if steps < 1:
            raise LaharError(StepsOutOfRange(steps))
        program, before = self.program, self.steps_done
        chosen = make_stimulus(
            program, stimulus, steps, self._seed, steps_before=before
        )
        variables = self._engine.run(chosen, steps, record, progress)
        provenance = replace(
            self._engine.origin,
            steps=steps,
            steps_before=before,
            stimulus_checksum=chosen.checksum,
        )
        final = FinalValues(self._engine)
        recording = Recording(
            variables, final, provenance, program.views, program.budgets
        )
        if not program.sums or provenance.units == "rule":
            return recording
        sums = dict(sums_of(program, variables))
        return replace(recording, variables={**variables, **sums})

    def weights(self, name: str) -> npt.NDArray[np.float64]:
        """Read the weights of a projection (post, pre), in the rule's units.

        Raises
        ------
        LaharError
            S420 if there is no projection of that name.

        """
        variable = f"{name}.weights"
        if variable not in self._engine.names:
            stored = self._fixed_weights(name)
        elif self._engine.origin.units == "rule":
            return np.asarray(self._engine.read(variable), np.float64)
        else:
            stored = self._engine.read(variable)
        views = (v for v in self.program.views if v.variable == variable)
        return in_rule_units(stored, next(views, View(variable, variable, 1.0)))

    def _fixed_weights(self, name: str) -> Array:
        """Give the weights of a connection that does not learn."""
        fixed = {c.name: c.weights for c in self.program.connections}
        if name not in fixed:
            known = (*fixed, *(s.name for s in self.program.sums))
            owner = f"program `{self.program.name}`"
            raise LaharError(unknown_variable(name, known, owner))
        return fixed[name]


def start(
    program: Program,
    profile: str | None = None,
    backend: str = "sim",
    seed: int = 0,
) -> Live:
    """Put a Program in front of its first step, to run it piece by piece.

    Parameters
    ----------
    program
        From `compile` or `load`.
    profile, backend, seed
        As for `lahar.run`; the reference has no profile, and Lava cannot stop.

    Raises
    ------
    LaharError
        U930 for a backend that runs in one piece only; else as `lahar.run`.

    """
    if backend not in BACKENDS:
        raise LaharError(UnknownBackend(backend, ", ".join(BACKENDS)))
    if backend not in LIVE_BACKENDS:
        raise LaharError(RunsInOnePiece(backend, ", ".join(LIVE_BACKENDS)))
    if backend == "reference":
        return Live(ReferenceEngine(program, seed), seed)
    arithmetic = choose_profile(program, profile, backend)
    machine = start_machine(backend, program, arithmetic, seed)
    origin = replace(origin_of(backend, program, seed), profile=arithmetic.name)
    return Live(IntegerEngine(program, machine, origin), seed)


def start_machine(
    backend: str, program: Program, profile: Profile, seed: int
) -> Machine:
    """Start a machine of the integer engine."""
    if backend == "sim":
        from .sim import kernels

        return kernels.start(program, profile, seed)
    from .sim import interpreter

    return interpreter.start(program, profile, seed)
