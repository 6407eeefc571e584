"""Print expressions, rules, neuron models and networks as text.

Data in, the text out that parser.py turns back into equal data. The text is what
`lahar show` prints, what a Program carries as its source and what a .nir file keeps.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np

from ..units import format_duration
from .expr import (
    Before,
    Binary,
    Call,
    Compare,
    Const,
    Delay,
    Every,
    Expr,
    Name,
    Negative,
    Power,
    Quantity,
    Spike,
    Weight,
    Where,
    walk,
)
from .network import FloatArray, Group, Network, Projection
from .neuron import Neuron, StateDecl
from .rule import LearningRule, ModulatorDecl, ParamDecl, TagDecl, TraceDecl
from .text_arrays import TextArrays, unused

# How tightly an expression holds together, loosest first; see grammar.py.
_COMPARISON, _SUM, _PRODUCT, _SIGNED, _POWER, _ATOM = range(6)

_INDENT = "    "
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CLOSING_QUOTE = re.compile(r'"(?="|\Z)')


def print_expr(expr: Expr) -> str:
    """Write an expression; as few parentheses as keep the shape of the tree."""
    return _print(expr)[0]


def _within(expr: Expr, lowest: int) -> str:
    text, level = _print(expr)
    return text if level >= lowest else f"({text})"


def _print(expr: Expr) -> tuple[str, int]:
    """Give the text and how tightly it holds together."""
    match expr:
        case Const(value=value):
            return _number(value), _SIGNED if _has_sign(value) else _ATOM
        case Negative(operand=Const() | Negative() as a):
            # -1.0 is a constant, -(1.0) the negative of one.
            return f"-({print_expr(a)})", _SIGNED
        case Negative(operand=a):
            return f"-{_within(a, _SIGNED)}", _SIGNED
        case Binary(operator=op, left=a, right=b):
            level = _SUM if op in "+-" else _PRODUCT
            return f"{_within(a, level)} {op} {_within(b, level + 1)}", level
        case Power(base=a, exponent=b):
            return f"{_within(a, _ATOM)} ** {_within(b, _SIGNED)}", _POWER
        case Compare(relation=relation, left=a, right=b):
            return f"{_within(a, _SUM)} {relation} {_within(b, _SUM)}", _COMPARISON
        case _:
            return _print_atom(expr), _ATOM


def _print_atom(expr: Expr) -> str:
    match expr:
        case Name(name=name):
            return name
        case Before(trace=name):
            return f"{name}.before"
        case Spike(side=side):
            return side
        case Quantity(name=name):
            return f"post.{name}"
        case Weight():
            return "w"
        case Delay():
            return "delay"
        case Every(steps=n):
            return f"every({n})"
        case Call(function=function, args=args):
            return f"{function}({', '.join(print_expr(a) for a in args)})"
        case Where(condition=a, then=b, otherwise=c):
            return f"where({print_expr(a)}, {print_expr(b)}, {print_expr(c)})"
        case _:
            # A Param, Trace... of a class body that has no name yet.
            return f"<{type(expr).__name__.strip('_')}>"


def _number(value: float) -> str:
    return repr(float(value))


def _has_sign(value: float) -> bool:
    return math.copysign(1.0, value) < 0 and not math.isnan(value)


def _time(expr: Expr) -> str:
    if isinstance(expr, Const):
        return _duration(expr.value)
    return print_expr(expr)


def _duration(seconds: float) -> str:
    readable = math.isfinite(seconds) and seconds != 0
    return format_duration(seconds) if readable else _number(seconds)


# --- rules and neuron models ------------------------------------------------------


def print_rule(rule: LearningRule) -> str:
    """Write a rule; ``parse_rule`` gives an equal one back."""
    return "\n".join(_rule_lines(rule, _name(rule.name)))


def print_neuron(neuron: Neuron) -> str:
    """Write a neuron model; ``parse_neuron`` gives an equal one back."""
    return "\n".join(_neuron_lines(neuron, _name(neuron.name)))


def _rule_lines(rule: LearningRule, heading: str) -> Iterator[str]:
    yield f"rule {heading}:"
    decays = [t.tau for t in rule.tags if t.tau is not None]
    times = [*decays, *(t.tau for t in rule.traces)]
    body = [
        *_doc(rule.doc),
        *_params(rule.params, times),
        *(_trace(t) for t in rule.traces),
        *(_tag(t) for t in rule.tags),
        *(_modulator(m) for m in rule.modulators),
        *(f"d{u.target} = {print_expr(u.expr)}" for u in rule.updates),
        f"bounds = [{print_expr(rule.bounds[0])}, {print_expr(rule.bounds[1])}]",
        f"polarity = {rule.polarity}",
    ]
    yield from _indented(body)


def _trace(trace: TraceDecl) -> str:
    pairing = ", nearest" if trace.pairing == "nearest" else ""
    return f"trace {trace.name} = {trace.follows}, tau {_time(trace.tau)}{pairing}"


def _tag(tag: TagDecl) -> str:
    return f"tag {tag.name}" + ("" if tag.tau is None else f", tau {_time(tag.tau)}")


def _modulator(modulator: ModulatorDecl) -> str:
    bounds = _range(modulator.low, modulator.high)
    return f"modulator {modulator.name} in {bounds}" + ", host" * modulator.host


def _range(low: float, high: float) -> str:
    return f"[{_number(low)}, {_number(high)}]"


def _neuron_lines(neuron: Neuron, heading: str) -> Iterator[str]:
    yield f"neuron {heading}:"
    leaks = [s.leak for s in neuron.states if s.leak is not None]
    times = [*leaks, *(t.tau for t in neuron.traces)]
    body = [
        *_doc(neuron.doc),
        *_params(neuron.params, times),
        *(f"port {p.name}" for p in neuron.ports),
        *(_modulator(m) for m in neuron.modulators),
        *(f"noise {n.name} in {_range(n.low, n.high)}" for n in neuron.noises),
    ]
    for state in neuron.states:
        body += [_state(state), f"d{state.name} = {print_expr(state.drive)}"]
    if neuron.spike is not None:
        body.append(f"spike = {print_expr(neuron.spike)}")
    body += [f"event {e.name} = {print_expr(e.condition)}" for e in neuron.events]
    body += [f"trace {t.name} = {t.source}, tau {_time(t.tau)}" for t in neuron.traces]
    body += [
        f"output {o.name} = {print_expr(o.expr)} in {_range(o.low, o.high)}"
        for o in neuron.outputs
    ]
    if neuron.send is not None:
        sent = neuron.send
        body.append(f"send = {print_expr(sent.expr)} in {_range(sent.low, sent.high)}")
    yield from _indented(body)


def _state(state: StateDecl) -> str:
    leak = "" if state.leak is None else f", leak {_time(state.leak)}"
    reset = "" if state.reset is None else f", reset {print_expr(state.reset)}"
    initial = ""
    if state.initial is not None:
        initial = f", initial {print_expr(state.initial)}"
    return f"state {state.name}{leak}{reset}{initial}"


def _params(params: Iterable[ParamDecl], times: Iterable[Expr]) -> Iterator[str]:
    """Write parameters, with a unit those that a tau or leak is made of."""
    in_time = {n.name for e in times for n in walk(e) if isinstance(n, Name)}
    for p in params:
        number = _duration(p.default) if p.name in in_time else _number(p.default)
        yield f"param {p.name} = {number}"


def _doc(doc: str) -> Iterator[str]:
    if not doc:
        return
    text = _CLOSING_QUOTE.sub(r"\"", doc.replace("\\", "\\\\"))
    if "\n" not in text:
        yield f'"""{text}"""'
        return
    yield '"""'
    yield from text.split("\n")
    yield '"""'


