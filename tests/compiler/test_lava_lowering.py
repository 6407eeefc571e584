"""Lowering to Lava: what is written, what is left to Lava, what is refused."""

from __future__ import annotations

import ast
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lahar.compiler.lava.lif_core import lava_lif
from lahar.compiler.lava.lower import lower_to_lava
from lahar.compiler.lava.rule_text import rule_texts
from lahar.diagnostics import LaharError
from lahar.hardware.lava_bundle import LavaBundle
from lahar.hardware.learning import Factor, Learning, Product, TraceProgram
from lahar.hardware.program import (
    Connection,
    NeuronOutput,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
    SignMode,
)
from lahar.hardware.variables import state_variables

LIF_OPS = (
    Op("shl", "input", ("current", 6)),
    Op("decay", "u", ("u", 401)),
    Op("add", "u", ("u", "input")),
    Op("wrap", "u", ("u",)),
    Op("decay", "v", ("v", 128)),
    Op("add", "v", ("v", "u")),
    Op("add", "v", ("v", -5)),
    Op("saturate", "v", ("v", -8388607, 8388607)),
    Op("copy", "v_pre_reset", ("v",)),
    Op("gt", "spike", ("v", 6400)),
    Op("select", "v", ("spike", 0, "v")),
)
LIF = NeuronProgram(
    ports=(NeuronPort("current", "synaptic"),),
    registers=(Register("u"), Register("v", initial=7)),
    ops=LIF_OPS,
    spike="spike",
    membrane="v",
)
SENDING = replace(
    LIF,
    ports=(*LIF.ports, NeuronPort("reward", "modulator")),
    ops=(*LIF_OPS, Op("shr", "sent", ("v_pre_reset", 6))),
    outputs=(NeuronOutput("voltage", "sent"), NeuronOutput("reward", "reward")),
)
STDP = Learning(
    1,
    (
        Product("w", "y0", (Factor("x1"),), 2, -2),
        Product("w", "x0", (Factor("y1"),), -3, -2),
    ),
    {"x1": TraceProgram(40, 5120), "y1": TraceProgram(30, 2560, 100)},
)


def learning_of(*products: Product, **more: object) -> Learning:
    return replace(STDP, products=products, **more)


def program_of(
    neuron: NeuronProgram | None, learning: Learning | None, name: str = "post"
) -> Program:
    weights = np.full((2, 3), 10, np.int32)
    synapse = Connection(
        "synapse", "pre", name, "current", weights, -1, 6, SignMode.EXCITATORY, learning
    )
    populations = (Population("pre", 3), Population(name, 2, neuron))
    return Program("small", "loihi2", "lava-0.10", 1e-3, populations, (synapse,))


def codes_of(program: Program) -> list[str]:
    with pytest.raises(LaharError) as raised:
        lower_to_lava(program)
    return [d.code for d in raised.value.diagnostics]


def processes_of(bundle: LavaBundle) -> str:
    return bundle.files["processes/lahar_processes.py"]


def test_a_rule_is_written_gate_first_and_scale_last() -> None:
    learning = learning_of(
        Product("w", "u", (Factor("t"), Factor("y2", -64)), -1, -3),
        Product("w", "x0", (Factor("w", 200, sign=True),), 7, 8),
        Product("t", "y0", (Factor("x0"), Factor("x1")), -8, 8),
        decimate_exponent=3,
    )

    texts = {target: rule.text for target, rule in rule_texts(learning).items()}

    assert texts == {
        "w": "-u3*t*(y2-64)*1*2^-3+x0*sgn(w+200)*7*2^8",
        "t": "-y0*x0*x1*8*2^8",
    }


factors = st.one_of(
    st.builds(
        Factor,
        st.sampled_from(["x0", "x1", "x2", "y0", "y1", "y2", "y3", "w", "t", "d"]),
        st.integers(-300, 300),
    ),
    st.builds(
        Factor, st.sampled_from(["w", "t", "d"]), st.integers(-300, 300), st.just(True)
    ),
)
products = st.builds(
    Product,
    st.sampled_from(["w", "t", "d"]),
    st.sampled_from(["x0", "y0", "u"]),
    st.lists(factors, max_size=4).map(tuple),
    st.integers(-8, 7),
    st.integers(-7, 8),
)


