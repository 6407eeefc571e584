"""`lahar compile`: every way to name a rule, every way to get it wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lahar
from lahar.hardware.program_file import checksum
from lahar.rules.expr import Quantity, walk
from lahar.rules.library import LIF, RULES, STDP
from lahar.rules.network import Group, Network, Projection
from lahar.rules.nir_write import write_nir
from lahar.rules.printer import print_network


def small_network(dt_seconds: float | None = 1e-3) -> Network:
    weights = np.full((2, 3), 0.5)
    return Network(
        "small",
        (Group("in", 3), Group("out", 2, LIF())),
        (Projection("synapse", "in", "out", weights, rule=STDP()),),
        dt_seconds,
    )


SPECS = ["stdp", "my_rule.py:PostGated", "my_rule.py", "hebb.rule", "hebb.rule:Hebb"]


@pytest.mark.parametrize("spec", SPECS)
def test_a_rule_may_come_from_the_library_python_or_text(call, spec):
    done = call(f"compile {spec} --pre 3 --post 2 -o out.lahar")

    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines()[-1] == "written: out.lahar"
    program = lahar.load("out.lahar")
    assert program.connection("synapse").weights.shape == (2, 3)
    assert f"{program.name} for loihi2, dt 1 ms, profile loihi2" in done.out


def test_a_network_may_come_from_nir(call, here):
    write_nir(small_network(), here / "net.nir")

    assert call("compile net.nir -o a.lahar").status == 0
    assert call("compile net.nir --dt 500us -o b.lahar").status == 0
    assert lahar.load("a.lahar").dt_seconds == 1e-3
    assert lahar.load("b.lahar").dt_seconds == 5e-4


def test_a_network_may_come_from_text(call, here):
    text, _ = print_network(small_network(None))
    text = text.replace("@synapse.weights", "0.5")
    (here / "net.rule").write_text(text, encoding="utf-8")

    assert call("compile net.rule --dt 1ms -o net.lahar").status == 0
    assert lahar.load("net.lahar").name == "small"


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("chip", ["loihi1", "loihi2"])
def test_every_library_rule_compiles_or_is_refused_for_its_third_factor(
    call, rule, chip
):
    done = call(f"compile {rule} --chip {chip} --pre 4 --post 2")

    reads = [n for u in RULES[rule].updates for n in walk(u.expr)]
    third_factor = bool(RULES[rule].modulators) or any(
        isinstance(node, Quantity) for node in reads
    )
    assert done.status == (2 if third_factor and chip == "loihi1" else 0)
    assert ("error[R210]" in done.err) == (done.status == 2)


def test_json_is_the_report_and_nothing_else(call):
    done = call("compile stdp --pre 3 --post 2 -o out.lahar --json")

    report = done.json
    program = lahar.load("out.lahar")
    assert done.err == ""
    assert report["checksum"] == checksum(program)
    assert report["output"] == "out.lahar"
    assert report["dt_seconds"] == 1e-3
    assert [t["status"] for t in report["terms"]] == ["approximated", "approximated"]
    assert {u["status"] for u in report["usage"]} == {"ok", "unverified"}


def test_sizes_parameters_neuron_and_seed_reach_the_program(call):
    command = "compile stdp --pre 5 --post 2 -o {} --seed {} --neuron {}"
    plain = command.format("a.lahar", 0, "lif")
    changed = command.format("b.lahar", 1, "my_rule.py:Slow")
    assert call(plain).status == 0
    assert call(f"{changed} --set a_plus=0.02 --set tau_plus=10ms").status == 0

    a, b = lahar.load("a.lahar"), lahar.load("b.lahar")
    assert a.connection("synapse").weights.shape == (2, 5)
    assert not np.array_equal(
        a.connection("synapse").weights, b.connection("synapse").weights
    )
    assert a.source is not None
    assert b.source is not None
    for line in ("param a_plus = 0.02", "param tau_plus = 10 ms", "neuron Slow:"):
        assert line in b.source.text
        assert line not in a.source.text


def test_an_epoch_reaches_the_program(call):
    assert call("compile stdp --pre 3 --post 2 --epoch 4 -o a.lahar").status == 0

    learning = lahar.load("a.lahar").connection("synapse").learning
    assert learning is not None
    assert learning.epoch_steps == 4


def test_the_same_command_gives_the_same_bytes(call, here):
    call("compile my_rule.py:PostGated -o a.lahar")
    call("compile my_rule.py:PostGated -o b.lahar")

    assert Path("a.lahar").read_bytes() == Path("b.lahar").read_bytes()


def test_print_after_shows_the_rule_at_that_point(call):
    early = call("compile my_rule.py:PostGated --print-after legalise")
    late = call("compile my_rule.py:PostGated --print-after factorise")

    assert "dw = 0.05 * post * (x - 0.4) * (1.0 - w)" in early.out
    assert "dw += y0: -0.05 * post * x * w" in late.out
    assert "use of the chip" not in late.out


def test_print_after_knows_every_pass(call):
    passes = [row["name"] for row in call("list passes --json").json["passes"]]

    for name in passes:
        assert call(f"compile stdp --print-after {name}").out.strip(), name


BAD = [
    "compile stdpp",
    "compile my_rule.py:PostGate",
    "compile my_rule.py:Slow",
    "compile nothing.py:Rule",
    "compile nothing.nir",
    "compile broken.rule",
    "compile stdp --chip loihi3",
    "compile stdp --dt 1",
    "compile stdp --dt -1ms",
    "compile stdp --set a_plus",
    "compile stdp --set a_plus=much",
    "compile stdp --set a_plus=nan",
    "compile stdp --set a_pluss=1",
    "compile stdp --neuron lof",
    "compile stdp --pre 0 --post -1",
    "compile stdp --epoch 64",
    "compile stdp --print-after factorize -o out.lahar",
    "compile delta --neuron lif",
    "compile stdp -o no/such/folder/out.lahar",
    "compile stdp -o .",
]


def test_what_cannot_be_compiled_is_refused_and_nothing_is_written(
    transcript, golden, here
):
    (here / "broken.rule").write_text("rule R:\n    dw = 0.1 * pre *\n")

    golden("cli_bad_compile", transcript(BAD))


def test_options_of_a_rule_are_refused_for_a_network(transcript, golden, here):
    write_nir(small_network(), here / "net.nir")

    commands = ["compile net.nir --pre 3 --neuron lif --set a=1 -o out.lahar"]
    golden("cli_network_options", transcript(commands))


@pytest.mark.parametrize("command", BAD)
def test_with_json_a_refusal_is_one_object_too(call, here, command):
    (here / "broken.rule").write_text("rule R:\n    dw = 0.1 * pre *\n")
    done = call(f"{command} --json")

    assert done.status == 2
    errors = done.json["errors"]
    assert errors
    for error in errors:
        assert f"error[{error['code']}]: {error['message']}" in done.err
        assert error["text"] in done.err


def test_an_error_in_a_users_file_names_file_and_line(call, here):
    text = (here / "my_rule.py").read_text(encoding="utf-8")
    (here / "typo.py").write_text(text.replace("bounds =", "bound ="))
    (error,) = call("compile typo.py:PostGated --json").json["errors"]

    assert error["code"] == "R106"
    assert (Path(error["file"]).name, error["line"]) == ("typo.py", 4)
    assert "`PostGated` assigns `bound`" in error["message"]
    assert "class PostGated(Rule):" in error["text"]


def test_a_file_that_fails_points_at_its_line(call, here):
    (here / "fails.py").write_text("x = 1\ny = x / 0\n")
    (error,) = call("compile fails.py:Rule --json").json["errors"]

    assert error["code"] == "R155"
    assert error["line"] == 2


def test_a_file_that_was_there_survives_a_refusal(call, here):
    kept = (here / "prog.lahar").read_bytes()

    assert call("compile stdp --print-after nope -o prog.lahar").status == 2
    assert call("compile delta --neuron lif -o prog.lahar").status == 2
    assert (here / "prog.lahar").read_bytes() == kept
