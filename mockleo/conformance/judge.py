"""Our own checks on any exchange with the API, whichever part of the suite has made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.conformance.checks import CHECKS, Check
from mockleo.conformance.checks.promise import Promise
from mockleo.conformance.checks.seen import API_PATH, Seen, below_api
from mockleo.conformance.curl import KEY, curl
from mockleo.conformance.tally import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockleo.conformance.checks.seen import Wrong
    from mockleo.conformance.door import Answer, Request
    from mockleo.conformance.tally import Tally

_SEEN_CHARS_MOST = 600


def _made(seen: Seen | None) -> Iterator[Check]:
    """The checks that are made for an exchange, in the menu's order."""
    return (check for check in CHECKS if check.is_for(seen)) if seen is not None else iter(())


class Judge:
    """Looks at answers of the API; of storage and of the CDN it says nothing.

    Safe to be used by several threads at once. `api_key` is kept out of all findings; where it is
    not told, what each call shows as its key is.
    """

    def __init__(self, *, api_key: str = "") -> None:
        self._promise = Promise()
        self._api_key = api_key

    def look(
        self,
        operation: str,
        request: Request,
        answer: Answer,
        *,
        part: str = "",
        steps: tuple[str, ...] = (),
        replay: str = "",
    ) -> Iterator[Finding]:
        """What is wrong about this answer. `operation` is the operationId that was meant, empty for
        none; a call with another method or path than the operation's is taken for a call of none.
        """
        seen = self._seen(operation, request, answer)
        for found in self._found(operation, seen):
            yield msgspec.structs.replace(found, part=part, steps=steps, replay=replay)

    def checks(self, operation: str, request: Request, answer: Answer) -> tuple[str, ...]:
        """The names of the checks that are made for this answer."""
        return tuple(check.name for check in _made(self._seen(operation, request, answer)))

    def tell(
        self,
        tally: Tally,
        part: str,
        request: Request,
        answer: Answer,
        *,
        steps: tuple[str, ...] = (),
        replay: str = "",
    ) -> tuple[Finding, ...]:
        """Look at the answer to `request.operation`, write down in `tally` what was looked at and
        what was found, and return what was found.
        """
        operation = request.operation
        # Read once: this is done for each of many thousand calls.
        seen = self._seen(operation, request, answer)
        for check in _made(seen):
            tally.checked(part, check.name, operation)
        found = tuple(
            msgspec.structs.replace(each, part=part, steps=steps, replay=replay)
            for each in self._found(operation, seen)
        )
        for finding in found:
            tally.found(finding)
        return found

    def _found(self, operation: str, seen: Seen | None) -> Iterator[Finding]:
        for check in _made(seen):
            assert seen is not None, "there are no checks without an exchange"
            for wrong in check.look(self._promise, seen):
                yield self._finding(check.name, operation, seen, wrong)

    def _seen(self, operation: str, request: Request, answer: Answer) -> Seen | None:
        """The exchange as the checks look at it; None where the API was not asked."""
        if API_PATH not in request.url or request.method in {"OPTIONS", "HEAD"}:
            return None
        meant = self._promise.operation(operation, request.method, below_api(request.url))
        return Seen(meant, request, answer)

    def _finding(self, check: str, operation: str, seen: Seen, wrong: Wrong) -> Finding:
        text = seen.answer.body[:_SEEN_CHARS_MOST].decode("utf-8", "replace")
        told = f"{wrong.value}\n" if wrong.value else ""
        return Finding(
            part="",
            check=check,
            operation=operation,
            message=wrong.message,
            expected=wrong.expected,
            fix=wrong.fix,
            curl=curl(seen.request, api_key=self._api_key),
            seen=self._kept(f"{told}{seen.answer.status} {text}", seen),
        )

    def _kept(self, text: str, seen: Seen) -> str:
        """`text` without the key; other keys than that which is known were made up to be shown."""
        key = self._api_key or (seen.header("authorization") or "").rpartition(" ")[2]
        return text.replace(key, KEY) if key else text
