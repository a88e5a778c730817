"""What somebody meant who typed something else: the one hint that leads to the right place."""

import math
import os
import re
from collections.abc import Sequence

import click

from pynetdb.file_kinds import is_sqlite

SYNONYMS = {
    "browse": ("http-get",),
    "bash": ("completion",),
    "chat": ("chat-client", "chat-server"),
    "client": ("echo-client", "http-get", "chat-client", "time-query", "udp-send"),
    "clock": ("time-query", "serve-time"),
    "completions": ("completion",),
    "create": ("db-create",),
    "create-table": ("db-create",),
    "csv": ("db-insert", "db-query"),
    "curl": ("http-get",),
    "database": ("db-create", "db-insert", "db-query"),
    "date": ("time-query",),
    "daytime": ("time-query", "serve-time"),
    "delete": ("db-query",),
    "demo": ("tour",),
    "diagram": ("draw",),
    "docs": ("help",),
    "download": ("http-get",),
    "fetch": ("http-get",),
    "file-server": ("serve-http",),
    "files": ("serve-http",),
    "fish": ("completion",),
    "ftp": ("serve-http", "http-get"),
    "get": ("http-get",),
    "getent": ("ports",),
    "host": ("serve-http",),
    "http": ("serve-http", "http-get"),
    "http-client": ("http-get",),
    "import": ("db-insert",),
    "info": ("help", "version"),
    "insert": ("db-insert",),
    "intro": ("tour",),
    "irc": ("chat-client",),
    "join": ("chat-client",),
    "learn": ("tour",),
    "lesson": ("tour",),
    "lessons": ("tour",),
    "list": ("help",),
    "listen": ("udp-recv", "serve-echo"),
    "load": ("db-insert",),
    "man": ("help",),
    "manual": ("help",),
    "message": ("chat-client", "udp-send"),
    "nc": ("echo-client", "serve-echo", "udp-send", "udp-recv"),
    "ncat": ("echo-client", "serve-echo", "udp-send", "udp-recv"),
    "netcat": ("echo-client", "serve-echo", "udp-send", "udp-recv"),
    "new": ("db-create",),
    "ntp": ("time-query", "serve-time"),
    "ntpdate": ("time-query",),
    "ping": ("echo-client",),
    "plot": ("draw",),
    "port": ("ports",),
    "query": ("db-query",),
    "receive": ("udp-recv",),
    "recv": ("udp-recv",),
    "room": ("chat-server",),
    "schema": ("db-query",),
    "select": ("db-query",),
    "send": ("echo-client", "udp-send", "chat-client"),
    "serve": ("serve-echo", "serve-http", "serve-time", "chat-server", "udp-recv"),
    "server": ("serve-echo", "serve-http", "serve-time", "chat-server", "udp-recv"),
    "servers": ("serve-echo", "serve-http", "serve-time", "chat-server", "udp-recv"),
    "service": ("ports",),
    "services": ("ports",),
    "share": ("serve-http",),
    "socat": ("echo-client", "serve-echo", "udp-send", "udp-recv"),
    "sql": ("db-query",),
    "sqlite": ("db-query", "db-create", "db-insert"),
    "sqlite3": ("db-query", "db-create", "db-insert"),
    "start": ("tour",),
    "table": ("db-create", "db-query"),
    "tables": ("db-query",),
    "talk": ("chat-client",),
    "tcp": ("echo-client", "serve-echo"),
    "tcp-client": ("echo-client",),
    "tcp-server": ("serve-echo",),
    "telnet": ("echo-client", "chat-client"),
    "time": ("time-query", "serve-time"),
    "time-client": ("time-query",),
    "tutorial": ("tour",),
    "udp": ("udp-send", "udp-recv"),
    "udp-client": ("udp-send",),
    "udp-listen": ("udp-recv",),
    "udp-server": ("udp-recv",),
    "until": ("wait",),
    "update": ("db-query",),
    "upload": ("http-get",),
    "usage": ("help",),
    "wget": ("http-get",),
    "zsh": ("completion",),
}
"""What other tools and other people call a thing, and our commands for it."""

