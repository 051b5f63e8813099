"""Label selectors, and the node selector terms of a required node affinity.

Sources: apimachinery ``pkg/labels/selector.go`` and ``pkg/util/validation``; component-helpers
``scheduling/corev1/nodeaffinity/nodeaffinity.go``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from kubectl_ds.core.meta import Value
from kubectl_ds.core.pods import (
    LabelSelector,
    LabelSelectorRequirement,
    NodeSelectorRequirement,
    NodeSelectorTerm,
)

_NAME = r"[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?"
_SUBDOMAIN = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*"
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_INT64 = range(-(2**63), 2**63)
_FIELD = "metadata.name"
_OPERATORS = {"In": "{key} in ({values})", "NotIn": "{key} notin ({values})"}
_OPERATORS |= {"Exists": "{key}", "DoesNotExist": "!{key}"}


def valid_value(text: str) -> bool:
    """Whether the text may be a label's value (``IsValidLabelValue``)."""
    return len(text) <= 63 and (not text or re.fullmatch(_NAME, text) is not None)


def valid_key(text: str) -> bool:
    """Whether the text may be a label's key (``IsQualifiedName``)."""
    prefix, slash, name = text.rpartition("/")
    if slash and not (len(prefix) <= 253 and re.fullmatch(_SUBDOMAIN, prefix)):
        return False
    return len(name) <= 63 and re.fullmatch(_NAME, name) is not None


def integer(text: str) -> int | None:
    """The 64-bit integer that the text stands for (Go's ``strconv.ParseInt``), or None."""
    if _INTEGER.fullmatch(text) is None or len(text.lstrip("+-0")) > 19:
        return None
    number = int(text[0].strip("0123456789") + (text.lstrip("+-0") or "0"))
    return number if number in _INT64 else None


def problem(requirement: NodeSelectorRequirement) -> str | None:
    """Why Kubernetes can't parse an expression on labels; None where it can.

    A term with such an expression matches no node (``labels.NewRequirement``).
    """
    values = requirement.values or ()
    wrong = _wrong_count(requirement.operator, values)
    if wrong:
        return wrong
    if requirement.operator in ("Gt", "Lt") and integer(values[0]) is None:
        return f"{requirement.operator} takes an integer, not {values[0]!r}"
    if not valid_key(requirement.key):
        return f"{requirement.key!r} is not a label key"
    invalid = next((value for value in values if not valid_value(value)), None)
    return None if invalid is None else f"{invalid!r} is not a label value"


def _wrong_count(operator: str, values: Sequence[str]) -> str | None:
    if operator in ("In", "NotIn"):
        return None if values else f"{operator} takes at least one value"
    if operator in ("Exists", "DoesNotExist"):
        return f"{operator} takes no values" if values else None
    if operator in ("Gt", "Lt"):
        return None if len(values) == 1 else f"{operator} takes exactly one value"
    return f"{operator!r} is not an operator"


def _field_problem(requirement: NodeSelectorRequirement) -> str | None:
    if requirement.operator not in ("In", "NotIn"):
        return f"{requirement.operator!r} is not an operator for fields"
    if len(requirement.values or ()) != 1:
        return f"{requirement.operator} on a field takes exactly one value"
    return None


def _holds(requirement: NodeSelectorRequirement, actual: str | None) -> bool:
    values = requirement.values or ()
    operator = requirement.operator
    if operator == "In":
        return actual in values
    if operator == "NotIn":
        return actual not in values
    if operator == "Exists":
        return actual is not None
    if operator == "DoesNotExist":
        return actual is None
    return operator in ("Gt", "Lt") and _compares(operator, actual, "".join(values[:1]))


def _compares(operator: str, actual: str | None, wanted: str) -> bool:
    have, want = integer(actual or ""), integer(wanted)
    if have is None or want is None:
        return False
    return have > want if operator == "Gt" else have < want


class Failure(Value, frozen=True):
    """An expression of a term that a node does not satisfy.

    Attributes:
        term: the position of the term among the affinity's terms, from 0.
        requirement: the expression as the template has it.
        actual: the node's value, None where the node has no such label.
        problem: why the expression can't be parsed, None where it can.
    """

    term: int
    requirement: NodeSelectorRequirement
    actual: str | None
    problem: str | None


def term_failures(
    term: NodeSelectorTerm, position: int, labels: Mapping[str, str], node_name: str
) -> list[Failure] | None:
    """What keeps a term from matching a node: empty where it matches.

    None stands for a term without any expression, which matches nothing.
    """
    expressions, fields = term.match_expressions or (), term.match_fields or ()
    if not expressions and not fields:
        return None
    failures = []
    for requirement in expressions:
        why, actual = problem(requirement), labels.get(requirement.key)
        if why or not _holds(requirement, actual):
            failures.append(
                Failure(term=position, requirement=requirement, actual=actual, problem=why)
            )
    for requirement in fields:
        why = _field_problem(requirement)
        actual = node_name if requirement.key == _FIELD else ""
        if why or not _holds(requirement, actual):
            failures.append(
                Failure(term=position, requirement=requirement, actual=actual, problem=why)
            )
    return failures


