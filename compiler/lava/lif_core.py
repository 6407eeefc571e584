"""Recognise Lava's own LIF at the beginning of a neuron program.

In: a neuron program. Out: the parameters with which Lava's fixed-point LIF computes
its first operations (docs/semantics.md section 4), or None if it would not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...hardware.program import NeuronProgram, Op

Pattern = tuple[str, str, tuple[str | int, ...]]

# A name with ? stands for a register or temporary, one with # for a literal.
_DYNAMICS: tuple[Pattern, ...] = (
    ("shl", "?input", ("?port", 6)),
    ("decay", "?u", ("?u", "#u_decay")),
    ("add", "?u", ("?u", "?input")),
    ("wrap", "?u", ("?u",)),
    ("decay", "?v", ("?v", "#v_decay")),
    ("add", "?v", ("?v", "?u")),
    ("add", "?v", ("?v", "#bias")),
    ("saturate", "?v", ("?v", -8388607, 8388607)),
)
_COPY: tuple[Pattern, ...] = (("copy", "?before", ("?v",)),)
_SPIKE: tuple[Pattern, ...] = (
    ("gt", "?spike", ("?v", "#threshold")),
    ("select", "?v", ("?spike", 0, "?v")),
)
_FORMS = (_DYNAMICS + _SPIKE, _DYNAMICS + _COPY + _SPIKE)

THRESHOLD_SHIFT = 6  # Lava compares v with vth << 6 (proc/lif/models.py)
BIAS_MANTISSA = (-(2**15), 2**15 - 1)  # bias_mant is stored in 16 bit
BIAS_EXPONENTS = range(16)


@dataclass(frozen=True)
class LifCore:
    """Parameters of Lava's LIF, and what the program calls its quantities.

    ``before_reset`` names the copy of v before its reset, if there is one;
    ``length`` counts the operations that the core stands for.
    """

    du: int
    dv: int
    vth: int
    bias_mant: int
    bias_exp: int
    port: str
    input: str
    u: str
    v: str
    spike: str
    before_reset: str | None
    length: int


def match_lif_core(neuron: NeuronProgram) -> LifCore | None:
    """Find the LIF core at the start of a program.

    None if the rest of the program would change what the core computed, because
    then Lava's run of it would not be the program's.
    """
    for form in _FORMS:
        found = _unify(neuron.ops, form)
        core = found and _core(found, len(form))
        if core and _roles_fit(core, neuron) and _rest_leaves_alone(core, neuron):
            return core
    return None


def is_whole(neuron: NeuronProgram, core: LifCore) -> bool:
    """Tell whether the neuron is Lava's LIF and nothing else."""
    return (
        len(neuron.ops) == core.length
        and len(neuron.registers) == 2
        and len(neuron.ports) == 1
        and not neuron.outputs
    )


def _unify(
    ops: Sequence[Op], form: Sequence[Pattern]
) -> Mapping[str, str | int] | None:
    if len(ops) < len(form):
        return None
    bound: dict[str, str | int] = {}
    for op, (code, target, args) in zip(ops, form, strict=False):
        wanted = (code, target, *args)
        given = (op.code, op.target, *op.args)
        if len(wanted) != len(given):
            return None
        if not all(_agrees(w, g, bound) for w, g in zip(wanted, given, strict=True)):
            return None
    return bound


def _agrees(wanted: str | int, given: str | int, bound: dict[str, str | int]) -> bool:
    if isinstance(wanted, int) or wanted[0] not in "?#":
        return wanted == given
    if isinstance(given, int) != (wanted[0] == "#"):
        return False
    return bound.setdefault(wanted[1:], given) == given


def _core(found: Mapping[str, str | int], length: int) -> LifCore | None:
    number = {k: n for k, n in found.items() if isinstance(n, int)}
    name = {k: n for k, n in found.items() if isinstance(n, str)}
    bias = _split_bias(number["bias"])
    vth, odd = divmod(number["threshold"], 1 << THRESHOLD_SHIFT)
    du = number["u_decay"] - 1  # Lava adds 1 to du (ds_offset)
    if bias is None or odd or not 0 <= du < 4096 or abs(vth) >= 2**25:
        return None
    return LifCore(
        du=du,
        dv=number["v_decay"],
        vth=vth,
        bias_mant=bias[0],
        bias_exp=bias[1],
        port=name["port"],
        input=name["input"],
        u=name["u"],
        v=name["v"],
        spike=name["spike"],
        before_reset=name.get("before"),
        length=length,
    )


def _split_bias(bias: int) -> tuple[int, int] | None:
    """Write a bias as mantissa * 2**exponent in the bits that Lava stores."""
    low, high = BIAS_MANTISSA
    for exponent in BIAS_EXPONENTS:
        mantissa = bias >> exponent
        if mantissa << exponent == bias and low <= mantissa <= high:
            return mantissa, exponent
    return None


def _roles_fit(core: LifCore, neuron: NeuronProgram) -> bool:
    kept = {r.name for r in neuron.registers}
    synaptic = {p.name for p in neuron.ports if p.kind == "synaptic"}
    passing = [core.input, core.spike]
    if core.before_reset is not None:
        passing.append(core.before_reset)
    return (
        core.port in synaptic
        and {core.u, core.v} <= kept
        and core.u != core.v
        and len(set(passing)) == len(passing)
        and not kept & set(passing)
        and neuron.spike == core.spike
    )


def _rest_leaves_alone(core: LifCore, neuron: NeuronProgram) -> bool:
    written = {op.target for op in neuron.ops[core.length :]}
    return not written & {core.u, core.v, core.spike, core.port}
