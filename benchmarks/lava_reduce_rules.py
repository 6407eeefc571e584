"""Simpler learning rules made of a longer one: fewer products, factors and traces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

TARGETS = ("dw", "dd", "dt")
_CONSTANT = re.compile(r"\((?:\d[\d*^]*[+-])?([wdt]|[xy]\d)(?:[+-]\d[\d*^]*)?\)")


def simpler_rules(rule: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """List rules that say a little less."""
    targets = [t for t in TARGETS if t in rule]
    for target in targets:
        if len(targets) > 1:
            yield {k: v for k, v in rule.items() if k != target}
        for equation in _simpler_equations(rule[target]):
            yield {**rule, target: equation}
    for name, value in rule.items():
        if name not in (*TARGETS, "class"):
            yield {k: v for k, v in rule.items() if k != name or k == "rng_seed"}
        if isinstance(value, float) and not value.is_integer():
            yield {**rule, name: float(int(value))}
    if rule["rng_seed"] != 1:
        yield {**rule, "rng_seed": 1}
    if rule["class"] == "Loihi3FLearningRule":
        return
    if rule["class"] == "Loihi2FLearningRule" and not rule.get("y1_tau"):
        yield {**rule, "class": "LoihiLearningRule"}


def _simpler_equations(equation: str) -> Iterator[str]:
    products = split_products(equation)
    if len(products) > 1:
        for k in range(len(products)):
            yield "".join([*products[:k], *products[k + 1 :]])
    for k, product in enumerate(products):
        for simpler in _simpler_products(product):
            yield "".join([*products[:k], simpler, *products[k + 1 :]])


def _simpler_products(product: str) -> Iterator[str]:
    sign = product[0] if product[0] in "+-" else ""
    items = split_items(product[len(sign) :])
    gate = next(k for k, item in enumerate(items) if re.fullmatch(r"[xy]0|u\d", item))
    for k, item in enumerate(items):
        if k != gate:
            yield sign + "*".join([*items[:k], *items[k + 1 :]])
        plain = _CONSTANT.fullmatch(item)
        if plain and plain[1] != item:
            yield sign + "*".join([*items[:k], plain[1], *items[k + 1 :]])


def split_products(equation: str) -> list[str]:
    """Split a sum, each product with its sign; spaces mean nothing to Lava."""
    text = equation.replace(" ", "")
    cuts = [k for k in range(1, len(text)) if _starts_product(text, k)]
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def _starts_product(text: str, place: int) -> bool:
    sign = text[place] in "+-" and text[place - 1] not in "*^("
    return sign and _depth(text, place) == 0


def split_items(product: str) -> list[str]:
    """Split a product; ``3*2^4`` become two."""
    cuts = [k for k, x in enumerate(product) if x == "*" and _depth(product, k) == 0]
    return [
        product[a + 1 : b]
        for a, b in zip([-1, *cuts], [*cuts, len(product)], strict=True)
    ]


def _depth(text: str, place: int) -> int:
    return text.count("(", 0, place) - text.count(")", 0, place)
