"""The R-STDP networks of Lava's unit tests, run in Lava with their own neuron RSTDPLIF.

A script for a process of its own (tests/compiler/conftest.py starts it): it leaves
result.npz, every variable of every step, named `NUMBER/ROLE.VARIABLE`.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import traceback
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from lava.magma.core.run_conditions import RunSteps
from lava.magma.core.run_configs import Loihi2SimCfg

TESTS = (
    "test_rstdp_bit_approximate",
    "test_rstdp_bit_approximate_multi_synapse",
)
ROLES = ("pre", "synapse", "post", "reward", "reward_synapse")
MEMBERS = {
    "pre": ("u", "v", "s_out"),
    "synapse": ("weights", "tag_1", "x1", "y1", "y2", "y3", "a_out"),
    "post": ("u", "v", "y1", "s_out"),
    "reward": ("s_out",),
    "reward_synapse": ("a_out",),
}


def load_module(name: str) -> ModuleType:
    path = Path(__file__).parent / f"{name}.py"
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def members() -> dict[str, Any]:
    """Take the networks from the tests and give what is to be recorded of them."""
    from tests.lava.proc.dense.test_stdp_sim import TestRSTDPSimBitApproximate

    found: dict[str, Any] = {}
    for number, test in enumerate(TESTS):
        case = TestRSTDPSimBitApproximate(test)
        ((_, processes),) = load_module("unit_tests").networks_of(case)
        for role, process in zip(ROLES, processes, strict=True):
            for member in MEMBERS[role]:
                found[f"{number}/{role}.{member}"] = getattr(process, member)
    return found


def main() -> None:
    run = load_module("run")
    if "--leave-with-parent" in sys.argv:
        threading.Thread(target=run.leave_with_parent, daemon=True).start()
    steps = json.loads(Path("settings.json").read_text(encoding="utf-8"))["steps"]
    recorder = run.recorder_of(members(), steps)
    recorder.create_runtime(run_cfg=Loihi2SimCfg(select_tag="fixed_pt"))
    with run.watched(recorder):
        recorder.run(condition=RunSteps(num_steps=steps))
    recorder.stop()


if __name__ == "__main__":
    np.seterr(all="ignore")
    try:
        main()
    except BaseException:
        traceback.print_exc()  # the children that were started would keep us here
        os._exit(1)
