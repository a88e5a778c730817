"""The CREATE statements of what is there, which PostgreSQL does not keep: they are made of its catalogue."""

from pynetdb.db.postgresql.connection import Connection
from pynetdb.db.postgresql.identifiers import quote_identifier

_OWN = "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'"

_TABLES = f"""
SELECT c.oid, n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid), c.relkind,
    CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm') AND {_OWN}
ORDER BY c.oid"""  # noqa: S608 - our own

_COLUMNS = """
SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
    a.attgenerated, pg_catalog.pg_get_expr(d.adbin, d.adrelid)
FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d
    ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""

# From version 18 on a NOT NULL is a constraint as well, and stands with its column already.
_CONSTRAINTS = """
SELECT pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint
WHERE conrelid = $1::oid AND contype IN ('p', 'u', 'c', 'f', 'x') ORDER BY contype <> 'p', oid"""

_INDEXES = f"""
SELECT c.relname, pg_catalog.pg_get_indexdef(i.indexrelid)
FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {_OWN} AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint WHERE conindid = i.indexrelid)
ORDER BY c.oid"""  # noqa: S608 - our own

_TRIGGERS = f"""
SELECT t.tgname, pg_catalog.pg_get_triggerdef(t.oid)
FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE {_OWN} AND NOT t.tgisinternal ORDER BY t.oid"""  # noqa: S608 - our own


def statements(connection: Connection) -> list[tuple[str, str]]:
    """Return name and CREATE statement of tables, views, indexes and triggers.

    pg_dump says more: rights, comments, functions, types.
    """
    found = []
    for oid, schema, name, visible, kind, definition in connection.rows(_TABLES):
        quoted = quote_identifier(str(name))
        quoted = quoted if visible == "t" else f"{quote_identifier(str(schema))}.{quoted}"
        if definition is not None:
            what = "VIEW" if kind == "v" else "MATERIALIZED VIEW"
            sql = f"CREATE {what} {quoted} AS\n{definition.strip().rstrip(';')}"
        else:
            sql = f"CREATE TABLE {quoted} ({', '.join(_parts(connection, str(oid)))})"
        found.append((str(name) if visible == "t" else f"{schema}.{name}", sql))
    for sql in (_INDEXES, _TRIGGERS):
        found += [(str(name), str(text)) for name, text in connection.rows(sql)]
    return found


def _parts(connection: Connection, oid: str) -> list[str]:
    parts = []
    for name, declared, not_null, identity, generated, default in connection.rows(_COLUMNS, oid):
        words = [quote_identifier(str(name)), str(declared)]
        if identity:
            words.append(f"GENERATED {'ALWAYS' if identity == 'a' else 'BY DEFAULT'} AS IDENTITY")
        elif generated:
            words.append(f"GENERATED ALWAYS AS ({default}){' STORED' if generated == 's' else ''}")
        elif default is not None:
            words.append(f"DEFAULT {default}")
        if not_null == "t" and not identity:
            words.append("NOT NULL")
        parts.append(" ".join(words))
    return parts + [str(definition) for (definition,) in connection.rows(_CONSTRAINTS, oid)]
