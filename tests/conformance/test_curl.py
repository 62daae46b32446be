"""A call as a line for the shell: the shell itself is asked what it makes of it."""

import subprocess

import pytest

from mockleo.conformance.curl import curl
from mockleo.conformance.door import Request

KEY = "3f0c8f6e-5b0e-4a51-9d55-0f2a6c7d8e90"
URL = "http://127.0.0.1:5360/api/rest/v1/generations"
BEARER = ("authorization", f"Bearer {KEY}")
JSON = ("content-type", "application/json")

# Instead of curl: what it is given, one after the other, and then what it reads.
AS_CURL = """curl() { printf '%s\\0' "$@"; case "$*" in *@-) printf READ; cat;; esac; }
LEONARDO_API_KEY=the-key
"""


def run(line: str) -> list[bytes]:
    """The arguments that curl is given by the shell."""
    done = subprocess.run(["sh", "-c", AS_CURL + line], capture_output=True, check=True)
    assert done.stderr == b""
    return done.stdout.split(b"\0")


HARD = ["it's", '"a"', "$HOME `id` $(id)", "a\\b", "new\nline", "été", "!!", "a;b|c&d>e", "* ? [a]", "#"]


@pytest.mark.parametrize("word", HARD)
def test_the_shell_gives_curl_the_words_that_were_meant(word: str) -> None:
    body = f'{{"prompt":"{word}"}}'
    request = Request(
        method="POST",
        url=f"{URL}?a={word.replace(chr(10), '')}",
        headers=(BEARER, JSON, ("x-word", word.replace("\n", ""))),
        body=body.encode(),
    )
    told = run(curl(request))
    assert request.url.encode() in told
    assert body.encode() in told
    assert f"x-word: {request.headers[2][1]}".encode() in told
    assert b"authorization: Bearer the-key" in told


def test_the_key_stands_nowhere_in_the_line() -> None:
    request = Request(
        method="POST", url=f"{URL}/{KEY}", headers=(BEARER, ("x-key", KEY)), body=f"'{KEY}'".encode()
    )
    line = curl(request)
    assert KEY not in line
    told = run(line)
    assert f"{URL}/the-key".encode() in told
    assert b"'the-key'" in told


def test_another_key_than_the_one_that_is_shown_is_kept_too() -> None:
    request = Request(method="GET", url=f"{URL}/{KEY}", headers=(("authorization", "Bearer other-key"),))
    assert KEY not in curl(request, api_key=KEY)


@pytest.mark.parametrize(
    ("method", "body", "said"),
    [
        ("GET", b"", None),
        ("POST", b"{}", None),
        ("POST", b"", "POST"),
        ("GET", b"{}", "GET"),
        ("DELETE", b"", "DELETE"),
        ("DELETE", b"{}", "DELETE"),
    ],
)
def test_the_method_is_said_where_curl_would_take_another(method: str, body: bytes, said: str | None) -> None:
    told = run(curl(Request(method=method, url=URL, headers=(JSON,), body=body)))
    assert (b"-X" in told) == (said is not None)
    if said is not None:
        assert told[told.index(b"-X") + 1] == said.encode()


def test_a_body_that_is_no_text_is_read_from_base64() -> None:
    body = bytes(range(256))
    line = curl(Request(method="POST", url=URL, headers=(JSON,), body=body))
    out = subprocess.run(["sh", "-c", AS_CURL + line], capture_output=True, check=True).stdout
    assert out.partition(b"READ")[2] == body


@pytest.mark.parametrize("body", [b"x" * 100_000, bytes(100_000)])
def test_a_body_that_is_too_long_to_be_read_is_left_out_and_told(body: bytes) -> None:
    line = curl(Request(method="POST", url=URL, headers=(JSON,), body=body))
    assert len(line) < 1_000
    assert "100000 bytes" in line
    assert b"--data-binary" in run(line)


def test_a_body_that_looks_like_a_files_name_is_none() -> None:
    told = run(curl(Request(method="POST", url=URL, headers=(JSON,), body=b"@/etc/passwd")))
    assert told[told.index(b"@/etc/passwd") - 1] == b"--data-raw"


def test_no_type_is_made_up_where_none_was_sent() -> None:
    told = run(curl(Request(method="POST", url=URL, body=b"{}")))
    assert told[told.index(b"Content-Type:") - 1] == b"-H"


def test_headers_that_curl_makes_itself_are_left_to_it() -> None:
    headers = (("Host", "a"), ("Content-Length", "2"), JSON)
    line = curl(Request(method="POST", url=URL, headers=headers, body=b"{}"))
    assert "Host" not in line
    assert "Content-Length" not in line
