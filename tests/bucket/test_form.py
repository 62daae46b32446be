"""The stream of a form: what is a field, what is the file, where the limits are, how it may be cut."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockleo.bucket.errors import FieldsTooLong, MalformedForm, NoFile, NotMultipart, S3Refusal
from mockleo.bucket.form import HEAD_BYTES_MAX, Form, Head, boundary_of

from .rig import BOUNDARY, multipart, part

END = f"--{BOUNDARY}--\r\n".encode()
FILE = part("file", b"meow", '; filename="cat.png"')

Outcome = tuple[Head | None, bytes, type[S3Refusal] | None]


def parse(*chunks: bytes) -> Outcome:
    """Feed a body; return its head, the file's bytes, and the refusal it came to."""
    form, data = Form(BOUNDARY.encode()), b""
    try:
        for chunk in chunks:
            data += b"".join(form.feed(chunk))
            form.check()
        form.finish()
    except S3Refusal as refusal:
        return form.head, data, type(refusal)
    return form.head, data, None


def a_head(filename: str | None = "cat.png", **fields: str) -> Head:
    return Head(
        fields={name.lower(): value for name, value in fields.items()},
        spelled={name.lower(): name for name in fields},
        filename=filename,
    )


@pytest.mark.parametrize(
    ("header", "boundary"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('Multipart/Form-Data; boundary="a b:c"', b"a b:c"),
        ("multipart/form-data; charset=utf-8; Boundary=abc", b"abc"),
        ("multipart/form-data;boundary=----WebKitFormBoundary7MA4YWxk", b"----WebKitFormBoundary7MA4YWxk"),
        ("multipart/form-data", MalformedForm),
        ("multipart/form-data; boundary=", MalformedForm),
        ('multipart/form-data; boundary=""', MalformedForm),
        ("multipart/mixed; boundary=abc", NotMultipart),
        ("application/x-www-form-urlencoded", NotMultipart),
        ("text/html", NotMultipart),
        ("", NotMultipart),
        (";;;===", NotMultipart),
    ],
)
def test_the_boundary_that_a_content_type_names(header: str, boundary: bytes | type[S3Refusal]) -> None:
    if isinstance(boundary, bytes):
        assert boundary_of(header) == boundary
    else:
        with pytest.raises(boundary):
            boundary_of(header)


def test_a_boundary_beyond_all_reason() -> None:
    with pytest.raises(MalformedForm):
        Form(b"x" * 100_000)


# The parts before FILE as various clients send them, and the fields that they are.
CLIENTS = {
    "curl, httpx, net/http": (part("key", "u/1") + part("acl", "private"), a_head(key="u/1", acl="private")),
    "requests.post(files=fields)": (part("key", "u/1", '; filename="key"'), a_head(key="u/1")),
    "aiohttp": (
        part("key", "u/1", headers="Content-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n"),
        a_head(key="u/1"),
    ),
    "without quotes": (
        f"--{BOUNDARY}\r\ncontent-disposition:form-data;name=key\r\n\r\nu/1\r\n".encode(),
        a_head(key="u/1"),
    ),
    "any spelling": (part("PoLiCy", "p"), a_head(PoLiCy="p")),
    "an empty field": (part("key", ""), a_head(key="")),
    "the same field twice": (
        part("tag", "Ninja") + part("TAG", "Stallman"),
        a_head(tag="Ninja,Stallman"),
    ),
    "line ends in a field": (part("key", "a\r\n--b\r\n"), a_head(key="a\r\n--b\r\n")),
    "unicode and NUL": (part("k\u00e9y", "\u2014\0"), a_head(kéy="\u2014\0")),
    "many headers": (part("key", "u/1", headers="X-A: 1\r\n" * 5), a_head(key="u/1")),
    "no field": (b"", a_head()),
}


@pytest.mark.parametrize("client", CLIENTS)
def test_what_clients_send(client: str) -> None:
    sent, head = CLIENTS[client]
    assert parse(sent + FILE + END) == (head, b"meow", None)


@pytest.mark.parametrize(
    ("parameters", "filename"),
    [
        ("", None),
        ('; filename=""', ""),
        ('; filename="cat.png"', "cat.png"),
        ("; filename=cat.png", "cat.png"),
        ('; filename="C:\\Pictures\\cat.png"', "cat.png"),
        ('; filename="/home/me/cat.png"', "cat.png"),
        ('; filename="../.."', ".."),
        ('; filename="\u732b.png"', "\u732b.png"),
        ("; filename*=UTF-8''cat.png", None),
    ],
)
def test_the_files_own_name(parameters: str, filename: str | None) -> None:
    assert parse(part("file", b"meow", parameters) + END) == (a_head(filename), b"meow", None)


def test_a_files_name_in_another_encoding_is_no_reason_to_refuse_the_form() -> None:
    body = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="'.encode() + b"\xe9.png"
    assert parse(body + b'"\r\n\r\nmeow\r\n' + END) == (a_head("\ufffd.png"), b"meow", None)


@pytest.mark.parametrize(
    "name",
    ["file", "File", "FILE"],
)
def test_the_part_named_file_is_the_file(name: str) -> None:
    assert parse(part(name, b"meow") + END) == (a_head(None), b"meow", None)


@pytest.mark.parametrize("name", ["upload", "file[]", "files", " file", "image"])
def test_no_other_part_is_the_file(name: str) -> None:
    head, data, refusal = parse(part(name, b"meow", '; filename="cat.png"') + END)
    assert (head, data, refusal) == (None, b"", NoFile)


