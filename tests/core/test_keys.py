"""Which webhooks a key can have, and that neither it nor its webhook tells a secret."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.core.keys import PAYLOADS, BadWebhook, Webhook, digest_of, webhook

from .worlds import a_world

HTTPS_ONLY = "webhook_url: must begin with https://, unless it is a loopback or private address"
NO_SCHEME = "webhook_url: must begin with https://"
NOT_PLAIN = "webhook_url: must be plain ASCII without blanks"
USER_INFO = "webhook_url: must not carry a user name or password"
NO_HOST = "webhook_url: names no host"

HOSTS = ("receiver.test", "proxy")

TAKEN = [
    "https://example.com",
    "https://example.com/",
    "https://example.com:8443/hooks?account=1#part",
    "HTTPS://EXAMPLE.COM/",
    "https://8.8.8.8/",
    "https://[2001:4860:4860::8888]/",
    # Where a webhook may be sent in the end is looked at when it is sent.
    "https://169.254.169.254/",
    "https://localhost/",
    "http://localhost",
    "http://LOCALHOST:8080/hook",
    "http://hooks.localhost/",
    "http://127.0.0.1:1/",
    "http://127.8.9.10/",
    "http://[::1]:65535/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.20:9000/hook",
    "http://[fd00::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://receiver/",
    "http://my-container:80/hook",
    "http://receiver.test/",
    "http://proxy/",
]

REFUSED = [
    ("", NO_HOST),
    ("example.com", NO_HOST),
    ("/hook", NO_HOST),
    ("https://", NO_HOST),
    ("https:///hook", NO_HOST),
    ("https://:443/", NO_HOST),
    ("https:example.com", NO_HOST),
    ("//example.com/", NO_SCHEME),
    ("ftp://example.com/", NO_SCHEME),
    ("ws://localhost/", NO_SCHEME),
    ("file://localhost/etc/passwd", NO_SCHEME),
    ("httpss://example.com/", NO_SCHEME),
    ("http+unix://socket/", NO_SCHEME),
    ("https://me@example.com/", USER_INFO),
    ("https://me:secret@example.com/", USER_INFO),
    ("https://:secret@example.com/", USER_INFO),
    ("https://@example.com/", USER_INFO),
    ("http://localhost@example.com/", USER_INFO),
    ("https://exa mple.com/", NOT_PLAIN),
    (" https://example.com/", NOT_PLAIN),
    ("https://example.com/ ", NOT_PLAIN),
    ("https://example.com/a\tb", NOT_PLAIN),
    ("https://example.com/\r\nx-injected: 1", NOT_PLAIN),
    ("https://example.com/\n", NOT_PLAIN),
    ("https://example.com/\x00", NOT_PLAIN),
    ("https://example.com/\x7f", NOT_PLAIN),
    ("https://exämple.com/", NOT_PLAIN),
    ("https://example.com/ü", NOT_PLAIN),
    ("https://example.com/\u3000", NOT_PLAIN),
    ("https://example.com:65536/", "webhook_url: Port out of range"),
    ("https://example.com:-1/", "webhook_url: Port"),
    ("https://example.com:http/", "webhook_url: Port"),
    ("https://[::1/", "webhook_url: Invalid IPv6 URL"),
    ("https://[not-v6]/", "webhook_url: "),
    # Plain http goes nowhere that is reached from outside.
    ("http://example.com/", HTTPS_ONLY),
    ("http://receiver.example/", HTTPS_ONLY),
    ("http://sub.receiver.test/", HTTPS_ONLY),
    ("http://localhost.example.com/", HTTPS_ONLY),
    ("http://notlocalhost.com/", HTTPS_ONLY),
    ("http://localhost./", HTTPS_ONLY),
    ("http://metadata.google.internal/", HTTPS_ONLY),
    ("http://8.8.8.8/", HTTPS_ONLY),
    ("http://172.32.0.1/", HTTPS_ONLY),
    ("http://100.100.100.200/", HTTPS_ONLY),
    ("http://168.63.129.16/", HTTPS_ONLY),
    ("http://169.254.169.254/latest/meta-data/", HTTPS_ONLY),
    ("http://169.254.0.1/", HTTPS_ONLY),
    ("http://[fe80::1]/", HTTPS_ONLY),
    ("http://[fe80::a9fe:a9fe]/", HTTPS_ONLY),
    ("http://[2001:4860:4860::8888]/", HTTPS_ONLY),
    ("http://[::ffff:8.8.8.8]/", HTTPS_ONLY),
    ("http://[::ffff:169.254.169.254]/", HTTPS_ONLY),
    # Numbers that systems take for addresses: 8.8.8.8, and 169.254.169.254.
    ("http://134744072/", HTTPS_ONLY),
    ("http://0x08080808/", HTTPS_ONLY),
    ("http://01002004010/", HTTPS_ONLY),
    ("http://2852039166/", HTTPS_ONLY),
    ("http://8.8.2056/", HTTPS_ONLY),
]


@pytest.mark.parametrize("url", TAKEN)
def test_a_webhook_is_taken(url: str) -> None:
    assert webhook(url, None, None, http_hosts=HOSTS) == Webhook(url=url)


@pytest.mark.parametrize(
    ("url", "message"), REFUSED, ids=[url.encode("unicode_escape").decode() for url, _ in REFUSED]
)
def test_a_webhook_is_refused_and_told_why(url: str, message: str) -> None:
    with pytest.raises(BadWebhook) as caught:
        webhook(url, None, None, http_hosts=HOSTS)
    assert str(caught.value).startswith(message)
    # No scheme is no reason to be told of private addresses.
    assert (HTTPS_ONLY in str(caught.value)) is (message == HTTPS_ONLY)


@pytest.mark.parametrize("url", ["http://receiver.test/", "https://receiver.test/"])
def test_plain_http_is_let_through_to_the_named_hosts_alone(url: str) -> None:
    if url.startswith("https"):
        assert webhook(url, None, None, http_hosts=()).url == url
        return
    with pytest.raises(BadWebhook, match="https"):
        webhook(url, None, None, http_hosts=())
    assert webhook(url, None, None, http_hosts=("receiver.test",)).url == url


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=40)
    | st.text(max_size=30).map("https://".__add__)
    | st.text(max_size=30).map("http://".__add__)
)
def test_any_text_is_a_webhook_or_is_refused(url: str) -> None:
    try:
        taken = webhook(url, None, None, http_hosts=())
    except BadWebhook as error:
        told = str(error)
    else:
        told = "webhook_url: "
        assert taken.url == url
        assert url.lower().startswith(("https://", "http://"))
    assert told.startswith("webhook_url: ")


# --- the bearer -------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["s", "s3cret", "with blanks in it", "~!@#$%^&*()", "x" * 4_096])
def test_a_bearer_is_printable_ascii_and_known_by_its_digest(key: str) -> None:
    made = webhook("https://example.com/", key, None, http_hosts=())
    assert (made.key, made.key_digest) == (key, digest_of(key))


@pytest.mark.parametrize("key", ["", "sécret", "a\nb", "a\r\nx: 1", "\t", "\x00", "\x7f", "日本", "\ud800"])
def test_a_bearer_that_no_header_can_carry_is_refused(key: str) -> None:
    with pytest.raises(BadWebhook, match=r"^webhook_key: must be printable ASCII text$") as caught:
        webhook("https://example.com/", key, None, http_hosts=())
    assert key not in str(caught.value) or not key


def test_no_bearer_has_no_digest() -> None:
    made = webhook("https://example.com/", None, None, http_hosts=())
    assert (made.key, made.key_digest) == (None, None)


def test_bearers_are_told_apart_by_their_digests() -> None:
    keys = ["a", "b", "A", " a", "a ", "é", "\udc80"]
    assert len({digest_of(key) for key in keys}) == len(keys)
    assert digest_of("a") == digest_of("a")


# --- the payload ------------------------------------------------------------------------------


@pytest.mark.parametrize("payload", [None, *PAYLOADS])
def test_a_payload_is_one_of_those_that_receivers_know(payload: str | None) -> None:
    assert webhook("https://example.com/", None, payload, http_hosts=()).payload == payload


@pytest.mark.parametrize("payload", ["", "2025", "LEGACY2023", "legacy", " 2026"])
def test_another_payload_is_refused(payload: str) -> None:
    with pytest.raises(BadWebhook, match=r"^payload: .* is none of 2026, legacy2023$"):
        webhook("https://example.com/", None, payload, http_hosts=())


# --- what they tell ---------------------------------------------------------------------------


def test_neither_a_key_nor_its_webhook_shows_a_secret() -> None:
    world = a_world(webhook=webhook("https://example.com/", "swordfish", None, http_hosts=()))
    key = world.open_key("canary")
    assert key.plain == "canary"
    for shown in (repr(key), repr(key.webhook), str(key.webhook), repr(world.keys), repr([key.account])):
        assert "canary" not in shown
        assert "swordfish" not in shown
    with pytest.raises(AttributeError):
        key.webhook.key = "other"  # type: ignore[misc, union-attr]  # it must not be settable
    assert msgspec.structs.asdict(Webhook(url="x"))["key"] is None
