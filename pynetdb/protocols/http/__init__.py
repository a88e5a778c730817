"""HTTP/1.1 as arithmetic (RFC 9110, RFC 9112): requests, responses, fields, conditions, targets.

Heads and bodies are read by `requests` on a server's side and by `responses` on a client's, over the same
`fields` and `body`. What a request is answered with is for `conditions` and `targets` to say, as far as no
file need be looked at. May import errors; must not know that there are files and connections.
"""
