"""Run a batch of Lava networks in one Lava runtime, and write all they compute.

Started as a script in a folder with batch.json, in a process group of its own; it is
the only file of the benchmarks that imports Lava. Each network is read by `from_lava`
first. Then one process hears an OutPort of each, which joins them, and every model
keeps what it computes: the models are Lava's, a subclass of each only looks on.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from lava.magma.compiler.compiler_graphs import ProcGroupDiGraphs
from lava.magma.core.decorator import implements, requires
from lava.magma.core.model.py.model import PyLoihiProcessModel
from lava.magma.core.model.py.ports import PyInPort
from lava.magma.core.model.py.type import LavaPyType
from lava.magma.core.process.ports.ports import InPort
from lava.magma.core.process.process import AbstractProcess
from lava.magma.core.resources import CPU
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg
from lava.magma.core.sync.protocols.loihi_protocol import LoihiProtocol

from lahar import from_lava
from lahar.diagnostics import LaharError

WATCH_SECONDS = 0.1


# --- recording


class Joint(AbstractProcess):  # type: ignore[misc]
    """Hears one OutPort of every network, so that they are one network."""

    def __init__(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        super().__init__(ports=list(shapes))
        for port, shape in shapes.items():
            setattr(self, port, InPort(shape=shape))


class AbstractJointModel(PyLoihiProcessModel):  # type: ignore[misc]
    """Hears, and does nothing."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self.ports = settings["ports"]

    def run_spk(self) -> None:
        for port in self.ports:
            getattr(self, port).recv()


def joint_model(ports: list[str]) -> type:
    """Make the model of a joint with these ports."""
    members = {p: LavaPyType(PyInPort.VEC_DENSE, np.int64) for p in ports}
    model = type("JointModel", (AbstractJointModel,), members)
    made: type = requires(CPU)(implements(proc=Joint, protocol=LoihiProtocol)(model))
    return made


class Keeps:
    """Keeps what the model that it is mixed into sends, and its Vars after each step.

    At the start of a step Vars are as learning left them in the step before, so the
    networks run for one step more than is kept.
    """

    time_step: int

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)  # type: ignore[call-arg]
        self.kept = settings["kept"]
        members = [*self.kept["vars"], self.kept["port"]]
        self.rows: dict[str, list[Any]] = {name: [] for name in members if name}

    def run_spk(self) -> None:
        if self.time_step == 1:
            self._listen()
        else:
            self._read()
        if self.time_step > self.kept["steps"]:
            self._save()
        super().run_spk()  # type: ignore[misc]

    def _save(self) -> None:
        steps = self.kept["steps"]
        stacked = {n: np.stack(rows[:steps]) for n, rows in self.rows.items()}
        arrays = {n: values.astype(np.int64) for n, values in stacked.items()}
        np.savez(self.kept["path"], **arrays)

    def _listen(self) -> None:
        if not self.kept["port"]:
            return
        port = getattr(self, self.kept["port"])
        rows, send = self.rows[self.kept["port"]], port.send

        def keep(data: Any) -> None:
            rows.append(np.array(data).astype(port._d_type))  # as the channel casts
            send(data)

        port.send = keep

    def _read(self) -> None:
        for var in self.kept["vars"]:
            value = getattr(self, var)
            dense = value.toarray() if hasattr(value, "toarray") else value
            self.rows[var].append(np.array(dense))


class KeepingConfig(Loihi2SimCfg):  # type: ignore[misc]
    """Chooses fixed-point models, and lets them keep what they compute."""

    def __init__(self) -> None:
        super().__init__(select_tag="fixed_pt")
        self._keeping: dict[type, type] = {}

    def select(self, process: AbstractProcess, models: list[type]) -> type:
        model: type = super().select(process, models)
        if process.proc_params.get("kept") is None:
            return model
        if model not in self._keeping:
            name = f"Keeping{model.__name__}"
            self._keeping[model] = type(name, (Keeps, model), {})
        return self._keeping[model]


def remember_models(known: dict[type, list[type]]) -> None:
    """Search for the models of each class once: Lava searches for each process."""
    search = ProcGroupDiGraphs._find_proc_models

    def find(proc: AbstractProcess) -> list[type]:
        if type(proc) not in known:
            known[type(proc)] = search(proc)
        return list(known[type(proc)])

    ProcGroupDiGraphs._find_proc_models = staticmethod(find)


