"""Recordings: reading them, writing them whole, refusing what was damaged."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import h5py
import numpy as np
import pytest

from lahar.diagnostics import LaharError
from lahar.hardware.budget import Budget
from lahar.hardware.program import Program, View
from lahar.sim.recording import (
    Provenance,
    Recording,
    import_csv,
    in_rule_units,
    load_recording,
    resolve_record,
)

STEPS = 6


def small_recording(steps: int = STEPS, synapses: int = 4) -> Recording:
    random = np.random.default_rng(0)
    return Recording(
        variables={
            "post.v": random.integers(-(2**23), 2**23, (steps, 3)).astype(np.int32),
            "post.s_out": random.integers(0, 2, (steps, 3)).astype(np.uint8),
            "synapse.weights": random.random((steps, 3, synapses)),
        },
        final={"synapse.weights": random.random((3, synapses)), "post.u": np.zeros(3)},
        provenance=Provenance(
            backend="lava",
            backend_version="0.10.0",
            lahar_version="0.1.0",
            chip="loihi2",
            profile="lava-0.10",
            seed=3,
            steps=steps,
            dt_seconds=1e-3,
            program_checksum="abc",
            stimulus_checksum="def",
        ),
        views=(View("synapse.weights", "synapse.weights", 255.0, 3),),
        budgets=(Budget("synapse", 0.01, 0.0, 1 / 3),),
        lava_own=frozenset({"post.v", "synapse.weights"}),
    )


def code_of(error: pytest.ExceptionInfo[LaharError]) -> str:
    return error.value.diagnostics[0].code


# --- reading ----------------------------------------------------------------------


def test_a_variable_or_one_element_of_it_is_read_by_name() -> None:
    recording = small_recording()

    assert recording["post.v"].shape == (STEPS, 3)
    assert np.array_equal(recording["post.v[2]"], recording["post.v"][:, 2])
    weights = recording["synapse.weights"]
    for name in ("synapse.weights[1,3]", "synapse.weights[1][3]"):
        assert np.array_equal(recording[name], weights[:, 1, 3])
    assert "post.v[2]" in recording
    assert "post.v[3]" not in recording


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("post.vv", "S420", "did you mean `post.v`"),
        ("post.u", "S421", "record=['post.u']"),
        ("post.v[3]", "S422", "shape (3,)"),
        ("post.v[0,0]", "S422", "shape (3,)"),
    ],
)
def test_what_is_not_there_is_said_with_a_remedy(
    name: str, code: str, said: str
) -> None:
    with pytest.raises(LaharError) as error:
        small_recording()[name]

    assert code_of(error) == code
    assert said in str(error.value)


def test_patterns_select_variables_and_must_match_something() -> None:
    recording = small_recording()

    assert list(recording.select("post.*")) == ["post.v", "post.s_out"]
    assert list(recording.select(["*.weights", "post.v"])) == [
        "post.v",
        "synapse.weights",
    ]
    with pytest.raises(LaharError, match="S420"):
        recording.select(["post.*", "pre.*"])


def test_a_view_reads_stored_values_in_the_rules_units() -> None:
    recording = small_recording()

    view = recording.view("synapse.weights[0,1]")
    assert in_rule_units(np.array([3, 258]), view).tolist() == [0.0, 1.0]
    assert recording.view("post.s_out").scale == 1.0


def test_any_changed_value_changes_the_checksum() -> None:
    recording = small_recording()
    other = small_recording()
    assert other.checksum == recording.checksum

    other = small_recording()
    other.variables["post.s_out"][2, 1] ^= 1
    assert other.checksum != recording.checksum


# --- what to record ---------------------------------------------------------------


def test_record_takes_names_patterns_all_or_nothing(stdp_program) -> None:  # type: ignore[no-untyped-def]
    program = stdp_program()

    assert resolve_record(program, None) == frozenset()
    assert resolve_record(program, "post.v") == {"post.v"}
    assert resolve_record(program, ["*.s_out", "synapse.x?"]) == {
        *("pre.s_out", "post.s_out", "synapse.x1"),
    }
    assert resolve_record(program, "all") == {
        *("pre.s_out", "post.s_out", "post.u", "post.v"),
        *("synapse.a_out", "synapse.weights", "synapse.x1", "synapse.y1"),
    }


def test_record_refuses_all_unknown_names_at_once(stdp_program) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(LaharError) as error:
        resolve_record(stdp_program(), ["post.w", "post.v", "*.tag_1"])

    assert [d.code for d in error.value.diagnostics] == ["S420", "S420"]


# --- files ------------------------------------------------------------------------


def test_a_saved_recording_is_the_same_after_loading(tmp_path: Path) -> None:
    recording = small_recording(steps=300, synapses=20)  # large enough for chunks
    path = tmp_path / "rec.h5"

    recording.save(path)
    loaded = load_recording(path)

    assert loaded.names == recording.names
    assert loaded.checksum == recording.checksum
    for name, values in recording.variables.items():
        assert loaded[name].dtype == values.dtype
        assert np.array_equal(loaded[name], values)
    assert (loaded.provenance, loaded.views) == (recording.provenance, recording.views)
    assert (loaded.budgets, loaded.lava_own) == (recording.budgets, recording.lava_own)


def test_any_hdf5_tool_reads_the_file(tmp_path: Path) -> None:
    recording = small_recording()
    recording.save(tmp_path / "rec.h5")

    with h5py.File(tmp_path / "rec.h5") as file:
        assert np.array_equal(file["variables/post.v"][()], recording["post.v"])


def test_names_with_a_slash_or_brackets_survive(tmp_path: Path) -> None:
    names = ("a/b.v", "post.v[3]", "wei\u00df.v")
    recording = Recording(
        {n: np.zeros((1, 1)) for n in names}, {}, small_recording().provenance
    )
    recording.save(tmp_path / "rec.h5")

    assert load_recording(tmp_path / "rec.h5").names == names


def test_a_cut_file_never_loads(tmp_path: Path) -> None:
    path = tmp_path / "rec.h5"
    small_recording().save(path)
    whole = path.read_bytes()

    for size in [*range(0, 520, 13), *range(520, len(whole), 211)]:
        path.write_bytes(whole[:size])
        with pytest.raises(LaharError) as error:
            load_recording(path)
        assert code_of(error) in ("S432", "S433", "S434")


def test_a_changed_byte_never_loads(tmp_path: Path) -> None:
    path = tmp_path / "rec.h5"
    small_recording().save(path)
    whole = path.read_bytes()
    random = np.random.default_rng(1)

    for place in [*range(0, 512, 29), *random.integers(512, len(whole), 60)]:
        changed = bytearray(whole)
        changed[place] ^= 1 << int(random.integers(8))
        path.write_bytes(bytes(changed))
        with pytest.raises(LaharError) as error:
            load_recording(path)
        assert code_of(error) in ("S432", "S433", "S434")


def test_missing_and_foreign_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LaharError, match="S431"):
        load_recording(tmp_path / "missing.h5")
    with pytest.raises(LaharError, match="S431"):
        load_recording(tmp_path)
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = 1
    (tmp_path / "text.h5").write_text("step,post.v[0]")
    for name in ("other.h5", "text.h5"):
        with pytest.raises(LaharError, match="S432"):
            load_recording(tmp_path / name)


def test_a_sealed_file_with_foreign_content_is_refused(tmp_path: Path) -> None:
    from lahar.sim.recording_file import USER_BLOCK, sealed

    path = tmp_path / "forged.h5"
    for content in ({}, {"metadata": np.zeros(3, np.uint8)}):
        with h5py.File(path, "w", userblock_size=USER_BLOCK) as file:
            for name, value in content.items():
                file[name] = value
        path.write_bytes(sealed(path.read_bytes()))
        with pytest.raises(LaharError, match="S433"):
            load_recording(path)


def test_a_failed_save_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "rec.h5"
    small_recording().save(path)
    before = path.read_bytes()
    broken = Recording(
        {"post.v": np.array([object()])}, {}, small_recording().provenance
    )

    with pytest.raises(TypeError):
        broken.save(path)
    with pytest.raises(LaharError, match="S430"):
        small_recording().save(tmp_path / "no such folder" / "rec.h5")

    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["rec.h5"]


# --- tables -----------------------------------------------------------------------


def provenance(units: str = "stored") -> Provenance:
    return Provenance(
        backend="chip",
        steps=0,
        dt_seconds=1e-3,
        units=units,  # type: ignore[arg-type]
    )


def read(
    tmp_path: Path, program: Program, text: str, units: str = "stored"
) -> Recording:
    path = tmp_path / "table.csv"
    path.write_text(text)
    return import_csv(path, provenance(units), program)


def test_a_table_with_all_elements_becomes_an_array(
    tmp_path: Path, stdp_program
) -> None:  # type: ignore[no-untyped-def]
    header = "step,post.v[1],post.v[0],post.v[2],post.v[3]"
    recording = read(
        tmp_path, stdp_program(), f"{header}\n1,10,0,20,30\n2,11,1,21,31\n"
    )

    assert recording["post.v"].tolist() == [[0, 10, 20, 30], [1, 11, 21, 31]]
    assert recording["post.v"].dtype == np.int32
    assert recording.final["post.v"].tolist() == [1, 11, 21, 31]
    assert recording.provenance.steps == 2


def test_a_table_of_some_elements_keeps_them_one_by_one(
    tmp_path: Path, stdp_program
) -> None:  # type: ignore[no-untyped-def]
    text = (
        'step,"synapse.weights[1,5]",synapse.weights[0][2],post.s_out[3]\n1,7,8,1\n\n'
    )
    recording = read(tmp_path, stdp_program(), text)

    assert recording.names == (
        *("synapse.weights[1,5]", "synapse.weights[0,2]", "post.s_out[3]"),
    )
    assert recording["synapse.weights[1][5]".replace("][", ",")].tolist() == [7]


def test_a_table_may_be_in_rule_units(tmp_path: Path, stdp_program) -> None:  # type: ignore[no-untyped-def]
    recording = read(tmp_path, stdp_program(), "step,post.v[0]\n1,0.25\n", "rule")

    assert recording["post.v[0]"].tolist() == [0.25]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", "S440", "no rows"),
        ("\n", "S440", "no rows"),
        ("step,post.v[0]\n", "S440", "no rows"),
        ("time,post.v[0]\n1,2\n", "S441", "column 1"),
        ("step,post.w[0]\n1,2\n", "S441", "not a variable"),
        ("step,post.v\n1,2\n", "S441", "lacks an index"),
        ("step,post.v[4]\n1,2\n", "S441", "outside the shape (4,)"),
        ("step,synapse.weights[1]\n1,2\n", "S441", "outside the shape (4, 6)"),
        ("step,post.v[0],post.v[0]\n1,2,3\n", "S441", "twice"),
        ("step,post.v[0]\n2,2\n", "S443", "step 1 was expected"),
        ("step,post.v[0]\n1,2\n3,2\n", "S443", "line 3"),
        ("step,post.v[0]\n1,2\n1,2\n", "S443", "step 2 was expected"),
        ("step,post.v[0]\n1,2,3\n", "S443", "3 columns"),
        ("step,post.v[0]\n\n1,2\n", "S443", "0 columns"),
        ("step,post.v[0]\n1,2.5\n", "S442", "`2.5`"),
        ("step,post.v[0]\n1,\n", "S442", "line 2"),
        ("step,post.v[0]\n1,4294967296\n", "S442", "integer of 32 bit"),
    ],
)
def test_a_bad_table_is_refused(
    tmp_path: Path, stdp_program, text: str, code: str, said: str
) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(LaharError) as error:
        read(tmp_path, stdp_program(), text)

    assert code_of(error) == code
    assert said in str(error.value)


def test_an_unreadable_table_is_refused(tmp_path: Path, stdp_program) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00step")
    for name in ("missing.csv", "binary.csv", "."):
        with pytest.raises(LaharError, match="S440"):
            import_csv(tmp_path / name, provenance(), stdp_program())
    with pytest.raises(LaharError, match="S442"):
        read(tmp_path, stdp_program(), "step,post.v[0]\n1,nan\n", "rule")


def test_provenance_is_plain_data() -> None:
    assert asdict(small_recording().provenance)["backend"] == "lava"
