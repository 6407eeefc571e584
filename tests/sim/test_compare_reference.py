"""A recording against the float reference: budgets in an open loop, else metrics."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lahar.diagnostics import LaharError
from lahar.hardware.budget import Budget
from lahar.hardware.program import View
from lahar.sim import compare as comparing
from lahar.sim import spike_train_distances
from lahar.sim.compare import compare
from lahar.sim.compare_budget import bound_lsb
from lahar.sim.metrics import spike_metrics, value_metrics
from lahar.sim.recording import Provenance, Recording

WEIGHTS = "synapse.weights"


def small(
    variables: dict[str, np.ndarray],
    backend: str = "sim",
    final: dict[str, np.ndarray] | None = None,
    views: tuple[View, ...] = (),
    budgets: tuple[Budget, ...] = (),
    **changes: object,
) -> Recording:
    provenance = Provenance(
        backend=backend,
        steps=2,
        dt_seconds=1e-3,
        profile="loihi2",
        seed=0,
        program_checksum="p",
        stimulus_checksum="s",
    )
    provenance = replace(provenance, **changes)  # type: ignore[arg-type]
    return Recording(variables, final or {}, provenance, views, budgets)


def judged(
    error_lsb: np.ndarray, budget: Budget, scale: float = 100.0
) -> tuple[Recording, Recording]:
    """A stored recording and its open loop, whose weights are that far apart."""
    sim = small(
        {},
        final={WEIGHTS: np.rint(50 + error_lsb).astype(np.int32)},
        views=(View(WEIGHTS, WEIGHTS, scale, 10),),
        budgets=(budget,),
    )
    rule = small(
        {},
        "reference",
        final={
            WEIGHTS: np.full(error_lsb.shape, 40 / scale),
            "synapse.updates": np.full(error_lsb.shape, 16.0),
            "synapse.travel": np.full(error_lsb.shape, 0.5),
        },
        units="rule",
        open_loop_of=sim.checksum,
    )
    return sim, rule


@pytest.mark.parametrize("scale", [100.0, -100.0])
def test_an_error_within_the_bound_is_within_budget(scale: float) -> None:
    # 0.02 * 50 LSB + 0.25 * 16 + sqrt(4**2 + 2 ln 4) * sqrt(0.25 * 16) + 1 = 14.665
    budget = Budget("synapse", 0.02, 0.25, 0.25)
    errors = np.array([[0, 13], [-14, 3]])
    sim, rule = judged(errors, budget, scale)

    verdict = compare(sim, rule)

    assert verdict.level == "within budget"
    verdict.require()
    (check,) = verdict.budgets
    assert (check.index, check.outside, check.synapses) == ((1, 0), 0, 4)
    assert (check.error, check.bound) == (14.0, pytest.approx(14.665, abs=1e-3))
    assert (check.updates, check.travel) == (16, pytest.approx(50))


def test_an_error_outside_the_bound_diverges_and_names_the_worst_synapse() -> None:
    sim, rule = judged(
        np.array([[15, 0], [0, 40]]), Budget("synapse", 0.02, 0.25, 0.25)
    )

    verdict = compare(rule, sim)

    assert verdict.level == "diverged"
    assert verdict.budgets[0].index == (1, 1)
    assert verdict.budgets[0].outside == 2
    with pytest.raises(LaharError, match="V606") as error:
        verdict.require()
    assert error.value.exit_code == 1


def test_a_synapse_without_updates_may_be_off_by_a_rounding_alone() -> None:
    bound = bound_lsb(Budget("s", 0.5, 0.5, 0.5), np.zeros(1), np.zeros(1))

    assert bound.tolist() == [1.0]


@pytest.mark.parametrize("synapses", [1, 2000, 10**6])
def test_the_chance_that_any_synapse_is_outside_stays_small(synapses: int) -> None:
    budget = Budget("s", 0.0, 0.0, 1.0)
    ones = np.ones(synapses)

    bound = bound_lsb(budget, ones, 0 * ones)[0] - 1  # the rounding

    outside = math.erfc(bound / math.sqrt(2))  # of a normal error of variance 1
    assert 1e-5 < outside * synapses < 1e-3


def test_a_bias_counts_in_both_directions() -> None:
    down = bound_lsb(Budget("s", 0.0, -0.5, 0.0), np.full(1, 8.0), np.zeros(1))

    assert down.tolist() == [5.0]


def test_a_loop_that_replayed_something_else_is_refused() -> None:
    sim, rule = judged(np.zeros((2, 2)), Budget("synapse", 0, 0, 0))
    changed = replace(sim, final={WEIGHTS: sim.final[WEIGHTS] + 1})

    with pytest.raises(LaharError, match="V604"):
        compare(changed, rule)


def test_a_replay_needs_no_stimulus_of_its_own() -> None:
    sim, rule = judged(np.zeros((2, 2)), Budget("synapse", 0, 0, 0))
    other = replace(rule, provenance=replace(rule.provenance, stimulus_checksum="t"))

    assert compare(sim, other).level == "within budget"


def test_a_missing_budget_view_or_count_is_refused() -> None:
    sim, rule = judged(np.zeros((2, 2)), Budget("synapse", 0, 0, 0))

    with pytest.raises(LaharError, match="V608"):
        compare(replace(sim, budgets=()), rule)
    with pytest.raises(LaharError, match="V609"):
        compare(replace(sim, views=()), rule)
    without = {n: v for n, v in rule.final.items() if n != "synapse.travel"}
    with pytest.raises(LaharError, match=r"`synapse\.travel`"):
        compare(sim, replace(rule, final=without))


# --- closed loops -----------------------------------------------------------------


def test_closed_loops_give_metrics_and_no_verdict() -> None:
    spikes = np.array([[1, 0], [0, 1]], np.uint8)
    view = View(WEIGHTS, WEIGHTS, 10.0)
    sim = small(
        {"post.s_out": spikes, "post.v": np.zeros((2, 2))},
        final={WEIGHTS: np.array([[1, 2], [3, 4]])},
        views=(view,),
    )
    rule = small(
        {"post.s_out": spikes, "post.v": np.zeros((2, 2))},
        "reference",
        final={WEIGHTS: np.array([[0.1, 0.2], [0.3, 0.5]])},
        units="rule",
    )

    verdict = compare(sim, rule)

    assert verdict.level == "metrics"
    assert set(verdict.metrics) == {"post.s_out", WEIGHTS}  # v has no view
    assert verdict.metrics["post.s_out"]["van_rossum"] == 0.0
    assert verdict.metrics[WEIGHTS]["rmse"] == pytest.approx(0.05)
    with pytest.raises(LaharError, match="V607"):
        verdict.require()


def test_rates_and_distances_of_spike_trains() -> None:
    one = np.zeros((1000, 2))
    one[500, 0] = 1
    two = np.zeros((1000, 2))

    metrics = spike_metrics(one, two, 1e-3)

    assert metrics["rate_first"] == pytest.approx(0.5)
    assert metrics["rate_difference"] == pytest.approx(0.5)
    # One spike alone has the squared distance 1/2; the other neuron has none.
    assert metrics["van_rossum"] == pytest.approx(math.sqrt(0.25))
    assert metrics["coincident"] == 0.0


def test_close_spikes_are_nearer_than_far_ones() -> None:
    def distance(lag: int) -> float:
        trains = np.zeros((2, 400, 1))
        trains[0, 100] = trains[1, 100 + lag] = 1
        return spike_metrics(trains[0], trains[1], 1e-3)["van_rossum"]

    # Two spikes a lag apart: 1 - exp(-lag / tau), with tau = 10 ms.
    for lag in (0, 1, 5, 30):
        assert distance(lag) ** 2 == pytest.approx(1 - math.exp(-lag / 10), abs=1e-9)


def test_values_have_an_error_and_a_correlation_unless_one_is_constant() -> None:
    a = np.arange(6.0)

    assert value_metrics(a, 2 * a + 1)["correlation"] == pytest.approx(1.0)
    assert value_metrics(a, a + 2)["rmse"] == pytest.approx(2.0)
    assert "correlation" not in value_metrics(a, np.ones(6))


def test_verdicts_read_as_text(
    golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (comparing, spike_train_distances):  # whatever is installed here
        needed = spike_train_distances.PACKAGES
        monkeypatch.setattr(module, "missing_packages", lambda needed=needed: needed)
    sim, rule = judged(np.array([[3, 0], [0, 4]]), Budget("synapse", 0.02, 0.25, 0.25))
    far, its_rule = judged(
        np.array([[15, 0], [0, 40]]), Budget("synapse", 0.02, 0.25, 0.25)
    )
    spikes = {"post.s_out": np.eye(2, dtype=np.uint8)}
    closed = small(spikes), small(spikes, "reference", units="rule")
    texts = [compare(*p).render() for p in ((sim, rule), (far, its_rule), closed)]
    golden("verdict_with_reference", "\n\n".join(texts) + "\n")
