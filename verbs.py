"""The verbs of lahar: compile, load, from_lava, run, validate, compare, cost; and NIR.

They join the parts that may not know each other: rules, compiler, hardware, sim.
Heavy modules (numba, h5py, nir) are imported when a verb needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from .compiler.calibration import Calibration
from .compiler.compile import compile_network
from .compiler.demonstration import network_of_rule
from .costing import cost
from .diagnostics import Diagnostic, LaharError
from .hardware.chip import Chip
from .hardware.chips import get_chip
from .hardware.program import Program
from .hardware.program_file import load as load_program
from .rules.language import NeuronModel, Rule, as_neuron, as_rule
from .rules.network import Network
from .rules.neuron import Neuron
from .rules.rule import LearningRule
from .running import (
    BACKENDS,
    DEFAULT_RATE,
    StepsOutOfRange,
    StimulusLike,
    make_stimulus,
    run,
)
from .sim.backend import Progress, silent
from .sim.compare import compare as compare_recordings
from .sim.recording import Recording
from .sim.rule_engines import REPLAY, RUN_THE_RULE
from .sim.tolerance import TOLERANCE
from .sim.validation import Validation, validate_recordings
from .sim.verdict import Verdict
from .units import ms

__all__ = [
    "compare",
    "compile",
    "cost",
    "from_lava",
    "load",
    "read_nir",
    "run",
    "validate",
    "write_nir",
]

Compilable: TypeAlias = LearningRule | type[Rule] | Network


@dataclass(frozen=True)
class NeedsTwoBackends(Diagnostic):
    """Validating means comparing: one backend alone cannot agree with anything.

    A recording of a chip counts as one of them: with --trace one backend is enough.
    """

    code = "U905"
    title = "validate needs at least two backends, not {count}"
    help = "name two, such as --backends sim,lava or backends=('sim', 'lava')"

    count: int


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
    post_rate: float | None = None,
    seed: int = 0,
    calibration: Calibration | None = None,
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
        Mean rate of the inputs in hertz that ranges are analysed for, and the error of
        the weights is predicted for.
    post_rate
        Mean rate of the neurons that learn, for that prediction; ``rate`` if None.
    calibration
        Scales that sample data chose: `Deployment.calibration`.

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
        network,
        chip=target,
        dt_seconds=dt,
        epoch_steps=epoch,
        rate_hz=rate,
        post_rate_hz=post_rate,
        calibration=calibration,
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


def from_lava(process: object, *, dt: float = 1 * ms) -> Program:
    """Read the whole Lava network that a process belongs to, before it has run.

    The Program computes bit for bit what Lava 0.10's fixed-point models would; its
    report says what Lava does silently. docs/from_lava.md lists what can be read.

    Parameters
    ----------
    process
        Any process of the network.
    dt
        Length of a step in seconds. Lava counts steps only: it labels recordings and
        changes no bit.

    Raises
    ------
    LaharError
        B53x for what cannot be read, all problems at once.

    """
    from .compiler.lava.from_lava import from_lava as read

    return read(process, dt)


def read_nir(
    path: str | Path,
    dt: float | None = None,
    *,
    reset: str | None = None,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    exporter: str | None = None,
) -> Network:
    """Read a network from a NIR file.

    Parameters
    ----------
    path
        The file.
    dt
        Length of a step in seconds, if the file has none.
    reset
        ``hard``, ``subtract`` or ``subtract-late``, if the file does not say it.
    bounds
        Nodes that send values, to the lowest and highest.
    exporter
        ``snntorch`` or ``norse``, to undo what their exporters are known to lose.

    Raises
    ------
    LaharError
        N7xx for what cannot be read or is not supported.

    """
    from .rules.nir_read import read_nir as read

    return read(path, dt, reset=reset, bounds=bounds, exporter=exporter)


def write_nir(network: Network, path: str | Path) -> None:
    """Write a network to a NIR file that every NIR tool reads as a static network.

    Raises
    ------
    LaharError
        N7xx for what cannot be written.

    """
    from .rules.nir_write import write_nir as write

    write(network, path)


def compare(
    a: Recording,
    b: Recording,
    program: Program | None = None,
    *,
    tolerance: float = TOLERANCE,
) -> Verdict:
    """Compare two recordings of one program; see docs/semantics.md and the README.

    ``program`` lets a diverging weight name the products that moved it. Floats of two
    float backends may differ by ``tolerance``, relative and absolute.

    Raises
    ------
    LaharError
        V6xx if the recordings are not of the same program, seed and stimulus.

    """
    return compare_recordings(a, b, program=program, tolerance=tolerance)


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
    tolerance: float = TOLERANCE,
    progress: Callable[[str], Progress] | None = None,
) -> Validation:
    """Run several backends on the same input and compare the first with each other.

    What runs the rule replays the first backend's spikes, unless nothing learns.

    Parameters
    ----------
    program, stimulus, steps, seed, record
        As for `run`.
    backends
        Two or more; one is enough beside a ``trace``.
    profile
        For all integer backends; Lava's where Lava is among them.
    trace
        A recording made elsewhere, such as on a chip, compared like a backend.
    tolerance
        How far floats of two float backends may lie apart, relative and absolute;
        spikes are compared exactly, and integers by every bit.
    progress
        Called with a backend's name when it starts; gives its progress function.

    Raises
    ------
    LaharError
        As `run` and `compare`.

    """
    if len(backends) + (trace is not None) < 2:
        raise LaharError(NeedsTwoBackends(len(backends)))
    if steps < 1:
        raise LaharError(StepsOutOfRange(steps))
    if profile is None:
        profile = _profile_of_all(backends)
    chosen = make_stimulus(program, stimulus, steps, seed)
    recordings: list[Recording] = []
    for backend in backends:
        rule = backend in RUN_THE_RULE
        replays = backend in REPLAY and program.budgets and recordings
        recording = run(
            program,
            chosen,
            steps,
            backend,
            None if rule else profile,
            record,
            seed,
            given=recordings[0] if replays else None,
            progress=progress(backend) if progress is not None else silent,
        )
        recordings.append(recording)
    if trace is not None:
        recordings.append(trace)
    return validate_recordings(recordings, program, tolerance)


def _profile_of_all(backends: Sequence[str]) -> str | None:
    """Give the profile of the backend that has only one; all others follow it."""
    infos = [BACKENDS[name] for name in backends if name in BACKENDS]
    return next((info.profiles[0] for info in infos if info.profiles), None)
