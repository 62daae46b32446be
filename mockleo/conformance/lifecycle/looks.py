"""What must hold of one thing whenever somebody looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.conformance.checks.fetching import addresses
from mockleo.conformance.lifecycle import files
from mockleo.conformance.lifecycle.known import (
    COMPLETE,
    DATASET,
    ENDS,
    FAILED,
    GENERATION,
    MOTION_VARIATION,
    PENDING,
    TEXTURE,
    VARIATION,
    Job,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.lifecycle.client import Reply
    from mockleo.conformance.lifecycle.known import Thing
    from mockleo.conformance.lifecycle.visit import Visit

# Where a thing's results are.
_RESULTS = {
    GENERATION: "generated_images",
    TEXTURE: "model_asset_texture_images",
    VARIATION: "url",
    MOTION_VARIATION: "url",
}
# What may change while a job is under way, and what others may change after.
_MOVES = {"status", "updatedAt", *_RESULTS.values()}
_OF_OTHERS = {"likeCount", "generated_image_variation_generics"}


def row_of(reply: Reply) -> dict[str, Any] | None:
    """The row of a single GET: some are a list of one. None where there is none."""
    told = reply.told
    if isinstance(told, list):
        told = told[0] if len(told) == 1 else None
    return told if isinstance(told, dict) else None


def look(visit: Visit, thing: Thing) -> dict[str, Any] | None:
    """Read `thing`, and make every check that is about one answer, or two of the same thing."""
    reply = visit.client.call(thing.noun.show, at=thing.id)
    row = row_of(reply)
    shown = row is not None and row.get("id") == thing.id
    visit.hold("known-thing-is-shown", shown, _not_shown(thing, reply, row), reply=reply)
    if row is None or not shown:
        if isinstance(thing, Job):
            visit.known.lose(thing)
        return None
    created_at = row.get("createdAt", "")
    if not thing.created_at and isinstance(created_at, str) and created_at:
        _in_order(visit, thing, created_at, reply)
    if isinstance(thing, Job):
        if not _moved(visit, thing, row, reply):
            return None
        _results(visit, thing, row, reply)
        _unchanged(visit, thing, row, reply)
        _in_time(visit, thing, reply)
        if thing.noun is GENERATION:
            _variations(visit, thing, row, reply)
            _elements(visit, thing, row, reply)
    _told_back(visit, thing, row, reply)
    if thing.noun is DATASET:
        ids = [image.get("id") for image in _dicts(row.get("dataset_images"))]
        for member in thing.members:
            message = f"the image {member} was put into the dataset {thing.id} and is not shown with it"
            visit.hold("uploaded-is-known", ids.count(member) == 1, message, reply=reply)
        _changed(visit, thing, row, reply)
    thing.seen = row
    return row


def _changed(visit: Visit, dataset: Thing, row: dict[str, Any], reply: Reply) -> None:
    """A dataset was changed when the last image was put into it, or later."""
    changed = row.get("updatedAt")
    for image in _dicts(row.get("dataset_images")):
        added = image.get("createdAt")
        if isinstance(changed, str) and isinstance(added, str):
            message = f"the dataset {dataset.id} has an image of {added}, and was changed at {changed}"
            visit.hold("created-in-order", added <= changed, message, reply=reply)


def _not_shown(thing: Thing, reply: Reply, row: dict[str, Any] | None) -> str:
    if row is not None:
        return f"the {thing.noun.name} {thing.id} was asked for, and {row.get('id')!r} is what came"
    return (
        f"the {thing.noun.name} {thing.id} was made and not deleted, but reading it gives {reply.beginning}"
    )


def _in_order(visit: Visit, thing: Thing, created_at: str, reply: Reply) -> None:
    thing.created_at = created_at
    things = visit.known.things
    before = [one for one in things[: things.index(thing)] if one.created_at]
    latest = max(before, key=lambda one: one.created_at, default=None)
    visit.hold(
        "created-in-order",
        latest is None or latest.created_at <= created_at,
        f"the {thing.noun.name} {thing.id} was made at {created_at}, it says; the"
        f" {latest.noun.name if latest else ''} that was made before it says {latest and latest.created_at}",
        reply=reply,
    )


def _moved(visit: Visit, job: Job, row: dict[str, Any], reply: Reply) -> bool:
    """Whether the status is one that can come after the last one; a refund is booked at once."""
    status = row.get("status")
    what = f"the {job.noun.name} {job.id} was {job.status} and now is {status!r}"
    if job.has_ended:
        good = visit.hold("terminal-is-terminal", status == job.status, what, reply=reply)
        if not good and status in (PENDING, *ENDS):
            # One look back is enough: what follows from it is not found again and again.
            job.seen = None
        return good
    if not visit.hold("status-moves-forward", status in (PENDING, *ENDS), what, reply=reply):
        visit.known.lose(job)
        return False
    if status in ENDS and job.status == PENDING:
        job.status = str(status)
        if status == FAILED:
            visit.known.balance += job.credits
            visit.known.causes.append("failed")
        if visit.alone:
            check = "nothing-comes-of-nothing" if job.hopeless else "good-orders-succeed"
            message = f"the {job.noun.name} {job.id} has ended as {status}"
            visit.hold(check, (status == FAILED) == job.hopeless, message, operation=job.operation)
    return True


def _results(visit: Visit, job: Job, row: dict[str, Any], reply: Reply) -> None:
    """Results are there when the job is COMPLETE, as many as were asked for, and not before."""
    where = _RESULTS.get(job.noun)
    if where is None:
        return
    value = row.get(where)
    given = _dicts(value) if where != "url" else [{"url": value}] if value else []
    name = f"the {job.noun.name} {job.id}"
    if job.status != COMPLETE:
        message = f"{name} is {job.status} and has {len(given)} results already"
        visit.hold("no-results-before-the-end", not given, message, reply=reply)
        return
    message = f"{name} is COMPLETE with {len(given)} results, {job.asked} were ordered"
    if not visit.hold("as-many-as-asked", len(given) == job.asked, message, reply=reply):
        job.results = ()
        return
    if where == "url":
        return
    needed = ("id", "url", "motionMP4URL") if job.moves else ("id", "url")
    for one in given:
        whole = all(isinstance(one.get(key), str) and one[key] for key in needed)
        message = f"{name} has a result without {' or '.join(needed)}: {one}"
        visit.hold("as-many-as-asked", whole, message, reply=reply)
    ids = tuple(str(one.get("id")) for one in given)
    if not job.results:
        taken = {image for other in visit.known.jobs if other is not job for image in other.results}
        fresh = len(set(ids)) == len(ids) and not taken.intersection(ids)
        visit.hold("ids-are-unique", fresh, f"{name} has results whose ids were seen before", reply=reply)
    job.results = ids


def _told_back(visit: Visit, thing: Thing, row: dict[str, Any], reply: Reply) -> None:
    for key, wanted in thing.told_back.items():
        message = f"{key} was ordered as {wanted!r}; the {thing.noun.name} tells {row.get(key)!r}"
        visit.hold("told-back-as-ordered", row.get(key) == wanted, message, reply=reply)


def _elements(visit: Visit, job: Job, row: dict[str, Any], reply: Reply) -> None:
    """The platform's elements that were ordered are told back, each once."""
    if job.elements:
        told = [(one.get("lora") or {}).get("akUUID") for one in _dicts(row.get("generation_elements"))]
        message = f"the elements {list(job.elements)} were ordered, {told} are told back"
        good = sorted(told, key=str) == sorted(job.elements)
        visit.hold("told-back-as-ordered", good, message, reply=reply)


