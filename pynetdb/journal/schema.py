"""The tables and views of a journal, version 1, the same on each engine.

A journal of SQLite is a file whose `application_id` is APPLICATION_ID and whose `user_version` is VERSION.
One run of a command is a row of `runs`, and every other row belongs to a run. A connection is known by its
run and its number, the `#3` of --explain; of a client's connections the first is 1. Times are text in UTC,
ISO 8601 with microseconds (`2012-11-28T19:30:19.118400Z`), which sort as they are; durations are seconds;
sizes are bytes. NULL is "not known (yet)": a connection without `closed` is open, or its command was killed.

| table       | a row is                                                      | written by               |
|-------------|---------------------------------------------------------------|--------------------------|
| runs        | one run of a command, from start to end                       | all                      |
| connections | a connection; `ending`: `closed`, `refused`, or what broke it | TCP servers and clients  |
| requests    | an HTTP request and its answer; `role` tells whose view       | serve-http, http-get     |
| datagrams   | a datagram that was `received` or `sent`                      | udp-*, serve-time, echo  |
| members     | somebody's stay in a chat room                                | chat-server, chat-client |
| messages    | a line of chat; no `recipient`: for all, no `text`: private   | chat-server, chat-client |
| answers     | somebody was told the time                                    | serve-time               |
| samples     | the time as a server told it                                  | time-query               |
| exchanges   | what a client did with a peer; `summary` is JSON              | echo-client, udp-send... |
| faults      | a fault of our own making (--fault)                           | servers, udp-send        |
| notices     | whatever else an operator is told                             | all                      |
"""

from pynetdb.db.store import ForeignKey, StoreColumn, StoreIndex, StoreSchema, StoreTable

APPLICATION_ID = 0x706E6462
"""`pndb` in ASCII: what makes a SQLite file a journal of ours."""

VERSION = 1
"""Of the schema; a journal of a later one is not written to."""

_RUN = StoreColumn("run_id", "integer", required=True, table="runs")
_CONNECTION = ForeignKey(("run_id", "connection"), "connections", ("run_id", "number"))

TABLES = (
    StoreTable(
        "runs",
        (
            StoreColumn("id", "number"),
            StoreColumn("command", "text", "serve-echo, udp-send...", required=True),
            StoreColumn("version", "text", "of pynetdb", required=True),
            StoreColumn("pid", "integer", required=True),
            StoreColumn("started", "text", required=True),
            StoreColumn("ended", "text", "NULL: it runs, or was killed"),
            StoreColumn("reason", "text", "why a server ended: signal, count, for, command"),
            StoreColumn("url", "text", "where a server listened"),
            StoreColumn("seed", "integer", "with --fault: the --seed that repeats them"),
            StoreColumn("lost", "integer", "events that could not be recorded", required=True, default=0),
        ),
    ),
    StoreTable(
        "connections",
        (
            _RUN,
            StoreColumn("number", "integer", "counted from 1 in each run", required=True),
            StoreColumn("peer", "text", "address:port, or the path of a Unix socket", required=True),
            StoreColumn("opened", "text"),
            StoreColumn("closed", "text"),
            StoreColumn("seconds", "real"),
            StoreColumn("bytes_in", "integer"),
            StoreColumn("bytes_out", "integer"),
            StoreColumn("ending", "text", "closed, refused, or what broke it"),
        ),
        key=("run_id", "number"),
    ),
    StoreTable(
        "requests",
        (
            StoreColumn("id", "number"),
            _RUN,
            StoreColumn("connection", "integer"),
            StoreColumn("time", "text", "when it was answered", required=True),
            StoreColumn("role", "text", required=True, one_of=("server", "client")),
            StoreColumn("method", "text", "NULL: it could not be read"),
            StoreColumn("target", "text", "a path; a client's is the whole URL"),
            StoreColumn("status", "integer"),
            StoreColumn("bytes", "integer", "of the answer's body"),
            StoreColumn("seconds", "real", "from the request to the end of its answer"),
            StoreColumn("dns", "real", "a client's: seconds that each phase took"),
            StoreColumn("connect", "real"),
            StoreColumn("tls", "real"),
            StoreColumn("first_byte", "real", "from the request sent to the head received"),
            StoreColumn("error", "text", "a client's: what went wrong"),
            StoreColumn("body", "bytes", "of the answer, its beginning, with --journal-bodies"),
        ),
        references=(_CONNECTION,),
    ),
    StoreTable(
        "datagrams",
        (
            StoreColumn("id", "number"),
            _RUN,
            StoreColumn("time", "text", required=True),
            StoreColumn("direction", "text", required=True, one_of=("received", "sent")),
            StoreColumn("peer", "text", required=True),
            StoreColumn("bytes", "integer", required=True),
            StoreColumn("sequence", "integer", "its number under udp-send --sequence"),
            StoreColumn(
                "ignored", "integer", "1: it was no question, and got no answer", required=True, default=0
            ),
            StoreColumn("payload", "bytes", "with --journal-bodies"),
        ),
    ),
    StoreTable(
        "members",
        (
            StoreColumn("id", "number"),
            _RUN,
            StoreColumn("connection", "integer"),
            StoreColumn("name", "text", required=True),
            StoreColumn("joined", "text"),
            StoreColumn("departed", "text"),
            StoreColumn("reason", "text", "quit, closed, or what broke the connection"),
        ),
        references=(_CONNECTION,),
    ),
    StoreTable(
        "messages",
        (
            StoreColumn("id", "number"),
            _RUN,
            StoreColumn("connection", "integer"),
            StoreColumn("time", "text", required=True),
            StoreColumn("sender", "text", required=True),
            StoreColumn("recipient", "text", "NULL: everybody"),
            StoreColumn("text", "text", "NULL: private, and no --journal-bodies"),
            StoreColumn("characters", "integer", required=True),
        ),
        references=(_CONNECTION,),
    ),
    StoreTable(
        "answers",
        (
            StoreColumn("id", "number"),
            _RUN,
            StoreColumn("time", "text", required=True),
            StoreColumn("protocol", "text", "ntp, daytime, time", required=True),
            StoreColumn("peer", "text", required=True),
        ),
    ),
    StoreTable(
        "samples",
        (
            StoreColumn("id", "number"),
            _RUN,
            StoreColumn("time", "text", "by our clock", required=True),
            StoreColumn("server", "text", required=True),
            StoreColumn("protocol", "text", required=True),
            StoreColumn("offset_s", "real", "the server's clock minus ours"),
            StoreColumn("delay_s", "real", "the round trip"),
            StoreColumn("stratum", "integer"),
            StoreColumn("leap", "integer"),
            StoreColumn("reference", "text"),
            StoreColumn("error", "text", "why there is no offset"),
        ),
    ),
    StoreTable(
        "exchanges",
        (
            StoreColumn("id", "number"),
            _RUN,
            StoreColumn("time", "text", required=True),
            StoreColumn("protocol", "text", required=True),
            StoreColumn("peer", "text", required=True),
            StoreColumn("summary", "json", required=True),
            StoreColumn("error", "text", "what ended it early"),
        ),
    ),
    StoreTable(
        "faults",
        (
            StoreColumn("id", "number"),
            _RUN,
            StoreColumn("connection", "integer", "NULL: of a datagram"),
            StoreColumn("time", "text", required=True),
            StoreColumn("fault", "text", "delay, drop, corrupt...", required=True),
            StoreColumn("direction", "text", required=True, one_of=("received", "sent")),
            StoreColumn("peer", "text", required=True),
            StoreColumn("bytes", "integer", "of the datagram, or moved so far on the connection"),
            StoreColumn("seconds", "real", "of a delay or a stall"),
        ),
    ),
    StoreTable(
        "notices",
        (
            StoreColumn("id", "number"),
            _RUN,
            StoreColumn("time", "text", required=True),
            StoreColumn("text", "text", required=True),
        ),
    ),
)

