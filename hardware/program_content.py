"""A Program as a tree for JSON, and back, with nothing silently converted.

In: a Program, or a tree and its arrays. Out: the other one. An array stands in the
tree as its type, shape and SHA-256, so that the tree's own hash covers everything.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, replace
from enum import IntEnum
from functools import partial
from types import MappingProxyType
from typing import Any, Literal, TypeVar, get_args, get_origin

import cattrs
import cattrs.gen
import numpy as np
import numpy.typing as npt

from .budget import Budget
from .learning import GradedSpikes, Learning, TraceProgram
from .program import Connection, NeuronProgram, Population, Program, SignMode
from .report import Report

Array = npt.NDArray[np.generic]
Tree = dict[str, Any]
T = TypeVar("T")

KEPT_TYPES = ("uint8", "int16", "float32")
STORED_TYPES = ("int32", "float64", *KEPT_TYPES)
STAND_FOR = {
    "int32": ("uint8", "int16"),
    "int64": ("int32",),
    "float64": ("float32", "int32"),
}
"""What may be in the place of a type: arrays of sparse connections may be very long."""

# Not written where they hold their default: files that lahar wrote before there were
# such fields load, and a Program that needs none of them keeps its checksum.
LATER_FIELDS: Mapping[type, frozenset[str]] = MappingProxyType(
    {
        Population: frozenset({"shape", "initial", "cycle", "wires"}),
        NeuronProgram: frozenset({"graded", "tables"}),
        Connection: frozenset(
            {
                *("message_bits", "delays", "weight_format", "sum_bits"),
                *("result_bits", "shape", "initial", "exists", "feedback"),
                "pairs",
            }
        ),
        TraceProgram: frozenset({"tau_extra_bits"}),
        Learning: frozenset({"graded_spikes", "hears_post"}),
        Budget: frozenset(
            {
                *("steps", "pre_rate_hz", "post_rate_hz"),
                *("bias", "sd", "low", "high"),
            }
        ),
        Program: frozenset({"wires", "record", "sums"}),
    }
)


@dataclass(frozen=True)
class Content:
    """What a program file says: canonical JSON and the arrays it names by hash."""

    json: bytes
    arrays: Mapping[str, Array]

    @property
    def checksum(self) -> str:
        """SHA-256 of the canonical JSON, which names each array by its own hash."""
        return hashlib.sha256(self.json).hexdigest()


class ContentError(Exception):
    """Content that is no Program; ``problems`` say where and why, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def canonical_json(tree: object) -> bytes:
    """Write JSON with sorted keys and no spaces: equal trees give equal bytes."""
    text = json.dumps(tree, sort_keys=True, separators=(",", ":"))
    return text.encode("ascii")


def array_hash(array: Array) -> str:
    """SHA-256 of an array's type, shape and elements (C order, little-endian)."""
    little = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
    head = f"{array.dtype.name} {array.shape}".encode()
    return hashlib.sha256(head + little.tobytes()).hexdigest()


def from_program(program: Program) -> Content:
    """Take a Program apart. Its report is not content: two reports, one Program."""
    arrays: dict[str, Array] = {}
    tree = _writer(arrays).unstructure(replace(program, report=Report()))
    del tree["report"]
    return Content(canonical_json(tree), arrays)


def to_program(content: Content) -> Program:
    """Put a Program together again, with an empty report.

    Raises
    ------
    ContentError
        If a field is missing, unknown or of another type.

    """
    tree = parse_json(content.json, "program.json")
    if isinstance(tree, dict) and "report" in tree:
        raise ContentError(["extra field found (report) @ $"])
    return _structure(_reader(content.arrays), tree, Program)


def report_json(report: Report) -> bytes:
    """Write a report as canonical JSON."""
    return canonical_json(_writer({}).unstructure(report))


def to_report(data: bytes) -> Report:
    """Read a report.

    Raises
    ------
    ContentError
        If a field is missing, unknown or of another type.

    """
    return _structure(_reader({}), parse_json(data, "report.json"), Report)


def parse_json(data: bytes, member: str) -> object:
    """Read JSON.

    Raises
    ------
    ContentError
        If it is not JSON, or nested deeper than Python can follow.

    """
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ContentError([f"{member} is not JSON: {error}"]) from None


