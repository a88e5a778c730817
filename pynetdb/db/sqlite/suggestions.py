"""What a statement that SQLite does not understand may have meant."""

import re
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from difflib import get_close_matches
from typing import NamedTuple

from pynetdb.db.shell_commands import recognise
from pynetdb.db.sqlite.database import Database
from pynetdb.db.sqlite.errors import describe, error_name
from pynetdb.db.sqlite.functions import count_arguments, is_function, suggest_function
from pynetdb.db.sqlite.identifiers import quote_identifier
from pynetdb.db.sqlite.keywords import KEYWORDS, write_name
from pynetdb.errors import DatabaseError
from pynetdb.rows.names import casefold_ascii
from pynetdb.wording import list_choices

_MOST = 20

# Tables whose columns are looked at; more would take longer than an error may.
_MOST_TABLES = 500


# What is misspelt is one of these before it is any other keyword.
_COMMON = (
    "select", "from", "where", "group", "order", "by", "join", "inner", "left", "outer", "on", "having",
    "limit", "insert", "into", "values", "update", "set", "delete", "create", "table", "and", "or", "union",
    "distinct",
)  # fmt: skip

# How other databases, or somebody in a hurry, write what is another statement here.
_SHAPES = (
    (r"from\s+(\w+)", "select * from {}"),
    (r"delete\s+(?!from\b)(\w+)", "delete from {}"),
    (r"truncate\s+(?:table\s+)?(\w+)", "delete from {}"),
    (r"insert\s+(?!into\b|or\b)(\w+)", "insert into {} values (...)"),
    (r"update\s+(\w+)\s+(?!set\b)\w+\s*=", "update {} set ..."),
    (r"drop\s+(?!table\b|view\b|index\b|trigger\b)(\w+)", "drop table {}"),
    (r"create\s+(?!temp|table|view|unique|index|trigger|virtual)(\w+)", "create table {} (...)"),
    (r"select\s+top\s+\(?(\d+)", "... limit {}"),
)


class _Table(NamedTuple):
    schema: str
    name: str
    """As it is typed, with the name of an attached database in front of it."""
    bare: str
    columns: tuple[str, ...]


class _Mention(NamedTuple):
    name: str
    """What the statement calls the table."""
    table: _Table


def explain_error(db: Database, sql: str, error: sqlite3.Error) -> DatabaseError | None:
    """Return SQLite's error about a statement with what would help, None where we know nothing."""
    # Of a syntax error after the name of a table SQLite says that the schema may have changed.
    if not error_name(error).startswith(("SQLITE_ERROR", "SQLITE_SCHEMA")):
        return None
    command = recognise(sql)
    if command is not None and not _is_table(db, sql):
        return DatabaseError(f"{db.path}: {command}", hint=command.hint, about=db.path)
    message = describe(error)
    suggestion = suggest(db, sql, message)
    return DatabaseError(f"{db.path}: {message} ({suggestion})") if suggestion else None


def suggest(db: Database, sql: str, message: str) -> str | None:
    """Return what would help against SQLite's message about a statement, None where we know nothing."""
    with suppress(sqlite3.Error):
        for pattern, find in _FINDERS:
            if match := re.match(pattern, message):
                return find(db, sql, *match.groups())
    return None


def _is_table(db: Database, sql: str) -> bool:
    """Whether a text is the name of a table or view, and nothing else."""
    with suppress(sqlite3.Error):
        name = sql.strip().strip("\"'`[]")
        found = db.connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ? COLLATE NOCASE", (name,))
        return found.fetchone() is not None
    return False


def _suggest_table(db: Database, sql: str, wanted: str) -> str:
    tables = _all_tables(db)
    if not tables:
        return "there are no tables in it"
    schema, dot, name = wanted.rpartition(".")
    schemas = [row[1] for row in db.connection.execute("PRAGMA database_list")]
    if dot and casefold_ascii(schema) not in map(casefold_ascii, schemas):
        return f"there is no database {schema}, only {', '.join(schemas)}"
    names: dict[str, str] = {}
    for table in tables:
        if not dot or casefold_ascii(table.schema) == casefold_ascii(schema):
            names.setdefault(table.bare, table.name)
    return _there_is(name, names) if names else f"there are no tables in {schema}"


