"""Functions that other databases have, and what SQLite has for them."""

import re
from difflib import get_close_matches

from pynetdb.db.sqlite.database import Database
from pynetdb.wording import list_choices

_ELSEWHERE = {
    "len": "length(x)", "char_length": "length(x)", "character_length": "length(x)",
    "datalength": "length(x)", "concat": "x || y", "concat_ws": "x || ', ' || y",
    "string_agg": "group_concat(x, ', ')", "array_agg": "json_group_array(x)",
    "listagg": "group_concat(x, ', ')", "now": "datetime('now')", "getdate": "datetime('now')",
    "sysdate": "datetime('now')", "curdate": "date('now')", "today": "date('now')",
    "curtime": "time('now')", "year": "strftime('%Y', x)", "month": "strftime('%m', x)",
    "day": "strftime('%d', x)", "hour": "strftime('%H', x)", "date_format": "strftime('%Y-%m-%d', x)",
    "to_char": "strftime('%Y-%m-%d', x)", "date_part": "strftime('%Y', x)", "extract": "strftime('%Y', x)",
    "to_date": "date(x)", "datediff": "julianday(x) - julianday(y)", "dateadd": "date(x, '+1 day')",
    "date_add": "date(x, '+1 day')", "isnull": "ifnull(x, y)", "nvl": "ifnull(x, y)", "if": "iif(x, y, z)",
    "decode": "case x when y then z end", "left": "substr(x, 1, n)", "right": "substr(x, -n)",
    "mid": "substr(x, start, n)", "substring": "substr(x, start, n)", "position": "instr(x, y)",
    "locate": "instr(x, y)", "charindex": "instr(x, y)", "strpos": "instr(x, y)", "lcase": "lower(x)",
    "ucase": "upper(x)", "greatest": "max(x, y)", "least": "min(x, y)", "rand": "random()",
    "to_number": "cast(x as real)", "mod": "x % y", "truncate": "cast(x as integer)",
    "trunc": "cast(x as integer)", "convert": "cast(x as text)", "regexp": "x like '%y%' or x glob '*y*'",
    "regexp_like": "x like '%y%' or x glob '*y*'", "last_insert_id": "last_insert_rowid()",
    "database": "the name of the file", "version": "sqlite_version()",
    "initcap": "upper(substr(x, 1, 1)) || substr(x, 2)", "average": "avg(x)", "mean": "avg(x)",
    "json_object_agg": "json_group_object(x, y)", "json_agg": "json_group_array(x)", "md5": "hex(x)",
}  # fmt: skip


def suggest_function(db: Database, wanted: str) -> str:
    """Return what there is in place of a function that is not there."""
    there = sorted({name for (name,) in db.connection.execute("SELECT name FROM pragma_function_list")})
    if (other := _ELSEWHERE.get(wanted.lower())) is not None:
        return f"in SQLite that is {other}"
    near = get_close_matches(wanted.lower(), [name for name in there if name.isidentifier()], n=3, cutoff=0.6)
    if near:
        return f"did you mean {list_choices([f'{name}()' for name in near])}?"
    return "'select distinct name from pragma_function_list' lists what there is"


def is_function(db: Database, name: str) -> bool:
    """Whether there is a function of that name."""
    found = db.connection.execute("SELECT 1 FROM pragma_function_list WHERE name = ? COLLATE NOCASE", (name,))
    return found.fetchone() is not None


def count_arguments(db: Database, name: str) -> str | None:
    """Return how many arguments a function takes, None where it says that it takes any number."""
    found = db.connection.execute(
        "SELECT DISTINCT narg FROM pragma_function_list WHERE name = ? COLLATE NOCASE ORDER BY narg", (name,)
    ).fetchall()
    counts = [str(count) for (count,) in found]
    if not counts or re.search("-", "".join(counts)):
        return None
    return f"it takes {list_choices(counts)}"