INDEXES = (
    StoreIndex("messages_by_time", "messages", ("time",)),
    StoreIndex("members_of_run", "members", ("run_id", "name")),
)

# Rounding is by multiplication: PostgreSQL rounds no double to a number of digits.
VIEWS = {
    "talkers": """-- who talked most, as each command heard it
SELECT runs.command, sender, count(*) AS messages, sum(characters) AS characters,
       min(time) AS first, max(time) AS last
FROM messages JOIN runs ON runs.id = run_id GROUP BY 1, 2 ORDER BY messages DESC, sender, command""",
    "slowest_requests": """
SELECT seconds, role, method, target, status, bytes, time, run_id, connection
FROM requests WHERE seconds IS NOT NULL ORDER BY seconds DESC, id""",
    "targets": """-- what was asked for, how often, how fast
SELECT role, method, target, status, count(*) AS requests, sum(bytes) AS bytes,
       round(avg(seconds) * 1000000) / 1000000 AS average_seconds, max(seconds) AS longest_seconds
FROM requests GROUP BY role, method, target, status
ORDER BY requests DESC, coalesce(target, ''), role, coalesce(status, 0)""",
    "offset_over_time": """
SELECT time, server, offset_s, delay_s FROM samples WHERE offset_s IS NOT NULL ORDER BY time, id""",
    "open_connections": """-- how many were open after each that opened or closed
SELECT run_id, time, sum(step) OVER (PARTITION BY run_id ORDER BY time, step DESC
       ROWS UNBOUNDED PRECEDING) AS open
FROM (SELECT run_id, opened AS time, 1 AS step FROM connections
      WHERE opened IS NOT NULL AND coalesce(ending, '') <> 'refused'
      UNION ALL
      SELECT run_id, closed, -1 FROM connections
      WHERE opened IS NOT NULL AND closed IS NOT NULL AND coalesce(ending, '') <> 'refused') AS steps
ORDER BY run_id, time""",
    "endings": """-- how connections ended
SELECT runs.command, coalesce(ending, 'open') AS ending, count(*) AS connections,
       sum(bytes_in) AS bytes_in, sum(bytes_out) AS bytes_out
FROM connections JOIN runs ON runs.id = run_id GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2""",
    "senders": """-- whose datagrams arrived
SELECT run_id, peer, count(*) AS datagrams, sum(bytes) AS bytes, min(time) AS first, max(time) AS last
FROM datagrams WHERE direction = 'received' GROUP BY run_id, peer ORDER BY datagrams DESC, run_id, peer""",
    "fault_counts": """-- what we did to ourselves
SELECT runs.command, fault, count(*) AS times, round(sum(seconds) * 1000000) / 1000000 AS seconds
FROM faults JOIN runs ON runs.id = run_id GROUP BY 1, 2 ORDER BY 1, 2""",
}
"""What students ask first, in words that SQLite and PostgreSQL share."""

SCHEMA = StoreSchema("journal", APPLICATION_ID, VERSION, TABLES, INDEXES, VIEWS)
