"""The dialect of a file of delimited text: what the user says of it, and what its beginning shows."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable
from itertools import islice
from typing import NamedTuple

from pynetdb.errors import CommandLineError
from pynetdb.rows.csv_grammar import CsvGrammar

HEAD = 1 << 16
"""So many characters of a file are looked at."""

_DELIMITERS = (",", ";", "\t", "|")
_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}

# Excel says in its first line what separates the fields, and does not show that line.
_SEPARATOR_LINE = re.compile(r"sep=(.)(?:\r\n?|\n|\Z)")

# Where records are counted to compare delimiters: more do not make it surer.
_MAX_RECORDS = 500


class Dialect(NamedTuple):
    """How delimited text is to be read."""

    delimiter: str | None = None
    """None is what fits best."""
    quote: str | None = None
    """A character, `none`, or None for what the format says."""
    skip: int = 0
    """Lines to be left out at the beginning."""
    header: bool = True
    """Whether the first record names the columns."""
    columns: tuple[str, ...] = ()
    """Names in place of those in the file, or for a file without any."""
    decimal: str | None = None
    """What stands before the fraction of a number, if not a point."""
    nulls: tuple[str, ...] = ()
    """Texts that mean that there is no value."""
    lenient: bool = False
    """Whether rows that do not fit are made to."""

    def given(self) -> bool:
        """Whether anything was said that JSON does not have."""
        return self != Dialect(nulls=self.nulls)


class Shape(NamedTuple):
    """What a reader of delimited text has to know."""

    delimiter: str
    quote: str | None
    skip: int = 0
    swapped: bool = False
    """Whether lines end with CR alone."""
    undecided: bool = False
    """Whether there was no quote yet that would show whether quotes are CSV's."""


def find_shape(head: str, dialect: Dialect, form: str, name: str, tell: Callable[[str], None]) -> Shape:
    """Return the shape of a file that begins with `head`; `form` is `csv` or `tsv`.

    What is not as its name says is told. Raises CommandLineError where two delimiters fit, for a
    delimiter or quote that cannot be one, and for lines to be left out that are not there.
    """
    delimiter, quote = _given_characters(dialect)
    own = "\t" if form == "tsv" else ","
    whole = len(head) < HEAD
    swapped = _ends_with_cr(head, quote)
    if swapped:
        head = head.translate(SWAPPED)
        tell(f"{name}: lines end with a carriage return alone")
    skip = dialect.skip
    head = head.split("\n", skip)[-1] if head.count("\n") >= skip else ""
    if match := _SEPARATOR_LINE.match(head):
        skip += 1
        head = head[match.end() :]
        delimiter = delimiter or match[1]
        check_delimiter(delimiter)
    if delimiter is None:
        text = head if whole else _without_last_record(head, quote)
        delimiter = _find_delimiter(text, own, quote, name, dialect.lenient)
        if delimiter != own:
            tell(f"{name}: the fields are separated by {_NAMES[delimiter]}, not {_NAMES[own]}")
        elif not dialect.lenient:
            _tell_one_column(head.partition("\n")[0], own, name, tell)
    if quote == delimiter:
        raise _no_quote(quote)
    undecided = False
    if form == "tsv" and delimiter == "\t" and dialect.quote is None and not quotes_of_csv(head):
        quote, undecided = None, '"' not in head
    return Shape(delimiter, quote, skip, swapped, undecided)


def _given_characters(dialect: Dialect) -> tuple[str | None, str | None]:
    """Return the delimiter and the quote that are to be, if they can be: None is what fits, or no quote."""
    delimiter = "\t" if dialect.delimiter == "\\t" else dialect.delimiter
    if delimiter is not None:
        check_delimiter(delimiter)
    quote = '"' if dialect.quote is None else None if dialect.quote == "none" else dialect.quote
    if quote is not None and (len(quote) != 1 or quote in "\r\n\0"):
        raise _no_quote(quote)
    return delimiter, quote


def check_delimiter(delimiter: str) -> None:
    """Raise CommandLineError for what cannot be a delimiter."""
    if len(delimiter) != 1 or delimiter in '"\r\n\0':
        raise CommandLineError(
            f"{delimiter!r}: expected one character, not a quote or line end", hint="delimiter"
        )


def _no_quote(quote: str | None) -> CommandLineError:
    return CommandLineError(
        f"{quote!r}: expected one character that is no line end or delimiter, or none", hint="quote"
    )


