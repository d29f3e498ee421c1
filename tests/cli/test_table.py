"""Tables and paragraphs fit 80 columns, whatever stands in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_sm.cli.table import WIDTH, Row, columns, paragraph, table, wrap

HEADER = ("NAME", "VALUE")


def test_columns_are_as_wide_as_their_longest_cell() -> None:
    rows = [Row(("a", "1")), Row(("longer", "22"))]
    assert list(table(HEADER, rows)) == ["NAME    VALUE", "a       1", "longer  22"]


def test_a_table_without_rows_is_its_header() -> None:
    assert list(table(HEADER, [])) == ["NAME  VALUE"]


def test_a_cell_too_long_goes_on_in_the_next_line_within_its_column() -> None:
    rows = [Row(("short", "x" * 70 + "/" + "y" * 20)), Row(("next", "1"))]
    assert list(table(HEADER, rows)) == [
        "NAME   VALUE",
        "short  " + "x" * 70 + "/",
        "       " + "y" * 20,
        "next   1",
    ]


def test_the_widest_columns_give_way_first_and_the_first_column_last() -> None:
    lines = list(table(("A", "B", "C"), [Row(("a" * 30, "b" * 60, "c" * 40))]))
    assert lines[1] == f"{'a' * 30}  {'b' * 23}  {'c' * 23}"
    assert max(map(len, lines)) == WIDTH
    lines = list(table(("A", "B", "C"), [Row(("a" * 60, "b" * 60, "c" * 10))]))
    assert lines[1] == f"{'a' * 50}  {'b' * 16}  {'c' * 10}"


def test_notes_stand_indented_below_their_row() -> None:
    notes = (("one two " * 15, "mend it"), ("", "only mend it"), ("", ""), ("a reason", ""))
    assert list(table(("NAME",), [Row(("a",), notes), Row(("b",))])) == [
        "NAME",
        "a",
        "    " + " ".join(["one two"] * 9) + " one",
        "    two " + " ".join(["one two"] * 5),
        "    -> mend it",
        "    -> only mend it",
        "    a reason",
        "b",
    ]


def test_a_paragraph_hangs_below_its_first_line() -> None:
    assert list(paragraph("word " * 20)) == [
        " ".join(["word"] * 15),
        "    " + " ".join(["word"] * 5),
    ]


def test_a_paragraph_of_one_line_is_that_line() -> None:
    assert list(paragraph("text", first=4)) == ["    text"]


def test_a_path_too_long_for_a_line_is_broken_behind_its_separators() -> None:
    path = "/" + "/".join(["folder-name"] * 10)
    lines = wrap(path, 30)
    assert lines[0] == "/folder-name/folder-name/"
    assert "".join(lines) == path


def test_a_word_without_separators_is_cut() -> None:
    assert wrap("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]


def test_wide_characters_count_twice_and_combining_ones_not() -> None:
    assert (columns("漢字"), columns("e\u0301"), columns("é")) == (4, 1, 1)
    lines = list(table(HEADER, [Row(("漢字", "1")), Row(("abcd", "2"))]))
    assert lines == ["NAME  VALUE", "漢字  1", "abcd  2"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("two\nlines", "two lines"),
        ("\udcff", "\\udcff"),
        ("right\u202eleft", "right\\u202eleft"),
        ("Größe 漢", "Größe 漢"),
    ],
)
def test_what_a_terminal_would_act_on_is_an_escape(text: str, shown: str) -> None:
    assert list(paragraph(text)) == [shown]


@given(st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=3))
def test_no_line_is_longer_than_the_terminal(rows: list[tuple[str, str, str]]) -> None:
    lines = table(("A", "B", "C"), [Row(cells, (cells[:2],)) for cells in rows])
    assert all(columns(line) <= WIDTH and "\n" not in line for line in lines)


@given(st.text(), st.integers(2, 80))
def test_wrapping_loses_nothing_but_blanks(text: str, width: int) -> None:
    text = "".join(c for c in text if c.isprintable())
    assert "".join(wrap(text, width)).replace(" ", "") == text.replace(" ", "")
