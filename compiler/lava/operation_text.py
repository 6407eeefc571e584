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
}
_OF_THE_STEP: frozenset[OpCode] = frozenset({"every"})  # alike for all neurons


def statements(
    ops: Collection[Op], kept: Collection[str], local: Identifiers, size: int
) -> Iterator[str]:
    """Write each operation as an assignment to the local name of its target.

    ``kept`` are the registers: they hold 32 bit whenever they are written.
    """
    for op in ops:
        value = _FORMS[op.code].format(*_arguments(op, local, size))
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
