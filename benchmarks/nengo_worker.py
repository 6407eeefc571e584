"""Ask nengo-loihi how much of each core its blocks take; runs in a process of its own.

In: networks as JSON on standard input (see nengo_networks.py). Out, as JSON: for each
network the blocks that nengo-loihi makes of its populations, split as it splits them,
with its own `utilization()`. Needs nengo-loihi, and nothing of lahar.
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

warnings.simplefilter("ignore")  # it warns of every newer nengo and of distutils

import nengo_loihi  # noqa: E402
import numpy as np  # noqa: E402
import scipy.sparse  # noqa: E402
from nengo_loihi.block import Axon, LoihiBlock, Synapse, SynapseConfig  # noqa: E402
from nengo_loihi.builder import Model  # noqa: E402
from nengo_loihi.builder.split_blocks import split_model  # noqa: E402
from nengo_loihi.inputs import SpikeInput  # noqa: E402

Network = dict[str, Any]
DENSE, SPARSE = 3, 0  # its codes for lists without and with an index


def measure(network: Network) -> list[dict[str, Any]]:
    """Build a network's blocks, let nengo-loihi split them, and read its figures."""
    model = Model()
    homes = {p["name"]: _population(model, p) for p in network["populations"]}
    for connection in network["connections"]:
        _connect(homes, connection)
    blocks = list(model.blocks)
    parts = split_model(model)
    by_name = {c["name"]: c for c in network["connections"]}
    return [
        _figures(part, indices, by_name)
        for block in blocks
        for part, indices in parts[block].items()
    ]


def _population(model: Any, population: dict[str, Any]) -> Any:
    if population["input"]:
        made = SpikeInput(population["size"], label=population["name"])
        model.inputs[made] = len(model.inputs)
        return made
    block = LoihiBlock(population["size"], label=population["name"])
    model.blocks[block] = len(model.blocks)
    return block


def _connect(homes: dict[str, Any], connection: dict[str, Any]) -> None:
    """Add a synapse to the target's block, and axons to it from the source's."""
    source, target = homes[connection["source"]], homes[connection["target"]]
    lists = connection["lists"]
    used = range(source.n_neurons)
    if lists is not None:
        used = [k for k, targets in enumerate(lists) if targets]
    weights = _weights(connection, len(used), target.n_neurons, used)
    synapse = Synapse(len(used), label=connection["name"])
    synapse.set_weights(weights)
    synapse.format(compression=DENSE if lists is None else SPARSE)
    target.add_synapse(synapse)
    axon = Axon(len(used), label=connection["name"])
    axon.target = synapse
    axons = np.full(source.n_neurons, -1, dtype=np.int32)
    axons[list(used)] = np.arange(len(used))
    axon.set_compartment_axon_map(axons)
    source.add_axon(axon)


def _weights(connection: dict[str, Any], rows: int, columns: int, used: Any) -> Any:
    # Weights that all differ: it stores equal lists of a split block only once.
    random = np.random.default_rng(connection["seed"])
    if connection["lists"] is None:
        return random.uniform(1, 2, (rows, columns)).astype(np.float32)
    lists = [connection["lists"][k] for k in used]
    ends = np.cumsum([0, *(len(targets) for targets in lists)])
    targets = np.concatenate([np.array(t, dtype=np.int64) for t in lists])
    values = random.uniform(1, 2, len(targets)).astype(np.float32)
    return scipy.sparse.csr_matrix((values, targets, ends), shape=(rows, columns))


def _figures(block: Any, indices: Any, connections: dict[str, Any]) -> dict[str, Any]:
    """Read what a block takes; formats and learning do not survive its splitting."""
    unindexed = 0
    for synapse in block.synapses:
        connection = connections[synapse.label.partition("[")[0]]
        code = SynapseConfig.WEIGHT_BITS_MAP.index(connection["weight_bits"])
        synapse.format(weight_bits=code, compression=DENSE)
        unindexed += synapse.bits()
        if connection["lists"] is not None:
            _choose_format(synapse, block.n_neurons, code)
        synapse.learning = connection["learns"]
    taken = block.utilization()
    where = list(indices)
    return {
        "population": block.label.partition("[")[0],
        "start": int(where[0]),
        "stop": int(where[-1]) + 1,
        "neurons": taken["compartments"][0],
        "input axons": taken["in-axons"][0],
        "learning axons": sum(
            s.n_axons * (s.idxs_per_synapse() - 1) for s in block.synapses
        ),
        "output axons": taken["out-axons"][0],
        "bits of synapse memory": taken["synapses"][0],
        "bits without any index": unindexed,
    }


def _choose_format(synapse: Any, neurons: int, weight_bits: int) -> None:
    """Write lists with an index, or in full with zeros, whichever is smaller."""
    synapse.format(compression=SPARSE)
    indexed = synapse.bits()
    whole = synapse.n_axons * _dense_bits(synapse, neurons)
    if whole <= indexed:
        synapse.set_weights(np.ones((synapse.n_axons, neurons), dtype=np.float32))
        synapse.format(weight_bits=weight_bits, compression=DENSE)


def _dense_bits(synapse: Any, neurons: int) -> int:
    synapse.format(compression=DENSE)
    bits = synapse.synapse_cfg.bits_per_axon(neurons)
    synapse.format(compression=SPARSE)
    return int(bits)


def main() -> None:
    """Answer for all networks at once: starting up takes longer than any of them."""
    networks = json.load(sys.stdin)
    answer = {
        "version": nengo_loihi.__version__,
        "networks": [measure(network) for network in networks],
    }
    json.dump(answer, sys.stdout, default=int)


if __name__ == "__main__":
    main()