def affinity_failures(
    terms: Sequence[NodeSelectorTerm], labels: Mapping[str, str], node_name: str
) -> list[Failure] | None:
    """What keeps a required node affinity from matching a node; None where it matches.

    The terms are ORed, zero terms match nothing (``LazyErrorNodeSelector.Match``).
    """
    everything: list[Failure] = []
    for position, term in enumerate(terms):
        failures = term_failures(term, position, labels, node_name)
        if failures == []:
            return None
        everything += failures or []
    return everything


def selector_matches(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Whether a label selector matches; an empty one matches everything.

    Source: apimachinery ``meta/v1/helpers.go``, ``LabelSelectorAsSelector``.
    """
    if not (selector.match_labels or {}).items() <= labels.items():
        return False
    expressions = selector.match_expressions or ()
    return not expressions or all(_holds(item, labels.get(item.key)) for item in expressions)


def selects(selector: LabelSelector | None, labels: Mapping[str, str]) -> bool:
    """The same where the selector may be left out, which matches nothing."""
    return selector is not None and selector_matches(selector, labels)


def selector_text(selector: LabelSelector) -> str:
    """A label selector as ``kubectl -l`` takes it; empty where it matches everything."""
    parts = [f"{key}={value}" for key, value in (selector.match_labels or {}).items()]
    for item in selector.match_expressions or ():
        values = ",".join(item.values or ())
        form = _OPERATORS.get(item.operator, f"{{key}} {item.operator} ({{values}})")
        parts.append(form.format(key=item.key, values=values))
    return ",".join(parts)


def expression_failures(selector: LabelSelector, labels: Mapping[str, str]) -> list[Failure]:
    """The requirements of a label selector that a set of labels does not meet."""
    equal = (
        LabelSelectorRequirement(key=key, operator="In", values=(value,))
        for key, value in (selector.match_labels or {}).items()
    )
    return [
        Failure(term=0, requirement=requirement, actual=labels.get(requirement.key), problem=None)
        for requirement in (*equal, *(selector.match_expressions or ()))
        if not _holds(requirement, labels.get(requirement.key))
    ]


_SPACE = " \t\r\n"
_WORD = r"[^ \t\r\n\v\f,()=!<>]"
_TEXT = rf"""(?x)[{_SPACE}]*(?:
        ![{_SPACE}]*(?P<absent>{_WORD}+)
      | (?P<key>{_WORD}+)[{_SPACE}]*(?:
            (?P<comparison>==|=|!=|<|>)[{_SPACE}]*(?P<value>{_WORD}*)
          | (?P<set>in|notin)[{_SPACE}]*\((?P<values>[^()]*)\)
        )?
    )[{_SPACE}]*"""
_COMPARISONS = {"=": "In", "==": "In", "!=": "NotIn", ">": "Gt", "<": "Lt"}
_SETS = {"in": "In", "notin": "NotIn"}


@lru_cache(maxsize=64)
def parse_selector(text: str) -> LabelSelector:
    """Read a label selector as ``kubectl -l`` takes it: ``a=b,c!=d,e in (f,g),h,!i,j>4``.

    Raises:
        ValueError: the text is no selector; the message says from where on.
    """
    expressions: list[LabelSelectorRequirement] = []
    position, end = 0, len(text.rstrip(_SPACE))
    while position < end:
        match = re.compile(_TEXT).match(text, position)
        if match is None or (match.end() < end and text[match.end()] != ","):
            raise ValueError(f"can't read the selector {text!r} from {text[position:]!r} on")
        expressions.append(_expression(match))
        position = match.end() + 1
    if text[:end].endswith(","):
        raise ValueError(f"the selector {text!r} ends with a comma")
    return LabelSelector(match_expressions=tuple(expressions))


def _expression(match: re.Match[str]) -> LabelSelectorRequirement:
    operator, values = _condition(match)
    requirement = LabelSelectorRequirement(
        key=match["key"] or match["absent"], operator=operator, values=values or None
    )
    wrong = problem(requirement)
    if wrong:
        raise ValueError(f"the selector {match[0].strip()!r} can't be used: {wrong}")
    return requirement


def _condition(match: re.Match[str]) -> tuple[str, tuple[str, ...]]:
    if match["comparison"]:
        return _COMPARISONS[match["comparison"]], (match["value"],)
    if match["set"]:
        return _SETS[match["set"]], tuple(
            value.strip(_SPACE) for value in match["values"].split(",")
        )
    return ("DoesNotExist" if match["absent"] else "Exists"), ()
