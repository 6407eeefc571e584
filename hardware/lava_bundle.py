"""A Program as Lava processes: generated text, its arrays, and where to read from.

The compiler writes it (compiler/lava/), the runner takes it (sim/lava_runner.py) and
so does the export; neither has to know the other. Nothing here imports Lava.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .profile import Profile
from .program import IntArray


@dataclass(frozen=True)
class Probe:
    """Where a recorded variable is in the Lava network, and whose code computed it.

    variable
        Its recorded name (hardware/variables.py).
    place
        Process and member in the generated text, such as ``synapse.weights``; several
        OutPorts, by commas, that are summed.
    kind
        ``variable``: a Var, read after learning. ``port``: what OutPorts sent.
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


@dataclass(frozen=True, eq=False)
class LavaBundle:
    """Everything that is needed to start a Program on Lava, the stimulus excepted.

    files
        Path in the run's folder to text. ``entry`` is the one that is executed.
    network
        The part of ``entry`` that defines ``build(arrays, seed)``: its imports, and
        the network itself. A script of another kind can be written around it.
    arrays
        Name under which the generated text expects an array, to the array.
    spikes, ports
        Input population or (population, modulator port) to the name under which the
        text expects its stimulus: (neurons, steps), repeated for ever.
    constants
        Recorded variables that no process holds, because they never change.
    profile
        The arithmetic that this backend computes, and no other.
    """

    program: str
    profile: Profile
    files: Mapping[str, str]
    entry: str
    network: str
    arrays: Mapping[str, IntArray]
    spikes: Mapping[str, str]
    ports: Mapping[tuple[str, str], str]
    probes: tuple[Probe, ...]
    constants: Mapping[str, IntArray]
