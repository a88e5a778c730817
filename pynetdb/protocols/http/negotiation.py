"""What a client would rather have (RFC 9110 section 12): codings, media types."""

from pynetdb.protocols.http.fields import Fields


def accepts_coding(field: str, coding: str) -> bool:
    """Whether Accept-Encoding allows a coding (RFC 9110 section 12.5.3)."""
    weights = dict(_weights_in(field))
    return weights.get(coding, weights.get("*", 0.0)) > 0


def prefers_json(fields: Fields) -> bool:
    """Whether Accept asks for JSON more than for a page."""
    weights = dict(_weights_in(fields.get("accept") or ""))
    json = max(weights.get("application/json", 0.0), weights.get("application/*", 0.0))
    return json > max(weights.get("text/html", 0.0), weights.get("text/*", 0.0))


def accepts_page(fields: Fields) -> bool:
    """Whether who asks can show HTML: no Accept and `*/*` say that anything will do."""
    accept = fields.get("accept")
    if accept is None:
        return True
    weights = dict(_weights_in(accept))
    return weights.get("text/html", weights.get("text/*", weights.get("*/*", 0.0))) > 0


def names_page(fields: Fields) -> bool:
    """Whether Accept names HTML itself, as browsers do and programs that fetch a file do not."""
    return dict(_weights_in(fields.get("accept") or "")).get("text/html", 0.0) > 0


def _weights_in(field: str) -> list[tuple[str, float]]:
    """Return each member of a field with its weight (RFC 9110 section 12.4.2); one that is malformed is 0."""
    found = []
    for member in field.lower().split(","):
        name, *parameters = (piece.strip() for piece in member.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    weight = min(1.0, max(0.0, float(parameter[2:])))
                except ValueError:
                    weight = 0.0
        if name:
            found.append((name, weight))
    return found
