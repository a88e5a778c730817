"""The chapter about time: a clock that is wrong, a server that refuses, a line and four bytes."""

import json

from pynetdb.lessons.stage import Stage


def play(stage: Stage) -> None:
    stage.say(
        "NTP: one datagram there, one back, four moments noted. From them follow the offset of the two "
        "clocks and the delay on the way. This server's clock is 90 seconds ahead."
    )
    with stage.server("serve-time", "--skew", "90s") as server:
        where = server.address
        asked = stage.run("time-query", "--json", where)
        answers = json.loads(asked.output or "[{}]")
        off = answers[0].get("offset_s") or 0.0
        stage.check(asked.status == 0 and abs(off - 90) < 0.1, "the client finds the 90 seconds")
        far = stage.run("time-query", "--max-offset", "1m", where)
        stage.check(far.status == 7, "more than the allowed minute: a clear answer, exit status 7")

    stage.say("A server that is asked too often says so with a kiss of death, and the client obeys.")
    with stage.server("serve-time", "--kiss", "RATE") as server:
        kissed = stage.run("time-query", server.address)
        stage.check(kissed.status == 7, "the client stops asking, with exit status 7")

    stage.say("Daytime (RFC 867) says it in a line for people. This clock stands still.")
    with stage.server("serve-time", "--protocol", "daytime", "--at", "2012-11-28T19:30:19") as server:
        where = server.address
        line = stage.run("time-query", "--protocol", "daytime", "--raw", where)
        stage.check("56259" in line.output, "the Modified Julian Date decides the century")
        said = stage.run("time-query", "--protocol", "daytime", "--sentence", where)
        sentence = "It is now 19:30:19 on 28 November 2012\n"
        stage.check(said.output == sentence, "and the line can be said in a sentence")

    stage.say("Time (RFC 868) says it in four bytes: the seconds since 1900, until they overflow in 2036.")
    with stage.server("serve-time", "--protocol", "time", "--at", "2040-02-29T12:00:00") as server:
        later = stage.run("time-query", "--protocol", "time", "--sentence", server.address)
        sentence = "It is now 12:00:00 on 29 February 2040\n"
        stage.check(later.output == sentence, "which is no reason to be wrong afterwards")
