"""How often each neuron spikes: what the cost of a step is computed from.

In: a rate that is assumed, or counts that a run left behind (sim/activity.py). Out: the
mean number of spikes a step, neuron by neuron, and the words that say which it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .program import Connection, FloatArray, Program
from .program_graph import ProgramGraph


@dataclass(frozen=True, eq=False)
class Activity:
    """Mean spikes a step of each neuron, 0 to 1; ``said`` is for the report."""

    rates: Mapping[str, FloatArray]
    said: str


def assumed_activity(program: Program, spikes_per_step: float, said: str) -> Activity:
    """Let every neuron spike equally often."""
    rate = min(max(spikes_per_step, 0.0), 1.0)
    return Activity({p.name: np.full(p.size, rate) for p in program.populations}, said)


def source_rates(
    graph: ProgramGraph, connection: Connection, activity: Activity
) -> FloatArray:
    """Give the rate at which each source of a connection sends something.

    A source may be several neurons that a wire joins: it sends if any of them does.
    """
    silent = np.ones(connection.joins[1])
    for population, places in graph.senders(connection):
        there = places >= 0
        np.multiply.at(silent, places[there], 1 - activity.rates[population][there])
    return 1 - silent
