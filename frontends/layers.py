"""torch's layers without state as sparse matrices on flattened values.

Linear is its weights. Convolutions and pools are read by letting the layer itself
answer to one value at a time, without its bias, so that every option of torch's is in
the matrix. A layer of any other kind is asked for its derivative, and refused if it is
not linear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from ..rules.layer_graph import LinearMap, Matrix
from ..rules.network import FloatArray
from .derivatives import derivative, is_affine
from .extra import need
from .parts import Shape, SpikePool, array, dense, refused

AT_ONCE = 2**22
"""Values that a layer computes at a time while it is being read: 32 MB."""


def layer_of(name: str, module: Any, shape: Shape) -> LinearMap | SpikePool:
    """Read a layer for inputs of this shape, that of one sample.

    Raises
    ------
    LaharError
        N802 if it is neither linear nor a MaxPool.

    """
    pooling = need("torch").nn.modules.pooling
    kinds = pooling._MaxPoolNd, pooling._AdaptiveMaxPoolNd
    if not isinstance(module, kinds):
        return linear_map_of(name, module, shape)
    if module.return_indices:
        reason = "places of maxima are no spikes"
        raise refused(name, module, reason, "leave return_indices out")
    # A place that is 1 alone is the largest of just those windows that it lies in.
    return SpikePool(LinearMap(_answers(module, shape), names=False))


def linear_map_of(name: str, module: Any, shape: Shape) -> LinearMap:
    """Read a layer for inputs of this shape, that of one sample.

    Raises
    ------
    LaharError
        N802 if it is not linear, or holds a number that is not finite.

    """
    nn = need("torch").nn
    if isinstance(module, nn.Linear):
        read = _linear(module, shape)
    elif isinstance(module, nn.modules.conv._ConvNd) and "weight" in module._parameters:
        read = _convolution(module, shape)
    elif isinstance(module, nn.AvgPool1d | nn.AvgPool2d | nn.AvgPool3d):
        read = LinearMap(_answers(module, shape), names=False)
    else:
        read = _any_layer(name, module, shape)
    values = (read.matrix.data, np.zeros(1) if read.bias is None else read.bias)
    if not all(np.isfinite(v).all() for v in values):
        reason = "a weight or bias is not finite"
        raise refused(name, module, reason, "mend it before the network is read")
    return read


def _linear(module: Any, shape: Shape) -> LinearMap:
    bias = None if module.bias is None else array(module.bias)
    one = dense(array(module.weight), bias)
    positions = int(np.prod(shape[:-1]))
    if positions == 1:
        return one
    # torch applies the weights at every position of the leading axes.
    matrix = sparse.csr_array(sparse.kron(sparse.eye_array(positions), one.matrix))
    return LinearMap(matrix, None if bias is None else np.tile(bias, positions))


def _convolution(module: Any, shape: Shape) -> LinearMap:
    torch = need("torch")
    with _without_bias(module) as bias, torch.no_grad():
        answers = _answers(module, shape)
        weights = module.weight.data
        module.weight.data = torch.ones_like(weights)
        try:
            pattern = _answers(module, shape)
        finally:
            module.weight.data = weights
        outputs = module(torch.zeros(1, *shape, dtype=weights.dtype))
    # Where a weight is 0 there is a synapse all the same.
    matrix = pattern.copy()
    matrix.data = np.asarray(answers[pattern.nonzero()]).reshape(-1)
    if bias is None:
        return LinearMap(matrix)
    positions = int(np.prod(outputs.shape[2:]))
    return LinearMap(matrix, np.repeat(array(bias), positions))


@contextmanager
def _without_bias(module: Any) -> Iterator[Any]:
    bias = module.bias
    module._parameters["bias"] = None
    try:
        yield bias
    finally:
        module._parameters["bias"] = bias


def _answers(module: Callable[[Any], Any], shape: Shape) -> Matrix:
    """Let a linear layer answer to each single input being 1; (out, in)."""
    torch = need("torch")
    size = int(np.prod(shape))
    dtype = _dtype_of(module)
    with torch.no_grad():
        outputs = module(torch.zeros(1, *shape, dtype=dtype)).numel()
        chunk = max(1, AT_ONCE // max(size, outputs))
        parts = []
        for start in range(0, size, chunk):
            rows = np.arange(start, min(start + chunk, size))
            ones = torch.zeros(len(rows), size, dtype=dtype)
            ones[np.arange(len(rows)), rows] = 1.0
            answer = module(ones.reshape(len(rows), *shape)).reshape(len(rows), -1)
            parts.append(sparse.csr_array(answer.double().numpy()))
    return sparse.csr_array(sparse.vstack(parts).T)


def _any_layer(name: str, module: Any, shape: Shape) -> LinearMap:
    torch = need("torch")
    dtype = _dtype_of(module)

    def layer(x: Any) -> Any:
        return module(x.reshape(1, *shape)).reshape(-1)

    size = int(np.prod(shape))
    point = torch.randn(size, dtype=dtype, requires_grad=True)
    output = layer(point)
    [matrix] = derivative(output, [point])
    with torch.no_grad():
        bias = array(layer(torch.zeros(size, dtype=dtype)))
        for scale in (0.1, 1.0, 10.0):
            other = scale * torch.randn(size, dtype=dtype)
            if matrix is None or not is_affine(matrix, bias, other, layer(other)):
                reason = "it is not a linear function of what enters it"
                advice = "use linear layers only between cells, or a MaxPool of spikes"
                raise refused(name, module, reason, advice)
    return LinearMap(matrix, _unless_zero(bias))


def _unless_zero(bias: FloatArray) -> FloatArray | None:
    return bias if np.any(bias) else None


def _dtype_of(module: Any) -> Any:
    """Give the type of a layer's weights; what has none takes float64."""
    torch = need("torch")
    weights = (
        next(iter(module.parameters()), None) if hasattr(module, "parameters") else None
    )
    return torch.float64 if weights is None else weights.dtype


def without_names(linear: LinearMap) -> LinearMap:
    """Let no connection be named for a map."""
    return replace(linear, names=False)
