"""What an upload leaves behind, and the answer that its form asked for."""

import hashlib
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest

from .rig import NAME, NOW_MS, Answer, Rig, open_form

ETAG = f'"{hashlib.md5(b"meow", usedforsecurity=False).hexdigest()}"'
LOCATION = f"http://bucket.test:5360/s3/{NAME}/u%2Fcat%20%E2%80%94.png"
KEY = "u/cat \u2014.png"


def posted(rig: Rig, **fields: str) -> Answer:
    return rig.post(open_form({"key": KEY, **fields}))


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (None, 204),
        ("200", 200),
        ("201", 201),
        ("204", 204),
        ("404", 204),
        ("303", 204),
        ("", 204),
        ("201 ", 204),
        ("abc", 204),
    ],
)
def test_the_status_the_form_asked_for(rig: Rig, asked: str | None, status: int) -> None:
    answer = posted(rig, **({} if asked is None else {"success_action_status": asked}))
    assert answer.status == status
    assert (answer.headers["etag"], answer.headers["location"]) == (ETAG, LOCATION)
    if status == 201:
        assert answer.headers["content-type"] == "application/xml"
        assert list(answer.xml.items()) == [
            ("Location", LOCATION),
            ("Bucket", NAME),
            ("Key", KEY),
            ("ETag", ETAG),
        ]
        assert answer.body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse><Location>')
    else:
        assert answer.body == b""
        assert "content-type" not in answer.headers
    assert ("content-length" in answer.headers) is (status != 204)


def test_the_location_is_where_the_object_is(rig: Rig) -> None:
    posted(rig)
    assert rig.get(f"/s3/{NAME}/{KEY}").body == b"meow"


QUERY = [("bucket", NAME), ("key", KEY), ("etag", ETAG)]


@pytest.mark.parametrize(
    ("url", "start", "kept"),
    [
        ("http://localhost/ok", "http://localhost/ok?", []),
        ("https://localhost:1/ok?a=1&b=2", "https://localhost:1/ok?a=1&b=2&", [("a", "1"), ("b", "2")]),
        ("http://h/a b", "http://h/a%20b?", []),
        ("http://h/%20", "http://h/%20?", []),
        ("http://h/\u732b", "http://h/%E7%8C%AB?", []),
        ("http://h/x\r\nSet-Cookie: a=b", "http://h/x%0D%0ASet-Cookie:%20a=b?", []),
    ],
)
def test_a_redirect_carries_what_was_stored(
    rig: Rig, url: str, start: str, kept: list[tuple[str, str]]
) -> None:
    answer = posted(rig, success_action_redirect=url, success_action_status="201")
    assert (answer.status, answer.body) == (303, b"")
    assert answer.headers["location"].startswith(start)
    assert parse_qsl(urlsplit(answer.headers["location"]).query) == [*kept, *QUERY]


def test_a_redirects_query_is_written_as_a_form_is(rig: Rig) -> None:
    answer = posted(rig, success_action_redirect="http://h/")
    quoted = ETAG.replace('"', "%22")
    assert answer.headers["location"] == (f"http://h/?bucket={NAME}&key=u%2Fcat+%E2%80%94.png&etag={quoted}")


def test_redirect_is_its_older_name(rig: Rig) -> None:
    assert posted(rig, redirect="http://h/").status == 303
    answer = posted(rig, redirect="http://old/", success_action_redirect="http://new/")
    assert answer.headers["location"].startswith("http://new/?")


