"""Random Lava learning rules, over the whole grammar that Lava's parser takes.

Products are written in every form the parser knows, and sometimes in one that it
silently misreads: what counts is what Lava computes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .chance import Chance

TRACES = ("x1", "x2", "y1", "y2", "y3")
SYNAPTIC = ("w", "d", "t")
MISREAD = ("(-w)", "(w*2)", "(w-5-3)", "((w-5))", "(t)", "(-t)", "(y1+200)")

ODD_TAUS = (0, 33.3, 1, 0.05, 1e-3, 4095, 65535, 1e6, 2.718281828)
LARGEST_SEED = 2**31 - 10


def draw_rule(chance: Chance, *, dense: bool) -> Mapping[str, Any]:
    """Draw the arguments of a learning rule, its class under ``class``.

    If it is not ``dense`` no product reads w, d or t: Lava's LearningSparse cannot.
    """
    kinds = {"Loihi2FLearningRule": 60, "Loihi3FLearningRule": 28}
    kind = chance.weighted({**kinds, "LoihiLearningRule": 12})
    rule: dict[str, Any] = {"class": kind}
    rule.update(_equations(chance, dense))
    sides = ("x1", "x2") if kind == "Loihi3FLearningRule" else TRACES
    for trace in sides:
        rule.update(_trace(chance, trace))
    epoch = chance.weighted({1: 45, 2: 12, 3: 9, 4: 12, 5: 6, 6: 5, 7: 4, 8: 5, 17: 2})
    if epoch != 1 or chance.happens(0.2):
        rule["t_epoch"] = epoch
    rule["rng_seed"] = chance.integer(0, LARGEST_SEED)
    return rule


def _equations(chance: Chance, dense: bool) -> Mapping[str, str]:
    decimation = chance.weighted({0: 40, 1: 20, 2: 15, 3: 10, 4: 5, 9: 1})
    wanted = {"dw": 0.9, "dt": 0.35, "dd": 0.2}
    targets = [t for t, probability in wanted.items() if chance.happens(probability)]
    writer = ProductWriter(chance, decimation, dense)
    return {target: writer.equation() for target in chance.shuffled(targets or ["dw"])}


def _trace(chance: Chance, trace: str) -> Mapping[str, float]:
    if chance.happens(0.2):
        return {}
    impulse = chance.weighted({"small": 35, "large": 25, "float": 30, "odd": 10})
    tau = chance.weighted({"int": 45, "float": 35, "odd": 20})
    return {
        f"{trace}_impulse": {
            "small": chance.integer(1, 32),
            "large": chance.integer(33, 127),
            "float": chance.real(0, 90),
            "odd": chance.one_of([0, 0.5, 126.998, 200, 0.001, 300.25, 1e5]),
        }[impulse],
        f"{trace}_tau": {
            "int": chance.integer(1, 60),
            "float": chance.real(0.3, 80, 1),
            "odd": chance.one_of(ODD_TAUS),
        }[tau],
    }


class ProductWriter:
    """Writes sums of products; all of a rule share one ``u_k``."""

    def __init__(self, chance: Chance, decimation: int, synaptic_factors: bool) -> None:
        self._chance = chance
        self._uk = f"u{decimation}"
        self._synaptic = synaptic_factors

    def equation(self) -> str:
        """Write one to four products."""
        count = self._chance.weighted({1: 40, 2: 35, 3: 15, 4: 10})
        return "".join(self._product(first=k == 0) for k in range(count))

    def _product(self, *, first: bool) -> str:
        gate = self._chance.weighted({"x0": 35, "y0": 35, self._uk: 30})
        mantissa, literals = self._scale()
        factors = [self._factor(gate) for _ in range(self._factor_count())]
        items = [gate, *self._chance.shuffled([*literals, *factors])]
        if self._chance.happens(0.5) and literals:
            items = [*literals, *(x for x in items if x not in literals)]
        space = self._chance.one_of(["", " "])
        negative = mantissa < 0
        sign = "-" if negative else "" if first else "+"
        return f"{space}{sign}{space}{'*'.join(items)}"

    def _factor_count(self) -> int:
        return self._chance.weighted({0: 12, 1: 40, 2: 28, 3: 14, 4: 6})

    def _scale(self) -> tuple[int, list[str]]:
        """Draw a scale that fits 4 and 4 bits: its sign, and literals that make it."""
        chance = self._chance
        mantissa = chance.integer(-8, 7) or 1
        usual = chance.happens(0.9)
        exponent = chance.integer(-7, 4) if usual else chance.integer(5, 8)
        size = abs(mantissa)
        if size == 8:
            size, exponent = 4, min(exponent + 1, 8)
        if chance.happens(0.01):
            return 1, ["0"]
        forms = [[f"{size}*2^{exponent}"], [str(size), f"2^{exponent}"]]
        if exponent > 0:
            forms.append([str(size << exponent)])
        if exponent > -7:
            forms.append([str(2 * size), f"2^{exponent - 1}"])
        if exponent == 0:
            forms += [[str(size)], [f"({size})"]]
        if size == 1:
            forms += [[f"2^{exponent}"]] + ([[]] if exponent == 0 else [])
        return mantissa, chance.shuffled(chance.one_of(forms))

    def _factor(self, gate: str) -> str:
        chance = self._chance
        if self._synaptic and chance.happens(0.02):
            return chance.one_of(MISREAD)
        synaptic = SYNAPTIC if self._synaptic else ()
        spikes = tuple(s for s in ("x0", "y0") if s != gate)
        groups: dict[Sequence[str], float] = {TRACES: 60.0, spikes: 12.0}
        if synaptic:
            groups[synaptic] = 34.0
        variable = chance.one_of(chance.weighted(groups))
        if variable in SYNAPTIC and chance.happens(0.25):
            inside = chance.one_of([variable, f"{variable}{self._signed_constant()}"])
            return f"sgn({inside})"
        if variable in spikes or chance.happens(0.6):
            return variable
        return self._with_constant(variable)

    def _with_constant(self, variable: str) -> str:
        if self._chance.happens(0.75):
            return f"({variable}{self._signed_constant()})"
        return f"({self._constant()}{self._chance.one_of('+-')}{variable})"

    def _signed_constant(self) -> str:
        return f"{self._chance.one_of('+-')}{self._constant()}"

    def _constant(self) -> str:
        chance = self._chance
        kind = chance.weighted({"small": 60, "large": 25, "power": 15})
        if kind == "power":
            return chance.one_of(["2^3", "2^6", "3*2^4", "2^0"])
        return str(chance.integer(0, 20) if kind == "small" else chance.integer(0, 400))
