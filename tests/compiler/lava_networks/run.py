"""Read networks with from_lava, then run them in Lava itself, all in one runtime.

A script for a process of its own (tests/compiler/conftest.py starts it): it works in
its folder, which holds settings.json, and leaves a Program for each network there and
result.npz with what Lava computed.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from lava.magma.core.process.variable import Var
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg

import lahar
from lahar.compiler.lava.recorder_text import recorder_text
from lahar.hardware.variables import state_variables

HERE = Path.cwd()
IMPORTS = """
import os

import numpy as np
from lava.magma.core.decorator import implements, requires
from lava.magma.core.model.py.model import PyLoihiProcessModel
from lava.magma.core.model.py.ports import PyInPort, PyRefPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.process.ports.ports import InPort, RefPort
from lava.magma.core.process.process import AbstractProcess
from lava.magma.core.resources import CPU
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol

"""


def load_module(path: Path) -> ModuleType:
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def read(networks: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Build and read every network; give the members of Lava to record, by name.

    Sparse matrices come apart: Lava shows them at the end of a run only.
    """
    members: dict[str, Any] = {}
    sparse: dict[str, Any] = {}
    for name, build in networks.items():
        processes = build()
        program = lahar.from_lava(processes[0])
        program.save(HERE / f"{name}.lahar")
        by_name = {p.name: p for p in processes}
        for variable in state_variables(program):
            owner, _, member = variable.name.rpartition(".")
            if owner not in by_name:
                continue
            found = getattr(
                by_name[owner], "data" if member == "a_in" else member, None
            )
            if found is not None and is_sparse(found):
                sparse[f"{name}/{variable.name}"] = found
            elif found is not None and readable(found, variable.shape):
                members[f"{name}/{variable.name}"] = found
    return members, sparse


def is_sparse(member: Any) -> bool:
    """Tell whether a member is a sparse matrix, which Lava's RefPorts cannot read."""
    return isinstance(member, Var) and hasattr(member.init, "tocsr")


def readable(member: Any, shape: tuple[int, ...]) -> bool:
    """Tell whether a recorder can read it: no parameter of each neuron its own."""
    return bool(member.shape == shape or member.name == "data")


def recorder_of(members: dict[str, Any], steps: int) -> Any:
    """Make lahar's own recorder process and connect it to everything."""
    names, ports = {}, {}
    kinds = {True: "ref", False: "in"}
    count = dict.fromkeys(kinds.values(), 0)
    for name, member in members.items():
        kind = kinds[isinstance(member, Var)]
        ports[f"{kind}_{count[kind]}"] = member
        names[f"{kind}_{count[kind]}"] = name
        count[kind] += 1
    folder = HERE / "processes"
    folder.mkdir()
    text = recorder_text(count["ref"], count["in"])
    (folder / "recorder.py").write_text(IMPORTS + text)
    recorder = load_module(folder / "recorder.py").Recorder(
        shapes={port: member.shape for port, member in ports.items()},
        names=names,
        types=dict.fromkeys(names.values(), "int64"),
        record=list(names.values()),
        steps=steps,
        folder=str(HERE),
    )
    for port, member in ports.items():
        if isinstance(member, Var):
            getattr(recorder, port).connect_var(member)
        else:
            member.connect(getattr(recorder, port))
    return recorder


def watch(actors: list[Any], ended: threading.Event) -> None:
    """End all when a process of Lava's fails; the others would wait for ever."""
    while not ended.wait(0.1):
        for actor in actors:
            if actor.exception:
                sys.stderr.write(actor.exception[1])
                os._exit(1)


@contextmanager
def watched(recorder: Any) -> Iterator[None]:
    """Watch Lava's processes meanwhile, and no longer.

    Lava's ``stop`` reads the pipes that the watcher reads: of two readers of one pipe
    one gets nothing, and fails.
    """
    ended = threading.Event()
    actors = recorder.runtime._messaging_infrastructure.actors
    watcher = threading.Thread(target=watch, args=(actors, ended), daemon=True)
    watcher.start()
    yield
    ended.set()
    watcher.join()


def leave_with_parent() -> None:
    os.read(0, 1)
    shutil.rmtree(HERE, ignore_errors=True)
    os.killpg(0, 15)


def main() -> None:
    if "--leave-with-parent" in sys.argv:
        threading.Thread(target=leave_with_parent, daemon=True).start()
    settings = json.loads((HERE / "settings.json").read_text())
    networks = load_module(Path(settings["networks"])).NETWORKS
    chosen = {n: networks[n] for n in settings["only"] or networks}
    members, sparse = read(chosen)
    recorder = recorder_of(members, settings["steps"])
    recorder.create_runtime(run_cfg=Loihi2SimCfg(select_tag="fixed_pt"))
    with watched(recorder):
        recorder.run(condition=RunSteps(num_steps=settings["steps"]))
        last = {name: var.get().toarray() for name, var in sparse.items()}
    np.savez(HERE / "sparse.npz", **last)
    recorder.stop()


if __name__ == "__main__":
    np.seterr(all="ignore")
    try:
        main()
    except BaseException:
        traceback.print_exc()  # the children that were started would keep us here
        os._exit(1)
