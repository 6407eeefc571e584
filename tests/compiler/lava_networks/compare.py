"""Compare what Lava computed (run.py) with lahar's integer backends, value by value.

A script: ``python compare.py FOLDER STEPS`` prints, as JSON, what was compared and
what differs in each network. With NUMBA_DISABLE_JIT=1 kernels run as plain Python.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

import lahar
from lahar import Program

BACKENDS = ("interpreter", "sim")


def compare(
    program: Program, rows: dict[str, Any], last: dict[str, Any], steps: int
) -> dict[str, Any]:
    """Compare every variable: Lava's ``rows`` of every step, or its ``last`` value."""
    runs = {b: lahar.run(program, None, steps, b, record="all") for b in BACKENDS}
    values, differing, missing = 0, [], []
    for name in runs["interpreter"].names:
        if name in rows:
            wanted = heard(rows[name]) if name.endswith(".a_in") else rows[name]
            found = {b: run[name] for b, run in runs.items()}
        elif name in last:
            wanted = last[name]
            found = {b: run.final[name] for b, run in runs.items()}
        else:
            missing.append(name)
            continue
        values += wanted.size
        differing += [f"{name}, {b}" for b in found if unequal(found[b], wanted)]
    return {"values": values, "differing": differing, "missing": missing}


def unequal(a: Any, b: Any) -> bool:
    return not np.array_equal(a, b)


def heard(buffers: Any) -> Any:
    """Take from a sink's whole ring buffer, step by step, what it heard last."""
    steps, length = len(buffers), buffers.shape[-1]
    return np.stack([buffers[t][..., t % length] for t in range(steps)])


def main() -> None:
    folder, steps = Path(sys.argv[1]), int(sys.argv[2])
    only = json.loads((folder / "settings.json").read_text(encoding="utf-8"))["only"]
    rows, last = arrays(folder / "result.npz"), arrays(folder / "sparse.npz")
    found = {}
    for network in only:
        program = lahar.load(folder / f"{network}.lahar")
        head = f"{network}/"
        found[network] = compare(
            program, of_network(rows, f"row {head}"), of_network(last, head), steps
        )
    print(json.dumps(found))


def arrays(path: Path) -> dict[str, Any]:
    with np.load(path) as file:
        return dict(file)


def of_network(arrays: dict[str, Any], head: str) -> dict[str, Any]:
    return {k.removeprefix(head): v for k, v in arrays.items() if k.startswith(head)}


if __name__ == "__main__":
    main()