def _indented(body: list[str]) -> Iterator[str]:
    # An empty docstring is the shortest body that a block can have.
    return (f"{_INDENT}{line}".rstrip() for line in body or ['""" """'])


def _name(name: str) -> str:
    """Write a name as it is, or quoted if it is no plain word."""
    return name if _IDENTIFIER.fullmatch(name) else json.dumps(name)


# --- networks ---------------------------------------------------------------------


def print_network(network: Network) -> tuple[str, dict[str, FloatArray]]:
    """Write a network, and its weights apart by the names that the text uses.

    ``parse_network`` takes both and gives an equal network back.
    """
    used_rules = [p.rule for p in network.projections if p.rule is not None]
    used_neurons = [g.neuron for g in network.groups if g.neuron is not None]
    rules = _handles(used_rules)
    neurons = _handles(used_neurons, taken=("input",))
    arrays = TextArrays()
    body: list[str] = []
    if network.dt_seconds is not None:
        body.append(f"dt = {_duration(network.dt_seconds)}")
    for rule, handle in rules:
        body += _rule_lines(rule, _heading(rule.name, handle))
    for neuron, handle in neurons:
        body += _neuron_lines(neuron, _heading(neuron.name, handle))
    body += [_group(g, neurons, arrays) for g in network.groups]
    body += [_projection(p, rules, arrays) for p in network.projections]
    text = "\n".join([f"network {_name(network.name)}:", *_indented(body)])
    return text, arrays.named


