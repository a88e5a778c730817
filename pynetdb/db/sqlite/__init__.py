"""SQLite as an engine: the only importer of sqlite3, and the place where its errors become ours."""
