"""If-Match and its like, on reading and on writing.

Sources: RFC 9110, section 13.2.2 (their order); AWS: GetObject (the same order), PutObject
(If-None-Match takes only `*`).
"""

from datetime import UTC
from email.utils import parsedate_to_datetime

from starlette.datastructures import Headers

from mockleo.bucket.errors import FailedCondition, NotBuiltHeader
from mockleo.bucket.store import StoredObject


def is_unchanged(headers: Headers, stored: StoredObject) -> bool:
    """Has the reader got this version already: 304? Raises FailedCondition."""
    stored_s = stored.stored_at_ms // 1_000
    if "if-match" in headers:
        if not _names(headers["if-match"], stored):
            raise FailedCondition("If-Match")
    else:
        limit_s = _seconds(headers.get("if-unmodified-since"))
        if limit_s is not None and stored_s > limit_s:
            raise FailedCondition("If-Unmodified-Since")
    if "if-none-match" in headers:
        return _names(headers["if-none-match"], stored)
    limit_s = _seconds(headers.get("if-modified-since"))
    return limit_s is not None and stored_s <= limit_s


def check_write(headers: Headers, stored: StoredObject | None) -> None:
    """May this be written over `stored`? Raises FailedCondition, NotBuiltHeader."""
    if "if-match" in headers and (stored is None or not _names(headers["if-match"], stored)):
        raise FailedCondition("If-Match")
    if "if-none-match" in headers:
        if headers["if-none-match"].strip() != "*":
            raise NotBuiltHeader("If-None-Match")
        if stored is not None:
            raise FailedCondition("If-None-Match")


def _names(header: str, stored: StoredObject) -> bool:
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")]
    return "*" in tags or stored.etag in tags


def _seconds(header: str | None) -> int | None:
    """Read a date; what is none counts as not sent."""
    try:
        moment = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())
