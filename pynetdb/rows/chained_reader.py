"""Several sources of rows, one after the other, as one."""

from collections.abc import Iterator, Sequence

from pynetdb.errors import DatabaseError
from pynetdb.rows.batch import Batch, Reader, Rule
from pynetdb.rows.names import casefold_ascii


class ChainedReader:
    """Reads one reader after the other: a Reader. All of them must have the same kind of rows.

    A file that says its columns in its first line must have those of the first file, in any order;
    DatabaseError says which has not. What a row of JSON does not have is not named in it. Names are the same
    in any case of their ASCII letters.
    """

    what = "data"

    def __init__(self, readers: Sequence[Reader], fixed: bool) -> None:
        self.name = readers[0].name
        self.header = readers[0].header
        self.named = readers[0].named
        self.cheap = readers[0].cheap
        self._readers = readers
        self._fixed = fixed
        self._find_columns()

    def _find_columns(self) -> None:
        first = self._readers[0]
        names = {casefold_ascii(name): name for name in first.columns} if self._fixed else {}
        for reader in self._readers:
            if not self._fixed:
                for name in reader.columns:
                    names.setdefault(casefold_ascii(name), name)
            elif {casefold_ascii(name) for name in reader.columns} != set(names):
                wanted, found = (", ".join(columns[:20]) for columns in (first.columns, reader.columns))
                raise DatabaseError(
                    f"{reader.header}: columns {found}, expected those of {first.name} ({wanted})"
                )
        self.columns = list(names.values())

    @property
    def rules(self) -> list[Rule]:
        rules = [rule for reader in self._readers for rule in reader.rules]
        return rules[:1] * len(self.columns)

    def find_column(self, name: str) -> str:
        return next(reader for reader in self._readers if name in reader.columns).find_column(name)

    def batches(self) -> Iterator[Batch]:
        done = 0
        for reader in self._readers:
            last = 0
            for batch in reader.batches():
                last = batch.done
                yield self._place(batch, reader)._replace(done=done + last, source=reader.name)
            done += last

    def _place(self, batch: Batch, reader: Reader) -> Batch:
        """Put the columns of a batch where they are in all of them."""
        numbers = {casefold_ascii(name): number for number, name in enumerate(self.columns)}
        places = [numbers[casefold_ascii(name)] for name in reader.columns]
        width = len(self.columns)
        return batch if places == list(range(width)) else batch.spread(places, width)

    def learn_columns(self) -> None:
        for reader in self._readers:
            reader.learn_columns()
        self._find_columns()

    def rewind(self) -> None:
        for reader in self._readers:
            reader.rewind()
