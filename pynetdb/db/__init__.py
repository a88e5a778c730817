"""The thin SQLite layer; the only importer of sqlite3."""
