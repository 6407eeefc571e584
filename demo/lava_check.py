"""The same Program and input in the simulator and in Lava, all state of every step.

Out: the verdict with both recordings, or why there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ..diagnostics import EXIT_MISSING_BACKEND, LaharError
from ..hardware.program import Program
from ..sim.recording import Recording
from ..sim.stimulus import Stimulus
from ..sim.verdict import Verdict
from ..verbs import compare, run
from .listener import AbstractListener

PROFILE: Final = "lava-0.10"
BACKENDS = ("sim", "lava")


@dataclass(frozen=True)
class LavaCheck:
    """What came of it; ``skipped`` says why there is no verdict."""

    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    recordings: Mapping[str, Recording] = field(default_factory=dict)
    skipped: str = ""


def compare_with_lava(
    program: Program,
    stimulus: Stimulus,
    steps: int,
    seed: int,
    listener: AbstractListener,
) -> LavaCheck:
    """Run the first steps in both.

    Raises
    ------
    LaharError
        B5xx if Lava is there and fails.

    """
    recordings: dict[str, Recording] = {}
    try:
        for backend in BACKENDS:
            title = f"comparing with Lava: {backend}"
            with listener.stage(title, steps) as progress:
                recordings[backend] = run(
                    program,
                    stimulus,
                    steps,
                    backend,
                    PROFILE,
                    "all",
                    seed,
                    progress=progress,
                )
    except LaharError as error:
        if error.exit_code != EXIT_MISSING_BACKEND:
            raise
        return LavaCheck(skipped=_why(error))
    first, second = recordings.values()
    verdict = compare(first, second, program)
    return LavaCheck({f"{verdict.first}~{verdict.second}": verdict}, recordings)


def _why(error: LaharError) -> str:
    reasons = "; ".join(
        f"{d.message} ({d._fill(d.note)}; {d.code})" for d in error.diagnostics
    )
    return f"The comparison with Lava was left out: {reasons}."
