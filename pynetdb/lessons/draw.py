"""The chapter about pictures: traces of both ends, laid beside each other."""

import os

from pynetdb.lessons.stage import Stage


def play(stage: Stage) -> None:
    with stage.folder() as folder:
        _play(stage, folder)


def _play(stage: Stage, folder: str) -> None:
    stage.say(
        "Each end writes its calls into a file: --trace. The server stops with its one client, so both "
        "files are complete."
    )
    held = stage.run(
        *("serve-echo", "--port", "0", "--quiet", "--trace", "server.jsonl", "--"),
        *("pynetdb", "echo-client", "hello", "world", "--trace", "client.jsonl"),
    )
    stage.check((held.status, held.output) == (0, "hello\nworld\n"), "both words came back")

    stage.say(
        "Laid beside each other: time goes down, and an arrow is a send that arrived as a recv. Which one "
        "it was is found out by the addresses and by the bytes themselves."
    )
    chart = stage.run("draw", "client.jsonl", "server.jsonl", "--format", "text")
    arrows = [line for line in chart.output.splitlines() if "5 bytes" in line]
    stage.check(chart.status == 0 and len(arrows) == 4, "four arrows: two words there, two words back")

    stage.say("The same as a page for the wall, and as Mermaid for a README.")
    page = stage.run("draw", "client.jsonl", "server.jsonl", "--output", "echo.html")
    size = os.path.getsize(os.path.join(folder, "echo.html")) if page.status == 0 else 0
    stage.check(size > 1000, "one page that loads nothing")
    mermaid = stage.run("draw", "client.jsonl", "server.jsonl", "--format", "mermaid")
    stage.check(mermaid.output.startswith("sequenceDiagram"), "a diagram that forges draw in Markdown")
