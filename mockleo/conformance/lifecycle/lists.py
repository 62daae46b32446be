"""What must hold of lists and their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.conformance.lifecycle import looks
from mockleo.conformance.lifecycle.known import ENDS, MESH, PENDING, TEXTURE, Job

if TYPE_CHECKING:
    from mockleo.conformance.lifecycle.known import Noun, Thing
    from mockleo.conformance.lifecycle.visit import Visit

# What a list gives where nobody says how much. Source: the vendor's OpenAPI document.
_DEFAULT_LIMIT = 10
# The most that the contract lets a page have.
LIMIT_MOST = 100
# An account of somebody else's may have no end of things: so many of his are looked past.
_OTHERS_MOST = 500
# So far beyond the end that what somebody else makes meanwhile does not reach it.
_BEYOND = 50


def page(
    visit: Visit, noun: Noun, owner: str, *, limit: int | None = None, offset: int | None = None
) -> list[dict[str, Any]]:
    """One page, with the checks that can be made on it alone."""
    asked = {"limit": limit, "offset": offset}
    query = {name: value for name, value in asked.items() if value is not None}
    reply = visit.client.call(noun.list, at=owner, query=query)
    rows: list[dict[str, Any]] = visit.need(reply, reply.told, list, "the list is none")
    visit.shape(reply, all(isinstance(row, dict) for row in rows), "the list has an entry that is no object")
    if noun.paged:
        most = _DEFAULT_LIMIT if limit is None else limit
        message = (
            f"{'nothing was' if limit is None else f'limit={limit} was'} asked; {len(rows)} entries came"
        )
        visit.hold("limit-is-kept", len(rows) <= most, message, reply=reply)
        if visit.alone and not visit.known.unwanted:
            there = sum(one.noun is noun and one.owner == owner for one in visit.known.alive())
            wanted = max(0, min(most, there - (offset or 0)))
            message = f"{len(rows)} of {there} entries came with {query or 'nothing asked'}; {wanted} must"
            visit.hold("page-is-full", len(rows) >= wanted, message, reply=reply)
    times = [row["createdAt"] for row in rows if isinstance(row.get("createdAt"), str)]
    message = f"the entries were made at {', '.join(times[:4])}, in this order"
    visit.hold("newest-first", times == sorted(times, reverse=True), message, reply=reply)
    return rows


def whole(visit: Visit, noun: Noun, owner: str, *, limit: int) -> list[dict[str, Any]]:
    """All entries, page by page."""
    if not noun.paged:
        return page(visit, noun, owner)
    rows: list[dict[str, Any]] = []
    most = len(visit.known.things) + _OTHERS_MOST
    while len(rows) < most:
        seen = [row.get("id") for row in rows]
        more = page(visit, noun, owner, limit=limit, offset=len(rows))
        rows += more
        # A page of what was there before says enough; there may be no end of them.
        if all(row.get("id") in seen for row in more):
            break
    return rows


def agree(visit: Visit, noun: Noun, owner: str, *, limit: int = LIMIT_MOST) -> None:
    """Page through a list, and compare it with what is known, and with each single GET."""
    rows = whole(visit, noun, owner, limit=limit)
    ids = [row.get("id") for row in rows]
    name = f"the list of {noun.name}s"
    twice = sorted({str(one) for one in ids if ids.count(one) > 1})
    check = "pages-cover-all" if noun.paged and len(rows) > limit else "in-the-list-once"
    message = f"{name}, read in pages of {limit}, has {', '.join(twice)} more than once"
    visit.hold(check, not twice, message, operation=noun.list)
    ours = [one for one in visit.known.things if one.noun is noun and one.owner == owner]
    for thing in ours:
        if thing.deleted:
            message = f"the {noun.name} {thing.id} was deleted, and is on the list"
            visit.hold("deleted-stays-gone", thing.id not in ids, message, operation=noun.list)
        else:
            message = f"the {noun.name} {thing.id} was made, not deleted, and is missing in {name}"
            _missing(visit, noun, thing, ids, limit, message)
    if visit.alone:
        expected = {thing.id for thing in ours} | visit.known.unwanted
        strange = [one for one in ids if one not in expected]
        message = f"{name} has {strange[:3]}, which was not made on this account"
        visit.hold("list-has-only-ours", not strange, message, operation=noun.list)
    told = {row.get("id"): row for row in rows}
    for thing in ours:
        if not thing.deleted and thing.id in told:
            _same(visit, thing, told[thing.id])
    if noun.paged:
        offset = len(rows) + _BEYOND
        beyond = page(visit, noun, owner, limit=limit, offset=offset)
        message = f"there are {len(rows)} entries, and offset={offset} gives {len(beyond)} more"
        visit.hold("empty-beyond-the-end", not beyond, message, operation=noun.list)


def _missing(visit: Visit, noun: Noun, thing: Thing, ids: list[Any], limit: int, message: str) -> None:
    if thing.id in ids or not noun.paged:
        visit.hold("in-the-list-once", thing.id in ids, message, operation=noun.list)
        return
    # Is it no entry at all, or does it fall between two pages?
    at_once = [row.get("id") for row in page(visit, noun, thing.owner, limit=LIMIT_MOST, offset=0)]
    if thing.id in at_once:
        message = f"{message} when it is read in pages of {limit}; read at once it is there"
        visit.hold("pages-cover-all", False, message, operation=noun.list)
    else:
        visit.hold("in-the-list-once", False, message, operation=noun.list)


def _same(visit: Visit, thing: Thing, entry: dict[str, Any]) -> None:
    """An entry tells what the single GET tells, as far as both have the same keys."""
    before = thing.status if isinstance(thing, Job) else ""
    row = looks.look(visit, thing)
    if row is None:
        return
    status = entry.get("status")
    if isinstance(thing, Job) and before == PENDING and status != thing.status:
        # It may have moved between the two calls, but the list was read after `before`.
        good = thing.status in ENDS and status == PENDING
        message = f"the {thing.noun.name} {thing.id} is {status} on the list and {thing.status} by itself"
        visit.hold("list-agrees-with-get", good, message, operation=thing.noun.list)
        return
    differing = ", ".join(looks.differences(entry, row, common=True))
    message = f"the {thing.noun.name} {thing.id} is not the same on the list and by itself: {differing}"
    visit.hold("list-agrees-with-get", not differing, message, operation=thing.noun.list)


def lists_of(visit: Visit) -> list[tuple[Noun, str]]:
    """The lists that something of this walk is on, or has been."""
    found: dict[tuple[str, str], tuple[Noun, str]] = {}
    for thing in visit.known.things:
        # The textures of a mesh that was deleted are nobody's list any more.
        gone = thing.noun is TEXTURE and any(
            one.deleted and one.noun is MESH and one.id == thing.owner for one in visit.known.things
        )
        if thing.noun.list and not gone:
            found[thing.noun.name, thing.owner] = thing.noun, thing.owner
    return list(found.values())