@settings(max_examples=200, deadline=None)
@given(products=st.lists(products, min_size=1, max_size=4), k=st.integers(0, 9))
def test_lava_reads_every_rule_as_it_was_meant(products: list[Product], k: int) -> None:
    series = pytest.importorskip("lava.magma.core.learning.product_series")
    equations = pytest.importorskip("lava.magma.core.learning.symbolic_equation")
    learning = learning_of(*products, decimate_exponent=k)

    for target, rule in rule_texts(learning).items():
        equation = equations.SymbolicEquation(f"d{target}", rule.text)
        read = tuple(
            (
                p.dependency,
                p.s_mantissa,
                p.s_exp - 7,
                tuple((f.state_var, f.const, f.is_sgn) for f in p.factors),
            )
            for p in series.ProductSeries(equation).products
        )
        assert read == rule.parsed
        meant = [p for p in products if p.target == target]
        assert [p[0] for p in read] == [p.gate for p in meant]
        assert [p[1] * 2.0 ** p[2] for p in read] == [
            p.mantissa * 2.0**p.exponent for p in meant
        ]


@pytest.mark.parametrize(
    "product",
    [
        Product("w", "x0", (), 8, 0),
        Product("w", "x0", (), -9, 0),
        Product("w", "x0", (), 1, 9),
        Product("w", "x0", (), 1, -8),
        Product("w", "x0", (Factor("c", 3),), 1, 0),
        Product("w", "x0", (Factor("y1", sign=True),), 1, 0),
        Product("w", "x0", (Factor("y1"), Factor("x1")), -8, 0),
    ],
)
def test_a_product_without_a_form_in_lavas_grammar_is_refused(product: Product) -> None:
    assert codes_of(program_of(LIF, learning_of(product))) == ["B520"]


def test_u_with_two_digits_is_refused_because_lava_would_read_one() -> None:
    learning = learning_of(Product("w", "u", (), 1, 0), decimate_exponent=10)

    assert codes_of(program_of(LIF, learning)) == ["B520"]


def test_all_refusals_of_a_program_come_together() -> None:
    learning = learning_of(
        Product("w", "x0", (), 8, 0),
        Product("w", "x0", (), 1, 9),
        third_factors={"y2": "voltage"},
        traces={"x1": TraceProgram(-1, 0), "y1": TraceProgram(1, 0)},
    )

    assert codes_of(program_of(SENDING, learning)) == ["B520", "B520", "B521", "B521"]


def test_a_rule_without_products_is_refused() -> None:
    assert codes_of(program_of(LIF, learning_of())) == ["B521"]


def test_a_plain_lif_runs_in_lavas_own_lif() -> None:
    bundle = lower_to_lava(program_of(LIF, STDP))

    script = bundle.files["run.py"]
    for argument in ("du=400", "dv=128", "vth=100", "bias_mant=-5", "u=0", "v=7"):
        assert f"        {argument},\n" in script
    assert "Neuron_" not in processes_of(bundle)
    assert all(probe.lava_own for probe in bundle.probes)


@pytest.mark.parametrize(
    ("position", "op"),
    [
        (0, Op("shl", "input", ("current", 5))),
        (1, Op("decay", "u", ("u", 0))),
        (2, Op("sub", "u", ("u", "input"))),
        (4, Op("decay", "v", ("u", 128))),
        (6, Op("add", "v", ("v", 32769))),
        (7, Op("saturate", "v", ("v", -8388608, 8388607))),
        (9, Op("gt", "spike", ("v", 6401))),
        (9, Op("ge", "spike", ("v", 6400))),
        (10, Op("select", "v", ("spike", 1, "v"))),
        (10, Op("select", "u", ("spike", 0, "v"))),
    ],
)
def test_anything_but_lavas_lif_is_not_given_to_it(position: int, op: Op) -> None:
    ops = (*LIF_OPS[:position], op, *LIF_OPS[position + 1 :])

    assert lava_lif(replace(LIF, ops=ops)) is None


