"""Neurons and inputs may send values: a port receives weight times value."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

import lahar
from lahar.diagnostics import LaharError
from lahar.rules.library import LIF, STDP
from lahar.rules.network import Group, Network, Projection
from lahar.rules.parser import parse_network, parse_neuron
from lahar.rules.printer import print_network, print_neuron
from lahar.sim.brian2_closed import check_exportable
from lahar.sim.recording import in_rule_units

WEIGHTS = np.array([[0.5, -0.25, 1.0], [-0.75, 0.125, 0.25]])


class Rate(lahar.NeuronModel):
    """A low-pass of its input that sends its own value, of both signs."""

    current = lahar.Port()
    v = lahar.State(leak=10 * lahar.ms)
    dv = 0.1 * current
    send = lahar.Graded(v, low=-1.0, high=1.0)


class Burst(lahar.NeuronModel):
    """Spikes, and sends its potential where that is high and it does not spike."""

    current = lahar.Port()
    v = lahar.State(leak=20 * lahar.ms, reset=0)
    dv = current
    spike = v >= 0.6  # so that it is no LIF, which chips compute otherwise
    send = lahar.Graded(lahar.where(v > 0.3, v, 0.0))


def network(middle=Rate, rule=None, delay=0) -> Network:
    learned = np.abs(WEIGHTS.T) if rule is not None else WEIGHTS.T
    return Network(
        "values",
        (
            Group("in", 3, graded=(-1.0, 1.0)),
            Group("middle", 2, middle()),
            Group("out", 3, LIF(threshold=0.4)),
        ),
        (
            Projection("up", "in", "middle", WEIGHTS),
            Projection("on", "middle", "out", learned, rule=rule, delay=delay),
        ),
        dt_seconds=1 * lahar.ms,
    )


def values(steps: int) -> lahar.Stimulus:
    given = np.random.default_rng(3).uniform(-1, 1, (steps, 3))
    given[np.random.default_rng(4).random((steps, 3)) < 0.3] = 0.0
    return lahar.Stimulus({"in": given})


def close(a, b, tolerance) -> None:
    assert np.abs(np.asarray(a) - np.asarray(b)).max() < tolerance


def rule_units(recording, name):
    return in_rule_units(recording[name], recording.view(name))


def test_a_port_receives_weight_times_value():
    program = lahar.compile(network())
    stimulus, names = values(60), ["in.s_out", "up.a_out", "middle.v", "middle.s_out"]

    stored = lahar.run(program, stimulus, 60, "interpreter", record=names)
    meant = lahar.run(program, stimulus, 60, "reference", record=names)

    assert meant["up.a_out"][1:] == pytest.approx(meant["in.s_out"][:-1] @ WEIGHTS.T)
    for name, tolerance in zip(names, (0.004, 0.02, 0.02, 0.02), strict=True):
        close(rule_units(stored, name), meant[name], tolerance)
    assert np.ptp(meant["middle.s_out"]) > 0.1


SENDERS = {
    "rates": network(),
    "spikes and values": network(Burst),
    "delayed": network(Burst, delay=3),
    "learned": network(Rate, STDP()),
}


@pytest.mark.parametrize("name", SENDERS)
def test_lava_sends_the_same_values(name):
    program = lahar.compile(SENDERS[name])

    verdict = lahar.validate(program, ("interpreter", "lava"), values(80), 80)

    assert verdict.level == "identical"


@pytest.mark.parametrize(
    ("name", "profile"),
    [
        ("delayed", "loihi2"),
        ("learned", "lava-0.10"),
        *(
            pytest.param(name, profile, marks=pytest.mark.slow)
            for name, profile in itertools.product(SENDERS, ("loihi2", "lava-0.10"))
            if (name, profile) not in (("delayed", "loihi2"), ("learned", "lava-0.10"))
        ),
    ],
)
def test_kernels_send_the_same_values(name, profile):
    program = lahar.compile(SENDERS[name])

    verdict = lahar.validate(
        program, ("sim", "interpreter"), values(80), 80, profile=profile
    )

    assert verdict.level == "identical"


def test_a_rule_hears_spikes_of_a_neuron_that_sends_values():
    """As it would of the same neuron that sends nothing but spikes."""

    def learned(neuron) -> lahar.Program:
        groups = (Group("pre", 4), Group("post", 2, neuron))
        learns = Projection("p", "pre", "post", np.full((2, 4), 0.3), rule=STDP())
        return lahar.compile(Network("heard", groups, (learns,), 1 * lahar.ms))

    both, plain = learned(Burst()), learned(replace(Burst(), send=None))
    stimulus = lahar.poisson(both, 100 * lahar.Hz, 200, 1 * lahar.ms, 5)

    stored = lahar.run(both, stimulus, 200, record="all")
    spikes = lahar.run(plain, stimulus, 200, "interpreter")

    assert (stored["post.s_out"] != 0).sum() > spikes["post.s_out"].sum() > 0
    assert np.array_equal(stored["post.spike"], spikes["post.s_out"])
    assert np.array_equal(stored.final["p.weights"], spikes.final["p.weights"])
    replays = [
        lahar.run(program, None, 200, "reference", given=recording)
        for program, recording in ((both, stored), (plain, spikes))
    ]
    assert np.array_equal(*(r.final["p.weights"] for r in replays))
    verdict = lahar.validate(both, ("interpreter", "lava"), stimulus, 60)
    assert verdict.level == "identical"


def test_text_keeps_what_is_sent():
    text, arrays = print_network(network())

    assert "send = v in [-1.0, 1.0]" in text
    assert "group in = input[3], graded in [-1.0, 1.0]" in text
    assert parse_network(text, arrays) == network()
    assert parse_neuron(print_neuron(Burst())) == Burst()


def test_a_graded_input_may_come_from_a_file(tmp_path):
    path = tmp_path / "values.npz"
    np.savez(path, **{"spikes.in": np.asarray(values(40).spikes["in"])})
    program = lahar.compile(network())

    read, given = (
        lahar.run(program, stimulus, 40, "interpreter")["middle.s_out"]
        for stimulus in (str(path), values(40))
    )

    assert np.array_equal(read, given)


def test_a_broken_value_is_found():
    broken = np.zeros((10, 3))
    broken[4, 1] = np.nan

    with pytest.raises(LaharError, match="input `in` is nan at step 5"):
        lahar.run(lahar.compile(network()), lahar.Stimulus({"in": broken}), 10)


def test_silence_and_random_values_fit_a_graded_input():
    program = lahar.compile(network())

    silent = lahar.run(program, "silent", 20, "interpreter")["in.s_out"]
    drawn = lahar.run(program, "poisson:rate=100Hz", 200, "interpreter")["in.s_out"]

    assert not silent.any()
    assert drawn.min() < 0 < drawn.max()
    assert 0.02 < (drawn != 0).mean() < 0.3


def test_loihi1_has_no_graded_spikes():
    with pytest.raises(LaharError, match=r"graded|program"):
        lahar.compile(network(), chip="loihi1")


def test_brian2_code_says_no_values():
    problems = list(check_exportable(network()))

    assert [p.projection for p in problems] == ["up", "on"]


def test_nir_and_program_files_keep_graded_networks(tmp_path):
    original = network(Burst, delay=3)
    program = lahar.compile(original)

    lahar.write_nir(original, tmp_path / "values.nir")
    program.save(tmp_path / "values.lahar")

    assert lahar.read_nir(tmp_path / "values.nir") == original
    assert lahar.load(tmp_path / "values.lahar") == program


@pytest.mark.parametrize("backend", ["sim", "reference"])
def test_values_may_be_given_in_pieces(backend):
    program = lahar.compile(SENDERS["delayed"])
    given = np.asarray(values(40).spikes["in"])
    whole = lahar.run(program, values(40), 40, backend)["middle.s_out"]

    live = lahar.start(program, backend=backend)
    pieces = [
        live.run(lahar.Stimulus({"in": given[a:b]}), steps=b - a)["middle.s_out"]
        for a, b in ((0, 13), (13, 40))
    ]

    assert np.array_equal(np.concatenate(pieces), whole)
