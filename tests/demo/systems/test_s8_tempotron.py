"""S8: relays pass ranks, the tag holds the potential of the maximum, errors fall."""

from __future__ import annotations

import numpy as np

from lahar.demo.systems import s8_tempotron
from lahar.demo.systems.frame import run_in, value_in_rule_units


def test_a_relay_passes_on_the_spike_of_its_rank_alone() -> None:
    shown, _ = s8_tempotron.stimulus(2, 0)
    steps = 2 * s8_tempotron.TRIAL_STEPS
    ranks, fan, _ = s8_tempotron._wiring()

    recording = run_in(
        "loihi2", s8_tempotron.program(), shown, steps, ["relay.s_out"], 0
    )

    # A spike takes a step to the relay.
    sent = np.asarray(recording["relay.s_out"])[1:] != 0
    arrived = (np.asarray(shown.spikes["afferents"]) @ fan.T)[:-1] > 0
    trial = slice(0, s8_tempotron.TRIAL_STEPS - 1)
    order = np.cumsum(arrived[trial], axis=0)
    wanted = arrived[trial] & ((order == ranks) | (ranks == 0))
    assert np.array_equal(sent[trial], wanted)


def test_the_voltage_is_remembered_at_its_highest() -> None:
    shown, _ = s8_tempotron.stimulus(1, 0)
    recording = run_in(
        "loihi2",
        s8_tempotron.program(),
        shown,
        s8_tempotron.TRIAL_STEPS,
        ["neuron.v", "neuron.highest"],
        0,
    )

    v = value_in_rule_units(recording, "neuron.v")
    highest = value_in_rule_units(recording, "neuron.highest")
    assert np.array_equal(highest, np.maximum.accumulate(v, axis=0))


def test_a_hundred_trials_lower_the_errors() -> None:
    measured = s8_tempotron.measure("loihi2", 3, quick=True)

    errors = measured.curves["static 1"]
    assert errors[-1] < errors[0]
