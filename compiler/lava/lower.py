"""Lower a Program to Lava: generated processes, a script, and where to read from.

In: a Program. Out: a LavaBundle. All learning runs in Lava's own LearningDense, other
connections in its Dense, neurons in its LIF where they are one. What is generated
shares no code with the interpreter or the kernels: Lava is an independent judge.
"""

from __future__ import annotations

from collections.abc import Iterator

from ...diagnostics import Diagnostic, require_no_errors
from ...hardware.lava_bundle import LavaBundle, Probe
from ...hardware.profile import LAVA_0_10
from ...hardware.program import Connection, Population, Program
from ...hardware.variables import state_variables
from .driver_text import driver_text
from .identifiers import Identifiers, quoted
from .lif_core import is_whole, lava_lif
from .network_text import (
    ConnectionPlan,
    PopulationPlan,
    connection_text,
    modulator_text,
    population_text,
)
from .neuron_text import neuron_text
from .operation_text import HELPERS
from .probes import connection_probes, population_probes
from .recorder_text import recorder_text
from .refusals import LearningIsBeyondLava
from .rule_text import products_are_sayable

MODULE = "lahar_processes"

# Names that the script itself uses, so that no process may have them.
_SCRIPT_NAMES = (
    *("json", "os", "shutil", "signal", "sys", "threading", "traceback", "Path"),
    *("np", "HERE"),
    *("Loihi2FLearningRule", "Loihi3FLearningRule", "Var", "RunSteps", "SignMode"),
    *("Loihi2SimCfg", "Dense", "LearningDense", "RingBuffer", "LIF", "Recorder"),
    *("check", "build", "record", "fail", "blame", "watch", "leave_with_parent"),
    *("run", "main", "arrays", "seed"),
)

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
'''


def lower_to_lava(program: Program) -> LavaBundle:
    """Write a Program as Lava processes.

    Raises
    ------
    LaharError
        B520, B521 for everything that Lava cannot compute as the Program says it.

    """
    require_no_errors(_refusals(program))
    return _Lowering(program).bundle()


def _refusals(program: Program) -> Iterator[Diagnostic]:
    for connection in program.connections:
        if connection.learning is not None:
            yield from products_are_sayable(connection)
            yield from _learning_is_sayable(connection)


def _learning_is_sayable(connection: Connection) -> Iterator[Diagnostic]:
    learning = connection.learning
    assert learning is not None
    if not learning.products:
        yield LearningIsBeyondLava(connection.name, "the rule has no product")
    for name, trace in learning.traces.items():
        if trace.impulse < 0:
            problem = f"the impulse of {name} is negative"
            yield LearningIsBeyondLava(connection.name, problem)
        if name.startswith("y") and learning.third_factors:
            problem = f"{name} is a trace, but third factors take all y slots"
            yield LearningIsBeyondLava(connection.name, problem)


class _Lowering:
    """Names every process and array of one Program, and collects the text."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.variable = Identifiers(_SCRIPT_NAMES)
        self.array = Identifiers()
        self.process = Identifiers(_SCRIPT_NAMES)
        self.populations = {p.name: self._plan(p) for p in program.populations}
        self.connections = [
            ConnectionPlan(
                c,
                self.variable(c.name),
                self.populations[c.source],
                self.populations[c.target],
            )
            for c in program.connections
        ]
        self.weights = {
            c.name: self.array(f"weights {c.name}") for c in program.connections
        }
        self.spikes = {p.name: self.array(f"spikes {p.name}") for p in program.inputs}
        self.ports = {
            (p.name, port.name): self.array(f"port {p.name} {port.name}")
            for p in program.populations
            if p.neuron is not None
            for port in p.neuron.ports
            if port.kind == "modulator"
        }

    def _plan(self, population: Population) -> PopulationPlan:
        variable = self.variable(population.name)
        neuron = population.neuron
        if neuron is None:
            return PopulationPlan(population, variable)
        core = lava_lif(neuron)
        if core is not None and is_whole(neuron):
            return PopulationPlan(population, variable, core)
        process = self.process(f"Neuron_{variable}")
        text = neuron_text(population, process, core)
        return PopulationPlan(population, variable, core, text)

    def bundle(self) -> LavaBundle:
        probes = tuple(self._probes())
        imports = sorted(
            ["Recorder"]
            + [p.generated.process for p in self.populations.values() if p.generated]
        )
        script = driver_text(
            quoted(self.program.name),
            f"from {MODULE} import {', '.join(imports)}",
            [*self._build(), *_return_text(probes)],
        )
        return LavaBundle(
            program=self.program.name,
            profile=LAVA_0_10,
            files={"run.py": script, f"processes/{MODULE}.py": self._module(probes)},
            entry="run.py",
            weights=self.weights,
            spikes=self.spikes,
            ports=self.ports,
            probes=probes,
        )

    def _build(self) -> Iterator[str]:
        for name, population in self.populations.items():
            yield from population_text(population, self.spikes.get(name, ""))
        for (name, port), array in self.ports.items():
            yield from modulator_text(self.populations[name], port, array)
        for connection in self.connections:
            array = self.weights[connection.connection.name]
            yield from connection_text(connection, array)

    def _probes(self) -> Iterator[Probe]:
        found: dict[str, Probe] = {}
        for population in self.populations.values():
            found |= {p.variable: p for p in population_probes(population)}
        for connection in self.connections:
            found |= {p.variable: p for p in connection_probes(connection)}
        yield from (found[v.name] for v in state_variables(self.program))

    def _module(self, probes: tuple[Probe, ...]) -> str:
        references = sum(p.kind == "variable" for p in probes)
        neurons = [p.generated.text for p in self.populations.values() if p.generated]
        parts = [
            _IMPORTS.format(program=quoted(self.program.name)),
            HELPERS,
            *neurons,
            recorder_text(references, len(probes) - references),
        ]
        return "\n\n".join(parts)


def _return_text(probes: tuple[Probe, ...]) -> Iterator[str]:
    yield "return {"
    yield from (f"    {p.variable!r}: {p.place}," for p in probes)
    yield "}"
