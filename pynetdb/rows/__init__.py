"""Data files without a database: where rows come from, how they are read, which types they have.

Knows no database and no SQL: a type here is INTEGER, REAL, NUMERIC or TEXT by the lossless rule alone.
Imports nothing of ours but errors.
"""
