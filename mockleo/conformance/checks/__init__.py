"""What is looked at in any exchange: one check in each module, and the menu of them here.

    seen.py       one exchange, read once
    promise.py    the contract, read once; schemas.py and refusals.py are how it is read
    by_schema.py  five checks that share one look at the schema
    fetching.py   what needs a call of its own: can the URLs of an answer be fetched?

A check is a plain function from the contract and what was seen to what is wrong: nothing yielded
is a pass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import msgspec

from mockleo.conformance.checks.answers_what_was_asked import answers_what_was_asked
from mockleo.conformance.checks.by_schema import (
    body_conforms,
    fields_known,
    fields_there,
    ids_well_formed,
    moments_well_formed,
)
from mockleo.conformance.checks.content_type import content_type
from mockleo.conformance.checks.envelope import envelope
from mockleo.conformance.checks.forms_readable import forms_readable
from mockleo.conformance.checks.headers_sound import headers_sound
from mockleo.conformance.checks.insides_hidden import insides_hidden
from mockleo.conformance.checks.job_hangs_together import job_hangs_together
from mockleo.conformance.checks.json_readable import json_readable
from mockleo.conformance.checks.key_needed import key_needed
from mockleo.conformance.checks.moments_sensible import moments_sensible
from mockleo.conformance.checks.page_bounded import page_bounded
from mockleo.conformance.checks.prices_agree import prices_agree
from mockleo.conformance.checks.refusal_fits import refusal_fits
from mockleo.conformance.checks.refusal_known import refusal_known
from mockleo.conformance.checks.rows_distinct import rows_distinct
from mockleo.conformance.checks.secret_kept import secret_kept
from mockleo.conformance.checks.status_listed import status_listed
from mockleo.conformance.checks.urls_absolute import urls_absolute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.seen import Seen, Wrong


class Looks(Protocol):
    def __call__(self, promise: Promise, seen: Seen) -> Iterator[Wrong]: ...


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the menu. `of` says which answers it is made for: "all" that the API gives,
    "operation" those of the contract's operations, "success" and "refusal" among these; a refusal
    may be of no operation.
    """

    name: str
    about: str
    of: str
    look: Looks

    def is_for(self, seen: Seen) -> bool:
        """Whether there is anything to look at."""
        match self.of:
            case "success":
                return seen.is_success
            case "refusal":
                return seen.is_refusal
            case "operation":
                return seen.operation is not None
            case _:
                return True


def _check(of: str, look: Looks) -> Check:
    name = look.__name__.replace("_", "-")  # type: ignore[attr-defined]  # every function has one
    return Check(name=name, about=(look.__doc__ or "").strip(), of=of, look=look)


CHECKS: tuple[Check, ...] = (
    _check("all", status_listed),
    _check("all", content_type),
    _check("all", json_readable),
    _check("all", headers_sound),
    _check("all", secret_kept),
    _check("all", key_needed),
    _check("refusal", refusal_known),
    _check("refusal", refusal_fits),
    _check("refusal", insides_hidden),
    _check("operation", envelope),
    _check("success", body_conforms),
    _check("success", fields_there),
    _check("success", fields_known),
    _check("success", ids_well_formed),
    _check("success", moments_well_formed),
    _check("success", moments_sensible),
    _check("success", urls_absolute),
    _check("success", forms_readable),
    _check("success", prices_agree),
    _check("success", page_bounded),
    _check("success", rows_distinct),
    _check("success", answers_what_was_asked),
    _check("success", job_hangs_together),
)
