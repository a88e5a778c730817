"""What a column that is to be made promises of its values."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NotNull:
    """The column must have a value."""


@dataclass(frozen=True)
class Unique:
    """No two rows have the same value."""


@dataclass(frozen=True)
class Default:
    """The value of a row that names none."""

    value: str | int | float
    keyword: bool = False
    """Whether `value` is one of SQL's own words, such as NULL or CURRENT_DATE."""


@dataclass(frozen=True)
class References:
    """The value is that of a row of another table; without a column, of its primary key."""

    table: str
    column: str | None = None


Constraint = NotNull | Unique | Default | References
