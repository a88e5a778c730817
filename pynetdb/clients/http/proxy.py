"""Through whom a request goes: proxies that the user or the environment names, read as curl reads them."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from pynetdb.clients.http.url import Url, UrlError, split_url

# curl's for a proxy without one.
DEFAULT_PORT = 1080


class Proxy(NamedTuple):
    """Somebody who asks for us. `source` is who named it: an option or a variable."""

    host: str
    port: int
    source: str
    authorization: str | None = None

    def __repr__(self) -> str:
        return f"Proxy({str(self)!r}, {self.source!r})"  # Without what authorizes us.

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @classmethod
    def parse(cls, text: str, source: str) -> "Proxy":
        """Read `http://[USER:PASSWORD@]HOST[:PORT]`, the scheme may be missing. Raises UrlError."""
        scheme, separator, rest = text.rpartition("://")
        if separator and scheme.lower() != "http":
            raise UrlError(f"{source}: a proxy of {scheme[:20]}://, expected http://HOST:PORT")
        authority = re.split(r"[/?#]", rest)[0]
        credentials, _, place = authority.rpartition("@")
        try:
            url = split_url(f"http://{place}")
        except UrlError:
            # What is between // and @ may be a password.
            raise UrlError(
                f"{source}: no host and port that can be read, expected http://HOST:PORT"
            ) from None
        has_port = re.search(r":[0-9]+\Z", place)
        authorization = None
        if credentials:
            from base64 import b64encode
            from urllib.parse import unquote_to_bytes

            user, _, password = credentials.partition(":")
            raw = unquote_to_bytes(user) + b":" + unquote_to_bytes(password)
            authorization = "Basic " + b64encode(raw).decode()
        return cls(url.host, url.port if has_port else DEFAULT_PORT, source, authorization)


class Proxies(NamedTuple):
    """The proxy of each scheme, and the hosts that are reached without."""

    by_scheme: Mapping[str, Proxy]
    exceptions: str = ""

    @classmethod
    def named(cls, text: str, environment: Mapping[str, str]) -> "Proxies":
        """Return the one that the user named for all that no_proxy does not except. Raises UrlError."""
        proxy = Proxy.parse(text, "--proxy")
        return cls({"http": proxy, "https": proxy}, _exceptions(environment))

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Proxies":
        """Read http_proxy, https_proxy, all_proxy and no_proxy; raise UrlError for one that cannot be used.

        All but the first may be in capitals: a web server hands a field `Proxy:` of any client's request to
        its CGI programs as HTTP_PROXY (CVE-2016-5385), which is never looked at.
        """
        found = {}
        for scheme, names in _VARIABLES.items():
            name = next((name for name in names if environment.get(name)), None)
            if name == "http_proxy" and _may_be_a_field(environment):
                continue
            if name is not None:
                found[scheme] = Proxy.parse(environment[name], name)
        return cls(found, _exceptions(environment))

    def choose(self, url: Url) -> tuple[Proxy | None, bool]:
        """Return the proxy for the scheme of `url`, and whether its host is excepted from it."""
        proxy = self.by_scheme.get(url.scheme)
        return proxy, proxy is not None and _is_exception(url.host, self.exceptions)


_VARIABLES = {
    "http": ("http_proxy", "all_proxy", "ALL_PROXY"),
    "https": ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"),
}


def _may_be_a_field(environment: Mapping[str, str]) -> bool:
    """Say whether we are a CGI program on a system that takes capitals for the same name (Windows)."""
    return "REQUEST_METHOD" in environment and environment.get("HTTP_PROXY") == environment.get("http_proxy")


def _exceptions(environment: Mapping[str, str]) -> str:
    return environment.get("no_proxy") or environment.get("NO_PROXY") or ""


def _is_exception(host: str, exceptions: str) -> bool:
    """Say whether a list as in no_proxy has the host: by name, by a domain that it is in, by network."""
    host = host.split("%")[0].rstrip(".").lower()
    is_address = re.fullmatch(r"[0-9.]+|.*:.*", host) is not None
    for entry in re.split(r"[\s,]+", exceptions.lower()):
        name = entry.strip(".").removeprefix("[").removesuffix("]")
        if entry == "*" or (name and (host == name or (host.endswith("." + name) and not is_address))):
            return True
        if is_address and ("/" in entry or ":" in name):
            from ipaddress import ip_address, ip_network

            try:
                if ip_address(host) in ip_network(name, strict=False):
                    return True
            except ValueError:
                pass  # No network.
    return False
