"""Where the result depends on a point that public sources disagree on: lint L25.

In: a quantised rule. Out: a lint for each place at which the rule relies on one, with
the size of the difference. docs/profiles.md has all the points.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic
from .draft import Draft, SynapseDraft

SHORT_TAU = 10.0
"""Below, exp(-1/tau) and 1 - 1/tau differ by more than 5 % in the time constant."""


@dataclass(frozen=True)
class EmulatorsDisagree(Diagnostic):
    """The result depends on a point on which the public sources contradict each other.

    Lava shifts products by max(0, widths + 4 - 15), nengo-loihi (fitted to boards) by
    one bit less; lahar compensates for the value that the Program names. Lava decays
    traces by exp(-1/tau), Brian2Loihi by 1 - 1/tau. A variant of a profile shows what
    the other choice does: ``--profile "loihi2:trace_decay=q16 first order"``.
    """

    code = "L25"
    severity = "warning"
    title = "`{subject}` relies on {point}, which sources do not agree on"
    note = "{size}"
    help = "{advice}"

    subject: str
    point: str
    size: str
    advice: str


def sources_agree(draft: Draft, synapse: SynapseDraft) -> Iterator[Diagnostic]:
    yield from _shifts(draft, synapse)
    yield from _decays(synapse)


def _shifts(draft: Draft, synapse: SynapseDraft) -> Iterator[Diagnostic]:
    base = draft.chip.product_shift_base
    if base.trust != "low":
        return
    for fitted in synapse.fitted:
        if fitted.shift:
            yield EmulatorsDisagree(
                fitted.term.text,
                "the product shift",
                f"compensated for base {base.value}; "
                "another base changes the term by a factor of 2",
                "check on your chip: a wrong base scales this term by 2 or 1/2",
                span=fitted.term.span,
            )


def _decays(synapse: SynapseDraft) -> Iterator[Diagnostic]:
    for trace in synapse.traces:
        kept = synapse.slots.get(trace.name, "")
        by_engine = kept[:1] == "x" or (kept[:1] == "y" and not synapse.third_factor)
        if by_engine and trace.tau_steps < SHORT_TAU:
            share = 1 / (2 * trace.tau_steps)
            yield EmulatorsDisagree(
                trace.name,
                "how a trace decays, exp(-1/tau) or 1 - 1/tau",
                f"tau is {trace.tau_steps:.3g} steps, or about {share:.0%} less",
                "use a smaller dt, so that tau is ten steps or more",
                span=next(t.span for t in synapse.rule.traces if t.name == trace.name),
            )
