"""What a record of delimited text is (RFC 4180 section 2), as regular expressions for its characters."""

import csv
import re
from functools import cached_property
from typing import Any


class CsvGrammar:
    """Records of fields between `delimiter`; fields may stand in `quote`, None where nothing quotes."""

    def __init__(self, delimiter: str, quote: str | None) -> None:
        self.delimiter = delimiter
        self.quote = quote
        # For the csv module.
        self.arguments: dict[str, Any] = {"delimiter": delimiter}
        self.arguments |= {"quoting": csv.QUOTE_NONE} if quote is None else {"quotechar": quote}

    @cached_property
    def body(self) -> str:
        """The fields of a record."""
        if self.quote is None:
            return "[^\r\n]*+"
        return f"{self._field}(?:{re.escape(self.delimiter)}{self._field})*+"

    @cached_property
    def _field(self) -> str:
        quote, between = re.escape(self.quote or ""), re.escape(self.delimiter)
        return f"(?:{quote}{self._inside}{quote}|[^{quote}{between}\r\n]*+)"

    @cached_property
    def _inside(self) -> str:
        quote = re.escape(self.quote or "")
        return f"(?:[^{quote}]|{quote}{quote})*+"

    @cached_property
    def records(self) -> "re.Pattern[str]":
        """Records with their line ends, any number of them."""
        return re.compile(f"(?:{self.body}(?:\r?\n|\\Z))*+")

    @cached_property
    def front(self) -> "re.Pattern[str]":
        """As much of a record as is right."""
        return re.compile(self.body)

    @cached_property
    def record(self) -> "re.Pattern[str]":
        """One record with its line end: it ends at a newline that an even number of quotes precedes."""
        if self.quote is None:
            return re.compile("[^\n]*+(?:\n|\\Z)")
        quote = re.escape(self.quote)
        return re.compile(f"(?:[^{quote}\n]|{quote}[^{quote}]*+(?:{quote}|\\Z))*+(?:\n|\\Z)")

    @cached_property
    def first_line(self) -> "re.Pattern[str]":
        """A line with which a record begins; the last group is `open` where it ends inside of quotes."""
        quote, between = re.escape(self.quote or ""), re.escape(self.delimiter)
        last = f"{self._field}\\Z|(?P<open>{quote}{self._inside}\\Z)"
        return re.compile(f"(?:{self._field}{between})*+(?:{last})")

    @cached_property
    def next_line(self) -> "re.Pattern[str]":
        """A line of a record that begins inside of quotes; the last group is `open` if it ends there, too."""
        quote, between = re.escape(self.quote or ""), re.escape(self.delimiter)
        more = f"{quote}(?:\\Z|{between}{self.first_line.pattern})"
        return re.compile(f"{self._inside}(?:{more}|(?P<inside>\\Z))")

    def fields(self, record: str) -> list[str]:
        """Return the fields of one record that is right, none for a blank line."""
        body = record.removesuffix("\n").removesuffix("\r")
        return next(csv.reader([body], **self.arguments)) if body else []

    def count_quotes(self, text: str, cut: int) -> tuple[int, int]:
        """Return how many quotes stand in a text before `cut` characters, and how many behind."""
        # To look for one is much faster than to count them.
        if self.quote is None or self.quote not in text:
            return 0, 0
        return text.count(self.quote, 0, cut), text.count(self.quote, cut)

    def without_quoted(self, text: str) -> str:
        """Return a text without what stands in quotes."""
        if self.quote is None:
            return text
        quote = re.escape(self.quote)
        return re.sub(f"{quote}[^{quote}]*{quote}", "", text)