# --- a batch


def build(case: Mapping[str, Any], imports: str) -> dict[str, AbstractProcess]:
    """Make the processes of a network."""
    made: dict[str, Any] = {}
    exec(f"{imports}\n{case['text']}", made)
    return {name: made[name] for name in case["processes"]}


def read_network(case: Mapping[str, Any], processes: Mapping[str, Any]) -> None:
    """Save what `from_lava` makes of the network."""
    program = from_lava(processes[case["entry"]])
    program.save(f"{case['name']}.lahar")


def prepare(case: Mapping[str, Any], imports: str) -> dict[str, Any] | None:
    """Build a network and read it; say what went wrong, if something did."""
    said: dict[str, Any] = {}
    processes = None
    try:
        processes = build(case, imports)
    except Exception:
        said = {"unbuilt": traceback.format_exc()}
    if processes is not None:
        try:
            read_network(case, processes)
        except LaharError as error:
            codes = sorted({d.code for d in error.diagnostics})
            said = {"refused": codes, "text": str(error)}
        except Exception:
            said = {"crashed": traceback.format_exc()}
    Path(f"{case['name']}.json").write_text(json.dumps(said), encoding="utf-8")
    return None if said else processes


def join(
    cases: Mapping[str, Mapping[str, Any]],
    networks: Mapping[str, Mapping[str, Any]],
    steps: int,
) -> Joint:
    """Let every process keep what it computes, and one hear all networks."""
    ports = {}
    for key, processes in networks.items():
        for name, members in cases[key]["processes"].items():
            process = processes[name]
            process.name = f"{key}.{name}"
            path = f"{key}.{name}.npz"
            process.proc_params["kept"] = {**members, "steps": steps, "path": path}
            if members["port"]:
                ports[key] = getattr(process, members["port"])
    joint = Joint({key: port.shape for key, port in ports.items()})
    for key, port in ports.items():
        port.connect(getattr(joint, key))
    return joint


def blame(actors: list[Any]) -> str:
    """Say which of Lava's processes failed, if one did."""
    for actor in actors:
        if actor.exception:
            return str(actor.exception[1])
        if not actor._is_done and actor.exitcode:
            return f"a Lava process ended with exit code {actor.exitcode}"
    return ""


def watch(actors: list[Any], ended: threading.Event) -> None:
    """Fail when one of Lava's processes does: Lava itself would wait for ever."""
    while not ended.wait(WATCH_SECONDS):
        if said := blame(actors):
            fail(said)


def fail(text: str) -> None:
    """Leave word of what happened, and go without waiting for anybody."""
    Path("failure.txt").write_text(text, encoding="utf-8")
    os._exit(1)


def leave_with_parent() -> None:
    """End all our processes when who started us is gone."""
    os.read(0, 1)
    os.killpg(0, signal.SIGTERM)


def run(joint: Joint, steps: int) -> None:
    """Run all steps, and stop."""
    model = joint_model([p.name for p in joint.in_ports])
    remember_models({Joint: [model]})
    joint.create_runtime(run_cfg=KeepingConfig())
    actors = joint.runtime._messaging_infrastructure.actors
    ended = threading.Event()
    watcher = threading.Thread(target=watch, args=(actors, ended), daemon=True)
    watcher.start()
    try:
        joint.run(condition=RunSteps(num_steps=steps + 1))
    except Exception:
        # Lava and the watcher read the same pipes: what failed may be in its hands.
        ended.set()
        watcher.join(1.0)
        fail(blame(actors) or traceback.format_exc())
    ended.set()
    watcher.join()
    joint.stop()


def main() -> None:
    threading.Thread(target=leave_with_parent, daemon=True).start()
    warnings.simplefilter("ignore")
    batch = json.loads(Path("batch.json").read_text(encoding="utf-8"))
    cases = {case["name"]: case for case in batch["cases"]}
    prepared = {name: prepare(c, batch["imports"]) for name, c in cases.items()}
    networks = {name: made for name, made in prepared.items() if made is not None}
    if networks:
        run(join(cases, networks, batch["steps"]), batch["steps"])
    Path("done").touch()


if __name__ == "__main__":
    try:
        main()
    except BaseException:
        fail(traceback.format_exc())
