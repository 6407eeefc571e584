"""A neuron model as data: states with leak, ports, a spike condition, outputs.

LIF, error-coding and dendritic neurons are entries of the library in this language,
not special cases of the compiler. Order of events: docs/semantics.md sections 1, 2.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ..diagnostics import SourceSpan
from .expr import Expr
from .rule import Declaration, ModulatorDecl, ParamDecl, override

NOISE_BITS = 23
"""Bits of a random number: as many as the magnitude of a 24-bit state has."""


@dataclass(frozen=True)
class PortDecl(Declaration):
    """An input that sums the weights of arriving spikes."""


@dataclass(frozen=True)
class StateDecl(Declaration):
    """A state variable: s <- s * (1 - dt/leak) + drive, then reset on a spike.

    ``leak`` None: no leak. Leak Const(0): no memory, the state equals its drive.
    ``reset`` None: a spike leaves it alone; what it reads is as before any reset, such
    as ``v - threshold``. ``initial``: before the first step; None
    is 0.
    """

    drive: Expr
    leak: Expr | None = None
    reset: Expr | None = None
    initial: Expr | None = None


@dataclass(frozen=True)
class NoiseDecl(Declaration):
    """A random number of each neuron and step, even in [low, high)."""

    low: float
    high: float


@dataclass(frozen=True)
class EventDecl(Declaration):
    """A second kind of event: 1 in a step in which its condition holds, else 0.

    Evaluated with the spike condition: after all states, before any reset.
    """

    condition: Expr


SPIKE = "spike"
"""Names the neuron's spikes as the source of a trace, beside its events."""


@dataclass(frozen=True)
class SpikeTraceDecl(Declaration):
    """A trace of the neuron's own spikes: decays by exp(-dt/tau), a spike adds 1.

    ``source`` may name an event instead.
    """

    tau: Expr
    source: str = SPIKE


@dataclass(frozen=True)
class SendDecl:
    """What the neuron sends in every step in which it is not 0, clipped to [low, high].

    Computed after the outputs of the step.
    """

    expr: Expr
    low: float
    high: float
    span: SourceSpan | None = field(
        default=None, compare=False, repr=False, kw_only=True
    )


@dataclass(frozen=True)
class OutputDecl(Declaration):
    """A graded value that rules read as ``post.<name>``, clipped to [low, high]."""

    expr: Expr
    low: float
    high: float


@dataclass(frozen=True)
class Neuron:
    """One neuron model. States update in order; see docs/semantics.md section 2.

    Without ``send`` its spikes are what it sends.
    """

    name: str
    states: tuple[StateDecl, ...]
    spike: Expr | None
    params: tuple[ParamDecl, ...] = ()
    ports: tuple[PortDecl, ...] = ()
    modulators: tuple[ModulatorDecl, ...] = ()
    traces: tuple[SpikeTraceDecl, ...] = ()
    outputs: tuple[OutputDecl, ...] = ()
    noises: tuple[NoiseDecl, ...] = ()
    events: tuple[EventDecl, ...] = ()
    send: SendDecl | None = None
    doc: str = ""
    span: SourceSpan | None = field(
        default=None, compare=False, repr=False, kw_only=True
    )

    def with_params(self, **values: float) -> Neuron:
        """Give parameters other values.

        Raises
        ------
        LaharError
            R105 for a name that the model does not declare.

        """
        return replace(self, params=override(self.name, self.params, values))

    @property
    def param_values(self) -> dict[str, float]:
        """Parameter name to value, times in seconds."""
        return {p.name: p.default for p in self.params}

    def values_at(self, dt_seconds: float) -> dict[str, float]:
        """Parameter values, and the ``dt`` that drives and outputs may read."""
        return {**self.param_values, "dt": dt_seconds}

    @property
    def can_send(self) -> bool:
        """Tell whether anything ever leaves it: spikes or values."""
        return self.spike is not None or self.send is not None

    @property
    def quantities(self) -> tuple[str, ...]:
        """Names a rule may read as ``post.<name>``."""
        with_reset = [f"{s.name}_pre_reset" for s in self.states if s.reset is not None]
        return (
            *(s.name for s in self.states),
            *with_reset,
            *(e.name for e in self.events),
            *(t.name for t in self.traces),
            *(o.name for o in self.outputs),
        )
