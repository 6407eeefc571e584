"""Run a workload on Lava's fixed-point CPU models: lahar's own export, and a sink.

    python speed_lava.py FOLDER STEPS

FOLDER holds the generated network, its arrays and settings (speed.py writes them).
Prints a digest of the output spikes, so that they can be compared with lahar's.
"""

from __future__ import annotations

import hashlib
import json
import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np


def main() -> int:
    folder, steps = Path(sys.argv[1]), int(sys.argv[2])
    sys.path[:0] = [str(folder), str(folder / "processes")]
    from lava.magma.core.run_conditions import RunSteps
    from lava.magma.core.run_configs import Loihi2SimCfg
    from lava.proc.io.sink import RingBuffer

    settings = json.loads((folder / "settings.json").read_text())
    network = runpy.run_path(str(folder / "network.py"))
    with np.load(folder / "arrays.npz") as arrays:
        members: dict[str, Any] = network["build"](arrays, settings["seed"])
    (port,) = members[settings["output"]]
    sink = RingBuffer(shape=port.shape, buffer=steps)
    port.connect(sink.a_in)
    config = Loihi2SimCfg(select_tag="fixed_pt")
    sink.run(condition=RunSteps(num_steps=steps), run_cfg=config)
    spikes = np.ascontiguousarray(sink.data.get().T != 0)
    sink.stop()
    digest = hashlib.sha256(spikes.tobytes()).hexdigest()
    print(json.dumps({"digest": digest, "rate_hz": float(spikes.mean() * 1000)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
