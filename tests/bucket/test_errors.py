"""The tree of refusals, and its one writer."""

from xml.etree import ElementTree

import pytest

from mockleo.bucket import errors
from mockleo.bucket.errors import ConditionFailed, S3Refusal, document, render, text


def leaves(kind: type[S3Refusal]) -> list[type[S3Refusal]]:
    below = kind.__subclasses__()
    return [kind] if not below else [leaf for child in below for leaf in leaves(child)]


KINDS = [*leaves(S3Refusal), errors.Forbidden, errors.BadArgument]


@pytest.mark.parametrize("kind", KINDS)
def test_every_refusal_is_drawn_in_the_tree_with_its_status(kind: type[S3Refusal]) -> None:
    assert errors.__doc__ is not None
    drawn = {line.split("-- ")[1].split()[0]: line for line in errors.__doc__.splitlines() if "-- " in line}
    assert kind.__name__ in drawn
    if kind.__base__ is S3Refusal:
        assert f" {kind.status} " in f"{drawn[kind.__name__]} "


def test_the_tree_draws_nothing_else() -> None:
    assert errors.__doc__ is not None
    drawn = [line.split("-- ")[1].split()[0] for line in errors.__doc__.splitlines() if "-- " in line]
    assert sorted(drawn) == sorted(kind.__name__ for kind in KINDS)


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


def test_the_name_of_the_rule_is_the_refusals() -> None:
    assert errors.MalformedXML().why == "s3.malformed-xml"
    assert errors.PolicyExpired().why == "s3.policy-expired"
