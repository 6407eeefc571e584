"""A Lava network as a Program: `lahar.from_lava`.

In: any process of a connected network that has not run. Out: a Program under the
profile `lava-0.10` that computes bit for bit what Lava's fixed-point models would, and
whose report says what Lava does silently. Only the files of this folder import Lava.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from types import MappingProxyType
from typing import TypeAlias

from ...diagnostics import Diagnostic, LaharError, require_no_errors
from ...hardware.chips.loihi2 import LOIHI2
from ...hardware.consistency import check_consistency
from ...hardware.profile import LAVA_0_10
from ...hardware.program import Connection, Population, Program
from ...hardware.program_lints import program_lints
from ...hardware.report import Report
from ...hardware.variables import state_variables
from ..passes import as_finding
from .from_lava_errors import (
    LavaIsNotInstalled,
    NetworkIsRunning,
    NotAProcess,
    ProcessIsHierarchical,
    UnknownProcess,
)
from .from_lava_warnings import (
    CannotRecord,
    FixedPointIsAssumed,
    LavaHasAnotherVersion,
    NameChanges,
)
from .join_graph import Joiner, Node
from .known_processes import kind_of, known_names, why_unknown
from .lava_graph import Feed, LavaProcess, Warn, feeds_of, find_processes, is_process
from .read_atrlif import read_atrlif
from .read_buffers import is_monitor, probed, read_source
from .read_connections import (
    read_delay_dense,
    read_delay_sparse,
    read_dense,
    read_sparse,
)
from .read_convolution import read_conv
from .read_learning import read_learning_dense, read_learning_sparse
from .read_neurons import read_lif, read_lif_reset, read_ternary_lif
from .waiting_ports import ports_that_wait

LAVA_VERSION = "0.10.0"
ASSUMED_RATE_HZ = 20.0
"""Mean rate of all inputs for which lints judge a network: that of `compile`."""

Part: TypeAlias = Population | Connection
Reader: TypeAlias = Callable[[LavaProcess, str, Warn], Part]

READERS: Mapping[str, Reader] = MappingProxyType(
    {
        "LIF": read_lif,
        "LIFReset": read_lif_reset,
        "LearningLIF": read_lif,
        "TernaryLIF": read_ternary_lif,
        "ATRLIF": read_atrlif,
        "Dense": read_dense,
        "DelayDense": read_delay_dense,
        "LearningDense": read_learning_dense,
        "Sparse": read_sparse,
        "DelaySparse": read_delay_sparse,
        "LearningSparse": read_learning_sparse,
        "Conv": read_conv,
        "source RingBuffer": read_source,
    }
)


def from_lava(process: LavaProcess, dt_seconds: float) -> Program:
    """Read the whole network that a process belongs to.

    Raises
    ------
    LaharError
        B53x for what cannot be read, all problems of all processes at once.

    """
    if find_spec("lava") is None:
        raise LaharError(LavaIsNotInstalled())
    if not is_process(process):
        raise LaharError(NotAProcess(type(process).__name__))
    program = NetworkReading(find_processes(process)).program(dt_seconds)
    require_no_errors(check_consistency(program))
    lints = program_lints(program, LOIHI2, ASSUMED_RATE_HZ * dt_seconds)
    findings = (*program.report.findings, *map(as_finding, lints))
    return replace(program, report=replace(program.report, findings=findings))


@dataclass
class NetworkReading:
    """Reads all processes, and collects what is wrong and worth a warning."""

    processes: Sequence[LavaProcess]
    errors: list[Diagnostic] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)

    def program(self, dt_seconds: float) -> Program:
        """Read, join and describe everything.

        Raises
        ------
        LaharError
            All problems at once.

        """
        self.warnings.append(FixedPointIsAssumed())
        self.warnings += other_version()
        self.errors += unreadable(self.processes)
        nodes = self._nodes()
        self.errors += ports_that_wait(self.processes)
        parts = {n.name: part for n in nodes if (part := self._read(n)) is not None}
        require_no_errors(self.errors)
        return self._joined(nodes, parts, dt_seconds)

    @contextmanager
    def _collecting(self) -> Iterator[None]:
        """Go on with the next process when one cannot be read."""
        try:
            yield
        except LaharError as error:
            self.errors += error.diagnostics

    def _nodes(self) -> list[Node]:
        """Name the processes that can be read, and find what feeds them."""
        nodes: list[Node] = []
        names = Names(self.warnings.append)
        for process in self.processes:
            kind = kind_of(process)
            if kind is None:
                continue
            feeds: dict[str, tuple[Feed, ...]] = {}
            for port in sorted(kind.reads):
                with self._collecting():
                    feeds[port] = feeds_of(process, port, self.warnings.append)
            if kind.role != "monitor":
                nodes.append(Node(process, kind, names(process.name), feeds))
        return nodes

    def _read(self, node: Node) -> Part | None:
        reader = READERS.get(node.kind.name)
        if reader is None:
            return None
        with self._collecting():
            return reader(node.process, node.name, self.warnings.append)
        return None

    def _joined(
        self,
        nodes: Sequence[Node],
        parts: Mapping[str, Part],
        dt_seconds: float,
    ) -> Program:
        joiner = Joiner(nodes, parts)
        program = Program(
            name="lava",
            chip=LOIHI2.name,
            profile=LAVA_0_10.name,
            dt_seconds=dt_seconds,
            populations=joiner.populations(),
            connections=joiner.connections(),
            wires=(*joiner.sinks(), *joiner.wires),
        )
        record = self._record(program, nodes)
        findings = tuple(as_finding(w) for w in self.warnings)
        return replace(program, record=record, report=Report(findings=findings))

    def _record(self, program: Program, nodes: Sequence[Node]) -> tuple[str, ...]:
        """Name what Monitors probe and sinks hear."""
        names = {node.process.id: node.name for node in nodes}
        known = [v.name for v in state_variables(program)]
        wanted = [
            f"{names[target.id]}.{member}"
            for process in self.processes
            if is_monitor(process)
            for target, member in probed(process)
            if target.id in names
        ]
        for name in dict.fromkeys(w for w in wanted if w not in known):
            owner = name.rpartition(".")[0]
            own = [k for k in known if k.rpartition(".")[0] == owner]
            self.warnings.append(CannotRecord(name, ", ".join(own)))
        sinks = [f"{wire.name}.a_in" for wire in program.wires if wire.listens]
        return tuple(dict.fromkeys([*(w for w in wanted if w in known), *sinks]))


def other_version() -> Iterator[Diagnostic]:
    """Say that what is installed is not what was compared with."""
    try:
        found = version("lava-nc")
    except PackageNotFoundError:
        found = "of an unknown version"
    if found != LAVA_VERSION:
        yield LavaHasAnotherVersion(found, LAVA_VERSION)


@dataclass
class Names:
    """Gives each process a name that no other has, in the order of their making."""

    warn: Warn
    taken: set[str] = field(default_factory=set)

    def __call__(self, wanted: str) -> str:
        """Give the name, or with a number after it."""
        name, number = wanted, 1
        while name in self.taken:
            number += 1
            name = f"{wanted}#{number}"
        if name != wanted:
            self.warn(NameChanges(wanted, name))
        self.taken.add(name)
        return name


def unreadable(processes: Iterable[LavaProcess]) -> Iterator[Diagnostic]:
    """Name the processes that are unknown, hold others, or run already."""
    processes = list(processes)
    for process in processes:
        kind = type(process).__name__
        if process.procs.members or process.parent_proc is not None:
            yield ProcessIsHierarchical(process.name, kind)
        elif kind_of(process) is None:
            reason = why_unknown(process)
            yield UnknownProcess(process.name, kind, reason, known_names())
    running = [p.name for p in processes if p.is_compiled or p.runtime is not None]
    if running:
        yield NetworkIsRunning(running[0])
