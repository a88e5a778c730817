"""Results on standard output, talk on standard error, in every format; the only importer of tabulate.

Imports rows, events, terminal and what is below. Knows no protocol and no database.
"""