WORDS = {
    "daemon": "serve", "host": "serve", "server": "serve", "servers": "serve", "serving": "serve",
    "site": "http", "static": "http", "url": "http", "web": "http", "webserver": "http", "www": "http",
    "https": "http",
    "curl": "get", "download": "get", "fetch": "get", "read": "get", "wget": "get",
    "clients": "client", "connect": "client", "join": "client", "talk": "chat",
    "clock": "time", "daytime": "time", "ntp": "time", "sntp": "time",
    "datagram": "udp", "datagrams": "udp",
    "listen": "recv", "listener": "recv", "receive": "recv", "receiver": "recv",
    "sender": "send", "write": "send",
    "database": "db", "sql": "db", "sqlite": "db", "table": "db",
    "ask": "query", "delete": "query", "find": "query", "run": "query", "select": "query", "show": "query",
    "add": "insert", "fill": "insert", "import": "insert", "load": "insert", "row": "insert",
    "init": "create", "make": "create", "new": "create",
}  # fmt: skip
"""A part of a name, between two `-`, and what we call it."""


def guess_commands(word: str, commands: Sequence[str]) -> list[str]:
    """Return those of `commands` that `word` may have meant, likeliest first; none if nothing is near."""
    word = re.sub(r"[\s_.]+", "-", word.strip().lower())
    if word in SYNONYMS:
        return [command for command in SYNONYMS[word] if command in commands]
    from difflib import get_close_matches

    joined = {command.replace("-", ""): command for command in commands}
    if near := get_close_matches(word.replace("-", ""), joined, n=1, cutoff=0.9):
        return [joined[near[0]]]
    if "-" not in word and (near := get_close_matches(word, SYNONYMS, n=1, cutoff=0.8)):
        return _expand(near, commands)
    parts = {command: set(map(_canonical, command.split("-"))) for command in commands}
    vocabulary = sorted(set().union(*parts.values(), WORDS))
    known: set[str] = set()
    for part in word.split("-"):
        near = get_close_matches(part, vocabulary, n=1, cutoff=0.75)
        known.update(map(_canonical, near))
    if not known:
        return _expand(get_close_matches(word, SYNONYMS, n=1, cutoff=0.75), commands)
    matched = {command: len(known & own) / len(known | own) for command, own in parts.items()}
    best = max(matched.values())
    if best < 0.5 and (near := get_close_matches(word, SYNONYMS, n=1, cutoff=0.75)):
        return _expand(near, commands)
    return [command for command in commands if best and matched[command] == best]


def _expand(names: Sequence[str], commands: Sequence[str]) -> list[str]:
    return [command for name in names for command in SYNONYMS[name] if command in commands]


def _canonical(part: str) -> str:
    return WORDS.get(part, part)


# Both modules are large, and most command lines are right.
def _find_program(word: str) -> str | None:
    from shutil import which

    return which(word)


def _join(words: Sequence[str]) -> str:
    import shlex

    return shlex.join(words)


def quote(word: str) -> str:
    """Return a word as a shell takes it."""
    import shlex

    return shlex.quote(word)


def usage_hint(command: click.Command, arguments: Sequence[str]) -> str | None:
    """Return what `arguments` of `command`, which it refused, were probably to be; None for no idea."""
    words = positions(command, arguments)
    taken = [parameter.nargs for parameter in command.params if isinstance(parameter, click.Argument)]
    room = math.inf if -1 in taken else sum(taken)
    surplus = [arguments[index] for index in words[int(room) :]] if room < math.inf else []
    options = {option for parameter in command.params for option in parameter.opts}
    return (
        _misplaced_command(command, arguments, words)
        or _misplaced_sql(command, [arguments[index] for index in words])
        or (_misplaced_place(surplus, options) if surplus else None)
        or (_misplaced_port(arguments[words[0]], surplus[0]) if surplus and "--location" in options else None)
        or (_misplaced_talk(command, surplus) if surplus else None)
    )


