"""Build rules and neuron models from the parsed text.

lark's tree in, frozen data out, networks as lines that network_builder.py joins.
What is wrong with the form of a line is collected; whether names are known and
numbers make sense is for check.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, cast, get_args

from lark import Token, v_args
from lark.tree import Meta

from ..diagnostics import SourceSpan
from .expr import Const, Expr, Side
from .formula_builder import FormulaBuilder, NotAWholeNumber, number_of
from .language import MissingPart, UnexpectedAttribute
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
from .neuron import (
    EventDecl,
    Neuron,
    NoiseDecl,
    OutputDecl,
    PortDecl,
    SendDecl,
    SpikeTraceDecl,
    StateDecl,
)
from .rule import (
    LearningRule,
    ModulatorDecl,
    Pairing,
    ParamDecl,
    Polarity,
    TagDecl,
    TraceDecl,
    Update,
)
from .scope import DeclaredTwice, check_choice

_RULE_PARTS = "param, trace, tag, modulator, dw, ddelay, d<tag>, bounds, polarity"
_NEURON_PARTS = (
    "param, port, modulator, noise, state, d<state>, spike, event, trace, output, send"
)
_ESCAPED = re.compile(r'\\(["\\])')


@dataclass(frozen=True)
class _Assignment:
    name: str
    expr: Expr
    span: SourceSpan


@dataclass(frozen=True)
class _Word:
    """A bounds or polarity line, or a docstring: what a block has once."""

    part: str
    value: Any
    span: SourceSpan


@v_args(meta=True)
class Builder(FormulaBuilder):
    """Callbacks of the grammar's lines and blocks."""

    # --- pieces

    def name(self, meta: Meta, parts: list[Any]) -> Called:
        return Called(_unquoted(parts[0]), self.place(meta))

    def heading(self, meta: Meta, parts: list[Any]) -> tuple[str, str]:
        name, handle = parts
        return name.name, (handle or name).name

    def range(self, meta: Meta, parts: list[Any]) -> tuple[float, float]:
        return parts[0], parts[1]

    def doc(self, meta: Meta, parts: list[Any]) -> _Word:
        lines = _ESCAPED.sub(r"\1", parts[0][3:-3]).strip().splitlines()
        return _Word("doc", "\n".join(s.strip() for s in lines), self.place(meta))

    # --- lines of rules and neuron models

    def param(self, meta: Meta, parts: list[Any]) -> ParamDecl:
        return ParamDecl(str(parts[0]), parts[1], span=self.place(meta))

    def modulator(self, meta: Meta, parts: list[Any]) -> ModulatorDecl:
        name, (low, high), host = parts
        by_host = host is not None
        return ModulatorDecl(str(name), low, high, by_host, span=self.place(meta))

    def assignment(self, meta: Meta, parts: list[Any]) -> _Assignment:
        return _Assignment(str(parts[0]), parts[1], self.place(meta))

    def rule_trace(self, meta: Meta, parts: list[Any]) -> TraceDecl:
        name, source, quantity, tau, nearest = parts
        what = f"the source of trace `{name}`"
        self.problems += check_choice(
            what, str(source), get_args(Side), self.place(source)
        )
        pairing: Pairing = "all" if nearest is None else "nearest"
        side = cast(Side, str(source))
        followed = "" if quantity is None else str(quantity)
        return TraceDecl(str(name), side, tau, pairing, followed, span=self.place(meta))

    def tag(self, meta: Meta, parts: list[Any]) -> TagDecl:
        return TagDecl(str(parts[0]), parts[1], span=self.place(meta))

    def bounds(self, meta: Meta, parts: list[Any]) -> _Word:
        return _Word("bounds", (parts[0], parts[1]), self.place(meta))

    def polarity(self, meta: Meta, parts: list[Any]) -> _Word:
        return _Word("polarity", str(parts[0]), self.place(meta))

    def port(self, meta: Meta, parts: list[Any]) -> PortDecl:
        return PortDecl(str(parts[0]), span=self.place(meta))

    def noise(self, meta: Meta, parts: list[Any]) -> NoiseDecl:
        name, (low, high) = parts
        return NoiseDecl(str(name), low, high, span=self.place(meta))

    def state(self, meta: Meta, parts: list[Any]) -> StateDecl:
        # The drive is in a line of its own; the block puts it in.
        name, *rest = parts
        return StateDecl(str(name), _NO_DRIVE, *rest, span=self.place(meta))

    def send(self, meta: Meta, parts: list[Any]) -> SendDecl:
        expr, (low, high) = parts
        return SendDecl(expr, low, high, span=self.place(meta))

    def event(self, meta: Meta, parts: list[Any]) -> EventDecl:
        return EventDecl(str(parts[0]), parts[1], span=self.place(meta))

    def spike_trace(self, meta: Meta, parts: list[Any]) -> SpikeTraceDecl:
        name, source, tau = parts  # the block knows the events that it may follow
        return SpikeTraceDecl(str(name), tau, str(source), span=self.place(meta))

    def output(self, meta: Meta, parts: list[Any]) -> OutputDecl:
        name, expr, (low, high) = parts
        return OutputDecl(str(name), expr, low, high, span=self.place(meta))

    # --- lines of networks

    def time_step(self, meta: Meta, parts: list[Any]) -> TimeStepLine:
        return TimeStepLine(parts[0].value)

    def group(self, meta: Meta, parts: list[Any]) -> GroupLine:
        name, model, size, graded, latency, *initial = parts
        if not size.value.is_integer():
            what = f"the size of group `{name.name}`"
            shown = f"{size.value!r}"
            self.report(NotAWholeNumber(what, shown, span=size.span))
        number = int(size.value) if size.value.is_integer() else 1
        place = self.place(meta)
        more = (tuple(initial), graded, latency or 0.0)
        return GroupLine(name.name, model, number, *more, place)

    def latency(self, meta: Meta, parts: list[Any]) -> float:
        return float(parts[0])

    def initial(self, meta: Meta, parts: list[Any]) -> InitialValues:
        return InitialValues(parts[0].name, parts[1])

    def array(self, meta: Meta, parts: list[Any]) -> Called:
        name = parts[0][1:]
        return Called(_unquoted(name), self.place(meta))

    def fill(self, meta: Meta, parts: list[Any]) -> float:
        return cast(float, parts[0])

    def steps(self, meta: Meta, parts: list[Any]) -> float:
        return float(parts[0])

    def duration(self, meta: Meta, parts: list[Any]) -> Duration:
        return Duration(number_of(parts[0]), self.place(meta))

    def projection(self, meta: Meta, parts: list[Any]) -> ProjectionLine:
        name, source, target, port, weights, connected, *pairs, delay, rule = parts
        starts, posts = pairs
        return ProjectionLine(
            name.name,
            source,
            target,
            port.name,
            weights,
            connected,
            None if starts is None else (starts, posts),
            delay,
            rule,
            self.place(meta),
        )

    # --- blocks

    def rule(self, meta: Meta, parts: list[Any]) -> Definition:
        (name, handle), *lines = parts
        words = self._words(name, lines)
        rule = LearningRule(
            name=name,
            updates=tuple(self._updates(name, lines)),
            params=of_kind(ParamDecl, lines),
            traces=of_kind(TraceDecl, lines),
            tags=of_kind(TagDecl, lines),
            modulators=of_kind(ModulatorDecl, lines),
            bounds=words["bounds"].value if "bounds" in words else _BOUNDS,
            polarity=self._polarity(name, words),
            doc=words["doc"].value if "doc" in words else "",
            span=self.place(meta),
        )
        return Definition(handle, rule)

    def _words(self, owner: str, lines: list[Any]) -> dict[str, _Word]:
        words: dict[str, _Word] = {}
        for line in of_kind(_Word, lines):
            if line.part in words:
                self._twice(owner, line.part, line.span)
            words[line.part] = line
        return words

    def _polarity(self, owner: str, words: dict[str, _Word]) -> Polarity:
        word = words.get("polarity")
        if word is None:
            return "excitatory"
        what, choices = f"the polarity of `{owner}`", get_args(Polarity)
        wrong = list(check_choice(what, word.value, choices, word.span))
        self.problems += wrong
        return "excitatory" if wrong else cast(Polarity, word.value)

    def _updates(self, owner: str, lines: list[Any]) -> Iterable[Update]:
        for a in of_kind(_Assignment, lines):
            if a.name.startswith("d") and len(a.name) > 1:
                yield Update(a.name[1:], a.expr, span=a.span)
            else:
                self._unexpected(owner, a, "rule", _RULE_PARTS)

    def neuron(self, meta: Meta, parts: list[Any]) -> Definition:
        (name, handle), *lines = parts
        words, assigned = self._words(name, lines), self._assigned(name, lines)
        states = [self._driven(name, s, assigned) for s in of_kind(StateDecl, lines)]
        spike = assigned.pop("spike", None)
        for left in assigned.values():
            self._unexpected(name, left, "neuron model", _NEURON_PARTS)
        neuron = Neuron(
            name=name,
            states=tuple(states),
            spike=None if spike is None else spike.expr,
            params=of_kind(ParamDecl, lines),
            ports=of_kind(PortDecl, lines),
            modulators=of_kind(ModulatorDecl, lines),
            traces=of_kind(SpikeTraceDecl, lines),
            outputs=of_kind(OutputDecl, lines),
            noises=of_kind(NoiseDecl, lines),
            events=of_kind(EventDecl, lines),
            send=self._send(name, of_kind(SendDecl, lines)),
            doc=words["doc"].value if "doc" in words else "",
            span=self.place(meta),
        )
        return Definition(handle, neuron)

    def _send(self, owner: str, lines: tuple[SendDecl, ...]) -> SendDecl | None:
        for again in lines[1:]:
            assert again.span is not None, "what is parsed has its place"
            self._twice(owner, "send", again.span)
        return lines[0] if lines else None

    def _assigned(self, owner: str, lines: list[Any]) -> dict[str, _Assignment]:
        assigned: dict[str, _Assignment] = {}
        for a in of_kind(_Assignment, lines):
            if a.name in assigned:
                self._twice(owner, a.name, a.span)
            assigned[a.name] = a
        return assigned

    def _driven(
        self, owner: str, state: StateDecl, assigned: dict[str, _Assignment]
    ) -> StateDecl:
        drive = assigned.pop(f"d{state.name}", None)
        if drive is None:
            self.report(MissingPart(owner, f"d{state.name}", span=state.span))
            return state
        return replace(state, drive=drive.expr)

    def network(self, meta: Meta, parts: list[Any]) -> NetworkBlock:
        name, *lines = parts
        return NetworkBlock(name.name, tuple(lines), self.place(meta))

    def document(self, meta: Meta, parts: list[Any]) -> list[Any]:
        return parts

    def _twice(self, owner: str, part: str, span: SourceSpan) -> None:
        detail = f"a {part} line stands once in a block"
        self.report(DeclaredTwice(owner, part, detail, span=span))

    def _unexpected(self, owner: str, a: _Assignment, kind: str, parts: str) -> None:
        self.report(UnexpectedAttribute(owner, a.name, kind, parts, span=a.span))


_NO_DRIVE = Const(0.0)
_BOUNDS = (Const(0.0), Const(1.0))


def _unquoted(text: Token | str) -> str:
    return str(json.loads(text)) if text.startswith('"') else str(text)
