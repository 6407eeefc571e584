"""`lahar run` and `lahar validate`: recordings, verdicts, and what is refused."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import lahar
from lahar.hardware.program_file import checksum
from lahar.running import ProfileOfBackend

LAVA = importlib.util.find_spec("lava") is not None
STEPS = 60


def spikes(steps: int = STEPS, inputs: int = 8) -> np.ndarray:
    return (np.arange(steps * inputs).reshape(steps, inputs) % 7 == 0).astype(np.uint8)


# --- run --------------------------------------------------------------------------


def test_run_prints_rates_and_weights_and_writes_the_recording(call):
    done = call(f"run prog.lahar --steps {STEPS} --seed 3 -o rec.h5")

    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == f"{STEPS} steps on sim, profile loihi2"
    assert lines[-1] == "written: rec.h5"
    assert "mean rates" in done.out
    assert "synapse.weights" in done.out
    recording = lahar.load_recording("rec.h5")
    assert recording.provenance.seed == 3
    assert recording.provenance.steps == STEPS
    assert recording.provenance.program_checksum == checksum(lahar.load("prog.lahar"))


def test_run_with_json_says_what_ran(call):
    done = call(f"run prog.lahar --steps {STEPS} -o rec.h5 --json")

    summary = done.json
    recording = lahar.load_recording("rec.h5")
    assert done.err == ""
    assert summary["checksum"] == recording.checksum
    assert summary["variables"] == list(recording.names)
    rate = float(np.mean(recording["pre.s_out"])) * 1000
    assert summary["rates_hz"]["pre"] == pytest.approx(rate)


def test_all_backends_of_our_own_run(call):
    sums = {
        backend: call(
            f"run prog.lahar --steps {STEPS} --backend {backend} --json"
        ).json["checksum"]
        for backend in ("sim", "interpreter", "reference")
    }

    assert sums["sim"] == sums["interpreter"] != sums["reference"]


def test_a_profile_changes_the_arithmetic(call):
    plain = call(f"run prog.lahar --steps {STEPS} --json").json
    lava = call(f"run prog.lahar --steps {STEPS} --profile lava-0.10 --json").json

    assert (plain["profile"], lava["profile"]) == ("loihi2", "lava-0.10")
    assert plain["checksum"] != lava["checksum"]


def test_a_variant_of_a_profile_travels_with_the_recording(call):
    name = "loihi2:trace_decay=float exp,tag_low=-257"
    command = ("run", "prog.lahar", "--steps", str(STEPS), "--json", "-o", "r.h5")
    varied = call(*command, "--profile", "loihi2:tag_low=-257, trace_decay=float exp")

    assert varied.json["profile"] == name
    assert lahar.load_recording("r.h5").provenance.profile == name
    again = call(*command, "--profile", name, "--backend", "interpreter")
    assert again.json["checksum"] == varied.json["checksum"]


@pytest.mark.parametrize("base", ["3", "none"])
def test_a_program_compensated_for_another_product_shift_is_refused(call, base):
    done = call(f"run prog.lahar --profile loihi2:product_shift_base={base}")

    assert (done.status, done.out) == (2, "")
    assert f"has the product_shift_base {base}, not 4" in done.err
    assert "error[U904]" in done.err


def test_only_what_is_asked_for_is_recorded(call):
    command = f"run prog.lahar --steps {STEPS} --json --record post.*,synapse.x1"
    names = call(command).json["variables"]

    assert names == ["post.s_out", "post.u", "post.v", "synapse.x1"]


def test_a_run_with_checkpoints_leaves_the_recording_and_nothing_else(call, here):
    plain = call(f"run prog.lahar --steps {STEPS} --json -o plain.h5").json
    before = {path.name for path in here.iterdir()}
    kept = call(f"run prog.lahar --steps {STEPS} --json -o kept.h5 --checkpoint 7").json

    assert kept["checksum"] == plain["checksum"]
    assert {path.name for path in here.iterdir()} == before | {"kept.h5"}


def test_what_cannot_be_resumed_is_refused(call):
    alone = call("run prog.lahar --checkpoint 10")
    missing = call("run prog.lahar -o r.h5 --resume r.h5.checkpoint")

    assert (alone.status, missing.status) == (2, 2)
    assert "error[U934]" in alone.err
    assert "error[S481]" in missing.err


def test_a_stimulus_may_come_from_a_file(call):
    np.savez("in.npz", **{"spikes.pre": spikes()})

    assert call(f"run prog.lahar --stimulus in.npz --steps {STEPS} -o r.h5").status == 0
    assert np.array_equal(lahar.load_recording("r.h5")["pre.s_out"], spikes())


def test_silence_is_a_stimulus(call):
    done = call(f"run prog.lahar --stimulus silent --steps {STEPS} --json")

    assert done.json["rates_hz"] == {"pre": 0.0, "post": 0.0}


BAD_RUNS = [
    "run nothing.lahar",
    "run my_rule.py",
    "run cut.lahar",
    "run changed.lahar",
    "run prog.lahar --backend simm",
    "run prog.lahar --profile loihi3",
    "run prog.lahar --record post.w",
    "run prog.lahar --stimulus noise",
    "run prog.lahar --stimulus poisson:rate=20",
    "run prog.lahar --stimulus poisson:rate=2kHz",
    "run prog.lahar --stimulus nothing.npz",
    "run prog.lahar --stimulus wide.npz --steps 60",
    "run prog.lahar --stimulus short.npz --steps 60",
    "run prog.lahar --stimulus other.npz --steps 60",
    "run prog.lahar --stimulus objects.npz --steps 60",
    "run prog.lahar --steps 5 -o no/such/folder/rec.h5",
    "run prog.lahar --steps 5 -o .",
]


def bad_files(here: Path) -> None:
    whole = (here / "prog.lahar").read_bytes()
    (here / "cut.lahar").write_bytes(whole[: len(whole) // 2])
    changed = bytearray(whole)
    changed[whole.index(b"program.json") + 200] ^= 1
    (here / "changed.lahar").write_bytes(bytes(changed))
    np.savez("wide.npz", **{"spikes.pre": spikes(inputs=9)})
    np.savez("short.npz", **{"spikes.pre": spikes(steps=5)})
    np.savez("other.npz", **{"spikes.input": spikes()})
    np.savez("objects.npz", **{"spikes.pre": np.array([{}, None], dtype=object)})


def test_what_cannot_be_run_is_refused_and_nothing_is_written(transcript, golden, here):
    bad_files(here)

    golden("cli_bad_run", transcript(BAD_RUNS))


@pytest.mark.parametrize("command", BAD_RUNS)
def test_a_refused_run_with_json_is_one_object_too(call, here, command):
    bad_files(here)
    done = call(f"{command} --json")

    assert done.status == 2
    assert [e["text"] for e in done.json["errors"]] == done.err.strip().split("\n\n")


# --- validate ---------------------------------------------------------------------


def test_validate_prints_a_verdict_for_each_pair(call):
    backends = "sim,interpreter,reference"
    done = call(f"validate prog.lahar --backends {backends} --steps {STEPS}")

    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].startswith("sim and interpreter: identical (")
    assert lines[1].startswith("sim and reference: within budget (")


def test_validate_with_json_has_the_verdicts(call):
    command = f"validate prog.lahar --backends sim,interpreter --steps {STEPS} --json"
    done = call(command)

    assert (done.status, done.err) == (0, "")
    assert done.json["level"] == "identical"
    verdict = done.json["verdicts"]["sim~interpreter"]
    assert verdict["steps"] == STEPS
    assert verdict["values_compared"] == sum(v["count"] for v in verdict["variables"])
    assert verdict["divergence"] is None


@pytest.mark.skipif(not LAVA, reason="Lava runs on Python 3.10 only")
def test_validate_compares_with_lava(call):
    verdict = call("validate prog.lahar --steps 20 --json").json["verdicts"]["sim~lava"]

    assert verdict["level"] == "identical"
    by = {v["name"]: v["by"] for v in verdict["variables"]}
    assert by["synapse.weights"] == "lava"


def test_a_missing_backend_ends_with_3(call, monkeypatch):
    import lahar.sim.lava_runner as runner

    def missing(name: str) -> str:
        raise runner.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(runner.metadata, "version", missing)
    done = call("validate prog.lahar --steps 5 --json")

    assert done.status == 3
    assert [e["code"] for e in done.json["errors"]] == ["B501"]
    assert "error[B501]: Lava is not installed" in done.err


def test_a_report_page_is_written(call):
    command = f"validate prog.lahar --backends sim,interpreter --steps {STEPS}"
    done = call(f"{command} --report page.html")

    assert (done.status, done.err) == (0, "")
    page = Path("page.html").read_text(encoding="utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert "identical" in page


def write_trace(name: str, *, flip: bool) -> None:
    """Write a table as a chip's owner would: the weights of one synapse, by step."""
    program = lahar.load("prog.lahar")
    recording = lahar.run(
        program, "poisson:rate=20Hz", STEPS, record=["synapse.weights"], seed=0
    )
    values = np.array(recording["synapse.weights[1,2]"])
    if flip:
        values[40] += 1
    rows = [f"{step},{value}" for step, value in enumerate(values, 1)]
    text = "\n".join(["step,synapse.weights[1][2]", *rows])
    Path(name).write_text(text + "\n", encoding="utf-8")


