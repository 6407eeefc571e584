"""Recognise the LIF neuron that chips and Lava have built in (semantics.md section 4).

In: a neuron program. Out: the constants of the LIF core and what the program calls its
quantities, or None. Names may differ; operations, order and wiring may not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .program import NeuronProgram, Op


@dataclass(frozen=True)
class LifCore:
    """The constants of a LIF neuron, as the operations hold them, and its names.

    ``current_decay`` and ``voltage_decay`` are effective decays in 1/4096 (du + 1 and
    dv); ``threshold`` is the whole number, mantissa and shift together.
    ``before_reset`` names the copy of v before its reset, if there is one; ``length``
    counts the operations that the core stands for.
    """

    port: str
    current: str
    voltage: str
    current_decay: int
    voltage_decay: int
    bias: int
    threshold: int
    input: str = "input"
    spike: str = "spike"
    before_reset: str | None = None
    length: int = 10


# Lower case: a name of the neuron's own choice. Upper case: a constant.
_DYNAMICS = (
    Op("shl", "input", ("port", 6)),
    Op("decay", "u", ("u", "CURRENT_DECAY")),
    Op("add", "u", ("u", "input")),
    Op("wrap", "u", ("u",)),
    Op("decay", "v", ("v", "VOLTAGE_DECAY")),
    Op("add", "v", ("v", "u")),
    Op("add", "v", ("v", "BIAS")),
    Op("saturate", "v", ("v", -8388607, 8388607)),
)
_COPY = (Op("copy", "before", ("v",)),)
_SPIKE = (
    Op("gt", "spike", ("v", "THRESHOLD")),
    Op("select", "v", ("spike", 0, "v")),
)
_FORMS = (_DYNAMICS + _SPIKE, _DYNAMICS + _COPY + _SPIKE)

Bindings = dict[str, str | int]


def match_lif_core(neuron: NeuronProgram) -> LifCore | None:
    """Find the LIF core at the start of a program.

    None if the rest of the program would change what the core computed: then a
    built-in LIF would not be this neuron.
    """
    for form in _FORMS:
        bindings = _match(neuron.ops, form)
        if bindings is None:
            continue
        core = _core(bindings, len(form))
        if _roles_fit(core, neuron) and _rest_leaves_alone(core, neuron):
            return core
    return None


def find_lif_core(neuron: NeuronProgram) -> LifCore | None:
    """Find the LIF core of a neuron that is this and nothing more, outputs aside."""
    core = match_lif_core(neuron)
    if core is None or len(neuron.ops) != core.length:
        return None
    whole = len(neuron.registers) == 2 and len(neuron.ports) == 1
    return core if whole else None


def _match(ops: Sequence[Op], form: Sequence[Op]) -> Bindings | None:
    bindings: Bindings = {}
    if len(ops) < len(form):
        return None
    for op, wanted in zip(ops, form, strict=False):
        if op.code != wanted.code or len(op.args) != len(wanted.args):
            return None
        slots = zip((wanted.target, *wanted.args), (op.target, *op.args), strict=True)
        if not all(_agrees(bindings, slot, value) for slot, value in slots):
            return None
    return bindings


def _agrees(bindings: Bindings, slot: str | int, value: str | int) -> bool:
    if isinstance(slot, int):
        return slot == value
    if isinstance(value, int) != slot.isupper():
        return False
    return bindings.setdefault(slot, value) == value


def _core(bindings: Bindings, length: int) -> LifCore:
    before = bindings.get("before")
    return LifCore(
        port=str(bindings["port"]),
        current=str(bindings["u"]),
        voltage=str(bindings["v"]),
        current_decay=int(bindings["CURRENT_DECAY"]),
        voltage_decay=int(bindings["VOLTAGE_DECAY"]),
        bias=int(bindings["BIAS"]),
        threshold=int(bindings["THRESHOLD"]),
        input=str(bindings["input"]),
        spike=str(bindings["spike"]),
        before_reset=None if before is None else str(before),
        length=length,
    )


def _roles_fit(core: LifCore, neuron: NeuronProgram) -> bool:
    kept = {r.name for r in neuron.registers}
    synaptic = {p.name for p in neuron.ports if p.kind == "synaptic"}
    passing = [core.input, core.spike]
    if core.before_reset is not None:
        passing.append(core.before_reset)
    return (
        core.port in synaptic
        and {core.current, core.voltage} <= kept
        and core.current != core.voltage
        and len(set(passing)) == len(passing)
        and not kept & set(passing)
        and neuron.spike == core.spike
    )


def _rest_leaves_alone(core: LifCore, neuron: NeuronProgram) -> bool:
    written = {op.target for op in neuron.ops[core.length :]}
    return not written & {core.current, core.voltage, core.spike, core.port}
