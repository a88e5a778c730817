"""The tables and views of a journal as SQLite makes them, version 1, with the statements that fill them.

A journal is a SQLite database whose `application_id` is APPLICATION_ID and whose `user_version` is VERSION.
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

APPLICATION_ID = 0x706E6462
"""`pndb` in ASCII: what makes a SQLite file a journal of ours."""

VERSION = 1
"""Of the schema; a journal of a later one is not written to."""

TABLES = (
    """
CREATE TABLE runs (
  id       INTEGER PRIMARY KEY,
  command  TEXT NOT NULL,       -- serve-echo, udp-send...
  version  TEXT NOT NULL,       -- of pynetdb
  pid      INTEGER NOT NULL,
  started  TEXT NOT NULL,
  ended    TEXT,                -- NULL: it runs, or was killed
  reason   TEXT,                -- why a server ended: signal, count, for, command
  url      TEXT,                -- where a server listened
  seed     INTEGER,             -- with --fault: the --seed that repeats them
  lost     INTEGER NOT NULL DEFAULT 0  -- events that could not be recorded
) STRICT""",
    """
CREATE TABLE connections (
  run_id    INTEGER NOT NULL REFERENCES runs (id),
  number    INTEGER NOT NULL,   -- counted from 1 in each run
  peer      TEXT NOT NULL,      -- address:port, or the path of a Unix socket
  opened    TEXT,
  closed    TEXT,
  seconds   REAL,
  bytes_in  INTEGER,
  bytes_out INTEGER,
  ending    TEXT,               -- closed, refused, or what broke it
  PRIMARY KEY (run_id, number)
) STRICT, WITHOUT ROWID""",
    """
CREATE TABLE requests (
  id         INTEGER PRIMARY KEY,
  run_id     INTEGER NOT NULL REFERENCES runs (id),
  connection INTEGER,
  time       TEXT NOT NULL,     -- when it was answered
  role       TEXT NOT NULL CHECK (role IN ('server', 'client')),
  method     TEXT,              -- NULL: it could not be read
  target     TEXT,              -- a path; a client's is the whole URL
  status     INTEGER,
  bytes      INTEGER,           -- of the answer's body
  seconds    REAL,              -- from the request to the end of its answer
  dns        REAL,              -- a client's: seconds that each phase took
  connect    REAL,
  tls        REAL,
  first_byte REAL,              -- from the request sent to the head received
  error      TEXT,              -- a client's: what went wrong
  body       BLOB,              -- of the answer, its beginning, with --journal-bodies
  FOREIGN KEY (run_id, connection) REFERENCES connections (run_id, number)
) STRICT""",
    """
CREATE TABLE datagrams (
  id        INTEGER PRIMARY KEY,
  run_id    INTEGER NOT NULL REFERENCES runs (id),
  time      TEXT NOT NULL,
  direction TEXT NOT NULL CHECK (direction IN ('received', 'sent')),
  peer      TEXT NOT NULL,
  bytes     INTEGER NOT NULL,
  sequence  INTEGER,            -- its number under udp-send --sequence
  ignored   INTEGER NOT NULL DEFAULT 0,  -- 1: it was no question, and got no answer
  payload   BLOB                -- with --journal-bodies
) STRICT""",
    """
CREATE TABLE members (
  id         INTEGER PRIMARY KEY,
  run_id     INTEGER NOT NULL REFERENCES runs (id),
  connection INTEGER,
  name       TEXT NOT NULL,
  joined     TEXT,
  departed   TEXT,
  reason     TEXT,              -- quit, closed, or what broke the connection
  FOREIGN KEY (run_id, connection) REFERENCES connections (run_id, number)
) STRICT""",
    """
CREATE TABLE messages (
  id         INTEGER PRIMARY KEY,
  run_id     INTEGER NOT NULL REFERENCES runs (id),
  connection INTEGER,
  time       TEXT NOT NULL,
  sender     TEXT NOT NULL,
  recipient  TEXT,              -- NULL: everybody
  text       TEXT,              -- NULL: private, and no --journal-bodies
  characters INTEGER NOT NULL,
  FOREIGN KEY (run_id, connection) REFERENCES connections (run_id, number)
) STRICT""",
    """
