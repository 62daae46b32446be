"""XML: the one writer of the bucket's answers, and the one reader of what its clients send.

Answers are written by hand, since S3 writes them so: a declaration on a line of its own, no
blanks, `<Name/>` for what is empty, and a namespace for results but not for refusals.
"""

import re
from collections.abc import Iterable, Mapping

# What is read is bounded by `SMALL_BYTES_MAX` or by the form's 20 KB, and no DTD gets as far.
from xml.etree import ElementTree

from mockleo.bucket.errors import MalformedXML, S3Refusal

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

# What XML 1.0 cannot carry even as a character reference, lone surrogates among it.
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(value: str) -> str:
    """Return `value` as XML character data. What XML cannot carry becomes U+FFFD."""
    spoken = _UNSPEAKABLE.sub("\ufffd", value)
    return spoken.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def element(name: str, content: str) -> str:
    """Return an element around text."""
    return around(name, text(content))


def around(name: str, inside: Iterable[str], attributes: str = "") -> str:
    """Return an element around what is XML already."""
    written = "".join(inside)
    return f"<{name}{attributes}>{written}</{name}>" if written else f"<{name}{attributes}/>"


def document(root: str, elements: Mapping[str, str]) -> bytes:
    """Write a flat document without a namespace, UTF-8."""
    return _declared(around(root, (element(name, value) for name, value in elements.items())))


def result(root: str, inside: Iterable[str]) -> bytes:
    """Write an operation's result: elements that are XML already, in S3's namespace."""
    return _declared(around(root, inside, f' xmlns="{NAMESPACE}"'))


def render(refusal: S3Refusal, *, request_id: str, host_id: str) -> bytes:
    """Write a refusal's body: `<Error>` with code, message, its own elements, the two ids."""
    return document(
        "Error",
        {
            "Code": refusal.code,
            "Message": refusal.message,
            **refusal.elements,
            "RequestId": request_id,
            "HostId": host_id,
        },
    )


def read(data: str | bytes) -> ElementTree.Element:
    """Read a client's XML; names lose their namespace. Raises MalformedXML."""
    declares = "<!DOCTYPE" if isinstance(data, str) else b"<!DOCTYPE"
    if declares in data:  # type: ignore[operator]  # of the same kind, by the line above
        raise MalformedXML
    try:
        root = ElementTree.fromstring(data)  # noqa: S314  see the import
    except (ElementTree.ParseError, ValueError, LookupError):
        raise MalformedXML from None
    for found in root.iter():
        found.tag = found.tag.rpartition("}")[2]
    return root


def _declared(written: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{written}'.encode()