def positions(command: click.Command, arguments: Sequence[str]) -> list[int]:
    """Return which of `arguments` are no options of `command` nor their values, up to a `--`."""
    valued = {
        name
        for option in command.params
        if isinstance(option, click.Option) and not option.is_flag
        for name in option.opts
    }
    found = []
    index = 0
    while index < len(arguments) and arguments[index] != "--":
        word = arguments[index]
        if word in valued:
            index += 1
        elif not word.startswith("-") or word == "-":
            found.append(index)
        index += 1
    return found


def _misplaced_command(command: click.Command, arguments: Sequence[str], words: Sequence[int]) -> str | None:
    """`serve-echo pynetdb echo-client hi`: what is to run stands after `--`."""
    if "--" in arguments or not any("COMMAND" in piece for piece in _usage_pieces(command)):
        return None
    for index in words:
        word = arguments[index]
        if word == "pynetdb" or (not os.path.isdir(word) and _find_program(word)):
            line = _join([command.name or "", *arguments[:index], "--", *arguments[index:]])
            return f"what is to run stands after --: pynetdb {line}"
    return None


def _usage_pieces(command: click.Command) -> list[str]:
    return command.collect_usage_pieces(click.Context(command))


# What begins a statement (https://sqlite.org/lang.html).
_SQL = (
    r"(select|insert|update|delete|replace|create|drop|alter|with|pragma|explain|values|begin|vacuum|analyze)"
)


def is_sql(text: str) -> bool:
    """Say whether `text` is more likely a statement than a file's name."""
    begin = rf"(?:\s|\(|--[^\n]*\n|(?>/\*.*?\*/))*{_SQL}\s"
    return re.match(begin, text, re.IGNORECASE | re.DOTALL) is not None and not os.path.exists(text)


def _misplaced_sql(command: click.Command, words: Sequence[str]) -> str | None:
    if command.name != "db-query" or not words:
        return None
    if re.fullmatch(_SQL, words[0], re.IGNORECASE) and not os.path.exists(words[0]):
        return f'the database comes first, then SQL in quotes: pynetdb db-query FILE.db "{words[0]} ..."'
    if len(words) > 2 and re.match(rf"\s*{_SQL}\b", words[1], re.IGNORECASE):
        return f'SQL is one argument, in quotes: pynetdb db-query {quote(words[0])} "{words[1]} ..."'
    return shell_command_hint(words[0], " ".join(words[1:]))


def shell_command_hint(database: str, text: str) -> str | None:
    """Return what does the same as a command of another database's shell, if `text` is one."""
    from pynetdb.db.shell_commands import recognise
    from pynetdb.errors import DatabaseError
    from pynetdb.hints import error_message

    command = recognise(text)
    if command is None:
        return None
    return error_message(DatabaseError(str(command), hint=command.hint, about=database))


def database_hint(database: str, other: str | None) -> str | None:
    """Return how a DB that is none was probably meant: `other` is the argument that follows it."""
    if re.fullmatch(_SQL, database, re.IGNORECASE) and not os.path.exists(database):
        return f'the database comes first, then SQL in quotes: pynetdb db-query FILE.db "{database} ..."'
    if is_sql(database):
        place = other if other and os.path.isfile(other) else "FILE.db"
        return f"DB and SQL are swapped: pynetdb db-query {quote(place)} {quote(database)}"
    if other and not os.path.exists(database) and _is_database(other) and "://" not in database:
        return f"{other!r} is a file and {database!r} is not: DB comes first"
    return None


def _is_database(path: str) -> bool:
    """Whether a file looks like a database: any file may be called like a table."""
    if path.lower().endswith((".db", ".sqlite", ".sqlite3")):
        return os.path.isfile(path)
    return is_sqlite(path)


_HOST = (
    r"localhost|\d{1,3}(?:\.\d{1,3}){3}|[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}|\[?[0-9a-fA-F:]*::[0-9a-fA-F:]*\]?"
)


def _is_host(word: str) -> bool:
    return re.fullmatch(_HOST, word) is not None


