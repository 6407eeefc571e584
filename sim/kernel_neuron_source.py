"""Source text of the compiled step of a population.

A neuron program goes in, a Python function over arrays comes out: one loop over the
neurons, one statement for each operation. Literals are not in the text but in an
array of constants, so that a changed threshold needs no new kernel.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..hardware.profile import Profile
from ..hardware.program import NeuronProgram, Op
from .kernel_layout import reads_differently
from .kernel_loops import PLAIN, Loop

WRAP_FUNCTIONS = {
    "single": "wrap_single",
    "twos complement": "wrap_twos_complement",
    "none": "copy",
}


@dataclass(frozen=True)
class NeuronSource:
    """The text of ``def NAME(constants, base, step, ...)`` and its constants.

    From ``base`` on it finds its literals, then where each table begins and ends.
    """

    text: str
    literals: tuple[int, ...]
    tables: tuple[tuple[int, ...], ...]


def literals(neuron: NeuronProgram) -> tuple[int, ...]:
    """List the literals of a neuron program in the order in which they stand."""
    return tuple(a for op in neuron.ops for a in op.args if isinstance(a, int))


def neuron_source(
    name: str, neuron: NeuronProgram, profile: Profile, loop: Loop = PLAIN
) -> NeuronSource:
    """Write the function that steps a population once."""
    text = "\n".join(_lines(name, neuron, profile, loop))
    return NeuronSource(text, literals(neuron), neuron.tables)


def _lines(
    name: str, neuron: NeuronProgram, profile: Profile, loop: Loop
) -> Iterator[str]:
    names = _local_names(neuron)
    ports = [f"port{k}" for k in range(len(neuron.ports))]
    registers = [f"register{k}" for k in range(len(neuron.registers))]
    outputs = [f"output{k}" for k in range(len(neuron.outputs))]
    shown = [
        r.name for r in neuron.registers if reads_differently(neuron, r.name, profile)
    ]
    keys = ["keys"] if any(op.code == "random" for op in neuron.ops) else []
    arrays = [*keys, *ports, *registers, *(["shown"] if shown else []), *outputs]
    yield loop.decorator
    yield f"def {name}(constants, base, step, {', '.join([*arrays, 'spikes'])}):"
    for k in range(len(literals(neuron))):
        yield f"    k{k} = constants[base + {k}]"
    for k in range(len(neuron.tables)):
        n = len(literals(neuron)) + 2 * k
        ends = f"constants[base + {n}] : constants[base + {n + 1}]"
        yield f"    table{k} = constants[{ends}]"
    yield f"    for i in {loop.over}(spikes.size):"
    for array in [*ports, *registers]:
        yield f"        {array}_now = np.int64({array}[i])"
    for statement in _statements(neuron, names, profile):
        yield f"        {statement}"
    sent = names[neuron.spike]
    if neuron.graded:
        sent = f"to_int32({sent})"
    for k, register in enumerate(neuron.registers):
        yield f"        register{k}[i] = {names[register.name]}"
    for register_name in shown:
        value = names[register_name]
        yield f"        shown[i] = {profile.v_after_spike} if {sent} != 0 else {value}"
    for k, output in enumerate(neuron.outputs):
        yield f"        output{k}[i] = to_int32({names[output.register]})"
    yield f"        spikes[i] = {sent}"


def _local_names(neuron: NeuronProgram) -> dict[str, str]:
    names = {port.name: f"port{k}_now" for k, port in enumerate(neuron.ports)}
    names |= {r.name: f"register{k}_now" for k, r in enumerate(neuron.registers)}
    for op in neuron.ops:
        names.setdefault(op.target, f"t{len(names)}")
    return names


def _statements(
    neuron: NeuronProgram, names: dict[str, str], profile: Profile
) -> Iterator[str]:
    count = 0
    kept = {register.name for register in neuron.registers}
    for op in neuron.ops:
        arguments = []
        for argument in op.args:
            if isinstance(argument, int):
                arguments.append(f"k{count}")
                count += 1
            else:
                arguments.append(names[argument])
        if op.code == "every":
            arguments.insert(0, "step")
        if op.code == "random":
            arguments = [f"keys[{arguments[0]}]", "step", "i", arguments[1]]
        if op.code == "lookup":
            arguments[1] = f"table{op.args[1]}"
        if op.code == "saturate" and op.target == neuron.membrane:
            arguments[1] = _lowest(arguments[1], profile)
        value = f"{_function(op, profile)}({', '.join(arguments)})"
        if op.target in kept:
            value = f"to_int32({value})"
        yield f"{names[op.target]} = {value}"


def _lowest(low: str, profile: Profile) -> str:
    """Write the lower bound of the membrane."""
    bound = profile.membrane_low
    return low if bound is None else f"max({low}, np.int64({bound}))"


def _function(op: Op, profile: Profile) -> str:
    if op.code == "wrap":
        return WRAP_FUNCTIONS[profile.u_wrap]
    return {"int32": "to_int32", "random": "element_bits"}.get(op.code, op.code)
