"""The columns that the keys of objects name, in any case of their ASCII letters."""

from collections.abc import Iterable

from pynetdb.rows.json_values import DuplicateKeyError
from pynetdb.rows.names import casefold_ascii


class UnknownKeyError(KeyError):
    """An object has a key that names none of the columns."""


class KeyColumns:
    """The columns that some keys name; each is called by the first of its keys."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.numbers: dict[str, int] = {}
        """The number of the column of each key that was met."""
        self._folded: dict[str, int] = {}

    def add(self, keys: Iterable[str]) -> None:
        """Make columns of the keys that name none yet."""
        for key in keys:
            number = self._folded.setdefault(casefold_ascii(key), len(self.names))
            if number == len(self.names):
                self.names.append(key)
            self.numbers[key] = number

    @property
    def respelled(self) -> bool:
        """Whether a column has been met by more than one key."""
        return len(self.numbers) > len(self.names)

    def find(self, keys: Iterable[str]) -> list[int]:
        """Return the number of the column of each key. Raises UnknownKeyError, and DuplicateKeyError."""
        try:
            numbers = [self.numbers[key] for key in keys]
        except KeyError:
            numbers = [self._learn(key) for key in keys]
        if self.respelled and len(set(numbers)) < len(numbers):
            raise self._duplicate(list(keys), numbers)
        return numbers

    def _learn(self, key: str) -> int:
        number = self._folded.get(casefold_ascii(key))
        if number is None:
            raise UnknownKeyError(key)
        self.numbers[key] = number
        return number

    @staticmethod
    def _duplicate(keys: list[str], numbers: list[int]) -> DuplicateKeyError:
        at = next(at for at, number in enumerate(numbers) if number in numbers[:at])
        first = keys[numbers.index(numbers[at])]
        return DuplicateKeyError(f"the key {keys[at]!r} is there twice (to SQL it is {first!r})")
