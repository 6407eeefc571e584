"""The word in which a product of factors is computed, and how it wraps.

docs/semantics.md section 7. Widths go in; a word that holds every product of theirs
comes out: 64-bit integers wrapped to 32, or, where a profile has wider formats,
Python's own integers, which are as long as it takes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

import numpy as np

from ..hardware.widths import Widths
from .operations import (
    Integers,
    scale_product,
    scale_product_toward_zero,
    to_int32,
)


class AbstractWord(ABC):
    """How integers are held between the factors of a product."""

    @abstractmethod
    def held(self, a: Integers) -> Integers:
        """Take an array into the word."""

    @abstractmethod
    def wrapped(self, a: Integers) -> Integers:
        """Take values modulo the word's size, signed."""

    @abstractmethod
    def scaled(self, product: Integers, shift: int, exponent: int) -> Integers:
        """Bring a product to the accumulator's scale, rounded down."""

    @abstractmethod
    def scaled_toward_zero(
        self, product: Integers, shift: int, exponent: int
    ) -> Integers:
        """Bring a product to the accumulator's scale; its sign does not matter."""


@final
class Int32(AbstractWord):
    """The word of a Loihi, in arrays of 64 bits."""

    def held(self, a: Integers) -> Integers:
        return a

    def wrapped(self, a: Integers) -> Integers:
        return to_int32(a)

    def scaled(self, product: Integers, shift: int, exponent: int) -> Integers:
        return scale_product(product, shift, exponent)

    def scaled_toward_zero(
        self, product: Integers, shift: int, exponent: int
    ) -> Integers:
        return scale_product_toward_zero(product, shift, exponent)


@final
@dataclass(frozen=True)
class LongWord(AbstractWord):
    """Words of any number of bits, in arrays of Python's integers."""

    bits: int

    def held(self, a: Integers) -> Integers:
        long: Integers = a.astype(object)
        return long

    def wrapped(self, a: Integers) -> Integers:
        half = 1 << (self.bits - 1)
        wrapped: Integers = ((self.held(a) + half) & (2 * half - 1)) - half
        return wrapped

    def scaled(self, product: Integers, shift: int, exponent: int) -> Integers:
        return self.wrapped((product >> shift) << exponent)

    def scaled_toward_zero(
        self, product: Integers, shift: int, exponent: int
    ) -> Integers:
        size: Integers = np.abs(product) >> shift
        return self.wrapped((np.sign(product) * size) << exponent)


def word_of(widths: Widths) -> AbstractWord:
    """Choose the word that holds all products of these widths."""
    return Int32() if widths.fits_int64 else LongWord(widths.product_bits)
