"""A member of the answer that is not known to the client, or has another value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from mockleo.faults.carried_out import CarriedOutFault
from mockleo.faults.json_path import found_at, steps_of

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending


class AddField(CarriedOutFault, frozen=True, kw_only=True):
    """Put `value`, any JSON, where `path` leads: its last step is the member's name, and a member
    of that name is replaced. Where there is nothing to put it into, the answer stays as it is.
    """

    # A client that takes no notice has all it needs.
    SPOILS: ClassVar[bool] = False

    path: str
    value: Any = "added"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(steps_of(self.path)[-1], str):
            raise ValueError(f"path: {self.path!r} does not end in a name")

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        *way, name = steps_of(self.path)
        try:
            document = msgspec.json.decode(sending.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return sending
        places = [each for each in found_at(document, tuple(way)) if isinstance(each, dict)]
        for container in places:
            container[name] = self.value
        return msgspec.structs.replace(sending, body=msgspec.json.encode(document)) if places else sending
