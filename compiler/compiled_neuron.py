"""What compiling a neuron model takes and gives, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..hardware.program import NeuronProgram
from ..hardware.report import Rounding, TermReport
from .draft import NeuronValue


@dataclass(frozen=True)
class CompiledNeuron:
    """A neuron program, the scales of its registers, what was rounded or tabulated.

    ``offsets`` holds the outputs that travel as value + 64.
    """

    program: NeuronProgram
    scales: Mapping[str, float]
    offsets: Mapping[str, int]
    modulator_scales: Mapping[str, float]
    modulator_ports: Mapping[str, str]
    roundings: tuple[Rounding, ...]
    functions: tuple[TermReport, ...] = ()


@dataclass(frozen=True)
class SentValue:
    """A value for one projection: its output name, what it is, its stored scale."""

    output: str
    value: NeuronValue
    scale: float
