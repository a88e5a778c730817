"""The chapter about echo: a connection, a stream, a datagram, a closed port."""

from pynetdb.lessons.stage import Stage


def play(stage: Stage) -> None:
    stage.say(
        "A server waits on a port; a client connects and speaks first. That is TCP: a connection, and in "
        "it a stream of bytes in each direction."
    )
    with stage.server("serve-echo") as server:
        port = server.port
        waited = stage.run("wait", f"127.0.0.1:{port}")
        stage.check(waited.status == 0, "somebody accepts connections there")
        hello = stage.run("echo-client", "--port", port, "hello")
        stage.check(
            (hello.status, hello.output) == (0, "hello\n"), "five bytes went out and the same five came back"
        )

        stage.say(
            "A stream has no message boundaries: two sends may arrive in one recv. The client counts bytes,\n"
            "so it takes the stream apart correctly even with both messages under way at once."
        )
        both = stage.run("echo-client", "--port", port, "--in-flight", "2", "first", "second")
        stage.check((both.status, both.output) == (0, "first\nsecond\n"), "both came back, in order")

        stage.say("Far more than any buffer holds: the client must read while it still writes.")
        large = stage.run("echo-client", "--port", port, "--size", "10MB", "--json")
        stage.check(
            large.status == 0 and '"bytes": 10000000' in large.output,
            "ten million bytes, all of them the same",
        )

    stage.say("UDP knows no connection: each message is a datagram, which arrives whole or not at all.")
    with stage.server("serve-echo", "--udp") as server:
        port = server.port
        datagrams = stage.run("echo-client", "--udp", "--port", port, "one", "two", "")
        stage.check(
            (datagrams.status, datagrams.output) == (0, "one\ntwo\n\n"),
            "three datagrams, an empty one among them",
        )

    stage.say("That server is gone now. Nobody listens on its port, and the client finds out at once.")
    refused = stage.run("echo-client", "--port", port, "anybody there?")
    stage.check(refused.status == 3, "connection refused is exit status 3")
    gone = stage.run("wait", f"!127.0.0.1:{port}")
    stage.check(gone.status == 0, "a script can wait until a server is gone, as until it is there")

    stage.say("In a script: serve on a free port while a command runs, then end with its status.")
    held = stage.run(
        *("serve-echo", "--port", "0", "--quiet", "--"), *("pynetdb", "echo-client", "held by a script")
    )
    stage.check(
        (held.status, held.output) == (0, "held by a script\n"),
        "the server lived exactly as long as its command",
    )
