"""Names compared as SQL compares them."""

from pynetdb.rows.names import casefold_ascii


def test_only_ascii_letters_have_no_case() -> None:
    assert casefold_ascii("AbZ_9É") == "abz_9É"
