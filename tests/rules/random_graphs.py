"""Draw random NIR graphs, and say what they do: test_nir_stress.py reads them.

Branches that meet, skips, recurrences, delays, subgraphs, kernels and pools, every kind
of neuron, odd names, single and double precision.
"""

from __future__ import annotations

import nir
import numpy as np

ODD = ("a b", "ä", "1.lif", "x.y.z", "0", "w_in", "type", "nodes", "edges", "-", "N'")


class Drawn:
    """A random graph: nested for nir, and flat, by the paths of its nodes, to be run.

    order
        Paths in an order in which each node comes behind what it hears of in the step.
    late
        Edges that act a step later: those that close a loop.
    """

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.dt = float(self.random.choice([1e-3, 1e-4, 5e-4]))
        self.single = bool(self.random.random() < 0.3)
        self.nodes, self.edges = {}, []
        self.flat, self.hears, self.order, self.late = {}, {}, [], set()
        self.shapes, self.observed, self.bounds = {}, {}, {}
        self.free = list(self.random.permutation(ODD)) + [f"n{k}" for k in range(99)]
        self._draw()
        self.graph = nir.NIRGraph(self.nodes, self.edges, type_check=False)

    # --- drawing

    def integer(self, low, high):
        return int(self.random.integers(low, high + 1))

    def maybe(self, chance=0.5):
        return bool(self.random.random() < chance)

    def values(self, low, high, shape=()):
        return self.number(self.random.uniform(low, high, shape))

    def number(self, values):
        return np.asarray(values, np.float32 if self.single else np.float64)

    def add(self, node, sources, shape, name=None):
        """Put a node behind others, at the top level."""
        name = str(name or self.free.pop(0))
        self.nodes[name] = node
        self.edges += [(s, name) for s in sources]
        self.put(name, node, sources, shape)
        return name

    def put(self, path, node, sources, shape, late=()):
        self.flat[path], self.hears[path] = node, list(sources)
        self.order.append(path)
        self.shapes[path] = tuple(shape)
        self.late |= {(s, path) for s in late}

    def _draw(self):
        signals = [self._input(k) for k in range(self.integer(1, 2))]
        for _ in range(self.integer(1, 4)):
            sources = [str(s) for s in self.random.choice(signals, self.integer(1, 2))]
            signals.append(self._layer(sorted(set(sources))))
        self._end(signals)

    def _input(self, place):
        shapes = [(self.integer(2, 5),), (2, self.integer(5, 7), self.integer(5, 7))]
        shape = [*shapes, (2, self.integer(6, 9))][self.integer(0, 2)]
        node = nir.Input({"input": np.array(shape)})
        return self.add(node, [], shape, None if place else "input")

    def _layer(self, sources):
        """Bring some signals to one shape, and give the sum to neurons."""
        if len(sources) == 1 and len(self.shapes[sources[0]]) > 1 and self.maybe(0.7):
            arriving = [self._kernel(sources[0])]
        else:
            size = self.integer(2, 6)
            arriving = [self._dense(s, size) for s in sources]
        return self._neurons(arriving, self.shapes[arriving[0]])

    def _dense(self, source, size):
        shape = self.shapes[source]
        if len(shape) > 1:
            flatten = nir.Flatten({"input": np.array(shape)}, 0, -1)
            source = self.add(flatten, [source], (int(np.prod(shape)),))
        source = self._on_the_way(source)
        weight = self.number(self.random.normal(0.3, 0.6, (size, *self.shapes[source])))
        node = nir.Linear(weight)
        if self.maybe():
            node = nir.Affine(weight, self.values(-0.1, 0.2, size))
        return self._on_the_way(self.add(node, [source], (size,)))

    def _on_the_way(self, source):
        shape = self.shapes[source]
        if self.maybe(0.25):
            source = self.add(nir.Scale(self.values(0.5, 1.5, shape)), [source], shape)
        if self.maybe(0.25):
            steps = self.random.integers(0, 4, shape)
            source = self.add(nir.Delay(self.number(steps * self.dt)), [source], shape)
        return source

    def _kernel(self, source):
        shape = self.shapes[source]
        if len(shape) == 3 and self.maybe(0.4):
            kind = nir.SumPool2d if self.maybe() else nir.AvgPool2d
            size, stride = self.random.integers(1, 3, (2, 2))
            padding = self.random.integers(0, 2, 2) * (size > 1)
            return self._kernel_node(source, kind(size, stride, padding))
        sides = shape[1:]
        groups = self.integer(1, 2) if shape[0] == 2 else 1
        kernel = np.minimum(self.random.integers(1, 4, len(sides)), sides)
        wide = (groups * self.integer(1, 2), shape[0] // groups, *kernel)
        weight = self.number(self.random.normal(0.2, 0.5, wide))
        bias = self.values(-0.1, 0.1, len(weight))
        stride, dilation, padding = (
            tuple(int(k) for k in self.random.integers(low, high, len(sides)))
            for low, high in ((1, 3), (1, 3), (0, 2))
        )
        if any(
            d * (k - 1) >= n for d, k, n in zip(dilation, kernel, sides, strict=True)
        ):
            dilation = (1,) * len(sides)
        if self.maybe(0.3):
            padding, stride = "same", (1,) * len(sides)
        if len(sides) == 1:
            given = [v if isinstance(v, str) else v[0] for v in (stride, padding)]
            node = nir.Conv1d(sides[0], weight, *given, dilation[0], groups, bias)
        else:
            node = nir.Conv2d(sides, weight, stride, padding, dilation, groups, bias)
        return self._kernel_node(source, node)

    def _kernel_node(self, source, node):
        shape = computed(node, np.zeros(self.shapes[source])).shape
        return self.add(node, [source], shape)

    # --- neurons

    def parameters(self, shape):
        """Draw a shape for parameters: all alike, or one for each."""
        return (1,) if self.maybe(0.3) else shape

    def _spiking(self, shape):
        kind = str(self.random.choice(["LIF", "IF", "CubaLIF", "Threshold"]))
        if kind == "Threshold":
            return nir.Threshold(self.values(0.1, 0.6, shape))
        return self._equations(kind, shape, threshold=True)

    def _equations(self, kind, shape, threshold):
        own, dt = self.parameters(shape), self.dt
        values = {"r": self.values(2.0, 6.0, own)}
        if kind in ("I", "IF"):
            values["r"] = self.values(0.2 / dt, 0.6 / dt, own)
        if kind in ("LIF", "LI"):
            values |= {"tau": self.values(3 * dt, 20 * dt, own)}
        if "Cuba" in kind:
            values |= {"tau_syn": self.values(2 * dt, 8 * dt, own)}
            values |= {"tau_mem": self.values(3 * dt, 20 * dt, own)}
            values |= {"w_in": self.values(0.5, 2.0, own)}
        if "tau" in values or "tau_mem" in values:
            values["v_leak"] = self.values(-0.2, 0.3, own) * self.maybe()
        if threshold:
            values["v_threshold"] = self.values(0.3, 0.8, own)
            values["v_reset"] = self.values(-0.3, 0.1, own) * self.maybe()
        return getattr(nir, kind)(**{k: self.number(v) for k, v in values.items()})

    def _neurons(self, arriving, shape):
        node = self._spiking(shape)
        is_line = len(shape) == 1
        if is_line and self.maybe(0.4):
            return self._recurrent(node, arriving, shape)
        name = self.add(node, arriving, shape)
        self.observed[name] = "s_out"
        if is_line and self.maybe(0.2) and isinstance(node, nir.LIF | nir.IF):
            self.edges.append((name, name))  # each onto itself
            self.hears[name].append(name)
            self.late.add((name, name))
        return name

    def _recurrent(self, node, arriving, shape):
        """Put neurons and their loop into a subgraph, perhaps into two."""
        name, n = str(self.free.pop(0)), shape[0]
        weight = self.number(self.random.normal(-0.1, 0.4, (n, n)))
        back = nir.Affine(weight, self.values(-0.1, 0.1, n))
        ends = (
            nir.Input({"input": np.array(shape)}),
            nir.Output({"output": np.array(shape)}),
        )
        inner = {"input": ends[0], "lif": node, "w_rec": back, "output": ends[1]}
        edges = [("input", "lif"), ("lif", "output"), ("w_rec", "lif")]
        nested, path = self.maybe(0.3), f"{name}."
        delay = self.maybe(0.4)
        if delay:
            steps = self.random.integers(1, 4, shape)
            inner["late"] = nir.Delay(self.number(steps * self.dt))
            edges += [("lif", "late"), ("late", "w_rec")]
        else:
            edges.append(("lif", "w_rec"))
        self.nodes[name] = nir.NIRGraph(inner, edges, type_check=False)
        if nested:
            around = {"input": ends[0], "deep": self.nodes[name], "output": ends[1]}
            ways = [("input", "deep"), ("deep", "output")]
            self.nodes[name] = nir.NIRGraph(around, ways, type_check=False)
            path = f"{name}.deep."
        self.edges += [(s, name) for s in arriving]
        lif, rec, late = f"{path}lif", f"{path}w_rec", f"{path}late"
        if delay:
            self.put(late, inner["late"], [lif], shape)
        self.put(rec, back, [late if delay else lif], shape, () if delay else [lif])
        self.put(lif, node, [*arriving, rec], shape)
        self.put(name, ends[1], [lif], shape)
        self.observed[lif] = "s_out"
        return name

    def _end(self, signals):
        """Read out all that leads nowhere, by linear layers or by integrators."""
        taken = {s for hears in self.hears.values() for s in hears}
        ends = [s for s in signals if s not in taken] or [signals[-1]]
        for end in ends:
            source, size = self._dense(end, 3), (3,)
            if self.maybe():
                kind = str(self.random.choice(["LI", "CubaLI", "I"]))
                source = self.add(
                    self._equations(kind, size, threshold=False), [source], size
                )
                self.observed[source] = "v"
                if self.maybe(0.4):
                    self.bounds[source] = (-1e6, 1e6)
                    source = self._neurons([self._dense(source, 3)], size)
            output = nir.Output({"output": np.array(size)})
            name = self.add(output, [source], size)
            if isinstance(self.flat[source], nir.Linear | nir.Affine | nir.Scale):
                self.observed[name] = "v"


# --- what a node without memory does -------------------------------------------------


def windows(x, kernel, stride, padding, dilation):
    """Cut the places of a kernel out of padded values: (channels, *out, *kernel)."""
    sides = [(0, 0)]
    for k, p, d in zip(kernel, padding, dilation, strict=True):
        whole = d * (k - 1)
        sides.append((whole // 2, whole - whole // 2) if p == "same" else (p, p))
    x = np.pad(x, sides)
    reach = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    axes = tuple(range(1, x.ndim))
    cut = np.lib.stride_tricks.sliding_window_view(x, reach, axes)
    steps = [slice(None, None, s) for s in stride]
    places = [slice(None, None, d) for d in dilation]
    return cut[(slice(None), *steps, *places)]


def computed(node, x):
    """Compute what a node without memory gives."""
    match type(node).__name__:
        case "Linear":
            return np.asarray(node.weight, float) @ x
        case "Affine":
            return np.asarray(node.weight, float) @ x + node.bias
        case "Scale":
            return np.asarray(node.scale, float) * x
        case "Flatten":
            return x.reshape(-1)
        case "Threshold":
            return (x > node.threshold) * 1.0
        case "SumPool2d" | "AvgPool2d" as kind:
            sizes = (tuple(node.kernel_size), tuple(node.stride), tuple(node.padding))
            cut = windows(x, *sizes, (1, 1)).sum(axis=(-1, -2))
            return cut / (np.prod(sizes[0]) if kind == "AvgPool2d" else 1)
        case "Conv1d" | "Conv2d":
            return convolved(node, x)
    return x


def convolved(node, x):
    weight = np.asarray(node.weight, float)
    sides = weight.ndim - 2

    def each(value):
        return (value,) * sides if np.ndim(value) == 0 else tuple(value)

    cut = windows(
        x,
        weight.shape[2:],
        each(node.stride),
        each(node.padding) if node.padding != "same" else ("same",) * sides,
        each(node.dilation),
    )
    groups = int(node.groups)
    parts = zip(np.split(weight, groups), np.split(cut, groups), strict=True)
    axes = [1, *range(2, 2 + sides)], [0, *range(1 + sides, 1 + 2 * sides)]
    found = np.concatenate([np.tensordot(w, c, axes) for w, c in parts])
    return found + np.reshape(node.bias, (-1,) + (1,) * sides)
