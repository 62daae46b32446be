"""A form for each kind of file that an operation takes: png, mp4, ..."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.conformance.uploads.forms import extension_of
from mockleo.conformance.uploads.posting import filled_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.conformance.uploads.forms import Giver
    from mockleo.conformance.uploads.judging import Desk

# The registered types; a kind that is not here is not judged.
TYPES: Mapping[str, frozenset[str]] = {
    "png": frozenset({"image/png"}),
    "jpg": frozenset({"image/jpeg", "image/jpg"}),
    "jpeg": frozenset({"image/jpeg"}),
    "webp": frozenset({"image/webp"}),
    "mp4": frozenset({"video/mp4"}),
    "mov": frozenset({"video/quicktime", "video/mov"}),
    "mp3": frozenset({"audio/mpeg", "audio/mp3"}),
    "wav": frozenset({"audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"}),
}

_OF_ITS_KIND = "a form is for the kind of file that was asked for: its Content-Type says so (inferred: UP)"
_NAMED = "an object's key ends in the extension that was asked for (observed: REC, addresses of init images)"


def try_kinds(desk: Desk, giver: Giver) -> None:
    """Ask for each kind of file that the contract lists, and look at the form."""
    for body in giver.bodies:
        form = desk.ask(giver, body)
        if form is None:
            return
        extension = extension_of(giver, body)
        done = f"it is asked for with the extension {extension}"
        plain = filled_in(form, b"x")
        said, allowed = form.value("content-type"), TYPES.get(extension)
        desk.checked("form-of-its-kind", giver)
        if said and allowed is not None and said not in allowed:
            wrong = f"its Content-Type is {said}"
            desk.blame(
                "form-of-its-kind",
                form,
                plain,
                form.asked.answer,
                wrong=wrong,
                expected=_OF_ITS_KIND,
                done=done,
                fix="the Content-Type that the form is made for",
            )
        desk.checked("key-of-its-kind", giver)
        if not form.value("key").endswith(f".{extension}"):
            desk.blame(
                "key-of-its-kind",
                form,
                plain,
                form.asked.answer,
                wrong=f"its key is {form.value('key').rpartition('/')[2]!r}",
                expected=_NAMED,
                done=done,
                fix="the key that the form is made for",
            )
