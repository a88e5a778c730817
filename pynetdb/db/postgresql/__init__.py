"""PostgreSQL behind the protocol of `db.engine`: the only importer of psycopg, of which only libpq is used.

`engine` and `store` are what `db.open` and `db.open_store` give for a URL; each other module is one thing
that they know how to do. Nothing here blocks without looking at the deadline and at ^C: libpq sends and
receives, and the waiting is ours (`connection`). May import what the floor below db may, and psycopg.
"""

from pynetdb.errors import CommandLineError

try:
    import psycopg.pq  # noqa: F401 - whether it is there, with its libpq
except ImportError as error:
    raise CommandLineError("postgresql:// needs psycopg: pip install 'pynetdb[postgresql]'") from error