@pytest.mark.parametrize("target", ["u", "v", "spike"])
def test_a_program_that_changes_the_core_afterwards_is_not_given_to_lavas_lif(
    target: str,
) -> None:
    ops = (*LIF_OPS, Op("copy", target, (0,)))

    assert lava_lif(replace(LIF, ops=ops)) is None


def test_what_follows_a_lif_core_is_generated_and_the_core_stays_lavas() -> None:
    learning = learning_of(
        Product("w", "y0", (Factor("y1"),), 1, 0),
        third_factors={"y1": "voltage"},
        traces={},
    )

    bundle = lower_to_lava(program_of(SENDING, learning))

    assert "class Neuron_post(LearningLIF):" in processes_of(bundle)
    generated = {p.variable for p in bundle.probes if not p.lava_own}
    assert generated == {"post.voltage", "post.reward", "synapse.y1"}
    script = bundle.files["run.py"]
    assert "post.s_out_bap.connect(synapse.s_in_bap)" in script
    assert "s_out.connect(post.a_third_factor_in)" in script


def test_another_neuron_is_generated_as_a_whole() -> None:
    ops = (Op("add", "v", ("v", "current")), Op("ge", "spike", ("v", 3)))
    neuron = NeuronProgram(LIF.ports, (Register("v"),), ops, "spike")

    bundle = lower_to_lava(program_of(neuron, None))

    assert "class Neuron_post(AbstractProcess):" in processes_of(bundle)
    own = {p.variable: p.lava_own for p in bundle.probes}
    assert own == {
        "pre.s_out": True,
        "post.s_out": False,
        "post.v": False,
        "synapse.a_out": True,
    }


def test_post_events_are_connected_only_where_the_rule_hears_them() -> None:
    hears = lower_to_lava(program_of(LIF, STDP)).files["run.py"]
    deaf_rule = learning_of(
        Product("w", "x0", (Factor("x1"),), 1, 0), traces={"x1": TraceProgram(1, 0)}
    )
    deaf = lower_to_lava(program_of(LIF, deaf_rule)).files["run.py"]

    assert "post.s_out.connect(synapse.s_in_bap)" in hears
    assert "s_in_bap" not in deaf


def test_every_state_variable_has_one_probe_in_order() -> None:
    for neuron in (LIF, SENDING):
        program = program_of(neuron, STDP)

        probes = lower_to_lava(program).probes

        assert [p.variable for p in probes] == [
            v.name for v in state_variables(program)
        ]


@pytest.mark.parametrize("name", ["class", "np", 'a "b"\n', "ü", "1", "arrays", "self"])
def test_any_name_gives_text_that_python_can_read(name: str) -> None:
    register = Register(name)
    neuron = replace(
        SENDING,
        registers=(*SENDING.registers, register),
        ops=(*SENDING.ops, Op("add", name, (name, 1)), Op("copy", "n" + name, (3,))),
        outputs=(NeuronOutput(name + "!", name), NeuronOutput("np", "n" + name)),
    )
    program = program_of(neuron, STDP, name)

    bundle = lower_to_lava(replace(program, name=name))

    for path, text in bundle.files.items():
        compile(text, path, "exec")
    assert len({p.place for p in bundle.probes}) == len(bundle.probes)


def test_generated_text_imports_numpy_lava_and_the_standard_library_only() -> None:
    bundle = lower_to_lava(program_of(SENDING, STDP))

    allowed = {*sys.stdlib_module_names, "numpy", "lava", "lahar_processes"}
    for text in bundle.files.values():
        assert _imported_roots(text) <= allowed


def _imported_roots(text: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add(str(node.module).partition(".")[0])
    return found
