"""How much of an unwanted body is read, and what is told of its size."""

import pytest

from mockleo.bucket import body as module

from .rig import BOUNDARY, NAME, Answer, Rig, multipart, part, signed_v4

SPARE = 1_000
CHUNK = 100


@pytest.fixture(autouse=True)
def _small_spare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SPARE_BYTES_MAX", SPARE)


def post(rig: Rig, body: bytes, *, told: int | str | None = None, **headers: str) -> Answer:
    """Post in small chunks; `told` is the Content-Length, None for a body of unknown length."""
    length = {} if told is None else {"content-length": str(told)}
    answer = rig.ask(
        "POST",
        f"/s3/{NAME}",
        headers={"content-type": f"multipart/form-data; boundary={BOUNDARY}", **length, **headers},
        chunks=[body[at : at + CHUNK] for at in range(0, len(body), CHUNK)],
    )
    assert answer is not None
    return answer


def a_body(rig: Rig, size_bytes: int) -> bytes:
    return multipart(rig.presign(max_bytes=10), b"x" * size_bytes)


@pytest.mark.parametrize("tells", [True, False])
@pytest.mark.parametrize("size_bytes", [11, 500, 900])
def test_a_little_too_much_is_read_and_counted(rig: Rig, size_bytes: int, tells: bool) -> None:
    body = a_body(rig, size_bytes)
    answer = post(rig, body, told=len(body) if tells else None)
    assert (answer.why, answer.xml["ProposedSize"]) == ("s3.too-large", str(size_bytes))
    assert rig.unread == 0


def test_far_too_much_is_reckoned_and_not_read(rig: Rig) -> None:
    body = a_body(rig, 100_000)
    answer = post(rig, body, told=len(body))
    assert (answer.why, answer.xml["ProposedSize"]) == ("s3.too-large", "100000")
    assert rig.unread * CHUNK > 99_000


def test_far_too_much_of_unknown_length_is_read_no_further_than_the_spare(rig: Rig) -> None:
    answer = post(rig, a_body(rig, 100_000))
    assert answer.why == "s3.too-large"
    assert SPARE < int(answer.xml["ProposedSize"]) <= SPARE + 3 * CHUNK
    assert rig.unread * CHUNK > 100_000 - SPARE - 3 * CHUNK


def test_nothing_of_it_is_kept_meanwhile(rig: Rig) -> None:
    """A gigabyte for a form that allows ten bytes never touches the disk."""
    chunk = b"x" * 1_000_000
    head = multipart(rig.presign(max_bytes=10), b"@").partition(b"@")[0]
    answer = rig.ask(
        "POST",
        f"/s3/{NAME}",
        headers={
            "content-type": f"multipart/form-data; boundary={BOUNDARY}",
            "content-length": str(1_000_000_000),
        },
        chunks=[head, *[chunk] * 1_000],
    )
    assert answer is not None
    assert answer.why == "s3.too-large"
    assert rig.unread >= 999
    assert rig.store._directory is None


@pytest.mark.parametrize(
    ("size_bytes", "tells", "all_read"),
    [(500, True, True), (500, False, True), (50_000, True, False), (50_000, False, False)],
)
def test_the_rest_of_a_refused_body(rig: Rig, size_bytes: int, tells: bool, all_read: bool) -> None:
    body = a_body(rig, size_bytes)
    rig.now_ms += 120_000
    answer = post(rig, body, told=len(body) if tells else None)
    assert answer.why == "s3.policy-expired"
    assert (rig.unread == 0) is all_read
    if not all_read:
        assert rig.unread * CHUNK > size_bytes - 2 * SPARE


def test_a_client_that_waits_for_leave_is_answered_at_once(rig: Rig) -> None:
    for expect, unread in (("100-Continue", 5), ("", 0)):
        answer = post(rig, b"x" * 500, told=500, authorization="Bearer x", expect=expect)
        assert answer.why == "s3.authorization-sent"
        assert rig.unread == unread


def test_a_reader_has_no_body_to_wait_for(rig: Rig) -> None:
    for method in ("GET", "HEAD"):
        answer = rig.ask(method, f"/s3/{NAME}/absent")
        assert answer is not None
        assert (answer.status, rig.unread) == (404, 1)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (part("upload", b"x" * 100_000), "s3.fields-too-long"),
        (b"nothing of the kind" * 5_000, "s3.malformed-form"),
    ],
)
def test_what_can_be_no_form_any_more_is_not_read_to_its_end(rig: Rig, body: bytes, why: str) -> None:
    assert post(rig, body).why == why
    assert rig.unread * CHUNK > len(body) - 20_480 - 2 * SPARE


def test_who_hangs_up_during_the_rest_is_not_answered(rig: Rig) -> None:
    headers = {"content-type": "text/html"}
    assert rig.ask("POST", f"/s3/{NAME}", headers=headers, chunks=[b"x"], hangs_up=True) is None


@pytest.mark.parametrize("length", ["abc", "-1", "9" * 5_000, "\u00b2", "", "1e3"])
def test_a_length_that_is_no_number_is_no_length(rig: Rig, length: str) -> None:
    assert post(rig, a_body(rig, 5), told=length).status == 204


def test_a_file_may_be_as_large_as_its_policy_allows_whatever_the_spare(rig: Rig) -> None:
    form = signed_v4({"key": "k"}, [{"bucket": NAME}, {"key": "k"}, ["content-length-range", 0, 90_000]])
    assert post(rig, multipart(form, b"x" * 90_000)).status == 204