def _suggest_column(db: Database, sql: str, wanted: str) -> str | None:
    tables = _all_tables(db)
    meant = _mentions(sql, tables)
    wanted = wanted.strip("\"'`[]")
    qualifier, _, wanted = wanted.rpartition(".")
    # Anything may get a name in a statement (`with x as ...`); one that only stands before a dot is nobody's.
    if (
        meant
        and qualifier
        and not re.search(rf"(?<![\w.]){re.escape(qualifier)}(?!\w|\s*\.)", sql, re.IGNORECASE)
    ):
        near = _nearest(wanted, [column for mention in meant for column in mention.table.columns])
        names = _list_names(sorted({mention.name for mention in meant}))
        question = f"; did you mean {_qualify(meant, near)}?" if near else ""
        return f"nothing is called {qualifier} here, there is {names}{question}"
    of_one = [mention for mention in meant if casefold_ascii(mention.name) == casefold_ascii(qualifier)]
    looked_at = [mention.table for mention in of_one or meant] or tables
    there = "; ".join(_describe(table) for table in dict.fromkeys(looked_at[:5]))
    columns = [column for table in looked_at for column in table.columns]
    value = not qualifier and _is_value(sql, wanted) and not _nearest(wanted, columns, 0.7)
    if value:
        there += f"; a text stands in single quotes: '{wanted}'"
    if near := _nearest(wanted, columns):
        return f"{there}; did you mean {write_name(near)}?"
    folded = casefold_ascii(wanted)
    owners = [table.name for table in tables if folded in map(casefold_ascii, table.columns)]
    if owners:
        return f"{there}; {wanted} is a column of {_list_names(owners)}"
    return there or None


def _is_value(sql: str, word: str) -> bool:
    """Whether a word stands where a value does: after an operator, in a list of values."""
    return bool(
        re.search(
            rf"(?:[=<>,(]|\b(?:like|glob|in|then|else|and|between|is))\s*{re.escape(word)}\b",
            sql,
            re.IGNORECASE,
        )
    )


def _suggest_qualified(db: Database, sql: str, wanted: str) -> str | None:
    meant = [
        mention
        for mention in _mentions(sql, _all_tables(db))
        if casefold_ascii(wanted) in map(casefold_ascii, mention.table.columns)
    ]
    names = list(dict.fromkeys(f"{mention.name}.{write_name(wanted)}" for mention in meant))
    return list_choices(names) if len(names) > 1 else None


def _suggest_columns_of(db: Database, sql: str, name: str, *_: str) -> str | None:
    folded = casefold_ascii(name)
    return next((_describe(table) for table in _all_tables(db) if casefold_ascii(table.bare) == folded), None)


def _suggest_inserted(db: Database, sql: str, name: str, wanted: str) -> str | None:
    folded = casefold_ascii(name)
    for table in _all_tables(db):
        if casefold_ascii(table.bare) == folded:
            near = _nearest(wanted, table.columns)
            return _describe(table) + (f"; did you mean {write_name(near)}?" if near else "")
    return None


def _suggest_function(db: Database, sql: str, wanted: str) -> str | None:
    return suggest_function(db, wanted)


def _count_arguments(db: Database, sql: str, name: str) -> str | None:
    return count_arguments(db, name)


def _suggest_object(db: Database, sql: str, kind: str, wanted: str) -> str:
    found = db.connection.execute(
        "SELECT name FROM sqlite_schema WHERE type = ? AND sql IS NOT NULL ORDER BY name",
        (kind,),
    ).fetchall()
    names = {name: write_name(name) for (name,) in found}
    return _there_is(wanted.rpartition(".")[2], names) if names else f"there is no {kind} in it"


def _suggest_collation(db: Database, sql: str, wanted: str) -> str:
    names = sorted(row[1].lower() for row in db.connection.execute("PRAGMA collation_list"))
    return _there_is(wanted, {name: name for name in names})


def _suggest_database(db: Database, sql: str, wanted: str) -> str:
    return _there_is(wanted, {row[1]: row[1] for row in db.connection.execute("PRAGMA database_list")})


def _suggest_syntax(db: Database, sql: str, word: str) -> str | None:
    tables = _all_tables(db)
    whole = casefold_ascii(sql.strip().strip("\"'`[]"))
    for table in tables:
        if casefold_ascii(table.bare) == whole:
            return f"{table.bare} is a table, and 'select * from {table.name}' reads it"  # noqa: S608 - not run
    for pattern, meant in _SHAPES:
        if match := re.match(pattern, sql.strip(), re.IGNORECASE):
            return f"did you mean '{meant.format(match[1])}'?"
    if re.fullmatch(r"\w+", sql.strip()) and (
        near := _nearest(sql.strip(), [table.bare for table in tables], 0.7)
    ):
        name = next(table.name for table in tables if table.bare == near)
        return f"'select * from {name}' reads the table {near}"  # noqa: S608 - not run
    for table in tables:
        unquoted = rf"(?<![\"'`\[\w]){re.escape(table.bare)}(?![\w\"])"
        if not table.bare.isidentifier() and re.search(unquoted, sql, re.IGNORECASE):
            return f"as a name it stands in double quotes, {table.name}"
    names = {casefold_ascii(name) for table in tables for name in (table.bare, *table.columns)}
    if casefold_ascii(word) in names and casefold_ascii(word) in KEYWORDS:
        return f'{word} is a word of SQL: as a name it stands in double quotes, "{word}"'
    if re.search(rf",\s*{re.escape(word)}(?!\w)", sql) and casefold_ascii(word) in KEYWORDS:
        return f"a comma stands before {word}"
    if _is_open(sql):
        return "a ( has no )"
    # What is misspelt is taken for a name; SQLite only stumbles over what follows.
    at = re.search(rf"(?:(\w+)\s+)?(?<!\w){re.escape(word)}(?!\w)", sql)
    for candidate in (word, (at and at[1]) or ""):
        folded = casefold_ascii(candidate)
        if folded in names or folded in KEYWORDS or not folded.isalpha() or is_function(db, folded):
            continue
        if near := _nearest(candidate, _COMMON, 0.7) or _nearest(candidate, sorted(KEYWORDS), 0.7):
            return f"did you mean {near.upper() if candidate.isupper() else near} in place of {candidate}?"
    return None


