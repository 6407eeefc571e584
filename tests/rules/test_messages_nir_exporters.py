"""What is said about files whose numbers are those of a framework's exporter.

tests/frontends/test_files_of_exporters.py has files that the exporters themselves
wrote.
"""

from itertools import pairwise

import nir
import numpy as np
import pytest

from lahar.rules.nir_read import read_nir


def _written(*neurons):
    """Write a chain of Affine and neurons, all of three."""
    nodes = {"input": nir.Input({"input": np.array([3])})}
    for place, neuron in enumerate(neurons):
        nodes[f"{2 * place}"] = nir.Affine(np.eye(3), np.zeros(3))
        nodes[f"{2 * place + 1}"] = neuron
    nodes["output"] = nir.Output({"output": np.array([3])})
    names = list(nodes)
    nir.write("x.nir", nir.NIRGraph(nodes, [*pairwise(names)]))


def _full(value):
    return np.full(3, value)


def _leaky(beta=0.9, step=1e-4):
    tau = _full(step / (1 - beta))
    return nir.LIF(tau, tau / step, _full(0.0), _full(1.0), _full(0.0))


def _lif_cell(tau_mem=1e-2, tau_syn=5e-3):
    taus = _full(tau_syn), _full(tau_mem)
    return nir.CubaLIF(*taus, _full(1.0), _full(0.0), _full(1.0), _full(0.0))


@pytest.fixture
def in_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_message_about_an_exporter_is_the_golden_one(case, assert_golden):
    assert_golden(case)


@pytest.mark.case("N733")
def _unknown_exporter():
    _written(_leaky())
    read_nir("x.nir", 1e-4, exporter="spyx")


@pytest.mark.case("N734")
def _another_step_than_snntorchs():
    _written(_leaky())
    read_nir("x.nir", 1e-3, reset="hard")


@pytest.mark.case("N735")
def _a_reset_that_nobody_says():
    _written(_leaky())
    read_nir("x.nir", 1e-4)


@pytest.mark.case("N736")
def _thousandths_of_norse():
    _written(_lif_cell(1e-5, 5e-6))
    read_nir("x.nir", 1e-3)


@pytest.mark.case("N737")
def _gains_that_norse_loses():
    _written(_lif_cell(), nir.IF(_full(1.0), _full(1.0)))
    read_nir("x.nir", 1e-3)


# --- and what is not said -----------------------------------------------------------


def test_a_file_of_another_tool_is_read_without_a_word(in_folder, recwarn):
    _written(_leaky(step=1e-3), nir.IF(_full(1000.0), _full(1.0)))

    network = read_nir("x.nir", 1e-3)

    assert not recwarn.list
    assert [g.neuron.name for g in network.groups[1:]] == ["LIF", "IF"]


def test_what_is_said_is_not_asked_for(in_folder, recwarn):
    _written(_leaky())

    read_nir("x.nir", 1e-4, reset="subtract-late")

    assert not recwarn.list


def test_what_snntorch_meant_by_a_step_stays_at_any_dt(in_folder):
    _written(_leaky(0.9), _leaky(0.75))

    for dt in (1e-4, 1e-3, 2.5e-3):
        network = read_nir("x.nir", dt, reset="hard", exporter="snntorch")

        taus = [g.neuron.param_values["tau"] for g in network.groups[1:]]
        np.testing.assert_allclose(1 - dt / np.array(taus), [0.9, 0.75], rtol=1e-12)
        for projection in network.projections:
            np.testing.assert_allclose(projection.weights, np.eye(3), rtol=1e-12)


def test_what_norse_lost_is_undone(in_folder):
    for shortened in (1.0, 1000.0):  # to_nir(dt=1.0) writes time constants right
        _written(_lif_cell(1e-2 / shortened, 5e-3 / shortened))

        (neurons,) = read_nir("x.nir", 1e-3, exporter="norse").groups[1:]

        values = neurons.neuron.param_values
        assert values["tau_v"] == pytest.approx(1e-2)
        assert values["tau_u"] == pytest.approx(5e-3)
