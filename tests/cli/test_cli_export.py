"""`lahar export --lava`: a script runs without lahar, and its recording comes home."""

from __future__ import annotations

import ast
import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

import lahar
from lahar import exporting
from lahar.diagnostics import LaharError
from lahar.exporting import export_lava
from lahar.hardware.program import (
    NeuronPort,
    NeuronProgram,
    Op,
    Population,
    Program,
    Register,
)
from lahar.hardware.wires import Tap, Wire

needs_lava = pytest.mark.skipif(
    importlib.util.find_spec("lava") is None, reason="Lava is not installed"
)

STEPS = 40
EXPORT = f"export prog.lahar --lava out.py --steps {STEPS} --seed 3"
VALIDATE = "validate prog.lahar --backends interpreter"
LIMIT_S = 120
SHARED_MEMORY = Path("/dev/shm")


def run_script(*words: str, script: str = "out.py") -> subprocess.CompletedProcess[str]:
    """Run the exported script as its user would, in a folder without lahar."""
    return subprocess.run(
        [sys.executable, script, *words],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def files_here() -> set[str]:
    return {p.as_posix() for p in Path().rglob("*") if "__pycache__" not in p.parts}


# --- there and back ---------------------------------------------------------------


@needs_lava
@pytest.mark.parametrize("recording", ["rec.csv", "rec.npz"])
def test_what_the_script_records_is_identical_to_the_simulator(call, recording):
    assert call(EXPORT).status == 0

    ran = run_script("--backend", "cpu", "-o", recording)
    done = call(f"validate prog.lahar --trace {recording}")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == f"written: {recording} ({STEPS} steps, 7 variables)\n"
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("sim and lava: identical (")
    assert f"{STEPS} steps)" in done.out
    assert "by Lava's own code" in done.out
    assert "not known on both sides" not in done.out


@needs_lava
def test_steps_seed_stimulus_and_record_are_the_scripts_to_choose(call):
    assert call(EXPORT).status == 0
    spikes = np.random.default_rng(1).integers(0, 2, (30, 8))
    np.savez("mine.npz", **{"spikes.pre": spikes})

    chosen = "--steps 25 --seed 9 --record post.v,*.weights --stimulus mine.npz"
    ran = run_script(*chosen.split(), "-o", "rec.csv")
    same = call(f"{VALIDATE} --trace rec.csv --stimulus mine.npz")
    other = call(f"{VALIDATE} --trace rec.csv")

    assert (ran.returncode, ran.stderr) == (0, "")
    head = Path("rec.csv").read_text().splitlines()
    assert "# seed: 9" in head
    assert "# steps: 25" in head
    assert same.out.startswith("interpreter and lava: identical (")
    assert other.status == 2
    assert "differ in stimulus" in other.err


@needs_lava
def test_modulators_are_quantised_as_lahar_does(call):
    assert call("compile stdp-reward --pre 5 --post 3 -o prog.lahar").status == 0
    rewards = np.random.default_rng(0).normal(0.0, 2.0, (STEPS, 3))
    spikes = np.random.default_rng(1).integers(0, 2, (STEPS, 5))
    np.savez("mine.npz", **{"spikes.pre": spikes, "modulator.reward": rewards})
    assert call(f"{EXPORT} --stimulus mine.npz").status == 0

    ran = run_script("-o", "rec.csv")
    done = call(f"{VALIDATE} --trace rec.csv --stimulus mine.npz")

    assert (ran.returncode, ran.stderr) == (0, "")
    assert done.out.startswith("interpreter and lava: identical (")


def sinks_and_constants() -> Program:
    """What from_lava makes: a cycle, neurons that differ, a sink with its buffer."""
    lif = NeuronProgram(
        ports=(NeuronPort("a_in", "synaptic"),),
        registers=(Register("u"), Register("v"), Register("bias")),
        ops=(
            Op("shl", "input", ("a_in", 6)),
            Op("decay", "u", ("u", 401)),
            Op("add", "u", ("u", "input")),
            Op("wrap", "u", ("u",)),
            Op("decay", "v", ("v", 128)),
            Op("add", "v", ("v", "u")),
            Op("add", "v", ("v", "bias")),
            Op("saturate", "v", ("v", -8388607, 8388607)),
            Op("gt", "spike", ("v", 6400)),
            Op("select", "v", ("spike", 0, "v")),
        ),
        spike="spike",
        membrane="v",
    )
    cycle = np.array([[0, 9, 100, 3], [40, 0, 0, -1]], np.int32)
    populations = (
        Population("clock", 4, cycle=cycle),
        Population(
            "lif",
            4,
            lif,
            (2, 2),
            initial={"bias": np.array([5, 700, -9, 3000], np.int32)},
            wires={"a_in": "clocked"},
        ),
    )
    wires = (
        Wire("clocked", (4,), (Tap("clock.s_out"),)),
        Wire("sink", (2, 2), (Tap("lif.s_out"),), True, 6),
    )
    return Program("made", "loihi2", "lava-0.10", 1e-3, populations, (), wires=wires)


@needs_lava
@pytest.mark.parametrize("recording", ["rec.csv", "rec.npz"])
def test_networks_read_from_lava_come_back_whole(here, call, recording):
    sinks_and_constants().save("prog.lahar")
    assert call(EXPORT).status == 0

    ran = run_script("-o", recording)
    done = call(f"{VALIDATE} --trace {recording} --json")

    assert (ran.returncode, ran.stderr) == (0, "")
    (verdict,) = done.json["verdicts"].values()
    assert verdict["level"] == "identical"
    compared = {v["name"] for v in verdict["variables"]}
    assert compared >= {"lif.bias", "lif.v", "sink.a_in", "clock.s_out"}
    assert ("sink.data" in compared) == (recording == "rec.npz")


# --- what cannot run --------------------------------------------------------------


@needs_lava
def test_without_a_chip_its_flag_ends_in_a_clear_error(call):
    assert call(EXPORT).status == 0
    before = files_here()

    ran = run_script("--backend", "loihi2")

    assert ran.returncode == 3
    assert ran.stdout == ""
    assert ran.stderr == (
        "error: this Lava cannot reach a chip: --backend loihi2 needs Intel's extension"
        " of Lava for Loihi; --backend cpu runs here\n"
    )
    assert files_here() == before


@needs_lava
@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--steps 0", "--steps is 1 or more"),
        ("--steps 41", "spikes.pre must be numbers of 41 steps or more"),
        ("-o no/rec.csv", "there is no folder"),
        ("-o rec.h5", "neither a .csv nor a .npz"),
        ("--record post.w", "nothing is called 'post.w'"),
        ("--stimulus no.npz", "cannot read the stimulus no.npz"),
        ("--stimulus wrong.npz", "must have the arrays ['spikes.pre']"),
        ("--stimulus narrow.npz", "spikes.pre must have shape (steps, 8)"),
    ],
)
def test_a_wrong_call_of_the_script_is_refused(call, words, said):
    assert call(EXPORT).status == 0
    np.savez("wrong.npz", x=np.zeros(3))
    np.savez("narrow.npz", **{"spikes.pre": np.zeros((STEPS, 7))})
    before = files_here()

    ran = run_script(*words.split())

    assert ran.returncode == 2
    assert said in ran.stderr
    assert "Traceback" not in ran.stderr
    assert files_here() == before


