"""Recognise the LIF neuron that chips have built in (docs/semantics.md section 4).

In: a neuron program. Out: its four constants, or None when it computes anything else.
Names may differ; operations, their order and their wiring may not.
"""

from __future__ import annotations

from dataclasses import dataclass

from .program import NeuronProgram, Op


@dataclass(frozen=True)
class LifCore:
    """The constants of a LIF neuron, as the operations hold them.

    ``current_decay`` and ``voltage_decay`` are effective decays in 1/4096 (du + 1 and
    dv); ``threshold`` is the whole number, mantissa and shift together.
    """

    port: str
    current: str
    voltage: str
    current_decay: int
    voltage_decay: int
    bias: int
    threshold: int


# Lower case: a name of the neuron's own choice. Upper case: a constant.
_TEMPLATE = (
    Op("shl", "input", ("port", 6)),
    Op("decay", "u", ("u", "CURRENT_DECAY")),
    Op("add", "u", ("u", "input")),
    Op("wrap", "u", ("u",)),
    Op("decay", "v", ("v", "VOLTAGE_DECAY")),
    Op("add", "v", ("v", "u")),
    Op("add", "v", ("v", "BIAS")),
    Op("saturate", "v", ("v", -8388607, 8388607)),
    Op("gt", "spike", ("v", "THRESHOLD")),
    Op("select", "v", ("spike", 0, "v")),
)
_RESET_COPY = 8  # where `copy v_pre_reset, v` may stand: before the comparison

Bindings = dict[str, str | int]


def find_lif_core(neuron: NeuronProgram) -> LifCore | None:
    """Give the constants of a neuron that is the LIF core and nothing more."""
    bindings = _match(_without_reset_copy(neuron.ops))
    if bindings is None:
        return None
    names = {str(bindings[n]) for n in ("port", "u", "v", "input", "spike")}
    kept = {r.name for r in neuron.registers}
    ports = {p.name for p in neuron.ports}
    if len(names) < 5 or neuron.spike != bindings["spike"]:
        return None
    if kept != {bindings["u"], bindings["v"]} or ports != {bindings["port"]}:
        return None
    return LifCore(
        port=str(bindings["port"]),
        current=str(bindings["u"]),
        voltage=str(bindings["v"]),
        current_decay=int(bindings["CURRENT_DECAY"]),
        voltage_decay=int(bindings["VOLTAGE_DECAY"]),
        bias=int(bindings["BIAS"]),
        threshold=int(bindings["THRESHOLD"]),
    )


def _without_reset_copy(ops: tuple[Op, ...]) -> tuple[Op, ...]:
    if len(ops) == len(_TEMPLATE) + 1 and ops[_RESET_COPY].code == "copy":
        copied, judged = ops[_RESET_COPY], ops[_RESET_COPY + 1]
        if copied.args == judged.args[:1] and copied.target not in copied.args:
            return ops[:_RESET_COPY] + ops[_RESET_COPY + 1 :]
    return ops


def _match(ops: tuple[Op, ...]) -> Bindings | None:
    if [op.code for op in ops] != [op.code for op in _TEMPLATE]:
        return None
    bindings: Bindings = {}
    for op, wanted in zip(ops, _TEMPLATE, strict=True):
        actual = (op.target, *op.args)
        if len(op.args) != len(wanted.args):
            return None
        for value, slot in zip(actual, (wanted.target, *wanted.args), strict=True):
            if not _agrees(bindings, slot, value):
                return None
    return bindings


def _agrees(bindings: Bindings, slot: str | int, value: str | int) -> bool:
    if isinstance(slot, int):
        return slot == value
    if isinstance(value, int) != slot.isupper():
        return False
    return bindings.setdefault(slot, value) == value
