"""The declarative language: a rule or neuron model as a Python class.

A class body in, a frozen LearningRule or Neuron out: calling ``STDP(a_plus=0.02)``
gives the data, never an instance of the class.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ..diagnostics import Diagnostic, LaharError, SourceSpan, caller_span
from .expr import (
    PRE_VALUE,
    Before,
    Const,
    Expr,
    Name,
    Operand,
    Quantity,
    Spike,
    as_expr,
    transform,
)
from .graded import SendIsNotGraded
from .neuron import (
    SPIKE,
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
    ParamDecl,
    Polarity,
    TagDecl,
    TraceDecl,
    Update,
)
from .symbols import (
    Declared,
    DeclaredBefore,
    Event,
    Graded,
    Modulator,
    Noise,
    Output,
    Param,
    Port,
    State,
    Tag,
    Trace,
)


@dataclass(frozen=True)
class UnexpectedAttribute(Diagnostic):
    """A rule or neuron class assigns a name that means nothing to it.

    Often a misspelling: ``bound`` for ``bounds``, or an update ``dfoo`` without a tag
    (or state) ``foo``. The update of a tag named ``tag`` is ``dtag``; ``dt`` is the
    time step.
    """

    code = "R106"
    title = "`{owner}` assigns `{attribute}`, which is not part of a {kind}"
    note = "a {kind} has: {parts}"
    help = "declare what `{attribute}` belongs to, or correct the name"

    owner: str
    attribute: str
    kind: str
    parts: str


@dataclass(frozen=True)
class MissingPart(Diagnostic):
    """A rule without an update, or a state without its drive, does nothing.

    A learning rule needs dw or another update, a state without leak and inputs
    never changes. The class may be unfinished.
    """

    code = "R107"
    title = "`{owner}` lacks `{part}`"
    help = "add a line `{part} = ...`"

    owner: str
    part: str


@dataclass(frozen=True)
class UndeclaredSymbol(Diagnostic):
    """A Param, Trace or other symbol is used but never given a name in the class.

    A symbol is known by the name it is assigned to in the class body; one that is
    made inside an expression has none.
    """

    code = "R108"
    title = "`{owner}` uses a {kind} that has no name"
    note = "symbols get their names from the assignments in the class body"
    help = "assign it to a name in the class first"

    owner: str
    kind: str


@dataclass(frozen=True)
class RuleIsFinal(Diagnostic):
    """A library rule or neuron model was subclassed; they are final.

    A subclass could change half of a model and keep the other half, and its text
    form would not show which. Parameters can be set without a subclass.
    """

    code = "R109"
    title = "`{owner}` cannot extend `{base}`"
    note = "rules and neuron models are final; nothing in them is overridden"
    help = "give other parameter values by {base}(name=value), or write the rule anew"

    owner: str
    base: str


# --- reading a class body ---------------------------------------------------------


@dataclass
class _Body:
    """The namespace of a class, its symbols by identity, and what is left to read."""

    owner: str
    namespace: Mapping[str, object]
    span: SourceSpan | None
    problems: list[Diagnostic] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.names: dict[int, str] = {}
        for name, value in self.namespace.items():
            # `du = current` gives a symbol a second name: the first is its own.
            if isinstance(value, Declared):
                self.names.setdefault(id(value), name)
        self.used |= set(self.names.values())

    def declared(self, kind: type[Declared]) -> Iterator[tuple[str, Any]]:
        for name, value in self.namespace.items():
            if isinstance(value, kind) and self.names[id(value)] == name:
                yield name, value

    def resolve(self, value: Operand) -> Expr:
        """Replace declared symbols by their names."""
        return transform(as_expr(value), self._name)

    def optional(self, value: Operand | None) -> Expr | None:
        return None if value is None else self.resolve(value)

    def _name(self, node: Expr) -> Expr:
        if isinstance(node, DeclaredBefore):
            return Before(self._name_of(node.trace), span=node.span)
        if isinstance(node, Declared):
            return Name(self._name_of(node), span=node.span)
        return node

    def _name_of(self, symbol: Declared) -> str:
        name = self.names.get(id(symbol))
        if name is None:
            kind = type(symbol).__name__
            self.problems.append(UndeclaredSymbol(self.owner, kind, span=symbol.span))
            return "?"
        return name

    def take(self, name: str) -> Any:
        """Take an attribute that the language knows; None if absent."""
        self.used.add(name)
        return self.namespace.get(name)

    def finish(self, kind: str, parts: str) -> None:
        """Report everything that nobody took, then raise all problems together."""
        for name, value in self.namespace.items():
            if name not in self.used and not name.startswith("__"):
                span = value.span if isinstance(value, Expr) else self.span
                self.problems.append(
                    UnexpectedAttribute(self.owner, name, kind, parts, span=span)
                )
        if self.problems:
            raise LaharError(self.problems)


def _doc(namespace: Mapping[str, object]) -> str:
    """Give the docstring with its indentation taken away."""
    lines = str(namespace.get("__doc__") or "").strip().splitlines()
    return "\n".join(line.strip() for line in lines)


def _read_params(body: _Body) -> tuple[ParamDecl, ...]:
    return tuple(
        ParamDecl(name, float(p.default), span=p.span)
        for name, p in body.declared(Param)
    )


def _read_modulators(body: _Body) -> tuple[ModulatorDecl, ...]:
    return tuple(
        ModulatorDecl(name, float(m.low), float(m.high), bool(m.host), span=m.span)
        for name, m in body.declared(Modulator)
    )


def _read_rule(name: str, namespace: Mapping[str, object]) -> LearningRule:
    body = _Body(name, namespace, caller_span())
    traces = tuple(_read_trace(body, n, t) for n, t in body.declared(Trace))
    tags = tuple(
        TagDecl(n, body.optional(t.tau), span=t.span) for n, t in body.declared(Tag)
    )
    targets = ("w", "delay", *(t.name for t in tags))
    updates = tuple(_read_updates(body, targets))
    if not updates:
        body.problems.append(MissingPart(name, "dw", span=body.span))
    bounds = body.take("bounds") or (0.0, 1.0)
    polarity: Polarity = body.take("polarity") or "excitatory"
    low, high = (body.resolve(b) for b in bounds)
    rule = LearningRule(
        name=name,
        updates=updates,
        params=_read_params(body),
        traces=traces,
        tags=tags,
        modulators=_read_modulators(body),
        bounds=(low, high),
        polarity=polarity,
        doc=_doc(namespace),
        span=body.span,
    )
    parts = "Param, Trace, Tag, Modulator, dw, ddelay, d<tag>, bounds, polarity"
    body.finish("rule", parts)
    return rule


def _read_trace(body: _Body, name: str, trace: Trace) -> TraceDecl:
    source = trace.source
    tau = body.resolve(trace.tau)
    if isinstance(source, Quantity):
        quantity = source.name
        return TraceDecl(name, "post", tau, trace.pairing, quantity, span=trace.span)
    if source == Name(PRE_VALUE):
        return TraceDecl(name, "pre", tau, trace.pairing, "value", span=trace.span)
    if not isinstance(source, Spike):
        problem = UndeclaredSymbol(body.owner, "trace source", span=trace.span)
        body.problems.append(problem)
        return TraceDecl(name, "pre", Const(1.0), span=trace.span)
    return TraceDecl(name, source.side, tau, trace.pairing, span=trace.span)


def _read_updates(body: _Body, targets: tuple[str, ...]) -> Iterator[Update]:
    for target in targets:
        value = body.take(f"d{target}")
        if value is not None:
            expr = body.resolve(value)
            yield Update(target, expr, span=expr.span)


def _read_neuron(name: str, namespace: Mapping[str, object]) -> Neuron:
    body = _Body(name, namespace, caller_span())
    spike = body.take("spike")
    send = body.take("send")
    neuron = Neuron(
        name=name,
        states=tuple(_read_states(body)),
        spike=None if spike is None else body.resolve(spike),
        params=_read_params(body),
        ports=tuple(PortDecl(n, span=p.span) for n, p in body.declared(Port)),
        modulators=_read_modulators(body),
        traces=tuple(_read_spike_traces(body, spike)),
        outputs=tuple(
            OutputDecl(n, body.resolve(o.expr), o.low, o.high, span=o.span)
            for n, o in body.declared(Output)
        ),
        noises=tuple(
            NoiseDecl(n, float(x.low), float(x.high), span=x.span)
            for n, x in body.declared(Noise)
        ),
        events=tuple(
            EventDecl(n, body.resolve(e.condition), span=e.span)
            for n, e in body.declared(Event)
        ),
        send=_read_send(body, send),
        doc=_doc(namespace),
        span=body.span,
    )
    parts = (
        "Param, Port, Modulator, Noise, State, d<state>, spike, Event, "
        "Trace(spike or event), Output, send"
    )
    body.finish("neuron model", parts)
    return neuron


def _read_send(body: _Body, send: object) -> SendDecl | None:
    if send is None or isinstance(send, Declared):
        return None  # a symbol of this name is refused by the check of names
    if not isinstance(send, Graded):
        body.problems.append(SendIsNotGraded(body.owner, span=body.span))
        return None
    return SendDecl(body.resolve(send.expr), send.low, send.high, span=send.span)


def _read_states(body: _Body) -> Iterator[StateDecl]:
    for name, state in body.declared(State):
        drive = body.take(f"d{name}")
        if drive is None:
            body.problems.append(MissingPart(body.owner, f"d{name}", span=state.span))
            drive = 0.0
        yield StateDecl(
            name,
            body.resolve(drive),
            body.optional(state.leak),
            body.optional(state.reset),
            body.optional(state.initial),
            span=state.span,
        )


def _read_spike_traces(body: _Body, spike: Expr | None) -> Iterator[SpikeTraceDecl]:
    for name, trace in body.declared(Trace):
        source, tau = SPIKE, body.resolve(trace.tau)
        if isinstance(trace.source, Event):
            event = body.resolve(trace.source)
            source = event.name if isinstance(event, Name) else SPIKE
        # Identity, not equality: the trace must be of this model's own condition.
        elif trace.source is not spike:
            body.problems.append(
                UndeclaredSymbol(body.owner, "trace source", span=trace.span)
            )
        yield SpikeTraceDecl(name, tau, source, span=trace.span)


# --- the two base classes ---------------------------------------------------------


def _refuse_subclass(cls: type, root: str) -> None:
    final = [b.__name__ for b in cls.__bases__ if b.__name__ != root]
    if final:
        raise LaharError(RuleIsFinal(cls.__name__, final[0], span=caller_span()))


class Rule:
    """Base of learning rules; see docs/semantics.md for what the symbols mean."""

    declared: ClassVar[LearningRule]

    def __init_subclass__(cls) -> None:
        _refuse_subclass(cls, "Rule")
        cls.declared = _read_rule(cls.__name__, dict(vars(cls)))

    # Calling a rule's class gives data, never an instance of the class.
    def __new__(cls, **params: float) -> LearningRule:  # type: ignore[misc]
        """Give the rule, with other parameter values."""
        return cls.declared.with_params(**params)


class NeuronModel:
    """Base of neuron models; states update in the order they are declared."""

    declared: ClassVar[Neuron]

    def __init_subclass__(cls) -> None:
        _refuse_subclass(cls, "NeuronModel")
        cls.declared = _read_neuron(cls.__name__, dict(vars(cls)))

    def __new__(cls, **params: float) -> Neuron:  # type: ignore[misc]
        """Give the model, with other parameter values."""
        return cls.declared.with_params(**params)


def as_rule(value: LearningRule | type[Rule]) -> LearningRule:
    """Accept a rule or the class that declares it."""
    return value if isinstance(value, LearningRule) else value.declared


def as_neuron(value: Neuron | type[NeuronModel]) -> Neuron:
    """Accept a neuron model or the class that declares it."""
    return value if isinstance(value, Neuron) else value.declared
