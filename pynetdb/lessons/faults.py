"""The chapter about faults: what only happens on bad networks, on loopback and on purpose."""

import json

from pynetdb.lessons.stage import Stage


def play(stage: Stage) -> None:
    def serve_echo(*arguments: str, fault: str) -> tuple[int, str]:
        held = stage.run(
            *("serve-echo", "--port", "0", "--quiet", "--fault", fault, "--", "pynetdb", "echo-client"),
            *arguments,
        )
        return held.status, held.output

    stage.say(
        "On this machine the network is perfect, and a program that is wrong works. --fault makes it as bad "
        "as yours. First: a send that is cut into pieces of one byte."
    )
    status, output = serve_echo("hello", fault="split=1")
    stage.check(
        (status, output) == (0, "hello\n"),
        "one recv is not one message: the client went on until it had all five bytes",
    )

    stage.say("A server that falls silent. Whoever waits without a limit waits for ever; a deadline ends it.")
    status, _ = serve_echo("--timeout", "500ms", "hello", fault="stall=1h")
    stage.check(status == 4, "the deadline passed: exit status 4")

    stage.say("A connection that is torn down in the middle of a word.")
    status, _ = serve_echo("hello", fault="reset-after=3")
    stage.check(status == 3, "the peer reset the connection: exit status 3")

    stage.say("A server that closes in good order, but too early: the bytes that came are not all.")
    status, _ = serve_echo("hello", fault="close-after=3")
    stage.check(status != 0, "end of stream is not end of message")

    stage.say(
        "Chance, and the same chance again: with the same --seed the same datagrams are lost, so that a test "
        "can count on it."
    )
    lost = []
    for _ in range(2):
        received = stage.run(
            *("udp-recv", "--port", "0", "--json", "--quiet", "--", "pynetdb", "udp-send", "--sequence"),
            *("--count", "100", "--fault", "drop=10%", "--seed", "7", "--quiet", "x"),
        )
        lost.append(json.loads(received.output or "{}").get("lost"))
    stage.check(bool(lost[0]) and lost[0] == lost[1], f"{lost[0]} of a hundred, twice")
