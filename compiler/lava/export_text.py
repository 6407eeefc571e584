"""The text of a plain Lava script that runs a Program without lahar.

In: a bundle, whose network it is written around. Out: a script with a guarded main. It
reads its arrays and stimulus from a folder beside it and leaves a recording that
``lahar validate --trace`` reads, with where it comes from at its head.
"""

from __future__ import annotations

from ...hardware.lava_bundle import LavaBundle
from .identifiers import quoted

HEAD = '''\
"""The program {program} as a Lava network. Written by lahar.

It needs lava-nc 0.10.0 and numpy, and its folder beside it.

    python SCRIPT --output recording.csv
    python SCRIPT --backend loihi2 --output recording.csv

The first runs Lava's fixed-point CPU models, the second a Loihi 2 through Intel's
extension of Lava. `lahar validate PROGRAM --trace recording.csv` compares what it did.
"""

import argparse
import csv
import fnmatch
import hashlib
import importlib.metadata
import importlib.util
import io
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import traceback
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # Lava has many processes

import numpy as np

HERE = Path(__file__).resolve().parent / {folder!r}
sys.path.insert(0, str(HERE / "processes"))


def stop(status, text):
    """Say why there is no recording, and go."""
    print(f"error: {{text}}", file=sys.stderr)
    sys.exit(status)


if importlib.util.find_spec("lava") is None:
    stop(3, "Lava is not installed (lava-nc 0.10.0, on Python 3.10)")
if not (HERE / "processes").is_dir():
    stop(2, f"the folder {{HERE}} is missing: copy it together with this script")

from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2HwCfg, Loihi2SimCfg
from lava.proc.io.sink import PyReceiveModelFixed
from lava.proc.io.source import PySendModelFixed

'''

