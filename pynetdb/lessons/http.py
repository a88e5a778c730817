"""The chapter about HTTP: a file, asked for in several ways; an answer that is no."""

import json

from pynetdb.lessons.stage import Stage


def play(stage: Stage) -> None:
    with stage.folder():
        stage.write("page.html", "<h1>Hello</h1>\n<p>0123456789</p>\n")
        _play(stage)


def _play(stage: Stage) -> None:
    stage.say(
        "A request is a line, some fields and an empty line; a response is the same with a body behind it. "
        "Here is one with its head, as it came over the wire."
    )
    with stage.server("serve-http") as server:
        url = f"http://{server.address}"
        whole = stage.run("http-get", "--include", f"{url}/page.html")
        stage.check(whole.status == 0 and "HTTP/1.1 200 OK" in whole.output, "the status line says 200")
        stage.check("Content-Length: 33" in whole.output, "and a field how long the body is")

        stage.say("A part of it, as video players ask for it: the status is 206 then.")
        part = stage.run("http-get", "--range", "18-27", f"{url}/page.html")
        stage.check(part.output == "0123456789", "exactly these ten bytes")

        stage.say("What a regular expression finds in a page, as rows.")
        found = stage.run("http-get", "--find", "<h1>(.*?)</h1>", "--json", f"{url}/page.html")
        stage.check(json.loads(found.output or "[]") == [{"1": "Hello"}], "the heading is found")

        stage.say("What is not there is a clear answer, too; for a script it is exit status 7.")
        missing = stage.run("http-get", f"{url}/missing")
        stage.check(missing.status == 7, "404 Not Found")

        stage.say("Nobody climbs out of the folder.")
        outside = stage.run("http-get", f"{url}/..%2f..%2fetc%2fpasswd")
        stage.check(outside.status == 7 and "root:" not in outside.output, "/etc/passwd stays at home")
