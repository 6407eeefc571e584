"""Lower a Program to Lava: generated processes, a script, and where to read from.

In: a Program. Out: a LavaBundle. All learning runs in Lava's own LearningDense, other
connections in its Dense and DelayDense, neurons in its LIF where they are one. What is
generated shares no code with the interpreter or the kernels: Lava is an independent
judge.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...diagnostics import Diagnostic, require_no_errors
from ...hardware.dense_twin import dense_twin
from ...hardware.lava_bundle import LavaBundle, Probe
from ...hardware.profile import LAVA_0_10
from ...hardware.program import IntArray, Program
from ...hardware.variables import sink_buffers, state_variables
from .connection_text import connection_text, ends_text
from .driver_text import driver_text, network_text
from .identifiers import quoted
from .naming import Naming
from .network_text import heard_wires, modulator_text, population_text, wire_text
from .operation_text import HELPERS
from .probes import connection_probes, population_probes, wire_probes
from .recorder_text import recorder_text
from .refusals import learning_is_sayable
from .rule_text import products_are_sayable
from .sparse_text import PROCESS as SPARSE_PROCESS
from .sparse_text import SPARSE, SPARSE_IMPORTS
from .synapse_text import PROCESS as SYNAPSES_PROCESS
from .synapse_text import SYNAPSES
from .wire_text import wire_class_text

MODULE = "lahar_processes"

_IMPORTS = '''\
"""Lava processes of {program}. Written by lahar."""

import os

import numpy as np
from lava.magma.core.decorator import implements, requires, tag
from lava.magma.core.model.py.model import PyLoihiProcessModel
from lava.magma.core.model.py.ports import PyInPort, PyOutPort, PyRefPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.process.ports.ports import InPort, OutPort, RefPort
from lava.magma.core.process.process import AbstractProcess
from lava.magma.core.process.variable import Var
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol
from lava.proc.lif.models import PyLearningLIFModelFixed
from lava.proc.lif.process import LearningLIF
from lava.utils.weightutils import clip_weights, truncate_weights
'''


def lower_to_lava(program: Program) -> LavaBundle:
    """Write a Program as Lava processes.

    Raises
    ------
    LaharError
        B520, B521 for everything that Lava cannot compute as the Program says it.

    """
    program = dense_twin(program)
    require_no_errors(_refusals(program))
    return _Lowering(program).bundle()


def _refusals(program: Program) -> Iterator[Diagnostic]:
    for connection in program.connections:
        if connection.learning is not None:
            yield from products_are_sayable(connection)
            yield from learning_is_sayable(connection)


class _Lowering:
    """Collects the text of one Program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.naming = Naming(program)
        self.populations = self.naming.populations
        self.wires = self.naming.wires
        self.connections = self.naming.connections

    def bundle(self) -> LavaBundle:
        probes = tuple(self._probes())
        network = network_text(
            f"from {MODULE} import {', '.join(sorted(self._processes()))}",
            [*self._build(), *_return_text(probes)],
        )
        script = driver_text(quoted(self.program.name), network)
        return LavaBundle(
            program=self.program.name,
            profile=LAVA_0_10,
            files={"run.py": script, f"processes/{MODULE}.py": self._module(probes)},
            entry="run.py",
            network=network,
            arrays=self.naming.arrays,
            spikes=self.naming.spikes,
            ports=self.naming.ports,
            probes=probes,
            constants=dict(self._constants()),
        )

    def _processes(self) -> set[str]:
        """Name the generated classes that the script uses."""
        found = {p.generated.process for p in self.populations.values() if p.generated}
        found |= {w.process for w in self.wires.values() if w.process}
        return found | set(self._synapses()) | {"Recorder"}

    def _synapses(self) -> dict[str, str]:
        """Give the classes of connections that Lava does not have, and their text."""
        texts = {SYNAPSES_PROCESS: SYNAPSES, SPARSE_PROCESS: SPARSE}
        used = {c.process for c in self.connections.values()}
        return {process: text for process, text in texts.items() if process in used}

    def _build(self) -> Iterator[str]:
        for population in self.populations.values():
            yield from population_text(population)
        for (name, port), array in self.naming.ports.items():
            yield from modulator_text(self.populations[name], port, array)
        for connection in self.connections.values():
            yield from connection_text(connection)
        for wire in self.wires.values():
            yield from wire_text(wire)
        for connection in self.connections.values():
            yield from ends_text(connection)
        for population in self.populations.values():
            yield from heard_wires(population, self.wires)

    def _probes(self) -> Iterator[Probe]:
        found: dict[str, Probe] = {}
        for population in self.populations.values():
            found |= {p.variable: p for p in population_probes(population)}
        for connection in self.connections.values():
            found |= {p.variable: p for p in connection_probes(connection)}
        for wire in self.wires.values():
            signals = [found.get(tap.signal) for tap in wire.wire.taps]
            own = all(probe is not None and probe.lava_own for probe in signals)
            found |= {p.variable: p for p in wire_probes(wire, taps_are_lavas=own)}
        variables = (*state_variables(self.program), *sink_buffers(self.program))
        yield from (found[v.name] for v in variables if v.name in found)

    def _constants(self) -> Iterator[tuple[str, IntArray]]:
        """Give what is recorded and held by no process."""
        for plan in self.populations.values():
            if plan.various is not None:
                for register, values in plan.various.constants.items():
                    yield f"{plan.population.name}.{register}", values
        for wire in self.wires.values():
            if wire.wire.listens and not wire.senders:
                yield f"{wire.wire.name}.a_in", np.zeros(wire.wire.size, np.int32)

    def _module(self, probes: tuple[Probe, ...]) -> str:
        references = sum(p.kind == "variable" for p in probes)
        neurons = [p.generated.text for p in self.populations.values() if p.generated]
        taps = {w.process: len(w.taps) for w in self.wires.values() if w.process}
        synapses = self._synapses()
        more = SPARSE_IMPORTS if SPARSE_PROCESS in synapses else ""
        parts = [
            _IMPORTS.format(program=quoted(self.program.name)) + more,
            HELPERS,
            *neurons,
            *(wire_class_text(process, count) for process, count in taps.items()),
            *synapses.values(),
            recorder_text(references, len(probes) - references),
        ]
        return "\n\n".join(parts)


def _return_text(probes: tuple[Probe, ...]) -> Iterator[str]:
    yield "return {"
    for probe in probes:
        place = f"({probe.place},)" if probe.kind == "port" else probe.place
        yield f"    {probe.variable!r}: {place},"
    yield "}"
