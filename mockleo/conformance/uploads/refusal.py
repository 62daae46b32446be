"""What storage says where it takes no form: S3's XML, flat and written by hand.

    <?xml version="1.0" encoding="UTF-8"?>
    <Error><Code>..</Code><Message>..</Message>...<RequestId>..</RequestId><HostId>..</HostId></Error>

It is read by its shape and not by a parser: the shape is what is judged, and nothing of XML's
more dangerous half is ever looked at. Source: AWS, ErrorResponses.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockleo.conformance.door import Answer

_DOCUMENT = re.compile(r"\s*(?:<\?xml[^>]*\?>\s*)?<Error>(.*)</Error>\s*", re.DOTALL)
_ELEMENT = re.compile(r"\s*(?:<([A-Za-z][\w-]*)>([^<>]*)</\1>|<([A-Za-z][\w-]*)\s*/>)\s*")

# In every refusal, whatever else stands there.
_ALWAYS = ("Code", "Message", "RequestId", "HostId")


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A refusal that is one: its code, its message, and all of its elements by name."""

    code: str
    message: str
    elements: Mapping[str, str]


def read(answer: Answer) -> Refusal | str:
    """The refusal, or what is wrong with its shape."""
    kind = (answer.header("content-type") or "").partition(";")[0].strip().lower()
    if kind != "application/xml":
        return f"its content type is {kind or 'not told'} instead of application/xml"
    elements = _elements(answer.body)
    if isinstance(elements, str):
        return elements
    for name in _ALWAYS:
        if not elements.get(name):
            return f"the XML has no element {name}"
    for header, name in (("x-amz-request-id", "RequestId"), ("x-amz-id-2", "HostId")):
        told = answer.header(header)
        if told is None:
            return f"the header {header} is missing"
        if told != elements[name]:
            return f"the header {header} and the element {name} are not the same"
    return Refusal(code=elements["Code"], message=elements["Message"], elements=elements)


def _elements(body: bytes) -> dict[str, str] | str:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return "its body is no UTF-8"
    document = _DOCUMENT.fullmatch(text)
    if document is None:
        return "its body is no XML document <Error>...</Error>"
    found: dict[str, str] = {}
    at = 0
    while at < len(document[1]):
        element = _ELEMENT.match(document[1], at)
        if element is None:
            return f"its XML is not well-formed, or not flat, at {document[1][at : at + 40]!r}"
        found[element[1] or element[3]] = html.unescape(element[2] or "")
        at = element.end()
    return found
