"""A Lava network as plain data: which processes, with which arguments, joined how.

What a fuzzer draws, shrinks and prints. It knows nothing of Lava but the names of its
classes, their Vars and their ports; lava_text.py writes it as Python.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Value = Any
"""A number, text, list of numbers, or mapping: whatever JSON can hold."""

_NEURON = ("u", "v")
_LEARNED = ("weights", "tag_1", "tag_2", "x1", "x2", "y1", "y2", "y3")

VARS: Mapping[str, tuple[str, ...]] = {
    "LIF": _NEURON,
    "LIFReset": _NEURON,
    "TernaryLIF": _NEURON,
    "LearningLIF": _NEURON,
    "ATRLIF": ("i", "v", "theta", "r"),  # and s, which is what it sends
    "Source": (),
    "Sink": ("data",),
    "Monitor": (),
    "Dense": (),
    "DelayDense": (),
    "Sparse": (),
    "DelaySparse": (),
    "Conv": (),
    "LearningDense": _LEARNED,
    "LearningSparse": _LEARNED,
}
"""The Vars of every kind of process that are compared, step by step."""

NEURONS = ("LIF", "LIFReset", "TernaryLIF", "LearningLIF", "ATRLIF")
LEARNING = ("LearningDense", "LearningSparse")
DELAYED = ("DelayDense", "DelaySparse")
SYNAPSES = ("Dense", "Sparse", "Conv", *DELAYED, *LEARNING)


@dataclass(frozen=True)
class Process:
    """A Lava process: its class, and the keyword arguments of its constructor.

    ``initial`` are values that its Vars are given afterwards. A Monitor has one
    argument, ``probe``: process and member that it listens to.
    """

    name: str
    kind: str
    arguments: Mapping[str, Value] = field(default_factory=dict)
    initial: Mapping[str, Value] = field(default_factory=dict)

    @property
    def vars(self) -> tuple[str, ...]:
        """The Vars that are compared."""
        return VARS[self.kind]

    @property
    def out_port(self) -> str | None:
        """The OutPort that is compared, if the process has one."""
        if self.kind in SYNAPSES:
            return "a_out"
        return "s_out" if self.kind in (*NEURONS, "Source") else None

    @property
    def members(self) -> tuple[str, ...]:
        """All that is compared."""
        return self.vars if self.out_port is None else (*self.vars, self.out_port)

    def without(self, *arguments: str) -> Process:
        """Leave arguments to Lava's defaults."""
        kept = {k: v for k, v in self.arguments.items() if k not in arguments}
        return replace(self, arguments=kept)

    def with_arguments(self, **arguments: Value) -> Process:
        """Give some arguments other values."""
        return replace(self, arguments={**self.arguments, **arguments})


@dataclass(frozen=True)
class Link:
    """A connection of an OutPort with an InPort, each as (process, port).

    ``via`` are Lava's virtual ports on the way, as (method, arguments).
    """

    source: tuple[str, str]
    target: tuple[str, str]
    via: tuple[tuple[str, tuple[int, ...]], ...] = ()


@dataclass(frozen=True)
class Network:
    """A connected Lava network, how long it runs, and where ``from_lava`` enters."""

    processes: tuple[Process, ...]
    links: tuple[Link, ...]
    steps: int
    entry: str

    def process(self, name: str) -> Process:
        """Find a process by name; KeyError if there is none."""
        for process in self.processes:
            if process.name == name:
                return process
        raise KeyError(name)

    def with_process(self, changed: Process) -> Network:
        """Put another process in the place of the one of that name."""
        names = (changed if p.name == changed.name else p for p in self.processes)
        return replace(self, processes=tuple(names))

    def only(self, names: Iterable[str]) -> Network:
        """Keep some processes and what joins them."""
        kept = frozenset(names)
        processes = tuple(
            p for p in self.processes if p.name in kept and _listens_within(p, kept)
        )
        links = tuple(
            x for x in self.links if x.source[0] in kept and x.target[0] in kept
        )
        entry = self.entry if self.entry in kept else processes[0].name
        return Network(processes, links, self.steps, entry)

    def components(self) -> list[frozenset[str]]:
        """Find the parts that nothing joins."""
        parts = [frozenset({p.name}) for p in self.processes]
        for one, other in self._joints():
            joined = [part for part in parts if one in part or other in part]
            parts = [part for part in parts if part not in joined]
            parts.append(frozenset().union(*joined))
        return parts

    def _joints(self) -> list[tuple[str, str]]:
        probes = [
            (p.name, p.arguments["probe"][0])
            for p in self.processes
            if p.kind == "Monitor"
        ]
        return [(x.source[0], x.target[0]) for x in self.links] + probes


def _listens_within(process: Process, names: frozenset[str]) -> bool:
    return process.kind != "Monitor" or process.arguments["probe"][0] in names


def shape_of(value: Value) -> tuple[int, ...]:
    """Give the shape of nested lists; a number has none."""
    if not isinstance(value, list):
        return ()
    return (len(value), *shape_of(value[0]))


def to_json(network: Network) -> str:
    """Write a network as one line of JSON."""
    return json.dumps(
        {
            "steps": network.steps,
            "entry": network.entry,
            "processes": [
                [p.name, p.kind, dict(p.arguments), dict(p.initial)]
                for p in network.processes
            ],
            "links": [[x.source, x.target, x.via] for x in network.links],
        }
    )


def from_json(text: str) -> Network:
    """Read what `to_json` wrote."""
    data = json.loads(text)
    links = (
        Link(tuple(source), tuple(target), tuple((m, tuple(a)) for m, a in via))
        for source, target, via in data["links"]
    )
    processes = tuple(Process(*fields) for fields in data["processes"])
    return Network(processes, tuple(links), data["steps"], data["entry"])
