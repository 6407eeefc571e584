"""The verbs of lahar: compile, load, run, validate, compare, read_nir, write_nir.

They join the parts that may not know each other: rules, compiler, hardware, sim.
Heavy modules (numba, h5py, nir) are imported when a verb needs them.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from .compiler.compile import compile_network
from .compiler.demonstration import network_of_rule
from .diagnostics import Diagnostic, LaharError
from .hardware.chip import Chip, get_chip
from .hardware.lava_bundle import LavaBundle
from .hardware.profile import LAVA_0_10, PROFILES, Profile
from .hardware.program import Program
from .hardware.program_file import checksum
from .hardware.program_file import load as load_program
from .rules.language import NeuronModel, Rule, as_neuron, as_rule
from .rules.network import Network
from .rules.neuron import Neuron
from .rules.rule import LearningRule
from .sim.backend import Backend, Inputs, Progress, Trajectory, silent
from .sim.compare import compare as compare_recordings
from .sim.recording import Provenance, Recording, resolve_record
from .sim.stimulus import Stimulus, parse_stimulus, poisson, prepare
from .sim.validation import Validation, validate_recordings
from .sim.verdict import Verdict
from .units import Hz, ms

__all__ = ["compare", "compile", "load", "read_nir", "run", "validate", "write_nir"]

BACKENDS: Mapping[str, str] = {
    "sim": "numba kernels generated for the program, bit for bit the interpreter",
    "interpreter": "numpy integers, the definition of every operation",
    "reference": "float64, runs the rule and not the program",
    "lava": "Lava 0.10's fixed-point CPU models, in a subprocess",
}
DEFAULT_RATE = 20 * Hz

Compilable: TypeAlias = LearningRule | type[Rule] | Network
StimulusLike: TypeAlias = Stimulus | str | None


@dataclass(frozen=True)
class UnknownBackend(Diagnostic):
    """There is no backend of that name."""

    code = "U901"
    title = "there is no backend `{backend}`"
    note = "backends: {known}"
    help = "use one of them"

    backend: str
    known: str


@dataclass(frozen=True)
class UnknownProfile(Diagnostic):
    """There is no numerics profile of that name."""

    code = "U902"
    title = "there is no profile `{profile}`"
    note = "profiles: {known}"
    help = "use one of them"

    profile: str
    known: str


@dataclass(frozen=True)
class ProfileOfLava(Diagnostic):
    """Lava computes its own arithmetic, whatever chip a Program is meant for."""

    code = "U903"
    title = "the backend lava cannot run under the profile `{profile}`"
    note = "Lava computes {lava}; the other backends can be run under it too"
    help = "leave the profile out, or use {lava}"

    profile: str
    lava: str


@dataclass(frozen=True)
class ShiftNotCompensated(Diagnostic):
    """The profile shifts products by another amount than the compiler gave back.

    Public sources disagree on the engine's product shift. The compiler raises the
    exponents of long products by it, so under another shift every such term would be
    scaled by a power of two.
    """

    code = "U904"
    title = "profile `{profile}` shifts products by base {base}, not {wanted}"
    note = "the exponents of program `{program}` were compensated for {wanted}"
    help = "compile for a chip whose product_shift_base is {base}"

    profile: str
    base: int
    wanted: int
    program: str


@dataclass(frozen=True)
class NeedsTwoBackends(Diagnostic):
    """Validating means comparing: one backend alone cannot agree with anything."""

    code = "U905"
    title = "validate needs at least two backends, not {count}"
    help = "use for example backends=('sim', 'lava')"

    count: int


@dataclass(frozen=True)
class GivenNeedsReference(Diagnostic):
    """Only the reference can replay the spikes of a recording (open loop)."""

    code = "U906"
    title = "`given` is for the backend reference, not for `{backend}`"
    help = "use backend='reference', or leave `given` out"

    backend: str


@dataclass(frozen=True)
class StepsOutOfRange(Diagnostic):
    """A run has at least one step."""

    code = "U907"
    title = "{steps} is not a number of steps"
    help = "use at least 1"

    steps: int


def compile(  # the verb of the design; lahar.compile, never bare
    what: Compilable,
    chip: str | Chip = "loihi2",
    dt: float | None = None,
    *,
    pre: int = 100,
    post: int = 20,
    neuron: str | Neuron | type[NeuronModel] | None = None,
    epoch: int = 1,
    rate: float = DEFAULT_RATE,
    seed: int = 0,
) -> Program:
    """Compile a rule or a network for a chip.

    Parameters
    ----------
    what
        A rule (class or value), shown in the smallest network: ``pre`` inputs all to
        all onto ``post`` neurons. Or a Network.
    chip
        Name or description of the target.
    dt
        Length of a step in seconds, such as ``1*lahar.ms``. A network that carries
        its own may leave it out; a rule alone is then shown at 1 ms.
    pre, post, neuron, seed
        Sizes, neuron model and initial weights of a rule's own network.
    epoch
        Steps of a learning epoch; more than one approximates the rule.
    rate
        Mean rate of the inputs in hertz that ranges are analysed for.

    Returns
    -------
    Program
        With its ``report``, ``save(path)`` and ``text()``.

    Raises
    ------
    LaharError
        Everything that the first failing pass found wrong.

    """
    network = what if isinstance(what, Network) else None
    if network is None:
        assert not isinstance(what, Network)
        dt = 1 * ms if dt is None else dt
        network = network_of_rule(
            as_rule(what),
            dt_seconds=dt,
            pre=pre,
            post=post,
            neuron=_neuron(neuron),
            rate_hz=rate,
            seed=seed,
        )
    target = get_chip(chip) if isinstance(chip, str) else chip
    return compile_network(
        network, chip=target, dt_seconds=dt, epoch_steps=epoch, rate_hz=rate
    )


def _neuron(neuron: str | Neuron | type[NeuronModel] | None) -> Neuron | None:
    if neuron is None:
        return None
    if isinstance(neuron, str):
        from .rules.loading import load_neuron

        return load_neuron(neuron)
    return as_neuron(neuron)


def load(path: str | Path) -> Program:
    """Read a Program file, checking its format and checksum.

    Raises
    ------
    LaharError
        P3xx for a file that is missing, damaged or too new.

    """
    return load_program(path)


def read_nir(path: str | Path, dt: float | None = None) -> Network:
    """Read a network from a NIR file; ``dt`` in seconds if the file has none.

    Raises
    ------
    LaharError
        N7xx for what cannot be read or is not supported.

    """
    from .rules.nir_read import read_nir as read

    return read(path, dt=dt)


def write_nir(network: Network, path: str | Path) -> None:
    """Write a network to a NIR file that every NIR tool reads as a static network.

    Raises
    ------
    LaharError
        N7xx for what cannot be written.

    """
    from .rules.nir_write import write_nir as write

    write(network, path)


def run(
    program: Program,
    stimulus: StimulusLike = None,
    steps: int = 1000,
    backend: str = "sim",
    profile: str | None = None,
    record: str | Sequence[str] | None = ("*.s_out",),
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
        Poisson inputs at 20 Hz if None.
    steps
        Number of steps.
    backend
        ``sim``, ``interpreter``, ``reference`` or ``lava``.
    profile
        Numerics profile; the program's own if None, Lava's on backend ``lava``.
    record
        Names, shell patterns, ``"all"``, or None for final values alone.
    seed
        Of the random streams, and of the stimulus if it is drawn here.
    given
        A recording to replay open loop: backend ``reference`` only.
    progress
        Called with the number of steps done since the last call.

    Raises
    ------
    LaharError
        For names, shapes or backends that do not fit; B5xx if Lava fails.

    """
    if backend not in BACKENDS:
        raise LaharError(UnknownBackend(backend, ", ".join(BACKENDS)))
    if given is not None and backend != "reference":
        raise LaharError(GivenNeedsReference(backend))
    if steps < 1:
        raise LaharError(StepsOutOfRange(steps))
    chosen = _stimulus(program, stimulus, steps, seed)
    if backend == "reference":
        return _reference(program, chosen, steps, record, given, seed, progress)
    arithmetic = _profile(program, profile, backend)
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
    provenance = _provenance(backend, program, chosen, steps, seed)
    return Recording(
        variables=trajectory.variables,
        final=trajectory.final,
        provenance=replace(provenance, profile=arithmetic.name),
        views=program.views,
        budgets=program.budgets,
        lava_own=lava_own,
    )


