"""The chapter about journals: both halves meet, and what the network did can be asked in SQL."""

import json

from pynetdb.lessons.stage import Stage


def play(stage: Stage) -> None:
    with stage.folder():
        _play(stage)


def _play(stage: Stage) -> None:
    stage.say(
        "A server tells what happens, and then it is gone. With --journal it also writes rows: the run, its "
        "connections, what was said."
    )
    held = stage.run(
        *("serve-echo", "--port", "0", "--quiet", "--journal", "class.db", "--"),
        *("pynetdb", "echo-client", "hello"),
    )
    stage.check((held.status, held.output) == (0, "hello\n"), "the echo is what it was")
    sql = "select number, bytes_in, bytes_out, ending from connections"
    found = stage.run("db-query", "class.db", sql, "--json")
    rows = json.loads(found.output or "[]")
    stage.check(
        rows == [{"number": 1, "bytes_in": 5, "bytes_out": 5, "ending": "closed"}],
        "one connection, five bytes in and five out, closed in good order",
    )

    stage.say("Another command, the same file: a chat room, and who said what in it.")
    room = stage.run(
        *("chat-server", "--port", "0", "--quiet", "--journal", "class.db", "--"),
        *("pynetdb", "chat-client", "--name", "Joe", "--say", "hello", "--say", "anybody here?"),
    )
    stage.check(room.status == 0, "Joe came, spoke and left")
    said = stage.run("db-query", "class.db", "select sender, text from messages order by id")
    stage.check("anybody here?" in said.output, "his words are rows")

    stage.say(
        "Nobody promised to keep secrets, and still: what was said to one alone is counted and not kept, "
        "unless --journal-bodies asks for it."
    )
    private = stage.run(
        *("chat-server", "--port", "0", "--quiet", "--journal", "class.db", "--"),
        *("pynetdb", "chat-client", "--name", "Joe", "--say", "psst", "--to", "Joe"),
    )
    told = stage.run(
        *(
            "db-query",
            "class.db",
            "select recipient, text, characters from messages where recipient not null",
        ),
        "--json",
    )
    rows = json.loads(told.output or "[]")
    stage.check(
        private.status == 0 and rows == [{"recipient": "Joe", "text": None, "characters": 4}],
        "four characters for Joe, and nobody reads which",
    )

    stage.say("The obvious questions are views already: who talked most, what was slow, how it ended.")
    endings = stage.run("db-query", "class.db", "select command, ending, connections from endings")
    stage.check(
        "chat-server" in endings.output and "serve-echo" in endings.output, "all three runs are there"
    )
