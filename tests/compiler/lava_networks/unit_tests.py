"""The networks of Lava's own unit tests, taken from the tests that lava-nc installs.

A test is run with `AbstractProcess.run` replaced by a note of the network that it would
have run. Its own source and sink processes become ring buffers, which every fixed-point
run can do, and what only watches is taken off: everything is recorded in any case.

As a script it leaves verdicts.json, which says of every test what is in it.
"""

from __future__ import annotations

import importlib
import json
import sys
import unittest
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from lava.magma.core.process.process import AbstractProcess
from lava.proc.io.sink import RingBuffer as Sink
from lava.proc.io.source import RingBuffer as Source

import lahar
from lahar.compiler.lava.lava_graph import find_processes

MODULES = (
    "proc.lif.test_models",
    "proc.lif.test_process",
    "proc.dense.test_models",
    "proc.dense.test_process",
    "proc.dense.test_learning",
    "proc.dense.test_stdp_sim",
    "proc.sparse.test_models",
    "proc.sparse.test_process",
    "proc.atrlif.test_models",
    "proc.atrlif.test_process",
    "proc.conv.test_process",
    "proc.conv.test_utils",
    "proc.io.test_source_sink",
    "magma.core.learning.test_learning_rule",
    "magma.core.learning.test_learning_rule_applier",
    "magma.core.learning.test_product_series",
    "magma.core.learning.test_random",
    "magma.core.learning.test_symbolic_equation",
    "magma.core.learning.test_utils",
    "magma.core.model.py.test_model",
    "magma.core.model.py.test_ports",
    "magma.core.process.test_lif_dense_lif",
)
FIXED = ("fixed_pt", "bit_accurate_loihi", "bit_approximate_loihi")
SINK_STEPS = 16


def all_tests() -> Iterator[unittest.TestCase]:
    for module in MODULES:
        name = f"tests.lava.{module}"
        yield from _flat(unittest.defaultTestLoader.loadTestsFromName(name))


def _flat(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from _flat(item)
        else:
            yield item


def networks_of(test: unittest.TestCase) -> list[tuple[str | None, list[Any]]]:
    """Give the tag and the processes of each network that a test would run."""
    found: list[tuple[str | None, list[Any]]] = []

    def note(process: Any, *arguments: Any, **options: Any) -> None:
        processes = list(find_processes(process))
        if any(process in known for _, known in found):
            return
        run_cfg = options.get("run_cfg", (*arguments, None, None)[1])
        found.append((getattr(run_cfg, "select_tag", None), processes))

    np.random.seed(0)  # noqa: NPY002, some tests draw from the global generator
    with patch.object(AbstractProcess, "run", note):
        test.run(unittest.TestResult())
    return found


def short(test: unittest.TestCase) -> str:
    return test.id().removeprefix("tests.lava.")


def plain(processes: list[Any]) -> list[Any]:
    """Replace sources and sinks of a test's own, and take off what only watches."""
    for process in processes:
        name = type(process).__name__
        if hasattr(process, "vec_to_send"):
            _replace_source(process)
        if hasattr(process, "spk_data"):
            _replace_sink(process, process.s_in)
        if name in ("Monitor", "Read"):
            _cut(process)
    rest = [p for p in processes if not _is_replaced(p)]
    return list(find_processes(rest[0]))


def _is_replaced(process: Any) -> bool:
    custom = hasattr(process, "vec_to_send") or hasattr(process, "spk_data")
    return custom or type(process).__name__ in ("Monitor", "Read")


def _replace_source(process: Any) -> None:
    """Send the same vector in the same steps; a RingBuffer starts over at the end."""
    sent = np.asarray(process.vec_to_send.init).astype(_sent_type(process))
    when = np.asarray(process.send_at_times.init, dtype=int)
    source = Source(data=sent.astype(int)[..., None] * when)
    ends = list(process.s_out.out_connections)
    fed = [*getattr(process, "a_in", process.s_out).in_connections]
    _cut(process)
    for end in ends:
        source.s_out.connect(end)
    for start in fed:
        start.connect(Sink(shape=start.shape, buffer=SINK_STEPS).a_in)


def _sent_type(process: Any) -> Any:
    """Find what the test's own fixed-point model makes of the vector."""
    members = vars(sys.modules[type(process).__module__]).values()
    (model,) = (
        m
        for m in members
        if getattr(m, "implements_process", None) is type(process)
        and "fixed_pt" in m.tags
    )
    return model.vec_to_send.d_type


def _replace_sink(process: Any, port: Any) -> None:
    starts = list(port.in_connections)
    _cut(process)
    for start in starts:
        start.connect(Sink(shape=start.shape, buffer=SINK_STEPS).a_in)


def _cut(process: Any) -> None:
    """Take a process out of its network."""
    kinds = (process.in_ports, process.out_ports, process.ref_ports, process.var_ports)
    for port in (p for kind in kinds for p in kind.members):
        for other in port.in_connections:
            other.out_connections.remove(port)
        for other in port.out_connections:
            other.in_connections.remove(port)
        port.in_connections.clear()
        port.out_connections.clear()


class Networks(dict[str, Callable[[], list[Any]]]):
    """Names like ``proc.lif.test_models.TestX.test_y#1`` to builders (run.py)."""

    def __missing__(self, name: str) -> Callable[[], list[Any]]:
        test, _, number = name.rpartition("#")

        def build() -> list[Any]:
            module, case, method = test.rsplit(".", 2)
            made = getattr(importlib.import_module(f"tests.lava.{module}"), case)
            return plain(networks_of(made(method))[int(number) - 1][1])

        return build


NETWORKS = Networks()


def verdict(tag: str | None, processes: list[Any]) -> str:
    """Say whether a network can be compared, or why not."""
    if tag not in FIXED:
        return "floating point"
    try:
        lahar.from_lava(plain(processes)[0])
    except lahar.LaharError as error:
        kinds = {type(p).__name__ for p in processes} & {"RSTDPLIF", "SigmaDelta"}
        codes = [d.code for d in error.diagnostics]
        return f"not supported: {', '.join([*codes, *sorted(kinds)])}"
    return "compared"


def main() -> None:
    found = {
        short(test): [verdict(*network) for network in networks_of(test)]
        for test in all_tests()
    }
    Path("verdicts.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main()