def _provenance(
    backend: str, program: Program, stimulus: Stimulus, steps: int, seed: int
) -> Provenance:
    return Provenance(
        backend=backend,
        backend_version=backend_version(backend),
        lahar_version=_own_version(),
        steps=steps,
        dt_seconds=program.dt_seconds,
        chip=program.chip,
        seed=seed,
        program_checksum=checksum(program),
        stimulus_checksum=stimulus.checksum,
    )


def _reference(
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
        progress=progress,
    )
    provenance = replace(
        _provenance("reference", program, stimulus, steps, seed),
        units="rule",
        open_loop_of=None if given is None else given.checksum,
    )
    return Recording(
        variables=trajectory.variables,
        final=trajectory.final,
        provenance=provenance,
        views=program.views,
        budgets=program.budgets,
    )


def _stimulus(
    program: Program, stimulus: StimulusLike, steps: int, seed: int
) -> Stimulus:
    if isinstance(stimulus, Stimulus):
        return stimulus
    if stimulus is None:
        return poisson(program, DEFAULT_RATE, steps, program.dt_seconds, seed)
    return parse_stimulus(stimulus, program, steps, program.dt_seconds, seed)


def _profile(program: Program, name: str | None, backend: str) -> Profile:
    if name is None:
        name = LAVA_0_10.name if backend == "lava" else program.profile
    if name not in PROFILES:
        raise LaharError(UnknownProfile(name, ", ".join(PROFILES)))
    profile = PROFILES[name]
    if backend == "lava" and profile is not LAVA_0_10:
        raise LaharError(ProfileOfLava(name, LAVA_0_10.name))
    if profile.product_shift_base != program.product_shift_base:
        wanted = program.product_shift_base
        base = profile.product_shift_base
        raise LaharError(ShiftNotCompensated(name, base, wanted, program.name))
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

    bundle = lower_to_lava(program)

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
        return run_bundle(
            bundle,
            program,
            inputs,
            steps,
            profile=profile,
            record=record,
            seed=seed,
            progress=progress,
        )

    return bundle, execute


