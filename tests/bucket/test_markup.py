"""XML written and read: any text in, nothing but text out."""

from xml.etree import ElementTree

import pytest

from mockleo.bucket.errors import ConditionFailed, MalformedXML
from mockleo.bucket.markup import around, document, element, read, render, result, text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", "plain"),
        ("<a & b>", "&lt;a &amp; b&gt;"),
        ('["eq", "$a", "b"]', '["eq", "$a", "b"]'),
        ("a\r\nb\t", "a&#13;\nb\t"),
        ("\0\x0b\x1f", "\ufffd\ufffd\ufffd"),
        ("\ud800x\uffff", "\ufffdx\ufffd"),
        ("\u732b\U0001f431", "\u732b\U0001f431"),
    ],
)
def test_any_text_can_be_told_in_xml(value: str, written: str) -> None:
    assert text(value) == written
    root = ElementTree.fromstring(document("Error", {"Message": value}))  # noqa: S314  our own words
    assert root.findtext("Message") == value.translate(
        {ord(character): "\ufffd" for character in "\0\x0b\x1f\ud800\uffff"}
    )


def test_a_refusal_in_full() -> None:
    body = render(ConditionFailed('["eq", "$a", "<"]'), request_id="R", host_id="")
    assert body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        "<Error><Code>AccessDenied</Code>"
        '<Message>Invalid according to Policy: Policy Condition failed: ["eq", "$a", "&lt;"]</Message>'
        "<RequestId>R</RequestId><HostId/></Error>"
    )


def test_a_result_has_the_namespace_and_a_refusal_has_none() -> None:
    body = result("R", [element("A", "<"), element("B", ""), around("C", [element("D", "1")])])
    assert body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<R xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><A>&lt;</A><B/><C><D>1</D></C></R>'
    )


@pytest.mark.parametrize(
    "data", ['<a xmlns="urn:x"><b>1</b></a>', b"<a><b>1</b></a>", '<x:a xmlns:x="urn:x"><x:b>1</x:b></x:a>']
)
def test_names_are_read_without_their_namespace(data: str | bytes) -> None:
    root = read(data)
    assert (root.tag, root.findtext("b")) == ("a", "1")


@pytest.mark.parametrize(
    "data",
    [
        "",
        b"",
        "a",
        "<a>",
        b"<a>\xff</a>",
        '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<!DOCTYPE a><a/>",
        b'<?xml version="1.0" encoding="no-such"?><a/>',
    ],
)
def test_what_is_no_xml(data: str | bytes) -> None:
    with pytest.raises(MalformedXML):
        read(data)
