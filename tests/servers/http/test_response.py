"""Short answers for people."""

from pynetdb.servers.http.response import text_response


def test_a_plain_answer_has_its_length_and_its_type() -> None:
    answer = text_response(404, "nicht da: ä", [("Vary", "Accept")], close=True)
    assert (answer.status, answer.body, answer.close) == (404, "nicht da: ä\n".encode(), True)
    assert dict(answer.fields) == {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(answer.body)),
        "Vary": "Accept",
    }
