"""Label selectors and node selector terms.

Sources: apimachinery ``pkg/labels/selector.go`` and ``pkg/api/validate/content/kube.go``;
component-helpers ``scheduling/corev1/nodeaffinity/nodeaffinity.go``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_ds.core.labels import (
    Failure,
    affinity_failures,
    expression_failures,
    integer,
    parse_selector,
    problem,
    selector_matches,
    selector_text,
    selects,
    term_failures,
    valid_key,
    valid_value,
)
from kubectl_ds.core.pods import LabelSelector, NodeSelectorRequirement, NodeSelectorTerm
from tests.core.make import field_term, requirement, selector, term

OFTEN = settings(max_examples=300, deadline=None)

MISSING: dict[str, str] = {}
EMPTY = {"k": ""}
A = {"k": "a"}
FIVE = {"k": "5"}
LARGEST, SMALLEST = 2**63 - 1, -(2**63)


def matches(
    terms: Sequence[NodeSelectorTerm], labels: Mapping[str, str], node_name: str = "node-1"
) -> bool:
    return affinity_failures(terms, labels, node_name) is None


# Requirement.Matches and NewRequirement: operator × values × label. A wrong number of values is a
# parse error, and a term with one matches no node.

MATRIX = [
    # operator, values, label missing, empty, "a", "5"
    ("In", (), False, False, False, False),
    ("In", ("",), False, True, False, False),
    ("In", ("a",), False, False, True, False),
    ("In", ("b",), False, False, False, False),
    ("In", ("a", "5"), False, False, True, True),
    ("In", ("A",), False, False, False, False),
    ("NotIn", (), False, False, False, False),
    ("NotIn", ("",), True, False, True, True),
    ("NotIn", ("a",), True, True, False, True),
    ("NotIn", ("b",), True, True, True, True),
    ("NotIn", ("a", "5"), True, True, False, False),
    ("Exists", (), False, True, True, True),
    ("Exists", ("a",), False, False, False, False),
    ("Exists", ("",), False, False, False, False),
    ("DoesNotExist", (), True, False, False, False),
    ("DoesNotExist", ("a",), False, False, False, False),
    ("DoesNotExist", ("", "a"), False, False, False, False),
    ("Gt", (), False, False, False, False),
    ("Gt", ("4",), False, False, False, True),
    ("Gt", ("5",), False, False, False, False),
    ("Gt", ("6",), False, False, False, False),
    ("Gt", ("04",), False, False, False, True),
    ("Gt", ("4", "3"), False, False, False, False),
    ("Gt", ("",), False, False, False, False),
    ("Gt", ("a",), False, False, False, False),
    ("Gt", ("-1",), False, False, False, False),
    ("Gt", ("+1",), False, False, False, False),
    ("Gt", ("1.5",), False, False, False, False),
    ("Lt", (), False, False, False, False),
    ("Lt", ("4",), False, False, False, False),
    ("Lt", ("5",), False, False, False, False),
    ("Lt", ("6",), False, False, False, True),
    ("Lt", ("6", "7"), False, False, False, False),
    ("Lt", ("+9",), False, False, False, False),
    ("Lt", ("1e9",), False, False, False, False),
    ("Equals", ("a",), False, False, False, False),
    ("=", ("a",), False, False, False, False),
    ("in", ("a",), False, False, False, False),
    ("exists", (), False, False, False, False),
    ("", ("a",), False, False, False, False),
]


@pytest.mark.parametrize(
    ("operator", "values", "missing", "empty", "is_a", "is_five"),
    [pytest.param(*row, id=f"{row[0] or 'none'} {list(row[1])}") for row in MATRIX],
)
def test_operators(
    operator: str, values: tuple[str, ...], missing: bool, empty: bool, is_a: bool, is_five: bool
) -> None:
    terms = [term(requirement("k", operator, *values))]
    found = [matches(terms, labels) for labels in (MISSING, EMPTY, A, FIVE)]
    assert found == [missing, empty, is_a, is_five]


# NewRequirement: what can't be parsed. The rest of a term does not save it.

PARSE_ERRORS = {
    "In without values": requirement("k", "In"),
    "NotIn without values": requirement("k", "NotIn"),
    "Exists with a value": requirement("k", "Exists", "a"),
    "Exists with an empty value": requirement("k", "Exists", ""),
    "DoesNotExist with a value": requirement("k", "DoesNotExist", "a"),
    "Gt without a value": requirement("k", "Gt"),
    "Gt with two values": requirement("k", "Gt", "1", "2"),
    "Gt with an empty value": requirement("k", "Gt", ""),
    "Gt with a word": requirement("k", "Gt", "many"),
    "Gt with a fraction": requirement("k", "Gt", "1.0"),
    "Gt with a space": requirement("k", "Gt", " 1"),
    "Gt with an underscore": requirement("k", "Gt", "1_0"),
    "Gt with a unicode digit": requirement("k", "Gt", "٣"),
    "Gt with a minus, no label value": requirement("k", "Gt", "-1"),
    "Lt with a plus, no label value": requirement("k", "Lt", "+1"),
    "Lt beyond the largest": requirement("k", "Lt", str(LARGEST + 1)),
    "In with no label value": requirement("k", "In", "a b"),
    "In with one value that is none": requirement("k", "In", "a", "-b"),
    "NotIn with no label value": requirement("k", "NotIn", "a/b"),
    "In with too long a value": requirement("k", "In", "a" * 64),
    "an unknown operator": requirement("k", "Near", "a"),
    "no operator": requirement("k", "", "a"),
    "no key": requirement("", "Exists"),
    "no label key": requirement("a b", "Exists"),
    "no label key, though absence is asked": requirement("-k", "DoesNotExist"),
    "an upper-case prefix": requirement("Example.com/k", "NotIn", "a"),
}


@pytest.mark.parametrize("wrong", PARSE_ERRORS.values(), ids=PARSE_ERRORS)
def test_a_term_with_a_parse_error_matches_nothing(wrong: NodeSelectorRequirement) -> None:
    assert problem(wrong)
    holds = requirement("other", "DoesNotExist")
    assert matches([term(holds)], {})
    for labels in (MISSING, EMPTY, A, FIVE, {wrong.key: "a"}):
        assert not matches([term(wrong)], labels)
        assert not matches([term(holds, wrong)], labels)


@pytest.mark.parametrize("wrong", PARSE_ERRORS.values(), ids=PARSE_ERRORS)
def test_another_term_still_matches(wrong: NodeSelectorRequirement) -> None:
    assert matches([term(wrong), term(requirement("k", "Exists"))], A)


PARSED = {
    "one value": requirement("k", "In", "a"),
    "an empty value": requirement("k", "In", ""),
    "the longest value": requirement("k", "NotIn", "a" * 63),
    "signs inside": requirement("k", "In", "a-b_c.d"),
    "no values": requirement("k", "Exists"),
    "an integer": requirement("k", "Gt", "5"),
    "leading zeros": requirement("k", "Lt", "007"),
    "the largest integer": requirement("k", "Gt", str(LARGEST)),
    "a prefixed key": requirement("node.kubernetes.io/instance-type", "Exists"),
}


@pytest.mark.parametrize("right", PARSED.values(), ids=PARSED)
def test_what_can_be_parsed(right: NodeSelectorRequirement) -> None:
    assert problem(right) is None


# strconv.ParseInt(label, 10, 64) in Requirement.Matches: the label, unlike the value, may be
# anything that the API server once stored, so signs count too.

COMPARISONS = [
    pytest.param("10", "Gt", "9", True, id="numbers, not texts"),
    pytest.param("9", "Lt", "10", True, id="numbers, not texts, less"),
    pytest.param("5", "Gt", "5", False, id="equal is not greater"),
    pytest.param("5", "Lt", "5", False, id="equal is not less"),
    pytest.param("0005", "Lt", "6", True, id="leading zeros"),
    pytest.param("-1", "Lt", "0", True, id="a negative label"),
    pytest.param("+7", "Gt", "6", True, id="a label with a plus"),
    pytest.param("-0", "Lt", "1", True, id="minus zero"),
    pytest.param("5.0", "Lt", "6", False, id="a fraction is no integer"),
    pytest.param("5e1", "Gt", "6", False, id="an exponent is no integer"),
    pytest.param("0x9", "Gt", "6", False, id="hexadecimal is no integer"),
    pytest.param("1_0", "Gt", "6", False, id="an underscore is no digit"),
    pytest.param(" 7", "Gt", "6", False, id="a space is no digit"),
    pytest.param("٩", "Gt", "6", False, id="an arabic digit is no digit"),
    pytest.param("", "Lt", "6", False, id="an empty label is no integer"),
    pytest.param("-", "Lt", "6", False, id="a sign is no integer"),
    pytest.param(str(LARGEST), "Gt", str(LARGEST - 1), True, id="the largest"),
    pytest.param(str(LARGEST + 1), "Gt", "1", False, id="one more than the largest"),
    pytest.param(str(SMALLEST), "Lt", "1", True, id="the smallest"),
    pytest.param(str(SMALLEST - 1), "Lt", "1", False, id="one less than the smallest"),
    pytest.param("9" * 40, "Gt", "1", False, id="forty digits"),
    pytest.param("0" * 40 + "9", "Gt", "1", True, id="forty zeros and a digit"),
]


@pytest.mark.parametrize(("label", "operator", "value", "expected"), COMPARISONS)
def test_comparisons(label: str, operator: str, value: str, expected: bool) -> None:
    assert matches([term(requirement("k", operator, value))], {"k": label}) is expected


INTEGERS = {
    "0": 0,
    "7": 7,
    "-7": -7,
    "+7": 7,
    "-0": 0,
    "+0": 0,
    "007": 7,
    "-007": -7,
    str(LARGEST): LARGEST,
    str(SMALLEST): SMALLEST,
    "+" + str(LARGEST): LARGEST,
    "0" * 5000 + "1": 1,
    str(LARGEST + 1): None,
    str(SMALLEST - 1): None,
    "9" * 5000: None,
    "": None,
    "+": None,
    "-": None,
    "--1": None,
    "+-1": None,
    "1-": None,
    " 1": None,
    "1 ": None,
    "1\n": None,
    "1_0": None,
    "1.0": None,
    "1e3": None,
    "0x1": None,
    "a": None,
    "٣": None,
    "１": None,
    "²": None,
}


@pytest.mark.parametrize(("text", "expected"), INTEGERS.items(), ids=lambda x: repr(x)[:24])
def test_integers(text: str, expected: int | None) -> None:
    assert integer(text) == expected


# NewLazyErrorNodeSelector, isEmptyNodeSelectorTerm: an empty term matches nothing, and terms are
# ORed, so none of them matches nothing.

K_IS_A = requirement("k", "In", "a")
L_EXISTS = requirement("l", "Exists")
EMPTY_TERM = NodeSelectorTerm()

TERMS = [
    pytest.param([], {"k": "a"}, False, id="no terms"),
    pytest.param([EMPTY_TERM], {"k": "a"}, False, id="an empty term"),
    pytest.param([EMPTY_TERM, EMPTY_TERM], {}, False, id="two empty terms"),
    pytest.param(
        [NodeSelectorTerm(match_expressions=(), match_fields=())], {}, False, id="empty lists"
    ),
    pytest.param([EMPTY_TERM, term(K_IS_A)], {"k": "a"}, True, id="an empty term and one more"),
    pytest.param([term(K_IS_A), EMPTY_TERM], {"k": "b"}, False, id="one that fails and an empty"),
    pytest.param([term(K_IS_A, L_EXISTS)], {"k": "a"}, False, id="AND in a term, one fails"),
    pytest.param([term(K_IS_A, L_EXISTS)], {"k": "a", "l": ""}, True, id="AND in a term"),
    pytest.param([term(K_IS_A), term(L_EXISTS)], {"l": ""}, True, id="OR of terms, the second"),
    pytest.param([term(K_IS_A), term(L_EXISTS)], {"k": "a"}, True, id="OR of terms, the first"),
    pytest.param([term(K_IS_A), term(L_EXISTS)], {"k": "b"}, False, id="OR of terms, none"),
    pytest.param(
        [term(K_IS_A, requirement("k", "In", "b"))], {"k": "a"}, False, id="the same key twice"
    ),
    pytest.param([term(K_IS_A)], {"K": "a"}, False, id="a key in another case"),
    pytest.param([term(K_IS_A)], {"k": "A"}, False, id="a value in another case"),
]


@pytest.mark.parametrize(("terms", "labels", "expected"), TERMS)
def test_terms(terms: list[NodeSelectorTerm], labels: dict[str, str], expected: bool) -> None:
    assert matches(terms, labels) is expected


# nodeSelectorRequirementsAsFieldSelector: In and NotIn with exactly one value; extractNodeFields
# knows metadata.name only, and any other field is empty.

NAME = "metadata.name"
FIELDS = [
    pytest.param([requirement(NAME, "In", "node-1")], True, id="In, this node"),
    pytest.param([requirement(NAME, "In", "node-2")], False, id="In, another node"),
    pytest.param([requirement(NAME, "In", "Node-1")], False, id="In, another case"),
    pytest.param([requirement(NAME, "NotIn", "node-1")], False, id="NotIn, this node"),
    pytest.param([requirement(NAME, "NotIn", "node-2")], True, id="NotIn, another node"),
    pytest.param([requirement(NAME, "In", "node-1", "node-2")], False, id="In, two values"),
    pytest.param([requirement(NAME, "NotIn", "x", "y")], False, id="NotIn, two values"),
    pytest.param([requirement(NAME, "In")], False, id="In, no value"),
    pytest.param([requirement(NAME, "NotIn")], False, id="NotIn, no value"),
    pytest.param([requirement(NAME, "Exists")], False, id="Exists"),
    pytest.param([requirement(NAME, "DoesNotExist")], False, id="DoesNotExist"),
    pytest.param([requirement(NAME, "Gt", "1")], False, id="Gt"),
    pytest.param([requirement("metadata.uid", "In", "node-1")], False, id="another field, In"),
    pytest.param([requirement("metadata.uid", "NotIn", "x")], True, id="another field, NotIn"),
    pytest.param([requirement("metadata.uid", "In", "")], True, id="another field is empty"),
    pytest.param(
        [requirement(NAME, "In", "node-1"), requirement(NAME, "NotIn", "node-2")],
        True,
        id="AND of fields",
    ),
    pytest.param(
        [requirement(NAME, "In", "node-1"), requirement(NAME, "NotIn", "node-1")],
        False,
        id="AND of fields, one fails",
    ),
]


@pytest.mark.parametrize(("fields", "expected"), FIELDS)
def test_fields(fields: list[NodeSelectorRequirement], expected: bool) -> None:
    assert matches([field_term(*fields)], {NAME: "a label"}) is expected


BOTH = [
    pytest.param("a", "node-1", True, id="both hold"),
    pytest.param("b", "node-1", False, id="the label differs"),
    pytest.param("a", "node-2", False, id="the name differs"),
]


@pytest.mark.parametrize(("label", "name", "expected"), BOTH)
def test_a_term_needs_its_expressions_and_its_fields(label: str, name: str, expected: bool) -> None:
    both = NodeSelectorTerm(
        match_expressions=(K_IS_A,), match_fields=(requirement(NAME, "In", "node-1"),)
    )
    assert matches([both], {"k": label}, name) is expected


def test_every_expression_that_fails_is_told_with_its_term() -> None:
    terms = [
        term(K_IS_A, L_EXISTS, requirement("m", "DoesNotExist")),
        EMPTY_TERM,
        NodeSelectorTerm(
            match_expressions=(requirement("k", "Gt", "-1"),),
            match_fields=(requirement(NAME, "In", "node-2"),),
        ),
    ]
    found = affinity_failures(terms, {"k": "5"}, "node-1")
    assert found is not None
    told = [(f.term, f.requirement.key, f.actual, f.problem is not None) for f in found]
    assert told == [
        (0, "k", "5", False),
        (0, "l", None, False),
        (2, "k", "5", True),
        (2, NAME, "node-1", False),
    ]


def test_an_empty_term_is_told_from_one_that_matches() -> None:
    assert term_failures(EMPTY_TERM, 0, {}, "node-1") is None
    assert term_failures(term(requirement("k", "DoesNotExist")), 0, {}, "node-1") == []


# content.IsLabelKey, IsLabelValue, IsDNS1123Subdomain

KEYS = {
    "a": True,
    "A": True,
    "1": True,
    "a" * 63: True,
    "a" * 64: False,
    "a.b-c_d": True,
    "": False,
    "-a": False,
    "a-": False,
    ".a": False,
    "a b": False,
    "a\n": False,
    "é": False,
    "example.com/a": True,
    "example.com/A_b": True,
    "1.2/a": True,
    "a-b.c/d": True,
    "Example.com/a": False,
    "/a": False,
    "example.com/": False,
    "a/b/c": False,
    "-a.b/c": False,
    "a..b/c": False,
    "a.b-/c": False,
    "a_b/c": False,
    "a" * 253 + "/b": True,
    "a" * 254 + "/b": False,
}


@pytest.mark.parametrize(("text", "expected"), KEYS.items(), ids=lambda x: repr(x)[:24])
def test_label_keys(text: str, expected: bool) -> None:
    assert valid_key(text) is expected


LABEL_VALUES = {
    "": True,
    "a": True,
    "A-b_c.D": True,
    "1": True,
    "a" * 63: True,
    "a" * 64: False,
    "-1": False,
    "+1": False,
    "a-": False,
    "_a": False,
    "a b": False,
    "a/b": False,
    "a\n": False,
    "ü": False,
}


@pytest.mark.parametrize(("text", "expected"), LABEL_VALUES.items(), ids=lambda x: repr(x)[:24])
def test_label_values(text: str, expected: bool) -> None:
    assert valid_value(text) is expected


# apimachinery meta/v1/helpers.go: LabelSelectorAsSelector. All requirements are ANDed.

SELECTORS = [
    pytest.param(selector(), {}, True, id="empty matches everything"),
    pytest.param(selector({}), {"a": "b"}, True, id="an empty map matches everything"),
    pytest.param(selector({"a": "b"}), {"a": "b", "c": "d"}, True, id="a label among others"),
    pytest.param(selector({"a": "b"}), {"a": "c"}, False, id="another value"),
    pytest.param(selector({"a": "b"}), {}, False, id="no such label"),
    pytest.param(selector({"a": ""}), {}, False, id="an empty value is no absent label"),
    pytest.param(selector({"a": ""}), {"a": ""}, True, id="an empty value"),
    pytest.param(selector({"a": "b", "c": "d"}), {"a": "b"}, False, id="both labels"),
    pytest.param(
        selector(None, requirement("a", "In", "b", "c")), {"a": "c"}, True, id="In, the second"
    ),
    pytest.param(selector(None, requirement("a", "In", "b")), {}, False, id="In, absent"),
    pytest.param(selector(None, requirement("a", "NotIn", "b")), {}, True, id="NotIn, absent"),
    pytest.param(selector(None, requirement("a", "NotIn", "b")), {"a": "b"}, False, id="NotIn"),
    pytest.param(selector(None, requirement("a", "Exists")), {"a": ""}, True, id="Exists"),
    pytest.param(selector(None, requirement("a", "Exists")), {}, False, id="Exists, absent"),
    pytest.param(selector(None, requirement("a", "DoesNotExist")), {}, True, id="DoesNotExist"),
    pytest.param(
        selector(None, requirement("a", "DoesNotExist")), {"a": ""}, False, id="DoesNotExist, there"
    ),
    pytest.param(selector(None, requirement("a", "In")), {"a": ""}, False, id="In nothing"),
    pytest.param(
        selector(None, requirement("a", "Near", "5")), {"a": "3"}, False, id="no such operator"
    ),
    pytest.param(
        selector({"a": "b"}, requirement("c", "Exists")), {"a": "b"}, False, id="labels AND others"
    ),
    pytest.param(
        selector({"a": "b"}, requirement("c", "Exists")), {"a": "b", "c": ""}, True, id="both hold"
    ),
]


@pytest.mark.parametrize(("chosen", "labels", "expected"), SELECTORS)
def test_label_selectors(chosen: LabelSelector, labels: dict[str, str], expected: bool) -> None:
    assert selector_matches(chosen, labels) is expected


def test_each_requirement_that_a_set_of_labels_fails_is_told() -> None:
    wrong = selector({"a": "b", "c": "d"}, requirement("e", "Exists"), requirement("f", "Exists"))
    found = expression_failures(wrong, {"a": "x", "c": "d", "f": ""})
    assert [(item.requirement.key, item.actual) for item in found] == [("a", "x"), ("e", None)]


# labels.Parse, which reads kubectl's -l. Labels that it selects, and labels that it does not.

TEXTS = [
    pytest.param("", [{}, {"a": "b"}], [], id="empty selects everything"),
    pytest.param(" \t", [{}, {"a": "b"}], [], id="blank selects everything"),
    pytest.param("a=b", [{"a": "b"}], [{}, {"a": "c"}], id="equals"),
    pytest.param("a==b", [{"a": "b"}], [{}, {"a": "c"}], id="double equals"),
    pytest.param("a!=b", [{}, {"a": "c"}], [{"a": "b"}], id="not equals, absent too"),
    pytest.param(" a = b ", [{"a": "b"}], [{}], id="spaces"),
    pytest.param("a\t!=\nb", [{"a": "c"}], [{"a": "b"}], id="tab and newline"),
    pytest.param("a=", [{"a": ""}], [{}, {"a": "b"}], id="equals nothing"),
    pytest.param("a!=", [{}, {"a": "b"}], [{"a": ""}], id="not equals nothing"),
    pytest.param("a=,b=c", [{"a": "", "b": "c"}], [{"b": "c"}], id="equals nothing, and more"),
    pytest.param("a", [{"a": ""}, {"a": "b"}], [{}], id="exists"),
    pytest.param("!a", [{}], [{"a": ""}], id="does not exist"),
    pytest.param("! a", [{}], [{"a": ""}], id="does not exist, with a space"),
    pytest.param("a,!b", [{"a": "x"}], [{"a": "", "b": ""}, {}], id="AND"),
    pytest.param("a , b", [{"a": "", "b": ""}], [{"a": ""}], id="AND with spaces"),
    pytest.param("a=b,a=c", [], [{"a": "b"}, {"a": "c"}], id="AND that nothing meets"),
    pytest.param("a in (b,c)", [{"a": "b"}, {"a": "c"}], [{}, {"a": "d"}], id="in"),
    pytest.param("a in(b)", [{"a": "b"}], [{}], id="in without a space after"),
    pytest.param("a in ( b , c )", [{"a": "c"}], [{}], id="in with spaces inside"),
    pytest.param("a notin (b,c)", [{}, {"a": "d"}], [{"a": "b"}], id="notin, absent too"),
    pytest.param("a in ()", [{"a": ""}], [{}, {"a": "b"}], id="in nothing"),
    pytest.param("a in (,b)", [{"a": ""}, {"a": "b"}], [{}], id="in nothing or b"),
    pytest.param("a in (b,)", [{"a": ""}, {"a": "b"}], [{}], id="in b or nothing"),
    pytest.param("a in (b,,c)", [{"a": ""}, {"a": "c"}], [{}], id="in, two commas"),
    pytest.param("a notin ()", [{}, {"a": "b"}], [{"a": ""}], id="notin nothing"),
    pytest.param("a in (b),c", [{"a": "b", "c": ""}], [{"a": "b"}], id="in, and more"),
    pytest.param("a in (in,notin)", [{"a": "in"}], [{"a": "b"}], id="keywords as values"),
    pytest.param("in", [{"in": ""}], [{}], id="a keyword as a key"),
    pytest.param("in in (in)", [{"in": "in"}], [{"in": "b"}], id="keywords all over"),
    pytest.param("notin=in", [{"notin": "in"}], [{}], id="a keyword equals a keyword"),
    pytest.param("index=b", [{"index": "b"}], [{}], id="a key that begins like a keyword"),
    pytest.param("x.io/a=b", [{"x.io/a": "b"}], [{"a": "b"}], id="a prefixed key"),
    pytest.param("A=B", [{"A": "B"}], [{"a": "b"}], id="case counts"),
    pytest.param("a>4", [{"a": "5"}], [{}, {"a": "4"}, {"a": "b"}], id="greater"),
    pytest.param("a > 4", [{"a": "10"}], [{"a": "4"}], id="greater, with spaces"),
    pytest.param("a<4,b", [{"a": "3", "b": ""}], [{"a": "5", "b": ""}, {"a": "3"}], id="less"),
]


@pytest.mark.parametrize(("text", "selected", "others"), TEXTS)
def test_kubectls_selectors(
    text: str, selected: list[dict[str, str]], others: list[dict[str, str]]
) -> None:
    found = parse_selector(text)
    assert [labels for labels in selected if not selector_matches(found, labels)] == []
    assert [labels for labels in others if selector_matches(found, labels)] == []


NO_SELECTORS = [
    pytest.param(",", id="a comma"),
    pytest.param("a,", id="a comma at the end"),
    pytest.param("a, ", id="a comma and a space at the end"),
    pytest.param(",a", id="a comma at the beginning"),
    pytest.param("a,,b", id="two commas"),
    pytest.param("=b", id="no key"),
    pytest.param("!", id="not, alone"),
    pytest.param("!!a", id="not not"),
    pytest.param("!a=b", id="not and equals"),
    pytest.param("!a in (b)", id="not and in"),
    pytest.param("a===b", id="three equals"),
    pytest.param("a=b=c", id="two values"),
    pytest.param("a=!b", id="a value with not"),
    pytest.param("a b", id="two words"),
    pytest.param("a=b c", id="two words after equals"),
    pytest.param("a in b", id="in without parentheses"),
    pytest.param("a in", id="in without values"),
    pytest.param("a notin", id="notin without values"),
    pytest.param("a in (b", id="no closing parenthesis"),
    pytest.param("a in b)", id="no opening parenthesis"),
    pytest.param("a in (b))", id="two closing parentheses"),
    pytest.param("a in ((b))", id="parentheses in parentheses"),
    pytest.param("a in (b c)", id="no comma between values"),
    pytest.param("a in (b=c)", id="equals among values"),
    pytest.param("a in (!b)", id="not among values"),
    pytest.param("a IN (b)", id="in capitals"),
    pytest.param("ain (b)", id="no space before in"),
    pytest.param("ain(b)", id="no space around in"),
    pytest.param("anotin(b)", id="no space around notin"),
    pytest.param("(a)", id="parentheses"),
    pytest.param("a-=b", id="no label key"),
    pytest.param("a/b/c", id="two slashes"),
    pytest.param("Example.com/a", id="an upper-case prefix"),
    pytest.param("a=-b", id="no label value"),
    pytest.param("a=b/c", id="a slash in a value"),
    pytest.param("a=" + "b" * 64, id="too long a value"),
    pytest.param("a in (b,-c)", id="no label value among others"),
    pytest.param('a="b"', id="quotes"),
    pytest.param("a=ü", id="an umlaut"),
    pytest.param("a\u00a0=b", id="a no-break space"),
    pytest.param("a in (\u00a0b)", id="a no-break space before a value"),
    pytest.param("a\v=b", id="a vertical tab"),
    pytest.param("a=b;c=d", id="a semicolon"),
    pytest.param("a>b", id="greater than a word"),
    pytest.param("a>-1", id="greater than no label value"),
    pytest.param("a>", id="greater than nothing"),
    pytest.param("a=>b", id="an arrow"),
]


@pytest.mark.parametrize("text", NO_SELECTORS)
def test_what_is_no_selector(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(text)) + "|is not a label|integer"):
        parse_selector(text)


# Properties. The oracle below is a direct reading of the rule, in its own order:
# LazyErrorNodeSelector.Match over newNodeSelectorTerm over NewRequirement.

KEY = st.sampled_from(["k", "l", "example.com/k", "metadata.name", "", "-", "Up.per/k"])
LABEL = st.sampled_from(["", "a", "b", "1", "2", "10", "-1", "+1", "007", "a b", "x" * 64, "٣"])
OPERATOR = st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt", "Is", ""])
REQUIREMENT = st.builds(
    lambda key, operator, values: requirement(key, operator, *values),
    KEY,
    OPERATOR,
    st.lists(LABEL, max_size=3),
)
FIELD = st.builds(
    lambda key, operator, values: requirement(key, operator, *values),
    st.sampled_from(["metadata.name", "metadata.uid"]),
    OPERATOR,
    st.lists(st.sampled_from(["n", "m", ""]), max_size=2),
)
TERM = st.builds(
    lambda expressions, fields: NodeSelectorTerm(
        match_expressions=tuple(expressions) or None, match_fields=tuple(fields) or None
    ),
    st.lists(REQUIREMENT, max_size=2),
    st.lists(FIELD, max_size=1),
)
NODE_LABELS = st.dictionaries(KEY, LABEL, max_size=4)


def oracle_integer(text: str) -> int | None:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits or any(digit not in "0123456789" for digit in digits):
        return None
    number = 0
    for digit in digits:
        number = number * 10 + "0123456789".index(digit)
    number = -number if text[0] == "-" else number
    return number if -(2**63) <= number < 2**63 else None


ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def oracle_name(text: str) -> bool:
    return (
        0 < len(text) <= 63
        and all(sign in ALNUM + "-_." for sign in text)
        and text[0] in ALNUM
        and text[-1] in ALNUM
    )


def oracle_key(text: str) -> bool:
    parts = text.split("/")
    if len(parts) > 2 or not oracle_name(parts[-1]):
        return False
    if len(parts) == 1:
        return True
    lower = set(ALNUM[26:])
    return len(parts[0]) <= 253 and all(
        label and label[0] in lower and label[-1] in lower and set(label) <= lower | {"-"}
        for label in parts[0].split(".")
    )


def oracle_parses(expression: NodeSelectorRequirement) -> bool:
    values = expression.values or ()
    counts = {
        "In": len(values) >= 1,
        "NotIn": len(values) >= 1,
        "Exists": not values,
        "DoesNotExist": not values,
        "Gt": len(values) == 1 and oracle_integer(values[0]) is not None,
        "Lt": len(values) == 1 and oracle_integer(values[0]) is not None,
    }
    return (
        counts.get(expression.operator, False)
        and oracle_key(expression.key)
        and all(value == "" or oracle_name(value) for value in values)
    )


def oracle_holds(expression: NodeSelectorRequirement, labels: Mapping[str, str]) -> bool:
    there = expression.key in labels
    label = labels.get(expression.key, "")
    values = expression.values or ()
    if expression.operator == "In":
        return there and label in values
    if expression.operator == "NotIn":
        return not there or label not in values
    if expression.operator == "Exists":
        return there
    if expression.operator == "DoesNotExist":
        return not there
    number, bound = oracle_integer(label), oracle_integer(values[0])
    if not there or number is None or bound is None:
        return False
    return number > bound if expression.operator == "Gt" else number < bound


def oracle_field(expression: NodeSelectorRequirement, name: str) -> bool:
    values = expression.values or ()
    if expression.operator not in ("In", "NotIn") or len(values) != 1:
        return False
    actual = name if expression.key == "metadata.name" else ""
    return (actual == values[0]) == (expression.operator == "In")


def oracle_term(one: NodeSelectorTerm, labels: Mapping[str, str], name: str) -> bool:
    expressions, fields = one.match_expressions or (), one.match_fields or ()
    if not expressions and not fields:
        return False
    if not all(oracle_parses(item) for item in expressions):
        return False
    return all(oracle_holds(item, labels) for item in expressions) and all(
        oracle_field(item, name) for item in fields
    )


@OFTEN
@given(st.lists(TERM, max_size=3), NODE_LABELS)
def test_no_failures_if_and_only_if_a_term_matches(
    terms: list[NodeSelectorTerm], labels: dict[str, str]
) -> None:
    found = affinity_failures(terms, labels, "n")
    assert (found is None) == any(oracle_term(item, labels, "n") for item in terms)


@OFTEN
@given(st.lists(TERM, min_size=1, max_size=3), NODE_LABELS)
def test_failures_are_those_expressions_that_do_not_hold(
    terms: list[NodeSelectorTerm], labels: dict[str, str]
) -> None:
    found = affinity_failures(terms, labels, "n")
    if found is None:
        return
    expected = [
        (position, item)
        for position, one in enumerate(terms)
        for item, fails in [
            *(
                (item, not oracle_parses(item) or not oracle_holds(item, labels))
                for item in one.match_expressions or ()
            ),
            *((item, not oracle_field(item, "n")) for item in one.match_fields or ()),
        ]
        if fails
    ]
    assert [(item.term, item.requirement) for item in found] == expected


@OFTEN
@given(REQUIREMENT)
def test_a_problem_is_told_if_and_only_if_there_is_one(wrong: NodeSelectorRequirement) -> None:
    assert (problem(wrong) is None) == oracle_parses(wrong)


@OFTEN
@given(st.lists(LABEL.filter(oracle_name), min_size=1, max_size=3), NODE_LABELS)
def test_not_in_is_the_complement_of_in(values: list[str], labels: dict[str, str]) -> None:
    inside = matches([term(requirement("k", "In", *values))], labels)
    outside = matches([term(requirement("k", "NotIn", *values))], labels)
    assert inside is not outside


@OFTEN
@given(NODE_LABELS)
def test_does_not_exist_is_the_complement_of_exists(labels: dict[str, str]) -> None:
    there = matches([term(requirement("k", "Exists"))], labels)
    assert there is not matches([term(requirement("k", "DoesNotExist"))], labels)


NEAR_INTEGERS = st.one_of(
    st.text("0123456789+-_ ٣.", max_size=22),
    st.integers(SMALLEST - 2, SMALLEST + 2).map(str),
    st.integers(LARGEST - 2, LARGEST + 2).map(str),
    st.integers().map(lambda number: f"{number:+}"),
    st.integers().map(lambda number: f"{number:030}"),
)


@OFTEN
@given(NEAR_INTEGERS)
def test_integers_are_those_of_64_bits(text: str) -> None:
    assert integer(text) == oracle_integer(text)


KEPT = {"In": "in", "NotIn": "notin"}


def written(item: NodeSelectorRequirement) -> str:
    if item.operator == "Exists":
        return item.key
    if item.operator == "DoesNotExist":
        return f"!{item.key}"
    return f"{item.key} {KEPT[item.operator]} ({','.join(item.values or ())})"


GOOD = REQUIREMENT.filter(lambda item: item.operator not in ("Gt", "Lt") and oracle_parses(item))


@OFTEN
@given(st.lists(GOOD, max_size=4), NODE_LABELS)
def test_a_selector_that_was_written_down_selects_the_same(
    items: list[NodeSelectorRequirement], labels: dict[str, str]
) -> None:
    text = ",".join(written(item) for item in items)
    expected = all(oracle_holds(item, labels) for item in items)
    assert selector_matches(parse_selector(text), labels) is expected


def test_a_failure_is_a_value() -> None:
    failure = Failure(term=0, requirement=K_IS_A, actual=None, problem=None)
    assert affinity_failures([term(K_IS_A)], {}, "n") == [failure]


# meta/v1/helpers.go, LabelSelectorAsSelector: nil is Nothing(), an empty one Everything().
@pytest.mark.parametrize(("chosen", "expected"), [(None, False), (LabelSelector(), True)])
def test_a_selector_that_is_left_out_matches_nothing(
    chosen: LabelSelector | None, expected: bool
) -> None:
    assert selects(chosen, {"a": "b"}) is expected


NAMES, VALUES = st.sampled_from(["k", "l", "example.com/k"]), st.sampled_from(["a", "b", "c"])
ANY_SELECTOR = st.builds(
    LabelSelector,
    match_labels=st.none() | st.dictionaries(NAMES, VALUES, max_size=2),
    match_expressions=st.none()
    | st.lists(
        st.one_of(
            st.builds(
                lambda key, operator, values: requirement(key, operator, *values),
                NAMES,
                st.sampled_from(["In", "NotIn"]),
                st.lists(VALUES, min_size=1, max_size=2),
            ),
            st.builds(requirement, NAMES, st.sampled_from(["Exists", "DoesNotExist"])),
        ),
        max_size=2,
    ).map(tuple),
)


@given(ANY_SELECTOR, st.dictionaries(NAMES, VALUES, max_size=3))
def test_a_selector_reads_back_as_it_is_written(
    chosen: LabelSelector, labels: dict[str, str]
) -> None:
    expected = selector_matches(chosen, labels)
    assert selector_matches(parse_selector(selector_text(chosen)), labels) is expected
    assert bool(expression_failures(chosen, labels)) is not expected
