"""What is offered while a filter is being written."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.capture.filter import FilterError, compile_filter
from inspector.capture.filter.completion import complete, quoted
from inspector.capture.filter.parser import parse_filter
from inspector.capture.filter.syntax import Comparison

KNOWN = {"bucket": ['my_todos["user-1"]', "all_notes[]"], "type": ["todos", "notes"]}


def offered(text: str) -> list[str]:
    return [offer.text for offer in complete(text, len(text), lambda name: KNOWN.get(name, []))]


def completed(text: str) -> str:
    """What the first offer makes of it."""
    first = complete(text, len(text), lambda name: KNOWN.get(name, []))[0]
    return text[: first.start] + first.text


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("ki", "kind"),
        ("kind == da", "kind == data"),
        ("kind == data and buc", "kind == data and bucket"),
        ("bucket == my", "bucket == 'my_todos[\"user-1\"]'"),
        ('bucket == "all', "bucket == all_notes[]"),
        ("type in (todos, no", "type in (todos, notes"),
        ("kind == data a", "kind == data and"),
        ("outcome == h", "outcome == held"),
        ("not err", "not error"),
        ("sin", "since checkpoint"),
        ("plumber", '"plumber"'),
        ("kind == data and plumber", 'kind == data and "plumber"'),
    ],
)
def test_the_first_offer_is_what_was_begun(text: str, whole: str) -> None:
    assert completed(text) == whole


def test_comparisons_fit_the_field() -> None:
    assert offered("ops ") == ["==", "!=", ">", ">=", "<", "<=", "in", "and", "or"]
    assert "~" in offered("bucket ")
    assert offered("plumber ") == ["and", "or"]


@settings(max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30))
def test_a_quoted_value_is_read_as_it_was(value: str) -> None:
    node = parse_filter(f"bucket == {quoted(value)}")
    assert isinstance(node, Comparison)
    assert node.value.text == value


@settings(max_examples=50)
@given(st.text(max_size=40))
def test_no_text_breaks_the_parser_or_the_completion(text: str) -> None:
    complete(text, len(text), lambda _: [])
    with suppress(FilterError):
        compile_filter(text)
