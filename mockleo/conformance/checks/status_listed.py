"""Is the status one that the contract lists for the operation?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.conformance.checks.seen import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.promise import Promise
    from mockleo.conformance.checks.seen import Seen

# The front says so of any call, also of one that should have no body at all.
# Source: errors.toml (body-too-large).
ALWAYS = frozenset({413})


def status_listed(promise: Promise, seen: Seen) -> Iterator[Wrong]:
    """A client can only be ready for statuses that it was told of."""
    operation, status = seen.operation, seen.answer.status
    if operation is None:
        if status < 400:
            yield Wrong(
                message=f"a path or method that the contract does not have is answered with {status}",
                expected="the contract has no such operation: 404 or 405, or 401 without a key"
                " (inferred; source: HAS)",
                fix="what is routed to this path, and with which methods",
            )
        return
    if status in operation.statuses or status in ALWAYS:
        return
    listed = ", ".join(str(each) for each in sorted(operation.statuses))
    yield Wrong(
        message=f"{operation.id} answers {status}, which the contract does not list for it",
        expected=f"one of {listed} {promise.evidence(operation)}",
        fix="the branch of the code that answers with this status; or, if it is right, the contract",
    )