def _unchanged(visit: Visit, job: Job, row: dict[str, Any], reply: Reply) -> None:
    """What was ordered is told alike each time; at the end, all of it is."""
    before = job.seen
    if before is None:
        return
    ended = before.get("status") in ENDS
    check = "finished-does-not-change" if ended else "parameters-stay"
    left_out = _OF_OTHERS if ended else _OF_OTHERS | _MOVES
    differing = ", ".join(differences(before, row, left_out=frozenset(left_out)))
    message = f"the {job.noun.name} {job.id} was read twice, and these were not the same: {differing}"
    visit.hold(check, not differing, message, reply=reply)


def _in_time(visit: Visit, job: Job, reply: Reply) -> None:
    if job.has_ended or visit.client.now_ms > job.due_ms:
        late_s = (visit.client.now_ms - job.due_ms) // 1000
        message = (
            f"the {job.noun.name} {job.id} is {job.status}, {late_s} s after the latest time at which"
            " it could be done"
        )
        visit.hold("ends-in-time", job.has_ended, message, reply=reply)
        if not job.has_ended:
            # Once is enough; it is not waited for any more.
            visit.known.lose(job)


def _variations(visit: Visit, job: Job, row: dict[str, Any], reply: Reply) -> None:
    """Each image lists what was made of it, once, and says of it what the variation says."""
    children = [
        child for child in visit.known.jobs if child.noun is VARIATION and child.parent in job.results
    ]
    if not children:
        return
    listed = [
        variation
        for image in _dicts(row.get("generated_images"))
        for variation in _dicts(image.get("generated_image_variation_generics"))
    ]
    for child in children:
        entries = [entry for entry in listed if entry.get("id") == child.id]
        before, name = child.status, f"the variation {child.id} of the image {child.parent}"
        message = f"{name} is told {len(entries)} times within its generation"
        if not visit.hold("variation-agrees-with-its-image", len(entries) == 1, message, reply=reply):
            continue
        own = look(visit, child)
        if own is None:
            continue
        status = entries[0].get("status")
        same = status in {before, child.status} and bool(entries[0].get("url")) == (status == COMPLETE)
        message = f"{name} is {status} with url {entries[0].get('url')!r} there, and {child.status} by itself"
        visit.hold("variation-agrees-with-its-image", same, message, reply=reply)


