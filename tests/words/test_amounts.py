"""Amounts of resources as people read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_ds.core.quantity import parse
from kubectl_ds.words.amounts import about, asked, between, least, of

ASKED = [
    ("memory", "256Mi", "256Mi"),
    ("memory", "256M", "256M"),
    ("memory", "1536Mi", "1536Mi"),
    ("memory", "167772160", "160Mi"),
    ("memory", "100e6", "95.3Mi"),
    ("cpu", "100m", "100m"),
    ("cpu", "1", "1"),
    ("cpu", "100e-3", "100m"),
    ("example.com/gpu", "2", "2"),
]


@pytest.mark.parametrize(("resource", "text", "expected"), ASKED)
def test_a_request_keeps_its_notation_where_that_can_be_read(
    resource: str, text: str, expected: str
) -> None:
    assert asked(resource, text) == expected


ROUNDED = [
    ("memory", "7950740Ki", "7.5Gi", "7.6Gi"),
    ("memory", "167772159", "159.9Mi", "160Mi"),
    ("memory", "1Gi", "1Gi", "1Gi"),
    ("memory", "1023", "1023", "1023"),
    ("ephemeral-storage", "119703055367", "111.4Gi", "111.5Gi"),
    ("hugepages-2Mi", "4Mi", "4Mi", "4Mi"),
    ("cpu", "1930m", "1930m", "1930m"),
    ("example.com/gpu", "12", "12", "12"),
]


@pytest.mark.parametrize(("resource", "text", "low", "near"), ROUNDED)
def test_an_amount_has_one_decimal_at_most(resource: str, text: str, low: str, near: str) -> None:
    assert (least(resource, text), about(resource, text)) == (low, near)


@given(st.integers(0, 2**60))
def test_what_is_said_to_be_there_is_there(size: int) -> None:
    said = parse(least("memory", str(size))).value
    assert size * 0.9 <= said <= size


def test_a_range_goes_by_size() -> None:
    assert between(["1Gi", "200Mi", "900Mi"]) == "200Mi to 1Gi"
    assert between(["1Gi", "1Gi"]) == "1Gi"


def test_memory_alone_needs_no_name() -> None:
    named = [of("memory", "1Gi"), of("cpu", "1"), of("example.com/gpu", "1")]
    assert named == ["1Gi", "1 CPU", "1 example.com/gpu"]
