"""Any status, with a body as the service makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from mockleo.faults.fault import AnswerFault
from mockleo.faults.wording import phrase
from mockleo.wire.errors import Flat
from mockleo.wire.http import JSON

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending

# These have no body, whatever is said of it.
BODILESS = frozenset({204, 304})
# What the service is known to say under a status: `error` and `code`, as in errors.toml.
KNOWN = {
    401: ("Authentication hook unauthorized this request", "access-denied"),
    404: ("Endpoint not found", "not-found"),
    429: ("Too many requests", "unexpected"),
    500: ("Service Error", "unexpected"),
}


class Status(AnswerFault, frozen=True, kw_only=True):
    """Answer with `status`, from 200 to 599.

    error, code     what the body says. By default what the service is known to say under it,
                    else the status's own words (assumed). Under 2xx and without any of them the
                    answer keeps its body
    """

    # The status itself tells.
    SPOILS: ClassVar[bool] = False

    status: int
    error: str | None = None
    code: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 200 <= self.status <= 599:
            raise ValueError(f"status: {self.status} is not between 200 and 599")
        for name in ("error", "code"):
            if self.status in BODILESS and getattr(self, name) is not None:
                raise ValueError(f"{name}: an answer of status {self.status} has no body")

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        return msgspec.structs.replace(
            sending, status=self.status, body=self._body(sending.body), content_type=JSON
        )

    def _body(self, before: bytes) -> bytes:
        if self.status in BODILESS:
            return b""
        if self.status < 300 and self.error is None and self.code is None:
            return before or b"{}"
        error, code = KNOWN.get(self.status, (phrase(self.status), "unexpected"))
        return msgspec.json.encode(
            Flat(error if self.error is None else self.error, "$", code if self.code is None else self.code)
        )
