"""The open loop: what a recording replays, what is computed and counted.

Section numbers are those of docs/semantics.md.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lahar.compiler.demonstration import neuron_for
from lahar.diagnostics import LaharError
from lahar.hardware.learning import Learning, TraceProgram
from lahar.hardware.program import (
    Connection,
    Modulator,
    NeuronOutput,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
    SignMode,
    Source,
    View,
)
from lahar.rules.expr import every, post, pre, sign, w
from lahar.rules.language import Modulator as RuleModulator
from lahar.rules.language import Rule, Tag, Trace
from lahar.rules.library import LIF, RULES, STDP, InhibitorySTDP, RewardSTDP
from lahar.rules.network import Group, Network, Projection
from lahar.rules.printer import print_network
from lahar.rules.rule import LearningRule
from lahar.sim import reference_synapses
from lahar.sim.recording import Provenance, Recording
from lahar.sim.reference import network_of, run_reference, run_reference_of_program
from lahar.sim.reference_gates import ALWAYS, NEVER, gates_of
from lahar.sim.reference_names import reference_variables
from lahar.sim.stimulus import Stimulus, poisson

DT = 1e-3
NOTHING = Stimulus()


def network_with(rule: LearningRule) -> Network:
    random = np.random.default_rng(5)
    low = -0.5 if rule.polarity == "mixed" else 0.1
    strength = 2.0 if rule.polarity == "inhibitory" else 0.5
    return Network(
        "net",
        (
            Group("pre", 6),
            Group("post", 3, neuron_for(rule).with_params(threshold=0.4)),
        ),
        (
            Projection(
                "synapse", "pre", "post", random.uniform(low, 0.9, (3, 6)), rule=rule
            ),
            Projection("drive", "pre", "post", random.uniform(0, strength, (3, 6))),
        ),
        DT,
    )


def recording_of(
    variables: dict[str, np.ndarray], units: str = "rule", views: tuple[View, ...] = ()
) -> Recording:
    steps = len(next(iter(variables.values())))
    provenance = Provenance(
        backend="test",
        steps=steps,
        dt_seconds=DT,
        units=units,  # type: ignore[arg-type]
    )
    return Recording(variables, {}, provenance, views)


def closed(network: Network, stimulus: Stimulus, steps: int) -> Recording:
    record = frozenset(reference_variables(network))
    trajectory = run_reference(network, stimulus, steps, record=record)
    return recording_of(dict(trajectory.variables))


@pytest.mark.parametrize("name", sorted(RULES))
def test_replaying_a_closed_loop_gives_the_same_weights_bit_for_bit(name: str) -> None:
    network = network_with(RULES[name])
    recorded = closed(network, poisson(network, 60, 200, DT, seed=4), 200)
    assert recorded["post.s_out"].any()

    replayed = run_reference(
        network, NOTHING, 200, record=frozenset({"synapse.weights"}), given=recorded
    )

    assert np.array_equal(
        replayed.variables["synapse.weights"], recorded["synapse.weights"]
    )


def test_only_synapses_are_computed_and_other_names_are_refused() -> None:
    network = network_with(STDP())
    recorded = closed(network, poisson(network, 60, 20, DT, seed=4), 20)

    replayed = run_reference(network, NOTHING, 20, given=recorded)

    assert set(replayed.final) == {
        *("synapse.weights", "synapse.x", "synapse.y"),
        *("synapse.updates", "synapse.travel"),
    }
    with pytest.raises(LaharError, match="S420"):
        run_reference(
            network, NOTHING, 20, given=recorded, record=frozenset({"post.v"})
        )


@pytest.mark.parametrize("large", [False, True])
def test_updates_count_steps_with_an_open_gate_and_travel_sums_changes(
    large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        monkeypatch.setattr(reference_synapses, "BLOCK_COST", -(1 << 20))
    network = network_with(STDP(a_plus=0.3, a_minus=0.3))
    recorded = closed(network, poisson(network, 60, 300, DT, seed=4), 300)

    replayed = run_reference(
        network, NOTHING, 300, record=frozenset({"synapse.weights"}), given=recorded
    )

    pre_spiked = recorded["pre.s_out"][:, None, :] != 0
    post_spiked = recorded["post.s_out"][:, :, None] != 0
    updates = (pre_spiked | post_spiked).sum(axis=0)
    assert np.array_equal(replayed.final["synapse.updates"], updates)
    start = network.projection("synapse").weights[None]
    weights = np.concatenate([start, replayed.variables["synapse.weights"]])
    travel = np.abs(np.diff(weights, axis=0)).sum(axis=0)
    assert replayed.final["synapse.travel"] == pytest.approx(travel, rel=1e-12)


def test_gates_are_the_spikes_without_which_nothing_changes() -> None:
    class Mixed(Rule):
        x = Trace(pre, tau=0.02)
        tag = Tag()
        reward = RuleModulator()
        dw = x * post * every(4) - 0.5 * pre + 0 * tag
        dtag = -((sign(pre) * w) ** 2) / 3
        bounds = (0.0, 1.0)

    rule = Mixed()
    found = {u.target: gates_of(u.expr, rule.param_values) for u in rule.updates}

    assert found["w"] == {frozenset({post, every(4)}), frozenset({pre})}
    assert found["tag"] == {frozenset({pre})}
    assert gates_of(RewardSTDP().updates[0].expr, {"rate": 0.1}) == ALWAYS
    assert gates_of(RewardSTDP().updates[0].expr, {"rate": 0.0}) == NEVER
    assert gates_of(pre + pre * post, {}) == {frozenset({pre})}


def test_an_open_loop_says_what_the_recording_lacks() -> None:
    network = network_with(RULES["delta"])
    recorded = recording_of({"pre.s_out": np.zeros((10, 6))})

    with pytest.raises(LaharError) as error:
        run_reference(network, NOTHING, 10, given=recorded)

    missing = {d.message for d in error.value.diagnostics}
    assert {d.code for d in error.value.diagnostics} == {"S453"}
    assert len(missing) == 2
    assert any("`post.s_out`" in m for m in missing)
    assert any("`post.error`" in m for m in missing)


def test_an_open_loop_runs_no_longer_than_was_recorded() -> None:
    network = network_with(STDP())
    recorded = closed(network, poisson(network, 60, 20, DT, seed=4), 20)

    with pytest.raises(LaharError, match="S454"):
        run_reference(network, NOTHING, 21, given=recorded)
    run_reference(network, NOTHING, 19, given=recorded)


# --- of a Program -----------------------------------------------------------------

WEIGHT_SCALE, TRACE_SCALE, REWARD_SCALE = 200.0, 40.0, 63.0


def program_of(rule: LearningRule) -> Program:
    """A Program that is compiled by hand: weights, one trace, the reward as y2."""
    network = network_with(rule)
    inhibitory = rule.polarity == "inhibitory"
    scale = -WEIGHT_SCALE if inhibitory else WEIGHT_SCALE
    text, arrays = print_network(network)
    neuron = NeuronProgram(
        ports=(NeuronPort("current", "synaptic"), NeuronPort("reward", "modulator")),
        registers=(Register("v"), Register("only_here")),
        ops=(
            Op("add", "v", ("v", "current")),
            Op("gt", "spike", ("v", 100)),
            Op("select", "v", ("spike", 0, "v")),
            Op("add", "sent", ("reward", 64)),
        ),
        spike="spike",
        outputs=(NeuronOutput("sent", "sent"),),
    )
    learning = Learning(1, (), {"x1": TraceProgram(40, 5120)}, {"y2": "sent"})
    parts = {
        p.name: np.rint(p.weights * scale).astype(int) for p in network.projections
    }
    return Program(
        name="by hand",
        chip="loihi2",
        profile="loihi2",
        dt_seconds=DT,
        populations=(Population("pre", 6), Population("post", 3, neuron)),
        connections=(
            Connection(
                "synapse", "pre", "post", "current", parts["synapse"],
                sign_mode=SignMode.INHIBITORY if inhibitory else SignMode.EXCITATORY,
                learning=learning,
            ),
            Connection("drive", "pre", "post", "current", parts["drive"]),
        ),
        modulators=(Modulator("reward", REWARD_SCALE, -64, 63, (("post", "reward"),)),),
        views=(
            View("synapse.weights", "synapse.weights", scale),
            View("synapse.x1", "synapse.x", TRACE_SCALE),
            View("post.sent", "synapse.reward", REWARD_SCALE, 64),
        ),
        source=Source(text, arrays),
    )  # fmt: skip


def test_a_program_gives_its_own_names_in_the_rules_units() -> None:
    program = program_of(RewardSTDP())
    network = network_of(program)
    stimulus = poisson(program, 60, 100, DT, seed=4)
    expected = run_reference(
        network, stimulus, 100, record=frozenset(reference_variables(network))
    )

    recording = run_reference_of_program(program, stimulus, 100, record="all")

    assert set(recording.variables) == {
        *("pre.s_out", "post.s_out", "post.v", "post.sent", "synapse.a_out"),
        *("synapse.weights", "synapse.x1", "drive.a_out"),
    }
    for name, symbol in (
        ("synapse.x1", "synapse.x"),
        ("post.sent", "synapse.reward"),
        ("post.v", "post.v"),
    ):
        assert np.array_equal(recording.variables[name], expected.variables[symbol])


def test_rule_names_can_be_recorded_too_and_unknown_ones_are_refused() -> None:
    program = program_of(RewardSTDP())
    stimulus = poisson(program, 60, 10, DT, seed=4)

    recording = run_reference_of_program(
        program, stimulus, 10, record=["synapse.tag", "post.only_here"]
    )
    assert tuple(recording.variables) == ("synapse.tag",)

    with pytest.raises(LaharError, match="S420"):
        run_reference_of_program(program, stimulus, 10, record=["synapse.tog"])


def test_an_open_loop_reads_stored_integers_through_views() -> None:
    program = program_of(RewardSTDP())
    random = np.random.default_rng(1)
    sent = random.integers(1, 128, (50, 3))
    given = recording_of(
        {
            "pre.s_out": (random.random((50, 6)) < 0.2).astype(np.uint8),
            "post.s_out": (random.random((50, 3)) < 0.2).astype(np.uint8),
            "post.sent": sent.astype(np.int32),
        },
        "stored",
        program.views,
    )

    recording = run_reference_of_program(program, NOTHING, 50, given=given)

    in_rule_units = recording_of(
        {
            "pre.s_out": given["pre.s_out"],
            "post.s_out": given["post.s_out"],
            "synapse.reward": (sent - 64) / REWARD_SCALE,
        },
        views=(View("synapse.reward", "synapse.reward", 1.0),),
    )
    expected = run_reference(network_of(program), NOTHING, 50, given=in_rule_units)
    assert np.array_equal(
        recording.final["synapse.weights"], expected.final["synapse.weights"]
    )
    assert "synapse.updates" in recording.final


def test_a_modulator_that_was_not_recorded_acts_as_the_port_got_it() -> None:
    program = program_of(RewardSTDP())
    random = np.random.default_rng(1)
    spikes = {
        "pre.s_out": (random.random((50, 6)) < 0.2).astype(np.uint8),
        "post.s_out": (random.random((50, 3)) < 0.2).astype(np.uint8),
    }
    given = recording_of(spikes, "stored", program.views)
    reward = random.uniform(-1, 1, 50)

    with pytest.raises(LaharError, match="S453"):
        run_reference_of_program(program, NOTHING, 50, given=given)
    recording = run_reference_of_program(
        program, Stimulus({}, {"reward": reward}), 50, given=given
    )

    quantised = np.rint(reward * REWARD_SCALE) / REWARD_SCALE  # section 9
    expected = run_reference(
        network_of(program), Stimulus({}, {"reward": quantised}), 50, given=given
    )
    assert np.array_equal(
        recording.final["synapse.weights"], expected.final["synapse.weights"]
    )
    raw = run_reference(
        network_of(program), Stimulus({}, {"reward": reward}), 50, given=given
    )
    assert not np.array_equal(
        recording.final["synapse.weights"], raw.final["synapse.weights"]
    )


def test_what_travels_in_few_bits_is_replayed_rather_than_the_register() -> None:
    network = network_with(RULES["delta"])
    spikes = {"pre.s_out": np.ones((5, 6)), "post.s_out": np.zeros((5, 3))}
    views = (
        View("post.error_register", "post.error", 4096.0),
        View("post.sent", "post.error", 63.0, 64),
    )
    given = recording_of(
        {
            **spikes,
            "post.error_register": np.full((5, 3), 4096),
            "post.sent": np.full((5, 3), 64 + 32),
        },
        "stored",
        views,
    )

    run = run_reference(network, NOTHING, 1, given=given)

    eta = network.projection("synapse").rule.param_values["eta"]  # type: ignore[union-attr]
    change = run.final["synapse.weights"] - network.projection("synapse").weights
    assert change == pytest.approx(np.full((3, 6), eta * 32 / 63))


def test_a_frozen_program_runs_without_its_rule_and_keeps_its_sign() -> None:
    program = program_of(InhibitorySTDP(eta=0.1)).frozen()
    stimulus = poisson(program, 100, 50, DT, seed=4)

    recording = run_reference_of_program(program, stimulus, 50, record="all")

    assert "synapse.weights" not in recording.variables
    pre_spikes = np.asarray(stimulus.spikes["pre"], float)
    weights = network_with(InhibitorySTDP()).projection("synapse").weights
    assert recording.variables["synapse.a_out"][1:] == pytest.approx(
        -(pre_spikes @ weights.T)[:-1]
    )


def test_a_program_without_a_rule_or_with_other_weights_is_refused() -> None:
    program = program_of(RewardSTDP())
    stimulus = poisson(program, 60, 10, DT, seed=4)

    with pytest.raises(LaharError, match="S455"):
        run_reference_of_program(replace(program, source=None), stimulus, 10)
    other = program.connection("synapse").weights + 5
    with pytest.raises(LaharError, match="S456"):
        run_reference_of_program(program.with_weights({"synapse": other}), stimulus, 10)


def test_lif_needs_no_recording_of_its_voltage() -> None:
    network = replace(
        network_with(STDP()), groups=(Group("pre", 6), Group("post", 3, LIF()))
    )
    spikes = {"pre.s_out": np.ones((5, 6)), "post.s_out": np.ones((5, 3))}

    run = run_reference(network, NOTHING, 5, given=recording_of(spikes))

    assert np.isfinite(run.final["synapse.weights"]).all()
