"""The open loop as a Brian2 script: recorded spikes in, only synapses computed.

A Network and a recording in, a script out with two groups for each projection that
learns: they replay the spikes and graded values of both sides (docs/semantics.md
section 2), and Brian2 computes traces, tags and weights.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..diagnostics import require_no_errors
from ..rules.network import Group, Network
from .brian2_closed import check_exportable, show_synapses
from .brian2_script import Brian2Script, ScriptWriter
from .brian2_synapses import TRAVEL, UPDATES, Brian2Synapses
from .brian2_text import safe_name
from .recording import Recording
from .reference_open import OpenLoop, ReplayedSynapses
from .stimulus_needs import Stimulus


def open_script(
    network: Network,
    stimulus: Stimulus,
    steps: int,
    given: Recording,
    record: frozenset[str],
) -> Brian2Script:
    """Write a script that replays a recording.

    Raises
    ------
    LaharError
        S453, S454 for a recording that lacks something, S470 for what cannot be
        exported.

    """
    require_no_errors(check_exportable(network))
    assert network.dt_seconds is not None  # the caller asked for it
    writer = ScriptWriter(network.dt_seconds)
    for part in OpenLoop(network, stimulus, steps, given, network.dt_seconds).parts:
        _replayed(writer, part, steps, record)
    title = f"The synapses of network `{network.name}`, on recorded spikes."
    return writer.script(title, steps)


def _replayed(
    writer: ScriptWriter, part: ReplayedSynapses, steps: int, record: frozenset[str]
) -> None:
    projection = part.synapses.projection
    rule = projection.rule
    assert rule is not None
    code = Brian2Synapses(projection, rule, writer.dt_seconds)
    sides = {}
    for side, spikes in (("pre", part.pre), ("post", part.post)):
        group = Group(f"{projection.name} {side}", spikes.shape[1])
        held = list(code.trace_variables(side))
        signals = part.signals if side == "post" else {}
        names = [safe_name(key.removeprefix("post ")) for key in signals]
        sides[side] = writer.input(group, spikes[:steps], [*held, *names])
        rows = [np.asarray(values)[:steps] for values in signals.values()]
        for name, values in zip(names, rows, strict=True):
            writer.rows(_rows_name(sides[side], name), values)
        kinds = [(name, values.ndim) for name, values in zip(names, rows, strict=True)]
        writer.every_step(sides[side], "start", _presented(sides[side], kinds))
    ends = sides["pre"], sides["post"]
    identifier = writer.synapses(
        projection, ends, [*code.variables(), UPDATES, TRAVEL], on_pre=""
    )
    writer.traces(code, sides)
    writer.every_step(identifier, "after_synapses", code.counted_code())
    show_synapses(writer, code, sides, identifier, record)
    synapses = (int(projection.is_connected.sum()),)
    for name, variable in (("updates", UPDATES), ("travel", TRAVEL)):
        shown = f"{projection.name}.{name}"
        writer.show(shown, identifier, variable, synapses, every_step=False)


def _presented(group: str, kinds: list[tuple[str, int]]) -> Iterator[str]:
    for name, dimensions in kinds:
        index = "" if dimensions == 1 else ", i"
        yield f"{name} = {_rows_name(group, name)}(t{index})"


def _rows_name(group: str, name: str) -> str:
    return f"{group}_{name}_rows"