def test_a_part_that_is_not_form_data_is_not_the_file() -> None:
    body = f'--{BOUNDARY}\r\nContent-Disposition: file; name="file"\r\n\r\nmeow\r\n'.encode()
    assert parse(body + END) == (None, b"", NoFile)


HALF = part("key", "u/1") + FILE + END

MALFORMED = {
    "nothing": b"",
    "no boundary": b"hello",
    "another boundary": HALF.replace(BOUNDARY.encode(), b"other"),
    "no part": b"\r\n",
    "a field's half": HALF[:60],
    "the file's half": HALF[: HALF.index(b"meow") + 2],
    "no closing boundary": HALF.removesuffix(END),
    "a closing boundary without its end": HALF[:-4],
    "a part without a name": f"--{BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nx\r\n".encode()
    + FILE
    + END,
    "a part without headers": f"--{BOUNDARY}\r\n\r\nx\r\n".encode() + FILE + END,
    "a header without a colon": f"--{BOUNDARY}\r\nhello\r\n\r\nx\r\n".encode() + FILE + END,
    "NUL in a header's name": f"--{BOUNDARY}\r\nX\0: 1\r\n\r\nx\r\n".encode() + FILE + END,
    "bare line feeds": HALF.replace(b"\r\n", b"\n"),
    "a late part without a colon": part("key", "u/1")
    + FILE
    + f"--{BOUNDARY}\r\nhello\r\n\r\nx\r\n".encode()
    + END,
    "a field that is no UTF-8": part("key", b"\xff\xfe") + FILE + END,
    "a name that is no UTF-8": part("key", "x").replace(b'"key"', b'"k\xff"') + FILE + END,
}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_no_form(case: str) -> None:
    assert parse(MALFORMED[case])[2] is MalformedForm


def test_what_comes_behind_the_file_is_not_kept() -> None:
    form = Form(BOUNDARY.encode())
    form.feed(FILE + part("late", "x" * 50_000, headers=f"X-A: {'x' * 4_000}\r\n"))
    assert not any(len(kept) > 100 for kept in vars(form).values() if isinstance(kept, bytes))


def test_an_error_behind_the_file_does_not_hide_the_file() -> None:
    body = FILE + f"--{BOUNDARY}\r\nhello\r\n\r\n".encode()
    assert parse(body) == (a_head(), b"meow", MalformedForm)


def test_whatever_follows_the_closing_boundary_is_ignored() -> None:
    assert parse(FILE + END + b"epilogue\r\n--x") == (a_head(), b"meow", None)


def padded(size_bytes: int) -> bytes:
    """A body whose file begins after exactly so many bytes."""
    head = part("key", "u/1") + part("pad", "@") + FILE.partition(b"meow")[0]
    return head.replace(b"@", b"x" * (size_bytes - len(head) + 1)) + b"meow\r\n" + END


@pytest.mark.parametrize(
    ("size_bytes", "refusal"),
    [
        (HEAD_BYTES_MAX - 1, None),
        (HEAD_BYTES_MAX, None),
        (HEAD_BYTES_MAX + 1, FieldsTooLong),
        (HEAD_BYTES_MAX * 9, FieldsTooLong),
    ],
)
@pytest.mark.parametrize("step", [1 << 30, 1_000, 7])
def test_the_file_begins_within_20480_bytes(
    size_bytes: int, refusal: type[S3Refusal] | None, step: int
) -> None:
    body = padded(size_bytes)
    assert parse(*(body[at : at + step] for at in range(0, len(body), step)))[2] is refusal


def test_the_limit_holds_for_headers_and_for_files_by_another_name() -> None:
    for monster in (
        part("key", "u/1", headers=f"X-A: {'x' * 4_000}\r\n" * 6),
        part("upload", b"x" * 30_000, '; filename="cat.png"'),
        b"".join(part(f"f{number}", "") for number in range(400)),
    ):
        assert parse(monster + FILE + END)[2] in {FieldsTooLong, MalformedForm}
        assert parse(monster + FILE + END)[0] is None


def test_the_files_bytes_have_no_such_limit() -> None:
    data = b"\r\n--0123" * 100_000
    assert parse(part("file", data) + END) == (a_head(None), data, None)


BODIES = [
    *(sent + FILE + END for sent, _ in CLIENTS.values()),
    *MALFORMED.values(),
    multipart({"key": "k"}, f"\r\n--{BOUNDARY}x\r\n--{BOUNDARY[:-1]}\r\n-".encode()),
    FILE + part("late", "x") + part("file", b"second") + END,
]


@settings(deadline=None)
@given(body=st.sampled_from(BODIES), cuts=st.lists(st.integers(0, 400), max_size=8))
def test_any_cutting_of_a_body_comes_to_the_same(body: bytes, cuts: list[int]) -> None:
    at = [0, *sorted(cuts), len(body)]
    assert parse(*(body[start:stop] for start, stop in pairwise(at))) == parse(body)


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_so_does_a_body_byte_by_byte(body: bytes) -> None:
    assert parse(*(body[at : at + 1] for at in range(len(body)))) == parse(body)


PIECES = [
    b"\r\n",
    f"--{BOUNDARY}".encode(),
    b"--",
    b'Content-Disposition: form-data; name="',
    b"file",
    b'"',
    b"\0",
    b": ",
    b"\xff",
    b"key",
    b"\r",
    b"\n",
]


@settings(deadline=None)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=40), cut=st.integers(0, 300))
def test_hostile_bytes_are_refused_and_nothing_worse(pieces: list[bytes], cut: int) -> None:
    body = b"".join(pieces)
    assert parse(body[:cut], body[cut:]) == parse(body)