CREATE TABLE answers (
  id       INTEGER PRIMARY KEY,
  run_id   INTEGER NOT NULL REFERENCES runs (id),
  time     TEXT NOT NULL,
  protocol TEXT NOT NULL,       -- ntp, daytime, time
  peer     TEXT NOT NULL
) STRICT""",
    """
CREATE TABLE samples (
  id       INTEGER PRIMARY KEY,
  run_id   INTEGER NOT NULL REFERENCES runs (id),
  time     TEXT NOT NULL,       -- by our clock
  server   TEXT NOT NULL,
  protocol TEXT NOT NULL,
  offset_s REAL,                -- the server's clock minus ours
  delay_s  REAL,                -- the round trip
  stratum  INTEGER,
  leap     INTEGER,
  reference TEXT,
  error    TEXT                 -- why there is no offset
) STRICT""",
    """
CREATE TABLE exchanges (
  id       INTEGER PRIMARY KEY,
  run_id   INTEGER NOT NULL REFERENCES runs (id),
  time     TEXT NOT NULL,
  protocol TEXT NOT NULL,
  peer     TEXT NOT NULL,
  summary  TEXT NOT NULL CHECK (json_valid(summary)),
  error    TEXT                 -- what ended it early
) STRICT""",
    """
CREATE TABLE faults (
  id         INTEGER PRIMARY KEY,
  run_id     INTEGER NOT NULL REFERENCES runs (id),
  connection INTEGER,           -- NULL: of a datagram
  time       TEXT NOT NULL,
  fault      TEXT NOT NULL,     -- delay, drop, corrupt...
  direction  TEXT NOT NULL CHECK (direction IN ('received', 'sent')),
  peer       TEXT NOT NULL,
  bytes      INTEGER,           -- of the datagram, or moved so far on the connection
  seconds    REAL               -- of a delay or a stall
) STRICT""",
    """
CREATE TABLE notices (
  id     INTEGER PRIMARY KEY,
  run_id INTEGER NOT NULL REFERENCES runs (id),
  time   TEXT NOT NULL,
  text   TEXT NOT NULL
) STRICT""",
    "CREATE INDEX messages_by_time ON messages (time)",
    "CREATE INDEX members_of_run ON members (run_id, name)",
)

VIEWS = (
    """
CREATE VIEW talkers AS          -- who talked most, as each command heard it
SELECT runs.command, sender, count(*) AS messages, sum(characters) AS characters,
       min(time) AS first, max(time) AS last
FROM messages JOIN runs ON runs.id = run_id GROUP BY 1, 2 ORDER BY messages DESC, sender""",
    """
CREATE VIEW slowest_requests AS
SELECT seconds, role, method, target, status, bytes, time, run_id, connection
FROM requests WHERE seconds IS NOT NULL ORDER BY seconds DESC""",
    """
CREATE VIEW targets AS          -- what was asked for, how often, how fast
SELECT role, method, target, status, count(*) AS requests, sum(bytes) AS bytes,
       round(avg(seconds), 6) AS average_seconds, max(seconds) AS longest_seconds
FROM requests GROUP BY role, method, target, status ORDER BY requests DESC""",
    """
CREATE VIEW offset_over_time AS
SELECT time, server, offset_s, delay_s FROM samples WHERE offset_s IS NOT NULL ORDER BY time""",
    """
CREATE VIEW open_connections AS -- how many were open after each that opened or closed
SELECT run_id, time, sum(step) OVER (PARTITION BY run_id ORDER BY time, step DESC
       ROWS UNBOUNDED PRECEDING) AS open
FROM (SELECT run_id, opened AS time, 1 AS step FROM connections
      WHERE opened IS NOT NULL AND ending IS NOT 'refused'
      UNION ALL
      SELECT run_id, closed, -1 FROM connections
      WHERE opened IS NOT NULL AND closed IS NOT NULL AND ending IS NOT 'refused')
ORDER BY run_id, time""",
    """
