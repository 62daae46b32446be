"""Whatever a client sends is answered: a refusal, never a bug of ours."""

from urllib.parse import quote

from hypothesis import example, given, settings
from hypothesis import strategies as st

from .rig import NAME, Rig

NAMES = st.sampled_from(
    [
        "acl",
        "delete",
        "tagging",
        "versions",
        "list-type",
        "max-keys",
        "prefix",
        "delimiter",
        "marker",
        "encoding-type",
        "continuation-token",
        "versionId",
        "uploads",
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-SignedHeaders",
        "X-Amz-Signature",
        "AWSAccessKeyId",
        "Signature",
        "Expires",
    ]
)
HEADERS = st.sampled_from(
    [
        "authorization",
        "range",
        "if-match",
        "if-none-match",
        "if-modified-since",
        "if-unmodified-since",
        "content-md5",
        "content-type",
        "content-length",
        "x-amz-acl",
        "x-amz-tagging",
        "x-amz-trailer",
        "x-amz-content-sha256",
        "x-amz-checksum-crc32",
        "x-amz-checksum-mode",
        "x-amz-decoded-content-length",
        "x-amz-security-token",
        "x-amz-date",
    ]
)
VALUES = st.one_of(
    st.text(alphabet=st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=20),
    st.sampled_from(
        [
            "AWS4-HMAC-SHA256",
            (
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20270115/eu-west-3/s3/aws4_request, "
                "SignedHeaders=host, Signature=0"
            ),
            "AKIDEXAMPLE/99991231/eu-west-3/s3/aws4_request",
            "99991231T235959Z",
            "604800",
            "99999999999",
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "Fri, 31 Dec 9999 23:59:59 -2359",
            "multipart/form-data; boundary=b",
            "AWS AKIDEXAMPLE:x",
        ]
    ),
)
PATHS = st.sampled_from(
    ["/s3", "/s3/", f"/s3/{NAME}", f"/s3/{NAME}/k", "/s3/other/k", "/s3/\ud800/\udfff", "/s3/%/\0"]
)


@given(
    method=st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH"]),
    path=PATHS,
    query=st.lists(st.tuples(NAMES, VALUES), max_size=7, unique_by=lambda pair: pair[0]),
    headers=st.dictionaries(HEADERS, VALUES, max_size=4),
    body=st.binary(max_size=30),
)
@example("GET", "/s3/\ud800/\udfff", [], {"authorization": "AWS AKIDEXAMPLE:x"}, b"")
@example("PUT", f"/s3/{NAME}/k", [], {"content-length": "0", "x-amz-date": "\xff"}, b"")
@settings(max_examples=400, deadline=None)
def test_it_is_answered(
    method: str, path: str, query: list[tuple[str, str]], headers: dict[str, str], body: bytes
) -> None:
    rig = Rig()
    rig.store.buckets.open_to(NAME, "public-read-write")
    rig.store.put(bucket=NAME, key="k", data=b"meow", content_type="text/plain", stored_at_ms=rig.now_ms)
    text = "&".join(f"{name}={quote(value)}" for name, value in query)
    answer = rig.ask(method, path, headers=headers, query=text, chunks=[body])
    assert answer is not None
    assert answer.status in {200, 204, 206, 304, 400, 403, 404, 405, 409, 411, 412, 416, 501}
    if answer.status >= 400 and method != "HEAD":
        assert answer.xml["RequestId"] == answer.headers["x-amz-request-id"]
    rig.store.close()
