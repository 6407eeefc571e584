"""Export a Program as a plain Lava script, for machines that have no lahar.

In: a Program, a stimulus and a path. Out: OUT.py and, beside it, the folder OUT_lava
with the generated processes (Lava runs every file in the folder of a process), the
arrays, the stimulus and program.json, which says what was exported.
"""

from __future__ import annotations

import io
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from .atomic_file import replacing
from .compiler.lava.export_text import export_text
from .compiler.lava.lower import lower_to_lava
from .diagnostics import Diagnostic, LaharError
from .hardware.lava_bundle import LavaBundle
from .hardware.program import Modulator, Program
from .hardware.program_file import checksum
from .hardware.variables import sink_buffers, state_variables
from .running import StepsOutOfRange, StimulusLike, make_stimulus
from .sim.stimulus import Stimulus, prepare
from .versions import backend_version

FORMAT = "lahar-lava-export"
DESCRIPTION = "program.json"


@dataclass(frozen=True)
class NotAScript(Diagnostic):
    """An exported program is a Python script with a folder of its own beside it.

    The ending .py says so, and the folder gets the same name without it.
    """

    code = "U920"
    title = "`{path}` is no path for a Python script"
    help = "give a name that ends in .py, such as {path}.py"

    path: str


@dataclass(frozen=True)
class FolderIsTaken(Diagnostic):
    """The folder of the script is there, and lahar did not write it.

    Exporting again replaces the folder of an earlier export, and no other.
    """

    code = "U921"
    title = "`{folder}` is there already, and is not of an export"
    note = "the script {script} keeps its arrays and processes in a folder of that name"
    help = "choose another name for the script, or move the folder away"

    folder: str
    script: str


@dataclass(frozen=True)
class CannotExport(Diagnostic):
    """The script or its folder could not be written.

    What an earlier export left there is still whole.
    """

    code = "U922"
    title = "cannot write `{path}`: {reason}"
    note = "nothing was written"
    help = "choose another path"

    path: str
    reason: str


def export_lava(
    program: Program,
    path: str | Path,
    stimulus: StimulusLike = None,
    steps: int = 1000,
    seed: int = 0,
) -> tuple[Path, Path]:
    """Write a Lava script and its folder; give both paths.

    Parameters
    ----------
    program
        What is exported.
    path
        Of the script, ending in ``.py``; its folder is called ``<name>_lava``.
    stimulus, steps, seed
        As for `run`. The script runs these unless it is told otherwise.

    Raises
    ------
    LaharError
        U920 to U922 for the paths, B520 and B521 for what Lava cannot compute, S4xx
        for a stimulus that does not fit.

    """
    script = Path(path)
    folder = script.with_name(f"{script.stem}_lava")
    _check_paths(script, folder)
    if steps < 1:
        raise LaharError(StepsOutOfRange(steps))
    chosen = make_stimulus(program, stimulus, steps, seed)
    prepare(program, chosen, steps)  # it checks the stimulus
    bundle = lower_to_lava(program)
    files = _files(program, bundle, chosen, steps, seed)
    try:
        _write_all(script, folder, export_text(bundle, folder.name), files)
    except OSError as error:
        reason = error.strerror or str(error)
        raise LaharError(CannotExport(str(script), reason)) from None
    return script, folder


def _check_paths(script: Path, folder: Path) -> None:
    if script.suffix != ".py":
        raise LaharError(NotAScript(str(script)))
    if (folder.exists() or folder.is_symlink()) and not _is_of_an_export(folder):
        raise LaharError(FolderIsTaken(str(folder), script.name))


def _is_of_an_export(folder: Path) -> bool:
    try:
        text = (folder / DESCRIPTION).read_text(encoding="utf-8")
        return bool(json.loads(text)["format"] == FORMAT) and not folder.is_symlink()
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _write_all(
    script: Path, folder: Path, text: str, files: Mapping[str, bytes]
) -> None:
    """Put script and folder in the place of earlier ones: both, or neither."""
    mark = secrets.token_hex(8)
    new, old = (folder.with_name(f".lahar-{mark}-{kind}") for kind in ("new", "old"))
    new.mkdir()
    try:
        for name, content in files.items():
            (new / name).parent.mkdir(exist_ok=True)
            (new / name).write_bytes(content)
        with replacing(script) as temporary:
            temporary.write_text(text, encoding="utf-8")
            _swap(new, folder, old)
    except BaseException:
        _swap_back(new, folder, old)
        raise
    finally:
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _swap(new: Path, folder: Path, old: Path) -> None:
    if folder.exists():
        os.rename(folder, old)
    os.rename(new, folder)


def _swap_back(new: Path, folder: Path, old: Path) -> None:
    if not new.exists():
        os.rename(folder, new)
    if old.exists():
        os.rename(old, folder)


def _files(
    program: Program, bundle: LavaBundle, stimulus: Stimulus, steps: int, seed: int
) -> dict[str, bytes]:
    """Give the content of the folder, by the names of its files."""
    texts = {name: t for name, t in bundle.files.items() if name != bundle.entry}
    description = _description(program, bundle, steps, seed)
    texts[DESCRIPTION] = json.dumps(description, indent=2, ensure_ascii=False)
    constants = {f"constant {n}": values for n, values in bundle.constants.items()}
    return {
        **{name: text.encode() for name, text in texts.items()},
        "arrays.npz": _npz({**bundle.arrays, **constants}),
        "stimulus.npz": _npz(_stimulus_arrays(stimulus)),
    }


def _npz(arrays: Mapping[str, npt.ArrayLike]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **{k: np.asarray(a) for k, a in arrays.items()})
    return buffer.getvalue()


def _stimulus_arrays(stimulus: Stimulus) -> dict[str, npt.ArrayLike]:
    """Name the arrays as a stimulus file does (sim/stimulus.py)."""
    spikes = {f"spikes.{n}": np.asarray(v, "u1") for n, v in stimulus.spikes.items()}
    modulators = {
        f"modulator.{n}": np.asarray(v, "<f8") for n, v in stimulus.modulators.items()
    }
    return {**spikes, **modulators}


def _description(
    program: Program, bundle: LavaBundle, steps: int, seed: int
) -> dict[str, Any]:
    """Say what was exported: what the script reads, and what a recording is of."""
    recordable = [v.name for v in state_variables(program)]
    everything = (*state_variables(program), *sink_buffers(program))
    sizes = {p.name: p.size for p in program.populations}
    return {
        "format": FORMAT,
        "program": program.name,
        "program_checksum": checksum(program),
        "lahar_version": backend_version("sim"),
        "chip": program.chip,
        "profile": bundle.profile.name,
        "dt_seconds": program.dt_seconds,
        "steps": steps,
        "seed": seed,
        "inputs": {
            name: {"array": key, "size": sizes[name]}
            for name, key in bundle.spikes.items()
        },
        "modulators": {
            m.name: _modulator(m, bundle, sizes) for m in program.modulators
        },
        "variables": {
            v.name: {"shape": list(v.shape), "type": v.dtype} for v in everything
        },
        "recordable": recordable,
        "lava_own": [p.variable for p in bundle.probes if p.lava_own],
    }


def _modulator(
    modulator: Modulator, bundle: LavaBundle, sizes: Mapping[str, int]
) -> dict[str, Any]:
    return {
        "scale": modulator.scale,
        "low": modulator.low,
        "high": modulator.high,
        "ports": [
            {"array": bundle.ports[port], "size": sizes[port[0]]}
            for port in modulator.ports
        ],
    }
