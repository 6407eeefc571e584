"""Graded spikes: within which bounds neurons and inputs send values.

A model's `send` or a group's bounds in, what is wrong with them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..diagnostics import Diagnostic, SourceSpan
from .network import Group
from .neuron import SendDecl
from .scope import check_range


@dataclass(frozen=True)
class SendIsNotGraded(Diagnostic):
    """A neuron model says what it sends, but not within which bounds.

    The bounds choose how many bits a value has on its way.
    """

    code = "R173"
    title = "`{owner}` does not say within which bounds its `send` is"
    help = "write `send = Graded(value, low=0.0, high=1.0)`"

    owner: str


@dataclass(frozen=True)
class BoundsLackZero(Diagnostic):
    """The bounds of what is sent leave out 0, which is how nothing is sent.

    A graded spike travels in every step in which the value is not 0. Where 0 were out
    of bounds, a silent neuron could not be told from one that sends the bound.
    """

    code = "R174"
    title = "`{owner}`: {what} are [{low:g}, {high:g}] and leave out 0"
    note = "a value of 0 sends nothing"
    help = "let the bounds hold 0, such as [{wider_low:g}, {wider_high:g}]"

    owner: str
    what: str
    low: float
    high: float
    wider_low: float
    wider_high: float


@dataclass(frozen=True)
class GradedIsForInputs(Diagnostic):
    """A group with a neuron model has bounds for a stimulus that it does not get.

    Only an input sends what the stimulus gives. A neuron model says itself what it
    sends, by `send`.
    """

    code = "R175"
    title = "group `{group}` has neurons, so `graded` means nothing"
    help = "write `send = Graded(value, low, high)` in the neuron model"

    group: str


def check_sent(owner: str, sent: SendDecl | None) -> Iterator[Diagnostic]:
    """Check the bounds of what a neuron model sends."""
    if sent is not None:
        yield from _check_bounds(
            owner, "the bounds of `send`", sent.low, sent.high, sent.span
        )


def check_graded(group: Group) -> Iterator[Diagnostic]:
    """Check that only inputs have bounds of their own, and that these hold 0."""
    if group.graded is None:
        return
    if group.neuron is not None:
        yield GradedIsForInputs(group.name)
    yield from _check_bounds(group.name, "the bounds of `graded`", *group.graded, None)


def _check_bounds(
    owner: str, what: str, low: float, high: float, span: SourceSpan | None
) -> Iterator[Diagnostic]:
    wrong = tuple(check_range(owner, what, low, high, span))
    yield from wrong
    if not wrong and not low <= 0.0 <= high:
        wider = min(low, 0.0), max(high, 0.0)
        yield BoundsLackZero(owner, what, low, high, *wider, span=span)
