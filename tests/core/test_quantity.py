"""Quantities: apimachinery ``pkg/api/resource``, with many rows of its own quantity_test.go."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kubectl_ds.core.quantity import (
    BINARY_SI,
    DECIMAL_EXPONENT,
    DECIMAL_SI,
    Quantity,
    canonical,
    milli_value,
    parse,
)

FEW = settings(max_examples=150, deadline=None)
LARGEST = 2**63 - 1

# ParseQuantity, suffixer.interpret

VALUES = {
    "0": (0, DECIMAL_SI),
    "1": (1, DECIMAL_SI),
    "5n": ("5e-9", DECIMAL_SI),
    "4u": ("4e-6", DECIMAL_SI),
    "3m": ("3e-3", DECIMAL_SI),
    "8k": (8000, DECIMAL_SI),
    "7M": ("7e6", DECIMAL_SI),
    "6G": ("6e9", DECIMAL_SI),
    "5T": ("5e12", DECIMAL_SI),
    "2P": ("2e15", DECIMAL_SI),
    "1E": ("1e18", DECIMAL_SI),
    "12E": ("12e18", DECIMAL_SI),
    "1Ki": (1024, BINARY_SI),
    "7Mi": (7 * 2**20, BINARY_SI),
    "6Gi": (6 * 2**30, BINARY_SI),
    "5Ti": (5 * 2**40, BINARY_SI),
    "4Pi": (4 * 2**50, BINARY_SI),
    "3Ei": (3 * 2**60, BINARY_SI),
    "0Ki": (0, BINARY_SI),
    "1e3": (1000, DECIMAL_EXPONENT),
    "1E6": ("1e6", DECIMAL_EXPONENT),
    "1E-3": ("1e-3", DECIMAL_EXPONENT),
    "1.3E+6": ("1.3e6", DECIMAL_EXPONENT),
    "1e03": (1000, DECIMAL_EXPONENT),
    "0.5e0": ("0.5", DECIMAL_EXPONENT),
    "1e14": ("1e14", DECIMAL_EXPONENT),
    "1e20": ("1e20", DECIMAL_EXPONENT),
    "100.035k": (100035, DECIMAL_SI),
    "0.00050k": ("0.5", DECIMAL_SI),
    "0.05000": ("0.05", DECIMAL_SI),
    "1.53E12": ("1.53e12", DECIMAL_EXPONENT),
    "100.035Ki": ("102435.84", BINARY_SI),
    "0.5Mi": (2**19, BINARY_SI),
    "1.5Gi": (1536 * 2**20, BINARY_SI),
    ".001": ("0.001", DECIMAL_SI),
    ".5Gi": (2**29, BINARY_SI),
    "1.": (1, DECIMAL_SI),
    "1.G": ("1e9", DECIMAL_SI),
    "007": (7, DECIMAL_SI),
    "+1.5": ("1.5", DECIMAL_SI),
    "-250m": ("-0.25", DECIMAL_SI),
    "-2Ki": (-2048, BINARY_SI),
}


@pytest.mark.parametrize(("text", "expected"), VALUES.items(), ids=VALUES)
def test_what_a_text_is_worth(text: str, expected: tuple[int | str, str]) -> None:
    value, notation = expected
    quantity = parse(text)
    assert (quantity.value, quantity.notation) == (Fraction(value), notation)


# ParseQuantity: "non-zero values are rounded up to the minimum representable value", away from
# zero; a binary amount is capped at the largest int64, and is decimal where it is less than one.

ROUNDED = {
    "0.0000000001": ("1e-9", DECIMAL_SI),
    "0.9n": ("1e-9", DECIMAL_SI),
    "3.001n": ("4e-9", DECIMAL_SI),
    "0.00000012345": ("124e-9", DECIMAL_SI),
    "0.5e-9": ("1e-9", DECIMAL_EXPONENT),
    "1.1E-9": ("2e-9", DECIMAL_EXPONENT),
    "1e-30": ("1e-9", DECIMAL_EXPONENT),
    "-0.1n": ("-1e-9", DECIMAL_SI),
    "0.0n": (0, DECIMAL_SI),
    "0.12345678901Ki": ("126.419751947", BINARY_SI),  # 126.41975194624
    "0.000000000001Ki": ("2e-9", DECIMAL_SI),
    "0.0005Ki": ("0.512", DECIMAL_SI),
    "-0.0005Ki": ("-0.512", DECIMAL_SI),
    "0.0009765625Ki": (1, BINARY_SI),
    "0.001Ki": ("1.024", BINARY_SI),
    "9Ei": (LARGEST, BINARY_SI),
    "8Ei": (LARGEST, BINARY_SI),
    "-9Ei": (-LARGEST, BINARY_SI),
    "9223372036854775807Ki": (LARGEST, BINARY_SI),
    "7Ei": (7 * 2**60, BINARY_SI),
    "10E": ("1e19", DECIMAL_SI),
}


@pytest.mark.parametrize(("text", "expected"), ROUNDED.items(), ids=ROUNDED)
def test_rounding_and_capping(text: str, expected: tuple[int | str, str]) -> None:
    value, notation = expected
    quantity = parse(text)
    assert (quantity.value, quantity.notation) == (Fraction(value), notation)


# Quantity.UnmarshalJSON takes a bare JSON number as well

NUMBERS = {
    "integer": (1, 1, DECIMAL_SI),
    "zero": (0, 0, DECIMAL_SI),
    "negative": (-3, -3, DECIMAL_SI),
    "fraction": (0.5, Fraction(1, 2), DECIMAL_SI),
    "a tenth is exact": (0.1, Fraction(1, 10), DECIMAL_SI),
    "large": (2**62, 2**62, DECIMAL_SI),
    "written with an exponent": (1e22, 10**22, DECIMAL_EXPONENT),
    "tiny": (1e-7, Fraction(1, 10**7), DECIMAL_EXPONENT),
}


@pytest.mark.parametrize(("number", "value", "notation"), NUMBERS.values(), ids=NUMBERS)
def test_json_numbers(number: float, value: Fraction | int, notation: str) -> None:
    quantity = parse(number)
    assert (quantity.value, quantity.notation) == (value, notation)


# ParseQuantity: ErrFormatWrong, ErrNumeric, ErrSuffix

INVALID = [
    pytest.param("", id="empty"),
    pytest.param(" ", id="space"),
    pytest.param(" 1", id="space before"),
    pytest.param("1 ", id="space after"),
    pytest.param("1 Gi", id="space between"),
    pytest.param("1\n", id="newline after"),
    pytest.param("1K", id="upper-case kilo"),
    pytest.param("K", id="upper-case kilo alone"),
    pytest.param("1ki", id="lower-case kibi"),
    pytest.param("1mi", id="lower-case mebi"),
    pytest.param("0.1mi", id="lower-case mebi of a fraction"),
    pytest.param("1KI", id="upper-case kibi"),
    pytest.param("1g", id="lower-case giga"),
    pytest.param("1U", id="upper-case micro"),
    pytest.param("1i", id="i alone"),
    pytest.param("1ni", id="binary nano"),
    pytest.param("1mm", id="two suffixes"),
    pytest.param("1kM", id="two different suffixes"),
    pytest.param("1MB", id="bytes"),
    pytest.param("1B", id="B"),
    pytest.param("0.1am", id="unknown suffix"),
    pytest.param("1e", id="e alone"),
    pytest.param("e", id="e without a number"),
    pytest.param("1e+", id="exponent without digits"),
    pytest.param("1E-", id="upper-case exponent without digits"),
    pytest.param("1e1.5", id="fractional exponent"),
    pytest.param("1e3m", id="exponent and suffix"),
    pytest.param("1e3e3", id="two exponents"),
    pytest.param("1Ee3", id="E and e"),
    pytest.param("1.1.M", id="two points"),
    pytest.param("1..2", id="point point"),
    pytest.param("1+1.0M", id="sign inside"),
    pytest.param("--1", id="two signs"),
    pytest.param("+-1", id="plus minus"),
    pytest.param("- 1", id="space after the sign"),
    pytest.param("1m3", id="digits after a suffix"),
    pytest.param("0x10", id="hexadecimal"),
    pytest.param("1_000", id="underscore"),
    pytest.param("1,000", id="comma"),
    pytest.param("1/2", id="a ratio"),
    pytest.param("٣", id="arabic digit"),
    pytest.param("1٣", id="ascii and arabic digits"),
    pytest.param("１", id="full-width digit"),
    pytest.param("²", id="superscript"),
    pytest.param("1e٣", id="arabic exponent"),
    pytest.param("1µ", id="micro sign"),
    pytest.param("inf", id="infinity"),
    pytest.param("nan", id="not a number"),
    pytest.param("aoeu", id="letters"),
    pytest.param(float("inf"), id="infinite number"),
    pytest.param(float("nan"), id="number that is none"),
    pytest.param(True, id="boolean"),
]


@pytest.mark.parametrize("text", INVALID)
def test_what_is_no_quantity(text: str | float) -> None:
    with pytest.raises(ValueError, match="is not a quantity"):
        parse(text)


# Quantity.CanonicalizeBytes, infDecAmount.AsCanonicalBytes, AsCanonicalBase1024Bytes

CANONICAL = {
    "0": "0",
    "0Gi": "0",
    "0e5": "0",
    "0.0m": "0",
    "1": "1",
    "1.5": "1500m",
    "0.5": "500m",
    "0.1": "100m",
    "1500m": "1500m",
    "2000m": "2",
    "1000": "1k",
    "1024": "1024",
    "1500": "1500",
    "100": "100",
    "10000": "10k",
    "1000000": "1M",
    "1000k": "1M",
    "1100k": "1100k",
    "1000000u": "1",
    "1000n": "1u",
    "1001n": "1001n",
    "0.1n": "1n",
    "0.001k": "1",
    "1000P": "1E",
    "123456789": "123456789",
    "-0.5": "-500m",
    "-2000": "-2k",
    "1Ki": "1Ki",
    "0.5Ki": "512",
    "0.75Ki": "768",
    "1.5Ki": "1536",
    "0.9765625Ki": "1k",
    "1000Ki": "1000Ki",
    "1024Ki": "1Mi",
    "1536Mi": "1536Mi",
    "1.5Gi": "1536Mi",
    "2048Mi": "2Gi",
    "1024Pi": "1Ei",
    "0.1Ki": "102400m",
    "1.0001Ki": "1024102400u",
    "-2Ki": "-2Ki",
    "-1Ki": "-1Ki",
    "-0.5Ki": "-512",
    "9Ei": "9223372036854775807",
    "1e3": "1e3",
    "1000e0": "1e3",
    "1e4": "10e3",
    "1e5": "100e3",
    "1.5e0": "1500e-3",
    "1e-9": "1e-9",
    "5e0": "5",
    "1e20": "100e18",
    "1e21": "1e21",
    "1e24": "1e24",
}


@pytest.mark.parametrize(("text", "expected"), CANONICAL.items(), ids=CANONICAL)
def test_what_kubernetes_prints(text: str, expected: str) -> None:
    assert canonical(parse(text)) == expected
    assert str(parse(text)) == expected


# Quantity.MilliValue: rounded up (ScaledValue, scaledValue: the exact quotient or one more)

MILLIS = {
    "0": 0,
    "1": 1000,
    "250m": 250,
    "0.1": 100,
    "1u": 1,
    "1n": 1,
    "1000001u": 1001,
    "1.0001": 1001,
    "1Ki": 1024000,
    "2k": 2000000,
    "1e-4": 1,
}


@pytest.mark.parametrize(("text", "expected"), MILLIS.items(), ids=MILLIS)
def test_thousandths_are_rounded_up(text: str, expected: int) -> None:
    assert milli_value(parse(text)) == expected


# Quantity.Add: exact; a zero left operand takes the format of the right one

SUMS = {
    "decimal": (["100m", "200m"], "300m"),
    "three tenths are not almost three tenths": (["0.1", "0.2"], "300m"),
    "to a whole": (["500m", "500m"], "1"),
    "binary": (["512Mi", "512Mi"], "1Gi"),
    "the first format wins, binary": (["1Gi", "1G"], "2073741824"),
    "the first format wins, decimal": (["1k", "1Ki"], "2024"),
    "a decimal sum keeps its suffix": (["1M", "1000k"], "2M"),
    "bytes added to binary": (["1Mi", "1048576"], "2Mi"),
    "binary added to bytes": (["1048576", "1Mi"], "2097152"),
    "zero adopts binary": (["0", "1Gi"], "1Gi"),
    "zero adopts decimal": (["0Gi", "1000"], "1k"),
    "zero adopts an exponent": (["0", "1e3"], "1e3"),
    "zero adopts from the first that is not zero": (["0", "0", "2Ki", "1"], "2049"),
    "zero added changes nothing": (["1Gi", "0"], "1Gi"),
    "exponent first": (["1e3", "1k"], "2e3"),
    "beyond the largest int64": (["9Ei", "9Ei"], "18446744073709551614"),
    "to nothing": (["1", "-1"], "0"),
    "after nothing, the next format": (["1", "-1", "1Ki"], "1Ki"),
}


@pytest.mark.parametrize(("texts", "expected"), SUMS.values(), ids=SUMS)
def test_sums(texts: list[str], expected: str) -> None:
    total = parse(texts[0])
    for text in texts[1:]:
        total = total + parse(text)
    assert canonical(total) == expected


# Quantity.Cmp compares amounts, never texts or formats

EQUAL = [
    pytest.param("1", "1000m", id="suffix"),
    pytest.param("1Ki", "1024", id="binary and decimal"),
    pytest.param("1k", "1e3", id="exponent"),
    pytest.param("0", "0Gi", id="zero"),
    pytest.param("0.50", ".5", id="zeros"),
    pytest.param("9Ei", "8Ei", id="capped"),
]


@pytest.mark.parametrize(("left", "right"), EQUAL)
def test_equal_amounts(left: str, right: str) -> None:
    assert parse(left) == parse(right)
    assert hash(parse(left)) == hash(parse(right))


def test_an_amount_is_not_the_text_or_the_number() -> None:
    assert parse("1") != "1"
    assert parse("1") != 1


def test_there_is_no_suffix_beyond_exa() -> None:
    """Kubernetes loses the suffix where it would print one; the amount is what counts here."""
    for text in ("1000E", "2500000E", "-1000E"):
        assert parse(canonical(parse(text))) == parse(text)


def test_truth_is_being_more_or_less_than_nothing() -> None:
    assert not parse("0Gi")
    assert parse("1n")
    assert parse("-1n")


SUFFIXES = ("", "n", "u", "m", "k", "M", "G", "T", "P", "Ki", "Mi", "Gi", "Ti", "e3", "E-3", "e+0")


@st.composite
def texts(draw: st.DrawFn) -> str:
    sign = draw(st.sampled_from(["", "+", "-"]))
    whole = draw(st.integers(0, 10**6))
    places = draw(st.sampled_from(["", ".", ".5", ".125", ".001", ".000000001", ".1234567891"]))
    return f"{sign}{whole}{places}{draw(st.sampled_from(SUFFIXES))}"


@FEW
@given(texts())
@example("23312.5Ki")
def test_round_trip_keeps_the_amount_and_the_text(text: str) -> None:
    """A binary amount that no suffix divides is bare digits, which read back as decimal."""
    quantity = parse(text)
    printed = canonical(quantity)
    again = parse(printed)
    assert again == quantity
    assert canonical(again) == printed or again.notation != quantity.notation
    assert "." not in printed


@FEW
@given(texts())
def test_the_value_is_the_number_rounded_up_to_a_billionth(text: str) -> None:
    factors = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15}
    factors |= {"e3": 3, "E-3": -3, "e+0": 0}
    suffix = max((s for s in SUFFIXES if text.endswith(s)), key=len)
    number = Fraction(text.removesuffix(suffix).removesuffix("."))
    if suffix.endswith("i"):
        exact = number * 1024 ** (1 + "KMGT".index(suffix[0]))
    else:
        exact = number * Fraction(10) ** factors.get(suffix, 0)
    value = parse(text).value
    assert (value * 10**9).denominator == 1
    assert 0 <= abs(value) - abs(exact) < Fraction(1, 10**9)
    assert value * exact >= 0


@FEW
@given(texts(), texts())
def test_the_order_is_that_of_the_amounts(left: str, right: str) -> None:
    a, b = parse(left), parse(right)
    assert (a < b) == (a.value < b.value)
    assert (a <= b) == (a.value <= b.value)
    assert (a == b) == (a.value == b.value)
    assert (a > b) == (a.value > b.value)


@FEW
@given(st.lists(texts(), min_size=1, max_size=8))
def test_sums_are_exact(items: list[str]) -> None:
    quantities = [parse(item) for item in items]
    total = sum(quantities[1:], quantities[0])
    assert total.value == sum(item.value for item in quantities)
    assert isinstance(total, Quantity)


@FEW
@given(texts())
def test_thousandths_are_the_next_whole_ones(text: str) -> None:
    quantity = parse(text)
    assert 0 <= milli_value(quantity) - quantity.value * 1000 < 1