def backend_version(backend: str) -> str:
    """Give the version of what computes: Lava's own, else lahar's."""
    if backend != "lava":
        return _own_version()
    try:
        return importlib.metadata.version("lava-nc")
    except importlib.metadata.PackageNotFoundError:
        return ""


def _own_version() -> str:
    try:
        return importlib.metadata.version("lahar")
    except importlib.metadata.PackageNotFoundError:
        return ""


def lava_is_installed() -> bool:
    """Tell whether the backend lava can run here, without importing it."""
    return importlib.util.find_spec("lava") is not None


def compare(a: Recording, b: Recording, program: Program | None = None) -> Verdict:
    """Compare two recordings of one program; see docs/semantics.md and the README.

    ``program`` lets a diverging weight name the products that moved it.

    Raises
    ------
    LaharError
        V6xx if the recordings are not of the same program, seed and stimulus.

    """
    return compare_recordings(a, b, program=program)


def validate(
    program: Program,
    backends: Sequence[str] = ("sim", "lava"),
    stimulus: StimulusLike = None,
    steps: int = 1000,
    seed: int = 0,
    *,
    profile: str | None = None,
    record: str | Sequence[str] = "all",
    trace: Recording | None = None,
    progress: Callable[[str], Progress] | None = None,
) -> Validation:
    """Run several backends on the same input and compare the first with each other.

    The reference runs open loop, on the spikes that the first backend recorded.

    Parameters
    ----------
    program, stimulus, steps, seed, record
        As for `run`.
    backends
        Two or more names; one is enough beside a ``trace``.
    profile
        For all integer backends; Lava's where Lava is among them.
    trace
        A recording made elsewhere, such as on a chip, compared like a backend.
    progress
        Called with a backend's name when it starts; gives its progress function.

    Raises
    ------
    LaharError
        As `run` and `compare`.

    """
    if len(backends) + (trace is not None) < 2:
        raise LaharError(NeedsTwoBackends(len(backends)))
    if profile is None and "lava" in backends:
        profile = LAVA_0_10.name
    chosen = _stimulus(program, stimulus, steps, seed)
    recordings: list[Recording] = []
    for backend in backends:
        open_loop = backend == "reference" and bool(recordings)
        recordings.append(
            run(
                program,
                chosen,
                steps,
                backend,
                None if backend == "reference" else profile,
                record,
                seed,
                given=recordings[0] if open_loop else None,
                progress=progress(backend) if progress is not None else silent,
            )
        )
    if trace is not None:
        recordings.append(trace)
    return validate_recordings(recordings, program)