def array_references(tree: object) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Find the arrays that a tree names: hash to (type, shape)."""
    found: dict[str, tuple[str, tuple[int, ...]]] = {}
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            waiting += node.values()
            if _is_reference(node):
                found[node["sha256"]] = (node["dtype"], tuple(node["shape"]))
    return found


def _is_reference(node: Tree) -> bool:
    return (
        node.keys() == {"dtype", "shape", "sha256"}
        and node["dtype"] in STORED_TYPES
        and isinstance(node["sha256"], str)
        and isinstance(node["shape"], list)
        and all(type(n) is int and n >= 0 for n in node["shape"])
    )


def _structure(converter: cattrs.Converter, tree: object, kind: type[T]) -> T:
    try:
        return converter.structure(tree, kind)
    except RecursionError:
        raise ContentError(["nested too deeply"]) from None
    except Exception as error:
        # cattrs raises whatever the wrong type at hand raised, in groups.
        raise ContentError(sorted(cattrs.transform_error(error))) from None


def _writer(arrays: dict[str, Array]) -> cattrs.Converter:
    converter = cattrs.Converter()
    converter.register_unstructure_hook_func(_is_array, partial(_put_array, arrays))
    converter.register_unstructure_hook_factory(
        LATER_FIELDS.__contains__, partial(_put_used, converter)
    )
    return converter


def _put_used(converter: cattrs.Converter, kind: type) -> Callable[[Any], Tree]:
    """Write an instance without its later fields where they hold their default."""
    put_all: Callable[[Any], Tree] = cattrs.gen.make_dict_unstructure_fn(
        kind, converter
    )
    unused = {
        field.name: converter.unstructure(_default(field))
        for field in fields(kind)
        if field.name in LATER_FIELDS[kind]
    }

    def put(instance: Any) -> Tree:
        tree = put_all(instance)
        return {k: v for k, v in tree.items() if k not in unused or v != unused[k]}

    return put


def _default(field: Field[Any]) -> object:
    if field.default_factory is not MISSING:
        return field.default_factory()
    assert field.default is not MISSING, "a later field has a default"
    return field.default


def _put_array(arrays: dict[str, Array], array: Array) -> Tree:
    dtype = "float64" if np.issubdtype(array.dtype, np.floating) else "int32"
    if array.dtype.name in KEPT_TYPES:
        dtype = array.dtype.name
    stored = array.astype(dtype, copy=False)
    assert np.array_equal(stored, array), "weights of a Program fit 32 bit"
    key = array_hash(stored)
    arrays[key] = stored
    return {"dtype": dtype, "shape": list(array.shape), "sha256": key}


def _reader(arrays: Mapping[str, Array]) -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True)
    for kind in (int, str, bool):
        converter.register_structure_hook(kind, partial(_exactly, kind))
    converter.register_structure_hook(float, _number)
    for numbered in (SignMode, GradedSpikes):
        converter.register_structure_hook(numbered, _numbered)
    converter.register_structure_hook_func(_is_literal, _one_of)
    converter.register_structure_hook(str | int, _name_or_literal)
    converter.register_structure_hook_func(_is_array, partial(_get_array, arrays))
    converter.register_structure_hook_factory(_is_tuple, partial(_list_only, converter))
    return converter


def _exactly(kind: type[T], value: object, _: type[T]) -> T:
    if type(value) is not kind:
        raise TypeError(f"{value!r:.40} is not {kind.__name__}")
    return value


def _number(value: object, _: type[float]) -> float:
    if type(value) is int:
        return float(value)
    return _exactly(float, value, float)


def _numbered(value: object, kind: type[IntEnum]) -> IntEnum:
    return kind(_exactly(int, value, int))


def _is_literal(kind: Any) -> bool:
    return get_origin(kind) is Literal


def _one_of(value: object, kind: Any) -> object:
    choices = get_args(kind)
    if any(type(value) is type(choice) and value == choice for choice in choices):
        return value
    raise ValueError(f"{value!r:.40} is none of {', '.join(map(str, choices))}")


def _name_or_literal(value: object, _: object) -> str | int:
    if type(value) is int or type(value) is str:
        return value
    raise TypeError(f"{value!r:.40} is neither a name nor an integer")


def _is_array(kind: Any) -> bool:
    return (get_origin(kind) or kind) is np.ndarray


def _get_array(arrays: Mapping[str, Array], value: object, kind: Any) -> Array:
    if not isinstance(value, dict) or not _is_reference(value):
        raise TypeError(f"{value!r:.40} is not a reference to an array")
    wanted = np.dtype(get_args(get_args(kind)[1])[0]).name
    if value["dtype"] not in (wanted, *STAND_FOR.get(wanted, ())):
        raise TypeError(f"an array of {value['dtype']}, not of {wanted}")
    return arrays[value["sha256"]]


def _is_tuple(kind: Any) -> bool:
    return get_origin(kind) is tuple


def _list_only(
    converter: cattrs.Converter, kind: Any
) -> Callable[[object, Any], tuple[Any, ...]]:
    arguments = get_args(kind)
    one_kind = len(arguments) == 2 and arguments[1] is Ellipsis

    def structure(value: object, _: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise TypeError(f"{value!r:.40} is not a list")
        kinds = [arguments[0]] * len(value) if one_kind else arguments
        if len(kinds) != len(value):
            raise TypeError(f"{len(value)} items, not {len(kinds)}")
        pairs = zip(value, kinds, strict=True)
        return tuple(converter.structure(item, k) for item, k in pairs)

    return structure
