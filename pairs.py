"""Which pairs of neurons have a synapse, where most have none.

Two lists of neurons in, rows of one pre neuron each out: no array (post, pre) anywhere.
`Sparse` is what a user gives for the weights of a projection; `Pairs` is what a
projection and a connection keep of it, beside flat arrays with a value for each
synapse, in the order of pre, then of post.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from .diagnostics import Diagnostic, LaharError

Indices = npt.NDArray[np.int32]
Starts = npt.NDArray[np.int64]
Values = npt.NDArray[Any]

MOST_SYNAPSES = (1 << 31) - 1
"""Of one projection: a synapse is counted in 32 bits."""

MANY = 1 << 20
"""From so many synapses on, columns are counted out by a compiled loop."""

PART = 1 << 22
"""Synapses that are brought to a wider type at a time."""

MOST_DENSE = 1 << 30
"""Places of an array (post, pre) that is still made, for those who need one."""


@dataclass(frozen=True)
class PairsAreUnusable(Diagnostic):
    """The lists of a sparse projection do not name one synapse each.

    ``pre`` and ``post`` hold a neuron for each synapse, counted from 0, and a pair of
    neurons has one synapse at most: two projections can join them twice.
    """

    code = "R180"
    title = "synapses cannot be listed so: {problem}"
    note = "there are {pre} pre and {post} post neurons, shape=({post}, {pre})"
    help = "give one pre and one post neuron for each synapse, and no pair twice"

    problem: str
    pre: int
    post: int


@dataclass(frozen=True)
class TooLargeToBeDense(Diagnostic):
    """Something needs all places of an array (post, pre), and there are too many.

    Compiling and the simulator keep to the synapses that are there. The interpreter,
    the float reference, Lava and other tools' files have a place for every pair.
    """

    code = "R181"
    title = "{post} x {pre} synapses are too many for an array (post, pre)"
    note = "{synapses} of them exist; the limit is {most} places"
    help = "run backend `sim`, or a smaller network"

    post: int
    pre: int
    synapses: int
    most: int


@dataclass(frozen=True, eq=False)
class Columns:
    """The same synapses by post neuron.

    Those of post neuron j are [starts[j], starts[j + 1]); ``synapses`` says which ones
    they are in the order of rows, ``pres`` where they come from.
    """

    starts: Starts
    synapses: Indices
    pres: Indices


@dataclass(frozen=True, eq=False)
class Pairs:
    """Synapses in rows of one pre neuron each.

    starts
        Those of pre neuron i are [starts[i], starts[i + 1]); (pre + 1,).
    posts
        The post neuron of each, rising within a row.
    shape
        (post, pre).
    """

    starts: Starts
    posts: Indices
    shape: tuple[int, int]

    def __post_init__(self) -> None:
        object.__setattr__(self, "starts", np.asarray(self.starts, np.int64))

    @property
    def count(self) -> int:
        """The number of synapses."""
        return self.posts.size

    @cached_property
    def columns(self) -> Columns:
        """Count the synapses out by post neuron."""
        if self.count < MANY:
            return _sorted_columns(self)
        from .pairs_counted import counted_columns  # compiled loops

        return Columns(*counted_columns(self.starts, self.posts, self.shape[0]))

    @cached_property
    def sources(self) -> Starts:
        """The number of synapses onto each post neuron."""
        found: Starts = np.zeros(self.shape[0], np.int64)
        for start in range(0, self.count, PART):
            part = self.posts[start : start + PART]
            found += np.bincount(part, minlength=found.size)
        return found

    @property
    def pres(self) -> Indices:
        """The pre neuron of each synapse."""
        every: Indices = np.arange(self.shape[1], dtype=np.int32)
        return np.repeat(every, np.diff(self.starts))

    def onto(self, values: Values) -> npt.NDArray[np.float64]:
        """Add values of synapses up for each post neuron, (post,)."""
        if self.count >= MANY:
            from .pairs_counted import summed_onto

            return summed_onto(self.posts, values, self.shape[0])
        total: npt.NDArray[np.float64] = np.zeros(self.shape[0])
        for start in range(0, self.count, PART):  # bincount copies what it gets
            part = slice(start, start + PART)
            total += np.bincount(
                self.posts[part], weights=values[part], minlength=total.size
            )
        return total

    def counted(self, pres: Indices) -> tuple[Starts, Starts]:
        """Give the pre neurons among these, rising, and how often each occurs."""
        if not pres.size:
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        low = int(pres.min())
        if int(pres.max()) - low > 8 * pres.size:  # a table would be mostly empty
            sources, counts = np.unique(pres, return_counts=True)
            return sources.astype(np.int64), counts.astype(np.int64)
        if self.count >= MANY:
            from .pairs_counted import counted_sources

            return counted_sources(pres)
        table = np.bincount(pres - low)
        there = np.flatnonzero(table)
        return there + low, table[there].astype(np.int64)

    def ends(self, synapse: int) -> tuple[int, int]:
        """Give the post and the pre neuron of a synapse."""
        row = int(np.searchsorted(self.starts, synapse, side="right")) - 1
        return int(self.posts[synapse]), row

    def dense(self, values: Values) -> Values:
        """Put values (..., synapses) into arrays (..., post, pre); 0 elsewhere.

        Raises
        ------
        LaharError
            R181 if there are too many places.

        """
        post, pre = self.shape
        if post * pre > MOST_DENSE:
            raise LaharError(TooLargeToBeDense(post, pre, self.count, MOST_DENSE))
        found = np.zeros((*values.shape[:-1], post, pre), values.dtype)
        found[..., self.posts, self.pres] = values
        return found

    def picked(self, values: Values) -> Values:
        """Give of arrays (..., post, pre) what belongs to synapses, (..., synapses)."""
        return values[..., self.posts, self.pres]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Pairs):
            return NotImplemented
        if self is other:
            return True
        return (
            self.shape == other.shape
            and np.array_equal(self.starts, other.starts)
            and np.array_equal(self.posts, other.posts)
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, eq=False)
class Sparse:
    """Weights of the synapses that are there, for a `Projection`.

    Make it of lists, ``Sparse(pre=..., post=..., weights=..., shape=(post, pre))``, or
    of rows with `Sparse.of_rows`, which takes no time.

    pairs
        Which neurons are joined; ``pairs.pres`` and ``pairs.posts`` name them in the
        order of all arrays with a value for each synapse.
    weights
        One for each synapse, in the rule's units.
    """

    pairs: Pairs
    weights: Values

    def __init__(
        self,
        pre: npt.ArrayLike,
        post: npt.ArrayLike,
        weights: npt.ArrayLike,
        shape: tuple[int, int],
    ) -> None:
        """Sort synapses that are listed in any order.

        Parameters
        ----------
        pre, post
            The neurons that each synapse joins, counted from 0.
        weights
            One for each synapse, or one number for all.
        shape
            (post, pre): the sizes of the groups.

        Raises
        ------
        LaharError
            R180 if the lists do not fit together.

        """
        pres, posts = np.asarray(pre), np.asarray(post)
        size = (int(shape[0]), int(shape[1]))
        _require(_listed(pres, posts, size), size)
        values = _for_each(weights, pres.size, size)
        order = np.lexsort((posts, pres))
        counts = np.bincount(pres, minlength=size[1])
        starts: Starts = np.zeros(size[1] + 1, np.int64)
        np.cumsum(counts, out=starts[1:])
        pairs = Pairs(starts, posts[order].astype(np.int32), size)
        _require(wrong_rows(pairs), size)
        object.__setattr__(self, "pairs", pairs)
        object.__setattr__(self, "weights", values[order])

    @staticmethod
    def of_rows(
        starts: npt.ArrayLike,
        posts: npt.ArrayLike,
        weights: npt.ArrayLike,
        shape: tuple[int, int],
    ) -> Sparse:
        """Take synapses that are sorted by pre, then by post neuron.

        Parameters
        ----------
        starts
            Where the row of each pre neuron begins, and the end: (pre + 1,).
        posts
            The post neuron of each synapse.
        weights, shape
            As of `Sparse`.

        Raises
        ------
        LaharError
            R180 if the rows are not such.

        """
        size = (int(shape[0]), int(shape[1]))
        rows = Pairs(
            np.asarray(starts, np.int64),
            np.asarray(posts).astype(np.int32, copy=False),
            size,
        )
        _require(wrong_rows(rows), size)
        return Sparse._of(rows, _for_each(weights, rows.count, size))

    @staticmethod
    def _of(pairs: Pairs, weights: Values) -> Sparse:
        made = object.__new__(Sparse)
        object.__setattr__(made, "pairs", pairs)
        object.__setattr__(made, "weights", weights)
        return made

    def with_values(self, values: npt.ArrayLike) -> Sparse:
        """Give the same synapses other values, such as delays for ``delay=``."""
        pairs = self.pairs
        return Sparse._of(pairs, _for_each(values, pairs.count, pairs.shape))


def _for_each(values: npt.ArrayLike, count: int, shape: tuple[int, int]) -> Values:
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        _require("the weights are no numbers", shape)
    if array.ndim == 0:
        return np.full(count, array)
    if array.shape != (count,):
        _require(f"{array.shape} weights for {count} synapses", shape)
    return array


def _listed(pres: Values, posts: Values, shape: tuple[int, int]) -> str | None:
    if pres.ndim != 1 or pres.shape != posts.shape:
        return f"pre has shape {pres.shape} and post {posts.shape}"
    for name, indices, size in (("pre", pres, shape[1]), ("post", posts, shape[0])):
        if indices.size and indices.dtype.kind not in "iu":
            return f"{name} holds no whole numbers"
        if indices.size and not 0 <= int(indices.min()) <= int(indices.max()) < size:
            wrong = int(indices[(indices < 0) | (indices >= size)][0])
            return f"there is no {name} neuron {wrong}"
    return None


def wrong_rows(pairs: Pairs) -> str | None:
    """Say why rows of synapses are none; None if they are."""
    starts, posts, (post, pre) = pairs.starts, pairs.posts, pairs.shape
    if posts.ndim != 1 or posts.size > MOST_SYNAPSES:
        return f"posts has shape {posts.shape}"
    if starts.shape != (pre + 1,) or starts[0] != 0 or starts[-1] != posts.size:
        return "rows do not begin at 0 and end with the last synapse"
    if (starts[1:] < starts[:-1]).any():
        return "rows overlap"
    if posts.size and not 0 <= int(posts.min()) <= int(posts.max()) < post:
        return "there is no such post neuron"
    rises = posts[1:] > posts[:-1]
    begins = starts[1:-1]
    rises[begins[(begins > 0) & (begins < posts.size)] - 1] = True
    if not rises.all():
        k = int(np.argmin(rises)) + 1
        i = int(np.searchsorted(starts, k, side="right")) - 1
        return f"those of pre neuron {i} do not rise: {posts[k - 1]}, {posts[k]}"
    return None


def _require(problem: str | None, shape: tuple[int, int]) -> None:
    if problem is not None:
        raise LaharError(PairsAreUnusable(problem, shape[1], shape[0]))


def _sorted_columns(pairs: Pairs) -> Columns:
    starts: Starts = np.zeros(pairs.shape[0] + 1, np.int64)
    np.cumsum(np.bincount(pairs.posts, minlength=pairs.shape[0]), out=starts[1:])
    order = np.argsort(pairs.posts, kind="stable").astype(np.int32)
    return Columns(starts, order, pairs.pres[order])
