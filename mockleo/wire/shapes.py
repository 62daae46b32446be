"""What the answers of several nouns have in common."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from mockleo.core import pricing

if TYPE_CHECKING:
    from mockleo.core.uploads import Upload
    from mockleo.wire.call import Call

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CONTENT_TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "obj": "model/obj",
}


def moment(at_ms: int) -> str:
    """A time as the REST answers have it: milliseconds and no zone. Source: recordings."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).isoformat(timespec="milliseconds")[:-6]


def booked(call: Call, cost: int, **named: Any) -> dict[str, Any]:
    """The answer to an accepted order: what it is called and what it costs.

    Plans in credits tell the number twice, plans in dollars leave the older key null.
    Source: OAS, PAYG.
    """
    in_credits = call.account.plan.unit == "CREDITS"
    return {
        **named,
        "apiCreditCost": cost if in_credits else None,
        "cost": {
            "amount": str(cost) if in_credits else pricing.dollars(call.world.rules, cost),
            "unit": call.account.plan.unit,
        },
    }


def presigned(call: Call, upload: Upload) -> tuple[str, str]:
    """The presigned form of an upload: its fields as JSON text, and where it goes."""
    rules = call.world.rules
    presigner = call.site.storage.presigner
    fields = presigner.presign(
        key=upload.key,
        content_type=_CONTENT_TYPES.get(upload.extension, "application/octet-stream"),
        now_ms=call.world.now_ms,
        life_ms=rules.integer("upload.form_life"),
        max_bytes=rules.integer("upload.size_max"),
    )
    return msgspec.json.encode(fields).decode(), call.links.upload_form(presigner.name)


def weight(call: Call, value: float) -> float:
    """An element's weight: whole for the official SDKs, which refuse the true 0.7."""
    return value if call.true_to_the_wire else round(value)


def paging(call: Call) -> tuple[int, int, bool]:
    """`limit` and `offset`, with their defaults, and whether the newest comes first.

    Too large a limit is cut.
    """
    rules = call.world.rules
    row = rules["page.limit"]
    limit: int = call.args.get("limit", row.default)
    offset: int = call.args.get("offset", rules.default("page.offset"))
    for name, value in (("limit", limit), ("offset", offset)):
        if value < 0:
            rules.check(f"page.{name}", field=name, given=value)
    return min(limit, int(row.max or limit)), offset, rules["page.order"].value == "newest"