CREATE VIEW endings AS          -- how connections ended
SELECT runs.command, ifnull(ending, 'open') AS ending, count(*) AS connections,
       sum(bytes_in) AS bytes_in, sum(bytes_out) AS bytes_out
FROM connections JOIN runs ON runs.id = run_id GROUP BY 1, 2 ORDER BY 1, 3 DESC""",
    """
CREATE VIEW senders AS          -- whose datagrams arrived
SELECT run_id, peer, count(*) AS datagrams, sum(bytes) AS bytes, min(time) AS first, max(time) AS last
FROM datagrams WHERE direction = 'received' GROUP BY run_id, peer ORDER BY datagrams DESC""",
    """
CREATE VIEW fault_counts AS     -- what we did to ourselves
SELECT runs.command, fault, count(*) AS times, round(sum(seconds), 6) AS seconds
FROM faults JOIN runs ON runs.id = run_id GROUP BY 1, 2 ORDER BY 1, 2""",
)

BEGIN_RUN = "INSERT INTO runs (command, version, pid, started, seed) VALUES (?, ?, ?, ?, ?)"

LAST_MESSAGES = """
SELECT sender, text FROM (
  SELECT messages.id, sender, text FROM messages JOIN runs ON runs.id = run_id
  WHERE runs.command = 'chat-server' AND recipient IS NULL AND text IS NOT NULL
  ORDER BY messages.id DESC LIMIT ?)
ORDER BY id"""
"""The last public messages of the rooms that were held, the oldest first."""

# In the order in which those of a batch are carried out: what others refer to comes first.
STATEMENTS = {
    "ready": "UPDATE runs SET url = ? WHERE id = ?",
    "opened": """
INSERT INTO connections (run_id, number, peer, opened) VALUES (?, ?, ?, ?)
ON CONFLICT (run_id, number) DO UPDATE SET opened = ifnull(opened, excluded.opened)""",
    "seen": "INSERT INTO connections (run_id, number, peer) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    "closed": """
INSERT INTO connections (run_id, number, peer, opened, closed, seconds, bytes_in, bytes_out, ending)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (run_id, number) DO UPDATE SET
  opened = ifnull(opened, excluded.opened), closed = excluded.closed, seconds = excluded.seconds,
  bytes_in = excluded.bytes_in, bytes_out = excluded.bytes_out, ending = excluded.ending""",
    "served": """
INSERT INTO requests (run_id, connection, time, role, method, target, status, bytes, seconds, body)
VALUES (?, ?, ?, 'server', ?, ?, ?, ?, ?, ?)""",
    "response": """
INSERT INTO requests (run_id, time, role, method, target, status, bytes, seconds,
                      dns, connect, tls, first_byte, error, body)
VALUES (?, ?, 'client', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
    "datagram": """
INSERT INTO datagrams (run_id, time, direction, peer, bytes, sequence, ignored, payload)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
    "joined": "INSERT INTO members (run_id, connection, name, joined) VALUES (?, ?, ?, ?)",
    "left": """
UPDATE members SET departed = ?, reason = ?
WHERE id = (SELECT max(id) FROM members WHERE run_id = ? AND name = ? AND departed IS NULL)""",
    "message": """
INSERT INTO messages (run_id, connection, time, sender, recipient, text, characters)
VALUES (?, ?, ?, ?, ?, ?, ?)""",
    "answer": "INSERT INTO answers (run_id, time, protocol, peer) VALUES (?, ?, ?, ?)",
    "sample": """
INSERT INTO samples (run_id, time, server, protocol, offset_s, delay_s, stratum, leap, reference, error)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
    "exchange": """
INSERT INTO exchanges (run_id, time, protocol, peer, summary, error) VALUES (?, ?, ?, ?, ?, ?)""",
    "fault": """
INSERT INTO faults (run_id, connection, time, fault, direction, peer, bytes, seconds)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
    "notice": "INSERT INTO notices (run_id, time, text) VALUES (?, ?, ?)",
    "ended": "UPDATE runs SET ended = ?, reason = ?, lost = ? WHERE id = ?",
}
"""By the names of `rows.Row`."""
