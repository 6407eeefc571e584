"""Join the lines of a network's text: groups to their models, projections to rules.

Parsed blocks and the weight arrays in, Networks out. Names that nothing defines are
collected as diagnostics.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np

from ..diagnostics import Diagnostic, LaharError, SourceSpan
from ..pairs import Pairs, Sparse
from .delays import DelayArray, steps_of
from .lines import (
    Called,
    Definition,
    Duration,
    GroupLine,
    InitialValues,
    NetworkBlock,
    ProjectionLine,
    TimeStepLine,
    of_kind,
)
from .network import BoolArray, FloatArray, Group, Network, Projection
from .network_errors import UnknownGroup
from .neuron import Neuron
from .rule import LearningRule
from .scope import DeclaredTwice, suggest
from .text_arrays import NARROW


@dataclass(frozen=True)
class NoSuchDefinition(Diagnostic):
    """A group names a neuron model, or a projection a rule, that is nowhere defined.

    A network's text defines its rules and neuron models in its own block; those
    defined before it in the same file and those of the library count too.
    """

    code = "R118"
    title = "there is no {kind} `{name}`"
    note = "defined: {known}"
    help = "{advice}"

    kind: str
    name: str
    known: str
    advice: str


@dataclass(frozen=True)
class NoSuchArray(Diagnostic):
    """The text of a network names weights that did not come with it.

    Text holds no arrays: they travel beside it, in a .nir file or a Program. In a file
    written by hand, ``weights 0.5`` gives all synapses of a projection one weight.
    """

    code = "R119"
    title = "there are no weights `@{array}`"
    note = "given with the text: {known}"
    help = "write one number for all, such as `weights 0.5`, or use a .nir file"

    array: str
    known: str


@dataclass(frozen=True)
class TooManySynapses(Diagnostic):
    """One number for all weights of a projection would fill the memory.

    Texts are for networks that one reads; weights of large ones are arrays beside
    them.
    """

    code = "R126"
    title = "projection `{projection}` has {synapses} synapses"
    note = "the limit of a text is {limit} (rules/network_builder.py)"
    help = "make the groups smaller, or build the network in Python"

    projection: str
    synapses: int
    limit: int


MAX_SYNAPSES = 2**28  # 2 GB of float64


@dataclass(frozen=True)
class Scope:
    """Rules and neuron models by the name that lines of a network call them."""

    rules: Mapping[str, LearningRule]
    neurons: Mapping[str, Neuron]

    @staticmethod
    def of(parts: Iterable[Any]) -> Scope:
        """Collect the definitions among the parts of a text."""
        found = [(d.handle, d.model) for d in of_kind(Definition, parts)]
        return Scope(
            {name: m for name, m in found if isinstance(m, LearningRule)},
            {name: m for name, m in found if isinstance(m, Neuron)},
        )

    @staticmethod
    def of_library() -> Scope:
        """Give what any text may name without a definition."""
        from .library import NEURONS, RULES  # the library is written in this language

        return Scope(RULES, NEURONS)

    def within(self, outer: Scope) -> Scope:
        """Add the names of the surroundings; the inner ones win."""
        return Scope({**outer.rules, **self.rules}, {**outer.neurons, **self.neurons})


_Model = TypeVar("_Model", LearningRule, Neuron)


@dataclass
class NetworkBuilder:
    """Make networks; problems are collected."""

    surroundings: Scope
    arrays: Mapping[str, FloatArray]
    problems: list[Diagnostic]

    def build(self, block: NetworkBlock) -> Network:
        """Join the lines of a block."""
        self.problems += defined_twice(block.name, block.lines)
        scope = Scope.of(block.lines).within(self.surroundings)
        groups = tuple(
            Group(
                g.name,
                g.size,
                self._neuron(g, scope),
                initial={i.state: self._initial(i) for i in g.initial},
                graded=g.graded,
                latency=int(g.latency),
            )
            for g in of_kind(GroupLine, block.lines)
        )
        sizes = {g.name: g.size for g in groups}
        steps = of_kind(TimeStepLine, block.lines)
        dt = steps[-1].seconds if steps else None
        projections = tuple(
            self._projection(p, sizes, scope, dt)
            for p in of_kind(ProjectionLine, block.lines)
        )
        return Network(block.name, groups, projections, dt)

    def _neuron(self, group: GroupLine, scope: Scope) -> Neuron | None:
        if group.model.name == "input":
            return None
        return self._find("neuron model", group.model, scope.neurons)

    def _initial(self, line: InitialValues) -> FloatArray:
        given = line.values
        return self._array(given) if isinstance(given, Called) else np.asarray(given)

    def _find(
        self, kind: str, called: Called, known: Mapping[str, _Model]
    ) -> _Model | None:
        if called.name in known:
            return known[called.name]
        listing = ", ".join(known) or "none"
        advice = suggest(called.name, known)
        self.problems.append(
            NoSuchDefinition(kind, called.name, listing, advice, span=called.span)
        )
        return None

    def _projection(
        self,
        line: ProjectionLine,
        sizes: Mapping[str, int],
        scope: Scope,
        dt_seconds: float | None,
    ) -> Projection:
        known = ", ".join(sizes) or "none"
        self.problems += [
            UnknownGroup(line.name, end.name, known, span=end.span)
            for end in (line.source, line.target)
            if end.name not in sizes
        ]
        shape = (sizes.get(line.target.name, 1), sizes.get(line.source.name, 1))
        pairs = self._pairs(line, shape)
        rule = line.rule
        return Projection(
            line.name,
            line.source.name,
            line.target.name,
            self._weights(line, shape if pairs is None else (pairs.count, 1), pairs),
            line.port,
            None if rule is None else self._find("rule", rule, scope.rules),
            span=line.span,
            connected=self._connected(line),
            delay=self._delay(line, dt_seconds),
            pairs=pairs,
        )

    def _pairs(self, line: ProjectionLine, shape: tuple[int, int]) -> Pairs | None:
        if line.pairs is None:
            return None
        starts, posts = (self._array(array) for array in line.pairs)
        try:
            return Sparse.of_rows(starts, posts, 0.0, shape).pairs
        except LaharError as error:
            self.problems += [replace(d, span=line.span) for d in error.diagnostics]
            return None

    def _delay(self, line: ProjectionLine, dt_seconds: float | None) -> DelayArray:
        match line.delay:
            case Called() as array:
                return self._array(array)
            case Duration(seconds=seconds, span=span):
                return self._in_steps(line.name, seconds, dt_seconds, span)
            case steps:
                return np.asarray(steps or 0.0)

    def _in_steps(
        self, name: str, seconds: float, dt_seconds: float | None, span: SourceSpan
    ) -> DelayArray:
        try:
            return np.asarray(steps_of(name, seconds, dt_seconds, span))
        except LaharError as error:
            self.problems += error.diagnostics
            return np.asarray(0.0)

    def _connected(self, line: ProjectionLine) -> BoolArray | None:
        return None if line.connected is None else self._array(line.connected) != 0

    def _weights(
        self, line: ProjectionLine, shape: tuple[int, int], pairs: Pairs | None
    ) -> FloatArray:
        given, synapses = line.weights, shape[0] * shape[1]
        if isinstance(given, Called):
            return self._array(given)
        if synapses <= MAX_SYNAPSES or pairs is not None:
            return np.full(shape if pairs is None else synapses, given)
        self.problems.append(
            TooManySynapses(line.name, synapses, MAX_SYNAPSES, span=line.span)
        )
        return np.zeros((1, 1))

    def _array(self, called: Called) -> FloatArray:
        if called.name in self.arrays:
            given: FloatArray = np.asarray(self.arrays[called.name])
            return given if given.dtype.name in NARROW else given.astype(np.float64)
        known = ", ".join(f"@{name}" for name in self.arrays) or "none"
        self.problems.append(NoSuchArray(called.name, known, span=called.span))
        return np.zeros((1, 1))


def defined_twice(owner: str, parts: Iterable[Any]) -> Iterator[Diagnostic]:
    """Find rules, or neuron models, that have the same name."""
    seen: set[tuple[type, str]] = set()
    for d in of_kind(Definition, parts):
        key = (type(d.model), d.handle)
        if key in seen:
            detail = "two definitions; write `A as B:` to call one of them B"
            yield DeclaredTwice(owner, d.handle, detail, span=d.model.span)
        seen.add(key)
