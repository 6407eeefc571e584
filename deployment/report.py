"""What a deployment came to: what each rounding costs, and how each layer fits.

Plain data and its text. Shares are of 1; rates are in Hz.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class StageResult:
    """The network with some of its numbers rounded, beside the float network.

    accuracy
        Share of samples whose label is ahead; None without labels.
    agrees
        Share of samples with the answer of the float network.
    coincident
        Share of all spikes that both have, of all groups that spike.
    """

    name: str
    accuracy: float | None
    agrees: float
    coincident: float


@dataclass(frozen=True)
class ProjectionResult:
    """Weights of a projection on the chip.

    ``clip`` is the largest stored weight beside the largest there is; below 1,
    ``clipped`` weights are stored as smaller ones. ``error`` is the root mean square
    error of a weight, beside the root mean square weight.
    """

    name: str
    exponent: int
    clip: float
    clipped: int
    error: float


@dataclass(frozen=True)
class LayerResult:
    """A group in float and on the chip.

    coincident
        Share of its spikes that both have; None if it does not spike.
    low, high
        Range of its last state, the membrane, on the chip, in the network's units.
    register
        Largest magnitude of a state beside what its register holds.
    saturated
        Share of all values of states that lie at an end of their register.
    decays
        State to its decay in 4096ths, where it has one.
    threshold
        Factor that sample data put on the threshold.
    """

    group: str
    size: int
    rate_float: float
    rate_chip: float
    coincident: float | None
    low: float
    high: float
    register: float
    saturated: float
    decays: dict[str, int]
    threshold: float
    projections: tuple[ProjectionResult, ...]


@dataclass(frozen=True)
class DeploymentReport:
    """What became of a network on a chip, judged on ``samples`` samples.

    held_out
        Whether they are others than those that the choices were made by.
    calibrated
        False if the worst case agreed more with float than what was calibrated.
    """

    network: str
    chip: str
    profile: str
    samples: int
    held_out: bool
    calibrated: bool
    output: str
    stages: tuple[StageResult, ...]
    layers: tuple[LayerResult, ...]

    def stage(self, name: str) -> StageResult:
        """Find a stage by name; KeyError if there is none."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise KeyError(name)

    def to_json(self) -> dict[str, Any]:
        """Give a plain dictionary of numbers, strings and lists."""
        return asdict(self)

    def render(self) -> str:
        """Show it as text."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        which = "held-out samples" if self.held_out else "samples, the calibrating ones"
        yield (
            f"{self.network} on {self.chip}, profile {self.profile}: "
            f"{self.samples} {which}, answers of `{self.output}`"
        )
        yield f"  {'':<22}{'accuracy':>9}{'as float':>10}{'same spikes':>13}"
        for s in self.stages:
            accuracy = "" if s.accuracy is None else f"{s.accuracy:.2%}"
            yield (f"  {s.name:<22}{accuracy:>9}{s.agrees:>10.2%}{s.coincident:>13.2%}")
        if not self.calibrated:
            yield "  sample data did not help: scales are those of the worst case"
        for layer in self.layers:
            yield from _layer_lines(layer)


def _layer_lines(layer: LayerResult) -> Iterator[str]:
    spikes = "" if layer.coincident is None else f", same {layer.coincident:.1%}"
    yield (
        f"  {layer.group} ({layer.size}): {layer.rate_float:.3g} Hz in float, "
        f"{layer.rate_chip:.3g} Hz on the chip{spikes}"
    )
    decays = ", ".join(f"{n} loses {d}/4096" for n, d in layer.decays.items())
    yield (
        f"    membrane {layer.low:.3g} to {layer.high:.3g}, "
        f"register {layer.register:.1%} used, {layer.saturated:.2%} saturated"
        + (f"; {decays}" if decays else "")
        + (f"; threshold x {layer.threshold:g}" if layer.threshold != 1 else "")
    )
    for p in layer.projections:
        yield (
            f"    {p.name}: weights * 2^{p.exponent}, error {p.error:.2%}"
            + (f", {p.clipped} clipped at {p.clip:.0%}" if p.clipped else "")
        )
