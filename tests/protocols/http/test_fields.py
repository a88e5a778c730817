"""Fields: the grammar of one line, its limits, there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.protocols.http.fields import (
    FieldError,
    Fields,
    encode_fields,
    parse_field_line,
    parse_length,
    shorten,
)


def test_names_compare_without_regard_to_case_and_order_is_kept() -> None:
    fields = Fields((("Accept", "a, B"), ("Host", "h"), ("ACCEPT", ",c ,")))
    assert fields.get("accept") == "a, B, ,c ,"
    assert fields.get_all("Accept") == ("a, B", ",c ,")
    assert fields.tokens("accept") == ["a", "b", "c"]
    assert (fields.get("x"), fields.get_all("x"), fields.tokens("x")) == (None, (), [])


def test_fields_are_equal_if_their_pairs_are() -> None:
    one, same, other = (Fields((("A", value),)) for value in "xxy")
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert repr(one) == "Fields((('A', 'x'),))"


@pytest.mark.parametrize(
    ("line", "pair"),
    [
        (b"Host: a", ("Host", "a")),
        (b"X:\t a b \t", ("X", "a b")),
        (b"X:", ("X", "")),
        (b"X: \xe9", ("X", "é")),
        (b"!#$%&'*+-.^_`|~09: y", ("!#$%&'*+-.^_`|~09", "y")),
    ],
)
def test_a_line(line: bytes, pair: tuple[str, str]) -> None:
    assert parse_field_line(line) == pair


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b" folded", "a field line begins with white space, expected no folded lines"),
        (b"\tX: y", "a field line begins with white space, expected no folded lines"),
        (b"no colon", "a field line without a colon: 'no colon'"),
        (b"X : y", "a bad field name: 'X ', expected a token"),
        (b": y", "a bad field name: '', expected a token"),
        (b"X: a\rb", "a control character in the value of X: ' a\\rb'"),
        (b"X: a\0", "a control character in the value of X: ' a\\x00'"),
    ],
)
def test_what_is_no_line(line: bytes, complaint: str) -> None:
    with pytest.raises(FieldError) as caught:
        parse_field_line(line)
    assert str(caught.value) == complaint


@given(st.binary(max_size=20))
def test_any_bytes_are_a_field_or_an_error(line: bytes) -> None:
    try:
        pair = parse_field_line(line)
    except FieldError:
        return
    assert parse_field_line(encode_fields([pair])[:-2]) == pair


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=4))
def test_what_is_encoded_is_read_back(pairs: list[tuple[str, str]]) -> None:
    try:
        lines = encode_fields(pairs)
    except FieldError:
        return
    assert [parse_field_line(line) for line in lines.split(b"\r\n")[:-1]] == pairs


@given(st.integers(0, 10**18 - 1))
def test_a_length_is_read_back(length: int) -> None:
    assert parse_length(str(length)) == length


@pytest.mark.parametrize("text", ["", "-1", "+1", "1 ", "0x1", "1_0", "\xb2", "1" * 19])
def test_what_is_no_length(text: str) -> None:
    with pytest.raises(FieldError):
        parse_length(text)


def test_what_a_peer_sent_is_shown_on_one_line() -> None:
    assert shorten(b"a\r\n\x1b\xff") == r"'a\r\n\x1b\xff'"
    assert shorten(b"x" * 61) == f"'{'x' * 60}'..."
