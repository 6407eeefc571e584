"""Lines of a text that wait for their block or for each other.

builder.py makes them from lark's tree; network_builder.py joins groups to their
neuron models and projections to their rules and weights.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from ..diagnostics import SourceSpan
from .neuron import Neuron
from .rule import LearningRule


@dataclass(frozen=True)
class Called:
    """A name that stands for something defined elsewhere, and where it stands."""

    name: str
    span: SourceSpan


@dataclass(frozen=True)
class Definition:
    """A rule or neuron model and the name by which lines of a network call it."""

    handle: str
    model: LearningRule | Neuron


@dataclass(frozen=True)
class TimeStepLine:
    """``dt = 1 ms``."""

    seconds: float


@dataclass(frozen=True)
class Duration:
    """``3 ms``: how many steps it has is known with the network's time step."""

    seconds: float
    span: SourceSpan


@dataclass(frozen=True)
class InitialValues:
    """``initial v @out.v``: first values of a state, an array or one number."""

    state: str
    values: Called | float


@dataclass(frozen=True)
class GroupLine:
    """``group out = LIF[10], latency 2 steps, initial v 0.5``."""

    name: str
    model: Called
    size: int
    initial: tuple[InitialValues, ...]
    graded: tuple[float, float] | None
    latency: float
    span: SourceSpan


@dataclass(frozen=True)
class ProjectionLine:
    """``projection a = pre -> out.current, weights @a.weights, rule STDP``."""

    name: str
    source: Called
    target: Called
    port: str
    weights: Called | float
    connected: Called | None
    pairs: tuple[Called, Called] | None
    delay: Called | Duration | float | None
    rule: Called | None
    span: SourceSpan


@dataclass(frozen=True)
class NetworkBlock:
    """A network whose lines are not yet joined."""

    name: str
    lines: tuple[Any, ...]
    span: SourceSpan


_Kind = TypeVar("_Kind")


def of_kind(kind: type[_Kind], lines: Iterable[Any]) -> tuple[_Kind, ...]:
    """Pick the lines of one kind, in their order."""
    return tuple(line for line in lines if isinstance(line, kind))
