"""What an experiment of a system came to, and its plain data for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..lava_check import LavaCheck
from .frame import ARITHMETICS, DECIDING, Arithmetic, Criterion, Experiment, Measured


@dataclass(frozen=True, eq=False)
class Outcome:
    """One criterion in one arithmetic: the figures of all seeds, and what was judged.

    deciding
        As ``figures``, or the one value that the criterion makes of them.
    """

    criterion: Criterion
    arithmetic: Arithmetic
    figures: tuple[float, ...]
    deciding: tuple[float, ...]
    passed: bool


@dataclass(frozen=True, eq=False)
class SystemResult:
    """Everything that the command line prints and docs/systems.md shows."""

    experiment: Experiment
    measured: tuple[Measured, ...]
    check: LavaCheck
    picture: Path
    seconds: float

    def seeds_of(self, arithmetic: Arithmetic) -> tuple[int, ...]:
        """List the seeds that were measured in an arithmetic."""
        return tuple(m.seed for m in self.measured if m.arithmetic == arithmetic)

    def outcome(self, criterion: Criterion, arithmetic: Arithmetic) -> Outcome:
        """Judge a criterion in one arithmetic."""
        figures = tuple(
            float(m.figures[criterion.figure])
            for m in self.measured
            if m.arithmetic == arithmetic
        )
        deciding = criterion.deciding(figures)
        passed = all(bool(criterion.passes(value)) for value in deciding)
        return Outcome(criterion, arithmetic, figures, deciding, passed)

    @property
    def outcomes(self) -> Iterator[Outcome]:
        """Every criterion in every arithmetic."""
        for criterion in self.experiment.criteria:
            for arithmetic in ARITHMETICS:
                yield self.outcome(criterion, arithmetic)

    @property
    def meets_its_criteria(self) -> bool:
        """Whether the chip's arithmetic meets every criterion."""
        return all(o.passed for o in self.outcomes if o.arithmetic == DECIDING)

    @property
    def is_identical_on_lava(self) -> bool:
        """Whether Lava was there, and gave the same bits."""
        verdicts = self.check.verdicts.values()
        return bool(verdicts) and all(v.level == "identical" for v in verdicts)

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against it; Lava may be absent."""
        skipped = bool(self.check.skipped)
        return self.meets_its_criteria and (skipped or self.is_identical_on_lava)

    @property
    def works(self) -> bool:
        """Whether all criteria are met and Lava agreed in every bit."""
        return self.meets_its_criteria and self.is_identical_on_lava


def system_json(result: SystemResult) -> dict[str, object]:
    """Give the result as plain data."""
    experiment = result.experiment
    return {
        "id": experiment.id,
        "claim": experiment.claim,
        "paper": experiment.paper,
        "host": experiment.host,
        "seeds": list(experiment.seeds),
        "measured": {a: list(result.seeds_of(a)) for a in ARITHMETICS},
        "criteria": [_criterion_json(result, c) for c in experiment.criteria],
        "lava": _lava_json(result),
        "picture": str(result.picture),
        "seconds": result.seconds,
        "passed": result.passed,
    }


def _criterion_json(result: SystemResult, criterion: Criterion) -> dict[str, object]:
    outcomes = [result.outcome(criterion, a) for a in ARITHMETICS]
    return {
        "name": criterion.name,
        "bar": criterion.bar,
        "figures": {o.arithmetic: list(o.figures) for o in outcomes},
        "deciding": {o.arithmetic: list(o.deciding) for o in outcomes},
        "met": {o.arithmetic: o.passed for o in outcomes},
        "passed": result.outcome(criterion, DECIDING).passed,
    }


def _lava_json(result: SystemResult) -> dict[str, object]:
    if result.check.skipped:
        return {"skipped": result.check.skipped}
    verdict = next(iter(result.check.verdicts.values()))
    return {
        "level": verdict.level,
        "steps": verdict.steps,
        "values_compared": verdict.values_compared,
    }
