"""A network as a Brian2 script that anybody can read, run and change.

A Network, what drives it and what to record go in; the text of a script and the arrays
it loads come out. Neurons, traces and synapses are statements in an order that Brian2's
slots fix: inputs arrive, neurons step, traces hear them, weights propagate, then learn
(docs/semantics.md section 1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..rules.network import Group, Projection
from .brian2_neurons import Brian2Neurons
from .brian2_synapses import Brian2Synapses
from .brian2_text import safe_name

Arrays = dict[str, npt.NDArray[Any]]

HEADER = '''\
"""{title}

Written by lahar; needs brian2 and numpy, and the .npz file of the same name beside it.
Quantities have no units: voltages and weights are those of the rule, times are in
steps of {dt} s.
"""

import argparse
from pathlib import Path

import numpy as np
from brian2 import (
    Function,
    Network,
    NeuronGroup,
    StateMonitor,
    Synapses,
    TimedArray,
    defaultclock,
    prefs,
    second,
)

prefs.codegen.target = "numpy"
defaultclock.dt = {dt} * second
data = np.load(Path(__file__).with_suffix(".npz"))
dt_step = defaultclock.dt


def _function(call, kinds):
    units = {{"arg_units": [1] * len(kinds), "return_unit": 1}}
    return Function(call, arg_types=kinds, return_type="float", **units)


where = _function(np.where, ["integer", "float", "float"])
minimum = _function(np.minimum, ["float", "float"])
maximum = _function(np.maximum, ["float", "float"])
parts = []
recorded = {{}}
shown = {{}}


def keep(*new):
    parts.extend(new)
    return new[0]


def show(name, group, variable, shape, every_step):
    """Save a variable as it is at the end of the run, or of every step too."""
    shown[name] = (group, variable, shape)
    if every_step:
        monitor = StateMonitor(group, variable, record=True, when="end")
        recorded[name] = (keep(monitor), variable, shape)
'''

FOOTER = """

if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--output", default="recording.npz")
    options.add_argument("--steps", type=int, default={steps})
    chosen = options.parse_args()
    Network(parts).run(chosen.steps * dt_step)
    values = {{}}
    for name, (monitor, variable, shape) in recorded.items():
        rows = np.asarray(getattr(monitor, variable)).T
        values[f"row {{name}}"] = rows.reshape(-1, *shape)
    for name, (group, variable, shape) in shown.items():
        values[f"final {{name}}"] = np.array(getattr(group, variable)[:]).reshape(shape)
    np.savez(chosen.output, **values)
    print("written:", chosen.output)
"""


@dataclass(frozen=True, eq=False)
class Brian2Script:
    """The text of a script, and the arrays of the .npz file beside it."""

    text: str
    arrays: Mapping[str, npt.NDArray[Any]]


@dataclass
class ScriptWriter:
    """Collects the blocks of a script and its arrays."""

    dt_seconds: float
    arrays: Arrays = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def script(self, title: str, steps: int) -> Brian2Script:
        """Put the blocks between header and footer."""
        header = HEADER.format(title=title, dt=self.dt_seconds)
        body = "\n".join(self.lines)
        return Brian2Script(header + body + FOOTER.format(steps=steps), self.arrays)

    def rows(self, identifier: str, rows: npt.ArrayLike) -> None:
        """Let the script read an array (steps, ...) as a function of time."""
        key = identifier
        self.arrays[key] = np.asarray(rows, np.float64)
        self.lines.append(f'{identifier} = TimedArray(data["{key}"], dt=dt_step)')

    def group(self, name: str, size: int, variables: Sequence[str]) -> str:
        """Write a group of ``size`` that spikes where its ``s_out`` is not 0."""
        identifier = group_name(name)
        unique = dict.fromkeys(("s_out", *variables))
        model = "\n".join(f"{v} : 1" for v in unique)
        self.lines += [
            "",
            f"# {name}",
            f"{identifier} = keep(NeuronGroup({size}, {_text(model)},",
            f'    threshold="s_out != 0", reset="", name="{identifier}"))',
        ]
        return identifier

    def set(
        self, identifier: str, variable: str, values: npt.ArrayLike, unit: str = ""
    ) -> None:
        """Give a variable its first values, one for each element."""
        key = f"{identifier}.{variable}"
        self.arrays[key] = np.asarray(values, np.float64)
        self.lines.append(f'{identifier}.{variable} = data["{key}"]{unit}')

    def every_step(self, identifier: str, slot: str, code: Iterator[str]) -> None:
        """Let an object run statements in a slot of every step."""
        block = "\n".join(code)
        if block:
            call = f"{identifier}.run_regularly({_text(block)}, when={slot!r})"
            self.lines.append(call)

    def show(
        self,
        name: str,
        identifier: str,
        variable: str,
        shape: tuple[int, ...],
        every_step: bool,
    ) -> None:
        """Save a variable under the name that the reference gives it."""
        arguments = f"{name!r}, {identifier}, {variable!r}, {shape}, {every_step}"
        self.lines.append(f"show({arguments})")

    def input(self, group: Group, rows: npt.ArrayLike, extra: Sequence[str]) -> str:
        """Write a group whose spikes are given."""
        values = f"{group_name(group.name)}_rows"
        self.rows(values, rows)
        identifier = self.group(group.name, group.size, extra)
        self.every_step(identifier, "start", iter([f"s_out = {values}(t, i)"]))
        return identifier

    def synapses(
        self,
        projection: Projection,
        ends: tuple[str, str],
        variables: Sequence[str],
        on_pre: str,
    ) -> str:
        """Write the synapses of a projection and their first weights."""
        identifier = f"{safe_name(projection.name)}_synapses"
        post, pre = np.nonzero(projection.is_connected)
        weights = projection.weights[post, pre]
        for key, value in (("i", pre), ("j", post), ("w", weights)):
            self.arrays[f"{identifier}.{key}"] = value
        model = "\n".join(f"{v} : 1" for v in variables)
        sends = f'on_pre="{on_pre}", ' if on_pre else ""
        places = (f'{k}=data["{identifier}.{k}"]' for k in "ij")
        self.lines += [
            "",
            f"# {projection.name}: {projection.source} -> {projection.target}",
            f"{identifier} = keep(Synapses({', '.join(ends)}, {_text(model)},",
            f'    {sends}name="{identifier}"))',
            f"{identifier}.connect({', '.join(places)})",
            f'{identifier}.w = data["{identifier}.w"]',
        ]
        return identifier

    def traces(self, code: Brian2Synapses, sides: Mapping[str, str]) -> None:
        """Write the traces of a projection, in the groups of both sides."""
        for side, group in sides.items():
            self.every_step(group, "after_thresholds", code.trace_code(side))


def neuron_block(group: Group, dt_seconds: float) -> Brian2Neurons:
    """Give the writer of a group's neurons."""
    assert group.neuron is not None
    return Brian2Neurons(group.neuron, dt_seconds)


def group_name(name: str) -> str:
    """Name the Brian2 object of a group."""
    return f"{safe_name(name)}_group"


def sent_name(projection: Projection) -> str:
    """Name the variable of the target in which a step's sum waits for the next step."""
    return safe_name(f"{projection.name}_sent")


def arrived_name(projection: Projection) -> str:
    """Name the variable of the target that holds what arrived in this step."""
    return safe_name(f"{projection.name}_a_out")


def _text(block: str) -> str:
    return '"""\n    ' + block.replace("\n", "\n    ") + '\n"""'
