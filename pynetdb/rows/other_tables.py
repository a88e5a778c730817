"""Where another table begins in a text that has several, as reports have."""

from collections.abc import Sequence

# What stands in place of a value is no name of a column.
_NO_VALUES = {"", "-", "--", "?", "n/a", "na", "nan", "none", "null", "\\n", "unknown"}
# So many rows show what the columns hold.
_ENOUGH = 200


class OtherTables:
    """Tells the rows of one table from the headers of others.

    A header has a name in each field, no two the same and none a number. In a column in which every value so
    far has a digit (a number, a date), a field without one shows that it is none of the table's rows.
    """

    def __init__(self, header: Sequence[str] | None) -> None:
        """`header` is the table's own, None if it has none."""
        self._header = list(header) if header is not None else None
        self._digits: set[int] | None = None
        self._seen = 0

    def learn(self, fields: Sequence[str]) -> None:
        """Look at a row of the table."""
        if self._seen == _ENOUGH:
            return
        self._seen += 1
        filled = [number for number, field in enumerate(fields) if field]
        if self._digits is None:
            self._digits = set(filled)
        self._digits.difference_update([number for number in filled if not _has_digit(fields[number])])

    def repeats_header(self, fields: Sequence[str]) -> bool:
        """Whether a record is the table's own header again, as on each page of a report."""
        return fields == self._header

    def like_header(self, fields: Sequence[str]) -> bool:
        """Whether a record could be a header."""
        names = {field.strip().casefold() for field in fields}
        return (
            len(fields) > 1
            and len(names) == len(fields)
            and not names & _NO_VALUES
            and not any(map(_is_number, names))
        )

    def fits(self, fields: Sequence[str]) -> bool:
        """Whether a record has what the table's columns hold, as far as that is known."""
        digits = self._digits or set()
        return all(
            not fields[number] or _has_digit(fields[number]) for number in digits if number < len(fields)
        )

    def knows_columns(self) -> bool:
        """Whether some column shows which records are rows."""
        return bool(self._digits)


def _has_digit(field: str) -> bool:
    return any(map(str.isdigit, field))


def _is_number(field: str) -> bool:
    return not field.strip("0123456789.,+-%e ")
