"""What a rehearsal says of events: how often they occur, how far traces get."""

from __future__ import annotations

import numpy as np

from lahar.compiler.draft import TraceSteps
from lahar.compiler.event_rates import rate_of_event, with_activity
from lahar.compiler.typical import peak
from lahar.rules.neuron import SPIKE

STEPS, PERIOD, LASTING, TAU = 1000, 100, 40, 25.0
PLATEAUS = np.arange(STEPS)[:, None] % PERIOD < np.full(4, LASTING)


def test_the_rate_of_an_event_is_that_of_its_steps() -> None:
    assert rate_of_event({"plateau": PLATEAUS}, "plateau") == LASTING / PERIOD


def test_of_what_never_occurs_nothing_is_known() -> None:
    silent = {"plateau": np.zeros((STEPS, 4), np.bool_)}
    trace = TraceSteps("z", "post", TAU, "all", "plateau")

    assert rate_of_event(silent, "plateau") is None
    assert with_activity(trace, silent) == trace


def test_a_trace_of_events_that_last_gets_further_than_of_single_spikes() -> None:
    trace = TraceSteps("z", "post", TAU, "all", "plateau")

    known = with_activity(trace, {"plateau": PLATEAUS})

    kept = np.exp(-1 / TAU)
    at_its_end = (1 - kept**LASTING) / (1 - kept) / (1 - kept**PERIOD)
    assert known.rarely_exceeds is not None
    np.testing.assert_allclose(known.rarely_exceeds, at_its_end, rtol=0.02)
    assert known.rarely_exceeds > peak(TAU, 0.02)


def test_the_rate_of_spikes_is_assumed() -> None:
    trace = TraceSteps("y", "post", TAU, "all", SPIKE)

    assert with_activity(trace, {"plateau": PLATEAUS}) == trace
