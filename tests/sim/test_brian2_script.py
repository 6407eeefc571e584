"""The Brian2 script of a network reads as it should, and is refused where it must be.

No Brian2 is needed here; tests/sim/test_brian2.py runs such scripts.
"""

from __future__ import annotations

import ast
import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lahar
from lahar.diagnostics import LaharError
from lahar.exporting_brian2 import export_brian2
from lahar.hardware.program import Program
from lahar.rules.library import RULES
from lahar.sim.brian2_runner import brian2_script
from lahar.sim.brian2_script import Brian2Script
from lahar.sim.brian2_text import RESERVED, safe_name
from lahar.sim.reference import network_of
from lahar.sim.stimulus import Stimulus
from lahar.units import ms

STEPS = 20


def program_of(rule: str) -> Program:
    return lahar.compile(RULES[rule], dt=1 * ms, pre=3, post=2)


def stimulus_of(program: Program, steps: int) -> Stimulus:
    return Stimulus(
        {"pre": np.zeros((steps, 3), np.uint8)},
        {m.name: np.zeros(steps) for m in program.modulators},
    )


def script_of(rule: str, **options: lahar.Recording) -> Brian2Script:
    program = program_of(rule)
    network, stimulus = network_of(program), stimulus_of(program, STEPS)
    return brian2_script(network, stimulus, STEPS, **options)


def test_a_network_with_a_third_factor_as_a_script(golden) -> None:
    golden("brian2_stdp_reward", script_of("stdp-reward").text)


def test_an_open_loop_replays_both_sides_and_counts(golden) -> None:
    program = program_of("stdp-reward")
    stimulus = stimulus_of(program, STEPS)
    chip = lahar.run(program, stimulus, STEPS, "interpreter", record="all")
    golden("brian2_stdp_reward_replayed", script_of("stdp-reward", given=chip).text)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_the_script_of_every_library_rule_is_python_with_its_arrays(rule: str) -> None:
    script = script_of(rule)
    ast.parse(script.text)
    read = {key for key in script.arrays if f'"{key}"' in script.text}
    assert read == set(script.arrays)


def test_names_that_brian2_keeps_for_itself_get_another_ending() -> None:
    for name in (*RESERVED, "x_pre", "y_post", "_z", "2nd", "a b"):
        safe = safe_name(name)
        assert safe.isidentifier()
        assert safe not in RESERVED
        assert not safe.endswith(("_pre", "_post"))
        assert not safe.startswith("_")


def test_a_delay_of_weights_that_learn_is_refused() -> None:
    network = network_of(program_of("stdp"))
    late = tuple(replace(p, delay=2) for p in network.projections)
    stimulus = Stimulus({"pre": np.zeros((STEPS, 3), np.uint8)}, {})
    with pytest.raises(LaharError, match="S470"):
        brian2_script(replace(network, projections=late), stimulus, STEPS)


def test_neurons_that_wait_for_their_first_step_are_refused() -> None:
    network = network_of(program_of("stdp"))
    waiting = tuple(replace(g, latency=2) if g.neuron else g for g in network.groups)
    stimulus = Stimulus({"pre": np.zeros((STEPS, 3), np.uint8)}, {})
    with pytest.raises(LaharError, match=r"S470[\s\S]*latency"):
        brian2_script(replace(network, groups=waiting), stimulus, STEPS)


def test_without_brian2_the_backend_says_what_to_install() -> None:
    if importlib.util.find_spec("brian2") is not None:
        pytest.skip("Brian2 is installed")
    with pytest.raises(LaharError, match="B510") as caught:
        lahar.run(program_of("stdp"), "silent", 5, "brian2")
    assert caught.value.exit_code == 3


def test_a_path_that_is_no_script_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LaharError, match="U920"):
        export_brian2(program_of("stdp"), tmp_path / "net.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(LaharError, match="U922"):
        export_brian2(program_of("stdp"), tmp_path / "none" / "net.py")
    assert list(tmp_path.iterdir()) == []
