"""Spikes of a run, counted neuron by neuron."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import lahar
from lahar.diagnostics import LaharError
from lahar.rules.library import STDP
from lahar.sim.activity import activity_of


@pytest.fixture(scope="module")
def program() -> lahar.Program:
    return lahar.compile(STDP, "loihi1", pre=5, post=3)


def test_each_neuron_has_its_own_rate(program: lahar.Program) -> None:
    spikes = np.zeros((40, 5), dtype=np.uint8)
    spikes[::4, 2] = 1
    spikes[::2, 4] = 1
    stimulus = lahar.Stimulus(spikes={"pre": spikes})

    recording = lahar.run(program, stimulus, steps=40, backend="interpreter")
    activity = activity_of(recording, program)

    assert activity.rates["pre"].tolist() == [0, 0, 0.25, 0, 0.5]
    sent = np.asarray(recording["post.s_out"], float).mean(axis=0)
    assert activity.rates["post"].tolist() == sent.tolist()
    assert activity.said == "counted in 40 steps on interpreter"


def test_a_recording_of_another_program_is_refused(program: lahar.Program) -> None:
    recording = lahar.run(program, steps=3, backend="interpreter")
    other = lahar.compile(STDP, "loihi1", pre=5, post=3, seed=1)

    with pytest.raises(LaharError, match="S460"):
        activity_of(recording, other)


def test_a_recording_that_names_no_program_is_taken(program: lahar.Program) -> None:
    recording = lahar.run(program, steps=3, backend="interpreter")
    unnamed = replace(recording.provenance, program_checksum=None)

    activity = activity_of(replace(recording, provenance=unnamed), program)

    assert set(activity.rates) == {"pre", "post"}


def test_spikes_that_were_not_recorded_are_asked_for(program: lahar.Program) -> None:
    recording = lahar.run(
        program, steps=3, backend="interpreter", record=["synapse.weights"]
    )

    with pytest.raises(LaharError, match="S421"):
        activity_of(recording, program)