def test_a_trace_of_a_chip_is_compared_like_a_backend(call):
    write_trace("chip.csv", flip=False)
    done = call(f"validate prog.lahar --backends sim --trace chip.csv --steps {STEPS}")

    assert done.status == 0
    assert done.out.startswith(f"sim and chip.csv: identical ({STEPS} values")


def test_a_trace_that_parts_ends_with_1_and_the_first_step(call):
    write_trace("chip.csv", flip=True)
    command = f"validate prog.lahar --backends sim --trace chip.csv --steps {STEPS}"
    done = call(command)
    (verdict,) = call(f"{command} --json").json["verdicts"].values()

    assert done.status == 1
    assert done.err == ""
    assert "diverged" in done.out
    assert "first at step 41: synapse.weights[1,2]" in done.out
    assert verdict["divergence"]["step"] == 41
    assert verdict["divergence"]["differing"] == 1


def test_a_recording_made_elsewhere_is_a_trace(call):
    assert call(f"run prog.lahar --steps {STEPS} -o rec.h5").status == 0
    command = f"validate prog.lahar --backends interpreter --steps {STEPS}"
    done = call(f"{command} --trace rec.h5")

    assert done.status == 0
    assert "identical" in done.out


BAD_VALIDATIONS = [
    "validate nothing.lahar",
    "validate prog.lahar --backends sim",
    "validate prog.lahar --backends sim,chip",
    "validate prog.lahar --backends ,",
    "validate prog.lahar --backends sim,interpreter --profile loihi3",
    "validate prog.lahar --backends sim --trace nothing.h5",
    "validate prog.lahar --backends sim --trace nothing.csv",
    "validate prog.lahar --backends sim --trace my_rule.py",
    "validate prog.lahar --trace seed7.h5 --seed 0",
    "validate prog.lahar --trace seed7.h5 --columns step,post.v",
    "validate prog.lahar --backends sim,interpreter --steps 5 --report no/page.html",
]


def test_what_cannot_be_validated_is_refused_and_nothing_is_written(
    call, transcript, golden
):
    assert call("run prog.lahar --steps 5 --seed 7 -o seed7.h5").status == 0

    golden("cli_bad_validate", transcript(BAD_VALIDATIONS))


def test_lava_refuses_another_profile(call):
    done = call("validate prog.lahar --backends sim,lava --profile loihi2 --json")

    assert done.status == 2
    assert [e["code"] for e in done.json["errors"]] == [ProfileOfBackend.code]
