"""Who is asked through whom: the rules of curl."""

from base64 import b64encode

import pytest

from pynetdb.clients.http.proxy import Proxies, Proxy
from pynetdb.clients.http.url import UrlError, split_url


def chosen(url: str, **environment: str) -> str | None:
    proxy, is_excepted = Proxies.from_environment(environment).choose(split_url(url))
    return None if proxy is None or is_excepted else f"{proxy} {proxy.source}"


@pytest.mark.parametrize(
    ("url", "environment", "proxy"),
    [
        ("http://a/", {"http_proxy": "http://p:8888/"}, "p:8888 http_proxy"),
        ("http://a/", {"http_proxy": "p"}, "p:1080 http_proxy"),
        ("http://a/", {"http_proxy": "http://[::1]:80"}, "[::1]:80 http_proxy"),
        ("http://a/", {"HTTP_PROXY": "p:1"}, None),
        ("http://a/", {"http_proxy": "p:1", "HTTP_PROXY": "p:1", "REQUEST_METHOD": "GET"}, None),
        ("http://a/", {"http_proxy": "p:1", "HTTP_PROXY": "q:1", "REQUEST_METHOD": "GET"}, "p:1 http_proxy"),
        ("http://a/", {"https_proxy": "p:1"}, None),
        ("http://a/", {"http_proxy": ""}, None),
        ("http://a/", {"all_proxy": "p:1"}, "p:1 all_proxy"),
        ("https://a/", {"HTTPS_PROXY": "p:1", "ALL_PROXY": "q:1"}, "p:1 HTTPS_PROXY"),
        ("https://a/", {"https_proxy": "p:1", "HTTPS_PROXY": "q:1"}, "p:1 https_proxy"),
        ("https://a/", {"http_proxy": "p:1"}, None),
    ],
)
def test_the_variables(url: str, environment: dict[str, str], proxy: str | None) -> None:
    assert chosen(url, **environment) == proxy


@pytest.mark.parametrize(
    ("host", "exceptions", "direct"),
    [
        ("a.example", "a.example", True),
        ("A.Example.", "a.example", True),
        ("www.a.example", "a.example", True),
        ("www.a.example", ".a.example", True),
        ("a.example", ".a.example", True),
        ("ba.example", "a.example", False),
        ("a.example", "b,  a.example", True),
        ("a.example", "b a.example.", True),
        ("anything", "*", True),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "0.0.1", False),
        ("127.0.0.1", "localhost,127.0.0.0/8", True),
        ("128.0.0.1", "127.0.0.0/8,x/y", False),
        ("[::1]", "::1", True),
        ("[::1]", "[::1]", True),
        ("[0:0::1]", "::/64", True),
        ("a.example", "", False),
    ],
)
def test_the_exceptions(host: str, exceptions: str, direct: bool) -> None:
    assert (chosen(f"http://{host}/", http_proxy="p:1", NO_PROXY=exceptions) is None) == direct
    proxies = Proxies.named("p:1", {"no_proxy": exceptions})
    assert proxies.choose(split_url(f"https://{host}/"))[1] == direct


def test_credentials_of_a_proxy() -> None:
    proxy = Proxy.parse("http://user:p%40ss:@host:3128", "--proxy")
    assert (proxy.host, proxy.port) == ("host", 3128)
    assert proxy.authorization == "Basic " + b64encode(b"user:p@ss:").decode()
    assert "p@ss" not in repr(proxy) and "ss" not in str(proxy)


@pytest.mark.parametrize(
    "text", ["socks5://h:1", "https://h:1", "http://", "http://h:99999", "ftp://u:secret@h"]
)
def test_what_is_no_proxy(text: str) -> None:
    with pytest.raises(UrlError, match="^x: .*expected http://HOST:PORT") as caught:
        Proxy.parse(text, "x")
    assert "secret" not in str(caught.value)
