"""SQLite as an engine: the only importer of sqlite3, and the place where its errors become ours.

`engine.SqliteEngine` is what `pynetdb.db.open` gives; the other modules each know one thing about
SQLite. May import the database layer beside it, rows, narration and errors.
"""
