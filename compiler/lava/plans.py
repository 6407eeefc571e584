"""How each part of a Program is made in Lava, and what the script calls it.

Filled in by lower.py before any text is written, so that every part knows the names of
those that it connects to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...hardware.program import Connection, Population
from ...hardware.wires import Wire
from .lif_core import LavaLif, LavaLifs
from .neuron_text import NeuronText


@dataclass(frozen=True)
class PopulationPlan:
    """How a population is made: as ring buffer, as Lava's LIF, or generated.

    ``variable`` is its name in the script. Without ``core`` and ``generated`` it is an
    input; with ``core`` alone it is one of Lava's own LIF processes, and ``various``
    has what differs between its neurons. ``arrays`` maps a register or parameter to
    its array's name, ``data`` is that of an input, ``position`` that in the Program.
    """

    population: Population
    variable: str
    core: LavaLif | None = None
    generated: NeuronText | None = None
    various: LavaLifs | None = None
    arrays: Mapping[str, str] = field(default_factory=dict)
    data: str = ""
    position: int = 0

    @property
    def process(self) -> str:
        """The class that is its neurons."""
        if self.generated is not None:
            return self.generated.process
        assert self.core is not None, "an input has no neurons"
        return self.core.process

    def port(self, name: str) -> str | None:
        """Give the InPort of a port of the neuron; None if nothing is there."""
        if self.generated is not None:
            return f"{self.variable}.{self.generated.ports[name]}"
        if self.core is not None and name == self.core.port:
            return f"{self.variable}.a_in"
        return None

    def sender(self, signal: str) -> str:
        """Give the OutPort of ``s_out`` or of a graded output."""
        if signal == "s_out":
            return f"{self.variable}.s_out"
        assert self.generated is not None, "only generated neurons have outputs"
        return f"{self.variable}.{self.generated.senders[signal]}"


@dataclass(frozen=True)
class WirePlan:
    """A wire: OutPorts that Lava sums by itself, or a generated process.

    ``taps`` are the OutPorts behind the taps; ``process`` is the generated one's class,
    None if the wire is direct. ``sink`` is the variable of Lava's ring buffer.
    """

    wire: Wire
    taps: tuple[str, ...]
    variable: str
    process: str | None = None
    places: str = ""
    sink: str = ""

    @property
    def senders(self) -> tuple[str, ...]:
        """The OutPorts whose sum the wire is."""
        return (f"{self.variable}.out",) if self.process else self.taps


@dataclass(frozen=True)
class ConnectionPlan:
    """A connection, its name in the script, both its ends and what is fed back.

    ``process`` is the class that computes it; ``arrays`` maps ``weights``, ``delays``
    and first values to names of arrays.
    """

    connection: Connection
    variable: str
    process: str
    source: tuple[str, ...]
    target: PopulationPlan | None
    arrays: Mapping[str, str]
    feedback: Mapping[str, WirePlan] = field(default_factory=dict)
