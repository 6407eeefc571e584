"""The verb `cost`: what a mean step of a Program takes, by the published tables."""

from __future__ import annotations

from dataclasses import dataclass

from .diagnostics import Diagnostic, LaharError
from .hardware.activity import assumed_activity
from .hardware.chip import Chip
from .hardware.chips import CHIPS, get_chip
from .hardware.costs import step_cost
from .hardware.program import Program
from .hardware.step_cost import StepCost
from .running import DEFAULT_RATE
from .sim.recording import Recording


@dataclass(frozen=True)
class ChipOfTheProgramIsUnknown(Diagnostic):
    """A Program names its chip, and the chip was described in a file of its own.

    A Program file does not carry the chip's description, so it has to be given again.
    """

    code = "U915"
    title = "program `{program}` is for `{chip}`, which lahar itself does not know"
    note = "lahar knows {known}, and their boards"
    help = "give the file that describes it: --chip {chip}.toml, chip='{chip}.toml'"

    program: str
    chip: str
    known: str


@dataclass(frozen=True)
class ChipIsNotTheProgramsOwn(Diagnostic):
    """A Program is placed on the cores of the chip it was compiled for.

    Another chip has other cores, other memory and maybe other arithmetic, so its
    cost cannot be told from this placement.
    """

    code = "U916"
    title = "program `{program}` is for `{wanted}`, not for `{given}`"
    help = "leave the chip out, or compile for `{given}`"

    program: str
    wanted: str
    given: str


@dataclass(frozen=True)
class NotASpikeRate(Diagnostic):
    """A cost is asked for at a mean rate of spikes, zero or more.

    The rate is a mean over all neurons, in spikes a second. A recording gives the
    rates of every population instead.
    """

    code = "U917"
    title = "{rate:g} Hz is not a rate of spikes"
    help = "use a number from 0 (nothing spikes) to one spike a step"

    rate: float


def cost(
    program: Program,
    recording: Recording | None = None,
    *,
    rate: float = DEFAULT_RATE,
    chip: str | Chip | None = None,
) -> StepCost:
    """Cost a mean step: energy and time by every published table, static power apart.

    Parameters
    ----------
    program
        From `compile` or `load`.
    recording
        A run with the spikes (``*.s_out``) of all populations: its counts are used.
    rate
        Without a recording: mean rate in hertz that every neuron is assumed to have.
    chip
        The program's own if None. A chip that a file describes has to be given again.

    Raises
    ------
    LaharError
        U915 to U917 for a chip or rate that does not fit, S421, S460 for a recording.

    """
    target = _chip_of(program, chip)
    if recording is not None:
        from .sim.activity import activity_of

        return step_cost(program, target, activity_of(recording, program))
    if not 0 <= rate < float("inf"):
        raise LaharError(NotASpikeRate(rate))
    said = f"assumed: every neuron spikes at {rate:g} Hz"
    activity = assumed_activity(program, rate * program.dt_seconds, said)
    return step_cost(program, target, activity)


def _chip_of(program: Program, chip: str | Chip | None) -> Chip:
    if chip is None:
        if program.chip.partition(":")[0] not in CHIPS:
            known = ", ".join(CHIPS)
            raise LaharError(
                ChipOfTheProgramIsUnknown(program.name, program.chip, known)
            )
        return get_chip(program.chip)
    target = get_chip(chip) if isinstance(chip, str) else chip
    if target.name != program.chip:
        raise LaharError(
            ChipIsNotTheProgramsOwn(program.name, program.chip, target.name)
        )
    return target
