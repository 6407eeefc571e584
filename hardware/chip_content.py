"""From a value of a TOML file to the type that a chip's field has, or what was wanted.

In: whatever stood in the file, and the type of the field as `Chip` declares it. Out:
the value as the compiler reads it. Nothing is converted silently: 1.0 is no count.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Union, get_args, get_origin

from .program import SignMode

SIGN_MODES = {mode.name.lower(): mode for mode in SignMode}


class WrongContentError(Exception):
    """The content is not of the type; the message says what was wanted."""


def structure(content: object, kind: Any) -> object:
    """Give content as a value of the type.

    Raises
    ------
    WrongContentError
        If it is of another one.

    """
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        known = (k for k in get_args(kind) if k is not type(None))
        return structure(content, next(known))
    if origin is tuple:
        return _tuple(content, get_args(kind))
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(content, *get_args(kind))
    return _scalar(content, kind)


def may_be_unknown(kind: Any) -> bool:
    """Tell whether a field of the type may go without a value."""
    return type(None) in get_args(kind)


def _scalar(content: object, kind: type[object]) -> object:
    if kind is float and type(content) is int:
        return float(content)
    if type(content) is kind:
        return content
    raise WrongContentError(_WANTED[kind])


_WANTED: Mapping[type[object], str] = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a name in quotes",
}


def _tuple(content: object, kinds: tuple[Any, ...]) -> tuple[object, ...]:
    several = len(kinds) == 2 and kinds[1] is Ellipsis
    wanted = f"a list, each item {_kind(kinds[0])}"
    if not several:
        wanted = f"a list of {len(kinds)}: {', '.join(_kind(k) for k in kinds)}"
    if not isinstance(content, list):
        raise WrongContentError(wanted)
    each = [kinds[0]] * len(content) if several else list(kinds)
    may_be_empty = not several or kinds[0] is str
    if len(each) != len(content) or not (content or may_be_empty):
        raise WrongContentError(wanted)
    items = tuple(structure(c, k) for c, k in zip(content, each, strict=True))
    if not several and kinds[0] is kinds[1] and not _rises(items):
        raise WrongContentError(f"{wanted}, the lower first")
    return items


def _rises(items: tuple[Any, ...]) -> bool:
    return all(low <= high for low, high in pairwise(items))


def _mapping(content: object, key: Any, kind: Any) -> types.MappingProxyType[Any, Any]:
    if not isinstance(content, dict):
        raise WrongContentError(f"a table, each entry {_kind(kind)}")
    if key is not SignMode:
        found: dict[Any, Any] = {k: structure(v, kind) for k, v in content.items()}
        return types.MappingProxyType(found)
    if set(content) != set(SIGN_MODES):
        raise WrongContentError(f"a table with {', '.join(SIGN_MODES)}")
    by_mode = {SIGN_MODES[k]: structure(v, kind) for k, v in content.items()}
    return types.MappingProxyType(by_mode)


def _kind(kind: Any) -> str:
    if get_origin(kind) is tuple:
        return f"a list of {len(get_args(kind))}"
    return _WANTED.get(kind, "a value")
