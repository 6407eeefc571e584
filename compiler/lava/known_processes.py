"""The processes of Lava's library that `from_lava` reads, and their ports.

Which ports a fixed-point model receives from and sends to in every step is in no
interface of Lava; it is stated here as data, from the source of lava-nc 0.10.0. A port
on only one side of that makes a run hang.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

Role = Literal["neuron", "connection", "source", "sink", "monitor"]

NEURON = frozenset({"a_in"})
SPIKES = frozenset({"s_out"})
CURRENT = frozenset({"a_out"})
LEARNS = frozenset({"s_in", "s_in_bap", "s_in_y1", "s_in_y2", "s_in_y3"})


@dataclass(frozen=True)
class Kind:
    """A class of processes: ``reads`` and ``sends`` name the ports its model uses.

    ``wide`` says that it sends int64, all others send int32.
    """

    name: str
    role: Role
    reads: frozenset[str]
    sends: frozenset[str]
    wide: bool = False

    @property
    def learns(self) -> bool:
        """Tell whether it has a learning rule of its own."""
        return self.name in ("LearningDense", "LearningSparse")


def _neuron(name: str, *, wide: bool = False) -> Kind:
    return Kind(name, "neuron", NEURON, SPIKES, wide)


def _connection(name: str) -> Kind:
    reads = LEARNS if name.startswith("Learning") else frozenset({"s_in"})
    return Kind(name, "connection", reads, CURRENT)


KINDS = MappingProxyType(
    {
        ("lava.proc.lif.process", "LIF"): _neuron("LIF"),
        ("lava.proc.lif.process", "LIFReset"): _neuron("LIFReset"),
        ("lava.proc.lif.process", "LearningLIF"): _neuron("LearningLIF"),
        ("lava.proc.lif.process", "TernaryLIF"): _neuron("TernaryLIF", wide=True),
        ("lava.proc.atrlif.process", "ATRLIF"): _neuron("ATRLIF"),
        ("lava.proc.dense.process", "Dense"): _connection("Dense"),
        ("lava.proc.dense.process", "DelayDense"): _connection("DelayDense"),
        ("lava.proc.dense.process", "LearningDense"): _connection("LearningDense"),
        ("lava.proc.sparse.process", "Sparse"): _connection("Sparse"),
        ("lava.proc.sparse.process", "DelaySparse"): _connection("DelaySparse"),
        ("lava.proc.sparse.process", "LearningSparse"): _connection("LearningSparse"),
        ("lava.proc.conv.process", "Conv"): _connection("Conv"),
        ("lava.proc.io.source", "RingBuffer"): Kind(
            "source RingBuffer", "source", frozenset(), SPIKES
        ),
        ("lava.proc.io.sink", "RingBuffer"): Kind(
            "sink RingBuffer", "sink", NEURON, frozenset()
        ),
        ("lava.proc.monitor.process", "Monitor"): Kind(
            "Monitor", "monitor", frozenset(), frozenset()
        ),
    }
)


def kind_of(process: Any) -> Kind | None:
    """Find the kind of a process by its exact class, as Lava finds its model."""
    known = KINDS.get((type(process).__module__, type(process).__qualname__))
    if known is None or not known.learns:
        return known
    return Kind(known.name, known.role, _reads(process), known.sends)


def _reads(process: Any) -> frozenset[str]:
    """Name the ports that a learning connection reads: its rule decides."""
    rule = process.proc_params["learning_rule"]
    classes = {c.__name__ for c in type(rule).__mro__}
    if "Loihi3FLearningRule" in classes:
        return LEARNS
    if "Loihi2FLearningRule" in classes:
        return frozenset({"s_in", "s_in_bap"})
    return frozenset({"s_in"})


def why_unknown(process: Any) -> str:
    """Say why a process cannot be read, for a message."""
    name = type(process).__name__
    if name == "LIFRefractory":
        return "Lava has no fixed-point model of it, only a floating-point one"
    bases = [
        c for c in type(process).__mro__[1:] if (c.__module__, c.__name__) in KINDS
    ]
    if bases:
        return (
            f"it derives from {bases[0].__name__}, but Lava finds models by the exact "
            "class, so it has one of its own"
        )
    if type(process).__module__.startswith("lava."):
        return "it is in Lava's library, but not among those compared with Lava"
    return "what it computes is Python code of its ProcessModel"


def known_names() -> str:
    """List what is read, for a message."""
    return ", ".join(kind.name for kind in KINDS.values())
