"""Generated Lava processes for neurons that are more than Lava's LIF, or other.

A program that begins with the LIF core becomes a child of Lava's LearningLIF: u, v and
spikes stay Lava's own, and only what follows is generated. Any other program is
generated as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ...hardware.program import NeuronProgram, Population
from .identifiers import Identifiers, quoted
from .lif_core import LavaLif
from .operation_text import RANDOM_SEED, RANDOM_STREAM, TABLE, statements

_PROCESS_NAMES = (
    *("shape", "name", "vars", "in_ports", "out_ports", "model", "procs"),
    *("proc_params", RANDOM_SEED, RANDOM_STREAM),
)
_LOCAL_NAMES = (
    *("self", "np", "os", "wide", "narrow", "decay", "every", "fscale", "wrap"),
    *("scramble", "random", "lookup"),
)


@dataclass(frozen=True)
class NeuronText:
    """A generated process: its text, and its member for each part of the program.

    ``ports`` maps ports of the program to InPorts, ``registers`` and ``outputs`` to
    the Vars that hold them, ``senders`` outputs to the OutPorts that carry them.
    """

    process: str
    text: str
    ports: dict[str, str] = field(default_factory=dict)
    registers: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    senders: dict[str, str] = field(default_factory=dict)


def draws(neuron: NeuronProgram) -> bool:
    """Tell whether a program draws random numbers."""
    return any(op.code == "random" for op in neuron.ops)


def neuron_text(
    population: Population, process: str, core: LavaLif | None
) -> NeuronText:
    """Write the process and its model for one population."""
    return _Writer(population, process, core).write()


class _Writer:
    """Names the members of one generated process and writes it."""

    def __init__(
        self, population: Population, process: str, core: LavaLif | None
    ) -> None:
        assert population.neuron is not None
        self.neuron: NeuronProgram = population.neuron
        self.population = population
        self.process = process
        self.core = core
        self.local = Identifiers(_LOCAL_NAMES)
        member = Identifiers(_PROCESS_NAMES)
        kept = [r.name for r in self.neuron.registers]
        self.ports = {p.name: member(f"in_{p.name}") for p in self.neuron.ports}
        self.registers = {name: member(f"reg_{name}") for name in kept}
        names = [o.name for o in self.neuron.outputs]
        self.outputs = {n: member(f"out_{n}") for n in names if n not in kept}
        self.senders = {name: member(f"send_{name}") for name in names}
        self.own_ports, self.own_registers = dict(self.ports), dict(self.registers)
        if core is not None:
            self._use_members_of_lava(core)

    def _use_members_of_lava(self, core: LavaLif) -> None:
        """Put what Lava's LearningLIF declares itself in the place of our own."""
        modulators = [p.name for p in self.neuron.ports if p.kind == "modulator"]
        theirs = {core.port: "a_in"}
        theirs |= dict.fromkeys(modulators[:1], "a_third_factor_in")
        self.ports |= theirs
        self.registers |= {core.u: "u", core.v: "v"}
        self.own_ports = {n: m for n, m in self.ports.items() if n not in theirs}
        self.own_registers = {
            n: m for n, m in self.registers.items() if n not in (core.u, core.v)
        }

    def write(self) -> NeuronText:
        lines = [*self._process(), "", "", *self._model()]
        return NeuronText(
            self.process,
            "\n".join(lines) + "\n",
            self.ports,
            self.registers,
            self.outputs,
            self.senders,
        )

    def _process(self) -> Iterator[str]:
        base = "LearningLIF" if self.core else "AbstractProcess"
        more = ", **lif" if self.core else ""
        given = "".join(f", {member}" for member in [*self._given(), *self._drawn()])
        yield f"class {self.process}({base}):"
        yield f'    """Neurons of the population {quoted(self.population.name)}."""'
        yield ""
        yield f"    def __init__(self, *, shape{given}{more}):"
        yield f"        super().__init__(shape=shape{more})"
        for name in self._drawn():
            yield f'        self.proc_params["{name}"] = {name}'
        yield from (f"        {line}" for line in self._declarations())

    def _drawn(self) -> list[str]:
        """List where random numbers come from, if the program draws any."""
        if not draws(self.neuron):
            return []
        return [RANDOM_SEED, RANDOM_STREAM]

    def _given(self) -> list[str]:
        """List registers whose first values differ: the script gives them."""
        initial = self.population.initial
        return [m for name, m in self.own_registers.items() if name in initial]

    def _declarations(self) -> Iterator[str]:
        if self.core is None:
            yield "self.s_out = OutPort(shape=shape)"
            yield "self.s_out_bap = OutPort(shape=shape)"
        for member in self.own_ports.values():
            yield f"self.{member} = InPort(shape=shape)"
        initial = {r.name: r.initial for r in self.neuron.registers}
        given = self._given()
        for name, member in self.own_registers.items():
            first = member if member in given else initial[name]
            yield f"self.{member} = Var(shape=shape, init={first})"
        for member in self.outputs.values():
            yield f"self.{member} = Var(shape=shape, init=0)"
        for member in self.senders.values():
            yield f"self.{member} = OutPort(shape=shape)"

    def _model(self) -> Iterator[str]:
        base = "PyLearningLIFModelFixed" if self.core else "PyLoihiProcessModel"
        yield from self._model_head(base)
        for member in self.own_ports.values():
            yield f"    {member}: PyInPort = LavaPyType(PyInPort.VEC_DENSE, np.int32)"
        for member in (*self.own_registers.values(), *self.outputs.values()):
            yield f"    {member}: np.ndarray = LavaPyType(np.ndarray, np.int32)"
        for member in self.senders.values():
            yield f"    {member}: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)"
        if self.core is not None:
            yield from _KEEPERS.splitlines()
        yield ""
        for number, table in enumerate(self.neuron.tables):
            yield f"    {TABLE.format(number)} = np.array({list(table)})"
        if self.neuron.tables:
            yield ""
        yield "    def run_spk(self):"
        yield from (f"        {line}" for line in self._step())

    def _model_head(self, base: str) -> Iterator[str]:
        if self.core is None:
            yield f"@implements(proc={self.process}, protocol=LoihiProtocol)"
            yield "@requires(CPU)"
            yield '@tag("bit_accurate_loihi", "fixed_pt")'
        else:
            yield f"@implements(proc={self.process}, protocol=LoihiProtocol)"
        yield f"class ModelOf{self.process}({base}):"
        if self.core is not None:
            yield '    """Lava\'s fixed-point LIF, and what it sends besides."""'
            yield ""
            yield "    implements_process = None  # the decorator fills it in again"
            return
        yield '    """All operations of the neuron program."""'
        yield ""
        yield "    s_out: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, np.int32)"
        yield "    s_out_bap: PyOutPort = LavaPyType(PyOutPort.VEC_DENSE, bool)"

    def _step(self) -> Iterator[str]:
        start = 0 if self.core is None else self.core.length
        ops = self.neuron.ops[start:]
        kept = set(self.registers)
        if self.core is not None:
            yield "super().run_spk()"
        yield from self._read(self.core)
        yield from statements(ops, kept, self.local, self.population.size)
        yield from self._send()

    def _read(self, core: LavaLif | None) -> Iterator[str]:
        for name, member in self.ports.items():
            got = "self.arrived" if member == "a_in" else f"self.{member}.recv()"
            yield f"{self.local(name)} = wide({got})"
        for name, member in self.registers.items():
            yield f"{self.local(name)} = wide(self.{member})"
        if core is None:
            return
        yield f"{self.local(core.input)} = {self.local(core.port)} << 6"
        yield f"{self.local(core.spike)} = wide(self.s_out_buff)"
        if core.before_reset is not None:
            yield f"{self.local(core.before_reset)} = wide(self.v_before_reset)"

    def _send(self) -> Iterator[str]:
        for name, member in self.own_registers.items():
            yield f"self.{member}[:] = {self.local(name)}"
        spike = self.local(self.neuron.spike)
        if self.core is None:
            yield f"self.s_out.send({spike})"
        yield f"self.s_out_bap.send({spike} != 0)"
        for output in self.neuron.outputs:
            value = self.local(output.register)
            if output.name in self.outputs:
                yield f"self.{self.outputs[output.name]}[:] = {value}"
            yield f"self.{self.senders[output.name]}.send({value})"


_KEEPERS = """
    def subthr_dynamics(self, activation_in):
        self.arrived = activation_in
        super().subthr_dynamics(activation_in)

    def spiking_activation(self):
        self.v_before_reset = self.v.copy()
        return super().spiking_activation()"""
