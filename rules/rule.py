"""A learning rule as data: declarations and update expressions, frozen.

The declarative class form (language.py) and the text form (printer.py, parser.py)
both make this; the compiler and the reference simulator read nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from ..diagnostics import Diagnostic, LaharError, SourceSpan, caller_span
from .expr import Const, Expr, Side

Pairing = Literal["all", "nearest"]
Polarity = Literal["excitatory", "inhibitory", "mixed"]


@dataclass(frozen=True)
class Declaration:
    """Something a rule or neuron model names. ``span`` is the user's line."""

    name: str
    span: SourceSpan | None = field(
        default=None, compare=False, repr=False, kw_only=True
    )


@dataclass(frozen=True)
class ParamDecl(Declaration):
    """A parameter and its value, times in seconds."""

    default: float


@dataclass(frozen=True)
class TraceDecl(Declaration):
    """An exponential trace of a side's spikes.

    Decays by exp(-dt/tau) a step; a spike adds 1 (``all``) or sets it to 1
    (``nearest``). ``quantity`` names what it follows instead of spikes: an event of
    that side's neuron.
    """

    source: Side
    tau: Expr
    pairing: Pairing = "all"
    quantity: str = ""

    @property
    def follows(self) -> str:
        """What it follows, as a rule writes it: ``post`` or ``post.plateau``."""
        return f"{self.source}.{self.quantity}" if self.quantity else self.source


@dataclass(frozen=True)
class TagDecl(Declaration):
    """A per-synapse memory; decays by exp(-dt/tau) a step, or not at all."""

    tau: Expr | None = None


@dataclass(frozen=True)
class ModulatorDecl(Declaration):
    """A third factor from outside, within [low, high] in the rule's units.

    ``host``: a host computes it in each step, from what the chip does or for it.
    """

    low: float = -1.0
    high: float = 1.0
    host: bool = False


@dataclass(frozen=True)
class Update:
    """``d<target> = expr``; target is ``w``, ``delay`` or a tag's name."""

    target: str
    expr: Expr
    span: SourceSpan | None = field(
        default=None, compare=False, repr=False, kw_only=True
    )


@dataclass(frozen=True)
class UnknownParameter(Diagnostic):
    """A rule or neuron model was given a parameter that it does not declare.

    Parameters are what the rule declares with Param; only these can be set, by
    `--set` or by calling the rule.
    """

    code = "R105"
    title = "`{owner}` has no parameter `{parameter}`"
    note = "`{owner}` declares: {known}"
    help = "use one of the declared parameters"

    owner: str
    parameter: str
    known: str


@dataclass(frozen=True)
class LearningRule:
    """One local learning rule.

    bounds
        Lower and upper bound of the weight, as expressions of parameters; a weight
        of an inhibitory rule is counted positive and acts with a minus sign.
    polarity
        ``mixed`` when the lower bound is negative, else what the synapse does to
        its target.
    """

    name: str
    updates: tuple[Update, ...]
    params: tuple[ParamDecl, ...] = ()
    traces: tuple[TraceDecl, ...] = ()
    tags: tuple[TagDecl, ...] = ()
    modulators: tuple[ModulatorDecl, ...] = ()
    bounds: tuple[Expr, Expr] = (Const(0.0), Const(1.0))
    polarity: Polarity = "excitatory"
    doc: str = ""
    span: SourceSpan | None = field(
        default=None, compare=False, repr=False, kw_only=True
    )

    def with_params(self, **values: float) -> LearningRule:
        """Give parameters other values.

        Raises
        ------
        LaharError
            R105 for a name that the rule does not declare.

        """
        return replace(self, params=override(self.name, self.params, values))

    @property
    def param_values(self) -> dict[str, float]:
        """Parameter name to value, times in seconds."""
        return {p.name: p.default for p in self.params}

    def values_at(self, dt_seconds: float) -> dict[str, float]:
        """Parameter values, and the ``dt`` that updates may read."""
        return {**self.param_values, "dt": dt_seconds}


def override(
    owner: str, params: tuple[ParamDecl, ...], values: dict[str, float]
) -> tuple[ParamDecl, ...]:
    """Replace parameter values by name; shared by rules and neuron models."""
    known = {p.name for p in params}
    unknown = [name for name in values if name not in known]
    if unknown:
        listing = ", ".join(sorted(known)) or "none"
        raise LaharError(
            UnknownParameter(owner, name, listing, span=caller_span())
            for name in unknown
        )
    return tuple(
        replace(p, default=float(values[p.name])) if p.name in values else p
        for p in params
    )
