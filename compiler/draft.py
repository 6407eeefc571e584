"""The compiler's working state: a network on its way to a Program.

Frozen: every pass takes a Draft and gives a new one. Whatever a pass changes or
loses it appends to the log; the report is the sum of all logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ..diagnostics import SourceSpan
from ..hardware.chip import Chip
from ..hardware.learning import Gate, Target
from ..hardware.program import Program
from ..hardware.report import Finding, Rounding, Stage, TermReport
from ..rules.expr import Expr, Name, Quantity
from ..rules.network import Network, Projection
from ..rules.neuron import SPIKE
from ..rules.rule import LearningRule, Pairing
from .approximation import Approximation
from .calibration import Calibration

Slot = Literal["x1", "x2", "y1", "y2", "y3"]


@dataclass(frozen=True)
class TraceSteps:
    """A trace with its time constant in steps.

    On the post side ``event`` says which kind of event it follows. What a rehearsal
    said of it: the rate of such events, and what a trace of impulse 1 rarely exceeds;
    None: it is of spikes, whose rate is assumed. ``carries`` is the largest value of
    a spike where the trace follows values that the source sends.
    """

    name: str
    source: Literal["pre", "post"]
    tau_steps: float
    pairing: Pairing
    event: str = SPIKE
    rate_per_step: float | None = None
    rarely_exceeds: float | None = None
    carries: float | None = None
    span: SourceSpan | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class TagSteps:
    """A tag with its time constant in steps; None: it does not decay."""

    name: str
    tau_steps: float | None


@dataclass(frozen=True)
class NeuronValue:
    """Something the post neuron computes and sends to its synapses in 7 bits.

    kind
        ``trace``: a trace of its own spikes, 0..127. ``signed``: an expression
        within [low, high], sent as value + 64. ``constant``: ``level`` itself.
    """

    symbol: str
    kind: Literal["trace", "signed", "constant"]
    expr: Expr | None = None
    low: float = 0.0
    high: float = 0.0
    trace: TraceSteps | None = None
    level: int = 0

    @property
    def is_leaf(self) -> bool:
        """Tell whether it is a quantity or modulator itself, no function of some."""
        return isinstance(self.expr, (Name, Quantity))


@dataclass(frozen=True)
class Term:
    """One product of an update: ``coefficient * atoms``, gated.

    ``every`` is n of ``every(n)``, 0 if the term is not under one.
    """

    target: str
    coefficient: float
    atoms: tuple[Expr, ...]
    gate: Gate
    every: int
    text: str
    span: SourceSpan | None = field(default=None, compare=False, repr=False)

    @property
    def where(self) -> str:
        """File and line of the update it comes from."""
        return str(self.span or "")


@dataclass(frozen=True)
class Fit:
    """One mantissa * 2**exponent of a term: a term is the sum of one or two."""

    mantissa: int
    exponent: int


@dataclass(frozen=True)
class FittedTerm:
    """A term with the products that stand for it on the chip."""

    term: Term
    target: Target
    wanted: float  # the stored coefficient, product shift included
    fits: tuple[Fit, ...]
    shift: int

    @property
    def got(self) -> float:
        """The coefficient that the fits add up to."""
        return sum(f.mantissa * 2.0**f.exponent for f in self.fits)

    @property
    def relative_error(self) -> float:
        """Relative difference of got to wanted."""
        return abs(self.got - self.wanted) / abs(self.wanted) if self.wanted else 0.0


@dataclass(frozen=True)
class LeftOut:
    """A term that rounds to nothing beside the others.

    ``share`` is the most it adds to what moves the target, of the whole.
    """

    term: Term
    share: float


@dataclass(frozen=True)
class SynapseDraft:
    """One plastic projection: its rule, then its terms, then its registers.

    ``event`` is the kind of post event that the engine hears, `post` in the rule, and
    ``event_rate`` its rate in a rehearsal; None: it is spikes, whose rate is assumed.
    """

    projection: str
    rule: LearningRule
    bounds: tuple[float, float]
    event: str = SPIKE
    event_rate: float | None = None
    traces: tuple[TraceSteps, ...] = ()
    tags: tuple[TagSteps, ...] = ()
    values: tuple[NeuronValue, ...] = ()
    approximations: tuple[Approximation, ...] = ()
    collects: bool = False  # a tag that the compiler added takes small changes of w
    third_factor: bool = False
    terms: tuple[Term, ...] = ()
    slots: Mapping[str, str] = field(default_factory=dict)
    scales: Mapping[str, float] = field(default_factory=dict)
    fitted: tuple[FittedTerm, ...] = ()
    signed_offset: int = 0  # added to signed graded values, so that they travel
    finer_bits: int = 0  # that traces and their time constants have beyond a Loihi's
    left_out: tuple[LeftOut, ...] = ()

    def trace(self, name: str) -> TraceSteps | None:
        """Find a trace of the rule by name."""
        return next((t for t in self.traces if t.name == name), None)

    def engine_hears(self, trace: TraceSteps) -> bool:
        """Tell whether the events of a trace reach the engine at all."""
        return trace.source == "pre" or trace.event == self.event

    def value(self, symbol: str) -> NeuronValue | None:
        """Find what the neuron computes under a symbol."""
        return next((v for v in self.values if v.symbol == symbol), None)

    def sends_signed(self, atom: Expr) -> bool:
        """Tell whether an atom is a graded value that travels as value + 64."""
        value = self.value(atom.name) if isinstance(atom, Name) else None
        return value is not None and value.kind == "signed"


@dataclass(frozen=True)
class SplitRule:
    """A rule that several projections learn: its weight is the sum of theirs.

    ``whole`` is the projection as the user wrote it; ``parts`` are names of those that
    the network of the draft has instead.
    """

    whole: Projection
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Payload:
    """What a graded spike carries: value * scale, an integer within [low, high].

    ``bits`` are those of its full magnitude, 2**bits.
    """

    scale: float
    bits: int
    low: int
    high: int

    @property
    def message_bits(self) -> int:
        """Bits on the way, with the sign."""
        largest = max(-self.low, self.high)
        return largest.bit_length() + (self.low < 0)


@dataclass(frozen=True)
class WeightScale:
    """stored = weight * scale on a projection; arrivals are shifted by exponent."""

    scale: float
    exponent: int


@dataclass(frozen=True)
class Log:
    """What the passes report; they only append."""

    terms: tuple[TermReport, ...] = ()
    roundings: tuple[Rounding, ...] = ()
    findings: tuple[Finding, ...] = ()
    stages: tuple[Stage, ...] = ()

    def plus(
        self,
        *,
        terms: tuple[TermReport, ...] = (),
        roundings: tuple[Rounding, ...] = (),
        findings: tuple[Finding, ...] = (),
        stages: tuple[Stage, ...] = (),
    ) -> Log:
        """Give a log with more entries."""
        return Log(
            self.terms + terms,
            self.roundings + roundings,
            self.findings + findings,
            self.stages + stages,
        )


@dataclass(frozen=True)
class Draft:
    """A network, its target, and how far it has come.

    ``floors`` has for each projection that learns what a forecast says that the product
    shift takes from its fitted terms (`Forecast.floors`).
    """

    network: Network
    chip: Chip
    dt_seconds: float
    epoch_steps: int
    rate_per_step: float  # assumed mean rate of inputs, for ranges
    post_rate_per_step: float = 0.0  # and of post neurons, for the error budget
    synapses: tuple[SynapseDraft, ...] = ()
    splits: tuple[SplitRule, ...] = ()
    weights: Mapping[str, WeightScale] = field(default_factory=dict)
    arrival_scale: Mapping[str, float] = field(default_factory=dict)
    payloads: Mapping[str, Payload] = field(default_factory=dict)
    floors: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    calibration: Calibration = field(default_factory=Calibration)
    program: Program | None = None
    log: Log = field(default_factory=Log)

    def logging(
        self,
        *,
        terms: tuple[TermReport, ...] = (),
        roundings: tuple[Rounding, ...] = (),
        findings: tuple[Finding, ...] = (),
        stages: tuple[Stage, ...] = (),
    ) -> Draft:
        """Append to the log."""
        log = self.log.plus(
            terms=terms, roundings=roundings, findings=findings, stages=stages
        )
        return replace(self, log=log)

    def synapse(self, projection: str) -> SynapseDraft | None:
        """Find the draft of a plastic projection; None if it does not learn."""
        return next((s for s in self.synapses if s.projection == projection), None)

    def written(self, projection: str) -> Projection:
        """Find a projection as the user wrote it, whole."""
        splits = (s.whole for s in self.splits if projection in s.parts)
        return next(splits, None) or self.network.projection(projection)

    @property
    def written_network(self) -> Network:
        """The network as the user wrote it: what the reference runs."""
        whole = {p.name: self.written(p.name) for p in self.network.projections}
        once = {p.name: p for p in whole.values()}
        return replace(self.network, projections=tuple(once.values()))

    def synapses_onto(self, group: str) -> list[SynapseDraft]:
        """Find the plastic projections that end at a group."""
        ends = {p.name: p.target for p in self.network.projections}
        return [s for s in self.synapses if ends[s.projection] == group]
