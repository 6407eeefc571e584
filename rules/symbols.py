"""The symbols that the body of a rule or neuron class declares.

They are expressions without a name; language.py gives them the names that they are
assigned to. Each remembers the line on which it was made.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..diagnostics import SourceSpan, caller_span
from .expr import Expr, Operand
from .rule import Pairing


@dataclass(frozen=True, eq=False)
class Declared(Expr):
    """A symbol that waits for its name; the class body gives it."""

    span: SourceSpan | None = field(
        default_factory=caller_span, compare=False, repr=False, kw_only=True
    )


@dataclass(frozen=True, eq=False)
class Param(Declared):
    """A number of the rule that a user may change; times in seconds: 20 * ms."""

    default: float


@dataclass(frozen=True, eq=False)
class Trace(Declared):
    """An exponential trace of ``pre``, ``post`` or, in a neuron, of its ``spike``.

    An event may stand for the spikes: ``post.plateau``, in a neuron its own Event.
    A spike adds 1, or with ``pairing="nearest"`` sets the trace to 1; of ``pre.value``,
    what the source sends does so with its value.
    """

    source: Expr
    tau: Operand
    pairing: Pairing = "all"

    @property
    def before(self) -> Expr:
        """The trace without the spike of this step."""
        return DeclaredBefore(self, span=caller_span())


@dataclass(frozen=True, eq=False)
class DeclaredBefore(Expr):
    """``trace.before`` while the trace waits for its name."""

    trace: Trace


@dataclass(frozen=True, eq=False)
class Tag(Declared):
    """A per-synapse memory; its update is spelled ``d`` + its name."""

    tau: Operand | None = None


@dataclass(frozen=True, eq=False)
class Modulator(Declared):
    """A third factor from outside, broadcast by name, within [low, high].

    ``host=True`` says that a host computes it in each step, so terms that read it are
    host-assisted in the report.
    """

    low: float = -1.0
    high: float = 1.0
    host: bool = False


@dataclass(frozen=True, eq=False)
class Port(Declared):
    """A neuron's input: the summed weights of the spikes that arrive."""


@dataclass(frozen=True, eq=False)
class State(Declared):
    """A neuron's state: s <- s * (1 - dt/leak) + ds, and ``reset`` on a spike.

    ``leak=None`` keeps everything, ``leak=0`` keeps nothing. ``initial`` is its value
    before the first step.
    """

    leak: Operand | None = None
    reset: Operand | None = None
    initial: Operand | None = None


@dataclass(frozen=True, eq=False)
class Graded:
    """What a neuron sends: ``send = Graded(expr)`` is a graded spike wherever not 0.

    The value is clipped to [low, high], which holds 0; a port receives weight * value.
    """

    expr: Operand
    low: float = 0.0
    high: float = 1.0
    span: SourceSpan | None = field(
        default_factory=caller_span, compare=False, repr=False, kw_only=True
    )


@dataclass(frozen=True, eq=False)
class Noise(Declared):
    """A random number of each neuron, drawn anew in every step, even in [low, high).

    Wherever a step reads it, it has the same value.
    """

    low: float = -1.0
    high: float = 1.0


@dataclass(frozen=True, eq=False)
class Event(Declared):
    """A second kind of event of the neuron: 1 in steps in which a condition holds.

    Rules read it as ``post.<name>``, and may have a Trace of it. Unlike a spike it
    resets nothing and goes to no other neuron.
    """

    condition: Operand


@dataclass(frozen=True, eq=False)
class Output(Declared):
    """A graded value of the neuron for its rules, clipped to [low, high]."""

    expr: Operand
    low: float = -1.0
    high: float = 1.0