_Model = TypeVar("_Model", LearningRule, Neuron)


def _handles(
    models: Iterable[_Model], taken: Iterable[str] = ()
) -> list[tuple[_Model, str]]:
    """Name each different model; two variants of one name get two handles."""
    unique: list[_Model] = []
    for model in models:
        if model not in unique:
            unique.append(model)
    used = set(taken)
    names = {model.name for model in unique}
    handles: list[tuple[_Model, str]] = []
    for model in unique:
        free = model.name not in used
        handle = model.name if free else unused(model.name, used | names)
        used.add(handle)
        handles.append((model, handle))
    return handles


def _handle(model: _Model, handles: Iterable[tuple[_Model, str]]) -> str:
    return next(_name(handle) for known, handle in handles if known == model)


def _heading(name: str, handle: str) -> str:
    return _name(name) if name == handle else f"{_name(name)} as {_name(handle)}"


def _group(group: Group, neurons: list[tuple[Neuron, str]], arrays: TextArrays) -> str:
    model = "input" if group.neuron is None else _handle(group.neuron, neurons)
    initial = "".join(
        f", initial {_name(state)} {arrays.add(f'{group.name}.{state}', values)}"
        for state, values in group.initial.items()
    )
    graded = "" if group.graded is None else f", graded in {_range(*group.graded)}"
    latency = f", latency {group.latency} steps" if group.latency else ""
    start = f"group {_name(group.name)} = {model}[{group.size}]"
    return f"{start}{graded}{latency}{initial}"


def _delay(projection: Projection, arrays: TextArrays) -> str:
    delay = np.asarray(projection.delay)
    if not delay.any():
        return ""
    if delay.ndim == 0:
        return f", delay {int(delay)} steps"
    return f", delay {arrays.add(f'{projection.name}.delay', delay)}"


def _projection(
    projection: Projection, rules: list[tuple[LearningRule, str]], arrays: TextArrays
) -> str:
    name, target = projection.name, _name(projection.target)
    weights = arrays.add(f"{name}.weights", projection.weights)
    connected, rule = "", ""
    delay = _delay(projection, arrays)
    if projection.connected is not None:
        mask = arrays.add(f"{name}.connected", projection.connected)
        connected = f", connected {mask}"
    if projection.pairs is not None:
        starts = arrays.add(f"{name}.starts", projection.pairs.starts)
        posts = arrays.add(f"{name}.posts", projection.pairs.posts)
        connected = f", pairs {starts} {posts}"
    if projection.rule is not None:
        rule = f", rule {_handle(projection.rule, rules)}"
    return (
        f"projection {_name(name)} = {_name(projection.source)} -> "
        f"{target}.{_name(projection.port)}, weights {weights}{connected}{delay}{rule}"
    )
