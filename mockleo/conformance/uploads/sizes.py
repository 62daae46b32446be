"""Files that are too large or too small, and forms that are too old."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.conformance.tally import Omission
from mockleo.conformance.uploads.cases import EXPIRED, Case
from mockleo.conformance.uploads.judging import PART
from mockleo.conformance.uploads.keeping import nothing_stored
from mockleo.conformance.uploads.posting import filled_in

if TYPE_CHECKING:
    from mockleo.conformance.uploads.forms import Form, Giver
    from mockleo.conformance.uploads.judging import Desk

# A form is good for two minutes (UP), and not a moment more; so far from its end it is tried.
LIFE_MS = 120_000
MARGIN_MS = 5_000

# What is sent only to be refused is no larger.
SENT_BYTES_MOST = 2 * 1024 * 1024
# How large files may be where the emulator is told to be strict.
SMALL_BYTES_MOST = 1_000

_RANGE = "documented: AWS, sigv4-HTTPPOSTConstructPolicy: content-length-range, both ends included"
_LIFE = "a form is good for two minutes (documented: UP)"


def try_sizes(desk: Desk, giver: Giver, *, most: int | None = None) -> None:
    """Files at both ends of the policy's range, and one byte beyond. `most` is what the service was
    told to allow, whatever its policy says.
    """
    form = desk.ask(giver)
    if form is None:
        return
    least, largest = form.sizes or (0, None)
    largest = most if most is not None else largest
    if least > 0:
        _try(desk, giver, "smallest-taken", "a file of the least size is sent", least)
        _try(desk, giver, "too-small-refused", "a file below the least size is sent", least - 1, least=least)
    if largest is None:
        return
    if largest > SENT_BYTES_MOST:
        # Where there are accounts of our own, one is told to allow less: see part.py.
        if "fresh-account" not in desk.door.abilities:
            _leave_out(desk, largest)
        return
    _try(desk, giver, "largest-taken", "a file of the greatest size is sent", largest)
    for beyond in (largest + 1, largest * 3):
        done = "a file above the greatest size is sent"
        _try(desk, giver, "too-large-refused", done, beyond, most=largest)


def _try(
    desk: Desk,
    giver: Giver,
    check: str,
    done: str,
    size: int,
    *,
    least: int | None = None,
    most: int | None = None,
) -> None:
    form = desk.ask(giver)
    if form is None:
        return
    case = Case(
        check=check, done=f"{done} ({size} bytes)", make=filled_in, evidence="documented", source=_RANGE
    )
    if least is not None or most is not None:
        code = "EntityTooSmall" if least is not None else "EntityTooLarge"
        limits = {"MinSizeAllowed": str(least)} if least is not None else {"MaxSizeAllowed": str(most)}
        case = Case(
            check=check,
            done=f"{done} ({size} bytes)",
            make=filled_in,
            status=400,
            code=code,
            says="Your proposed upload",
            elements={"ProposedSize": str(size), **limits},
            source=_RANGE,
            fix="the size must be held against the policy's content-length-range, and nothing be stored",
        )
    post = filled_in(form, b"\0" * size)
    answer = desk.judge(case, form, post)
    if not case.is_taken:
        desk.shape(form, post, answer)
        nothing_stored(desk, case, form, post, answer)


def _leave_out(desk: Desk, largest: int) -> None:
    desk.tally.omit(
        Omission(
            part=PART,
            what="files that are too large",
            why=f"the form allows {largest} bytes, and so much is not sent only to be refused",
        )
    )


def read_life(desk: Desk, form: Form) -> None:
    """What a form says of its own life: its policy's end less its date."""
    life_s = form.life_s
    desk.checked("form-says-two-minutes", form.giver)
    # The date has no fraction of a second; and a service may be a little generous.
    if life_s is None or not LIFE_MS / 1_000 - 1 <= life_s <= LIFE_MS / 1_000 + 5:
        said = "cannot be read" if life_s is None else f"is {life_s:g} seconds"
        desk.blame(
            "form-says-two-minutes",
            form,
            filled_in(form, b"x"),
            form.asked.answer,
            wrong=f"the life that its policy gives it {said}",
            expected=_LIFE,
            done="it is asked for",
            fix="the policy's expiration",
        )


def try_age(desk: Desk, giver: Giver) -> None:
    """A form shortly before its end, and shortly after."""
    if "fast-forward" not in desk.door.abilities:
        desk.tally.omit(
            Omission(
                part=PART,
                what="forms that are too old",
                why="a form lives for two minutes, which are real ones here; in process they cost nothing",
            )
        )
        return
    young, old = desk.ask(giver), desk.ask(giver)
    if young is None or old is None:
        return
    desk.door.wait(LIFE_MS - MARGIN_MS)
    case = Case(
        check="form-lives-two-minutes",
        done=f"it is sent {(LIFE_MS - MARGIN_MS) // 1_000} seconds after it was given",
        make=filled_in,
        source="UP",
    )
    desk.judge(case, young, filled_in(young, b"in time"))
    desk.door.wait(2 * MARGIN_MS)
    case = Case(
        check="form-expires",
        done=f"it is sent {(LIFE_MS + MARGIN_MS) // 1_000} seconds after it was given",
        make=filled_in,
        status=403,
        code="AccessDenied",
        says=EXPIRED,
        source="UP has the two minutes; the answer is S3's",
        fix="the policy's expiration must be held against the clock",
    )
    post = filled_in(old, b"too late")
    desk.shape(old, post, desk.judge(case, old, post))
