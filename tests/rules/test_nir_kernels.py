"""Kernels and pools of NIR are torch's, number by number."""

import nir
import numpy as np
import pytest

from lahar.rules.nir_maps import read_map

DT = 0.001

CONVOLUTIONS = {
    "plain": {},
    "bias, stride and padding": {"stride": 2, "padding": 1},
    "two sides": {"stride": (2, 1), "padding": (0, 2), "kernel": (3, 2)},
    "dilation": {"dilation": (2, 1), "padding": (2, 0)},
    "groups": {"groups": 2, "channels": 4, "out": 6},
    "depthwise": {"groups": 3, "channels": 3, "out": 3},
    "same": {"padding": "same", "kernel": (3, 4), "dilation": (1, 2)},
    "valid": {"padding": "valid", "kernel": (2, 5)},
}


def _matrix_says(node, kind, shape, values):
    read = read_map("node", node, kind, shape, DT)
    bias = 0.0 if read.node.bias is None else read.node.bias
    return (read.node.matrix @ values.reshape(-1) + bias).reshape(read.shape)


@pytest.mark.frontends
@pytest.mark.parametrize("how", CONVOLUTIONS)
@pytest.mark.parametrize("dimensions", [1, 2])
def test_a_convolution_is_that_of_torch(how, dimensions):
    import torch

    given = dict(CONVOLUTIONS[how])
    random = np.random.default_rng(1)
    channels, out = given.pop("channels", 2), given.pop("out", 3)
    kernel = given.pop("kernel", (3, 3))[-dimensions:]
    groups = given.setdefault("groups", 1)
    given = {"stride": 1, "padding": 0, "dilation": 1, **given}
    for name, value in given.items():
        if isinstance(value, tuple) and dimensions == 1:
            given[name] = value[-1]
    shape = (channels, 7, 9) if dimensions == 2 else (channels, 9)
    weight = random.normal(size=(out, channels // groups, *kernel))
    bias, values = random.normal(size=out), random.normal(size=shape)
    size = (7, 9) if dimensions == 2 else 9
    kind = f"Conv{dimensions}d"
    node = getattr(nir, kind)(size, weight, bias=bias, **given)

    ours = _matrix_says(node, kind, shape, values)

    function = getattr(torch.nn.functional, kind.lower())
    as_torch = [torch.from_numpy(a) for a in (values[None], weight, bias)]
    theirs = function(*as_torch, **given).numpy()[0]
    assert ours.shape == theirs.shape
    assert np.allclose(ours, theirs, rtol=1e-12, atol=1e-12)


POOLS = {
    "plain": (2, 2, 0),
    "overlapping": (3, 1, 0),
    "padded": (3, 2, 1),
    "two sides": ((2, 3), (2, 1), (1, 0)),
    "a row too many": (2, 2, 0),
}


@pytest.mark.frontends
@pytest.mark.parametrize("how", POOLS)
@pytest.mark.parametrize("kind", ["SumPool2d", "AvgPool2d"])
def test_a_pool_is_that_of_torch(kind, how):
    import torch

    kernel, stride, padding = POOLS[how]
    values = np.random.default_rng(2).normal(size=(3, 7, 8))
    node = getattr(nir, kind)(*(np.array(p) for p in (kernel, stride, padding)))

    ours = _matrix_says(node, kind, (3, 7, 8), values)

    divisor = 1 if kind == "SumPool2d" else None
    theirs = torch.nn.functional.avg_pool2d(
        torch.from_numpy(values[None]),
        kernel,
        stride,
        padding,
        divisor_override=divisor,
    ).numpy()[0]
    assert ours.shape == theirs.shape
    assert np.allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def test_a_kernel_over_rows_and_columns_by_hand():
    weight = np.arange(1.0, 5.0).reshape(1, 1, 2, 2)
    node = nir.Conv2d((3, 3), weight, 1, 0, 1, 1, np.array([0.5]))
    picture = np.arange(9.0).reshape(1, 3, 3)

    found = _matrix_says(node, "Conv2d", (1, 3, 3), picture)

    first = 1 * 0 + 2 * 1 + 3 * 3 + 4 * 4 + 0.5
    assert found.tolist() == [[[first, first + 10], [first + 30, first + 40]]]


def test_an_average_counts_the_padding():
    node = nir.AvgPool2d(np.array([2, 2]), np.array([2, 2]), np.array([1, 1]))

    found = _matrix_says(node, "AvgPool2d", (1, 2, 2), np.full((1, 2, 2), 4.0))

    assert found.tolist() == [[[1.0, 1.0], [1.0, 1.0]]]


@pytest.mark.parametrize("first", [0, 1, -3])
def test_a_flatten_changes_the_shape_and_no_value(first):
    node = nir.Flatten({"input": np.array([2, 3, 4])}, first, -1)
    values = np.arange(24.0).reshape(2, 3, 4)

    found = _matrix_says(node, "Flatten", (2, 3, 4), values)

    assert found.shape == ((24,) if first in (0, -3) else (2, 12))
    assert np.array_equal(found.reshape(-1), np.arange(24.0))