def test_a_script_without_its_folder_says_so(call):
    assert call(EXPORT).status == 0
    Path("out_lava").rename("elsewhere")

    ran = run_script()

    assert ran.returncode in (2, 3)  # 3: Lava itself is missing
    assert "is missing: copy it together" in ran.stderr or "Lava is not" in ran.stderr


def living_with(text: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        words = process.info["cmdline"] or []
        if text in words and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def wait_until(happened, seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while not happened() and time.monotonic() < deadline:
        time.sleep(0.1)
    return bool(happened())


@needs_lava
@pytest.mark.parametrize(
    "statement", ["os.kill(os.getpid(), 9)", "raise ValueError('the cause')"]
)
def test_a_lava_process_that_fails_ends_the_script(call, tmp_path, statement):
    assert call(EXPORT).status == 0
    module = Path("out_lava/processes/lahar_processes.py")
    text = module.read_text()
    start = "    def run_spk(self):\n        for port, name"
    assert text.count(start) == 1
    injected = f"        if self.time_step == 5:\n            {statement}\n"
    head, rest = start.splitlines()
    module.write_text(text.replace(start, f"{head}\n{injected}{rest}"))
    script = str(Path("out.py").resolve())
    before = set(SHARED_MEMORY.glob("psm_*"))

    ran = run_script(script=script)

    assert ran.returncode == 1
    assert "error: Lava failed" in ran.stderr
    assert ("exit code -9" if "kill" in statement else "the cause") in ran.stderr
    assert not Path("recording.csv").exists()
    assert wait_until(lambda: not living_with(script))
    assert wait_until(lambda: not orphaned(before))


def orphaned(before: set[Path]) -> set[Path]:
    """New shared memory that no process has mapped; others may run Lava beside us."""
    new = set(SHARED_MEMORY.glob("psm_*")) - before
    for pid in psutil.pids() if new else []:
        try:
            maps = Path(f"/proc/{pid}/maps").read_text()
        except OSError:
            continue
        new = {path for path in new if path.name not in maps}
    return new


@needs_lava
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_script_that_is_stopped_takes_lava_with_it(call, number):
    long = EXPORT.replace(f"--steps {STEPS}", "--steps 200000 --stimulus silent")
    assert call(long).status == 0
    script = str(Path("out.py").resolve())

    with subprocess.Popen([sys.executable, script], stderr=subprocess.PIPE) as started:
        assert wait_until(lambda: len(living_with(script)) > 5), "Lava runs"
        time.sleep(1.0)
        started.send_signal(number)
        _, said = started.communicate(timeout=LIMIT_S)

    assert started.returncode == 1
    assert b"Lava failed" in said
    assert wait_until(lambda: not living_with(script))
    assert not Path("recording.csv").exists()


# --- what is written --------------------------------------------------------------


def test_the_script_imports_lava_numpy_and_the_standard_library_only(call):
    assert call(EXPORT).status == 0

    allowed = {*sys.stdlib_module_names, "numpy", "lava", "lahar_processes"}
    texts = [Path("out.py"), *Path("out_lava").rglob("*.py")]
    for path in texts:
        found = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(str(node.module).partition(".")[0])
        assert found <= allowed
    assert len(texts) == 2


def test_equal_exports_are_equal_files_and_replace_each_other(call):
    assert call(EXPORT).status == 0
    first = {
        name: Path(name).read_bytes() for name in files_here() if Path(name).is_file()
    }
    Path("out_lava/stale.txt").write_text("of an earlier export")

    assert call(EXPORT).status == 0

    assert files_here() == {*first, "out_lava", "out_lava/processes"}
    for name, content in first.items():
        assert Path(name).read_bytes() == content, name


def test_export_with_json_names_both(call):
    assert call(f"{EXPORT} --json").json == {"script": "out.py", "folder": "out_lava"}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("export nothing.lahar --lava out.py", "P303"),
        ("export prog.lahar --lava out", "U920"),
        ("export prog.lahar --lava mine.py", "U921"),
        ("export prog.lahar --lava no/out.py", "U922"),
        ("export prog.lahar --lava folder.py", "U922"),
        ("export prog.lahar --lava out.py --stimulus nothing.npz", "S411"),
    ],
)
def test_what_cannot_be_exported_is_refused_and_nothing_is_written(call, command, code):
    Path("mine_lava").mkdir()
    Path("folder.py").mkdir()
    before = files_here()

    done = call(f"{command} --json")

    assert done.status == 2
    assert [e["code"] for e in done.json["errors"]] == [code]
    assert files_here() == before


