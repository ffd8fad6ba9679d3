"""Markdown for tickets: what comes from data is shown letter by letter."""

import pytest

from inspector.analysis.markdown import plain, table_head, table_row, with_names


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a|b", r"a\|b"),
        ("<img src=x>\n# head", r"\<img src=x\> \# head"),
        ("*not* _bold_ [x](y) `z`", r"\*not\* \_bold\_ \[x\](y) \`z\`"),
    ],
)
def test_text_of_data_is_no_markup(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_names_of_a_finding_stay_names() -> None:
    assert with_names("Look at `ps_crud` and a_b.") == r"Look at `ps_crud` and a\_b."
    assert with_names("one ` alone") == r"one \` alone"


def test_a_table_has_as_many_cells_as_titles() -> None:
    assert table_head(["n", "x"]).split("\n") == ["| n | x |", "| --- | --- |"]
    assert table_row(["1", "a|b"]) == r"| 1 | a\|b |"