TAIL = '''

def read_arguments(program):
    """Read the command line; what it does not say is as it was exported."""
    parser = argparse.ArgumentParser(description=f"Run {program['program']!r} on Lava.")
    parser.add_argument("--backend", choices=("cpu", "loihi2"), default="cpu")
    parser.add_argument("--steps", type=int, default=program["steps"])
    parser.add_argument("--seed", type=int, default=program["seed"])
    parser.add_argument(
        "--stimulus", type=Path, default=HERE / "stimulus.npz", metavar="FILE.npz"
    )
    parser.add_argument(
        "--record", default="all", help="names or patterns, by commas (all)"
    )
    parser.add_argument(
        "-o", "--output", type=Path, default="recording.csv", metavar="FILE.csv|.npz"
    )
    options = parser.parse_args()
    if options.steps < 1 or options.seed < 0:
        stop(2, "--steps is 1 or more, --seed 0 or more")
    if options.output.suffix not in (".csv", ".npz"):
        stop(2, f"{options.output} is neither a .csv nor a .npz")
    if not options.output.resolve().parent.is_dir():
        stop(2, f"there is no folder {options.output.resolve().parent}")
    return options


def configuration(backend):
    """Choose Lava's run configuration by name."""
    if backend == "cpu":
        return Loihi2SimCfg(select_tag="fixed_pt")
    try:
        from lava.magma.core.model.c.model import CLoihiProcessModel  # noqa: F401
        from lava.magma.core.model.nc.model import AbstractNcProcessModel  # noqa: F401
    except ImportError:
        stop(
            3,
            "this Lava cannot reach a chip: --backend loihi2 needs Intel's extension "
            "of Lava for Loihi; --backend cpu runs here",
        )
    # Ring buffers stay on the host, where without a tag Lava would take floats.
    host = {RingBuffer: PySendModelFixed, Sink: PyReceiveModelFixed}
    return Loihi2HwCfg(exception_proc_model_map=host)


def read_stimulus(path, program, steps):
    """Give what the ring buffers send, and the checksum of the stimulus."""
    try:
        with np.load(path, allow_pickle=False) as loaded:
            given = {key: loaded[key] for key in loaded.files}
    except Exception as error:
        stop(2, f"cannot read the stimulus {path}: {error}")
    inputs = {f"spikes.{n}": i for n, i in program["inputs"].items()}
    modulators = {f"modulator.{n}": m for n, m in program["modulators"].items()}
    wanted = {**inputs, **modulators}
    if wanted.keys() != given.keys():
        stop(2, f"{path} must have the arrays {sorted(wanted)}, it has {sorted(given)}")
    for key, values in given.items():
        if values.dtype.kind not in "biuf" or len(values) < steps:
            stop(2, f"{path}: {key} must be numbers of {steps} steps or more")
    arrays = {}
    for key, info in inputs.items():
        if given[key].ndim != 2 or given[key].shape[1] != info["size"]:
            stop(2, f"{path}: {key} must have shape (steps, {info['size']})")
        arrays[info["array"]] = given[key][:steps].T
    for key, info in modulators.items():
        for port in info["ports"]:
            arrays[port["array"]] = at_port(key, given[key][:steps], info, port["size"])
    whole = {k: np.ascontiguousarray(a, np.int32) for k, a in arrays.items()}
    return whole, checksum(given)


def at_port(key, values, info, size):
    """Quantise a modulator as a port receives it."""
    stored = np.rint(values.astype(np.float64) * info["scale"])
    stored = np.clip(stored, info["low"], info["high"]).astype(np.int32)
    columns = stored if stored.ndim == 2 else stored[:, None]
    if columns.shape[1] not in (1, size):
        stop(2, f"{key} must have shape (steps,) or (steps, {size})")
    return np.broadcast_to(columns, (len(stored), size)).T


def checksum(given):
    """Give the checksum that lahar gives a stimulus."""
    digest = hashlib.sha256()
    kinds = (("spikes", "spikes.", "u1"), ("modulators", "modulator.", "<f8"))
    for kind, prefix, dtype in kinds:
        for key in sorted(k for k in given if k.startswith(prefix)):
            values = np.ascontiguousarray(given[key], np.dtype(dtype))
            name = key[len(prefix) :]
            digest.update(f"{kind} {name!r} {values.shape}".encode())
            digest.update(values.data)
    return digest.hexdigest()


def choose(record, variables):
    """Find the variables to record by names or patterns."""
    if record == "all":
        return list(variables)
    found = []
    for pattern in record.split(","):
        names = [n for n in variables if n == pattern]
        names = names or [n for n in variables if fnmatch.fnmatchcase(n, pattern)]
        if not names:
            stop(2, f"nothing is called {pattern!r}; there are {', '.join(variables)}")
        found += names
    return [name for name in variables if name in found]


class Run:
    """A run of Lava that does not stay when one of its processes goes."""

    def __init__(self, folder):
        self.folder = folder
        self.actors = []
        self.ended = threading.Event()
        self.watcher = threading.Thread(target=self.watch, daemon=True)

    def fail(self, text):
        """End what Lava started, and go: Lava itself would wait for ever."""
        print(f"error: Lava failed\\n{text}", file=sys.stderr, flush=True)
        for child in multiprocessing.active_children():
            child.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        os._exit(1)

    def blame(self):
        """Say which of Lava's processes failed, if one did."""
        for actor in self.actors:
            if actor.exception:
                return actor.exception[1]
            if not actor._is_done and actor.exitcode:
                return f"a Lava process ended with exit code {actor.exitcode}"
        return ""

    def watch(self):
        while not self.ended.wait(0.1):
            if self.blame():
                self.fail(self.blame())

    def steps(self, recorder, steps, config):
        """Run all steps, and stop."""
        try:
            recorder.create_runtime(run_cfg=config)
            self.actors = recorder.runtime._messaging_infrastructure.actors
            signal.signal(signal.SIGTERM, lambda *_: self.fail("terminated"))
            self.watcher.start()
            recorder.run(condition=RunSteps(num_steps=steps))
            self.ended.set()
            self.watcher.join()
            recorder.stop()
        except KeyboardInterrupt:
            self.fail("interrupted")
        except Exception:
            # Lava and the watcher read the same pipes: what failed may be in its hands.
            self.ended.set()
            if self.watcher.is_alive():
                self.watcher.join(1.0)
            self.fail(self.blame() or traceback.format_exc())


def read_result(folder, program, arrays, names, steps):
    """Give rows of what is recorded and last values of everything, in their shapes."""
    rows, final = {}, {}
    with np.load(Path(folder) / "result.npz", allow_pickle=False) as result:
        for name, info in program["variables"].items():
            constant = arrays.get(f"constant {name}")
            last = result[f"final {name}"] if constant is None else constant
            final[name] = last.reshape(info["shape"]).astype(info["type"])
            if name not in names:
                continue
            if constant is None:
                rows[name] = result[f"row {name}"].reshape(steps, *info["shape"])
            else:
                rows[name] = np.repeat(final[name][None], steps, axis=0)
    return rows, final


def head(program, options, stimulus):
    """Say where the recording comes from, in the lines that lahar reads."""
    known = {
        "backend": "lava" if options.backend == "cpu" else options.backend,
        "backend_version": importlib.metadata.version("lava-nc"),
        "lahar_version": program["lahar_version"],
        "chip": program["chip"],
        "seed": options.seed,
        "steps": options.steps,
        "dt_seconds": program["dt_seconds"],
        "units": "stored",
        "program_checksum": program["program_checksum"],
        "stimulus_checksum": stimulus,
    }
    if options.backend == "cpu":
        known["profile"] = program["profile"]
        known["lava_own"] = json.dumps(program["lava_own"])
    return ["lahar-trace 1", *(f"{key}: {value}" for key, value in known.items())]


def write(path, lines, rows, final):
    """Write a recording whole, or not at all."""
    unfinished = path.with_name(f".unfinished-{os.getpid()}-{path.name}")
    try:
        with unfinished.open("wb") as file:
            kind = write_table if path.suffix == ".csv" else write_arrays
            kind(file, lines, rows, final)
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def write_arrays(file, lines, rows, final):
    text = "\\n".join(f"# {line}" for line in lines)
    np.savez_compressed(
        file,
        head=np.frombuffer(text.encode(), np.uint8),
        **{f"row {name}": values for name, values in rows.items()},
        **{f"final {name}": values for name, values in final.items()},
    )


def write_table(file, lines, rows, final):
    """Write a row for each step, a column for each element."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    for line in lines:
        text.write(f"# {line}\\n")
    names = [
        name + "".join(f"[{k}]" for k in index)
        for name, values in rows.items()
        for index in np.ndindex(values.shape[1:])
    ]
    table = csv.writer(text, lineterminator="\\n")
    table.writerow(["step", *names])
    flat = [values.reshape(len(values), -1) for values in rows.values()]
    for step, row in enumerate(np.concatenate(flat, axis=1).tolist(), start=1):
        table.writerow([step, *row])
    text.flush()
    text.detach()


def main():
    program = json.loads((HERE / "program.json").read_text(encoding="utf-8"))
    options = read_arguments(program)
    names = choose(options.record, program["recordable"])
    config = configuration(options.backend)
    inputs, stimulus = read_stimulus(options.stimulus, program, options.steps)
    with np.load(HERE / "arrays.npz", allow_pickle=False) as stored:
        arrays = {**stored, **inputs}
    with tempfile.TemporaryDirectory(prefix="lahar-") as folder:
        recorder = record(
            build(arrays, options.seed),
            types={name: info["type"] for name, info in program["variables"].items()},
            record=names,
            steps=options.steps,
            folder=folder,
        )
        Run(folder).steps(recorder, options.steps, config)
        result = read_result(folder, program, arrays, names, options.steps)
    try:
        write(options.output, head(program, options, stimulus), *result)
    except OSError as error:
        stop(2, f"cannot write {options.output}: {error}")
    print(f"written: {options.output} ({options.steps} steps, {len(names)} variables)")


if __name__ == "__main__":
    main()
'''


def export_text(bundle: LavaBundle, folder: str) -> str:
    """Write the script whose arrays are in that folder beside it."""
    head = HEAD.format(program=quoted(bundle.program), folder=folder)
    return head + bundle.network + TAIL
