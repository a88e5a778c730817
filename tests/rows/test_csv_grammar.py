"""What a record is, for any characters."""

from pynetdb.rows.csv_grammar import CsvGrammar


def test_records_and_fields() -> None:
    grammar = CsvGrammar(";", "'")
    assert grammar.records.fullmatch("a;'b;\n'\n;c\r\n")
    assert not grammar.records.fullmatch("a;b'c\n")
    assert grammar.fields("a;'b;''c'\r\n") == ["a", "b;'c"] and grammar.fields("\n") == []
    assert [match.group() for match in grammar.record.finditer("'a\n'\nb\n")] == ["'a\n'\n", "b\n", ""]
    assert grammar.count_quotes("''a'", 1) == (1, 2) and grammar.without_quoted("a'\r'b") == "ab"


def test_without_quotes() -> None:
    grammar = CsvGrammar("\t", None)
    assert grammar.records.fullmatch('"a\tb"c\n') and grammar.count_quotes('"', 1) == (0, 0)
    assert grammar.fields('"a\tb"c\n') == ['"a', 'b"c'] and grammar.without_quoted('"') == '"'
