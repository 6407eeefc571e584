"""What the demo found: accuracies, verdicts, and where everything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..hardware.program import Program
from ..sim.verdict import Verdict
from .training import Course, Plan, Trial


@dataclass(frozen=True, eq=False)
class DemoResult:
    """Everything that the page shows and the command line prints.

    accuracy_before
        Of the network before any training, on the digits that were kept back.
    trials
        ``sim``, ``sim_lava_profile`` and ``reference``.
    verdicts
        ``sim~lava``; nothing if Lava is not installed.
    skipped
        Why there is no verdict; empty if there is one.
    files
        What was written beside the report, with what it holds.
    """

    seed: int
    plan: Plan
    program: Program
    course: Course
    accuracy_before: float
    trials: Mapping[str, Trial]
    verdicts: Mapping[str, Verdict]
    skipped: str
    report: Path
    files: Mapping[Path, str]

    @property
    def accuracy(self) -> dict[str, float]:
        """Share of right answers to held-out digits, by trial."""
        return {name: trial.accuracy for name, trial in self.trials.items()}

    @property
    def passed(self) -> bool:
        """Whether nothing that was compared differs."""
        return all(verdict.passed for verdict in self.verdicts.values())


def result_json(result: DemoResult) -> dict[str, object]:
    """Give the result as plain data."""
    tree: dict[str, object] = {
        "accuracy": result.accuracy,
        "verdicts": {
            pair: {
                "level": verdict.level,
                "steps": verdict.steps,
                "values_compared": verdict.values_compared,
            }
            for pair, verdict in result.verdicts.items()
        },
        "report": str(result.report),
    }
    if result.skipped:
        tree["skipped"] = result.skipped
    return tree