SWAPPED = str.maketrans("\r\n", "\n\r")
"""Makes lines of what ends with CR, and keeps apart what is an LF inside of quotes."""


def _ends_with_cr(head: str, quote: str | None) -> bool:
    if "\r" not in head:
        return False
    cut = len(head) >= HEAD
    # At the end of a piece it may be half of a CRLF.
    outside = head.removesuffix("\r") if cut else head
    if quote is not None:
        mark = re.escape(quote)
        # What is open where the head is cut off ends behind it.
        last = f"(?:{mark}|\\Z)" if cut else mark
        outside = re.sub(f"{mark}[^{mark}]*{last}", "", outside)
    return "\r" in outside and "\n" not in outside


def quotes_of_csv(text: str) -> bool:
    """Whether quotes in tab-separated text are CSV's.

    The format itself has none (IANA, text/tab-separated-values): `"klm"` is five characters, and so they are
    unless every quote in the text belongs to a field that is quoted for a reason: it holds a tab, a line
    end or doubled quotes.
    """
    if '"' not in text:
        return False
    # The first line may be in the middle of a record; the last is cut off anywhere.
    rest = re.sub(r'(?:(?<=[\t\n])|\A)"((?:[^"]|"")*+)"(?=[\t\r\n]|\Z)', _take_out, text)
    rest = re.sub(r'(?:(?<=[\t\n])|\A)"(?:[^"]|"")*+\Z', "", rest)
    return '"' not in rest


def _take_out(match: "re.Match[str]") -> str:
    inside = match[1]
    return "" if not inside or re.search('""|[\t\r\n]', inside) else match[0]


def _without_last_record(text: str, quote: str | None) -> str:
    """Return a text that is cut off anywhere as far as its records are complete, if one of them is."""
    end = last = text.rfind("\n") + 1
    while end and quote is not None and text.count(quote, 0, end) & 1:
        # This newline stands inside of quotes.
        end = text.rfind("\n", 0, text.rfind(quote, 0, end)) + 1
    return text[: end or last] or text


def _find_delimiter(text: str, own: str, quote: str | None, name: str, lenient: bool) -> str:
    """Return the delimiter by which every record has the same number of fields, the file's own first."""
    if _share_of_records(text, own, quote) == 1:
        return own
    shares = {other: _share_of_records(text, other, quote) for other in _DELIMITERS if other != own}
    fitting = [other for other, share in shares.items() if share == 1]
    if len(fitting) > 1:
        told = " and ".join(_NAMES[other] for other in fitting)
        raise CommandLineError(f"{name}: {told} both separate fields", hint="ambiguous delimiter")
    if fitting:
        return fitting[0]
    if quote in _DELIMITERS and _share_of_records(text, quote, None) == 1:
        return quote
    if lenient:
        shares[own] = _share_of_records(text, own, quote)
        # The file's own where others are no better.
        return max((own, *shares), key=lambda other: shares[other])
    return own


def _tell_one_column(header: str, own: str, name: str, tell: Callable[[str], None]) -> None:
    """Say that a header is one name, where it looks like several."""
    others = " and ".join(_NAMES[other] for other in _DELIMITERS if other in header)
    if others and own not in header:
        tell(f"{name}: is read as one column, for {others} do not separate every record alike")


def _share_of_records(text: str, delimiter: str, quote: str | None) -> float:
    """Return which share of the records has the usual number of fields, 0 where that is one."""
    if delimiter not in text or delimiter == quote:
        return 0.0
    grammar = CsvGrammar(delimiter, quote)
    widths: list[int] = []
    if grammar.records.fullmatch(text):
        # What is right all through the csv module takes apart alone.
        records = csv.reader(io.StringIO(text, newline="\n"), **grammar.arguments)
        widths = list(filter(None, map(len, islice(records, _MAX_RECORDS))))
        text = ""
    for match in grammar.record.finditer(text):
        record = match.group()
        if len(widths) == _MAX_RECORDS or not record:
            break
        right = grammar.records.fullmatch(record)
        fields = grammar.fields(record) if right else record.split(delimiter)
        if fields:
            widths.append(len(fields) if right else -len(fields))
    if not widths:
        return 0.0
    width, count = Counter(widths).most_common(1)[0]
    return count / len(widths) if width > 1 else 0.0
