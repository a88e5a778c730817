"""What a file is, by how it begins."""

import os

SQLITE = b"SQLite format 3\0"
"""The first bytes of a SQLite database (https://sqlite.org/fileformat2.html#the_database_header)."""


def is_sqlite(path: str | os.PathLike[str]) -> bool:
    """Whether this is a regular file that begins as a database of SQLite does; unreadable, it is none."""
    try:
        if not os.path.isfile(path):
            return False  # A pipe would be waited for.
        with open(path, "rb") as file:
            return file.read(len(SQLITE)) == SQLITE
    except (OSError, ValueError):
        return False
