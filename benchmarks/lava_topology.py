"""Draw one random Lava network, whole and connected.

A seed and a number in, a Network out. It never joins what would hang Lava: ports that
a model does not read (LearningLIF's third factor, the feedback of a plain rule, the y
ports of a two-factor one), ports that it never sends, or a loop without synapses.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .chance import Chance
from .lava_network import LEARNING, Link, Network, Process
from .lava_neurons import (
    draw_feedback,
    draw_neuron,
    draw_payload,
    draw_sink,
    draw_source,
)
from .lava_synapses import draw_convolution, draw_message_bits, draw_synapses

LARGEST_POPULATION = 12
LENGTH_STREAM = 1
LARGEST_GRADED_WEIGHT = 2**14  # times a payload, see lava_synapses.py on kernels
KINDS = {
    "Dense": 30,
    "DelayDense": 12,
    "Sparse": 9,
    "DelaySparse": 5,
    "Conv": 9,
    "LearningDense": 40,
    "LearningSparse": 6,
}
PLAIN_KINDS = {k: p for k, p in KINDS.items() if k not in ("Conv", *LEARNING)}


@dataclass(frozen=True)
class Signal:
    """An OutPort, and what it sends."""

    process: str
    port: str
    shape: tuple[int, ...]
    graded: bool = False
    extreme: bool = False

    @property
    def size(self) -> int:
        return math.prod(self.shape)


@dataclass(frozen=True)
class Receiver:
    """An InPort."""

    process: str
    port: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        return math.prod(self.shape)


def draw_network(seed: int, number: int) -> Network:
    """Draw the network of a numbered case."""
    return _Drawing(Chance(seed, number)).network(steps_of(seed, number))


def steps_of(seed: int, number: int) -> int:
    """Draw how long a case runs; a few are long enough for the longest delays."""
    chance = Chance(seed, number, LENGTH_STREAM)
    return chance.integer(32, 52) if chance.happens(0.9) else chance.integer(70, 90)


class _Drawing:
    """Collects processes and links."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.processes: list[Process] = []
        self.links: list[Link] = []
        self.spikes: list[Signal] = []
        self.activations: list[Signal] = []
        self.neurons: list[Receiver] = []

    def network(self, steps: int) -> Network:
        chance = self.chance
        for _ in range(chance.weighted({1: 44, 2: 30, 3: 14, 4: 6, 5: 4, 6: 2})):
            self.add_neuron(self.random_shape())
        for _ in range(chance.weighted({0: 8, 1: 62, 2: 24, 3: 6})):
            self.add_source(self.random_shape(), draw_payload(chance))
        for _ in range(chance.weighted({0: 3, 1: 34, 2: 29, 3: 18, 4: 9, 5: 4, 6: 3})):
            self.add_connection()
        self.add_direct_inputs()
        for _ in range(chance.weighted({0: 72, 1: 22, 2: 6})):
            self.add_sink()
        if chance.happens(0.04):
            self.add_monitor()
        self.join()
        entry = chance.one_of([p.name for p in self.processes])
        return Network(tuple(self.processes), tuple(self.links), steps, entry)

    def name(self, kind: str) -> str:
        return f"{kind}_{len(self.processes)}"

    def random_shape(self) -> tuple[int, ...]:
        dimensions = self.chance.weighted({1: 78, 2: 13, 3: 9})
        return self.chance.shape(LARGEST_POPULATION, dimensions)

    # --- neurons and ring buffers

    def add_neuron(self, shape: tuple[int, ...]) -> Receiver:
        process = draw_neuron(self.chance, self.name("neuron"), shape)
        self.processes.append(process)
        graded = process.kind == "TernaryLIF"
        self.spikes.append(Signal(process.name, "s_out", shape, graded))
        self.neurons.append(Receiver(process.name, "a_in", shape))
        return self.neurons[-1]

    def add_source(self, shape: tuple[int, ...], payload: str) -> Signal:
        process = draw_source(self.chance, self.name("source"), shape, payload)
        self.processes.append(process)
        graded, extreme = payload != "binary", payload in ("extreme", "wide")
        self.spikes.append(Signal(process.name, "s_out", shape, graded, extreme))
        return self.spikes[-1]

    def add_direct_inputs(self) -> None:
        """Let ring buffers, and neurons that stand before, feed neurons directly."""
        for k, neuron in enumerate(self.neurons):
            if self.chance.happens(0.15):
                source = self.add_source(neuron.shape, draw_payload(self.chance))
                self.link(source, neuron)
            same = [s for s in self.spikes_before(k) if s.size == neuron.size]
            if same and self.chance.happens(0.12):
                self.link(self.chance.one_of(same), neuron)

    def spikes_before(self, place: int) -> list[Signal]:
        earlier = {n.process for n in self.neurons[:place]}
        return [s for s in self.spikes if s.process in earlier]

    def add_sink(self) -> None:
        signals = [*self.spikes, *self.activations]
        first = self.chance.one_of(signals)
        process = draw_sink(self.chance, self.name("sink"), first.shape)
        self.processes.append(process)
        heard = [first]
        if self.chance.happens(0.2):
            heard += [s for s in signals if s.size == first.size and s != first][:1]
        for signal in heard:
            self.link(signal, Receiver(process.name, "a_in", first.shape))

    def add_monitor(self) -> None:
        member = self.chance.one_of(["v", "s_out"])
        probe = [self.chance.one_of(self.neurons).process, member]
        monitor = Process(self.name("monitor"), "Monitor", {"probe": probe})
        self.processes.append(monitor)

    # --- connections

    def add_connection(self) -> None:
        chained = self.activations and self.chance.happens(0.1)
        source = self.chance.one_of(self.activations if chained else self.spikes)
        kind = self.chance.weighted(KINDS)
        if kind == "Conv" and self.add_convolution(source):
            return
        if kind == "Conv":
            kind = "Dense"
        target = self.random_target()
        post = target.size if target else self.chance.integer(1, LARGEST_POPULATION)
        self.add_synapses(kind, source, post, target)

    def random_target(self) -> Receiver | None:
        if self.chance.happens(0.05):
            return None
        return self.chance.one_of(self.neurons)

    def add_synapses(
        self, kind: str, source: Signal, post: int, target: Receiver | None
    ) -> None:
        name = self.name(kind.lower())
        shape = (post, source.size)
        process = draw_synapses(self.chance, name, kind, shape, graded=source.graded)
        self.processes.append(process)
        output = Signal(name, "a_out", (post,), graded=True, extreme=True)
        self.link(source, Receiver(name, "s_in", (source.size,)))
        if self.chance.happens(0.06):
            same = [s for s in self.spikes if s.size == source.size]
            also = self.chance.one_of(same or [source])
            self.link(also, Receiver(name, "s_in", (source.size,)))
        if target is not None:
            self.link(output, target)
        if kind in LEARNING:
            self.add_feedback(process, post, target)
        self.activations.append(output)

    def add_convolution(self, source: Signal) -> bool:
        shape = self.image_shape(source)
        drawn = draw_convolution(self.chance, shape)
        if drawn is None:
            return False
        name = self.name("conv")
        bits = draw_message_bits(self.chance, graded=source.graded)
        if source.extreme or drawn.largest > LARGEST_GRADED_WEIGHT:
            bits = {}
        self.processes.append(Process(name, "Conv", {**drawn.arguments, **bits}))
        output = Signal(name, "a_out", drawn.output, graded=True, extreme=True)
        self.link(source, Receiver(name, "s_in", shape))
        same = [n for n in self.neurons if n.size == output.size]
        if same and self.chance.happens(0.7):
            self.link(output, self.chance.one_of(same))
        elif self.chance.happens(0.9):
            self.link(output, self.add_neuron(output.shape))
        self.activations.append(output)
        return True

    def image_shape(self, source: Signal) -> tuple[int, int, int]:
        if len(source.shape) == 3:
            return (source.shape[0], source.shape[1], source.shape[2])
        width = self.chance.one_of(divisors(source.size))
        height = self.chance.one_of(divisors(source.size // width))
        return (width, height, source.size // width // height)

    # --- what a learning engine hears of the post side

    def add_feedback(
        self, process: Process, post: int, target: Receiver | None
    ) -> None:
        kind = process.arguments["learning_rule"]["class"]
        if kind == "LoihiLearningRule":
            return
        own = [s for s in self.spikes if target and s.process == target.process]
        events = own if own and self.chance.happens(0.75) else self.fitting(post)
        if events and self.chance.happens(0.93):
            event = self.chance.one_of(events)
            self.link(event, Receiver(process.name, "s_in_bap", (post,)))
        if kind != "Loihi3FLearningRule":
            return
        for slot in ("s_in_y1", "s_in_y2", "s_in_y3"):
            if self.chance.happens(0.6):
                self.link(self.factor(post), Receiver(process.name, slot, (post,)))

    def fitting(self, size: int) -> list[Signal]:
        same = [s for s in self.spikes if s.size == size]
        if not same or self.chance.happens(0.3):
            return [self.add_source((size,), draw_payload(self.chance))]
        return same

    def factor(self, size: int) -> Signal:
        """Find or make what is sent as a y trace."""
        same = [s for s in (*self.spikes, *self.activations) if s.size == size]
        if same and self.chance.happens(0.35):
            return self.chance.one_of(same)
        process = draw_feedback(self.chance, self.name("factor"), size)
        self.processes.append(process)
        return Signal(process.name, "s_out", (size,), graded=True)

    # --- links

    def link(self, source: Signal, target: Receiver) -> None:
        """Join a port with another of the same size, once."""
        ends = ((source.process, source.port), (target.process, target.port))
        if any((x.source, x.target) == ends for x in self.links):
            return
        self.links.append(Link(*ends, self.via(source.shape, target.shape)))

    def via(
        self, old: tuple[int, ...], new: tuple[int, ...]
    ) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Say how a shape becomes another, sometimes with a detour."""
        if len(old) > 1 and self.chance.happens(0.15):
            axes = tuple(self.chance.shuffled(range(len(old))))
            turned = tuple(old[k] for k in axes)
            rest = () if turned == new else (("reshape", new),)
            return (("transpose", axes), *rest)
        if old == new:
            return ()
        flat = len(new) == 1 and self.chance.happens(0.5)
        return (("flatten", ()),) if flat else (("reshape", new),)

    def join(self) -> None:
        """Join the parts that nothing joins, so that it is one network."""
        while len(parts := self.as_network().components()) > 1:
            here = next(p for p in parts if any(n.process in p for n in self.neurons))
            targets = [n for n in self.neurons if n.process in here]
            sources = [
                s for s in (*self.spikes, *self.activations) if s.process not in here
            ]
            target, source = self.chance.one_of(targets), self.chance.one_of(sources)
            kind = self.chance.weighted(PLAIN_KINDS)
            self.add_synapses(kind, source, target.size, target)

    def as_network(self) -> Network:
        return Network(tuple(self.processes), tuple(self.links), 1, "")


def divisors(number: int) -> list[int]:
    """List what divides a number."""
    return [k for k in range(1, number + 1) if number % k == 0]
