"""The chapter about datagrams: borders that are kept, order that can be checked, answers that may fail."""

import json

from pynetdb.lessons.stage import Stage


def play(stage: Stage) -> None:
    stage.say("Each send is one datagram, and arrives whole or not at all; even an empty one is one.")
    with stage.server("udp-recv") as server:
        port = server.port
        sent = stage.run("udp-send", "--port", port, "--json", "one", "two", "")
        stage.check(sent.status == 0 and '"sent": 3' in sent.output, "three messages, three datagrams")

    stage.say(
        "Nobody says whether a datagram arrived. Numbered and timed headers do: the receiver learns what "
        "was lost, what came twice, and how much the time on the way varies."
    )
    counted = stage.run(
        *("udp-recv", "--port", "0", "--format", "json", "--quiet", "--"),
        *("pynetdb", "udp-send", "--sequence", "--size", "100", "--count", "1000", "--quiet"),
    )
    summary = json.loads(counted.output or "{}")
    stage.check(
        summary.get("datagrams") == 1000 and summary.get("lost") == 0, "a thousand, in order, none lost"
    )

    stage.say("An answer is one more datagram. Who wants one must be ready to ask again, and to give up.")
    with stage.server("udp-recv", "--reply", "pong") as server:
        port = server.port
        asked = stage.run("udp-send", "--port", port, "--reply", "--retries", "2", "ping")
        stage.check((asked.status, asked.output) == (0, "pong\n"), "asked and answered")

    stage.say("That receiver is gone. The other machine says so by ICMP, if it says anything.")
    refused = stage.run("udp-send", "--port", port, "anybody there?")
    stage.check(refused.status == 3, "connection refused, without any connection")
