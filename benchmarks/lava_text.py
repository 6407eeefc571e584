"""A network as Python that builds it in Lava, statement by statement.

The worker executes these lines and a failing case is printed with them, so that what
a user runs is what failed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from .lava_network import Link, Network, Process

_NAMES: Mapping[str, tuple[str, ...]] = {
    "lava.magma.core.learning.constants": ("GradedSpikeCfg",),
    "lava.magma.core.learning.learning_rule": (
        "Loihi2FLearningRule",
        "Loihi3FLearningRule",
        "LoihiLearningRule",
    ),
    "lava.proc.atrlif.process": ("ATRLIF",),
    "lava.proc.conv.process": ("Conv",),
    "lava.proc.dense.process": ("DelayDense", "Dense", "LearningDense"),
    "lava.proc.io.sink": ("RingBuffer as Sink",),
    "lava.proc.io.source": ("RingBuffer as Source",),
    "lava.proc.lif.process": ("LIF", "LearningLIF", "LIFReset", "TernaryLIF"),
    "lava.proc.monitor.process": ("Monitor",),
    "lava.proc.sparse.process": ("DelaySparse", "LearningSparse", "Sparse"),
    "lava.utils.weightutils": ("SignMode",),
    "scipy.sparse": ("csr_matrix",),
}

# A Monitor asks for a number of steps and fails beyond it; no case runs that long.
MONITORED_STEPS = 1000

_TUPLES = ("shape", "input_shape", "stride", "padding", "dilation")
_SPARSE = ("Sparse", "DelaySparse", "LearningSparse")
_MATRICES = ("weights", "delays", "tag_1", "tag_2")
_ENUMERATIONS = {"sign_mode": "SignMode", "graded_spike_cfg": "GradedSpikeCfg"}


def import_lines(text: str | None = None) -> Iterator[str]:
    """Write the imports that a text needs; all there are for None."""
    yield "import numpy as np"
    for module, names in _NAMES.items():
        for name in names:
            if text is None or re.search(rf"\b{name.split()[-1]}\b", text):
                yield f"from {module} import {name}"


def build_lines(network: Network) -> Iterator[str]:
    """Write the statements that make and join all processes."""
    for process in network.processes:
        yield from _process_lines(process)
    for link in network.links:
        yield _link_line(link)


def _process_lines(process: Process) -> Iterator[str]:
    name = process.name
    if process.kind == "Monitor":
        probed, member = process.arguments["probe"]
        yield f"{name} = Monitor()"
        yield f"{name}.probe({probed}.{member}, {MONITORED_STEPS})"
        return
    arguments = [f"{k}={_value(process, k, v)}" for k, v in process.arguments.items()]
    if process.kind not in ("Source", "Sink"):  # whose constructors take no name
        arguments.insert(0, f"name={name!r}")
    yield f"{name} = {process.kind}({', '.join(arguments)})"
    if process.kind in ("Source", "Sink"):
        yield f"{name}.name = {name!r}"
    for var, value in process.initial.items():
        yield f"{name}.{var}.init = {_array(value)}"


def _value(process: Process, argument: str, value: Any) -> str:
    if argument in _TUPLES and isinstance(value, list):
        return repr(tuple(value))
    if argument in _ENUMERATIONS:
        return f"{_ENUMERATIONS[argument]}.{value}"
    if argument == "learning_rule":
        return _rule(value)
    sparse = argument in _MATRICES and process.kind in _SPARSE
    if sparse and isinstance(value, list):
        return f"csr_matrix({_array(value)})"
    return _array(value) if isinstance(value, list) else repr(value)


def _array(value: Any) -> str:
    return f"np.array({value!r})"


def _rule(rule: Mapping[str, Any]) -> str:
    arguments = [f"{k}={v!r}" for k, v in rule.items() if k != "class"]
    return f"{rule['class']}({', '.join(arguments)})"


def _link_line(link: Link) -> str:
    path = ".".join(link.source)
    for method, arguments in link.via:
        path += f".{method}({arguments!r})" if arguments else f".{method}()"
    return f"{path}.connect({'.'.join(link.target)})"
