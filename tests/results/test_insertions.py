"""What came of an insertion is said."""

from pynetdb.db.data_columns import InexactColumn
from pynetdb.db.existing_columns import ExistingColumns, TextsAmongNumbers
from pynetdb.results.insertions import describe_existing, describe_inexact


def test_why_columns_are_text() -> None:
    column = InexactColumn("depth", "9.50", 9.5)
    told = "depth is TEXT because 9.50 would come back as 9.5; --types numeric makes it a number"
    assert describe_inexact([column]) == [told]
    assert describe_inexact([column] * 7)[-1] == "2 more columns of numbers are TEXT for the same reason"
    assert describe_inexact([]) == []


def test_a_decimal_comma_is_named() -> None:
    told = "amount is TEXT because -12,50 has a decimal comma; --decimal , makes it a number"
    assert describe_inexact([InexactColumn("amount", "-12,50", None)]) == [told]
    told = "amount is TEXT because 1.5 is no number with a decimal comma; without --decimal , it is one"
    assert describe_inexact([InexactColumn("amount", "1.5", None, comma_wanted=True)]) == [told]


def test_what_a_table_that_was_there_made_other() -> None:
    texts = [
        TextsAmongNumbers("price", "REAL", "1,50", 2, comma=True),
        TextsAmongNumbers("size", "INT", "x" * 99, 1, comma=False),
    ]
    kept = [InexactColumn("note", "2,50", None)]
    found = ExistingColumns(texts, kept, ["zip"], [], ["a", "b"])
    assert describe_existing("t", found, from_file=True) == [
        "price is REAL, but 2 values stayed text, such as 1,50; --decimal , makes it a number",
        f"size is INT, but 1 value stayed text, such as {'x' * 39}\u2026",
        "note is TEXT in t, so that 2,50 stayed text; db-create --replace makes the table anew",
        "t computes a, b itself: the values given for that are left out",
        "t was there, where --type changes nothing: zip has the type that it had",
        "t was there, where --pk changes nothing: its key is none",
    ]
    by_hand = describe_existing("t", found, from_file=False)
    assert by_hand[0] == "price is REAL, but 2 values stayed text, such as 1,50"
    assert describe_existing("t", ExistingColumns(), from_file=True) == []
    keyless = describe_existing("t", ExistingColumns(keys=[]), from_file=True)
    assert keyless == ["t was there, where --pk changes nothing: its key is none"]
