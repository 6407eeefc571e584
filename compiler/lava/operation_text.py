"""Operations of a neuron program as numpy statements.

docs/semantics.md section 4 says what each computes. The statements work on int64
arrays and call helpers of the generated module: wide, narrow, decay, wrap...
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from ...hardware.program import Op, OpCode
from .identifiers import Identifiers

HELPERS = '''\
def wide(values: np.ndarray) -> np.ndarray:
    """Compute in 64 bit."""
    return np.asarray(values).astype(np.int64)


def narrow(values: np.ndarray) -> np.ndarray:
    """Keep 32 bit of a value, modulo 2**32."""
    return values.astype(np.int32).astype(np.int64)


def decay(values: np.ndarray, factor: int) -> np.ndarray:
    """Lose factor/4096 of a value, rounded toward zero."""
    return np.sign(values) * ((np.abs(values) * (4096 - factor)) >> 12)


def every(step: int, period: int, remainder: int, neurons: int) -> np.ndarray:
    """Give 1 in every so many steps."""
    return np.full(neurons, int(step % period == remainder), np.int64)


def scramble(z: np.ndarray) -> np.ndarray:
    """Mix 64 bits (the finaliser of SplitMix64)."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def random(seed: int, stream: int, step: int, bits: int, neurons: int) -> np.ndarray:
    """Draw an integer of so many bits for each neuron, by a hash of where it is."""
    first = (seed * 0x9E3779B97F4A7C15 + stream + 1) % 2**64
    key = int(scramble(np.array([first], np.uint64))[0])
    start = (key + int(step) * 0xD1B54A32D192ED03) % 2**64
    place = np.arange(neurons, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    drawn = scramble(place + np.array([start], np.uint64))
    return wide(drawn >> np.uint64(64 - bits))


def lookup(values: np.ndarray, table: np.ndarray) -> np.ndarray:
    """Take entries of a table; an index outside takes the entry at that end."""
    return table.take(values, mode="clip")


def fscale(values: np.ndarray, mantissa: int, shift: int) -> np.ndarray:
    """Multiply by a float, and cut off what is behind the point."""
    scaled = values.astype(np.float64) * np.ldexp(np.float64(mantissa), -shift)
    fits = (scaled >= -(2.0**63)) & (scaled < 2.0**63)
    return np.where(fits, scaled, -(2.0**63)).astype(np.int64)


def wrap(values: np.ndarray) -> np.ndarray:
    """Wrap once into (-2**23, 2**23], as Lava's LIF does."""
    values = np.where(values > 2**23, values - 2**24, values)
    return np.where(values <= -(2**23), values + 2**24, values)
'''

_FORMS: Mapping[OpCode, str] = {
    "copy": "{0}",
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "shl": "{0} << {1}",
    "shr": "{0} >> {1}",
    "mulshift": "({0} * {1}) >> {2}",
    "decay": "decay({0}, {1})",
    "fscale": "fscale({0}, {1}, {2})",
    "int32": "narrow({0})",
    "wrap": "wrap({0})",
    "saturate": "np.minimum(np.maximum({0}, {1}), {2})",
    "gt": "wide({0} > {1})",
    "ge": "wide({0} >= {1})",
    "select": "np.where({0} != 0, {1}, {2})",
    "every": "every(self.time_step, {0}, {1})",
    "lookup": "lookup({0}, self.table_{1})",
    "random": "random({seed}, {stream} + {0}, self.time_step, {1})",
}
_OF_THE_STEP: frozenset[OpCode] = frozenset({"every", "random"})  # no values go in
# ours: a table of the class is no member of Lava's
TABLE = "table_{}"
RANDOM_SEED, RANDOM_STREAM = "random_seed", "random_stream"
_DRAWN_FROM = {
    "seed": f'self.proc_params["{RANDOM_SEED}"]',
    "stream": f'self.proc_params["{RANDOM_STREAM}"]',
}


def statements(
    ops: Collection[Op], kept: Collection[str], local: Identifiers, size: int
) -> Iterator[str]:
    """Write each operation as an assignment to the local name of its target.

    ``kept`` are the registers: they hold 32 bit whenever they are written.
    """
    for op in ops:
        value = _FORMS[op.code].format(*_arguments(op, local, size), **_DRAWN_FROM)
        if op.target in kept:
            value = f"narrow({value})"
        yield f"{local(op.target)} = {value}"


def _arguments(op: Op, local: Callable[[str], str], size: int) -> list[str]:
    texts = [local(a) if isinstance(a, str) else _literal(a) for a in op.args]
    if op.code in _OF_THE_STEP:
        texts[1] += f", {size}"
    elif not any(isinstance(a, str) for a in op.args):
        texts[0] = f"np.full({size}, {op.args[0]})"
    return texts


def _literal(value: int) -> str:
    return str(value) if value >= 0 else f"({value})"
