"""Several verdicts of one validation: a first backend against each of the others.

Verdicts in, one answer out: as good as the worst of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..hardware.program import Program
from .compare import compare
from .recording import Recording
from .tolerance import TOLERANCE
from .verdict import Divergence, Level, VariableCheck, Verdict

WORST_FIRST: tuple[Level, ...] = (
    *("diverged", "metrics"),
    *("within budget", "within tolerance", "identical"),
)


@dataclass(frozen=True)
class Validation:
    """Verdicts by pair: ``validation["sim~lava"]``. The level is that of the worst."""

    verdicts: Mapping[str, Verdict]

    @property
    def worst(self) -> Verdict:
        """The verdict that decides."""
        return min(self.verdicts.values(), key=lambda v: WORST_FIRST.index(v.level))

    @property
    def level(self) -> Level:
        """The level of the worst, see `Verdict`."""
        return self.worst.level

    @property
    def passed(self) -> bool:
        """Whether every pair is identical, or within tolerance or budget."""
        return self.worst.passed

    @property
    def steps(self) -> int:
        """Steps compared."""
        return self.worst.steps

    @property
    def values_compared(self) -> int:
        """Single values compared, over all pairs."""
        return sum(v.values_compared for v in self.verdicts.values())

    @property
    def variables(self) -> tuple[VariableCheck, ...]:
        """What the deciding pair compared, and whose code computed it."""
        return self.worst.variables

    @property
    def divergence(self) -> Divergence | None:
        """Where the deciding pair parts first."""
        return self.worst.divergence

    def __getitem__(self, pair: str) -> Verdict:
        return self.verdicts[pair]

    def require(self) -> None:
        """Raise unless every pair is identical, or within tolerance or budget.

        Raises
        ------
        LaharError
            V605 to V607 of the first pair that is not.

        """
        for verdict in self.verdicts.values():
            verdict.require()

    def to_json(self) -> dict[str, Any]:
        """Give a plain dictionary: the level and every verdict by its pair."""
        return {
            "level": self.level,
            "verdicts": {pair: v.to_json() for pair, v in self.verdicts.items()},
        }

    def render(self) -> str:
        """Show all verdicts as text."""
        return "\n".join(v.render() for v in self.verdicts.values())


def validate_recordings(
    recordings: Sequence[Recording], program: Program, tolerance: float = TOLERANCE
) -> Validation:
    """Compare the first recording with each other one, as `compare` does.

    Raises
    ------
    LaharError
        V6xx if recordings are not of the same run.

    """
    first, *others = recordings
    verdicts: dict[str, Verdict] = {}
    for other in others:
        verdict = compare(first, other, program=program, tolerance=tolerance)
        verdicts[f"{verdict.first}~{verdict.second}"] = verdict
    return Validation(verdicts)
