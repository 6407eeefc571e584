"""Who computes a network's rules in float64: lahar's own reference, or Brian2."""

from __future__ import annotations

from typing import Protocol

from ..rules.network import Network
from .backend import Progress, Trajectory, silent
from .recording import Recording
from .stimulus_needs import Stimulus

RUN_THE_RULE = frozenset({"reference", "brian2"})
"""Backends that compute in the rule's own numbers, and never see the Program's."""


class NetworkEngine(Protocol):
    """The signature of what runs the rules of a network: the reference, and Brian2."""

    def __call__(
        self,
        network: Network,
        stimulus: Stimulus,
        steps: int,
        *,
        record: frozenset[str] = frozenset(),
        given: Recording | None = None,
        seed: int = 0,
        progress: Progress = silent,
    ) -> Trajectory: ...


def engine_of(backend: str) -> NetworkEngine:
    """Give the engine of a backend that runs the rule, imported when asked for."""
    match backend:
        case "brian2":
            from .brian2_runner import run_brian2

            return run_brian2
        case _:
            from .reference_run import run_reference

            return run_reference
