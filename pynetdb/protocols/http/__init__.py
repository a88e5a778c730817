"""HTTP/1.1 as arithmetic (RFC 9110, RFC 9112): requests, responses, fields, conditions, targets."""
