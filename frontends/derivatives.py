"""The exact matrix of a linear computation in torch, from its autograd graph.

A result and the tensors that went in; for each of them a sparse matrix comes out. Two
backward passes are enough where every input reaches one output only, as in reshaping,
scaling, normalisation and pooling; else there is one for each output.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from ..rules.layer_graph import Matrix
from ..rules.network import FloatArray
from .extra import need
from .parts import array

AT_ONCE = 2**22
TOLERANCE = 1e-9


def which_reach(result: Any, inputs: Sequence[Any]) -> list[bool]:
    """Tell for each input whether the result depends on it."""
    if not result.requires_grad or not inputs:
        return [False] * len(inputs)
    torch = need("torch")
    flat = result.reshape(-1)
    random = torch.rand(len(flat), dtype=flat.dtype) + 0.5
    return [bool(g is not None and g.any()) for g in _pulled(flat, inputs, random)]


def derivative(result: Any, inputs: Sequence[Any]) -> list[Matrix]:
    """Differentiate the flattened result by each flattened input that reaches it."""
    if not inputs:
        return []
    torch = need("torch")
    flat = result.reshape(-1)
    random = torch.rand(len(flat), dtype=flat.dtype) + 0.5
    ones = _pulled(flat, inputs, torch.ones_like(flat))
    drawn = _pulled(flat, inputs, random)
    found: list[Matrix] = []
    for one, draw, x in zip(ones, drawn, inputs, strict=True):
        matrix = _one_in_a_column(array(one), array(draw), array(random))
        found.append(_row_by_row(flat, x) if matrix is None else matrix)
    return found


def _pulled(flat: Any, inputs: Sequence[Any], weights: Any) -> list[Any]:
    autograd = need("torch").autograd
    grads = autograd.grad(flat, inputs, weights, retain_graph=True, allow_unused=True)
    return [None if g is None else g.reshape(-1) for g in grads]


def _one_in_a_column(
    one: FloatArray, draw: FloatArray, random: FloatArray
) -> Matrix | None:
    """Find the matrix if no input reaches two outputs: rows by the ratio of sums."""
    inputs = np.flatnonzero(one)
    if np.any(draw[one == 0]):
        return None  # several that cancel
    order = np.argsort(random)
    ratio = draw[inputs] / one[inputs]
    place = np.searchsorted(random[order], ratio).clip(0, len(order) - 1)
    before = np.maximum(place - 1, 0)
    closer = np.abs(random[order][before] - ratio) < np.abs(
        random[order][place] - ratio
    )
    rows = order[np.where(closer, before, place)]
    if not np.all(np.abs(random[rows] - ratio) <= 4e-16 * ratio):
        return None
    shape = (len(random), len(one))
    return sparse.csr_array((one[inputs], (rows, inputs)), shape=shape)


def _row_by_row(flat: Any, x: Any) -> Matrix:
    torch = need("torch")
    size = len(flat)
    chunk = max(1, AT_ONCE // max(size, x.numel()))
    parts = []
    for start in range(0, size, chunk):
        rows = np.arange(start, min(start + chunk, size))
        chosen = torch.zeros(len(rows), size, dtype=flat.dtype)
        chosen[np.arange(len(rows)), rows] = 1.0
        [grad] = torch.autograd.grad(
            flat, [x], chosen, retain_graph=True, is_grads_batched=True
        )
        parts.append(sparse.csr_array(array(grad.reshape(len(rows), -1))))
    return sparse.csr_array(sparse.vstack(parts))


def is_affine(matrix: Matrix, bias: FloatArray, x: Any, result: Any) -> bool:
    """Tell whether a result is what the matrix and the bias say."""
    return agree(matrix @ array(x).reshape(-1) + bias, array(result).reshape(-1))


def agree(expected: FloatArray, found: FloatArray) -> bool:
    """Tell whether two results are equal but for rounding."""
    scale = 1.0 + float(np.abs(expected).max(initial=0.0))
    return bool(np.allclose(expected, found, rtol=0.0, atol=TOLERANCE * scale))


def is_identity(matrix: Matrix) -> bool:
    """Tell whether a matrix passes every value on as it is."""
    rows, columns = matrix.shape
    if rows != columns or matrix.nnz != rows:
        return False
    return bool((matrix.diagonal() == 1.0).all())


def functions_between(result: Any) -> str:
    """Name what torch's history of a tensor is made of."""
    seen: set[Any] = set()
    todo = [result.grad_fn]
    names: dict[str, None] = {}
    while todo:
        function = todo.pop()
        if function is None or function in seen:
            continue
        seen.add(function)
        names.setdefault(function.name().removesuffix("0").removesuffix("Backward"))
        todo += [before for before, _ in function.next_functions]
    shown = [n for n in names if not n.startswith(_UNREMARKABLE)]
    return ", ".join(shown[:8]) or "nothing that torch's autograd knows"


_UNREMARKABLE = (
    *("AccumulateGrad", "torch::autograd", "View", "Select", "Reshape", "Unsqueeze"),
    *("Squeeze", "Permute", "Transpose", "T", "Slice", "Expand", "Unbind", "Stack"),
)
