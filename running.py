"""Run a Program: choose backend and profile, make the stimulus, keep the provenance.

A Program and a stimulus in, a Recording out, whichever backend computed it. Heavy
modules (numba, Lava's runner) are imported when their backend runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from .diagnostics import Diagnostic, LaharError, require_no_errors
from .hardware.dense_twin import dense_twin, of_synapses
from .hardware.lava_bundle import LavaBundle
from .hardware.profile import LAVA_0_10, Profile, find_profile, too_wide
from .hardware.program import Program
from .hardware.program_file import checksum
from .hardware.switch import value_text
from .sim.backend import Backend, Inputs, Progress, Trajectory, silent
from .sim.recording import Provenance, Recording, resolve_record, wanted_record
from .sim.rule_engines import REPLAY, RUN_THE_RULE, engine_of
from .sim.stimulus import Stimulus, parse_stimulus, poisson, prepare
from .sim.summed_weights import with_sums
from .units import Hz
from .versions import backend_version


@dataclass(frozen=True)
class BackendInfo:
    """What a backend is; ``profiles`` None: it computes any of them.

    any_width
        Whether it computes formats that are wider than a Loihi's.
    """

    what: str
    profiles: tuple[str, ...] | None = None
    any_width: bool = False


BACKENDS: Mapping[str, BackendInfo] = {
    "sim": BackendInfo("numba kernels generated for the program"),
    "interpreter": BackendInfo(
        "numpy integers, the definition of every operation", any_width=True
    ),
    "reference": BackendInfo(
        "float64, runs the rule and not the program", any_width=True
    ),
    "brian2": BackendInfo(
        "Brian2, float64, runs the rule; needs the extra brian2", any_width=True
    ),
    "snntorch": BackendInfo(
        "snnTorch, float64, a network that does not learn; needs the extra frontends",
        any_width=True,
    ),
    "norse": BackendInfo(
        "Norse, float64, a network that does not learn; needs the extra frontends",
        any_width=True,
    ),
    "lava": BackendInfo(
        "Lava 0.10's fixed-point CPU models, in a subprocess", (LAVA_0_10.name,)
    ),
}
DEFAULT_RATE = 20 * Hz

StimulusLike: TypeAlias = Stimulus | str | None


@dataclass(frozen=True)
class UnknownBackend(Diagnostic):
    """There is no backend of that name.

    A backend is who computes the run; `lahar list backends` says what each is for.
    """

    code = "U901"
    title = "there is no backend `{backend}`"
    note = "backends: {known}"
    help = "use one of them"

    backend: str
    known: str


@dataclass(frozen=True)
class ProfileOfBackend(Diagnostic):
    """A backend that is somebody else's model computes its own arithmetic only.

    Its arithmetic is code of others and cannot be switched. sim and interpreter
    take any profile, that one included.
    """

    code = "U903"
    title = "the backend {backend} cannot run under the profile `{profile}`"
    note = "it computes {possible}; the backends sim and interpreter can do so too"
    help = "leave the profile out, or use {possible}"

    backend: str
    profile: str
    possible: str


@dataclass(frozen=True)
class ShiftNotCompensated(Diagnostic):
    """The profile shifts products by another amount than the compiler gave back.

    Public sources disagree on the engine's product shift. The compiler raises the
    exponents of long products by it, so under another shift every such term would be
    scaled by a power of two.
    """

    code = "U904"
    title = "profile `{profile}` has the product_shift_base {base}, not {wanted}"
    note = "the exponents of program `{program}` were compensated for {wanted}"
    help = "compile for a chip with that base, or add `product_shift_base={wanted}`"

    profile: str
    base: str
    wanted: int
    program: str


@dataclass(frozen=True)
class GivenNeedsReference(Diagnostic):
    """Only what runs the rule can replay the spikes of a recording (open loop).

    All other backends compute their own spikes, and would ignore what is given.
    """

    code = "U906"
    title = "`given` is for the backends reference and brian2, not for `{backend}`"
    help = "use backend='reference', or leave `given` out"

    backend: str


@dataclass(frozen=True)
class StepsOutOfRange(Diagnostic):
    """A run has at least one step.

    Zero steps would compute nothing and negative ones mean nothing.
    """

    code = "U907"
    title = "{steps} is not a number of steps"
    help = "use at least 1"

    steps: int


def run(
    program: Program,
    stimulus: StimulusLike = None,
    steps: int = 1000,
    backend: str = "sim",
    profile: str | None = None,
    record: str | Sequence[str] | None = "default",
    seed: int = 0,
    *,
    given: Recording | None = None,
    progress: Progress = silent,
) -> Recording:
    """Run a Program.

    Parameters
    ----------
    program
        From `compile` or `load`.
    stimulus
        Spikes of the inputs and modulators, or a text such as ``poisson:rate=20Hz``;
        Poisson inputs at 20 Hz if None (with ``given``: nothing beside it).
    steps
        Number of steps.
    backend
        ``sim``, ``interpreter``, ``reference``, ``brian2``, ``snntorch``, ``norse``
        or ``lava``.
    profile
        Numerics profile, or a variant such as ``loihi2:trace_decay=float exp``; the
        program's own if None, Lava's on backend ``lava``.
    record
        Names, shell patterns, ``"all"``, or None for final values alone;
        ``"default"`` is what the program asks for, else all ``s_out``.
    seed
        Of the random streams, and of the stimulus if it is drawn here.
    given
        A recording to replay open loop: backends ``reference`` and ``brian2``.
    progress
        Called with the number of steps done since the last call.

    Raises
    ------
    LaharError
        For names, shapes or backends that do not fit; B5xx if Lava fails.

    """
    if backend not in BACKENDS:
        raise LaharError(UnknownBackend(backend, ", ".join(BACKENDS)))
    if given is not None and backend not in REPLAY:
        raise LaharError(GivenNeedsReference(backend))
    if steps < 1:
        raise LaharError(StepsOutOfRange(steps))
    record = wanted_record(program, record)
    chosen = make_stimulus(program, stimulus, steps, seed, given)
    if backend in RUN_THE_RULE:
        return _rule(backend, program, chosen, steps, record, given, seed, progress)
    arithmetic = choose_profile(program, profile, backend)
    inputs = prepare(program, chosen, steps)
    trajectory, lava_own = _execute(
        backend,
        program,
        inputs,
        steps,
        profile=arithmetic,
        record=resolve_record(program, record),
        seed=seed,
        progress=progress,
    )
    provenance = provenance_of(backend, program, chosen, steps, seed)
    recording = Recording(
        variables=trajectory.variables,
        final=trajectory.final,
        provenance=replace(provenance, profile=arithmetic.name),
        views=program.views,
        budgets=program.budgets,
        lava_own=lava_own,
    )
    return with_sums(recording, program)


def provenance_of(
    backend: str, program: Program, stimulus: Stimulus, steps: int, seed: int
) -> Provenance:
    """Say where a recording comes from."""
    origin = origin_of(backend, program, seed)
    return replace(origin, steps=steps, stimulus_checksum=stimulus.checksum)


def origin_of(backend: str, program: Program, seed: int) -> Provenance:
    """Say it of a run of which no step was made yet."""
    return Provenance(
        backend=backend,
        backend_version=backend_version(backend),
        lahar_version=backend_version("sim"),
        steps=0,
        dt_seconds=program.dt_seconds,
        chip=program.chip,
        seed=seed,
        program_checksum=checksum(program),
    )


def _rule(
    backend: str,
    program: Program,
    stimulus: Stimulus,
    steps: int,
    record: str | Sequence[str] | None,
    given: Recording | None,
    seed: int,
    progress: Progress,
) -> Recording:
    """Run the rule in float64; closed loop, or on the spikes of ``given``."""
    from .sim.reference import run_reference_of_program

    trajectory = run_reference_of_program(
        program,
        stimulus,
        steps,
        record=record,
        given=given,
        seed=seed,
        progress=progress,
        engine=engine_of(backend),
    )
    provenance = replace(
        provenance_of(backend, program, stimulus, steps, seed),
        units="rule",
        open_loop_of=None if given is None else given.checksum,
    )
    return Recording(
        variables=trajectory.variables,
        final=trajectory.final,
        provenance=provenance,
        views=program.views,
        budgets=program.budgets,
        not_kept=trajectory.not_kept,
    )


def make_stimulus(
    program: Program,
    stimulus: StimulusLike,
    steps: int,
    seed: int,
    given: Recording | None = None,
    *,
    steps_before: int = 0,
) -> Stimulus:
    """Take a stimulus, read its text form, or draw Poisson inputs at 20 Hz.

    What is read or drawn goes on after ``steps_before`` steps.
    """
    if isinstance(stimulus, Stimulus):
        return stimulus
    if stimulus is None and given is not None:
        return Stimulus()  # everything comes from the recording that is replayed
    dt, before = program.dt_seconds, steps_before
    if stimulus is None:
        return poisson(program, DEFAULT_RATE, steps, dt, seed, steps_before=before)
    return parse_stimulus(stimulus, program, steps, dt, seed, steps_before=before)


def choose_profile(program: Program, name: str | None, backend: str) -> Profile:
    """Choose the arithmetic: as asked, else the backend's own, else the program's."""
    possible = BACKENDS[backend].profiles
    if not BACKENDS[backend].any_width:
        require_no_errors(too_wide(backend, (name or program.profile, program.profile)))
    if name is None:
        name = program.profile if possible is None else possible[0]
    profile = find_profile(name)
    if possible is not None and profile.name not in possible:
        raise LaharError(ProfileOfBackend(backend, profile.name, ", ".join(possible)))
    if profile.product_shift_base != program.product_shift_base:
        wanted = program.product_shift_base
        base = value_text(profile.product_shift_base)
        raise LaharError(ShiftNotCompensated(profile.name, base, wanted, program.name))
    return profile


def _execute(
    backend: str,
    program: Program,
    inputs: Inputs,
    steps: int,
    *,
    profile: Profile,
    record: frozenset[str],
    seed: int,
    progress: Progress,
) -> tuple[Trajectory, frozenset[str]]:
    lava_own: frozenset[str] = frozenset()
    execute: Backend
    match backend:
        case "sim":
            from .sim.kernels import execute
        case "interpreter":
            from .sim.interpreter import execute
        case _:
            bundle, execute = _lava(program)
            lava_own = frozenset(p.variable for p in bundle.probes if p.lava_own)
    trajectory = execute(
        program,
        inputs,
        steps,
        profile=profile,
        record=record,
        seed=seed,
        progress=progress,
    )
    return trajectory, lava_own


def _lava(program: Program) -> tuple[LavaBundle, Backend]:
    """Lower to Lava, and bind the bundle to its runner."""
    from .compiler.lava.lower import lower_to_lava
    from .sim.lava_runner import run_bundle

    bundle, twin = lower_to_lava(program), dense_twin(program)

    def execute(
        program: Program,
        inputs: Inputs,
        steps: int,
        *,
        profile: Profile,
        record: frozenset[str],
        seed: int,
        progress: Progress = silent,
    ) -> Trajectory:
        found = run_bundle(
            bundle,
            twin,
            inputs,
            steps,
            profile=profile,
            record=record,
            seed=seed,
            progress=progress,
        )
        final = of_synapses(program, found.final)
        return Trajectory(of_synapses(program, found.variables), final)

    return bundle, execute