@pytest.mark.parametrize(
    "url",
    [
        "/relative",
        "ok.html",
        "//host/path",
        "",
        "javascript:alert(1)",
        "http://",
        "http:///x",
        "http://[::1",
        "ftp://h/",
    ],
)
def test_what_is_no_absolute_url_counts_as_not_sent(rig: Rig, url: str) -> None:
    answer = posted(rig, success_action_redirect=url)
    assert (answer.status, answer.headers["location"]) == (204, LOCATION)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>", {"a": "1"}),
        (
            (
                '<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><TagSet>'
                "<Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key><Value/></Tag></TagSet></Tagging>"
            ),
            {"a": "1", "b": ""},
        ),
        ("<Tagging><TagSet/></Tagging>", {}),
        ('<?xml version="1.0" encoding="no-such"?><Tagging/>', {}),
        ("<InvalidXmlTagging></InvalidXmlTagging>", {}),
        ("<Other><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Other>", {}),
    ],
)
def test_tags(rig: Rig, text: str, tags: dict[str, str]) -> None:
    assert posted(rig, tagging=text).status == 204
    assert [stored.tags for stored in rig.store] == [tags]


@pytest.mark.parametrize(
    "text",
    [
        "not-xml",
        "",
        "<Tagging>",
        "<a>&undefined;</a>",
        "<Tagging>\0</Tagging>",
        '<!DOCTYPE t [<!ENTITY a "aaaa">]><Tagging>&a;</Tagging>',
    ],
)
def test_tags_that_are_no_xml(rig: Rig, text: str) -> None:
    answer = posted(rig, tagging=text)
    assert (answer.status, answer.xml["Code"]) == (400, "MalformedXML")
    assert len(rig.store) == 0


CLASSES = (
    "STANDARD REDUCED_REDUNDANCY STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING GLACIER GLACIER_IR DEEP_ARCHIVE"
)


@pytest.mark.parametrize(
    ("asked", "status"),
    [*((name, 204) for name in CLASSES.split()), ("FakeClass", 400), ("standard", 400), ("", 400)],
)
def test_storage_classes(rig: Rig, asked: str, status: int) -> None:
    answer = posted(rig, **{"x-amz-storage-class": asked})
    assert answer.status == status
    if status == 400:
        assert answer.xml["StorageClassRequested"] == asked
    else:
        assert [stored.storage_class for stored in rig.store] == [asked]


def test_what_is_kept_of_a_form(rig: Rig) -> None:
    posted(
        rig,
        **{
            "Content-Type": "image/png",
            "Cache-Control": "no-cache",
            "Content-Disposition": 'attachment; filename="\u2014.png"',
            "Expires": "Wed, 21 Oct 2026 07:28:00 GMT",
            "x-amz-meta-TEST-2": "\u00c4",
            "acl": "private",
        },
    )
    (stored,) = rig.store
    assert (stored.bucket, stored.key, stored.stored_at_ms) == (NAME, KEY, NOW_MS)
    assert stored.content_type == "image/png"
    assert stored.headers == {
        "cache-control": "no-cache",
        "content-disposition": 'attachment; filename=" .png"',
        "expires": "Wed, 21 Oct 2026 07:28:00 GMT",
        "x-amz-server-side-encryption": "AES256",
    }
    assert stored.metadata == {"test-2": "\u00c4"}
    assert rig.told == [stored]


@pytest.mark.parametrize(
    ("fields", "kept"),
    [
        ({}, "binary/octet-stream"),
        ({"Content-Type": ""}, "binary/octet-stream"),
        ({"Content-Type": "text/html\r\nX-Evil: 1"}, "text/html  X-Evil: 1"),
        ({"Content-Type": "text/html; charset=utf-8"}, "text/html; charset=utf-8"),
    ],
)
def test_the_type_is_the_forms_and_fit_for_a_header(rig: Rig, fields: dict[str, str], kept: str) -> None:
    posted(rig, **fields)
    assert [stored.content_type for stored in rig.store] == [kept]


def test_an_object_is_in_place_before_anybody_hears_of_it(rig: Rig) -> None:
    seen: list[bytes] = []

    def look(_: object) -> None:
        (stored,) = rig.store
        seen.append(rig.store.read(stored))

    rig.app.stock = replace(rig.app.stock, on_stored=look)
    assert posted(rig).status == 204
    assert seen == [b"meow"]
