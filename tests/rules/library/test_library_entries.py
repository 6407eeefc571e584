"""What every entry of the library promises, whatever it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lahar
from lahar.compiler.demonstration import network_of_rule, neuron_for
from lahar.rules.check import check_rule_on_neuron
from lahar.rules.check_neuron import check_neuron
from lahar.rules.check_rule import check_rule
from lahar.rules.library import NEURONS, RULES


@pytest.mark.parametrize("name", RULES)
def test_a_rule_says_which_paper_it_comes_from(name: str) -> None:
    assert re.search(r"\b(19|20)\d\d\b", RULES[name].doc)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_finds_a_neuron_that_has_what_it_reads(name: str) -> None:
    rule = RULES[name]

    assert check_rule(rule) == []
    assert check_rule_on_neuron(rule, neuron_for(rule)) == []


@pytest.mark.parametrize("name", NEURONS)
def test_a_neuron_model_is_sound(name: str) -> None:
    assert check_neuron(NEURONS[name]) == []


@pytest.mark.parametrize("name", RULES)
def test_a_rule_alone_spikes_and_moves_weights_on_the_chip(name: str) -> None:
    program = lahar.compile(RULES[name], chip="loihi2", pre=20, post=5)

    run = lahar.run(program, "poisson:rate=20Hz", 400, "interpreter", record="all")

    weights = run["synapse.weights"]
    moved = (weights[-1] != weights[0]).mean()
    assert run["post.s_out"].sum() > 5
    assert moved > 0.25


@pytest.mark.parametrize("name", RULES)
def test_a_rule_and_its_neuron_travel_in_nir(name: str, tmp_path: Path) -> None:
    network = network_of_rule(RULES[name], dt_seconds=1e-3, pre=3, post=2)

    lahar.write_nir(network, tmp_path / "net.nir")
    read = lahar.read_nir(tmp_path / "net.nir")

    assert read.projection("synapse").rule == RULES[name]
    assert read.group("post").neuron == network.group("post").neuron