def differences(
    one: Any, other: Any, *, left_out: frozenset[str] = frozenset(), where: str = "", common: bool = False
) -> Iterator[str]:
    """The keys, by path, at which two answers differ; only those both have where `common`."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = one.keys() & other.keys() if common else one.keys() | other.keys()
        for key in sorted(keys - left_out):
            inner = f"{where}.{key}" if where else key
            if key not in one or key not in other:
                yield inner
            else:
                yield from differences(one[key], other[key], left_out=left_out, where=inner, common=common)
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            yield f"{where} ({len(one)} and {len(other)})"
            return
        for nth, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, left_out=left_out, where=f"{where}[{nth}]", common=common)
    elif one != other:
        yield where


def fetch_results(visit: Visit, job: Job) -> None:
    """What lies at the URLs of a finished job is what the answer says."""
    row = look(visit, job)
    if row is None or job.status != COMPLETE:
        return
    reply_operation = job.noun.show
    drawn: dict[bytes, str] = {}
    for url, kind, size in _files(job, row):
        answer = visit.client.fetch(url)
        if answer is None:
            visit.doubt("result-can-be-fetched", "nobody allows calls to the host of the results")
            return
        wrong = files.trouble(answer, kind)
        message = f"the result of the {job.noun.name} {job.id}, {url}: {wrong}"
        good = visit.hold("result-can-be-fetched", not wrong, message, operation=reply_operation)
        if good:
            before = drawn.setdefault(answer.body, url)
            message = f"{url} and {before} are the same file"
            visit.hold("results-differ", before == url, message, operation=reply_operation)
        if good and size:
            found = files.picture_size(answer.body)
            message = f"{url} is {found} px, {size} were ordered"
            visit.hold(
                "result-has-its-size", found is None or found == size, message, operation=reply_operation
            )


def fetch_catalogue(visit: Visit, operation: str) -> None:
    """What lies at the URLs of a list of the platform's own: of each field the first."""
    reply = visit.client.call(operation)
    for where, url in addresses(reply.answer):
        answer = visit.client.fetch(url)
        if answer is None:
            visit.doubt("result-can-be-fetched", "nobody allows calls to the host of the results")
            return
        wrong = files.trouble(answer, "image")
        visit.hold("result-can-be-fetched", not wrong, f"{where}, {url}: {wrong}", operation=operation)


def _files(job: Job, row: dict[str, Any]) -> Iterator[tuple[str, str, tuple[int, int] | None]]:
    """URL, kind and size (pictures) of every file that belongs to a finished job."""
    if isinstance(row.get("url"), str):
        moving = job.noun is MOTION_VARIATION
        yield row["url"], "video" if moving else "image", None
    for image in _dicts(row.get("generated_images")):
        if isinstance(image.get("motionMP4URL"), str):
            yield image["motionMP4URL"], "video", None
        if isinstance(image.get("url"), str):
            yield image["url"], "image", job.size
    for image in _dicts(row.get("model_asset_texture_images")):
        if isinstance(image.get("url"), str):
            yield image["url"], "image", None


def _dicts(value: Any) -> list[dict[str, Any]]:
    """Those of a list that are objects; none where it is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
