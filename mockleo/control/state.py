"""The whole state as one document: taken out, and put in again.

Keys go along as digests only, so they work again and cannot be read; of a webhook's bearer only
its digest is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockleo.control.operation import MEBIBYTE, Nothing, Operation
from mockleo.control.refusals import bad
from mockleo.control.reset import Done
from mockleo.saving import export_state, import_state

if TYPE_CHECKING:
    from mockleo.control.operation import Ask

STATE_BYTES_MOST = 64 * MEBIBYTE


def show(ask: Ask[Nothing]) -> dict[str, Any]:
    return export_state(ask.app)


def replace(ask: Ask[Any]) -> Done:
    """All of it, or nothing where something is wrong."""
    if not isinstance(ask.given, dict):
        raise bad("a state is an object", field="body")
    try:
        import_state(ask.app, ask.given)
    except ValueError as error:
        field, colon, why = str(error).partition(": ")
        raise bad(why if colon else field, field=field if colon else "body") from None
    return Done()


OPERATIONS = (
    Operation(
        method="GET",
        path="/state",
        summary="The whole state, without secrets",
        handle=show,
        answer=dict[str, Any],
    ),
    Operation(
        method="PUT",
        path="/state",
        summary="Put a state in place of the present one",
        handle=replace,
        takes=dict[str, Any],
        answer=Done,
        raw=True,
        body_bytes_max=STATE_BYTES_MOST,
    ),
)
