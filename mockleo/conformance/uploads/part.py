"""All that is tried with uploads, one after the other."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mockleo.conformance.door import MayNot, NoAnswer, OutOfBudget
from mockleo.conformance.tally import Omission
from mockleo.conformance.uploads import keeping, kinds, sizes
from mockleo.conformance.uploads.cases import REFUSED, TAKEN, Case
from mockleo.conformance.uploads.forms import givers
from mockleo.conformance.uploads.judging import PART, Desk
from mockleo.conformance.uploads.posting import filled_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockleo.conformance.door import Opener
    from mockleo.conformance.parts import Plan
    from mockleo.conformance.tally import Tally
    from mockleo.conformance.uploads.forms import Form, Giver

_CONTENT = b"a file that mockleo has sent"
# The form that most clients use is tried most.
_FIRST = "uploadInitImage"
# What is tried with every form, also where calls are slow.
_FEW = tuple(
    case for case in REFUSED if case.check in {"authorization-refused", "signature-checked", "key-held-to"}
)


def run(plan: Plan, opener: Opener, tally: Tally, progress: Callable[[str], None]) -> None:
    """Judge the forms for uploads, and what becomes of what is uploaded."""
    door = opener.open(seed=plan.seed)
    try:
        if "spend" not in door.abilities:
            tally.omit(
                Omission(
                    part=PART,
                    what="uploads",
                    why="they cost nothing, but leave files behind and are used in a job; --spend allows it",
                )
            )
            return
        desk = Desk(plan, door, tally)
        _look(desk, progress)
        if "fresh-account" in door.abilities:
            progress("files that are too large")
            _look_at_sizes(plan, opener, tally)
    finally:
        door.close()


def _look(desk: Desk, progress: Callable[[str], None]) -> None:
    from mockleo.conformance.uploads.generated import ALL

    all_givers = [
        giver
        for giver in givers(desk.caller.operations)
        if not desk.plan.operations or giver.operation in desk.plan.operations
    ]
    all_givers.sort(key=lambda giver: giver.operation != _FIRST)
    is_free = "fast-forward" in desk.door.abilities
    for nth, giver in enumerate(all_givers):
        progress(f"the form of {giver.name}")
        _try(desk, giver, partial(_one_giver, desk, giver, is_whole=nth == 0 or is_free))
    for giver in all_givers[:1]:
        for words, draw in ALL.items():
            progress(f"by chance: {words}")
            _try(desk, giver, partial(draw, desk, giver))
    progress("jobs that use an upload")
    _used(desk, all_givers)


def _try(desk: Desk, giver: Giver, work: Callable[[], None]) -> None:
    """Do what is to be done with one form; an address that may not be reached, or where nobody
    answers, is a matter of that form.
    """
    try:
        work()
    except OutOfBudget:
        raise
    except (MayNot, NoAnswer) as error:
        why = str(error) or "nobody answers where the form is to be sent"
        desk.doubt("form-taken", giver, why)


def _one_giver(desk: Desk, giver: Giver, *, is_whole: bool) -> None:
    """All that is tried with one form; a few rows where another was tried with all of them."""
    kinds.try_kinds(desk, giver)
    _named(desk, giver, REFUSED if is_whole else _FEW)
    sizes.try_sizes(desk, giver)
    if is_whole:
        sizes.try_age(desk, giver)
    _kept(desk, giver)


def _named(desk: Desk, giver: Giver, refused: tuple[Case, ...]) -> None:
    """The rows by name. A form that was refused is used for the next row, until one is taken."""
    form: Form | None = desk.ask(giver)
    if form is None:
        return
    sizes.read_life(desk, form)
    for uses, case in enumerate(refused, start=1):
        form = form if form is not None and uses % 20 else desk.ask(giver)
        if form is None:
            return
        post = case.make(form, _CONTENT)
        if post is None:
            continue
        answer = desk.judge(case, form, post)
        desk.shape(form, post, answer)
        if not keeping.nothing_stored(desk, case, form, post, answer):
            form = None
    for case in TAKEN:
        form = desk.ask(giver)
        post = case.make(form, _CONTENT) if form is not None else None
        if form is not None and post is not None:
            desk.judge(case, form, post)


def _kept(desk: Desk, giver: Giver) -> None:
    """One upload from its form to its deletion; the form is sent twice, which S3 allows."""
    form = keeping.upload(desk, giver, _CONTENT)
    if form is None:
        return
    keeping.see_again(desk, form, _CONTENT)
    again = Case(
        check="form-used-twice",
        done="it is sent a second time within its life",
        make=filled_in,
        evidence="inferred",
        source="a signed policy is no ticket: S3 takes it until it expires, and the last file stays",
    )
    second = _CONTENT[::-1]
    if desk.judge(again, form, filled_in(form, second)).status != again.status:
        return
    url = keeping.see_again(desk, form, second)
    if giver.operation in keeping.PLACES and (not form.dataset or form.dataset == desk.dataset):
        keeping.delete(desk, form, url)
        desk.forget(form)


def _used(desk: Desk, all_givers: list[Giver]) -> None:
    """Jobs that start from an uploaded image, and one whose image never came."""
    by_name = {(giver.operation, giver.prefix): giver for giver in all_givers}
    plain = by_name.get(("uploadInitImage", ""))
    if plain is not None:
        _try(desk, plain, partial(_used_alone, desk, plain))
        _try(desk, plain, partial(keeping.never_came, desk, plain))
    image, mask = (by_name.get(("uploadCanvasInitImage", prefix)) for prefix in ("init", "mask"))
    # Where jobs are paid for, one that uses an upload is enough: this one may cost a lot.
    if image is not None and mask is not None and "fast-forward" in desk.door.abilities:
        _try(desk, image, partial(_used_together, desk, image, mask))


def _used_alone(desk: Desk, giver: Giver) -> None:
    form = keeping.upload(desk, giver, keeping.png())
    if form is not None:
        keeping.use(desk, form, keeping.with_image(form.id))


def _used_together(desk: Desk, of_image: Giver, of_mask: Giver) -> None:
    image = keeping.upload(desk, of_image, keeping.png())
    mask = keeping.upload(desk, of_mask, keeping.png())
    if image is not None and mask is not None:
        keeping.use(desk, image, keeping.with_mask(image.id, mask.id))


def _look_at_sizes(plan: Plan, opener: Opener, tally: Tally) -> None:
    """The same service, told to allow little: so that what is too large need not be large."""
    most = sizes.SMALL_BYTES_MOST
    door = opener.fresh(
        seed=plan.seed, settings={"credits": 1_000_000, "rules": {"upload.size_max": str(most)}}
    )
    try:
        desk = Desk(plan, door, tally)
        for giver in givers(desk.caller.operations):
            if not plan.operations or giver.operation in plan.operations:
                sizes.try_sizes(desk, giver, most=most)
    finally:
        door.close()
