"""Tags, as XML and as a header."""

from xml.etree import ElementTree

import pytest

from mockleo.bucket.errors import BadArgument, BadTag, S3Refusal, TooManyTags
from mockleo.bucket.tagging import from_header, from_xml, shown


def xml(*pairs: tuple[str, str]) -> str:
    tags = "".join(f"<Tag><Key>{name}</Key><Value>{value}</Value></Tag>" for name, value in pairs)
    return f"<Tagging><TagSet>{tags}</TagSet></Tagging>"


LIMITS: list[tuple[list[tuple[str, str]], type[S3Refusal] | None]] = [
    ([], None),
    ([("a", "")], None),
    ([("k" * 128, "v" * 256)], None),
    ([(str(number), "") for number in range(10)], None),
    ([(str(number), "") for number in range(11)], TooManyTags),
    ([("k" * 129, "")], BadTag),
    ([("k", "v" * 257)], BadTag),
    ([("", "v")], BadTag),
    ([("a", "1"), ("a", "2")], BadTag),
]


@pytest.mark.parametrize(("pairs", "kind"), LIMITS)
def test_both_ways_have_the_same_limits(pairs: list[tuple[str, str]], kind: type[S3Refusal] | None) -> None:
    header = "&".join(f"{name}={value}" for name, value in pairs)
    if kind is None:
        assert from_xml(xml(*pairs)) == from_header(header) == dict(pairs)
        return
    with pytest.raises(kind):
        from_xml(xml(*pairs))
    with pytest.raises(kind):
        from_header(header)


@pytest.mark.parametrize(
    ("text", "tags"),
    [("a=1&b=2", {"a": "1", "b": "2"}), ("a=%26%3D+x", {"a": "&= x"}), ("a=", {"a": ""}), ("", {})],
)
def test_a_header_is_a_query(text: str, tags: dict[str, str]) -> None:
    assert from_header(text) == tags


def test_a_header_that_is_none() -> None:
    with pytest.raises(BadArgument):
        from_header("a")


def test_what_is_shown_can_be_read() -> None:
    tags = {"a": "<1>", "b": ""}
    body = shown(tags).body
    assert isinstance(body, bytes)
    assert ElementTree.fromstring(body).tag.endswith("Tagging")  # noqa: S314  our own words
    assert from_xml(body) == tags
