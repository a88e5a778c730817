"""Headers of other tables are told from rows."""

from pynetdb.rows.other_tables import OtherTables


def test_what_has_no_digit_where_all_rows_have_one_is_no_row() -> None:
    tables = OtherTables(["id", "name", "day"])
    assert not tables.knows_columns() and tables.fits(["who", "what", "when"])
    for row in (["1", "Ann", "2020-01-02"], ["2", "", ""], ["3", "R2", "2020-01-03"]):
        tables.learn(row)
    assert tables.knows_columns()
    assert tables.fits(["4", "Bob", ""]) and not tables.fits(["who", "what", "when"])
    assert tables.fits(["4"])
    for _ in range(300):
        tables.learn(["5", "x", "2020-01-04"])
    tables.learn(["x", "x", "x"])
    assert not tables.fits(["who", "what", "when"])


def test_what_a_header_looks_like() -> None:
    tables = OtherTables(None)
    assert tables.like_header(["region", "total 2020"])
    for fields in (["a"], ["a", ""], ["a", "A "], ["a", "1,5"], ["a", "5 %"]):
        assert not tables.like_header(fields)
    assert not tables.repeats_header(["a", "b"])
    assert OtherTables(["a", "b"]).repeats_header(["a", "b"])
