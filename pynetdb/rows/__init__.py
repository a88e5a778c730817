"""Data files without a database: where rows come from, how they are read, which types they have.

A Reader gives the names of columns and then batches of cells; a Rule says which kind a column is. A kind
here is INTEGER, REAL, NUMERIC or TEXT by the lossless rule alone. May import errors and wording. Must not
know a database, SQL, or the names of options.
"""
