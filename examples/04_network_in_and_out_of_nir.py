"""Take a network to NIR and back, and bind a rule to a network of another tool.

NIR is how spiking networks travel between tools. It has no learning rules and no time
step; lahar keeps both in the file's metadata. Another tool reads a plain static
network from such a file; lahar reads everything.
"""

from __future__ import annotations

import tempfile
import warnings
from dataclasses import replace
from pathlib import Path

import nir
import numpy as np

import lahar
from lahar import Group, LaharError, Network, Projection, ms
from lahar.rules.library import LIF, STDP


def learning_network() -> Network:
    """Two layers; the first connection learns, the second does not."""
    random = np.random.default_rng(3)
    return Network(
        "two layers",
        (
            Group("input", 20),
            Group("hidden", 10, LIF(threshold=2.0)),
            Group("output", 4, LIF()),
        ),
        (
            Projection(
                "learns",
                "input",
                "hidden",
                random.uniform(0.2, 0.6, (10, 20)),
                rule=STDP(),
            ),
            Projection("fixed", "hidden", "output", random.uniform(-1, 1, (4, 10))),
        ),
        dt_seconds=1 * ms,
    )


def to_nir_and_back(path: Path) -> None:
    """Write with lahar, read with nir and with lahar."""
    network = learning_network()
    lahar.write_nir(network, path)

    graph = nir.read(path)
    print("What another tool reads:")
    for name, node in graph.nodes.items():
        print(f"    {name:14} {type(node).__name__}")
    print("    metadata:", ", ".join(graph.metadata))
    print("lahar reads back the same network:", lahar.read_nir(path) == network)


def through_another_tool(path: Path) -> None:
    """Another tool halves the weights; the rule survives, and the new weights win."""
    graph = nir.read(path)
    graph.nodes["learns"].weight = graph.nodes["learns"].weight / 2
    nir.write(path, graph)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        network = lahar.read_nir(path)
    projection = network.projection("learns")
    assert projection.rule is not None
    print("\nAfter another tool has halved the weights:")
    mean = projection.weights.mean()
    print(f"    rule {projection.rule.name}, mean weight {mean:.3f}")
    print("   ", str(caught[0].message).splitlines()[0])


def a_plain_network(path: Path) -> Network:
    """Read what some other tool wrote, and bind a rule to one of its connections."""
    random = np.random.default_rng(4)
    neurons = {"tau": 0.02, "r": 20.0, "v_leak": 0.0, "v_threshold": 2.0}
    nodes = {
        "input": nir.Input(input_type={"input": np.array([20])}),
        "weights": nir.Linear(weight=random.uniform(0.2, 0.6, (10, 20))),
        "cells": nir.LIF(**{name: np.full(10, v) for name, v in neurons.items()}),
        "output": nir.Output(output_type={"output": np.array([10])}),
    }
    edges = [("input", "weights"), ("weights", "cells"), ("cells", "output")]
    nir.write(path, nir.NIRGraph(nodes=nodes, edges=edges))

    # NIR is continuous in time, and tools disagree about the step: it is never guessed.
    print("\nA plain network, read without a time step:")
    try:
        lahar.read_nir(path)
    except LaharError as error:
        print(error)

    network = lahar.read_nir(path, dt=1 * ms)
    learns = replace(network.projection("weights"), rule=STDP())
    return replace(network, projections=(learns,))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        to_nir_and_back(Path(folder, "ours.nir"))
        through_another_tool(Path(folder, "ours.nir"))
        network = a_plain_network(Path(folder, "plain.nir"))

    program = lahar.compile(network, chip="loihi2")
    recording = lahar.run(program, "poisson:rate=30Hz", steps=1000)
    spikes = int(recording["cells.s_out"].sum())
    weights = recording.final["weights.weights"]
    moved = int((weights != program.connection("weights").weights).sum())
    print(f"\nWith a rule bound to it: {spikes} spikes in 1000 steps,")
    print(f"and {moved} of {weights.size} weights have changed.")


if __name__ == "__main__":
    main()
