"""After the upload: it is shown, fetched, used and deleted; and what becomes of what never came."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.conformance.caller import Told, shown
from mockleo.conformance.door import MayNot, OutOfBudget
from mockleo.conformance.tally import Finding, Omission
from mockleo.conformance.uploads.cases import TAKEN
from mockleo.conformance.uploads.judging import PART
from mockleo.conformance.uploads.posting import curl_of, filled_in, steps_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.conformance.door import Answer
    from mockleo.conformance.uploads.cases import Case
    from mockleo.conformance.uploads.forms import Form, Giver
    from mockleo.conformance.uploads.judging import Desk
    from mockleo.conformance.uploads.posting import Post


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an upload is seen again: the operation that shows it, the one that deletes it, and the
    member that says its address. `listed` is the member with the list that it stands in, if it is
    shown among others.
    """

    show: str
    delete: str
    url: str = "url"
    listed: str = ""


_IMAGE = Place(show="getInitImageById", delete="deleteInitImageById")
PLACES: Mapping[str, Place] = {
    "uploadInitImage": _IMAGE,
    "uploadCanvasInitImage": _IMAGE,
    "uploadDatasetImage": Place(show="getDatasetById", delete="deleteDatasetById", listed="dataset_images"),
    "uploadModelAsset": Place(show="get3DModelById", delete="delete3DModelById", url="meshUrl"),
    "uploadMedia": Place(show="getUploadedMediaById", delete="deleteUploadedMediaById"),
}

_SHOWN = "an upload is shown by its id, with its address (documented: the OpenAPI document)"
SAME = "the address leads to the file as it was uploaded (inferred: it is the object's key on the CDN)"
_GONE = (
    "a deleted upload is gone: it is shown as null, a second delete answers null, and its address leads"
    " nowhere (documented: the OpenAPI document; that the file goes with it is inferred)"
)
_TYPE = "a file is given out with the Content-Type of its form (documented: AWS, RESTObjectPOST)"
_USED = "an uploaded image can be used in a job by its id (documented: UP)"
_NEVER = "upload.missing"


def shown_at(desk: Desk, form: Form) -> tuple[str | None, Told | None]:
    """The address at which an upload is to be fetched, and the answer that says so."""
    place = PLACES.get(form.giver.operation)
    if place is None:
        return None, None
    told = desk.caller.call(place.show, at=form.dataset or form.id)
    row = _row(told.value, place, form.id)
    url = row.get(place.url) if isinstance(row, dict) else None
    return (url if isinstance(url, str) and url else None), told


def is_stored(desk: Desk, form: Form) -> bool:
    """Whether there is anything at the upload's address."""
    url, _ = shown_at(desk, form)
    return url is not None and desk.caller.fetch(url).status == 200


def nothing_stored(desk: Desk, case: Case, form: Form, post: Post, answer: Answer) -> bool:
    """Judge that a refused form has left nothing behind; whether that is so."""
    if answer.status < 300:
        return False
    desk.checked("refused-stores-nothing", form.giver)
    if not is_stored(desk, form):
        return True
    wrong = "storage refuses it, but the file is stored all the same"
    desk.blame(
        "refused-stores-nothing", form, post, answer, wrong=wrong, expected=case.expected, done=case.done
    )
    return False


def see_again(desk: Desk, form: Form, content: bytes) -> str | None:
    """Judge that what was uploaded is shown, and can be fetched as it was. Its address."""
    if form.giver.operation not in PLACES:
        desk.doubt("upload-shown", form.giver, "nothing is known of where its uploads are shown")
        return None
    url, told = shown_at(desk, form)
    assert told is not None, "a form with a place is asked for"
    desk.checked("upload-shown", form.giver)
    if url is None:
        wrong = f"{told.request.operation} does not show it with an address"
        _blame(desk, "upload-shown", form, told, told.answer, wrong, _SHOWN)
        return None
    answer = desk.caller.fetch(url)
    desk.checked("file-fetched-same", form.giver)
    if answer.status != 200 or answer.body != content:
        wrong = f"its address {how_different(answer, content)}"
        _blame(desk, "file-fetched-same", form, told, answer, wrong, SAME)
    desk.checked("file-fetched-as-its-type", form.giver)
    sent, kind = form.value("content-type"), answer.header("content-type") or "no content type"
    if sent and answer.status == 200 and kind.partition(";")[0].strip() != sent:
        wrong = f"it was sent as {sent}, and its address gives it as {kind}"
        _blame(desk, "file-fetched-as-its-type", form, told, answer, wrong, _TYPE)
    return url