def _suggest_end(db: Database, sql: str) -> str | None:
    return "a ( has no )" if _is_open(sql) else "it ends where more is expected"


def _is_open(sql: str) -> bool:
    """Whether a bracket is never closed."""
    bare = re.sub(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", "", sql)
    return bare.count("(") > bare.count(")")


def _suggest_token(db: Database, sql: str, token: str) -> str | None:
    quote = token[:1]
    return f"a {quote} is never closed; a text with one inside has two: 'it''s'" if quote in "'\"`" else None


_FINDERS = (
    (r"no such table: (.+)", _suggest_table),
    # Newer versions ask themselves whether a text in single quotes was meant.
    (r"no such column: (.+?)(?: - should this be .*)?$", _suggest_column),
    (r"table (.+) has no column named (.+)", _suggest_inserted),
    (r"table (.+) has (\d+) columns? but \d+ values were supplied", _suggest_columns_of),
    (r"ambiguous column name: (.+)", _suggest_qualified),
    (r"no such function: (.+)", _suggest_function),
    (r"wrong number of arguments to function (.+)\(\)", _count_arguments),
    (r"no such (index|view|trigger): (.+)", _suggest_object),
    (r"no such collation sequence: (.+)", _suggest_collation),
    (r"(?:unknown|no such) database:? (.+)", _suggest_database),
    (r'near "(.+)": syntax error', _suggest_syntax),
    (r"incomplete input", _suggest_end),
    (r'unrecognized token: "(.+)"', _suggest_token),
)


def _all_tables(db: Database) -> list[_Table]:
    """Return the tables and views of all databases of the connection that can be read."""
    found = []
    for _, schema, _ in db.connection.execute("PRAGMA database_list").fetchall():
        with suppress(sqlite3.Error):
            prefix = "" if schema in ("main", "temp") else f"{write_name(schema)}."
            listed = db.connection.execute(
                f"SELECT name FROM {quote_identifier(schema)}.sqlite_schema WHERE type IN ('table', 'view') "  # noqa: S608
                "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
            ).fetchall()
            for (name,) in listed[:_MOST_TABLES]:
                found.append(_Table(schema, prefix + write_name(name), name, _columns_of(db, schema, name)))
    return found


def _columns_of(db: Database, schema: str, table: str) -> tuple[str, ...]:
    with suppress(sqlite3.Error, UnicodeEncodeError):  # One that is broken hides no other.
        rows = db.connection.execute(
            "SELECT name FROM pragma_table_xinfo(?, ?) WHERE hidden <> 1", (table, schema)
        ).fetchall()
        return tuple(name for (name,) in rows)
    return ()


def _mentions(sql: str, tables: list[_Table]) -> list[_Mention]:
    """Return the tables that a statement names, each by its alias where it has one."""
    found = []
    for table in tables:
        pattern = rf"(?<!\w)[\"'`\[]?{re.escape(table.bare)}[\"'`\]]?(?!\w)(?!\.)(?:\s+(?:as\s+)?(\w+))?"
        for match in re.finditer(pattern, sql, re.IGNORECASE):
            alias = match[1] if match[1] and casefold_ascii(match[1]) not in KEYWORDS else None
            found.append(_Mention(alias or write_name(table.bare), table))
    return found


def _qualify(mentions: list[_Mention], column: str) -> str:
    return next(
        f"{mention.name}.{write_name(column)}" for mention in mentions if column in mention.table.columns
    )


def _describe(table: _Table) -> str:
    if not table.columns:
        return f"{table.name} has no columns"
    return f"{table.name} has {_list_names([write_name(column) for column in table.columns])}"


def _there_is(wanted: str, names: dict[str, str]) -> str:
    """List what there is, by what each is called and how that is typed, and the nearest of it."""
    near = _nearest(wanted, names)
    return f"there is {_list_names(list(names.values()))}" + (
        f"; did you mean {names[near]}?" if near else ""
    )


def _nearest(wanted: str, names: Iterable[str], cutoff: float = 0.5) -> str | None:
    folded = {casefold_ascii(name): name for name in names}
    near = get_close_matches(casefold_ascii(wanted), list(folded), n=1, cutoff=cutoff)
    return folded[near[0]] if near else None


def _list_names(names: list[str]) -> str:
    return ", ".join(names[:_MOST]) + (", ..." if len(names) > _MOST else "")
