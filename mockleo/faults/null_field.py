"""A member of the answer is null."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mockleo.faults.carried_out import CarriedOutFault
from mockleo.faults.json_path import found_at, keys_of, steps_of

if TYPE_CHECKING:
    from mockleo.faults.fault import Draw
    from mockleo.wire.sending import Sending


class NullField(CarriedOutFault, frozen=True, kw_only=True):
    """Put null where `path` leads, such as `generations_by_pk.generated_images[*].url`; where it
    leads nowhere, the answer stays as it is.
    """

    path: str

    def __post_init__(self) -> None:
        super().__post_init__()
        steps_of(self.path)

    def apply(self, sending: Sending, *, draw: Draw) -> Sending:
        *way, last = steps_of(self.path)
        try:
            document = msgspec.json.decode(sending.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return sending
        places = [(each, key) for each in found_at(document, tuple(way)) for key in keys_of(each, last)]
        for container, key in places:
            container[key] = None
        return msgspec.structs.replace(sending, body=msgspec.json.encode(document)) if places else sending
