"""Random Lava connections: weights of every kind, delays, convolutions, learning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .chance import Chance
from .lava_network import DELAYED, LEARNING, Process
from .lava_rules import draw_rule

LARGEST_TAG = 2**23 - 1  # from_lava refuses what leaves 32 bit when shifted
MESSAGE_BITS = (1, 8, 16, 24, 31)
WEIGHTS = {
    "small": 20,
    "full": 28,
    "positive": 16,
    "negative": 8,
    "beyond": 10,
    "huge": 5,
    "vast": 1,
    "float": 10,
}


@dataclass(frozen=True)
class Convolution:
    """The arguments of a convolution, what comes out, and its largest weight."""

    arguments: dict[str, Any]
    output: tuple[int, int, int]
    largest: int


def draw_synapses(
    chance: Chance, name: str, kind: str, shape: tuple[int, int], *, graded: bool
) -> Process:
    """Draw a connection with weights (post, pre)."""
    arguments: dict[str, Any] = {"weights": draw_weights(chance, shape)}
    arguments.update(_weight_format(chance, kind))
    arguments.update(draw_message_bits(chance, graded=graded))
    if kind in DELAYED:
        arguments.update(_delays(chance, shape))
    if kind in LEARNING:
        arguments.update(_learning(chance, shape, dense=kind == "LearningDense"))
    if kind == "LearningSparse":  # whose arithmetic knows only mixed signs
        arguments["sign_mode"] = "MIXED"
        arguments["weights"][0][0] = chance.one_of([-256, 256])
    initial = _first_traces(chance, arguments, shape) if kind in LEARNING else {}
    return Process(name, kind, arguments, initial)


def draw_weights(chance: Chance, shape: tuple[int, ...]) -> Any:
    """Draw weights of some range, dense or with many zeros."""
    kind = chance.weighted(WEIGHTS)
    exists = chance.one_of([1.0, 1.0, 0.7, 0.3])

    def value() -> Any:
        drawn = _WEIGHTS[kind](chance)
        return drawn if chance.happens(exists) else drawn * 0

    return chance.array(shape, value)


_WEIGHTS: dict[str, Callable[[Chance], int | float]] = {
    "small": lambda c: c.integer(-20, 20),
    "full": lambda c: c.integer(-256, 255),
    "positive": lambda c: c.integer(0, 255),
    "negative": lambda c: c.integer(-255, 0),
    "beyond": lambda c: c.integer(-400, 400),
    "huge": lambda c: c.integer(-(10**6), 10**6),
    "vast": lambda c: c.integer(-(2**31), 2**31 - 1),
    "float": lambda c: c.real(-300, 300),
}


def _weight_format(chance: Chance, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if chance.happens(0.6):
        usual = chance.happens(0.85)
        found["weight_exp"] = chance.integer(-4, 5) if usual else chance.integer(-9, 12)
    if chance.happens(0.45):
        found["num_weight_bits"] = chance.integer(1, 8)
    if chance.happens(0.55):
        signs = {"MIXED": 40, "EXCITATORY": 35, "INHIBITORY": 25}
        if kind not in LEARNING:
            signs["NULL"] = 3
        found["sign_mode"] = chance.weighted(signs)
    return found


def draw_message_bits(chance: Chance, *, graded: bool) -> dict[str, Any]:
    """Draw whether spikes are graded: mostly where the source sends more than 1."""
    if chance.happens(0.7 if graded else 0.15):
        return {"num_message_bits": chance.one_of(MESSAGE_BITS)}
    return {"num_message_bits": 0} if chance.happens(0.3) else {}


def _delays(chance: Chance, shape: tuple[int, int]) -> dict[str, Any]:
    most = chance.weighted({3: 50, 8: 30, 20: 12, 63: 8})
    found: dict[str, Any] = {"delays": chance.integer(0, most)}
    if chance.happens(0.85):
        found["delays"] = chance.array(shape, lambda: chance.integer(0, most))
    if chance.happens(0.25):  # Lava drops the synapses beyond it
        found["max_delay"] = chance.integer(1, 63)
    return found


def _learning(chance: Chance, shape: tuple[int, int], *, dense: bool) -> dict[str, Any]:
    rule = draw_rule(chance, dense=dense)
    found: dict[str, Any] = {"learning_rule": rule}
    if chance.happens(0.35) or (not dense and "dt" in rule):
        most = 300 if chance.happens(0.95) else LARGEST_TAG
        found["tag_1"] = _tags(chance, shape, -most, most)
    if chance.happens(0.2) or (not dense and "dd" in rule):
        found["tag_2"] = _tags(chance, shape, -20, 300)
    if not dense:  # which fails on tags that it makes itself, and on empty ones
        for tag in found.keys() & {"tag_1", "tag_2"}:
            found[tag][0][0] = 1
    modes = {"OVERWRITE": 10, "ADD_WITH_SATURATION": 10, "ADD_WITHOUT_SATURATION": 10}
    mode = chance.weighted({**modes, "USE_REGULAR_IMPULSE": 70})
    if mode != "USE_REGULAR_IMPULSE" or chance.happens(0.1):
        found["graded_spike_cfg"] = mode
    return found


def _first_traces(
    chance: Chance, arguments: dict[str, Any], shape: tuple[int, int]
) -> dict[str, Any]:
    """Draw traces that are not 0 at the start."""
    post, pre = shape
    sizes = {"x1": pre, "x2": pre, "y1": post, "y2": post, "y3": post}
    if arguments["learning_rule"]["class"] == "LoihiLearningRule":
        sizes = {"x1": pre, "x2": pre}  # the others would never change
    return {
        trace: chance.array((size,), lambda: chance.integer(0, 127))
        for trace, size in sizes.items()
        if chance.happens(0.05)
    }


def _tags(chance: Chance, shape: tuple[int, int], low: int, high: int) -> Any:
    exists = chance.one_of([1.0, 0.6])

    def value() -> int:
        return chance.integer(low, high) if chance.happens(exists) else 0

    return chance.array(shape, value)


def draw_convolution(
    chance: Chance, input_shape: tuple[int, int, int]
) -> Convolution | None:
    """Draw a convolution of this input; None if it would leave nothing."""
    groups = chance.one_of([g for g in (1, 1, 1, 2, 3) if input_shape[2] % g == 0])
    kernel = (chance.integer(1, 3), chance.integer(1, 3))
    channels = groups * chance.integer(1, 2)
    spatial = {
        "stride": (chance.integer(1, 2), chance.integer(1, 2)),
        "padding": (chance.integer(0, 1), chance.integer(0, 1)),
        "dilation": (chance.integer(1, 2), chance.integer(1, 2)),
    }
    width, height = (
        _length(input_shape[k], n, *(pair[k] for pair in spatial.values()))
        for k, n in enumerate(kernel)
    )
    if min(width, height) < 1 or width * height * channels > 24:
        return None
    # Sums must stay in 32 bit, beyond which the float that Lava sums in has no cast.
    most = chance.weighted({10: 60, 255: 25, 2**14: 8, 2**22: 7})
    shape = (channels, *kernel, input_shape[2] // groups)
    arguments: dict[str, Any] = {
        "weight": chance.array(shape, lambda: chance.integer(-most, most)),
        "input_shape": list(input_shape),
    }
    for name, pair in spatial.items():
        if chance.happens(0.7) or pair != {"padding": (0, 0)}.get(name, (1, 1)):
            arguments[name] = pair[0] if pair[0] == pair[1] else list(pair)
    if groups > 1:
        arguments["groups"] = groups
    if chance.happens(0.2):
        arguments["weight_exp"] = chance.integer(-3, 3)
    return Convolution(arguments, (width, height, channels), most)


def _length(size: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