def _is_port(word: str) -> bool:
    return re.fullmatch(r"[0-9]{1,5}", word) is not None and int(word) < 65536


def _place_options(words: Sequence[str]) -> str | None:
    """Return the options for `localhost 9000`, `localhost:9000`, `localhost` or `9000` that begin `words`."""
    first, second = words[0], words[1] if len(words) > 1 else ""
    host, colon, port = first.rpartition(":")
    if _is_port(first):
        return f"-p {first}"
    if colon and _is_port(port) and (_is_host(host) or host == ""):
        return f"--host {host} -p {port}" if host else f"-p {port}"
    if _is_host(first):
        return f"--host {first} -p {second}" if _is_port(second) else f"--host {first}"
    return None


def _misplaced_place(surplus: Sequence[str], options: set[str]) -> str | None:
    found = _place_options(surplus)
    if found is None or "--port" not in options:
        return None
    what = "a port" if found.startswith("-p") else "a host"
    return f"{what} is given by {found}"


def _misplaced_port(url: str, surplus: str) -> str | None:
    """`http-get localhost 8080`: the URL holds the port."""
    return (
        f"a port is part of the URL: http://{url}:{surplus}/"
        if _is_port(surplus) and "/" not in url
        else None
    )


def _misplaced_talk(command: click.Command, surplus: Sequence[str]) -> str | None:
    if command.name == "chat-client":
        return f"--name {quote(surplus[0])} if that is you, --say {quote(' '.join(surplus))} if you say it"
    return None


def place_among_messages(messages: Sequence[str]) -> str | None:
    """Return the options that were meant by the first messages, if they look like a host and its port."""
    if len(messages) < 2 and not (messages and re.search(r":\d+$", messages[0])):
        return None
    return None if _is_port(messages[0]) else _place_options(messages)


def directory_hint(directory: str) -> str | None:
    """Return the key in params.HINTS for a DIRECTORY that is none."""
    if _is_port(directory):
        return "port as folder"
    return "program as folder" if directory == "pynetdb" or _find_program(directory) else None


# Types that nobody calls a column; and those that somebody may, so that only capitals are sure.
_TYPE = (
    r"(?:int|integer|bigint|smallint|tinyint|real|float|double|numeric|decimal|boolean|blob|(?:n?var)?char)"
)
_TYPE_OR_NAME = r"(?:text|date|datetime|time|timestamp|bool|clob|json)"
_DECLARED = rf"(?P<type>(?:{_TYPE}|{_TYPE_OR_NAME})\b(?:\s*\([0-9, ]+\))?)"
_CONSTRAINTS = {"primary key": "pk", "not null": "notnull", "unique": "unique", "autoincrement": ""}
_REST = rf"(?P<rest>(?:\s+(?:{'|'.join(_CONSTRAINTS)}))*)"


def column_hint(columns: Sequence[str]) -> str | None:
    """Return the COLUMNs that `"id INTEGER"` or `id INTEGER` was to be; None for what is right."""
    if any(":" in column for column in columns):
        return None
    whole = [
        re.fullmatch(rf"(?P<name>.+?)\s+{_DECLARED}{_REST}", column, re.IGNORECASE) for column in columns
    ]
    found = [match for match in whole if match is not None]
    if len(found) < len(columns):
        text = re.sub(r",(?![^(]*\))", " ", re.sub(r"^\((.*)\)$", r"\1", " ".join(columns))).strip()
        one = rf"(?P<name>[^\s()]+)\s+{_DECLARED}{_REST}(?:\s+|$)"
        found = list(re.finditer(one, text, re.IGNORECASE))
        if "".join(match.group() for match in found) != text:
            return None
    sure = any(match["type"].isupper() or re.match(_TYPE, match["type"], re.IGNORECASE) for match in found)
    return " ".join(map(_as_column, found)) if sure else None


def _as_column(match: re.Match[str]) -> str:
    rest = " ".join(match["rest"].lower().split())
    more = [word for sign, word in _CONSTRAINTS.items() if word and sign in rest]
    return quote(":".join([match["name"].strip('"`[]'), match["type"], *more]))
