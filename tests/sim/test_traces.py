"""Recordings made elsewhere: what a trace may look like, and what is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lahar
from lahar.diagnostics import LaharError
from lahar.hardware.program import (
    Connection,
    Modulator,
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
)
from lahar.rules.loading import load_rule
from lahar.sim.recording import Recording
from lahar.sim.trace import load_trace, stimulus_of

DOCUMENT = Path(lahar.__file__).parent / "docs" / "traces.md"
SHA = "0123456789abcdef" * 4

GROWS = NeuronProgram(
    ports=(NeuronPort("in", "synaptic"),),
    registers=(Register("v"),),
    ops=(Op("add", "v", ("v", "in")), Op("gt", "spike", ("v", 99))),
    spike="spike",
)
PROGRAM = Program(
    "small",
    "loihi2",
    "loihi2",
    1e-3,
    (Population("pre", 2), Population("post", 1, GROWS)),
    (Connection("synapse", "pre", "post", "in", np.array([[3, 5]], np.int32)),),
)
FEW = ["pre.s_out[0],pre.s_out[1],post.v", "0,1,0", "1,1,5"]
HEAD = ["# lahar-trace 1", "# seed: 3", "# just a remark: yes", "# profile: loihi2"]


def table(tmp_path: Path, lines: list[str], columns: tuple[str, ...] = ()) -> Recording:
    path = tmp_path / "trace.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load_trace(path, PROGRAM, columns)


def with_steps(lines: list[str]) -> list[str]:
    header, *rows = lines
    return [f"step,{header}", *(f"{t},{row}" for t, row in enumerate(rows, 1))]


def codes_of(error: pytest.ExceptionInfo[LaharError]) -> list[str]:
    return [d.code for d in error.value.diagnostics]


# --- tables -----------------------------------------------------------------------


def test_the_example_of_the_document_is_identical_to_a_run(tmp_path: Path) -> None:
    (example,) = re.findall("```csv\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    path = tmp_path / "example.csv"
    path.write_text(example, encoding="utf-8")
    program = lahar.compile(load_rule("stdp"), pre=2, post=1)

    trace = load_trace(path, program)
    inputs = stimulus_of(trace, program)
    made = trace.provenance
    verdict = lahar.validate(
        program,
        ("sim",),
        inputs,
        made.steps,
        made.seed or 0,
        profile=made.profile,
        trace=trace,
    )

    assert verdict.level == "identical"
    assert verdict.steps == 10
    assert {v.name for v in verdict.variables if v.by == "lava"} == {
        *("post.u", "post.v", "synapse.weights"),
    }


def test_comments_say_where_a_table_comes_from(tmp_path: Path) -> None:
    head = ["# backend: chip 7", "# dt_seconds: 1e-4", f"# program_checksum: {SHA}"]
    trace = table(tmp_path, [*HEAD, *head, '# lava_own: ["post.v"]', *with_steps(FEW)])

    made = trace.provenance
    assert (made.backend, made.seed, made.profile) == ("chip 7", 3, "loihi2")
    assert (made.steps, made.dt_seconds, made.program_checksum) == (2, 1e-4, SHA)
    assert made.stimulus_checksum is None
    assert trace.lava_own == {"post.v"}
    assert trace["post.v"].tolist() == [[0], [5]]


def test_a_table_without_comments_is_named_by_its_file(tmp_path: Path) -> None:
    made = table(tmp_path, with_steps(FEW)).provenance

    assert (made.backend, made.seed, made.profile) == ("trace.csv", None, None)


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("# lahar-trace 2", "S445", "version 2"),
        ("# seed: many", "S444", "`many`"),
        ("# seed: -1", "S444", "0 or more"),
        ("# steps: 0", "S444", "number of steps"),
        ("# dt_seconds: inf", "S444", "positive number of seconds"),
        ("# units: volts", "S444", "`stored` or `rule`"),
        ("# program_checksum: 12ab", "S444", "SHA-256"),
        ("# lava_own: post.v", "S444", "JSON list"),
        ("# steps: 3", "S446", "has 2 steps, its head says 3"),
    ],
)
def test_a_head_that_makes_no_sense_is_refused(
    tmp_path: Path, line: str, code: str, said: str
) -> None:
    with pytest.raises(LaharError) as error:
        table(tmp_path, [*HEAD[1:], line, *with_steps(FEW)])

    assert codes_of(error) == [code]
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("cut", "code"), [(1, "S443"), (2, "S443"), (4, "S443"), (8, "S446"), (17, "S440")]
)
def test_a_table_that_broke_off_is_refused(tmp_path: Path, cut: int, code: str) -> None:
    path = tmp_path / "trace.csv"
    rows = ["step,post.v", "1,1111", "2,2222"]
    whole = "\n".join(["# lahar-trace 1", "# steps: 2", *rows]) + "\n"
    path.write_text(whole)
    assert load_trace(path, PROGRAM).provenance.steps == 2

    path.write_text(whole[:-cut])

    with pytest.raises(LaharError) as error:
        load_trace(path, PROGRAM)
    assert codes_of(error) == [code]


def test_a_table_of_another_tool_needs_no_end_of_its_last_line(tmp_path: Path) -> None:
    path = tmp_path / "trace.csv"
    path.write_text("step,post.v\n1,1111")

    assert load_trace(path, PROGRAM)["post.v"].tolist() == [[1111]]


def test_lines_of_messages_count_the_comments(tmp_path: Path) -> None:
    lines = [*HEAD, *with_steps(FEW)]
    lines[-1] = "2,1,1,5.5"

    with pytest.raises(LaharError, match=r"S442.*line 7, column `post.v`: `5.5`"):
        table(tmp_path, lines)


def test_other_tools_may_write_integers_with_a_point(tmp_path: Path) -> None:
    trace = table(tmp_path, ["step,post.v", "1,128.0", "2,-1e2"])

    assert trace["post.v"].tolist() == [[128], [-100]]
    assert trace["post.v"].dtype == np.int32


# --- columns ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "columns"),
    [
        (["0,1,0", "1,1,5"], ("pre.s_out[0]", "pre.s_out[1]", "post.v")),
        (["a,b,c", "0,1,0", "1,1,5"], ("pre.s_out[0]", "pre.s_out[1]", "post.v[0]")),
        (
            ["7,0,1,1,0", "8,1,2,1,5"],
            ("-", "pre.s_out[0]", "step", "pre.s_out[1]", "post.v"),
        ),
        (
            ["# x", "0,1,0,9", "1,1,5,9"],
            ("pre.s_out[0]", "pre.s_out[1]", "post.v", "-"),
        ),
    ],
)
def test_columns_of_any_table_can_be_named(
    tmp_path: Path, lines: list[str], columns: tuple[str, ...]
) -> None:
    trace = table(tmp_path, lines, columns)

    assert trace["pre.s_out"].tolist() == [[0, 1], [1, 1]]
    assert trace["post.v"].tolist() == [[0], [5]]


@pytest.mark.parametrize(
    ("columns", "code", "said"),
    [
        (("post.v",), "S440", "line 1 has 3 columns, 1 are named"),
        (("post.v", "post.w", "-"), "S441", "column 3: `post.w`"),
        (("post.v", "post.v[0]", "-"), "S441", "is there twice"),
        (("step", "post.v", "-"), "S443", "line 1: it is step `0`"),
    ],
)
def test_names_of_columns_that_do_not_fit_are_refused(
    tmp_path: Path, columns: tuple[str, ...], code: str, said: str
) -> None:
    with pytest.raises(LaharError) as error:
        table(tmp_path, ["0,1,0", "1,1,5"], columns)

    assert codes_of(error) == [code]
    assert said in str(error.value)


def test_columns_are_for_tables(tmp_path: Path) -> None:
    with pytest.raises(LaharError, match="S449"):
        load_trace(tmp_path / "trace.npz", PROGRAM, ("post.v",))


# --- arrays -----------------------------------------------------------------------


def arrays(tmp_path: Path, **changed: object) -> Path:
    content = {
        "head": np.frombuffer("\n".join(HEAD).encode(), np.uint8),
        "row pre.s_out": np.array([[0, 1], [1, 1]], np.uint8),
        "row post.v": np.array([[0], [5]], np.int32),
        "final synapse.a_out": np.array([8], np.int32),
        **changed,
    }
    path = tmp_path / "trace.npz"
    np.savez(path, **{k: v for k, v in content.items() if v is not None})  # type: ignore[arg-type]
    return path


def test_arrays_are_read_with_their_head(tmp_path: Path) -> None:
    trace = load_trace(arrays(tmp_path), PROGRAM)

    assert trace.provenance.seed == 3
    assert trace.provenance.steps == 2
    assert trace.names == ("pre.s_out", "post.v")
    assert trace.final["post.v"].tolist() == [5]
    assert trace.final["synapse.a_out"].tolist() == [8]


def test_arrays_need_no_head(tmp_path: Path) -> None:
    trace = load_trace(arrays(tmp_path, head=None), PROGRAM)

    assert trace.provenance.backend == "trace.npz"


@pytest.mark.parametrize(
    ("changed", "code", "said"),
    [
        ({"row post.v": np.zeros((2, 3))}, "S448", "shape (2, 3), not (2, 1)"),
        ({"row post.v": np.zeros((1, 1))}, "S448", "shape (1, 1), not (2, 1)"),
        ({"row post.v": np.full((2, 1), np.nan)}, "S448", "no number"),
        ({"row post.v": np.full((2, 1), "x")}, "S448", "no number"),
        ({"row post.w": np.zeros((2, 1))}, "S448", "not a variable"),
        ({"final post.v": np.zeros(2)}, "S448", "shape (1, 2), not (1, 1)"),
        ({"head": np.array(["x"])}, "S447", "cannot read"),
        ({"head": np.frombuffer(b"# steps: 9", np.uint8)}, "S446", "says 9"),
        ({"row pre.s_out": None, "row post.v": None}, "S447", "no rows"),
        ({"row pre.s_out": np.array([object()])}, "S447", "Object arrays"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    tmp_path: Path, changed: dict[str, object], code: str, said: str
) -> None:
    path = arrays(tmp_path, **changed)

    with pytest.raises(LaharError) as error:
        load_trace(path, PROGRAM)

    assert codes_of(error) == [code]
    assert said in str(error.value)


def test_a_cut_file_of_arrays_is_refused(tmp_path: Path) -> None:
    path = arrays(tmp_path)
    content = path.read_bytes()

    for size in (0, 10, len(content) // 2, len(content) - 5):
        path.write_bytes(content[:size])
        with pytest.raises(LaharError, match="S447"):
            load_trace(path, PROGRAM)


# --- what it was driven by --------------------------------------------------------


def test_the_spikes_of_the_inputs_are_a_stimulus(tmp_path: Path) -> None:
    trace = table(tmp_path, with_steps(FEW))

    stimulus = stimulus_of(trace, PROGRAM)

    assert stimulus is not None
    assert np.asarray(stimulus.spikes["pre"]).tolist() == [[0, 1], [1, 1]]


def test_an_incomplete_trace_is_no_stimulus(tmp_path: Path) -> None:
    partial = table(tmp_path, ["step,pre.s_out[0],post.v", "1,0,0"])
    whole = table(tmp_path, with_steps(FEW))
    modulated = replace(PROGRAM, modulators=(Modulator("m", 1.0, 0, 1, ()),))

    assert stimulus_of(partial, PROGRAM) is None
    assert stimulus_of(whole, modulated) is None


def test_a_trace_of_another_program_is_not_compared(tmp_path: Path) -> None:
    trace = table(tmp_path, [f"# program_checksum: {SHA}", *with_steps(FEW)])

    with pytest.raises(LaharError, match=r"V601.*differ in program"):
        lahar.validate(
            PROGRAM, ("interpreter",), stimulus_of(trace, PROGRAM), 2, trace=trace
        )


def test_a_trace_of_another_length_is_not_compared(tmp_path: Path) -> None:
    trace = table(tmp_path, with_steps(FEW))

    with pytest.raises(LaharError, match=r"V601.*differ in steps: 3 and 2"):
        lahar.validate(PROGRAM, ("interpreter",), "silent", 3, trace=trace)
