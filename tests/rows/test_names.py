"""Names compared as SQL compares them."""

from pynetdb.rows.names import casefold_ascii, free_name


def test_only_ascii_letters_have_no_case() -> None:
    assert casefold_ascii("AbZ_9É") == "abz_9É"


def test_a_name_that_is_free() -> None:
    assert [free_name("a", taken) for taken in (set(), {"a"}, {"a", "a_2"})] == ["a", "a_2", "a_3"]
    assert free_name("A", {"b"}, first=2) == "A_2"