def test_what_lava_cannot_say_is_not_exported(here, call):
    program = lahar.load("prog.lahar")
    (synapse,) = program.connections
    delayed = synapse.weights * 0 + 1
    changed = lahar.Program(
        **{
            **vars(program),
            "connections": (type(synapse)(**{**vars(synapse), "delays": delayed}),),
        }
    )

    with pytest.raises(LaharError, match="B521"):
        export_lava(changed, "out.py", steps=5)

    assert not Path("out.py").exists()


@pytest.mark.parametrize("failing", ["the folder", "the script"])
def test_a_failed_export_leaves_the_earlier_one_whole(call, monkeypatch, failing):
    assert call(EXPORT).status == 0
    before = {n: Path(n).read_bytes() for n in files_here() if Path(n).is_file()}
    rename = os.rename

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    def folder_is_full(source: Path, target: Path) -> None:
        if str(source).endswith("-new"):
            full()
        rename(source, target)

    if failing == "the script":
        monkeypatch.setattr(os, "replace", full)
    else:
        monkeypatch.setattr(exporting.os, "rename", folder_is_full)
    done = call(EXPORT.replace("--seed 3", "--seed 4"))

    assert done.status == 2
    assert "error[U922]: cannot write `out.py`: No space left on device" in done.err
    after = {n: Path(n).read_bytes() for n in files_here() if Path(n).is_file()}
    assert after == before
