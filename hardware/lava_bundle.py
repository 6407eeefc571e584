"""A Program as Lava processes: generated text, and where Lava holds each variable.

The compiler writes it (compiler/lava/), the runner takes it (sim/lava_runner.py);
neither has to know the other. Plain data: no array, no import of Lava.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .profile import Profile


@dataclass(frozen=True)
class Probe:
    """Where a recorded variable is in the Lava network, and whose code computed it.

    variable
        Its recorded name (hardware/variables.py).
    place
        Process and member in the generated text, such as ``synapse.weights``.
    kind
        ``variable``: a Var, read after learning. ``port``: what an OutPort sent.
    lava_own
        True if the values come from Lava's own process models alone, False if a
        generated model computed them.
    by
        The process that computed them: ``lava.proc.lif.LIF``, ``generated Post``.
    """

    variable: str
    place: str
    kind: Literal["variable", "port"]
    lava_own: bool
    by: str


@dataclass(frozen=True)
class LavaBundle:
    """Everything a runner needs to start a Program on Lava, arrays excepted.

    files
        Path in the run's folder to text. ``entry`` is the one that is executed.
    weights, spikes, ports
        Connection, input population or (population, modulator port) to the name
        under which the generated text expects its array.
    profile
        The arithmetic that this backend computes, and no other.
    """

    program: str
    profile: Profile
    files: Mapping[str, str]
    entry: str
    weights: Mapping[str, str]
    spikes: Mapping[str, str]
    ports: Mapping[tuple[str, str], str]
    probes: tuple[Probe, ...]
