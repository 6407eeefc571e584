from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from lahar.hardware.lif_core import LifCore, find_lif_core
from lahar.hardware.program import NeuronPort, NeuronProgram, Op, Register

MakeLif = Callable[..., NeuronProgram]


def renamed(neuron: NeuronProgram, names: dict[str, str]) -> NeuronProgram:
    def new(name: str | int) -> str | int:
        return names.get(name, name) if isinstance(name, str) else name

    return replace(
        neuron,
        ports=tuple(replace(p, name=str(new(p.name))) for p in neuron.ports),
        registers=tuple(replace(r, name=str(new(r.name))) for r in neuron.registers),
        ops=tuple(
            Op(o.code, str(new(o.target)), tuple(new(a) for a in o.args))
            for o in neuron.ops
        ),
        spike=str(new(neuron.spike)),
    )


def test_the_constants_of_a_lif_neuron_are_found(make_lif: MakeLif) -> None:
    neuron = make_lif(du=411, dv=205, bias=-7, threshold=6400)

    assert find_lif_core(neuron) == LifCore("current", "u", "v", 411, 205, -7, 6400)


def test_names_do_not_matter(make_lif: MakeLif) -> None:
    names = {"u": "i_syn", "v": "V", "current": "in", "spike": "S"}
    neuron = renamed(make_lif(), names)

    found = find_lif_core(neuron)

    assert found is not None
    assert (found.port, found.current, found.voltage) == ("in", "i_syn", "V")


def test_a_copy_before_the_reset_is_allowed(make_lif: MakeLif) -> None:
    lif = make_lif()
    copy = Op("copy", "v_pre_reset", ("v",))
    elsewhere = (*lif.ops[:4], copy, *lif.ops[4:])

    assert find_lif_core(replace(lif, ops=(*lif.ops[:8], copy, *lif.ops[8:])))
    assert find_lif_core(replace(lif, ops=elsewhere)) is None


@pytest.mark.parametrize("position", range(10))
def test_an_operation_less_is_another_neuron(make_lif: MakeLif, position: int) -> None:
    lif = make_lif()
    ops = lif.ops[:position] + lif.ops[position + 1 :]

    assert find_lif_core(replace(lif, ops=ops)) is None


@pytest.mark.parametrize(
    ("position", "op"),
    [
        (0, Op("shl", "input", ("current", 5))),
        (1, Op("decay", "u", ("v", 410))),
        (1, Op("decay", "u", ("u", "current"))),
        (5, Op("add", "v", ("v", "input"))),
        (6, Op("add", "v", ("v", "u"))),
        (7, Op("saturate", "v", ("v", 0, 8388607))),
        (8, Op("ge", "spike", ("v", 6400))),
        (9, Op("select", "v", ("spike", 1, "v"))),
        (9, Op("select", "u", ("spike", 0, "u"))),
    ],
)
def test_another_wiring_is_another_neuron(
    make_lif: MakeLif, position: int, op: Op
) -> None:
    lif = make_lif()
    ops = (*lif.ops[:position], op, *lif.ops[position + 1 :])

    assert find_lif_core(replace(lif, ops=ops)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"spike": "v"},
        {"registers": (Register("v"),)},
        {"registers": (Register("u"), Register("v"), Register("calcium"))},
        {"ports": (NeuronPort("current", "synaptic"), NeuronPort("m", "modulator"))},
    ],
)
def test_more_state_or_ports_are_another_neuron(
    make_lif: MakeLif, change: dict[str, object]
) -> None:
    assert find_lif_core(replace(make_lif(), **change)) is None


def test_one_name_for_two_things_is_another_neuron(make_lif: MakeLif) -> None:
    assert find_lif_core(renamed(make_lif(), {"u": "v"})) is None
