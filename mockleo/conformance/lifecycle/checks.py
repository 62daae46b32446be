"""All checks by name, with what the contract says, how sure that is, and what to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping


class Check(msgspec.Struct, frozen=True):
    """`says` is the contract's side, `evidence` how sure it is, `fix` what to look at.

    `needs` is the ability of the door without which it cannot be made, empty for none.
    """

    says: str
    evidence: str
    fix: str
    needs: str = ""


_BOOKING = "the function that books an order"
_STATE = "where the state of jobs is kept: it has to outlive the call, and only the job itself may change it"
_LIST = "the query behind the list, and that it reads the same rows as the single GET"
_LEDGER = "the bookings on the balance: one charge for each accepted order, one refund for each failed one"
_DELETE = "the function that deletes: the row has to be gone for every other operation"
_OWNER = "that each query asks for the owner of the row, too"
_LIMITS = "the counting of calls, by account and operation, and that it begins anew with each minute"
_CREDITS = "that the balance is compared with the price before anything is booked"

FAST = "fast-forward"
FRESH = "fresh-account"

CHECKS: Mapping[str, Check] = {
    # --- orders ---------------------------------------------------------------------------------
    "order-is-accepted": Check(
        "an order that keeps all rules is answered with 200 and the id of what was ordered",
        "documented", _BOOKING,
    ),
    "wrong-order-is-refused": Check(
        "an order that breaks a rule is refused with an error, and nothing is booked",
        "documented; for texts and statuses see contracts/errors.toml",
        "the checks before an order is booked",
    ),
    "ids-are-unique": Check(
        "whatever is made has an id of its own", "documented", "how ids are drawn",
    ),
    "answer-has-its-shape": Check(
        "the answer has the fields of its schema, of their types", "documented",
        "the rendering of the answer",
    ),
    # --- one thing ------------------------------------------------------------------------------
    "known-thing-is-shown": Check(
        "what was made can be read by its id from then on, until it is deleted",
        "documented", "whether anything is kept between two calls: a server without memory cannot pass",
    ),
    "status-moves-forward": Check(
        "a job is PENDING, and then COMPLETE or FAILED; there is no other status and no way back",
        "documented", _STATE,
    ),
    "terminal-is-terminal": Check(
        "a job that was COMPLETE or FAILED stays so", "documented", _STATE,
    ),
    "finished-does-not-change": Check(
        "the answer about a finished job stays the same, whoever looks how often",
        "inferred", "whatever is made up anew for each answer",
    ),
    "parameters-stay": Check(
        "what was ordered is told in the same way from the first answer to the last: seed, sizes, time",
        "inferred", "whatever is made up anew for each answer",
    ),
    "no-results-before-the-end": Check(
        "a job has no images and no URL until it is COMPLETE; one that has FAILED has none at all",
        "inferred", "that results are handed over together with the status",
    ),
    "as-many-as-asked": Check(
        "a COMPLETE generation has exactly as many images as were ordered, each with an id and a URL;"
        " a COMPLETE variation has its URL",
        "documented", "what is handed over when a job completes",
    ),
    "told-back-as-ordered": Check(
        "an order's parameters are told back as they were given", "documented", "the rendering of the answer",
    ),
    "ends-in-time": Check(
        "every job comes to its end; it was given several times as long as such jobs take",
        "inferred",
        "the queue: whether jobs that wait are begun once a slot is free, and whether time passes at all",
    ),
    "good-orders-succeed": Check(
        "an order that keeps all rules, of things that are there, ends as COMPLETE", "inferred",
        "what lets a job fail", FRESH,
    ),
    "nothing-comes-of-nothing": Check(
        "an order that names an upload whose file never came is refused, or ends as FAILED", "assumed",
        "whether it is looked at that the file of an upload has come", FRESH,
    ),
    "created-in-order": Check(
        "what is made later has no earlier createdAt, and what it is put into no earlier updatedAt",
        "inferred", "the clock behind createdAt and updatedAt",
    ),
    "variation-agrees-with-its-image": Check(
        "an image tells of each of its variations once, with the status that the variation itself tells",
        "documented", "the variations within the answer about a generation",
    ),
    "uploaded-is-known": Check(
        "what was announced, or put into a dataset, is shown with its id from then on",
        "documented", "the records of uploads and datasets",
    ),
    "result-can-be-fetched": Check(
        "a URL in a finished answer can be fetched, and gives the kind of file that it says",
        "documented", "the URLs, and the store behind them",
    ),
    "result-has-its-size": Check(
        "a picture has the size that was ordered", "inferred", "how results are drawn",
    ),
    "results-differ": Check(
        "the results of one order are files of their own", "inferred", "how results are drawn and kept", FAST,
    ),
    # --- lists ----------------------------------------------------------------------------------
    "in-the-list-once": Check(
        "whatever was made and not deleted is on its owner's list exactly once", "documented", _LIST,
    ),
    "list-has-only-ours": Check(
        "nothing is on an account's list that it has not made", "documented", _LIST, FRESH,
    ),
    "list-agrees-with-get": Check(
        "an entry of a list tells the same as the single GET", "documented", _LIST,
    ),
    "newest-first": Check(
        "lists begin with what was made last", "documented", _LIST,
    ),
    "limit-is-kept": Check(
        "a list has no more entries than `limit` asks for, 10 where nothing is asked",
        "documented", "limit and offset of the query",
    ),
    "page-is-full": Check(
        "a page has as many entries as there are, up to `limit`, or 10 where nothing is asked",
        "documented", "limit and offset of the query", FRESH,
    ),
    "pages-cover-all": Check(
        "pages by limit and offset cover all entries, each of them exactly once", "documented",
        "limit and offset of the query",
    ),
    "page-has-a-most": Check(
        "a page has at most 100 entries, however many are asked for", "assumed",
        "that the limit is cut where it is too large", FRESH,
    ),
    "empty-beyond-the-end": Check(
        "beyond the last entry a page is empty", "documented", "limit and offset of the query",
    ),
    # --- money ----------------------------------------------------------------------------------
    "cost-is-told": Check(
        "the answer to an order tells its cost: a number that is not negative, with its unit",
        "documented", "the rendering of the answer",
    ),
    "cost-told-alike": Check(
        "apiCreditCost and cost.amount tell the same", "documented", "the rendering of the answer",
    ),
    "me-agrees-with-costs": Check(
        "GET /me tells the balance before, less the costs that were told", "inferred: charged on acceptance",
        _LEDGER,
    ),
    "failed-is-refunded": Check(
        "what a FAILED job has cost comes back, once", "documented; when, is inferred", _LEDGER, FAST,
    ),
    "refusal-costs-nothing": Check(
        "an order that was refused costs nothing", "inferred", _LEDGER,
    ),
    "delete-costs-nothing": Check(
        "a deletion neither costs nor gives back anything", "assumed", _LEDGER,
    ),
    "price-as-published": Check(
        "work that has one published price costs that", "documented, in a table of 2024", "the prices",
        FAST,
    ),
    "equal-orders-cost-equal": Check(
        "what was ordered twice costs the same twice", "inferred", "the prices",
    ),
    "calculator-agrees": Check(
        "the pricing calculator tells what the order then costs", "inferred",
        "the prices: one table should serve both",
    ),
    # --- deletion -------------------------------------------------------------------------------
    "delete-tells-the-id": Check(
        "DELETE answers with the id of what was deleted", "documented", _DELETE,
    ),
    "second-delete-finds-nothing": Check(
        "a second DELETE answers null: there is nothing to delete", "inferred", _DELETE,
    ),
    "deleted-stays-gone": Check(
        "what was deleted is read as null, and is on no list, for good", "documented", _DELETE,
    ),
    "deleted-is-no-input": Check(
        "nothing can be made of a deleted image", "inferred", _DELETE,
    ),
    "unknown-id-tells-nothing": Check(
        "an id that nothing has is read and deleted as null", "documented", _OWNER,
    ),
    # --- other accounts -------------------------------------------------------------------------
    "strangers-see-nothing": Check(
        "another account reads null, and an empty list, where it asks for somebody's things",
        "documented", _OWNER, FRESH,
    ),
    "strangers-delete-nothing": Check(
        "another account's DELETE finds nothing, and changes nothing", "documented", _OWNER, FRESH,
    ),
    "strangers-use-nothing": Check(
        "nothing can be made of another account's images", "documented", _OWNER, FRESH,
    ),
    # --- credits --------------------------------------------------------------------------------
    "affordable-is-accepted": Check(
        "an order that the balance covers is accepted, to the last credit", "documented", _CREDITS, FRESH,
    ),
    "out-of-credits-is-refused": Check(
        "an order that costs more than the balance is refused as out of credits", "observed", _CREDITS, FRESH,
    ),
    "balance-is-never-negative": Check(
        "the balance is never below zero", "inferred", _CREDITS,
    ),
    # --- limits ---------------------------------------------------------------------------------
    "let-in-up-to-the-limit": Check(
        "as many calls a minute are let in as the plan allows", "documented", _LIMITS, FRESH,
    ),
    "refused-beyond-the-limit": Check(
        "one more call within the minute is refused with 429", "documented; the text is assumed",
        _LIMITS, FRESH,
    ),
    "let-in-after-a-minute": Check(
        "one minute later calls are let in again", "documented", _LIMITS, FRESH,
    ),
    "limit-is-for-one-operation": Check(
        "the limit of one operation stops no other one", "documented", _LIMITS, FRESH,
    ),
    "queue-takes-so-many": Check(
        "as many orders are taken as there are slots and places in the queue", "documented",
        "slots and queues, by kind of job", FRESH,
    ),
    "queue-full-is-refused": Check(
        "an order that finds no place in the queue is refused", "documented; status and text are assumed",
        "slots and queues, by kind of job", FRESH,
    ),
    "queue-moves-up": Check(
        "once a job has ended, a waiting one takes its slot, and there is a place again", "documented",
        "slots and queues, by kind of job", FRESH,
    ),
    "one-after-the-other": Check(
        "no more jobs run at once than there are slots: with one slot they end one after the other",
        "documented", "slots and queues, by kind of job", FRESH,
    ),
}  # fmt: skip
