"""What came of an insertion is said."""

from pynetdb.db.data_columns import InexactColumn
from pynetdb.results.insertions import describe_inexact


def test_why_columns_are_text() -> None:
    column = InexactColumn("depth", "9.50", 9.5)
    told = "depth is TEXT because 9.50 would come back as 9.5; --types numeric makes it a number"
    assert describe_inexact([column]) == [told]
    assert describe_inexact([column] * 7)[-1] == "2 more columns of numbers are TEXT for the same reason"
    assert describe_inexact([]) == []


def test_a_decimal_comma_is_named() -> None:
    told = "amount is TEXT because -12,50 has a decimal comma; --decimal , makes it a number"
    assert describe_inexact([InexactColumn("amount", "-12,50", None)]) == [told]
