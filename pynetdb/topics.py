"""What holds for every command, told once: the topics of `pynetdb help TOPIC`."""

import inspect
import re
import textwrap

TOPICS = {
    "classes": """
        What a class is to see, and what shows it. --explain tells every call; --trace FILE at both ends, and
        then pynetdb draw FILE FILE, make a picture of them.

            a connection              pynetdb serve-echo --explain -- pynetdb echo-client hello
            a half-close              pynetdb serve-echo --greeting Hi --fault delay=1s --
                                      pynetdb echo-client --explain
            streams have no messages  pynetdb tour echo
            a refused connection      pynetdb echo-client --port 1 hello
            loss, order, duplicates   pynetdb udp-recv --fault drop=10%, pynetdb udp-send --sequence
            a slow network            pynetdb serve-http --fault rate=10kB
            TLS, its handshake        pynetdb serve-echo --self-signed --explain
            HTTP, as it goes          pynetdb http-get --explain http://127.0.0.1:8080/
            a clock that is wrong     pynetdb serve-time --skew 2h, pynetdb time-query
            threads and events        pynetdb chat-server --explain
            a transaction, rollback   pynetdb db-insert --explain, pynetdb db-query --write --explain
            an index, a query plan    pynetdb db-query --plan

        pynetdb tour shows most of it in one terminal, with --step at the class's own pace.
        """,
    "durations": """
        How long something takes is written as

            500ms  5s  2m  1.5h  0.5

        where a number alone is seconds. A --timeout is one deadline for the whole exchange, not for each
        read, so that a peer that drips bytes cannot stretch it. --for bounds the life of a server.
        """,
    "environment": """
        Every option has an environment variable, made from the command and the option's long name:

            PYNETDB_SERVE_ECHO_PORT=7000      pynetdb serve-echo --port 7000
            PYNETDB_DB_QUERY_FORMAT=json      pynetdb db-query --format json

        A flag takes 1 or 0. What stands on the command line beats it. COMMAND after -- finds where its
        server listens in PYNETDB_HOST, PYNETDB_PORT and PYNETDB_URL. NO_COLOR, if not empty, and
        TERM=dumb switch colours off.
        """,
    "formats": """
        Results go to standard output, talk to standard error. --format (-f) says how results are written:

            table     for people (the default)
            json      one document; --json is short for it
            jsonl     an object a line, each written at once; what servers speak
            csv, tsv  a header and rows, as spreadsheets take them
            markdown  a table for a page
            raw       exact bytes, for the next program

        An empty result is a valid document: [], or a header alone. Text of strangers is made safe for
        the terminal; raw, and what -o saves, are exact.
        """,
    "places": """
        --host is a name, an IPv4 or an IPv6 address. A server binds to 127.0.0.1 unless told otherwise, so
        that this machine alone reaches it; 0.0.0.0, :: or '' is every interface. --port (-p) is a number
        or the name of a service (`pynetdb ports` lists them); a server given 0 takes a free one and says
        which. --unix PATH is a Unix-domain socket in place of both.

            serve-echo, echo-client    9128      serve-time ntp, time-query    1123
            serve-http                 8080      serve-time daytime            1013
            chat-server, chat-client   9000      serve-time time               1037
            udp-recv, udp-send         9999
        """,
    "scripts": """
        A server that a script can hold:

            pynetdb serve-http site --port 0 -- COMMAND

        runs COMMAND once the server listens, on a free port, stops when COMMAND ends and exits with its
        status. COMMAND finds PYNETDB_HOST, PYNETDB_PORT and PYNETDB_URL in its environment; no shell reads
        its line, so that who wants them there brings one:

            pynetdb serve-http site --port 0 -- sh -c 'pynetdb http-get "$PYNETDB_URL"'

        For a server of somebody else's there is wait:

            python3 -m http.server 8123 & pynetdb wait http://127.0.0.1:8123/ -- COMMAND

        Without COMMAND, --format jsonl writes a ready event as
        the first line of standard output, --ready-file PATH a file; --count and --for bound the life.
        """,
    "statuses": """
        The exit status of every command:

            0    done; a bound was reached; a server was stopped by its user
            1    failed, no better word
            2    wrong command line
            3    network: refused, unreachable, unknown host, port in use
            4    the deadline passed
            5    the peer broke its protocol, or the echo differs
            6    the database refused the file or the statement
            7    a clear answer, and it is no
            126  the command after -- cannot be executed
            127  the command after -- does not exist
            130  ^C in a client

        An error is one line on standard error.
        """,
}
"""By name. Paragraphs as they are shown in 100 columns or fewer; lines further in are taken as they stand."""

_WIDTH = 100
# Where a line of two columns goes on in its second one.
_COLUMNS = re.compile(r"( +\S.*?  +)\S")


def find_topics(word: str) -> list[str]:
    """Return the topics whose text has a word in it."""
    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
    return [name for name in TOPICS if word and pattern.search(topic_text(name))]


def topic_text(name: str, width: int = _WIDTH) -> str:
    """Return a topic as lines of at most `width` columns. Raises KeyError for a name that is none."""
    parts = [""]
    for line in inspect.cleandoc(TOPICS[name]).split("\n"):
        if _is_prose(line) and _is_prose(parts[-1]):
            parts[-1] += f" {line}"
        else:
            parts.append(line)
    return "".join(_fit(part, width) + "\n" for part in parts[1:])


def _is_prose(line: str) -> bool:
    return bool(line) and not line.startswith(" ")


def _fit(text: str, width: int) -> str:
    """Return a paragraph, or a line that stands further in, as lines of at most so many columns."""
    columns = _COLUMNS.match(text)
    if len(text) <= width or (columns is None and text.startswith(" ")):
        return text  # A command that can be copied.
    indent = " " * len(columns[1]) if columns else ""
    words = textwrap.wrap(
        text[len(indent) :], max(width - len(indent), 20), break_long_words=False, break_on_hyphens=False
    )
    return text[: len(indent)] + f"\n{indent}".join(words)
