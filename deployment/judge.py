"""Judge a network on a chip by samples: stage by stage, layer by layer.

A float network, its Program and samples in; a DeploymentReport's stages and layers out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ..compiler.calibration import Calibration
from ..hardware.program import Program
from ..rules.network import Group, Projection
from ..sim.reference_samples import run_samples
from .chip_samples import run_on_chip
from .choose import Floats
from .readout import Readout, accuracy, decisions
from .report import LayerResult, ProjectionResult, StageResult
from .samples import FloatArray
from .stages import stages_of, stored_weights

REGISTER_MAX = 2**23 - 1  # a state has 24 bits, docs/semantics.md section 4


@dataclass(frozen=True)
class ChipRun:
    """A Program and what it did on the samples."""

    program: Program
    variables: Mapping[str, FloatArray]


@dataclass(frozen=True)
class Judge:
    """What all stages are compared with, and how answers are read."""

    floats: Floats
    readout: Readout
    dt_seconds: float

    @property
    def spiking(self) -> list[Group]:
        """Groups whose spikes are compared."""
        return [g for g in self.floats.network.groups if _spikes(g)]

    def on_chip(self, program: Program) -> ChipRun:
        """Run a Program on the samples."""
        network = self.floats.network
        record = [f"{g.name}.s_out" for g in network.groups if g.neuron is not None]
        kept = {v.variable for v in program.views}
        for group in network.groups:
            states = () if group.neuron is None else group.neuron.states
            names = [f"{group.name}.{s.name}" for s in states]
            record += [name for name in names if name in kept]
        samples, steps = self.floats.samples, self.floats.steps
        return ChipRun(program, run_on_chip(program, samples, steps, record))

    def stages(self, chip: ChipRun, calibration: Calibration) -> Iterator[StageResult]:
        """Judge float, every rounding added to it, and the chip."""
        floats = self.floats
        yield self.result("float", floats.run.variables)
        record = [f"{g.name}.s_out" for g in self.spiking]
        record = [*dict.fromkeys([*record, self.readout.variable])]
        for name, network in stages_of(floats.network, chip.program, calibration):
            run = run_samples(
                network,
                floats.samples.inputs,
                floats.steps,
                dt_seconds=self.dt_seconds,
                record=record,
            )
            yield self.result(name, run.variables)
        yield self.result("chip", chip.variables)

    def result(self, name: str, variables: Mapping[str, FloatArray]) -> StageResult:
        """Judge what one of them did."""
        wanted = self.floats.run.variables
        scores = self.readout.scores(variables[self.readout.variable])
        aim = self.readout.scores(wanted[self.readout.variable])
        labels = self.floats.samples.labels
        both = either = 0.0
        for group in self.spiking:
            key = f"{group.name}.s_out"
            a, b = wanted[key] != 0, variables[key] != 0
            both, either = both + float((a & b).sum()), either + float((a | b).sum())
        return StageResult(
            name,
            None if labels is None else accuracy(scores, labels),
            float((decisions(scores) == decisions(aim)).mean()),
            both / either if either else 1.0,
        )

    def layers(self, chip: ChipRun, calibration: Calibration) -> Iterator[LayerResult]:
        """Judge each group with neurons."""
        network = self.floats.network
        for group in network.groups:
            if group.neuron is not None:
                incoming = [p for p in network.projections if p.target == group.name]
                projections = tuple(_projection(p, chip.program) for p in incoming)
                yield self._layer(group, chip, calibration, projections)

    def _layer(
        self,
        group: Group,
        chip: ChipRun,
        calibration: Calibration,
        projections: tuple[ProjectionResult, ...],
    ) -> LayerResult:
        assert group.neuron is not None
        key = f"{group.name}.s_out"
        a, b = self.floats.run.variables[key] != 0, chip.variables[key] != 0
        either = int((a | b).sum())
        seconds = group.size * self.floats.samples.steps * self.dt_seconds
        count = self.floats.samples.count
        held = _Registers(group, chip)
        return LayerResult(
            group=group.name,
            size=group.size,
            rate_float=float(a.sum() / (count * seconds)),
            rate_chip=float(b.sum() / (count * seconds)),
            coincident=float((a & b).sum() / either)
            if either
            else (1.0 if _spikes(group) else None),
            low=held.low,
            high=held.high,
            register=held.used,
            saturated=held.saturated,
            decays=_decays(group, chip.program),
            threshold=calibration.thresholds.get(group.name, 1.0),
            projections=projections,
        )


class _Registers:
    """Stored states of a group, over all samples."""

    def __init__(self, group: Group, chip: ChipRun) -> None:
        assert group.neuron is not None
        scales = {v.variable: v.scale for v in chip.program.views}
        self.low = self.high = self.used = self.saturated = 0.0
        shares = []
        for state in group.neuron.states:
            name = f"{group.name}.{state.name}"
            if name not in chip.variables:
                continue
            values = chip.variables[name]
            stored = np.abs(values) * abs(scales[name])
            self.low, self.high = float(values.min()), float(values.max())
            self.used = max(self.used, float(stored.max()) / REGISTER_MAX)
            shares.append(float((stored >= REGISTER_MAX - 0.5).mean()))
        if shares:
            self.saturated = float(np.mean(shares))


def _decays(group: Group, program: Program) -> dict[str, int]:
    """Read the decay of each state out of the neuron program."""
    found: dict[str, int] = {}
    population = next(p for p in program.populations if p.name == group.name)
    assert group.neuron is not None
    states = {s.name for s in group.neuron.states}
    for op in () if population.neuron is None else population.neuron.ops:
        if op.code == "decay" and op.args[0] in states and isinstance(op.args[1], int):
            found.setdefault(str(op.args[0]), op.args[1])
    return found


def _projection(projection: Projection, program: Program) -> ProjectionResult:
    connection = next(c for c in program.connections if c.name == projection.name)
    got, wanted = stored_weights(program)[projection.name], projection.weights
    largest, kept = np.abs(wanted).max(initial=0.0), np.abs(got).max(initial=0.0)
    clip = min(float(kept / largest), 1.0) if largest else 1.0
    step = float(kept) / 127  # what differs by more than rounding was clipped
    size = float(np.sqrt((wanted**2).mean())) or 1.0
    return ProjectionResult(
        projection.name,
        connection.weight_exponent,
        clip,
        int((np.abs(wanted) > kept + step).sum()),
        float(np.sqrt(((got - wanted) ** 2).mean())) / size,
    )


def _spikes(group: Group) -> bool:
    return group.neuron is not None and group.neuron.can_send
