"""The chapter about chat: lines in a stream, a room, a refusal, a server that goes."""

import json

from pynetdb.lessons.stage import Stage


def play(stage: Stage) -> None:
    stage.say(
        "A chat room is the first server that must serve many at once: what one says, all hear. Its words "
        "are lines, because a stream has no messages: two that were sent may arrive in one recv."
    )
    with stage.server("chat-server", "--motd", "be kind") as server:
        port = server.port
        joe = ("chat-client", "--port", port, "--name", "Joe")
        hello = stage.run(*joe, "--say", "hello", "--say", "is anybody here?")
        heard = hello.output.splitlines()
        stage.check(
            hello.status == 0 and heard[-2:] == ["==> Joe: hello", "==> Joe: is anybody here?"],
            "the sender hears its own lines as the others do, in order",
        )

        stage.say(
            "As events, for a program. The greeting is a private line, from a name that nobody can take."
        )
        events = stage.run(*joe, "--say", "hi", "--format", "jsonl")
        kinds = [json.loads(line)["event"] for line in events.output.splitlines()]
        stage.check(kinds == ["joined", "notice", "message", "goodbye"], "joined, greeted, heard, let go")

        stage.say("What cannot be done is a clear answer, and exit status 7.")
        unknown = stage.run(*joe, "--say", "psst", "--to", "Ann")
        stage.check(unknown.status == 7, "a private line to somebody who is not here")
        refused = stage.run("chat-client", "--port", port, "--name", "two words", "--say", "hi")
        stage.check(refused.status == 7, "a name that could be mistaken for two")

    stage.say("That server is gone, and with it the room.")
    gone = stage.run(*joe, "--say", "anybody?")
    stage.check(gone.status == 3, "connection refused is exit status 3")
