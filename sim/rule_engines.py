"""Who computes a network's rules in float64: lahar's own reference, or others.

Brian2 runs the rules too; snnTorch and Norse networks in which nothing learns.
"""

from __future__ import annotations

from typing import Protocol

from ..rules.network import Network
from .backend import Progress, Trajectory, silent
from .recording import Recording
from .stimulus_needs import Stimulus

REPLAY = frozenset({"reference", "brian2"})
"""Backends that replay the spikes of a recording, and learn from them."""
INFERENCE = frozenset({"snntorch", "norse"})
"""Backends that run a network in its own numbers and know no rules."""
RUN_THE_RULE = REPLAY | INFERENCE
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
        case "snntorch":
            from .torch_runner import run_snntorch

            return run_snntorch
        case "norse":
            from .torch_runner import run_norse

            return run_norse
        case _:
            from .reference_run import run_reference

            return run_reference