def delete(desk: Desk, form: Form, url: str | None) -> None:
    """Delete an upload, and judge that it is gone."""
    place = PLACES[form.giver.operation]
    at = form.dataset or form.id
    try:
        told = desk.caller.call(place.delete, at=at)
    except OutOfBudget:
        raise
    except MayNot as error:
        what = f"deleting what a form of {form.giver.name} has brought"
        desk.tally.omit(Omission(part=PART, what=what, why=str(error)))
        return
    desk.checked("upload-deleted", form.giver)
    if not isinstance(told.value, dict) or told.value.get("id") != at:
        _blame(
            desk,
            "upload-deleted",
            form,
            told,
            told.answer,
            "deleting it does not answer with its id",
            _GONE,
        )
        return
    seen = [(desk.caller.call(place.show, at=at), "it is still shown")]
    if "delete" in desk.door.abilities:
        # Of the real service only what is known to be ours is deleted, and what is gone is no longer.
        seen.append((desk.caller.call(place.delete, at=at), "a second delete finds it again"))
    for said, words in seen:
        if said.answer.status != 200 or said.value is not None:
            _blame(desk, "upload-deleted", form, said, said.answer, f"it was deleted, and {words}", _GONE)
    if url is not None:
        desk.checked("deleted-file-gone", form.giver)
        answer = desk.caller.fetch(url)
        if answer.status == 200:
            wrong = "it was deleted, and its address still leads to the file"
            _blame(desk, "deleted-file-gone", form, told, answer, wrong, _GONE)


def use(desk: Desk, form: Form, body: Mapping[str, object]) -> None:
    """Order a job that needs what was uploaded, and judge that it comes to good."""
    told = desk.caller.call("createGeneration", body)
    generation = _generation(told)
    desk.checked("upload-usable", form.giver)
    if generation is None:
        _blame(desk, "upload-usable", form, told, told.answer, "a job that names it is not accepted", _USED)
        return
    status = desk.caller.ended(generation)
    if status != "COMPLETE":
        ending = "ends as FAILED" if status == "FAILED" else f"has come to no end: its status is {status}"
        wrong = f"the job that names it {ending}"
        _blame(desk, "upload-usable", form, told, told.answer, wrong, _USED)


def never_came(desk: Desk, giver: Giver) -> None:
    """Order a job with an image that was announced and never sent. What becomes of it nobody
    outside knows, so it is only told.
    """
    form = desk.ask(giver)
    if form is None:
        return
    told = desk.caller.call("createGeneration", with_image(form.id))
    generation = _generation(told)
    if generation is None:
        seen = f"refused ({told.answer.status})"
    else:
        seen = f"accepted, ends as {desk.caller.ended(generation)}"
    desk.checked("upload-that-never-came", giver)
    desk.tally.notes["uploads: a job whose image never came"] = {
        "seen": seen,
        "expected": "accepted, ends as FAILED",
        "evidence": "assumed",
        "rule": _NEVER,
    }


def with_image(image: str) -> dict[str, object]:
    """An order that starts from an image; small, since on the real service it is paid for."""
    return {
        "prompt": "the same place in winter",
        "width": 512,
        "height": 512,
        "num_images": 1,
        "init_image_id": image,
        "init_strength": 0.5,
    }


def with_mask(image: str, mask: str) -> dict[str, object]:
    """An order that repaints a part of an image."""
    return {
        "prompt": "a stone bridge",
        "width": 512,
        "height": 512,
        "num_images": 1,
        "canvasRequest": True,
        "canvasRequestType": "INPAINT",
        "canvasInitId": image,
        "canvasMaskId": mask,
    }


def png(side: int = 512) -> bytes:
    """A grey picture of `side` pixels each way: small, and one that every service can read."""
    rows = zlib.compress((b"\0" + b"\x80" * side) * side, 9)
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def upload(desk: Desk, giver: Giver, content: bytes) -> Form | None:
    """Ask for a form and send it as it was given; None where either went wrong."""
    form = desk.ask(giver)
    if form is None:
        return None
    return form if desk.judge(TAKEN[0], form, filled_in(form, content)).status == 204 else None


def _generation(told: Told) -> str | None:
    found = told.value.get("generationId") if isinstance(told.value, dict) else None
    return found if isinstance(found, str) else None


def _row(value: Any, place: Place, upload_id: str) -> Any:
    if not place.listed or not isinstance(value, dict):
        return value
    rows = value.get(place.listed)
    found = [row for row in rows if row.get("id") == upload_id] if isinstance(rows, list) else []
    return found[0] if found else None


def how_different(answer: Answer, content: bytes) -> str:
    if answer.status != 200:
        return f"answers {answer.status}"
    if len(answer.body) != len(content):
        return f"gives {len(answer.body)} bytes, where {len(content)} were sent"
    first = next(at for at, (one, other) in enumerate(zip(answer.body, content, strict=True)) if one != other)
    return f"gives other bytes than were sent, from byte {first} on"


def _blame(desk: Desk, check: str, form: Form, told: Told, answer: Answer, wrong: str, expected: str) -> None:
    sent = filled_in(form, png())
    desk.found(
        Finding(
            part=PART,
            check=check,
            operation=form.giver.operation,
            message=f"A file was uploaded by a form of {form.giver.name}, and {wrong}.",
            expected=expected,
            fix=f"what {told.request.operation} does with an upload",
            curl=desk.caller.curl(told.request),
            seen=shown(answer),
            steps=(*steps_of(sent, form, desk.caller), curl_of(sent, form)),
            replay=desk.replay,
        )
    )
