"""Random Lava neurons and ring buffers, ordinary ones and ones with extreme values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .chance import Chance
from .lava_network import Process

LARGEST = 2**31 - 1
EXTREMES = (
    *(400_000, -400_000, 2**17, -(2**17), 131_071, 3 * 2**17, -3 * 2**17),
    *(2**25, -(2**25), 2**25 - 1, 2**26 + 5, LARGEST, -LARGEST - 1),
)
EDGES_OF_24_BIT = (2**23, -(2**23), 2**23 - 1, 1 - 2**23, 2**23 + 1, 2**24, -(2**24))
EDGES_OF_32_BIT = (LARGEST, -LARGEST - 1, 2**30, -(2**30) - 7)
STRANGE_DECAYS = (-1, -2, -300, 4096, 4097, 5000, 9000)
EDGES_OF_THRESHOLDS = (0, -1, -100, 131_071, 2**17, 2**24, 2**25, 2**26)
PAYLOADS = ("binary", "ternary", "byte", "signed", "wide", "extreme", "float")


def draw_neuron(chance: Chance, name: str, shape: tuple[int, ...]) -> Process:
    """Draw a population of some kind."""
    kinds = {"LIF": 38, "LIFReset": 13, "TernaryLIF": 14, "ATRLIF": 14}
    kind = chance.weighted({**kinds, "LearningLIF": 21})
    arguments: dict[str, Any] = {"shape": list(shape)}
    arguments.update(_KINDS[kind](_Population(chance, shape)))
    return Process(name, kind, arguments)


class _Population:
    """Draws arguments that are one number, or one per neuron."""

    def __init__(self, chance: Chance, shape: tuple[int, ...]) -> None:
        self.chance = chance
        self.shape = shape

    def value(self, draw: Callable[[], Any], each: float = 0.15) -> Any:
        """Draw one number, or with some probability one for each neuron."""
        if self.chance.happens(each):
            return self.chance.array(self.shape, draw)
        return draw()

    def decays(self, names: tuple[str, str]) -> dict[str, Any]:
        du, dv = names
        common = {0: 20.0, 4095: 12.0, None: 68.0}
        found = {
            du: self.value(lambda: self._decay(common), 0.1),
            dv: self.value(lambda: self._decay({**common, 4096: 4.0}), 0.1),
        }
        if self.chance.happens(0.02):  # beyond 12 bits: Lava computes on
            found[self.chance.one_of(names)] = self.chance.one_of(STRANGE_DECAYS)
        return found

    def _decay(self, common: Mapping[int | None, float]) -> int:
        fixed = self.chance.weighted(common)
        return self.chance.integer(1, 4094) if fixed is None else fixed

    def states(self, *names: str) -> dict[str, Any]:
        chosen = [n for n in names if self.chance.happens(0.25)]
        return {n: self.value(self._state, 0.5) for n in chosen}

    def _state(self) -> int:
        if self.chance.happens(0.2):
            return self.chance.one_of(EDGES_OF_24_BIT)
        if self.chance.happens(0.03):
            return self.chance.one_of(EDGES_OF_32_BIT)
        return self.chance.integer(-20_000, 20_000)

    def bias(self) -> dict[str, Any]:
        chance = self.chance
        found: dict[str, Any] = {}
        if chance.happens(0.55):
            found["bias_mant"] = self.value(self._bias, 0.4)
        if chance.happens(0.35):
            found["bias_exp"] = self.value(self._bias_exponent, 0.3)
        return found

    def _bias(self) -> int | float:
        kind = self.chance.weighted({"small": 70, "large": 20, "edge": 6, "float": 4})
        if kind == "float":
            return self.chance.real(-50, 50)
        if kind == "edge":
            return self.chance.one_of([32_767, -32_768, 4095, -4096])
        most = 200 if kind == "small" else 4095
        return self.chance.integer(-most // 4, most)

    def _bias_exponent(self) -> int:
        if self.chance.happens(0.1):
            return self.chance.integer(-16, 16)
        return self.chance.integer(-2, 7)

    def threshold(self) -> int:
        kind = self.chance.weighted({"low": 45, "middle": 38, "high": 9, "edge": 8})
        if kind == "edge":
            return self.chance.one_of(EDGES_OF_THRESHOLDS)
        low, high = {"low": (1, 60), "middle": (60, 900), "high": (900, 20_000)}[kind]
        return self.chance.integer(low, high)


def _lif(population: _Population) -> dict[str, Any]:
    found = {
        **population.decays(("du", "dv")),
        **population.states("u", "v"),
        **population.bias(),
    }
    if population.chance.happens(0.9):
        found["vth"] = population.value(population.threshold)
    if population.chance.happens(0.1):
        found.pop(population.chance.one_of(["du", "dv"]))
    return found


def _lif_reset(population: _Population) -> dict[str, Any]:
    chance = population.chance
    found = _lif(population)
    if chance.happens(0.9):
        found["reset_interval"] = chance.integer(1, 25)
    if chance.happens(0.6):
        found["reset_offset"] = chance.integer(0, 40)
    return found


def _ternary_lif(population: _Population) -> dict[str, Any]:
    found = _lif(population)
    found.pop("vth", None)
    found["vth_hi"] = population.threshold()
    found["vth_lo"] = min(found["vth_hi"], -population.threshold())
    return found


def _atrlif(population: _Population) -> dict[str, Any]:
    chance = population.chance
    found = {**population.states("i", "v", "theta", "r"), **population.bias()}
    if chance.happens(0.1):
        found["s"] = population.value(lambda: chance.integer(0, 1), 0.5)
    for name in ("delta_i", "delta_v", "delta_theta", "delta_r"):
        if chance.happens(0.8):
            edge = chance.weighted({0: 8, 1: 6, 0.5: 6, None: 80})
            found[name] = chance.real(0, 1, 3) if edge is None else edge
    if chance.happens(0.7):
        found["theta_0"] = chance.integer(0, 300)
    if chance.happens(0.7):
        step = chance.happens(0.5)
        found["theta_step"] = chance.integer(0, 100) if step else chance.real(0, 40)
    return found


_KINDS: Mapping[str, Callable[[_Population], dict[str, Any]]] = {
    "LIF": _lif,
    "LearningLIF": _lif,
    "LIFReset": _lif_reset,
    "TernaryLIF": _ternary_lif,
    "ATRLIF": _atrlif,
}


def draw_source(
    chance: Chance, name: str, shape: tuple[int, ...], payload: str
) -> Process:
    """Draw a ring buffer that sends values of some kind over and over."""
    period = chance.integer(8, 60) if chance.happens(0.9) else chance.integer(1, 4)
    rate = chance.one_of([0.05, 0.15, 0.3, 0.3, 0.6, 0.95])

    def value() -> int | float:
        return _payload(chance, payload) if chance.happens(rate) else 0

    return Process(name, "Source", {"data": chance.array((*shape, period), value)})


def draw_feedback(chance: Chance, name: str, size: int) -> Process:
    """Draw a ring buffer that sends y traces to a learning engine."""
    low, high = chance.weighted(
        {(0, 127): 50, (-127, 127): 25, (-300, 300): 15, (-(2**31), LARGEST): 3}
    )
    period = chance.integer(1, 40)
    values = chance.array((size, period), lambda: chance.integer(low, high))
    return Process(name, "Source", {"data": values})


def draw_sink(chance: Chance, name: str, shape: tuple[int, ...]) -> Process:
    """Draw a ring buffer that keeps the last values it heard."""
    return Process(
        name, "Sink", {"shape": list(shape), "buffer": chance.integer(1, 70)}
    )


def draw_payload(chance: Chance) -> str:
    """Choose what a source sends."""
    return chance.weighted(dict(zip(PAYLOADS, (50, 10, 17, 8, 6, 6, 3), strict=True)))


def _payload(chance: Chance, payload: str) -> int | float:
    if payload == "binary":
        return 1
    if payload == "float":  # which Lava cuts to an integer
        return chance.real(-4, 30)
    if payload == "ternary":
        return chance.one_of([-1, 1])
    if payload == "extreme":
        return chance.one_of(EXTREMES)
    most = {"byte": 255, "signed": 300, "wide": 70_000}[payload]
    return chance.integer(0 if payload == "byte" else -most, most)
