"""Weights as users write them: lists become arrays, nonsense is refused."""

from __future__ import annotations

import numpy as np
import pytest

from lahar import Group, LaharError, Projection
from lahar.rules.library.neurons import LIF
from lahar.rules.library.stdp import STDP


def test_a_list_of_lists_is_taken_as_weights():
    projection = Projection("p", "a", "b", [[1, 2], [3, 4]])

    assert projection.weights.dtype == np.float64
    assert projection.weights.shape == (2, 2)


@pytest.mark.parametrize("weights", [[[1.0], [2.0, 3.0]], "many"])
def test_weights_that_are_no_table_of_numbers_are_refused(weights):
    with pytest.raises(LaharError, match="R122"):
        Projection("p", "a", "b", weights)


def test_the_class_of_a_rule_or_neuron_stands_for_what_it_declares():
    assert Projection("p", "a", "b", [[1]], rule=STDP).rule == STDP.declared
    assert Group("b", 1, LIF).neuron == LIF.declared
